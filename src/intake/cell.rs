//! What does one row of a table hold, before anybody knows what its columns mean?

/// One cell as the file gives it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// Nothing, or only blanks.
    Empty,
    /// Words, trimmed of blanks at both ends.
    Text(&'a str),
    /// A number cell of a workbook.
    Number(f64),
    /// A date cell of a workbook: Excel serial day in the 1900 system.
    Serial(f64),
    /// A truth value of a workbook.
    Bool(bool),
    /// A formula that failed: `#N/A`, `#REF!`.
    Failed(&'a str),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Serial,
    Bool,
    Failed,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    end: u32,
    kind: Kind,
    number: f64,
}

/// One row: its number as a person sees it in the file, and its cells in one piece of memory.
///
/// A row is owned and can be sent to another core; 30 cells cost two allocations.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// Row of the sheet, counted from 1 and including title, header and blank rows; for CSV the record.
    pub number: u64,
    text: String,
    slots: Vec<Slot>,
}

impl Row {
    /// An empty row with its number.
    #[must_use]
    pub fn new(number: u64) -> Self {
        Self {
            number,
            ..Self::default()
        }
    }

    /// A row of words, for tests and for single tickets that arrive through a form.
    #[must_use]
    pub fn of_texts<S: AsRef<str>>(number: u64, texts: &[S]) -> Self {
        let mut row = Self::new(number);
        for text in texts {
            row.push_text(text.as_ref());
        }
        row
    }

    /// Number of cells, trailing empty ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether the row has no cell at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Whether no cell holds anything.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        (0..self.len()).all(|i| self.get(i) == Cell::Empty)
    }

    /// The cell of a column counted from 0; beyond the end `Empty`.
    #[must_use]
    pub fn get(&self, column: usize) -> Cell<'_> {
        let Some(slot) = self.slots.get(column) else {
            return Cell::Empty;
        };
        match slot.kind {
            Kind::Number => Cell::Number(slot.number),
            Kind::Serial => Cell::Serial(slot.number),
            Kind::Bool => Cell::Bool(slot.number > 0.5),
            Kind::Failed => Cell::Failed(self.raw(column)),
            Kind::Text => match trim(self.raw(column)) {
                "" => Cell::Empty,
                failed if is_failed_formula(failed) => Cell::Failed(failed),
                words => Cell::Text(words),
            },
        }
    }

    /// The cell as words: numbers without a needless `.0`, dates as serial numbers.
    #[must_use]
    pub fn words(&self, column: usize) -> String {
        match self.get(column) {
            Cell::Empty => String::new(),
            Cell::Text(t) | Cell::Failed(t) => t.to_owned(),
            Cell::Number(n) | Cell::Serial(n) => number_words(n),
            Cell::Bool(b) => if b { "是" } else { "否" }.to_owned(),
        }
    }

    /// Appends words; blanks at the ends are dropped when read.
    pub fn push_text(&mut self, text: &str) {
        self.text.push_str(text);
        self.close(Kind::Text, 0.0);
    }

    /// Appends a number cell.
    pub fn push_number(&mut self, number: f64) {
        self.close(Kind::Number, number);
    }

    /// Appends a date cell by its serial day (1900 system).
    pub fn push_serial(&mut self, serial: f64) {
        self.close(Kind::Serial, serial);
    }

    /// Appends a truth value.
    pub fn push_bool(&mut self, value: bool) {
        self.close(Kind::Bool, f64::from(u8::from(value)));
    }

    /// Appends the error of a formula.
    pub fn push_failed(&mut self, error: &str) {
        self.text.push_str(error);
        self.close(Kind::Failed, 0.0);
    }

    /// Appends empty cells until the row has `columns` of them.
    pub fn pad_to(&mut self, columns: usize) {
        while self.slots.len() < columns {
            self.close(Kind::Text, 0.0);
        }
    }

    /// Bytes of text held, for limits.
    #[must_use]
    pub fn text_bytes(&self) -> usize {
        self.text.len()
    }

    /// The words of a cell before trimming.
    #[must_use]
    pub fn raw(&self, column: usize) -> &str {
        let start = match column.checked_sub(1) {
            None => 0,
            Some(before) => self.slots.get(before).map_or(0, |s| s.end as usize),
        };
        let end = self.slots.get(column).map_or(start, |s| s.end as usize);
        self.text.get(start..end).unwrap_or_default()
    }

    fn close(&mut self, kind: Kind, number: f64) {
        // Rows are limited to a few MiB by the readers, so the length always fits.
        let end = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        self.slots.push(Slot { end, kind, number });
    }
}

/// Whether a text is what a failed formula leaves in a workbook or in a CSV made from one.
fn is_failed_formula(text: &str) -> bool {
    matches!(
        text,
        "#N/A"
            | "#REF!"
            | "#VALUE!"
            | "#DIV/0!"
            | "#NAME?"
            | "#NUM!"
            | "#NULL!"
            | "#SPILL!"
            | "#CALC!"
    )
}

/// Trims blanks of any script, the byte order mark and zero-width marks from both ends.
#[must_use]
pub fn trim(text: &str) -> &str {
    text.trim_matches(is_blank)
}

/// Whether a character shows nothing: white space, U+3000, no-break space, zero-width marks, controls.
#[must_use]
pub fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(
            c,
            '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{00ad}'
        )
}

/// A number as a person would write it: whole numbers without `.0`, never in scientific notation below 1e21.
#[must_use]
pub fn number_words(number: f64) -> String {
    // `{}` of f64 never writes an exponent; the shortest form that reads back to the same number.
    format!("{number}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_gives_back_its_cells_trimmed() {
        let mut row = Row::new(3);
        row.push_text(" \u{3000}违停\u{a0}\n");
        row.push_number(13_800_138_000.0);
        row.push_text("\t ");
        row.push_serial(45_390.5);
        row.push_failed("#N/A");
        assert_eq!(row.get(0), Cell::Text("违停"));
        assert_eq!(row.words(1), "13800138000");
        assert_eq!(row.get(2), Cell::Empty);
        assert_eq!(row.get(3), Cell::Serial(45_390.5));
        assert_eq!(row.get(4), Cell::Failed("#N/A"));
        assert_eq!(row.get(9), Cell::Empty);
        assert!(!row.is_blank());
        assert!(Row::of_texts(1, &["", "  "]).is_blank());
    }
}
