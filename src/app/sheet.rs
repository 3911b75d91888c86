//! How does a table of answers leave the program: as CSV, or as a workbook with a sheet that says how it was made?

use rust_xlsxwriter::{Format, Workbook, XlsxError};

use crate::app::error::{Error, Result};
use crate::app::export::Remarks;
use crate::report::csv::Csv;

/// Names over columns, rows of text; the first column is always text, others become numbers where they read as such.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    /// Name of the sheet.
    pub name: &'static str,
    /// Names of the columns.
    pub head: Vec<&'static str>,
    /// Rows, as many cells each as there are names.
    pub rows: Vec<Vec<String>>,
    /// Further lines of the sheet 说明: what is needed to repeat it.
    pub remarks: Vec<(&'static str, String)>,
}

fn fault(error: XlsxError) -> Error {
    match error {
        XlsxError::IoError(e) => e.into(),
        other => Error::Internal(format!("workbook: {other}")),
    }
}

/// Longest text of a remark; a cell of a workbook holds 32,767 characters.
const LONGEST: usize = 32_000;

impl Sheet {
    /// CSV with byte order mark.
    #[must_use]
    pub fn csv(self) -> Vec<u8> {
        let mut csv = Csv::new();
        csv.row(self.head.into_iter().map(str::to_owned));
        for row in self.rows {
            csv.row(row);
        }
        csv.into_bytes()
    }

    /// A workbook: the table with frozen names and filters, and the sheet 说明.
    pub fn xlsx(&self, remarks: &Remarks) -> Result<Vec<u8>> {
        let mut book = Workbook::new();
        let bold = Format::new().set_bold();
        let sheet = book.add_worksheet_with_constant_memory().map_err(fault)?;
        sheet.set_name(self.name).map_err(fault)?;
        sheet.set_freeze_panes(1, 0).map_err(fault)?;
        for (column, name) in (0_u16..).zip(&self.head) {
            sheet.set_column_width(column, 16.0).map_err(fault)?;
            sheet
                .write_string_with_format(0, column, *name, &bold)
                .map_err(fault)?;
        }
        for (row, cells) in (1_u32..).zip(&self.rows) {
            for (column, cell) in (0_u16..).zip(cells) {
                match cell.parse::<f64>() {
                    Ok(number) if number.is_finite() && column > 0 => {
                        sheet.write_number(row, column, number).map_err(fault)?;
                    }
                    _ if cell.is_empty() => {}
                    _ => {
                        sheet.write_string(row, column, cell).map_err(fault)?;
                    }
                }
            }
        }
        let last = u16::try_from(self.head.len().saturating_sub(1)).unwrap_or(0);
        let end = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        sheet.autofilter(0, 0, end, last).map_err(fault)?;
        self.explain(&mut book, remarks)?;
        book.save_to_buffer().map_err(fault)
    }

    fn explain(&self, book: &mut Workbook, remarks: &Remarks) -> Result<()> {
        let sheet = book.add_worksheet();
        sheet.set_name("说明").map_err(fault)?;
        sheet.set_column_width(0, 14.0).map_err(fault)?;
        sheet.set_column_width(1, 100.0).map_err(fault)?;
        let filter = if remarks.filter.is_empty() {
            "全部"
        } else {
            &remarks.filter
        };
        let mut lines = vec![
            ("城市", remarks.city.clone()),
            ("筛选条件", filter.to_owned()),
            ("导出时间", remarks.at.rfc3339()),
            ("导出人", remarks.person.clone()),
            ("数据版本", remarks.version.to_string()),
        ];
        lines.extend(self.remarks.iter().cloned());
        for (row, (name, text)) in (0_u32..).zip(lines) {
            let text: String = text.chars().take(LONGEST).collect();
            sheet.write_string(row, 0, name).map_err(fault)?;
            sheet.write_string(row, 1, text).map_err(fault)?;
        }
        Ok(())
    }
}
