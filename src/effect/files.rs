//! What do plain files say: sites, tickets, measures and days as a panel, and why was each bad row refused?

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::calendar::Day;
use crate::effect::files_calendar::read_calendar;
use crate::effect::files_table::{Table, cell, date, remark};
use crate::effect::panel::{Event, Panel, SiteSeries, Treatment, unique};
use crate::spatial::LonLat;

pub use crate::effect::files_calendar::days_off;
pub use crate::effect::files_table::{FilesError, Remark};

/// Days after the last ticket up to which a calendar's end still counts as the end of the data.
const SLACK: i64 = 31;

/// Days that a calendar reaches beyond the data.
const AHEAD: i64 = 1_100;

/// Bytes of the files.
#[derive(Clone, Copy, Debug, Default)]
pub struct Files<'a> {
    /// `site_id[,lon,lat][,category]`.
    pub sites: &'a [u8],
    /// `site_id,date[,caller][,channel][,kind][,hour]`, one line per ticket.
    pub tickets: &'a [u8],
    /// `site_id,measure,decision_date,install_start,install_end[,removed_on][,id][,settle][,hours][,cost]`.
    pub treatments: &'a [u8],
    /// `date,is_offday,is_schoolday` or `date,kind`; empty for the default calendar.
    pub calendar: &'a [u8],
    /// `site_id,date`: tickets in the ring, empty if there are none.
    pub ring: &'a [u8],
    /// `site_id,date`: tickets of other categories in core and ring, empty if there are none.
    pub other: &'a [u8],
    /// First day of data, else taken from the files.
    pub from: Option<Day>,
    /// Last day of data, else taken from the files.
    pub until: Option<Day>,
}

/// The panel of the files with remarks in the order of files and rows.
pub fn read(files: &Files<'_>) -> Result<(Panel, Vec<Remark>), FilesError> {
    let mut remarks = Vec::new();
    let (mut sites, names) = read_sites(files.sites, &mut remarks)?;
    let core = read_events(("tickets", files.tickets), &names, &mut remarks)?;
    let ring = read_events(("ring", files.ring), &names, &mut remarks)?;
    let other = read_events(("other", files.other), &names, &mut remarks)?;
    let marks = read_calendar(files.calendar, &mut remarks)?;
    let seen = core.iter().map(|(_, day, _)| *day);
    let (Some(least), Some(most)) = (seen.clone().min(), seen.max()) else {
        return Err(FilesError::Empty { file: "tickets" });
    };
    let first = files.from.unwrap_or_else(|| match marks.range {
        Some((a, _)) if a <= least && least.0 - a.0 <= SLACK => a,
        _ => least,
    });
    let last = files.until.unwrap_or_else(|| match marks.range {
        Some((_, b)) if b >= most && b.0 - most.0 <= SLACK => b,
        _ => most,
    });
    let number = |day: Day| i32::try_from(day.0 - first.0).unwrap_or(i32::MAX);
    for (list, pick) in [(core, 0), (ring, 1), (other, 2)] {
        for (site, day, event) in list {
            if day < first || day > last {
                continue;
            }
            let event = Event {
                day: number(day),
                ..event
            };
            let series: &mut SiteSeries = &mut sites[site];
            match pick {
                0 => series.core.push(event),
                1 => series.ring.push(event),
                _ => series.other.push(event),
            }
        }
    }
    for site in &mut sites {
        for list in [&mut site.core, &mut site.ring, &mut site.other] {
            unique(list);
        }
    }
    let treatments = read_treatments(files.treatments, &names, (first, last), &mut remarks)?;
    let mut calendar = marks.table(first, Day(last.0 + AHEAD));
    calendar.hash = fingerprint(files.calendar);
    let panel = Panel {
        first,
        days: number(last) + 1,
        calendar,
        sites,
        treatments,
        ..Panel::default()
    };
    panel_remarks(&panel, &mut remarks);
    Ok((panel, remarks))
}

