//! Do the figures of the office agree with those worked out apart: indicators, hot list, words, significance?

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::app::verify::casework_table::{Bench, Row, cell, instant, line, number};
use crate::calendar::Day;
use crate::report::indicator::{
    COUNTS, Facts, Figures, Indicators, RATES, Rate, Settings, Slice, compute,
};
use crate::report::keyword::{Said, change};
use crate::site::hotlist::{Ticket, evaluate};
use crate::stats::rate::{count_change, two_proportions, wilson};
use crate::ticket::event::{Event, Happening, Verdict, Visit};

/// Eight decimals, as the README says.
const EIGHT: f64 = 5e-9;

pub(super) fn hot_list(bench: &mut Bench<'_>) {
    let file = "hotlist_expected.csv";
    let (tickets, measures) = (
        bench.table("hotlist_tickets.csv"),
        bench.table("hotlist_measures.csv"),
    );
    let mut sites: BTreeMap<&str, Vec<Ticket>> = BTreeMap::new();
    for row in &tickets {
        let Some(day) = Day::parse(cell(row, "date")) else {
            return bench.fail("hotlist_tickets.csv", "unreadable date");
        };
        let who = cell(row, "petitioner_key");
        sites.entry(cell(row, "site")).or_default().push(Ticket {
            day,
            petitioner: (!who.is_empty()).then(|| who.to_owned()),
            redo: number(row, "redo_rounds").unwrap_or(0),
        });
    }
    let (Some(first), Some(last)) = (Day::of(2024, 1, 1), Day::of(2024, 12, 31)) else {
        return;
    };
    let mut lines = Vec::new();
    for (site, tickets) in &sites {
        let done: Vec<Day> = measures
            .iter()
            .filter(|m| cell(m, "site") == *site)
            .filter_map(|m| Day::parse(cell(m, "completed_on")))
            .collect();
        for c in evaluate(tickets, &done, first, last) {
            let level = c.level.map_or("off", |l| l.code());
            let counts = [c.c30, c.c90, c.p30].map(|n| n.to_string());
            lines.push(line(&[
                site,
                &c.day.iso(),
                level,
                c.event,
                &counts[0],
                &counts[1],
                &counts[2],
            ]));
        }
    }
    let expected: Vec<String> = bench
        .table(file)
        .iter()
        .map(|r| line(&["site", "date", "level", "event", "c30", "c90", "p30"].map(|c| cell(r, c))))
        .collect();
    for i in 0..expected.len().max(lines.len()) {
        let of = |all: &[String]| all.get(i).map_or("nothing", |l| l.trim_end()).to_owned();
        bench.check(
            file,
            &format!("change {}", i + 1),
            &of(&expected),
            &of(&lines),
        );
    }
    let out = line(&["site", "date", "level", "event", "c30", "c90", "p30"]) + &lines.concat();
    bench.emit(file, &out);
}

pub(super) fn keywords(bench: &mut Bench<'_>) {
    let file = "keywords.csv";
    let mut out = line(&["word", "log_odds_delta", "z", "rising"]);
    for row in bench.table(file) {
        let count = |name: &str| number(&row, name).unwrap_or(0);
        let said = |which: &str| Said {
            count: count(&format!("count_{which}")),
            total: count(&format!("total_{which}")),
        };
        let word = cell(&row, "word");
        let found = change(said("now"), said("base"));
        let pair = |name: &str, value: Option<f64>| (number(&row, name), value);
        bench.close(
            file,
            &format!("{word} delta"),
            pair("log_odds_delta", found.map(|c| c.log_odds_delta)),
            EIGHT,
        );
        bench.close(
            file,
            &format!("{word} z"),
            pair("z", found.map(|c| c.z)),
            EIGHT,
        );
        let rising = if found.is_some_and(|c| c.rising) {
            "1"
        } else {
            "0"
        };
        bench.check(
            file,
            &format!("{word} rising"),
            cell(&row, "rising"),
            rising,
        );
        let show = |v: Option<f64>| v.map_or_else(String::new, |v| format!("{v:.8}"));
        out += &line(&[
            word,
            &show(found.map(|c| c.log_odds_delta)),
            &show(found.map(|c| c.z)),
            rising,
        ]);
    }
    bench.emit(file, &out);
}

