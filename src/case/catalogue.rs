//! What can be done, and against what: kinds and measures read and checked together.

use serde::{Deserialize, Serialize};

use crate::case::measure::{FigureSource, Measures};
use crate::case::own::{Change, laid_over};
use crate::case::problem::Kinds;
use crate::case::table::CatalogueError;

/// The catalogue of a city.
#[derive(Debug)]
pub struct Catalogue {
    /// Kinds of problem.
    pub kinds: Kinds,
    /// Measures.
    pub measures: Measures,
    text: Text,
}

/// The tables a catalogue was read from, so that what was reckoned with it can be reckoned again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    kinds: String,
    measures: String,
    /// Whether the measures are the city's file.
    city: bool,
    /// Measures that the city changed on the page.
    own: Vec<String>,
}

impl Catalogue {
    /// Reads both tables; `source` says whose figures the measures carry.
    ///
    /// # Errors
    /// [`CatalogueError`] with file, row, column, value and cure.
    pub fn read(
        kinds: &[u8],
        measures: &[u8],
        source: FigureSource,
    ) -> Result<Self, CatalogueError> {
        let words = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let text = Text {
            kinds: words(kinds),
            measures: words(measures),
            city: source != FigureSource::Default,
            own: Vec::new(),
        };
        let kinds = Kinds::read(kinds)?;
        let measures = Measures::read(measures, &kinds, source)?;
        Ok(Self {
            kinds,
            measures,
            text,
        })
    }

    /// The tables this catalogue was read from; [`Self::of`] reads them again.
    #[must_use]
    pub const fn text(&self) -> &Text {
        &self.text
    }

    /// The catalogue as it was.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn of(text: &Text) -> Result<Self, CatalogueError> {
        let source = if text.city {
            FigureSource::City
        } else {
            FigureSource::Default
        };
        let mut made = Self::read(text.kinds.as_bytes(), text.measures.as_bytes(), source)?;
        made.measures.mark(&text.own, FigureSource::City);
        made.text.own.clone_from(&text.own);
        Ok(made)
    }

    /// The same with the city's changes laid over the table of measures; what was changed carries the city's figures.
    ///
    /// # Errors
    /// As [`Self::read`]; rows of changed measures are named by their code.
    pub fn changed(
        kinds: &[u8],
        measures: &[u8],
        source: FigureSource,
        changes: &[Change],
    ) -> Result<Self, CatalogueError> {
        let (table, own) = laid_over(measures, changes)?;
        let mut made = Self::read(kinds, &table, source)?;
        made.measures.mark(&own, FigureSource::City);
        made.text.own = own;
        Ok(made)
    }

    /// The shipped catalogue (`data/catalogue`): 34 kinds, 62 measures; every cost in it is a default estimate.
    ///
    /// # Errors
    /// Never in a sound build: the shipped files are read by a test.
    pub fn shipped() -> Result<Self, CatalogueError> {
        Self::read(
            include_bytes!("../../data/catalogue/problem_kinds.csv"),
            include_bytes!("../../data/catalogue/measures.csv"),
            FigureSource::Default,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Catalogue;
    use crate::case::measure::FigureSource;

    #[test]
    fn the_shipped_catalogue_is_sound_and_marked_as_default() {
        let catalogue = Catalogue::shipped().unwrap();
        assert_eq!(
            (catalogue.kinds.all().len(), catalogue.measures.all().len()),
            (34, 62)
        );
        assert!(
            catalogue
                .measures
                .all()
                .iter()
                .all(|m| m.source == FigureSource::Default)
        );
    }

    #[test]
    fn exclusions_hold_both_ways_and_main_kinds_come_first() {
        let catalogue = Catalogue::shipped().unwrap();
        let measures = &catalogue.measures;
        assert!(measures.exclude_each_other("parking_bays", "marking_no_stopping"));
        assert!(measures.exclude_each_other("marking_no_stopping", "parking_bays"));
        assert!(!measures.exclude_each_other("mirror", "lighting"));
        let found = measures.for_kind("speeding");
        let side = found
            .iter()
            .position(|m| m.addresses("speeding") == Some(false));
        assert!(
            found
                .iter()
                .skip(side.unwrap_or(found.len()))
                .all(|m| m.addresses("speeding") == Some(false))
        );
    }

    #[test]
    fn a_broken_measure_is_named_with_row_column_value_and_cure() {
        let shipped = String::from_utf8_lossy(include_bytes!("../../data/catalogue/measures.csv"))
            .into_owned();
        let broken = shipped
            .replacen(",800,2500,50,7,15,40,", ",2500,800,50,0,40,15,", 1)
            .replacen(
                "school_crossing_risk,school_dropoff_jam",
                "school_jam,school_dropoff_jam",
                1,
            );
        let kinds = include_bytes!("../../data/catalogue/problem_kinds.csv");
        let error = Catalogue::read(kinds, broken.as_bytes(), FigureSource::City)
            .unwrap_err()
            .to_string();
        for part in [
            "row 2, addresses_main \"school_jam\"",
            "row 2, unit_cost_low_cny \"2500\"",
            "service_life_years \"0\"",
            "lead_days_low \"40\"",
        ] {
            assert!(error.contains(part), "{part} not in {error}");
        }
    }
}