fn fingerprint(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    if bytes.is_empty() {
        return "default".to_owned();
    }
    let digest = Sha256::digest(bytes);
    digest.iter().take(8).fold(String::new(), |mut text, byte| {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

type Names = BTreeMap<String, usize>;

fn read_sites(
    bytes: &[u8],
    remarks: &mut Vec<Remark>,
) -> Result<(Vec<SiteSeries>, Names), FilesError> {
    let table = Table::read("sites", bytes)?;
    let id = table.needed("site_id")?;
    let (lon, lat) = (table.column("lon"), table.column("lat"));
    let category = table.column("category");
    let (mut sites, mut names) = (Vec::new(), Names::new());
    for (at, row) in table.rows.iter().enumerate() {
        let name = cell(row, Some(id));
        if name.is_empty() || names.contains_key(name) {
            remarks.push(remark(
                ("sites", at + 2),
                true,
                format!("点位编号“{name}”为空或重复，请改正"),
                format!("site_id {name:?} is empty or occurs twice; correct it"),
            ));
            continue;
        }
        let place = match (cell(row, lon).parse(), cell(row, lat).parse()) {
            (Ok(lon), Ok(lat)) => Some(LonLat { lon, lat }).filter(|p| p.is_valid()),
            _ => None,
        };
        let kind = cell(row, category);
        names.insert(name.to_owned(), sites.len());
        sites.push(SiteSeries {
            id: name.to_owned(),
            category: if kind.is_empty() { "all" } else { kind }.to_owned(),
            place,
            ..SiteSeries::default()
        });
    }
    if sites.is_empty() {
        return Err(FilesError::Empty { file: "sites" });
    }
    Ok((sites, names))
}

fn read_events(
    (file, bytes): (&'static str, &[u8]),
    names: &Names,
    remarks: &mut Vec<Remark>,
) -> Result<Vec<(usize, Day, Event)>, FilesError> {
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    let table = Table::read(file, bytes)?;
    let (id, day) = (table.needed("site_id")?, table.needed("date")?);
    let columns = ["caller", "channel", "kind", "hour"].map(|c| table.column(c));
    let mut words: [BTreeMap<String, u32>; 3] = Default::default();
    let mut found = Vec::with_capacity(table.rows.len());
    for (at, row) in table.rows.iter().enumerate() {
        let (site, text) = (cell(row, Some(id)), cell(row, Some(day)));
        match (names.get(site), date(text)) {
            (Some(site), Some(day)) => {
                let [caller, channel, kind] =
                    [0, 1, 2].map(|i: usize| numbered(&mut words[i], cell(row, columns[i])));
                let event = Event {
                    day: 0,
                    caller,
                    channel: u16::try_from(channel).unwrap_or(u16::MAX),
                    kind: u16::try_from(kind).unwrap_or(u16::MAX),
                    hour: cell(row, columns[3]).parse().unwrap_or(255),
                };
                found.push((*site, day, event));
            }
            (None, _) => remarks.push(remark(
                (file, at + 2),
                true,
                format!("点位“{site}”不在点位表中，请补点位或改编号"),
                format!("site {site:?} is not in the table of sites; add it or correct the id"),
            )),
            (_, None) => remarks.push(remark(
                (file, at + 2),
                true,
                format!("日期“{text}”不可识别，请写成 2024-05-01"),
                format!("date {text:?} cannot be read; write it as 2024-05-01"),
            )),
        }
    }
    Ok(found)
}

/// The number of a word from 1 on, 0 for none.
fn numbered(words: &mut BTreeMap<String, u32>, word: &str) -> u32 {
    if word.is_empty() {
        return 0;
    }
    let next = u32::try_from(words.len() + 1).unwrap_or(u32::MAX);
    *words.entry(word.to_owned()).or_insert(next)
}

fn read_treatments(
    bytes: &[u8],
    names: &Names,
    (first, last): (Day, Day),
    remarks: &mut Vec<Remark>,
) -> Result<Vec<Treatment>, FilesError> {
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
        cost: table.column("cost"),
    };
    let mut found = Vec::new();
    for (at, row) in table.rows.iter().enumerate() {
        match treatment(row, &columns, names, (first, last)) {
            Ok((treatment, words)) => {
                let at = ("treatments", at + 2);
                remarks.extend(words.into_iter().map(|(zh, en)| remark(at, false, zh, en)));
                found.push(Treatment {
                    id: if treatment.id.is_empty() {
                        format!("row{}", at.1)
                    } else {
                        treatment.id.clone()
                    },
                    ..treatment
                });
            }
            Err((zh, en)) => remarks.push(remark(("treatments", at + 2), true, zh, en)),
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
    cost: Option<usize>,
}

type Words = (String, String);

fn treatment(
    row: &csv::StringRecord,
    columns: &TreatmentColumns,
    names: &Names,
    (first, last): (Day, Day),
) -> Result<(Treatment, Vec<Words>), Words> {
    let site = cell(row, Some(columns.site));
    let site = *names.get(site).ok_or_else(|| {
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
    let number = |d: Day| i32::try_from(d.0 - first.0).unwrap_or(i32::MAX);
    let made = Treatment {
        id: cell(row, columns.id).to_owned(),
        site,
        measure: cell(row, Some(columns.measure)).to_owned(),
        decision: number(decision),
        install_start: start.map(number),
        install_end: end.map(number),
        removed: removed.map(number),
        settle: settle(cell(row, columns.settle))?,
        hours: hours(cell(row, columns.hours)),
        kinds: Vec::new(),
        backdated: false,
        cost: cell(row, columns.cost).parse().ok(),
    };
    Ok((made, doubts(decision, end, (first, last))))
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
fn hours(text: &str) -> Vec<(u8, u8)> {
    let one = |part: &str| {
        let (a, b) = part.split_once('-')?;
        let (a, b) = (a.trim().parse().ok()?, b.trim().parse().ok()?);
        (a < b && b <= 24).then_some((a, b))
    };
    text.split([';', '；']).filter_map(one).collect()
}

fn panel_remarks(panel: &Panel, remarks: &mut Vec<Remark>) {
    let mut seen = vec![0_usize; panel.sites.len()];
    for t in &panel.treatments {
        seen[t.site] += 1;
    }
    for (site, n) in panel.sites.iter().zip(&seen) {
        if *n > 1 {
            remarks.push(remark(
                ("treatments", 0),
                false,
                format!("点位 {} 有 {n} 项措施：时间重叠的合并，其余分段评估", site.id),
                format!("site {} has {n} measures: overlapping ones are bundled, others cut each other's window", site.id),
            ));
        }
        if *n > 0 && site.core.is_empty() {
            remarks.push(remark(
                ("sites", 0),
                false,
                format!("治理点位 {} 没有任何工单，请核对编号", site.id),
                format!(
                    "treated site {} has no ticket at all; check its id",
                    site.id
                ),
            ));
        }
    }
    let last = panel.civil(panel.days);
    if let Some(day) = panel.calendar.uncovered_from.filter(|d| *d < last) {
        remarks.push(remark(
            ("calendar", 0),
            false,
            format!("{} 起节假日表没有覆盖，已按周末与法定假日推算，请补充", day.iso()),
            format!("from {} on the table of days does not reach; weekends and statutory days are used, extend it", day.iso()),
        ));
    }
}
