//! How is a civil day written in a stored case? As `2024-05-01`, or null.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serializer};

use crate::calendar::Day;

/// Writes a day.
///
/// # Errors
/// Those of the format.
pub fn serialize<S: Serializer>(day: &Option<Day>, out: S) -> Result<S::Ok, S::Error> {
    match day {
        Some(day) => out.serialize_some(&day.iso()),
        None => out.serialize_none(),
    }
}

/// Reads a day.
///
/// # Errors
/// A text that is no date, with the text and the form.
pub fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Day>, D::Error> {
    let text = Option::<String>::deserialize(input)?;
    let Some(text) = text.filter(|t| !t.trim().is_empty()) else {
        return Ok(None);
    };
    Day::parse(text.trim())
        .map(Some)
        .ok_or_else(|| D::Error::custom(format!("{text:?} is no date; write 2024-05-01")))
}
