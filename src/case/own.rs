//! What has the city changed in the table of measures, and does the whole still hold together?
//!
//! The shipped table is the start. A change is a row of text by column, checked by the same reader as the file, so that a page
//! can write nothing that a file could not hold.

use std::collections::BTreeMap;

use csv::{ReaderBuilder, WriterBuilder};

use crate::case::measure::{COLUMNS, FILE};
use crate::case::table::CatalogueError;

/// A row of the table: column to text.
pub type Row = BTreeMap<String, String>;

/// One change of a measure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Code of the measure.
    pub measure: String,
    /// Its new row; `None` = back to what the file says (a measure the file does not know is gone).
    pub row: Option<Row>,
}

/// Rows of a table by the columns of the catalogue, in file order; cells are trimmed, absent ones empty.
///
/// # Errors
/// [`CatalogueError::NotCsv`].
pub fn rows(measures: &[u8]) -> Result<Vec<Row>, CatalogueError> {
    let broken = |e: csv::Error| CatalogueError::NotCsv {
        file: FILE,
        why: e.to_string(),
    };
    let bytes = measures.strip_prefix(b"\xef\xbb\xbf").unwrap_or(measures);
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(bytes);
    let header = reader.headers().map_err(broken)?.clone();
    let mut list = Vec::new();
    for record in reader.records() {
        let record = record.map_err(broken)?;
        let mut row: Row = COLUMNS
            .iter()
            .map(|c| ((*c).to_owned(), String::new()))
            .collect();
        for (column, cell) in header.iter().zip(record.iter()) {
            if let Some(slot) = row.get_mut(column.trim()) {
                cell.trim().clone_into(slot);
            }
        }
        if row.values().any(|cell| !cell.is_empty()) {
            list.push(row);
        }
    }
    Ok(list)
}

/// The table with changes laid over it in order, as CSV, and the codes of the measures that are the city's own now.
pub(super) fn laid_over(
    measures: &[u8],
    changes: &[Change],
) -> Result<(Vec<u8>, Vec<String>), CatalogueError> {
    let mut last: BTreeMap<&str, Option<&Row>> = BTreeMap::new();
    for change in changes {
        last.insert(&change.measure, change.row.as_ref());
    }
    let own: BTreeMap<&str, &Row> = last
        .into_iter()
        .filter_map(|(id, row)| Some((id, row?)))
        .collect();
    if own.is_empty() {
        return Ok((measures.to_vec(), Vec::new()));
    }
    let mut list = rows(measures)?;
    for (id, row) in &own {
        let mut row = (*row).clone();
        row.insert("id".to_owned(), (*id).to_owned());
        match list
            .iter_mut()
            .find(|r| r.get("id").is_some_and(|i| i == id))
        {
            Some(old) => *old = row,
            None => list.push(row),
        }
    }
    let ids = own.keys().map(|id| (*id).to_owned()).collect();
    Ok((written(&list)?, ids))
}

fn written(list: &[Row]) -> Result<Vec<u8>, CatalogueError> {
    let broken = |why: String| CatalogueError::NotCsv { file: FILE, why };
    let mut writer = WriterBuilder::new().from_writer(Vec::new());
    writer
        .write_record(COLUMNS)
        .map_err(|e| broken(e.to_string()))?;
    for row in list {
        let cells = COLUMNS
            .iter()
            .map(|c| row.get(*c).map_or("", String::as_str));
        writer
            .write_record(cells)
            .map_err(|e| broken(e.to_string()))?;
    }
    writer.into_inner().map_err(|e| broken(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::{Change, Row, laid_over, rows};
    use crate::case::catalogue::Catalogue;
    use crate::case::measure::FigureSource;
    use crate::case::table::CatalogueError;

    const KINDS: &[u8] = include_bytes!("../../data/catalogue/problem_kinds.csv");
    const MEASURES: &[u8] = include_bytes!("../../data/catalogue/measures.csv");

    fn row(id: &str) -> Row {
        let all = rows(MEASURES).unwrap();
        all.into_iter().find(|r| r["id"] == id).unwrap()
    }

    fn changed(changes: &[Change]) -> Result<Catalogue, CatalogueError> {
        Catalogue::changed(KINDS, MEASURES, FigureSource::Default, changes)
    }

    fn change(measure: &str, row: Option<Row>) -> Change {
        Change {
            measure: measure.to_owned(),
            row,
        }
    }

    #[test]
    fn a_change_stands_in_its_place_is_the_citys_own_and_can_be_taken_back() {
        let mut mirror = row("mirror");
        mirror.insert("unit_cost_low_cny".to_owned(), "321".to_owned());
        let mut changes = vec![change("mirror", Some(mirror))];
        let made = changed(&changes).unwrap();
        let found = made.measures.get("mirror").unwrap();
        assert_eq!(
            (found.unit_cost[0], found.source),
            (321, FigureSource::City)
        );
        assert_eq!(made.measures.all().len(), 62);
        let other = made.measures.get("lighting").unwrap();
        assert_eq!(other.source, FigureSource::Default);
        changes.push(change("mirror", None));
        let back = changed(&changes).unwrap();
        assert_eq!(back.measures, Catalogue::shipped().unwrap().measures);
        assert_eq!(laid_over(MEASURES, &changes).unwrap().0, MEASURES);
    }

    #[test]
    fn a_new_measure_is_appended_and_a_wrong_cell_is_named_in_both_languages() {
        let mut new = row("mirror");
        new.insert("name_zh".to_owned(), "智能,广角镜".to_owned());
        let made = changed(&[change("smart_mirror", Some(new.clone()))]).unwrap();
        assert_eq!(made.measures.all().len(), 63);
        assert_eq!(
            made.measures.get("smart_mirror").unwrap().name_zh,
            "智能,广角镜"
        );
        new.insert("prior_low".to_owned(), "5".to_owned());
        new.insert("unit".to_owned(), String::new());
        let Err(CatalogueError::Rows { rows, .. }) = changed(&[change("smart_mirror", Some(new))])
        else {
            panic!("a prior above its middle must not stand");
        };
        let columns: Vec<&str> = rows.iter().map(|r| r.column.as_str()).collect();
        assert_eq!(columns, ["unit", "prior_multiplier"]);
        assert!(
            rows.iter()
                .all(|r| !r.cure.is_empty() && !r.cure_zh.is_empty())
        );
    }
}
