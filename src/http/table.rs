//! How does a table leave the program: CSV that spreadsheets open safely, and file names in Chinese.

use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::Response;

/// CSV text with byte order mark, CRLF and cells that no spreadsheet takes for a formula.
pub(super) struct Csv {
    bytes: Vec<u8>,
}

impl Csv {
    /// An empty table.
    pub(super) fn new() -> Self {
        Self {
            bytes: "\u{feff}".as_bytes().to_vec(),
        }
    }

    /// A part of a table that already began: no mark.
    pub(super) const fn part() -> Self {
        Self { bytes: Vec::new() }
    }

    /// Adds a row.
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        for (n, cell) in cells.into_iter().enumerate() {
            if n > 0 {
                self.bytes.push(b',');
            }
            self.bytes.extend(quoted(&safe(cell)).into_bytes());
        }
        self.bytes.extend(b"\r\n");
    }

    /// The bytes.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// A leading `= + - @`, tab or carriage return would run as a formula; an apostrophe in front makes it text. Plain numbers stay.
pub(super) fn safe(cell: String) -> String {
    let risky = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if risky && cell.parse::<f64>().is_err() {
        return format!("'{cell}");
    }
    cell
}

fn quoted(cell: &str) -> String {
    if cell.contains(['"', ',', '\n', '\r']) {
        return format!("\"{}\"", cell.replace('"', "\"\""));
    }
    cell.to_owned()
}

/// `attachment` with the name in UTF-8 (RFC 6266).
pub(super) fn disposition(name: &str) -> HeaderValue {
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    let suffix = name.rsplit('.').next().unwrap_or("bin");
    let text = format!("attachment; filename=\"zhilu.{suffix}\"; filename*=UTF-8''{encoded}");
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static("attachment"))
}

/// A document to be saved.
pub(super) fn attachment(name: &str, kind: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CONTENT_DISPOSITION, disposition(name));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::{Csv, disposition};

    #[test]
    fn a_formula_becomes_text_and_a_negative_number_stays() {
        let mut csv = Csv::part();
        csv.row(["=1+1".to_owned(), "-3.5".to_owned(), "a\"b,c".to_owned()]);
        let text = String::from_utf8(csv.into_bytes()).unwrap();
        assert_eq!(text, "'=1+1,-3.5,\"a\"\"b,c\"\r\n");
    }

    #[test]
    fn a_chinese_file_name_is_percent_encoded() {
        let header = disposition("点位.csv");
        assert!(
            header
                .to_str()
                .unwrap()
                .contains("filename*=UTF-8''%E7%82%B9%E4%BD%8D.csv")
        );
    }
}
