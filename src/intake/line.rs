//! What does one cell of a row say, and how is a finding about it kept?

use std::borrow::Cow;

use crate::calendar::moment::{self, BadMoment, Form};
use crate::calendar::{DAY_MS, UtcMs};
use crate::intake::cell::{Cell, Row, number_words};
use crate::intake::field::Field;
use crate::intake::mapping::{Mapping, mask};
use crate::intake::reject::{Code, Note, Rejected};
use crate::intake::synonyms::{Secret, Synonyms};
use crate::intake::value;
use crate::ticket::Personal;
use crate::ticket::petitioner::Key;
use crate::ticket::redact::redact;

/// What reading needs besides the file: value words, petitioner key and the clock as a value.
#[derive(Clone, Copy)]
pub struct Tools<'a> {
    /// Value words.
    pub words: &'a Synonyms,
    /// Key behind petitioner keys.
    pub key: &'a Key,
    /// Instant of the import.
    pub now: UtcMs,
}

/// Columns by field.
pub(super) struct Plan<'a> {
    pub(super) tools: Tools<'a>,
    pub(super) mapping: &'a Mapping,
    columns: Vec<Option<usize>>,
    /// What a column that stays an extra tells about a person.
    pub(super) secrets: Vec<Option<Secret>>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(tools: Tools<'a>, mapping: &'a Mapping) -> Self {
        Self {
            tools,
            mapping,
            columns: Field::ALL.iter().map(|f| mapping.column(*f)).collect(),
            secrets: mapping
                .columns
                .iter()
                .map(|c| tools.words.secret(&c.header))
                .collect(),
        }
    }

    pub(super) fn column(&self, field: Field) -> Option<usize> {
        self.columns.get(field as usize).copied().flatten()
    }

    pub(super) fn header(&self, column: usize) -> &str {
        self.mapping
            .columns
            .get(column)
            .map_or("", |c| c.header.as_str())
    }
}

/// 2000-01-01 00:00 civil time: no hotline of today took a demand before.
const EARLIEST: UtcMs = UtcMs(946_656_000_000);

/// A row being read, with what was found on the way.
pub(super) struct Line<'m, 'a> {
    pub(super) plan: &'m Plan<'a>,
    pub(super) row: &'m Row,
    pub(super) notes: Vec<Note>,
    pub(super) personal: Personal,
}

impl<'m, 'a> Line<'m, 'a> {
    pub(super) fn new(plan: &'m Plan<'a>, row: &'m Row) -> Self {
        Self {
            plan,
            row,
            notes: Vec::new(),
            personal: Personal::default(),
        }
    }

