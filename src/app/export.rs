//! In which forms do tickets leave the program: CSV, GeoJSON and a workbook, all masked, all from the same views.

use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};
use serde_json::{Map, Value, json};

use crate::app::TicketView;
use crate::app::error::{Error, Result};
use crate::calendar::{DAY_MS, OFFSET_MS, UtcMs};
use crate::report::csv::Csv;

/// Headers of the table forms, with the width of a workbook's column.
const COLUMNS: [(&str, f64); 27] = [
    ("编号", 10.0),
    ("外部编号", 22.0),
    ("上级编号", 18.0),
    ("渠道", 12.0),
    ("分类", 24.0),
    ("性质", 8.0),
    ("紧急程度", 8.0),
    ("标题", 36.0),
    ("内容", 60.0),
    ("地点", 30.0),
    ("区县", 10.0),
    ("街道", 12.0),
    ("受理时间", 19.0),
    ("办结时间", 19.0),
    ("状态", 10.0),
    ("承办单位", 14.0),
    ("重办次数", 8.0),
    ("满意度", 10.0),
    ("处理结果", 30.0),
    ("定位精度", 10.0),
    ("定位名称", 30.0),
    ("误差半径米", 10.0),
    ("置信度", 8.0),
    ("经度WGS84", 12.0),
    ("纬度WGS84", 12.0),
    ("点位", 8.0),
    ("坐标已粗化", 10.0),
];

/// Columns that hold instants and numbers; the rest is text.
const RECEIVED: usize = 12;
const CLOSED: usize = 13;
const NUMBERS: [usize; 5] = [16, 21, 22, 23, 24];

fn cells(t: &TicketView) -> [String; 27] {
    let text = |o: &Option<String>| o.clone().unwrap_or_default();
    let number = |o: Option<f64>| o.map(|n| n.to_string()).unwrap_or_default();
    let degree = |at: usize| t.point.map(|p| format!("{:.6}", p[at])).unwrap_or_default();
    [
        t.no.clone(),
        t.external_no.clone(),
        text(&t.superior_no),
        t.channel_title.to_owned(),
        // As files of tickets write a path, so that the table can be read back.
        t.levels.join("->"),
        text(&t.nature),
        text(&t.urgency),
        t.title.clone(),
        t.content.clone(),
        t.place_text.clone(),
        text(&t.district),
        text(&t.town),
        t.received_at.clone(),
        text(&t.closed_at),
        t.state_title.to_owned(),
        text(&t.unit),
        t.redo.to_string(),
        text(&t.satisfaction),
        text(&t.result),
        t.precision_title.to_owned(),
        text(&t.label),
        number(t.radius_m),
        number(t.confidence),
        degree(0),
        degree(1),
        text(&t.site),
        if t.coarse { "是" } else { "否" }.to_owned(),
    ]
}

/// Beginning of a CSV export: byte order mark and headers.
#[must_use]
pub fn csv_head() -> Vec<u8> {
    let mut csv = Csv::new();
    csv.row(COLUMNS.map(|(name, _)| name.to_owned()));
    csv.into_bytes()
}

/// Rows of a CSV export.
#[must_use]
pub fn csv_rows(tickets: &[TicketView]) -> Vec<u8> {
    let mut csv = Csv::part();
    for ticket in tickets {
        csv.row(cells(ticket));
    }
    csv.into_bytes()
}

/// Beginning of a GeoJSON export.
#[must_use]
pub fn geojson_head() -> Vec<u8> {
    br#"{"type":"FeatureCollection","features":["#.to_vec()
}

/// Features of a GeoJSON export; tickets without a point are left out. `first` says whether a comma must come before.
#[must_use]
pub fn geojson_rows(tickets: &[TicketView], first: &mut bool) -> Vec<u8> {
    let mut out = String::new();
    for ticket in tickets {
        let Some(point) = ticket.point else {
            continue;
        };
        let mut properties = json!(ticket);
        if let Some(map) = properties.as_object_mut() {
            map.remove("point");
        }
        let feature: Map<String, Value> = Map::from_iter([
            ("type".to_owned(), json!("Feature")),
            ("id".to_owned(), json!(ticket.no)),
            (
                "geometry".to_owned(),
                json!({"type": "Point", "coordinates": point}),
            ),
            ("properties".to_owned(), properties),
        ]);
        if !std::mem::take(first) {
            out.push(',');
        }
        out.push('\n');
        out.push_str(&Value::Object(feature).to_string());
    }
    out.into_bytes()
}

/// End of a GeoJSON export.
#[must_use]
pub fn geojson_tail() -> Vec<u8> {
    b"\n]}\n".to_vec()
}

/// What the sheet 说明 of a workbook says.
#[derive(Clone, Debug)]
pub struct Remarks {
    /// The question as asked.
    pub filter: String,
    /// Who asked.
    pub person: String,
    /// When.
    pub at: UtcMs,
    /// Version of the data.
    pub version: u64,
    /// City, with "模拟" where its data are simulated.
    pub city: String,
}

