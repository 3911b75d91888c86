//! Which measures does a table (CSV, XLSX) register, and which rows are refused, with the cure?
//!
//! Column names are data (`data/catalogue/treatment_columns.csv`). A row needs a measure of the catalogue (code or name), a
//! place (site number, or coordinates with their datum) and its dates; what it lacks is said row by row.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read, Seek};
use std::ops::ControlFlow;
use std::sync::LazyLock;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::calendar::{Day, moment};
use crate::case::catalogue::Catalogue;
use crate::case::check;
use crate::case::measure::Measure;
use crate::case::model::Work;
use crate::intake::synonyms::normal;
use crate::intake::{Cell, Limits, Line, Row, Synonyms, Unreadable, Workbook};
use crate::spatial::{Datum, LonLat};

/// Normalised header → field.
static FIELDS: LazyLock<BTreeMap<String, &'static str>> = LazyLock::new(|| {
    include_str!("../../data/catalogue/treatment_columns.csv")
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(','))
        .map(|(field, header)| (normal(header), field))
        .collect()
});

/// A measure as a row registers it.
#[derive(Clone, Debug, PartialEq)]
pub struct Registered {
    /// Row of the file.
    pub row: u64,
    /// Number in the table; a fingerprint of place, measure and decision if it has none.
    pub no: String,
    /// Name.
    pub name: String,
    /// Site number, if the table names one.
    pub site: Option<String>,
    /// Point in WGS-84, if the table gives one.
    pub point: Option<LonLat>,
    /// Who answers for it.
    pub owner: String,
    /// Measure with dates; its place is the point, or empty until the site is known.
    pub work: Work,
}

/// A row that was not taken, or taken with a doubt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowFinding {
    /// Row of the file.
    pub row: u64,
    /// Number in the table.
    pub no: String,
    /// Field.
    pub field: String,
    /// The value.
    pub value: String,
    /// Stable code.
    pub code: String,
    /// Why and the cure, Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
    /// Whether the row was refused.
    pub refused: bool,
}

/// What a table says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Registry {
    /// Rows that can stand.
    pub rows: Vec<Registered>,
    /// Findings by row.
    pub findings: Vec<RowFinding>,
    /// Filled rows met.
    pub read: usize,
}

/// Why a table as a whole cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The file is no table.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// No column of measures, or no column of places.
    #[error("no column for {0}; name one of: {1}")]
    NoColumn(&'static str, String),
}

/// Reads a table of registered measures.
///
/// # Errors
/// [`TableError`] if the file is no table or has no usable columns.
pub fn read<R: Read + Seek>(
    reader: R,
    catalogue: &Catalogue,
    today: Option<Day>,
) -> Result<Registry, TableError> {
    let mut book = Workbook::open(reader, Limits::default())?;
    let header = book.header(&Synonyms::built_in())?;
    let mut at = BTreeMap::new();
    for (n, column) in header.columns.iter().enumerate() {
        let bare = column.name.split(['(', '（']).next().unwrap_or("");
        let field = FIELDS
            .get(&normal(&column.name))
            .or_else(|| FIELDS.get(&normal(bare)));
        if let Some(field) = field {
            at.entry(*field).or_insert(n);
        }
    }
    if !at.contains_key("measure") && !at.contains_key("measure_name") {
        return Err(TableError::NoColumn("measure", names("measure")));
    }
    let has = |field| at.contains_key(field);
    if !(has("site") || has("lon") && has("lat")) {
        return Err(TableError::NoColumn("site or lon and lat", names("site")));
    }
    let reading = Reading {
        at,
        catalogue,
        today,
    };
    let mut registry = Registry::default();
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    book.each_row(&header, |line| {
        registry.read += 1;
        match line {
            Line::Broken(rejected) => registry.findings.push(broken(rejected.row)),
            Line::Data(row) => reading.row(&row, &mut seen, &mut registry),
        }
        ControlFlow::Continue(())
    })?;
    Ok(registry)
}

fn names(field: &str) -> String {
    let all: Vec<&str> = include_str!("../../data/catalogue/treatment_columns.csv")
        .lines()
        .filter_map(|l| {
            l.split_once(',')
                .filter(|(f, _)| *f == field)
                .map(|(_, h)| h)
        })
        .collect();
    all.join(", ")
}

fn broken(row: u64) -> RowFinding {
    RowFinding {
        row,
        no: String::new(),
        field: String::new(),
        value: String::new(),
        code: "broken".to_owned(),
        zh: "引号没有闭合，本行未读入；请改用 XLSX 导出".to_owned(),
        en: "a quote never closes: the row was not read; export as XLSX".to_owned(),
        refused: true,
    }
}