pub(super) fn statistics(bench: &mut Bench<'_>) {
    statistic(bench, "stat_wilson.csv", ["low95", "high95"], |row| {
        let found = wilson(number(row, "x").unwrap_or(0), number(row, "n").unwrap_or(0));
        [found.map(|i| i.low), found.map(|i| i.high)]
    });
    statistic(
        bench,
        "stat_two_proportions.csv",
        ["z", "p_two_sided"],
        |row| {
            let pair = |when: &str| {
                let of = |name: &str| number(row, &format!("{name}_{when}")).unwrap_or(0);
                (of("x"), of("n"))
            };
            let found = two_proportions(pair("before"), pair("after"));
            [found.map(|t| t.z), found.map(|t| t.p)]
        },
    );
    statistic(
        bench,
        "stat_counts.csv",
        ["rate_ratio", "p_two_sided"],
        |row| {
            let pair = |when: &str| {
                let days: f64 = number(row, &format!("days_{when}")).unwrap_or(0.0);
                (number(row, &format!("x_{when}")).unwrap_or(0), days)
            };
            let found = count_change(pair("before"), pair("after"));
            [found.ratio, found.p]
        },
    );
}

fn statistic(
    bench: &mut Bench<'_>,
    file: &str,
    names: [&str; 2],
    of: impl Fn(&Row) -> [Option<f64>; 2],
) {
    let mut out = line(&names);
    for (i, row) in bench.table(file).iter().enumerate() {
        let found = of(row);
        for (name, value) in names.iter().zip(found) {
            bench.close(
                file,
                &format!("row {} {name}", i + 2),
                (number(row, name), value),
                EIGHT,
            );
        }
        let show = found.map(|v| v.map_or_else(String::new, |v| format!("{v:.8}")));
        out += &line(&[&show[0], &show[1]]);
    }
    bench.emit(file, &out);
}

#[derive(serde::Deserialize)]
struct Config {
    as_of: String,
    period: [String; 2],
    #[serde(flatten)]
    settings: Settings,
}

pub(super) fn indicators(bench: &mut Bench<'_>, folder: &str) {
    let of = |name: &str| format!("{folder}/{name}");
    let (Some(config), Some(expected)) = (
        bench.json::<Config>(&of("config.json")),
        bench.json::<Value>(&of("expected.json")),
    ) else {
        return;
    };
    let (rows, events) = (
        bench.table(&of("tickets.csv")),
        bench.table(&of("events.csv")),
    );
    let [from, to] = config.period.each_ref().map(|t| instant(t));
    let (Some(from), Some(to), Some(as_of)) = (from, to, instant(&config.as_of)) else {
        return bench.fail(&of("config.json"), "unreadable period");
    };
    let tickets = match facts(&rows, &events) {
        Ok(tickets) => tickets,
        Err(why) => return bench.fail(&of("events.csv"), &why),
    };
    let found = compute(
        &tickets,
        &Slice {
            from,
            to,
            as_of,
            settings: config.settings,
        },
    );
    let computed = shown(&found, &expected);
    let group = folder.to_owned();
    compare(bench, &group, "", &expected, &computed);
    let text = serde_json::to_string_pretty(&computed).unwrap_or_default();
    bench.emit(&of("expected.json"), &text);
}

/// Compares leaf by leaf: whatever the golden file names must be there and agree.
fn compare(bench: &mut Bench<'_>, file: &str, path: &str, expected: &Value, found: &Value) {
    match expected {
        Value::Object(fields) => {
            for (name, value) in fields {
                let below = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                compare(
                    bench,
                    file,
                    &below,
                    value,
                    found.get(name).unwrap_or(&Value::Null),
                );
            }
        }
        Value::Number(_) => {
            let tolerance = if path.contains("handle") && !path.contains("within_target") {
                5e-7
            } else {
                5e-10
            };
            bench.close(file, path, (expected.as_f64(), found.as_f64()), tolerance);
        }
        other => bench.check(file, path, &other.to_string(), &found.to_string()),
    }
}

