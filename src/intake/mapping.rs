//! Which column carries which field, and who may change that?

use serde::{Deserialize, Serialize};

use crate::intake::field::Field;
use crate::intake::header::Header;
use crate::intake::synonyms::{Secret, Synonyms, normal};
use crate::spatial::Datum;
use crate::ticket::Channel;
use crate::ticket::petitioner::{mask_id_card, mask_name, mask_phone};
use crate::ticket::redact::redact;

/// One column and its field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assigned {
    /// Name of the column in the file.
    pub header: String,
    /// The field, or `None` to keep the column as an extra.
    pub field: Option<Field>,
}

/// The mapping of a file: shown, changed and remembered per source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// Columns in the order of the file.
    pub columns: Vec<Assigned>,
    /// Channel that the kind of file implies; the channel column and the source's own setting go first.
    pub channel: Option<Channel>,
    /// Datum that a header states: `经度(GCJ02)`.
    pub datum: Option<Datum>,
}

/// One line of the mapping as people see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// Column counted from 0.
    pub column: usize,
    /// Its name.
    pub header: String,
    /// Its field.
    pub field: Option<Field>,
    /// First value, masked.
    pub sample: String,
}

impl Mapping {
    /// Proposes a field for each column: what was remembered for this source, else the synonyms; a field goes to one column only.
    #[must_use]
    pub fn propose(header: &Header, words: &Synonyms, remembered: Option<&Self>) -> Self {
        let mut ranked: Vec<(u32, usize, Field)> = Vec::new();
        for (i, column) in header.columns.iter().enumerate() {
            let kept = remembered.and_then(|m| m.of(&column.name));
            match kept {
                Some(Assigned {
                    field: Some(field), ..
                }) => ranked.push((0, i, *field)),
                Some(_) => {}
                None => {
                    if let Some((field, rank)) = words.ranked(&column.name) {
                        ranked.push((rank + 1, i, field));
                    }
                }
            }
        }
        ranked.sort_unstable();
        let mut mapping = Self {
            columns: header
                .columns
                .iter()
                .map(|c| Assigned {
                    header: c.name.clone(),
                    field: None,
                })
                .collect(),
            channel: header.columns.iter().find_map(|c| words.hint(&c.name)),
            datum: header.columns.iter().find_map(|c| stated_datum(&c.name)),
        };
        for (_, i, field) in ranked {
            if mapping.column(field).is_none()
                && let Some(column) = mapping.columns.get_mut(i)
            {
                column.field = Some(field);
            }
        }
        mapping
    }

    /// The column of a field, counted from 0.
    #[must_use]
    pub fn column(&self, field: Field) -> Option<usize> {
        self.columns.iter().position(|c| c.field == Some(field))
    }

    /// Gives a column a field, or takes it away; a column that had the field loses it. Returns whether the column exists.
    pub fn set(&mut self, header: &str, field: Option<Field>) -> bool {
        let wanted = normal(header);
        let Some(at) = self
            .columns
            .iter()
            .position(|c| c.header == header)
            .or_else(|| {
                self.columns
                    .iter()
                    .position(|c| normal(&c.header) == wanted)
            })
        else {
            return false;
        };
        for (i, column) in self.columns.iter_mut().enumerate() {
            if i == at {
                column.field = field;
            } else if field.is_some() && column.field == field {
                column.field = None;
            }
        }
        true
    }

    /// What a person must still map before rows can be read: a time, and words of the citizen.
    #[must_use]
    pub fn missing(&self) -> Vec<Field> {
        let has = |among: &[Field]| among.iter().any(|f| self.column(*f).is_some());
        let mut missing = Vec::new();
        if !has(&[Field::ReportedAt, Field::ReceivedAt]) {
            missing.push(Field::ReportedAt);
        }
        if !has(&[Field::Title, Field::Content, Field::Place]) {
            missing.push(Field::Content);
        }
        missing
    }

    /// The mapping as people see it, with masked samples.
    #[must_use]
    pub fn preview(&self, header: &Header, words: &Synonyms) -> Vec<Preview> {
        self.columns
            .iter()
            .enumerate()
            .map(|(i, column)| {
                let samples = header.columns.get(i).map_or(&[][..], |c| &c.samples);
                let first = samples.iter().find(|s| !s.is_empty());
                Preview {
                    column: i,
                    header: column.header.clone(),
                    field: column.field,
                    sample: first.map_or_else(String::new, |s| {
                        mask(words, &column.header, column.field, s)
                    }),
                }
            })
            .collect()
    }

    fn of(&self, header: &str) -> Option<&Assigned> {
        let wanted = normal(header);
        self.columns.iter().find(|c| normal(&c.header) == wanted)
    }
}

/// A value as anybody may see it: personal ones by their kind, everything else as redacted free text, at most 40 characters.
#[must_use]
pub fn mask(words: &Synonyms, header: &str, field: Option<Field>, value: &str) -> String {
    let secret = match field {
        Some(field) => Secret::of(field),
        None => words.secret(header),
    };
    let masked = secret.map_or_else(|| redact(value).into_owned(), |s| conceal(s, value));
    if masked.chars().count() <= 40 {
        return masked;
    }
    masked.chars().take(39).chain(['…']).collect()
}

/// What is left to see of a value that tells about a person.
#[must_use]
pub fn conceal(secret: Secret, value: &str) -> String {
    match secret {
        Secret::Name => mask_name(value),
        Secret::Phone => mask_phone(value),
        Secret::IdCard | Secret::Account => mask_id_card(value),
        Secret::Address => "〔住址〕".to_owned(),
        Secret::Other => "〔个人信息〕".to_owned(),
    }
}

fn stated_datum(header: &str) -> Option<Datum> {
    let inside = header.split(['(', '（']).nth(1)?;
    Datum::parse(inside.trim_end_matches([')', '）']))
}
