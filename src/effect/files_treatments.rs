//! What does a file of measures say: each row as a measure with its dates, hours and kinds, or why it was refused?

use std::collections::BTreeMap;

use crate::calendar::Day;
use crate::effect::files_table::{FilesError, Remark, Table, cell, date, remark};
use crate::effect::panel::Treatment;

/// What the words of a row of measures mean in the other files.
pub(crate) struct Ground<'a> {
    /// Sites by name.
    pub(crate) sites: &'a BTreeMap<String, usize>,
    /// Kinds of complaint by name, as the tickets number them.
    pub(crate) kinds: &'a BTreeMap<String, u32>,
    /// First and last day of data.
    pub(crate) data: (Day, Day),
}

/// The measures with the line each stands on, and why rows were refused.
///
/// # Errors
/// [`FilesError`] when the file cannot be read or lacks a column.
pub(crate) fn read_treatments(
    bytes: &[u8],
    ground: &Ground<'_>,
    remarks: &mut Vec<Remark>,
) -> Result<Vec<(usize, Treatment)>, FilesError> {
    let table = Table::read("treatments", bytes)?;
    let columns = TreatmentColumns {
        site: table.needed("site_id")?,
        measure: table.needed("measure")?,
        decision: table.needed("decision_date")?,
        start: table.column("install_start"),
        end: table.needed("install_end")?,
        removed: table.column("removed_on"),
        id: table.column("id").or_else(|| table.column("measure_id")),
        settle: table.column("settle"),
        hours: table.column("hours"),
        kinds: table.column("kinds"),
        cost: table.column("cost"),
    };
    let mut found = Vec::new();
    for (line, row) in &table.rows {
        let at = ("treatments", *line);
        match treatment(row, &columns, ground) {
            Ok((made, words)) => {
                remarks.extend(words.into_iter().map(|(zh, en)| remark(at, false, zh, en)));
                let id = if made.id.is_empty() {
                    format!("row{line}")
                } else {
                    made.id.clone()
                };
                found.push((*line, Treatment { id, ..made }));
            }
            Err((zh, en)) => remarks.push(remark(at, true, zh, en)),
        }
    }
    Ok(found)
}

struct TreatmentColumns {
    site: usize,
    measure: usize,
    decision: usize,
    start: Option<usize>,
    end: usize,
    removed: Option<usize>,
    id: Option<usize>,
    settle: Option<usize>,
    hours: Option<usize>,
    kinds: Option<usize>,
    cost: Option<usize>,
}

type Words = (String, String);

fn treatment(
    row: &csv::StringRecord,
    columns: &TreatmentColumns,
    ground: &Ground<'_>,
) -> Result<(Treatment, Vec<Words>), Words> {
    let site = cell(row, Some(columns.site));
    let site = *ground.sites.get(site).ok_or_else(|| {
        (
            format!("措施的点位“{site}”不在点位表中，请补点位或改编号"),
            format!(
                "the measure's site {site:?} is not in the table of sites; add it or correct the id"
            ),
        )
    })?;
    let day = |column: Option<usize>, name: &str| -> Result<Option<Day>, Words> {
        let text = cell(row, column);
        if text.is_empty() {
            return Ok(None);
        }
        date(text).map(Some).ok_or_else(|| {
            (
                format!("{name} “{text}”不是日期，请写成 2024-05-01"),
                format!("{name} {text:?} is no date; write it as 2024-05-01"),
            )
        })
    };
    let decision = day(Some(columns.decision), "decision_date")?;
    let start = day(columns.start, "install_start")?;
    let end = day(Some(columns.end), "install_end")?;
    let removed = day(columns.removed, "removed_on")?;
    let decision = decision.or(start).or(end).ok_or_else(|| {
        (
            "决定、开工、完工日期都缺，请至少填决定日期".to_owned(),
            "decision, start and end are all missing; enter the decision".to_owned(),
        )
    })?;
    order([Some(decision), start, end, removed])?;
    let first = ground.data.0;
    let number = |d: Day| i32::try_from(d.0 - first.0).unwrap_or(i32::MAX);
    let mut words = doubts(decision, end, ground.data);
    let kinds = kinds(cell(row, columns.kinds), ground.kinds, &mut words);
    let cost = cost(cell(row, columns.cost), &mut words);
    let made = Treatment {
        id: cell(row, columns.id).to_owned(),
        site,
        measure: cell(row, Some(columns.measure)).to_owned(),
        decision: number(decision),
        install_start: start.map(number),
        install_end: end.map(number),
        removed: removed.map(number),
        settle: settle(cell(row, columns.settle))?,
        hours: hours(cell(row, columns.hours))?,
        kinds,
        backdated: false,
        cost,
    };
    Ok((made, words))
}

