//! Do clusters, voices, peaks and identity give what the public oracle cases say?

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use zhilu::calendar::{DAY_MS, UtcMs};
use zhilu::site::{Call, EventKind, Found, Identity, Repeats, Trace, profile, weigh};
use zhilu::spatial::cluster::{Clustering, Dbscan, Points};
use zhilu::spatial::{LonLat, Xy};
use zhilu::ticket::{PetitionerKey, TicketId};

fn case(name: &str) -> Option<(std::path::PathBuf, Value)> {
    let folder = crate::support::shared()?
        .join("data/oracles/hotspots")
        .join(name);
    let text = std::fs::read(folder.join("expected.json")).unwrap();
    Some((folder, serde_json::from_slice(&text).unwrap()))
}

fn columns(folder: &Path, file: &str, names: &[&str]) -> Vec<Vec<f64>> {
    let mut reader = csv::Reader::from_path(folder.join(file)).unwrap();
    let headers = reader.headers().unwrap().clone();
    let at: Vec<usize> = names
        .iter()
        .map(|n| headers.iter().position(|h| h == *n).unwrap())
        .collect();
    reader
        .records()
        .map(|r| {
            let r = r.unwrap();
            at.iter().map(|&i| r[i].parse().unwrap()).collect()
        })
        .collect()
}

fn xy(rows: &[Vec<f64>]) -> Vec<Xy> {
    rows.iter().map(|r| Xy { x: r[0], y: r[1] }).collect()
}

fn assert_clusters(found: &Clustering, expect: &Value, name: &str) {
    assert_eq!(
        u64::from(found.clusters),
        expect["clusters"].as_u64().unwrap(),
        "{name}"
    );
    let labels = expect["labels"].as_array().unwrap();
    for (i, want) in labels.iter().enumerate() {
        let got = found.labels[i].map_or(-1, i64::from);
        assert_eq!(got, want.as_i64().unwrap(), "{name}: label of point {i}");
        let core = expect["core"][i].as_i64().unwrap() == 1;
        assert_eq!(found.core[i], core, "{name}: core of point {i}");
    }
}

#[test]
fn dbscan_gives_the_canonical_labels_of_the_oracles() {
    for name in [
        "dbscan_hand",
        "dbscan_hand_min4",
        "dbscan_chicago",
        "dbscan_crimes",
        "dbscan_tickets_xy",
        "dbscan_weighted",
    ] {
        let Some((folder, case)) = case(name) else {
            return;
        };
        let dbscan = Dbscan {
            eps: case["params"]["eps"].as_f64().unwrap(),
            min_pts: case["params"]["min_pts"].as_f64().unwrap(),
        };
        let points = xy(&columns(&folder, "input.csv", &["x", "y"]));
        let found = if name == "dbscan_weighted" {
            let weights = columns(&folder, "input.csv", &["w"]);
            let weights: Vec<f64> = weights.iter().map(|r| r[0]).collect();
            let ids: Vec<i64> = (0..).take(points.len()).collect();
            dbscan.run_weighted(Points::Plane(&points), &weights, &ids)
        } else {
            dbscan.run(Points::Plane(&points))
        };
        assert_clusters(&found, &case["expect"], name);
    }
}

#[test]
fn dbscan_on_the_earth_measures_great_circles() {
    let Some((folder, case)) = case("dbscan_tickets_lonlat") else {
        return;
    };
    let rows = columns(&folder, "input.csv", &["lon", "lat"]);
    let points: Vec<LonLat> = rows
        .iter()
        .map(|r| LonLat {
            lon: r[0],
            lat: r[1],
        })
        .collect();
    let dbscan = Dbscan {
        eps: 50.0,
        min_pts: 5.0,
    };
    assert_clusters(
        &dbscan.run(Points::Earth(&points)),
        &case["expect"],
        "lonlat",
    );
}

