//! What do plain files say: sites, tickets, measures and days as a panel, and why was each bad row refused?

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::calendar::Day;
use crate::effect::coding::changed_on;
use crate::effect::files_calendar::{read_calendar, read_gaps};
use crate::effect::files_table::{Table, cell, date, remark};
use crate::effect::files_treatments::{Ground, read_treatments};
use crate::effect::panel::{Event, Panel, SiteSeries, Span, unique};
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
    /// `site_id,measure,decision_date,install_start,install_end[,removed_on][,id][,settle][,hours][,kinds][,cost]`.
    pub treatments: &'a [u8],
    /// `date,is_offday,is_schoolday` or `date,kind`; empty for the default calendar.
    pub calendar: &'a [u8],
    /// `site_id,date`: tickets in the ring, empty if there are none.
    pub ring: &'a [u8],
    /// `site_id,date`: tickets of other categories in core and ring, empty if there are none.
    pub other: &'a [u8],
    /// `from,to[,note]`: days that count on neither side (outage, road closure, epidemic), empty if there are none.
    pub gaps: &'a [u8],
    /// First day of data, else taken from the files.
    pub from: Option<Day>,
    /// Last day of data, else taken from the files.
    pub until: Option<Day>,
}

/// The panel of the files with remarks in the order of files and rows.
pub fn read(files: &Files<'_>) -> Result<(Panel, Vec<Remark>), FilesError> {
    let mut remarks = Vec::new();
    let (mut sites, names, rows) = read_sites(files.sites, &mut remarks)?;
    let (core, kinds) = read_events(("tickets", files.tickets), &names, &mut remarks)?;
    let (ring, _) = read_events(("ring", files.ring), &names, &mut remarks)?;
    let (other, _) = read_events(("other", files.other), &names, &mut remarks)?;
    let marks = read_calendar(files.calendar, &mut remarks)?;
    let gaps = read_gaps(files.gaps, &mut remarks)?;
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
    fill(&mut sites, [core, ring, other], (first, last));
    let ground = Ground {
        sites: &names,
        kinds: &kinds,
        data: (first, last),
    };
    let measures = read_treatments(files.treatments, &ground, &mut remarks)?;
    let (lines, treatments) = measures.into_iter().unzip();
    let mut calendar = marks.table(first, Day(last.0 + AHEAD));
    calendar.hash = fingerprint(files.calendar);
    let days = number(last) + 1;
    let coded = sites.iter().flat_map(|s| &s.core);
    let coded: Vec<(i32, u16)> = coded.map(|e| (e.day, e.kind)).collect();
    let left_out = gaps
        .iter()
        .map(|(a, b)| Span::new(number(*a), number(Day(b.0 + 1))).meet(Span::new(0, days)));
    let panel = Panel {
        first,
        days,
        calendar,
        sites,
        treatments,
        gaps: left_out.filter(|g| !g.is_empty()).collect(),
        coding_changed: changed_on(&coded, days),
    };
    panel_remarks(&panel, [&rows, &lines], &mut remarks);
    Ok((panel, remarks))
}