/// Longest settling in days.
const MOST_SETTLE: i32 = 365;

/// Days of settling as a row gives them; empty for the default of the type.
fn settle(text: &str) -> Result<Option<i32>, Words> {
    if text.is_empty() {
        return Ok(None);
    }
    let days = text.parse().ok().filter(|d| (0..=MOST_SETTLE).contains(d));
    days.map(Some).ok_or_else(|| {
        (
            format!("稳定期“{text}”不是 0 至 {MOST_SETTLE} 的天数，请改正或留空"),
            format!("settle {text:?} is no number of days from 0 to {MOST_SETTLE}; correct it or leave it empty"),
        )
    })
}

/// Dates must follow in order.
fn order(dates: [Option<Day>; 4]) -> Result<(), Words> {
    let names = [
        ("决定", "decision"),
        ("开工", "start of works"),
        ("完工", "end of works"),
        ("撤除", "removal"),
    ];
    let known: Vec<(usize, Day)> = dates
        .iter()
        .enumerate()
        .filter_map(|(i, d)| Some((i, (*d)?)))
        .collect();
    for pair in known.windows(2) {
        let ((a, x), (b, y)) = (pair[0], pair[1]);
        if y < x {
            return Err((
                format!(
                    "{}日期 {} 早于{}日期 {}，请核对",
                    names[b].0,
                    y.iso(),
                    names[a].0,
                    x.iso()
                ),
                format!(
                    "{} on {} lies before {} on {}; check both",
                    names[b].1,
                    y.iso(),
                    names[a].1,
                    x.iso()
                ),
            ));
        }
    }
    Ok(())
}

/// What a row's dates deserve to be said about them.
fn doubts(decision: Day, end: Option<Day>, (first, last): (Day, Day)) -> Vec<Words> {
    let mut words = Vec::new();
    if decision <= first {
        words.push((
            format!("决定日期 {} 不晚于首张工单日期 {}，没有治理前数据，请补历史工单", decision.iso(), first.iso()),
            format!("decided on {}, not after the first day of data {}: there is no before; import older tickets", decision.iso(), first.iso()),
        ));
    }
    match end {
        None => words.push((
            "没有完工日期，完工后补填再评".to_owned(),
            "no end of works; enter it when they are finished".to_owned(),
        )),
        Some(end) if end > last => words.push((
            format!(
                "完工日期 {} 晚于数据截止日 {}，到期再评",
                end.iso(),
                last.iso()
            ),
            format!(
                "works end on {}, after the last day of data {}; judged later",
                end.iso(),
                last.iso()
            ),
        )),
        Some(_) => {}
    }
    words
}

/// `7-9` as hours from 7 up to but not including 9; several with a semicolon between.
fn hours(text: &str) -> Result<Vec<(u8, u8)>, Words> {
    let one = |part: &str| {
        let (a, b) = part.split_once(['-', '–', '—', '~'])?;
        let (a, b) = (a.trim().parse().ok()?, b.trim().parse().ok()?);
        (a < b && b <= 24).then_some((a, b))
    };
    let wrong = |part: &str| {
        (
            format!("时段“{part}”不可识别，请写整点，如 7-9;16-18，或留空"),
            format!(
                "hours {part:?} cannot be read; write full hours as 7-9;16-18, or leave them empty"
            ),
        )
    };
    let parts = text.split([';', '；']).map(str::trim);
    parts
        .filter(|p| !p.is_empty())
        .map(|p| one(p).ok_or_else(|| wrong(p)))
        .collect()
}

/// Kinds of complaint the measure is meant for, by the names the tickets use; one that no ticket has is told.
fn kinds(text: &str, known: &BTreeMap<String, u32>, words: &mut Vec<Words>) -> Vec<u16> {
    let mut found = Vec::new();
    let parts = text.split([';', '；']).map(str::trim);
    for name in parts.filter(|p| !p.is_empty()) {
        match known.get(name).and_then(|n| u16::try_from(*n).ok()) {
            Some(kind) => found.push(kind),
            None => words.push((
                format!("诉求类别“{name}”在工单中没有出现，请核对写法"),
                format!("no ticket is of kind {name:?}; check how the tickets write it"),
            )),
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Yuan; what cannot be read is told and left out.
fn cost(text: &str, words: &mut Vec<Words>) -> Option<i64> {
    if text.is_empty() {
        return None;
    }
    let yuan = text.parse().ok().filter(|yuan| *yuan >= 0);
    if yuan.is_none() {
        words.push((
            format!("费用“{text}”不是整数元，未计入，请改正"),
            format!("cost {text:?} is no whole number of yuan and is left out; correct it"),
        ));
    }
    yuan
}