fn shown(found: &Indicators, expected: &Value) -> Value {
    let mut value = figures(&found.all);
    let by_unit: BTreeMap<&str, Value> = found
        .by_unit
        .iter()
        .map(|(unit, f)| {
            let mut value = figures(f);
            value["score"] = json!(f.score);
            value["rank"] = json!(f.rank);
            (unit.as_str(), value)
        })
        .collect();
    for (name, part) in [
        ("as_of", expected["as_of"].clone()),
        ("period", expected["period"].clone()),
        ("by_unit", json!(by_unit)),
        ("by_channel", json!(found.by_channel)),
        ("by_tier", json!(found.by_tier)),
        ("by_nature", json!(found.by_nature)),
    ] {
        value[name] = part;
    }
    value
}

fn figures(f: &Figures) -> Value {
    let counts: BTreeMap<&str, u64> = COUNTS
        .iter()
        .map(|n| (*n, f.counts.get(n).copied().unwrap_or(0)))
        .collect();
    let rates: BTreeMap<&str, Value> = RATES
        .iter()
        .map(|n| (*n, rate(f.rates.get(n).copied().unwrap_or_default())))
        .collect();
    json!({
        "counts": counts,
        "rates": rates,
        "handle": {
            "n": f.handling.n,
            "mean_gross_h": f.handling.mean_gross_h,
            "mean_net_h": f.handling.mean_net_h,
            "median_gross_h": f.handling.median_gross_h,
            "p90_gross_h": f.handling.p90_gross_h,
            "within_target": rate(f.handling.within_target),
            "km_median_h": f.handling.km_median_h,
        },
    })
}

fn rate(rate: Rate) -> Value {
    json!({"num": rate.num(), "den": rate.den, "value": rate.value(), "pct": rate.percent()})
}

fn facts(rows: &[Row], events: &[Row]) -> Result<Vec<Facts>, String> {
    let mut by_ticket: BTreeMap<&str, Vec<Event>> = BTreeMap::new();
    for row in events {
        let event = event(row).ok_or_else(|| format!("unreadable event {row:?}"))?;
        by_ticket
            .entry(cell(row, "ticket_no"))
            .or_default()
            .push(event);
    }
    rows.iter()
        .map(|row| {
            let of = |name: &str| cell(row, name).to_owned();
            Ok(Facts {
                channel: of("channel"),
                nature: of("nature"),
                tier: of("tier"),
                urgency: of("urgency"),
                unit: of("unit"),
                received_at: instant(cell(row, "received_at"))
                    .ok_or_else(|| format!("unreadable ticket {row:?}"))?,
                due_at: instant(cell(row, "due_at")),
                contactable: cell(row, "contactable") == "1",
                direct: cell(row, "disposition") == "direct",
                events: by_ticket.remove(cell(row, "ticket_no")).unwrap_or_default(),
            })
        })
        .collect()
}

fn event(row: &Row) -> Option<Event> {
    let data: BTreeMap<&str, &str> = cell(row, "data")
        .split(';')
        .filter_map(|p| p.split_once('='))
        .collect();
    let of = |name: &str| data.get(name).copied().unwrap_or("");
    let what = match cell(row, "action") {
        "contact" => Happening::Contact {
            reached: of("valid") == "1",
        },
        "close" => Happening::Close,
        "visit" => Happening::Visit(Visit {
            reached: of("reached") == "1",
            contacted: of("contacted") == "yes",
            solved: of("solved") == "yes",
            verdict: Verdict::from_code(of("sat")),
        }),
        "redo" => Happening::Redo {
            due: instant(of("due"))?,
        },
        "suspend" => Happening::Suspend {
            statutory: of("scope") == "both",
        },
        "resume" => Happening::Resume {
            due: instant(of("due")),
        },
        "extend" => Happening::Extend {
            to: instant(of("to"))?,
        },
        "reassign" => Happening::Reassign {
            unit: of("unit").to_owned(),
        },
        "account" => Happening::Account,
        "clear_account" => Happening::ClearAccount,
        "reject" => Happening::Reject,
        "return_up" => Happening::ReturnUp,
        "merge" => Happening::Merge {
            into: of("into").to_owned(),
        },
        "withdraw" => Happening::Withdraw,
        "complaint" => Happening::Complaint {
            upheld: of("upheld") == "1",
        },
        "praise" => Happening::Praise {
            verified: of("verified") == "1",
        },
        _ => return None,
    };
    Some(Event {
        at: instant(cell(row, "at"))?,
        seq: number(row, "seq")?,
        what,
    })
}
