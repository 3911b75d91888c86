//! How does a table leave the program as text: CSV that spreadsheets open safely.

/// CSV text with byte order mark, CRLF and cells that no spreadsheet takes for a formula.
#[derive(Debug)]
pub struct Csv {
    bytes: Vec<u8>,
}

impl Default for Csv {
    fn default() -> Self {
        Self::new()
    }
}

impl Csv {
    /// An empty table.
    #[must_use]
    pub fn new() -> Self {
        Self {
            bytes: "\u{feff}".as_bytes().to_vec(),
        }
    }

    /// A part of a table that already began: no mark.
    #[must_use]
    pub const fn part() -> Self {
        Self { bytes: Vec::new() }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        for (n, cell) in cells.into_iter().enumerate() {
            if n > 0 {
                self.bytes.push(b',');
            }
            self.bytes.extend(quoted(&safe(cell)).into_bytes());
        }
        self.bytes.extend(b"\r\n");
    }

    /// The bytes.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// A leading `= + - @`, tab or carriage return would run as a formula; an apostrophe in front makes it text. Plain numbers stay.
#[must_use]
pub fn safe(cell: String) -> String {
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

#[cfg(test)]
mod tests {
    use super::Csv;

    #[test]
    fn a_formula_becomes_text_and_a_negative_number_stays() {
        let mut csv = Csv::part();
        csv.row(["=1+1".to_owned(), "-3.5".to_owned(), "a\"b,c".to_owned()]);
        let text = String::from_utf8(csv.into_bytes()).unwrap();
        assert_eq!(text, "'=1+1,-3.5,\"a\"\"b,c\"\r\n");
    }
}
