//! Do the casework rules give the known answers: import, masking, duplicates, clocks, transitions, triage, hot list, figures?

use std::path::Path;

use crate::app::verify::casework_figures;
use crate::app::verify::casework_table::{Bench, Row, cell, instant, line, number};
use crate::app::verify::{Check, Found, open311};
use crate::calendar::moment::{self, BadMoment};
use crate::calendar::{UtcMs, WorkCalendar};
use crate::intake::related::{Class, Demand, judge as relate};
use crate::intake::synonyms::Synonyms;
use crate::spatial::LonLat;
use crate::ticket::action::{Actor, Attempt, judge as attempt};
use crate::ticket::clock::{Clock, Limit, Pause, Unit};
use crate::ticket::permit::Role;
use crate::ticket::petitioner::{mask_id_card, mask_name, mask_phone, mask_plate, public_name};
use crate::ticket::redact::redact;
use crate::ticket::tier::{Features, suggest};
use crate::ticket::{PetitionerKey, State};

/// Runs all files of a casework folder with the product's own code.
#[must_use]
pub fn run(found: &Found, emit: Option<&Path>) -> Vec<Check> {
    let mut bench = Bench::new(found, emit);
    headers(&mut bench);
    datetimes(&mut bench);
    masking(&mut bench);
    duplicates(&mut bench);
    clocks(&mut bench);
    transitions(&mut bench);
    triage(&mut bench);
    casework_figures::hot_list(&mut bench);
    casework_figures::keywords(&mut bench);
    casework_figures::statistics(&mut bench);
    for folder in ["week_small", "month_2024_04"] {
        casework_figures::indicators(&mut bench, folder);
    }
    open311::run(&mut bench);
    bench.checks
}

fn headers(bench: &mut Bench<'_>) {
    let words = Synonyms::built_in();
    for (file, by) in [
        ("import_headers.csv", "header"),
        ("import_synonyms.csv", "header"),
    ] {
        let mut out = line(&["header", "field"]);
        for row in bench.table(file) {
            let header = cell(&row, by);
            let field = words.field(header).map_or("", |f| f.code());
            bench.check(file, header, cell(&row, "field"), field);
            out += &line(&[header, field]);
        }
        bench.emit(file, &out);
    }
}

fn datetimes(bench: &mut Bench<'_>) {
    let file = "import_datetimes.csv";
    let mut out = line(&["raw", "expected"]);
    for row in bench.table(file) {
        let raw = cell(&row, "raw");
        let read = match moment::parse(raw) {
            Ok(Some((at, _))) => at.rfc3339(),
            Ok(None) => String::new(),
            Err(BadMoment::Unreadable | BadMoment::Impossible) => "error".to_owned(),
        };
        bench.check(file, raw, cell(&row, "expected"), &read);
        out += &line(&[raw, &read]);
    }
    bench.emit(file, &out);
}

fn masking(bench: &mut Bench<'_>) {
    let file = "masking.csv";
    let mut out = line(&["kind", "input", "gender", "expected"]);
    for row in bench.table(file) {
        let (kind, input, gender) = (
            cell(&row, "kind"),
            cell(&row, "input"),
            cell(&row, "gender"),
        );
        let masked = match kind {
            "name_staff" => mask_name(input),
            "name_public" => public_name(input, gender),
            "phone" => mask_phone(input),
            "id_card" => mask_id_card(input),
            "plate" => mask_plate(input),
            "public_text" => redact(input).into_owned(),
            other => format!("unknown kind {other}"),
        };
        bench.check(
            file,
            &format!("{kind} {input}"),
            cell(&row, "expected"),
            &masked,
        );
        out += &line(&[kind, input, gender, &masked]);
    }
    bench.emit(file, &out);
}

fn duplicates(bench: &mut Bench<'_>) {
    let file = "duplicates.csv";
    let mut out = line(&["id", "expected"]);
    for row in bench.table(file) {
        let id = cell(&row, "id");
        let relation = match (demand(&row, "a"), demand(&row, "b")) {
            (Some(a), Some(b)) => relate(&a, &b).code(),
            _ => "unreadable row",
        };
        bench.check(file, id, cell(&row, "expected"), relation);
        out += &line(&[id, relation]);
    }
    bench.emit(file, &out);
}

fn demand<'r>(row: &'r Row, side: &str) -> Option<Demand<'r>> {
    let of = |name: &str| cell(row, &format!("{side}_{name}"));
    let some = |text: &'r str| (!text.is_empty()).then_some(text);
    let key = some(of("petitioner_key"))
        .map(|k| PetitionerKey(k.bytes().fold(0, |h, b| h * 31 + i64::from(b))));
    let point = match (of("lon").parse(), of("lat").parse()) {
        (Ok(lon), Ok(lat)) => Some(LonLat::new(lon, lat)),
        _ => None,
    };
    Some(Demand {
        channel: of("channel"),
        external_no: of("external_no"),
        superior_no: some(of("superior_no")),
        petitioner: key,
        category: of("category_l2"),
        class: Class::from_code(of("geom"))?,
        place: of("place"),
        point,
        received_at: instant(of("received_at"))?,
        closed_at: instant(of("closed_at")),
    })
}

#[derive(serde::Deserialize)]
struct ClockSettings {
    calendar: String,
    working_windows: Vec<[String; 2]>,
    yellow_fraction: f64,
}