/// Puts the tickets of core, ring and negative control into their series, numbered from the first day.
fn fill(sites: &mut [SiteSeries], lists: [Vec<(usize, Day, Event)>; 3], (first, last): (Day, Day)) {
    for (pick, list) in lists.into_iter().enumerate() {
        for (site, day, event) in list {
            if day < first || day > last {
                continue;
            }
            let event = Event {
                day: i32::try_from(day.0 - first.0).unwrap_or(i32::MAX),
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
    for site in sites {
        for list in [&mut site.core, &mut site.ring, &mut site.other] {
            unique(list);
        }
    }
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

/// The sites, their numbers by name, and the line of each.
fn read_sites(
    bytes: &[u8],
    remarks: &mut Vec<Remark>,
) -> Result<(Vec<SiteSeries>, Names, Vec<usize>), FilesError> {
    let table = Table::read("sites", bytes)?;
    let id = table.needed("site_id")?;
    let (lon, lat) = (table.column("lon"), table.column("lat"));
    let category = table.column("category");
    let (mut sites, mut names, mut lines) = (Vec::new(), Names::new(), Vec::new());
    for (line, row) in &table.rows {
        let name = cell(row, Some(id));
        if name.is_empty() || names.contains_key(name) {
            remarks.push(remark(
                ("sites", *line),
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
        lines.push(*line);
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
    Ok((sites, names, lines))
}

/// Tickets by site and day, and the numbers of their kinds by name.
type EventRows = (Vec<(usize, Day, Event)>, BTreeMap<String, u32>);

fn read_events(
    (file, bytes): (&'static str, &[u8]),
    names: &Names,
    remarks: &mut Vec<Remark>,
) -> Result<EventRows, FilesError> {
    if bytes.is_empty() {
        return Ok(EventRows::default());
    }
    let table = Table::read(file, bytes)?;
    let (id, day) = (table.needed("site_id")?, table.needed("date")?);
    let columns = ["caller", "channel", "kind", "hour"].map(|c| table.column(c));
    let mut words: [BTreeMap<String, u32>; 3] = Default::default();
    let mut found = Vec::with_capacity(table.rows.len());
    for (line, row) in &table.rows {
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
                    hour: hour(cell(row, columns[3]), text),
                };
                found.push((*site, day, event));
            }
            (None, _) => remarks.push(remark(
                (file, *line),
                true,
                format!("点位“{site}”不在点位表中，请补点位或改编号"),
                format!("site {site:?} is not in the table of sites; add it or correct the id"),
            )),
            (_, None) => remarks.push(remark(
                (file, *line),
                true,
                format!("日期“{text}”不可识别，请写成 2024-05-01"),
                format!("date {text:?} cannot be read; write it as 2024-05-01"),
            )),
        }
    }
    let [_, _, kinds] = words;
    Ok((found, kinds))
}

/// The hour of a ticket: its own cell as `7` or `07:30`, else the time after the date; 255 when neither says.
fn hour(own: &str, date: &str) -> u8 {
    let time = if own.is_empty() {
        date.split_once([' ', 'T']).map_or("", |(_, time)| time)
    } else {
        own
    };
    let head = time.split(':').next().unwrap_or_default().trim();
    head.parse().ok().filter(|h| *h < 24).unwrap_or(255)
}

/// The number of a word from 1 on, 0 for none.
fn numbered(words: &mut BTreeMap<String, u32>, word: &str) -> u32 {
    if word.is_empty() {
        return 0;
    }
    let next = u32::try_from(words.len() + 1).unwrap_or(u32::MAX);
    *words.entry(word.to_owned()).or_insert(next)
}

/// What is told of sites with several measures or without a ticket, at the lines of sites and of measures.
fn panel_remarks(panel: &Panel, [sites, measures]: [&Vec<usize>; 2], remarks: &mut Vec<Remark>) {
    let mut of: Vec<Vec<usize>> = vec![Vec::new(); panel.sites.len()];
    for (t, line) in panel.treatments.iter().zip(measures) {
        of[t.site].push(*line);
    }
    for ((site, lines), own) in panel.sites.iter().zip(&of).zip(sites) {
        let Some(last) = lines.last() else {
            continue;
        };
        if lines.len() > 1 {
            let all: Vec<String> = lines.iter().map(usize::to_string).collect();
            remarks.push(remark(
                ("treatments", *last),
                false,
                format!(
                    "点位 {} 有 {} 项措施（第 {} 行）：时间重叠的合并，其余分段评估",
                    site.id,
                    lines.len(),
                    all.join("、")
                ),
                format!(
                    "site {} has {} measures (lines {}): overlapping ones are bundled, others cut each other's window",
                    site.id,
                    lines.len(),
                    all.join(", ")
                ),
            ));
        }
        if site.core.is_empty() {
            remarks.push(remark(
                ("sites", *own),
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