    pub(super) fn cell(&self, field: Field) -> Cell<'_> {
        self.plan
            .column(field)
            .map_or(Cell::Empty, |c| self.row.get(c))
    }

    /// Words of a cell, `_x000D_` taken out; a failed formula is noted and gives nothing.
    pub(super) fn words(&mut self, field: Field) -> Cow<'_, str> {
        if let Cell::Failed(_) = self.cell(field) {
            self.note(Code::CellFailed, field);
            return Cow::Borrowed("");
        }
        match self.cell(field) {
            Cell::Text(t) => value::clean(t),
            Cell::Number(n) | Cell::Serial(n) => Cow::Owned(number_words(n)),
            Cell::Bool(b) => Cow::Borrowed(if b { "是" } else { "否" }),
            Cell::Empty | Cell::Failed(_) => Cow::Borrowed(""),
        }
    }

    pub(super) fn plain(&mut self, field: Field) -> Option<String> {
        let words = self.words(field);
        (!words.is_empty()).then(|| words.into_owned())
    }

    /// Free text: masked, the original kept apart where masking changed it.
    pub(super) fn text(&mut self, field: Field) -> String {
        let original = self.words(field).into_owned();
        let masked = match redact(&original) {
            Cow::Borrowed(_) => return original,
            Cow::Owned(masked) => masked,
        };
        match field {
            Field::Title => self.personal.title = Some(original),
            Field::Content => self.personal.content = Some(original),
            Field::Place => self.personal.place_text = Some(original),
            Field::Reply => self.personal.reply = Some(original),
            _ => self.keep_extra(field, original),
        }
        masked
    }

    pub(super) fn masked(&mut self, field: Field) -> Option<String> {
        let text = self.text(field);
        (!text.is_empty()).then_some(text)
    }

    pub(super) fn keep_extra(&mut self, field: Field, original: String) {
        if let Some(column) = self.plan.column(field) {
            self.personal
                .extras
                .insert(self.plan.header(column).to_owned(), original);
        }
    }

    pub(super) fn moment(&mut self, field: Field) -> Result<Option<UtcMs>, BadMoment> {
        let found = match self.cell(field) {
            Cell::Empty | Cell::Failed(_) => return Ok(None),
            Cell::Serial(n) => return moment::of_serial(n).map(Some),
            Cell::Number(n) => moment::parse(&number_words(n))?,
            Cell::Text(t) => moment::parse(t)?,
            Cell::Bool(_) => return Err(BadMoment::Unreadable),
        };
        Ok(found.map(|(at, form)| {
            if form == Form::Other {
                self.note(Code::DateForm, field);
            }
            at
        }))
    }

    /// A time without which the row is not taken if it is wrong.
    pub(super) fn row_time(&mut self, field: Field) -> Result<Option<UtcMs>, Rejected> {
        let found = self.moment(field).map_err(|bad| {
            let code = match bad {
                BadMoment::Unreadable => Code::DateUnreadable,
                BadMoment::Impossible => Code::DateImpossible,
            };
            self.rejected(code, Some(field), &self.shown(field))
        })?;
        match found {
            Some(at) if self.is_far(at) => {
                Err(self.rejected(Code::TimeFar, Some(field), &self.shown(field)))
            }
            _ => Ok(found),
        }
    }

    /// Whether a demand cannot have come in at an instant: before 2000, or more than a day after the clock of the import.
    fn is_far(&self, at: UtcMs) -> bool {
        at < EARLIEST || at.0 > self.plan.tools.now.0 + DAY_MS
    }

    pub(super) fn time(&mut self, field: Field) -> Option<UtcMs> {
        match self.moment(field) {
            // What was promised lies ahead; what happened cannot, and nothing happened before there were tickets.
            Ok(Some(at)) if at < EARLIEST || (field != Field::DueAt && self.is_far(at)) => {
                self.note(Code::FieldTimeFar, field);
                None
            }
            Ok(found) => found,
            Err(_bad) => {
                self.note(Code::FieldDate, field);
                None
            }
        }
    }

    pub(super) fn coordinate(&mut self, field: Field) -> Result<Option<f64>, ()> {
        match self.cell(field) {
            Cell::Empty => Ok(None),
            Cell::Number(n) => Ok(Some(n)),
            Cell::Text(t) => value::coordinate(t).map(Some).ok_or(()),
            Cell::Serial(_) | Cell::Bool(_) | Cell::Failed(_) => Err(()),
        }
    }

    pub(super) fn yes(&mut self, field: Field, kind: &str) -> Option<bool> {
        let words = self.words(field).into_owned();
        if words.is_empty() {
            return None;
        }
        match self.plan.tools.words.value(kind, &words) {
            Some("1") => Some(true),
            Some("0") => Some(false),
            Some(_) => None,
            None => {
                self.note(Code::ValueUnknown, field);
                None
            }
        }
    }

    pub(super) fn shown(&self, field: Field) -> String {
        let column = self.plan.column(field);
        let words = column.map_or_else(String::new, |c| self.row.words(c));
        mask(
            self.plan.tools.words,
            column.map_or("", |c| self.plan.header(c)),
            Some(field),
            &words,
        )
    }

    pub(super) fn note(&mut self, code: Code, field: Field) {
        let column = self.plan.column(field);
        self.notes.push(Note {
            row: self.row.number,
            column: column.map_or_else(String::new, |c| self.plan.header(c).to_owned()),
            value: self.shown(field),
            code,
        });
    }

    pub(super) fn rejected(&self, code: Code, field: Option<Field>, value: &str) -> Rejected {
        let column = field.and_then(|f| self.plan.column(f));
        Rejected {
            row: self.row.number,
            column: column.map_or_else(String::new, |c| self.plan.header(c).to_owned()),
            value: value.to_owned(),
            code,
        }
    }
}