#[test]
fn repeats_by_one_caller_are_weighed_as_the_rule_says() {
    let Some((_, case)) = case("caller_weighting") else {
        return;
    };
    for c in case["cases"].as_array().unwrap() {
        let tickets = c["tickets"].as_array().unwrap();
        let mut callers: Vec<&str> = tickets.iter().filter_map(|t| t[1].as_str()).collect();
        callers.sort_unstable();
        callers.dedup();
        let calls: Vec<Call> = tickets
            .iter()
            .map(|t| Call {
                id: TicketId(t[0].as_i64().unwrap()),
                caller: t[1].as_str().map(|name| {
                    PetitionerKey(i64::try_from(callers.binary_search(&name).unwrap()).unwrap())
                }),
                when: UtcMs((t[2].as_f64().unwrap() * DAY_MS as f64).round() as i64),
            })
            .collect();
        let voices = weigh(&calls, Repeats::default());
        let name = &c["name"];
        for want in c["expect"]["weights"].as_array().unwrap() {
            let id = TicketId(want[0].as_i64().unwrap());
            let at = calls.iter().position(|call| call.id == id).unwrap();
            let want = want[1].as_f64().unwrap();
            assert!((voices.weights[at] - want).abs() < 1e-12, "{name}: {id:?}");
        }
        let close = |key: &str, got: f64| {
            let want = c["expect"][key].as_f64().unwrap();
            assert!(
                (got - want).abs() < 1e-9,
                "{name}: {key} {got} is not {want}"
            );
        };
        close("n_eff", voices.n_eff);
        close("distinct_callers", voices.distinct as f64);
        close("top_share", voices.top_share);
        close("effective_callers", voices.effective_callers);
        for (key, got) in [
            ("single_voice", voices.single_voice()),
            ("dominated", voices.dominated()),
            ("multi_party", voices.multi_party()),
        ] {
            assert_eq!(c["expect"][key].as_bool(), Some(got), "{name}: {key}");
        }
    }
}

#[test]
fn peak_windows_are_those_of_the_oracle() {
    let Some((_, case)) = case("peak_hours") else {
        return;
    };
    let bins = |v: &Value| {
        let v: Vec<u32> = serde_json::from_value(v.clone()).unwrap();
        <[u32; 48]>::try_from(v).unwrap()
    };
    for c in case["cases"].as_array().unwrap() {
        let found = profile::peak(&bins(&c["count"]), &bins(&c["city_count"]));
        let expect = &c["expect"];
        let llr = found.map_or(0.0, |p| p.llr);
        assert!(
            (llr - expect["llr"].as_f64().unwrap_or(0.0)).abs() < 1e-9,
            "{}",
            c["name"]
        );
        if let (Some(peak), Some(start)) = (found, expect["start_bin"].as_u64()) {
            assert_eq!(
                (peak.start_bin as u64, peak.length as u64),
                (start, expect["length"].as_u64().unwrap()),
                "{}",
                c["name"]
            );
        }
    }
}

fn ids(v: &Value) -> Vec<TicketId> {
    let mut ids: Vec<TicketId> = v
        .as_array()
        .unwrap()
        .iter()
        .map(|t| TicketId(t.as_i64().unwrap()))
        .collect();
    ids.sort_unstable();
    ids
}

fn plane(a: LonLat, b: LonLat) -> f64 {
    (a.lon - b.lon).hypot(a.lat - b.lat)
}

fn events_of(tracked: &zhilu::site::Tracked) -> Vec<Vec<Value>> {
    tracked
        .events
        .iter()
        .map(|e| {
            let kind = match e.kind {
                EventKind::Born => "born",
                EventKind::Split => "split",
                EventKind::Revived => "revived",
                EventKind::Merged => "merged",
                EventKind::Dormant => "dormant",
                by_hand => panic!("no run does {by_hand:?}"),
            };
            let mut row = vec![Value::from(kind), Value::from(e.site.0)];
            row.extend(e.other.map(|o| Value::from(o.0)));
            row
        })
        .collect()
}

