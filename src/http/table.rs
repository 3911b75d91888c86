//! How is a document handed over to be saved: headers and file names in Chinese.

use std::fmt::Write as _;

use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::Response;
use serde_json::{Value, json};

use crate::app::export::Remarks;
use crate::app::sheet::Sheet;
use crate::http::problem::Problem;

/// Media type of a workbook.
pub(super) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Media type of comma-separated values.
pub(super) const CSV: &str = "text/csv; charset=utf-8";

/// `attachment` with the name in UTF-8 (RFC 6266).
pub(super) fn disposition(name: &str) -> HeaderValue {
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    let suffix = name.rsplit('.').next().unwrap_or("bin");
    let text = format!("attachment; filename=\"zhilu.{suffix}\"; filename*=UTF-8''{encoded}");
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static("attachment"))
}

/// A table to be saved as comma-separated values.
pub(super) fn csv(name: &str, sheet: Sheet) -> Response {
    attachment(&format!("{name}.csv"), CSV, sheet.csv())
}

/// A table to be saved as a workbook that says how it was made.
pub(super) fn xlsx(name: &str, sheet: &Sheet, remarks: &Remarks) -> Result<Response, Problem> {
    Ok(attachment(
        &format!("{name}.xlsx"),
        XLSX,
        sheet.xlsx(remarks)?,
    ))
}

/// Features to be saved (RFC 7946).
pub(super) fn geojson(name: &str, features: &[Value]) -> Response {
    let all = json!({"type": "FeatureCollection", "features": features});
    attachment(
        &format!("{name}.geojson"),
        "application/geo+json",
        all.to_string().into_bytes(),
    )
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
    use super::disposition;

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