fn clocks(bench: &mut Bench<'_>) {
    let Some(settings) = bench.json::<ClockSettings>("clock.json") else {
        return;
    };
    let text = bench.text(&settings.calendar);
    let read = WorkCalendar::read(&text).and_then(|c| c.with_windows(&settings.working_windows));
    let days = match read {
        Ok(days) => days,
        Err(e) => return bench.fail(&settings.calendar, &e.to_string()),
    };
    due(bench, &days);
    alarms(bench, &days, settings.yellow_fraction);
}

fn due(bench: &mut Bench<'_>, days: &WorkCalendar) {
    let file = "sla_due.csv";
    let mut out = line(&["id", "due"]);
    for row in bench.table(file) {
        let pauses = pauses(&row);
        let due = clock(&row, &pauses)
            .and_then(|c| c.due(days))
            .map_or_else(String::new, UtcMs::rfc3339);
        bench.check(file, cell(&row, "id"), cell(&row, "due"), &due);
        out += &line(&[cell(&row, "id"), &due]);
    }
    bench.emit(file, &out);
}

fn alarms(bench: &mut Bench<'_>, days: &WorkCalendar, yellow: f64) {
    let file = "sla_alarm.csv";
    let mut out = line(&["id", "elapsed_active_h", "level"]);
    for row in bench.table(file) {
        let pauses = pauses(&row);
        let (Some(clock), Some(at)) = (clock(&row, &pauses), instant(cell(&row, "at"))) else {
            bench.check(
                file,
                cell(&row, "id"),
                "a readable row",
                "an unreadable row",
            );
            continue;
        };
        let level = clock.level(days, at, yellow).code();
        let elapsed = clock
            .elapsed(days, at)
            .map_or_else(String::new, |ms| format!("{:.4}", ms as f64 / 3_600_000.0));
        let id = cell(&row, "id");
        bench.check(file, &format!("{id} level"), cell(&row, "level"), level);
        bench.check(
            file,
            &format!("{id} elapsed"),
            cell(&row, "elapsed_active_h"),
            &elapsed,
        );
        out += &line(&[id, &elapsed, level]);
    }
    bench.emit(file, &out);
}

fn pauses(row: &Row) -> Vec<Pause> {
    cell(row, "pauses")
        .split(';')
        .filter_map(|pause| {
            let (from, to) = pause.split_once('/')?;
            Some(Pause {
                from: instant(from)?,
                to: instant(to),
            })
        })
        .collect()
}

fn clock<'p>(row: &Row, pauses: &'p [Pause]) -> Option<Clock<'p>> {
    let unit = Unit::from_code(cell(row, "unit"))?;
    Some(Clock {
        start: instant(cell(row, "start"))?,
        limit: Limit::new(unit, number(row, "limit")?),
        pauses,
    })
}

fn transitions(bench: &mut Bench<'_>) {
    let file = "transitions.csv";
    let mut out = line(&["state", "action", "role", "expected"]);
    for row in bench.table(file) {
        let (state, action, role) = (
            cell(&row, "state"),
            cell(&row, "action"),
            cell(&row, "role"),
        );
        let actor = match role {
            "system" => Some(Actor::System),
            code => Role::from_code(code).map(Actor::Person),
        };
        let (Some(state), Some(actor)) = (State::from_code(state), actor) else {
            bench.check(
                file,
                action,
                "a known state and role",
                &format!("{state} {role}"),
            );
            continue;
        };
        let note = [cell(&row, "guard_note")];
        let missing = if cell(&row, "guard") == "1" {
            &[][..]
        } else {
            &note[..]
        };
        let result = attempt(&Attempt {
            state,
            action,
            actor,
            own_unit: cell(&row, "same_unit") == "1",
            version_matches: cell(&row, "version_ok") == "1",
            missing,
        });
        let result = result.map_or_else(|refusal| refusal.code(), State::code);
        let name = format!("{} {action} by {role} {}", state.code(), note[0]);
        bench.check(file, name.trim_end(), cell(&row, "expected"), result);
        out += &line(&[state.code(), action, role, result]);
    }
    bench.emit(file, &out);
}

fn triage(bench: &mut Bench<'_>) {
    let file = "triage.csv";
    let mut out = line(&["row", "points", "tier"]);
    for (i, row) in bench.table(file).iter().enumerate() {
        let flag = |name: &str| cell(row, name) == "1";
        let count = |name: &str| number(row, name).unwrap_or(0);
        let (points, tier) = suggest(&Features {
            multi_department: flag("multi_department"),
            site_tickets_90d: count("site_tickets_90d"),
            group_size: count("group_size"),
            redo_rounds: count("redo_rounds"),
            needs_engineering: flag("needs_engineering"),
            injury_or_minors: flag("injury_or_minors"),
            media_exposed: flag("media_exposed"),
            cross_jurisdiction: flag("cross_jurisdiction"),
            superior_supervised: flag("superior_supervised"),
            transfers_without_owner: count("transfers_without_owner"),
            most_urgent: cell(row, "urgency") == "特急",
        });
        let name = format!("row {}", i + 2);
        let found = format!("{points} {}", tier.title());
        let expected = format!("{} {}", cell(row, "points"), cell(row, "tier"));
        bench.check(file, &name, &expected, &found);
        out += &line(&[&name, &points.to_string(), tier.title()]);
    }
    bench.emit(file, &out);
}