fn assert_run(tracked: &zhilu::site::Tracked, want: &Value, name: &str) {
    let got: Vec<i64> = tracked.ids.iter().map(|i| i.0).collect();
    assert_eq!(serde_json::json!(got), want["ids"], "{name}: ids");
    assert_eq!(
        serde_json::json!(events_of(tracked)),
        want["events"],
        "{name}: events"
    );
}

#[test]
fn sites_keep_their_numbers_through_all_hand_made_stories() {
    let Some((_, case)) = case("site_identity_hand") else {
        return;
    };
    for c in case["cases"].as_array().unwrap() {
        let mut traces: Vec<Trace> = Vec::new();
        for (r, run) in (0..).zip(c["runs"].as_array().unwrap()) {
            let clusters: Vec<Found> = run["clusters"]
                .as_array()
                .unwrap()
                .iter()
                .map(|k| Found {
                    members: ids(&k["tickets"]),
                    point: LonLat {
                        lon: k["xy"][0].as_f64().unwrap(),
                        lat: k["xy"][1].as_f64().unwrap(),
                    },
                })
                .collect();
            let pool: BTreeSet<TicketId> = ids(&run["pool"]).into_iter().collect();
            let tracked = Identity::default().track_by(&traces, &clusters, &pool, (r, &plane));
            let name = format!("{} run {r}", c["name"]);
            assert_run(
                &tracked,
                &c["expect"]["runs"][usize::try_from(r).unwrap()],
                &name,
            );
            traces = tracked.traces;
        }
        for trace in &traces {
            let want = &c["expect"]["sites"][trace.id.0.to_string()];
            assert_eq!(want["status"], trace.status.code(), "{}", c["name"]);
            assert_eq!(want["born"], trace.born, "{}", c["name"]);
            assert_eq!(want["last"], trace.last, "{}", c["name"]);
            assert_eq!(
                want["into"].as_i64(),
                trace.into.map(|i| i.0),
                "{}",
                c["name"]
            );
        }
    }
}

#[test]
fn thirty_weekly_runs_give_the_oracle_s_numbers_and_events() {
    let Some((folder, case)) = case("site_identity_tickets") else {
        return;
    };
    let rows = columns(&folder, "tickets.csv", &["id", "x", "y", "t_day"]);
    let mut traces: Vec<Trace> = Vec::new();
    for (r, want) in (0_i32..).zip(case["expect"]["runs"].as_array().unwrap()) {
        let start = f64::from(r) * 7.0;
        let inside: Vec<&Vec<f64>> = rows
            .iter()
            .filter(|t| t[3] >= start && t[3] < start + 180.0)
            .collect();
        let points: Vec<Xy> = inside.iter().map(|t| Xy { x: t[1], y: t[2] }).collect();
        let numbers: Vec<i64> = inside.iter().map(|t| t[0] as i64).collect();
        let found = Dbscan {
            eps: 50.0,
            min_pts: 5.0,
        }
        .run_weighted(Points::Plane(&points), &vec![1.0; points.len()], &numbers);
        let clusters: Vec<Found> = found
            .members()
            .iter()
            .map(|m| {
                let n = m.len() as f64;
                let mean =
                    |axis: fn(&Xy) -> f64| m.iter().map(|i| axis(&points[*i])).sum::<f64>() / n;
                let mut members: Vec<TicketId> = m.iter().map(|i| TicketId(numbers[*i])).collect();
                members.sort_unstable();
                Found {
                    members,
                    point: LonLat {
                        lon: mean(|p| p.x),
                        lat: mean(|p| p.y),
                    },
                }
            })
            .collect();
        let sizes: Vec<usize> = clusters.iter().map(|c| c.members.len()).collect();
        assert_eq!(serde_json::json!(sizes), want["sizes"], "run {r}: sizes");
        let pool: BTreeSet<TicketId> = numbers.iter().map(|n| TicketId(*n)).collect();
        let tracked =
            Identity::default().track_by(&traces, &clusters, &pool, (i64::from(r), &plane));
        assert_run(&tracked, want, &format!("run {r}"));
        traces = tracked.traces;
    }
}
