//! What is the most any choice can be worth at given row prices, summed in whole numbers so that it is a proof?

use crate::optim::corner::wide;
use crate::optim::model::Model;

/// Prices are rounded to this many binary places; any price not below zero gives a valid bound.
const PLACES: u32 = 32;

/// Largest whole value a choice of living columns can have, by the prices of the rows.
pub(crate) fn whole_bound(model: &Model, alive: &[bool], prices: &[f64]) -> i128 {
    let unit = f64::from(PLACES).exp2();
    let prices: Vec<i128> = prices.iter().map(|p| whole(p * unit).max(0)).collect();
    let rows = prices.iter().zip(&model.rhs);
    let mut sum: i128 = rows.map(|(p, &b)| p * i128::from(b)).sum();
    for class in 0..model.classes() {
        let worths = model.class(class).filter(|&c| alive[c]).map(|column| {
            let used: i128 = model.entries[model.span(column)]
                .iter()
                .map(|(row, coef)| prices[wide(*row)] * i128::from(*coef))
                .sum();
            (i128::from(model.gain[column]) << PLACES) - used
        });
        sum += worths.max().unwrap_or(0);
    }
    sum >> PLACES
}

/// The nearest whole number.
fn whole(x: f64) -> i128 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "float-to-integer `as` saturates; any price gives a valid bound"
    )]
    {
        x.round() as i128
    }
}
