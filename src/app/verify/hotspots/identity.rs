//! Golden cases of lasting sites: numbers, events and states over runs.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::app::verify::hotspots::Case;
use crate::app::verify::hotspots::compare::equal;
use crate::site::model::{EventKind, SiteEvent};
use crate::site::track::{Found, Identity, Trace};
use crate::spatial::cluster::{Dbscan, Points};
use crate::spatial::{LonLat, Xy};
use crate::ticket::TicketId;

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

fn rule(case: &Case<'_>) -> Result<Identity, String> {
    let number = |key: &str| {
        case.golden["params"][key]
            .as_f64()
            .ok_or(format!("no params.{key}"))
    };
    let runs = case.golden["params"]["dormant_runs"].as_i64();
    Ok(Identity {
        theta: number("theta")?,
        revive_m: number("revive_m")?,
        dormant_runs: runs.ok_or("no params.dormant_runs")?,
    })
}

/// The golden coordinates are metres on a plane.
fn straight(a: LonLat, b: LonLat) -> f64 {
    (a.lon - b.lon).hypot(a.lat - b.lat)
}

const fn word(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Born => "born",
        EventKind::Split => "split",
        EventKind::Revived => "revived",
        EventKind::Merged => "merged",
        EventKind::Dormant => "dormant",
        // Deeds of people; no run of the golden cases has any.
        EventKind::Renamed => "renamed",
        EventKind::Moved => "moved",
        EventKind::Pinned => "pinned",
        EventKind::Released => "released",
        EventKind::Restored => "restored",
    }
}

/// Events as `[word, site]` or `[word, site, other]`, in one order for both sides.
fn events(of: &[SiteEvent]) -> Value {
    let rows = of.iter().map(|e| match e.other {
        Some(other) => json!([word(e.kind), e.site.0, other.0]),
        None => json!([word(e.kind), e.site.0]),
    });
    sorted(rows.collect())
}

fn sorted(mut rows: Vec<Value>) -> Value {
    rows.sort_by_key(ToString::to_string);
    Value::Array(rows)
}

fn sites(traces: &[Trace]) -> Value {
    let mut out = Map::new();
    for t in traces {
        let state = json!({ "status": t.status.code(), "born": t.born, "last": t.last, "into": t.into.map(|i| i.0) });
        out.insert(t.id.0.to_string(), state);
    }
    Value::Object(out)
}

fn tickets(value: &Value) -> Vec<TicketId> {
    let mut out: Vec<TicketId> = list(value)
        .iter()
        .filter_map(Value::as_i64)
        .map(TicketId)
        .collect();
    out.sort_unstable();
    out
}

/// Runs of clusters inside the golden file.
pub(crate) fn by_runs(case: &mut Case<'_>) -> Result<(), String> {
    let identity = rule(case)?;
    let group = case.group().to_owned();
    let mut all = Vec::new();
    for one in list(&case.golden["cases"]) {
        let name = one["name"].as_str().unwrap_or_default().to_owned();
        let mut traces: Vec<Trace> = Vec::new();
        let mut runs = Vec::new();
        for (number, run) in (0_i64..).zip(list(&one["runs"])) {
            let pool: BTreeSet<TicketId> = tickets(&run["pool"]).into_iter().collect();
            let clusters: Vec<Found> = list(&run["clusters"])
                .iter()
                .map(|c| Found {
                    members: tickets(&c["tickets"]),
                    point: LonLat {
                        lon: c["xy"][0].as_f64().unwrap_or(f64::NAN),
                        lat: c["xy"][1].as_f64().unwrap_or(f64::NAN),
                    },
                })
                .collect();
            let tracked = identity.track_by(&traces, &clusters, &pool, (number, &straight));
            let ids: Vec<i64> = tracked.ids.iter().map(|i| i.0).collect();
            let want = &one["expect"]["runs"][runs.len()];
            let label = format!("{name}: run {number}");
            let got_events = events(&tracked.events);
            case.checks.push(equal(
                &group,
                &format!("{label} ids"),
                &json!(ids),
                &want["ids"],
            ));
            let want_events = sorted(list(&want["events"]));
            case.checks.push(equal(
                &group,
                &format!("{label} events"),
                &got_events,
                &want_events,
            ));
            runs.push(json!({ "ids": ids, "events": got_events }));
            traces = tracked.traces;
        }
        let got = sites(&traces);
        let same = got == one["expect"]["sites"];
        let check = case.check(&format!("{name}: sites"), same, format!("{got}"));
        case.checks.push(check);
        all.push(json!({ "name": name, "runs": runs, "sites": got }));
    }
    case.got.insert("cases".to_owned(), Value::Array(all));
    Ok(())
}

