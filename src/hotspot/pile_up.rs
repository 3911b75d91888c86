//! Which tickets stand on a coordinate that a geocoder gives to every address it does not know?
//!
//! Rule book, section 2.2: at least five tickets that name five different streets on one coordinate are no hotspot but a default.
//! A corner is named by two or three streets, a geocoder's default by all. A row that says itself that it is placed below street level
//! (column `precision`) is no place for a cell or a cluster either.

use std::collections::{BTreeMap, BTreeSet};

use crate::hotspot::method::Answer;
use crate::hotspot::table::{InputError, Table};
use crate::param::{Kind, Param, Settings};
use crate::stats::number::floor_i64;

/// Different streets on one coordinate that make it a default.
pub const STREETS: usize = 5;

/// Classes of a place that say less than a street.
const BELOW_STREET: [&str; 5] = ["area", "town", "district", "city", "none"];

/// The parameter of every method that leaves such tickets out.
pub const KEEP: Param = Param {
    name: "keep_pile_ups",
    title: "保留堆积坐标",
    unit: "",
    kind: Kind::Flag { default: false },
    doc: "Keep tickets of five or more different streets on one coordinate (a geocoder's default), and those whose column precision says area, town, district, city or none; needs a column street or precision to tell.",
};

/// Whether each ticket stands on a default coordinate (equal to six decimals). A ticket without a street tells nothing.
#[must_use]
pub fn pile_ups(at: &[(f64, f64)], street: &[&str]) -> Vec<bool> {
    let key = |p: &(f64, f64)| (floor_i64(p.0 * 1e6 + 0.5), floor_i64(p.1 * 1e6 + 0.5));
    let mut named: BTreeMap<(i64, i64), BTreeSet<&str>> = BTreeMap::new();
    for (p, name) in at.iter().zip(street).filter(|(_, name)| !name.is_empty()) {
        named.entry(key(p)).or_default().insert(name);
    }
    let held = |p| {
        named
            .get(&key(p))
            .is_some_and(|names| names.len() >= STREETS)
    };
    at.iter().map(held).collect()
}

/// Marks the rows of a table with `street` that are left out; `None` when nothing is.
pub fn left_out(table: &Table, settings: &Settings) -> Result<Option<Vec<bool>>, InputError> {
    let (streets, classes) = (table.has("street"), table.has("precision"));
    if !(streets || classes) || settings.flag(KEEP.name) {
        return Ok(None);
    }
    let names = if table.has("lon") {
        ["lon", "lat"]
    } else {
        ["x", "y"]
    };
    let (x, y) = (table.numbers(names[0])?, table.numbers(names[1])?);
    let at: Vec<(f64, f64)> = x.into_iter().zip(y).collect();
    let mut found = if streets {
        pile_ups(&at, &table.texts("street")?)
    } else {
        vec![false; at.len()]
    };
    if classes {
        for (out, class) in found.iter_mut().zip(table.texts("precision")?) {
            *out |= BELOW_STREET.contains(&class);
        }
    }
    Ok(found.contains(&true).then_some(found))
}

/// Says how many tickets were left out.
pub fn describe(count: usize, answer: &mut Answer) {
    if count > 0 {
        answer.put("pile_up", count);
        answer.note(
            "PILE_UP",
            format!("{count}件工单堆在同一默认坐标上（道路各不相同）或只定位到片区，未计入"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::{KEEP, left_out, pile_ups};
    use crate::hotspot::Table;
    use crate::param::{Param, Settings};

    static PARAMS: &[Param] = &[KEEP];

    #[test]
    fn a_row_placed_below_street_level_is_left_out_unless_it_is_kept() {
        let column = |values: &[&str]| values.iter().map(ToString::to_string).collect();
        let table = Table::from_columns(
            "tickets",
            &[
                ("lon", column(&["115.9", "115.9", "115.8"])),
                ("lat", column(&["36.4", "36.4", "36.3"])),
                ("precision", column(&["poi", "area", "district"])),
            ],
        );
        let found = left_out(&table, &Settings::defaults(PARAMS)).unwrap();
        assert_eq!(found, Some(vec![false, true, true]));
        let kept = Settings::read(PARAMS, [(KEEP.name, "true")]).unwrap();
        assert_eq!(left_out(&table, &kept).unwrap(), None);
    }

    #[test]
    fn five_streets_on_one_coordinate_are_a_default_and_a_corner_is_not() {
        let mut at = vec![(115.9, 36.4); 5];
        at.extend([(115.8, 36.4); 9]);
        let streets = ["东昌路", "柳园路", "利民路", "花园路", "兴华路"];
        let mut names: Vec<&str> = streets.to_vec();
        names.extend([
            "东昌路",
            "柳园路",
            "",
            "东昌路",
            "柳园路",
            "东昌路",
            "",
            "",
            "东昌路",
        ]);
        let found = pile_ups(&at, &names);
        assert_eq!(found.iter().filter(|f| **f).count(), 5);
        assert!(found[..5].iter().all(|f| *f));
        assert!(pile_ups(&[], &[]).is_empty());
    }
}