/// Twelve hexadecimal digits that stand for some texts, the same on every machine.
fn fingerprint(parts: &[String]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0x1f]);
    }
    let digest = hash.finalize();
    digest.iter().take(6).fold(String::new(), |mut text, byte| {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A full hour: `7`, `07`, `7:00`, `7时`.
fn hour(text: &str) -> Option<u8> {
    let text = text.trim();
    let bare = text
        .strip_suffix(":00")
        .or_else(|| text.strip_suffix("：00"))
        .or_else(|| text.strip_suffix('时'))
        .unwrap_or(text);
    bare.parse().ok()
}

struct Reading<'a> {
    at: BTreeMap<&'static str, usize>,
    catalogue: &'a Catalogue,
    today: Option<Day>,
}

/// The findings of one row.
struct Blame {
    row: u64,
    no: String,
    list: Vec<RowFinding>,
}

impl Blame {
    fn say(
        &mut self,
        refused: bool,
        (code, field): (&str, &str),
        value: &str,
        [zh, en]: [String; 2],
    ) {
        self.list.push(RowFinding {
            row: self.row,
            no: self.no.clone(),
            field: field.to_owned(),
            value: value.to_owned(),
            code: code.to_owned(),
            zh,
            en,
            refused,
        });
    }
}

impl Reading<'_> {
    fn text(&self, row: &Row, field: &str) -> String {
        self.at
            .get(field)
            .map(|n| row.words(*n))
            .unwrap_or_default()
            .trim()
            .to_owned()
    }

    fn row(&self, row: &Row, seen: &mut BTreeMap<String, u64>, registry: &mut Registry) {
        let mut blame = self.number_of(row, seen);
        let measure = self.measure(row, &mut blame);
        let point = self.point(row, &mut blame);
        let site = Some(self.text(row, "site")).filter(|s| !s.is_empty());
        if point.is_none() && site.is_none() && blame.list.is_empty() {
            let words = [
                "没有点位也没有坐标，无法对应点位；请补填点位编号或经纬度",
                "neither site nor coordinates: fill in the site number or longitude and latitude",
            ];
            blame.say(true, ("no_site", "site"), "", words.map(str::to_owned));
        }
        let work = self.work(row, (measure, point), &mut blame);
        for finding in check::refusals(std::slice::from_ref(&work), self.today) {
            let value = self.text(row, finding.field);
            let at = (finding.code, finding.field);
            blame.say(true, at, &value, [finding.zh, finding.en]);
        }
        if !blame.list.iter().any(|b| b.refused) {
            let name = self.text(row, "name");
            let fallback = measure.map(|m| m.name_zh.clone()).unwrap_or_default();
            registry.rows.push(Registered {
                row: row.number,
                no: blame.no.clone(),
                name: if name.is_empty() { fallback } else { name },
                site,
                point,
                owner: self.text(row, "owner"),
                work,
            });
        }
        registry.findings.append(&mut blame.list);
    }

    /// The number of a row; the same number twice is refused. A row without one is known by what it registers (place,
    /// measure, decision), so that the same table read again adds nothing and another table without numbers is not taken for it.
    fn number_of(&self, row: &Row, seen: &mut BTreeMap<String, u64>) -> Blame {
        const KNOWN_BY: [&str; 7] = [
            "site",
            "lon",
            "lat",
            "datum",
            "measure",
            "measure_name",
            "decided",
        ];
        let given = self.text(row, "no");
        let no = if given.is_empty() {
            let parts = KNOWN_BY.map(|field| self.text(row, field));
            format!("#{}", fingerprint(&parts))
        } else {
            given
        };
        let mut blame = Blame {
            row: row.number,
            no: no.clone(),
            list: Vec::new(),
        };
        if let Some(first) = seen.insert(no.clone(), row.number) {
            let words = [
                format!("编号与第 {first} 行重复"),
                format!("the number stands in row {first} already"),
            ];
            blame.say(true, ("repeated", "no"), &no, words);
        }
        blame
    }

    fn work(
        &self,
        row: &Row,
        (measure, point): (Option<&Measure>, Option<LonLat>),
        blame: &mut Blame,
    ) -> Work {
        let work = Work {
            n: 1,
            measure: measure.map(|m| m.id.clone()).unwrap_or_default(),
            place: point.into_iter().collect(),
            quantity: self
                .number(row, "quantity", blame)
                .or(measure.map(|m| m.typical_quantity))
                .unwrap_or(1.0),
            cost_yuan: self.cost(row, blame),
            decided: self.day(row, "decided", blame),
            works_start: self.day(row, "works_start", blame),
            works_end: self.day(row, "works_end", blame),
            removed: self.day(row, "removed", blame),
            hours: self.hours(row, blame),
            note: self.text(row, "note"),
        };
        if work.decided.is_none() && !blame.list.iter().any(|b| b.field == "decided") {
            let words = [
                "没有决定日期，无法区分治理前后；请补填",
                "no day of decision: before and after cannot be told apart; fill it in",
            ];
            blame.say(true, ("missing", "decided"), "", words.map(str::to_owned));
        }
        work
    }

    /// The measure by code, else by Chinese or English name, the part before a bracket being enough.
    fn measure(&self, row: &Row, blame: &mut Blame) -> Option<&Measure> {
        let code = self.text(row, "measure");
        let name = self.text(row, "measure_name");
        let measures = &self.catalogue.measures;
        let bare = |text: &str| {
            text.split(['(', '（'])
                .next()
                .unwrap_or("")
                .trim()
                .to_owned()
        };
        let by_name = |text: &str| {
            let found = measures
                .all()
                .iter()
                .find(|m| m.name_zh == text || m.name_en == text);
            found.or_else(|| {
                measures
                    .all()
                    .iter()
                    .find(|m| !text.is_empty() && bare(&m.name_zh) == bare(text))
            })
        };
        let found = measures
            .get(&code)
            .or_else(|| by_name(&code))
            .or_else(|| by_name(&name));
        if found.is_none() {
            let value = if code.is_empty() { name } else { code };
            blame.say(true, ("unknown_measure", "measure"), &value, ["目录中没有这项措施；请改为目录代码，或先把它加进措施目录".to_owned(), "no such measure in the catalogue: write its code, or add it to the catalogue first".to_owned()]);
        }
        found
    }

    fn point(&self, row: &Row, blame: &mut Blame) -> Option<LonLat> {
        let (lon, lat) = (self.text(row, "lon"), self.text(row, "lat"));
        if lon.is_empty() && lat.is_empty() {
            return None;
        }
        let value = format!("{lon},{lat}");
        let label = self.text(row, "datum");
        let Some(datum) = Datum::parse(&label) else {
            blame.say(
                true,
                ("no_datum", "datum"),
                &label,
                [
                    "坐标没有注明坐标系；请填 WGS84、GCJ02 或 BD09".to_owned(),
                    "the coordinates name no datum: write WGS84, GCJ02 or BD09".to_owned(),
                ],
            );
            return None;
        };
        let point = match (lon.parse(), lat.parse()) {
            (Ok(lon), Ok(lat)) => Some(LonLat { lon, lat }).filter(|p| p.is_valid()),
            _ => None,
        };
        if point.is_none() {
            blame.say(
                true,
                ("bad_point", "lon"),
                &value,
                [
                    "经纬度不是有效数字".to_owned(),
                    "longitude and latitude are no valid numbers".to_owned(),
                ],
            );
        }
        point.map(|p| datum.to_wgs84(p))
    }

    fn day(&self, row: &Row, field: &'static str, blame: &mut Blame) -> Option<Day> {
        let at = *self.at.get(field)?;
        let text = row.words(at);
        let read = match row.get(at) {
            Cell::Serial(serial) => moment::of_serial(serial).map(Some),
            _ => moment::parse(&text).map(|found| found.map(|(at, _)| at)),
        };
        let Ok(at) = read else {
            blame.say(
                true,
                ("bad_date", field),
                text.trim(),
                [
                    "不是有效日期；请写成 2024-05-01".to_owned(),
                    "no date: write 2024-05-01".to_owned(),
                ],
            );
            return None;
        };
        at.map(|at| Day(at.civil_day()))
    }

    /// Hours as `7-9;16-18`; empty = all day.
    fn hours(&self, row: &Row, blame: &mut Blame) -> Vec<[u8; 2]> {
        let text = self.text(row, "hours");
        let one = |part: &str| {
            let (a, b) = part.split_once(['-', '–', '至'])?;
            let (a, b) = (hour(a)?, hour(b)?);
            (a < b && b <= 24).then_some([a, b])
        };
        let parts: Vec<&str> = text
            .split([';', '；', ',', '，', '、'])
            .filter(|p| !p.trim().is_empty())
            .collect();
        let read: Option<Vec<[u8; 2]>> = parts.into_iter().map(one).collect();
        read.unwrap_or_else(|| {
            let words = [
                "时段不是整点，请写成 7-9 或 7-9;16-18".to_owned(),
                "no hours: write 7-9 or 7-9;16-18".to_owned(),
            ];
            blame.say(true, ("bad_hours", "hours"), &text, words);
            Vec::new()
        })
    }

    fn number(&self, row: &Row, field: &'static str, blame: &mut Blame) -> Option<f64> {
        let text = self.text(row, field);
        if text.is_empty() {
            return None;
        }
        let value = text
            .parse::<f64>()
            .ok()
            .filter(|v| v.is_finite() && *v >= 0.0);
        if value.is_none() {
            blame.say(
                true,
                ("bad_number", field),
                &text,
                ["不是有效数字".to_owned(), "no valid number".to_owned()],
            );
        }
        value
    }

    /// Yuan in all; the column in ten thousands wins over the one in yuan.
    fn cost(&self, row: &Row, blame: &mut Blame) -> Option<i64> {
        let wan = self.number(row, "cost_wan", blame).map(|w| w * 10_000.0);
        let yuan = wan.or_else(|| self.number(row, "cost_yuan", blame))?;
        #[expect(clippy::cast_possible_truncation, reason = "bounded below")]
        let whole = yuan.min(1e12).round() as i64;
        Some(whole)
    }
}