/// Tickets of a rolling window, clustered and tracked run by run.
pub(crate) fn by_tickets(case: &mut Case<'_>) -> Result<(), String> {
    let identity = rule(case)?;
    let number = |key: &str| {
        case.golden["params"][key]
            .as_f64()
            .ok_or(format!("no params.{key}"))
    };
    let (window, step) = (number("window_days")?, number("step_days")?);
    let ask = Dbscan {
        eps: number("eps_m")?,
        min_pts: number("min_pts")?,
    };
    let runs = case.golden["params"]["runs"]
        .as_i64()
        .ok_or("no params.runs")?;
    let rows = rows(case)?;
    let mut traces: Vec<Trace> = Vec::new();
    let (mut got, mut checks) = (Vec::new(), Vec::new());
    for run in 0..runs {
        let from = run as f64 * step;
        let inside: Vec<&Row> = rows
            .iter()
            .filter(|r| r.day >= from && r.day < from + window)
            .collect();
        let clusters = form(&inside, ask);
        let pool: BTreeSet<TicketId> = inside.iter().map(|r| r.id).collect();
        let tracked = identity.track_by(&traces, &clusters, &pool, (run, &straight));
        let one = json!({
            "ids": tracked.ids.iter().map(|i| i.0).collect::<Vec<_>>(),
            "sizes": clusters.iter().map(|c| c.members.len()).collect::<Vec<_>>(),
            "events": events(&tracked.events),
        });
        let want = &case.golden["expect"]["runs"][got.len()];
        for key in ["ids", "sizes"] {
            checks.push(equal(
                case.group(),
                &format!("run {run} {key}"),
                &one[key],
                &want[key],
            ));
        }
        let want = sorted(list(&want["events"]));
        checks.push(equal(
            case.group(),
            &format!("run {run} events"),
            &one["events"],
            &want,
        ));
        got.push(one);
        traces = tracked.traces;
    }
    let states = sites(&traces);
    let same = states == case.golden["expect"]["sites"];
    checks.push(case.check("sites", same, format!("{states}")));
    case.checks.append(&mut checks);
    case.got.insert("runs".to_owned(), Value::Array(got));
    case.got.insert("sites".to_owned(), states);
    Ok(())
}

struct Row {
    id: TicketId,
    at: Xy,
    day: f64,
}

fn rows(case: &Case<'_>) -> Result<Vec<Row>, String> {
    let table = case.input.tables.get("tickets").ok_or("no tickets.csv")?;
    let read = |column: &str| table.numbers(column).map_err(|e| e.to_string());
    let (x, y, day) = (read("x")?, read("y")?, read("t_day")?);
    let ids = table
        .read("id", "a whole number", |t| t.parse().ok())
        .map_err(|e| e.to_string())?;
    let pairs = ids.into_iter().zip(x).zip(y).zip(day);
    Ok(pairs
        .map(|(((id, x), y), day)| Row {
            id: TicketId(id),
            at: Xy { x, y },
            day,
        })
        .collect())
}

fn form(inside: &[&Row], ask: Dbscan) -> Vec<Found> {
    let points: Vec<Xy> = inside.iter().map(|r| r.at).collect();
    let ids: Vec<i64> = inside.iter().map(|r| r.id.0).collect();
    let found = ask.run_weighted(Points::Plane(&points), &vec![1.0; points.len()], &ids);
    found
        .members()
        .iter()
        .map(|members| {
            let n = members.len() as f64;
            let mut ids: Vec<TicketId> = members.iter().map(|&i| inside[i].id).collect();
            ids.sort_unstable();
            Found {
                members: ids,
                point: LonLat {
                    lon: members.iter().map(|&i| points[i].x).sum::<f64>() / n,
                    lat: members.iter().map(|&i| points[i].y).sum::<f64>() / n,
                },
            }
        })
        .collect()
}