/// A workbook being written in constant memory: rows go to a temporary file as they come.
pub struct Book {
    file: Workbook,
    rows: u32,
    sheets: usize,
    formats: Formats,
}

struct Formats {
    head: Format,
    instant: Format,
}

/// Most rows of a sheet, one of them the header.
const SHEET_ROWS: u32 = 1_048_576;

fn fault(error: XlsxError) -> Error {
    match error {
        XlsxError::IoError(e) => e.into(),
        other => Error::Internal(format!("workbook: {other}")),
    }
}

/// Excel's serial date of an instant in civil time.
fn serial(at: UtcMs) -> f64 {
    (at.0 + OFFSET_MS) as f64 / DAY_MS as f64 + 25_569.0
}

impl Book {
    /// An empty workbook with its first sheet.
    pub fn new() -> Result<Self> {
        let mut book = Self {
            file: Workbook::new(),
            rows: 0,
            sheets: 0,
            formats: Formats {
                head: Format::new().set_bold(),
                instant: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
            },
        };
        book.sheet()?;
        Ok(book)
    }

    /// Begins a sheet: widths and frozen header; a sheet holds a little more than a million rows.
    fn sheet(&mut self) -> Result<()> {
        self.sheets += 1;
        self.rows = 1;
        let name = if self.sheets == 1 {
            "工单".to_owned()
        } else {
            format!("工单{}", self.sheets)
        };
        let sheet = self
            .file
            .add_worksheet_with_constant_memory()
            .map_err(fault)?;
        sheet.set_name(name).map_err(fault)?;
        sheet.set_freeze_panes(1, 0).map_err(fault)?;
        for (column, (name, width)) in (0_u16..).zip(COLUMNS) {
            sheet.set_column_width(column, width).map_err(fault)?;
            sheet
                .write_string_with_format(0, column, name, &self.formats.head)
                .map_err(fault)?;
        }
        Ok(())
    }

    /// Adds rows.
    pub fn rows(&mut self, tickets: &[TicketView]) -> Result<()> {
        for ticket in tickets {
            if self.rows == SHEET_ROWS {
                self.sheet()?;
            }
            let row = self.rows;
            let instant = &self.formats.instant;
            let sheet = self
                .file
                .worksheet_from_index(self.sheets - 1)
                .map_err(fault)?;
            write(sheet, row, ticket, instant).map_err(fault)?;
            self.rows += 1;
        }
        Ok(())
    }

    /// The finished file with its sheet 说明.
    pub fn finish(mut self, remarks: &Remarks) -> Result<Vec<u8>> {
        let last = u16::try_from(COLUMNS.len() - 1).unwrap_or(0);
        let sheet = self
            .file
            .worksheet_from_index(self.sheets - 1)
            .map_err(fault)?;
        sheet
            .autofilter(0, 0, self.rows.saturating_sub(1), last)
            .map_err(fault)?;
        let sheet = self.file.add_worksheet();
        sheet.set_name("说明").map_err(fault)?;
        sheet.set_column_width(0, 14.0).map_err(fault)?;
        sheet.set_column_width(1, 80.0).map_err(fault)?;
        let filter = if remarks.filter.is_empty() {
            "全部".to_owned()
        } else {
            remarks.filter.clone()
        };
        let lines = [
            ("城市", remarks.city.clone()),
            ("筛选条件", filter),
            ("导出时间", remarks.at.rfc3339()),
            ("导出人", remarks.person.clone()),
            ("数据版本", remarks.version.to_string()),
            (
                "个人信息",
                "已遮蔽；坐标为 WGS-84，住宅坐标对无原文权限的人员粗化到六边形（见末列）"
                    .to_owned(),
            ),
        ];
        for (row, (name, text)) in (0_u32..).zip(lines) {
            sheet.write_string(row, 0, name).map_err(fault)?;
            sheet.write_string(row, 1, text).map_err(fault)?;
        }
        self.file.save_to_buffer().map_err(fault)
    }
}

fn write(
    sheet: &mut Worksheet,
    row: u32,
    ticket: &TicketView,
    instant: &Format,
) -> std::result::Result<(), XlsxError> {
    for (column, (at, text)) in (0_u16..).zip(cells(ticket).into_iter().enumerate()) {
        let when = match at {
            RECEIVED => Some(ticket.received),
            CLOSED => ticket.closed,
            _ => None,
        };
        if let Some(when) = when {
            sheet.write_number_with_format(row, column, serial(when), instant)?;
        } else if let Some(number) = NUMBERS
            .contains(&at)
            .then(|| text.parse::<f64>().ok())
            .flatten()
        {
            sheet.write_number(row, column, number)?;
        } else if !text.is_empty() {
            // A cell holds at most 32,767 characters; contents are at most 4,000, so this only guards old data.
            let text: String = text.chars().take(32_000).collect();
            sheet.write_string(row, column, text)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::serial;
    use crate::calendar::UtcMs;

    #[test]
    fn a_civil_midnight_is_a_whole_serial_day() {
        // 2024-04-08T00:00:00+08:00
        assert!((serial(UtcMs(1_712_505_600_000)) - 45_390.0).abs() < 1e-9);
    }
}
