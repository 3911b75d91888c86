//! What does a calendar file say: special days, every day, or working days with school breaks?

use std::collections::{BTreeMap, BTreeSet};

use crate::calendar::{Day, WorkCalendar, lunar};
use crate::effect::days::{DayMark, DayTable};
use crate::effect::files_table::{FilesError, Remark, Table, cell, date, remark};

/// Whether a day is off by a calendar file, weekends and statutory days where the file is silent.
///
/// # Errors
/// [`FilesError`] when the file cannot be read.
pub fn days_off(calendar: &[u8], first: Day, until: Day) -> Result<Vec<bool>, FilesError> {
    let marks = read_calendar(calendar, &mut Vec::new())?;
    let years = first.ymd().0..=until.ymd().0;
    let statutory: BTreeSet<Day> = years.flat_map(lunar::statutory).collect();
    let off = |day: Day| {
        let known = marks.days.get(&day).and_then(|m| m.off);
        let city = marks.city.as_ref().filter(|c| c.covers(day.ymd().0));
        let known = known.or_else(|| city.map(|c| !c.is_working(day)));
        known.unwrap_or(day.weekday() >= 5 || statutory.contains(&day))
    };
    Ok((first.0..until.0).map(|d| off(Day(d))).collect())
}

/// First and last days (both included) that count on neither side, from `from,to[,note]`; an empty file has none.
///
/// # Errors
/// [`FilesError`] when the file cannot be read or lacks a column.
pub(crate) fn read_gaps(
    bytes: &[u8],
    remarks: &mut Vec<Remark>,
) -> Result<Vec<(Day, Day)>, FilesError> {
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    let table = Table::read("gaps", bytes)?;
    let (from, to) = (table.needed("from")?, table.needed("to")?);
    let mut found = Vec::new();
    for (line, row) in &table.rows {
        let texts = [cell(row, Some(from)), cell(row, Some(to))];
        match texts.map(date) {
            [Some(a), Some(b)] if a <= b => found.push((a, b)),
            _ => remarks.push(remark(
                ("gaps", *line),
                true,
                format!("“{}”至“{}”不是一段日期，请写成 2024-05-01 并核对先后", texts[0], texts[1]),
                format!("{:?} to {:?} are no span of days; write them as 2024-05-01, the first one first", texts[0], texts[1]),
            )),
        }
    }
    Ok(found)
}

/// What a calendar file says.
#[derive(Default)]
pub(crate) struct Marks {
    days: BTreeMap<Day, DayMark>,
    city: Option<WorkCalendar>,
    /// First and last day of a file that names every day.
    pub(crate) range: Option<(Day, Day)>,
}

impl Marks {
    /// The classes of days from `first` up to but not including `until`.
    pub(crate) fn table(&self, first: Day, until: Day) -> DayTable {
        match &self.city {
            Some(city) => DayTable::of_city(city, first, until),
            None => DayTable::build(first, until, |day| {
                self.days.get(&day).copied().unwrap_or_default()
            }),
        }
    }
}

/// Reads a calendar file of any of the known forms; an empty one says nothing.
pub(crate) fn read_calendar(bytes: &[u8], remarks: &mut Vec<Remark>) -> Result<Marks, FilesError> {
    if bytes.is_empty() {
        return Ok(Marks::default());
    }
    let table = Table::read("calendar", bytes)?;
    if table.column("kind").is_some() {
        let text = String::from_utf8_lossy(bytes);
        let city = WorkCalendar::read(&text).map_err(|e| FilesError::Csv {
            file: "calendar",
            why: e.to_string(),
        })?;
        return Ok(Marks {
            city: Some(city),
            ..Marks::default()
        });
    }
    let day = table.needed("date")?;
    let off = table.column("is_offday").or_else(|| table.column("is_off"));
    let school = table.column("is_schoolday");
    let mut marks = Marks::default();
    for (line, row) in &table.rows {
        let Some(date) = date(cell(row, Some(day))) else {
            remarks.push(remark(
                ("calendar", *line),
                true,
                "日期不可识别，请写成 2024-05-01".to_owned(),
                "the date cannot be read; write it as 2024-05-01".to_owned(),
            ));
            continue;
        };
        let flag = |column: Option<usize>| match cell(row, column) {
            "1" => Some(true),
            "0" => Some(false),
            _ => None,
        };
        let mark = DayMark {
            off: flag(off),
            school: flag(school),
        };
        marks.days.insert(date, mark);
    }
    // A file that names every day bounds the data; a list of special days does not.
    let ends = marks
        .days
        .first_key_value()
        .zip(marks.days.last_key_value());
    marks.range = ends
        .map(|((a, _), (b, _))| (*a, *b))
        .filter(|(a, b)| b.0 - a.0 + 1 == i64::try_from(marks.days.len()).unwrap_or(0));
    if marks.range.is_none() {
        let years: Vec<i64> = marks.days.keys().map(|d| d.ymd().0).collect();
        let covered = |year: i64| years.binary_search(&year).is_ok();
        let listed = marks.days.clone();
        let (first, last) = (years.first().copied(), years.last().copied());
        if let (Some(first), Some(last)) = (first, last) {
            fill_weekends(&mut marks.days, (first, last), &listed, covered);
        }
    }
    Ok(marks)
}

/// In years of a list of special days every other day is off exactly at weekends.
fn fill_weekends(
    days: &mut BTreeMap<Day, DayMark>,
    (first, last): (i64, i64),
    listed: &BTreeMap<Day, DayMark>,
    covered: impl Fn(i64) -> bool,
) {
    for year in (first..=last).filter(|y| covered(*y)) {
        let (Some(from), Some(to)) = (Day::of(year, 1, 1), Day::of(year, 12, 31)) else {
            continue;
        };
        for day in (from.0..=to.0).map(Day).filter(|d| !listed.contains_key(d)) {
            let off = Some(day.weekday() >= 5);
            days.insert(day, DayMark { off, school: None });
        }
    }
}
