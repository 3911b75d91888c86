//! Which of the city's tickets does a method see, and as what?
//!
//! A selection of the index becomes plain columns: place, day, voice, points. Tickets known only by a road or an area have
//! no place sharp enough for cells and clusters; they are left out and counted.

use h3o::{CellIndex, Resolution};

use crate::calendar::{DAY_MS, OFFSET_MS, UtcMs};
use crate::hotspot::table::{Input, Table};
use crate::index::{Index, Selection};
use crate::place::Precision;
use crate::spatial::LonLat;
use crate::ticket::TicketId;

/// Tickets as columns, one entry per ticket.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    /// Row of the index.
    pub row: Vec<usize>,
    /// Which ticket.
    pub ticket: Vec<TicketId>,
    /// Where (WGS-84).
    pub place: Vec<LonLat>,
    /// Civil day with fraction; day 0 is Monday 1969-12-29, so that whole weeks begin on Mondays.
    pub day: Vec<f64>,
    /// Small number of the petitioner; `None` = unknown, a voice of its own.
    pub caller: Vec<Option<u32>>,
    /// Points: 1, and 1 more when it was redone.
    pub severity: Vec<u8>,
    /// Site that holds it.
    pub site: Vec<Option<i64>>,
    /// Selected tickets without a sharp place.
    pub left_out: usize,
}

/// Day of an instant in the count of [`Sample::day`].
#[must_use]
pub fn day_of(at: UtcMs) -> f64 {
    (at.0 + OFFSET_MS) as f64 / DAY_MS as f64 + 3.0
}

/// Whether a place is sharp enough for cells and clusters.
#[must_use]
pub const fn is_sharp(precision: Precision) -> bool {
    matches!(
        precision,
        Precision::Point | Precision::Address | Precision::Intersection | Precision::Poi
    )
}

impl Sample {
    /// The sharp tickets of a selection, in the order of the index. Cost: 10 ms per 250,000.
    #[must_use]
    pub fn of(index: &Index, selection: &Selection) -> Self {
        let mut out = Self::default();
        for row in selection.rows() {
            let place = index.world(row).filter(|_| is_sharp(index.precision(row)));
            let Some(place) = place else {
                out.left_out += 1;
                continue;
            };
            out.row.push(row);
            out.ticket.push(index.ticket(row));
            out.place.push(place.lonlat());
            out.day.push(day_of(index.received(row)));
            out.caller.push(index.petitioner_code(row));
            out.severity.push(1 + u8::from(index.redo(row) > 0));
            out.site.push(index.site(row));
        }
        out
    }

    /// Number of tickets.
    #[must_use]
    pub fn len(&self) -> usize {
        self.row.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.row.is_empty()
    }

    /// Code and cell of each ticket at a resolution from 4 to 11.
    pub fn codes<'a>(
        &'a self,
        index: &'a Index,
        res: Resolution,
    ) -> impl Iterator<Item = Option<u32>> + 'a {
        self.row.iter().map(move |row| index.cell_code(*row, res))
    }

    /// The cell of each ticket at a resolution from 4 to 11; `None` where the index holds none.
    pub fn cells<'a>(
        &'a self,
        index: &'a Index,
        res: Resolution,
    ) -> impl Iterator<Item = Option<CellIndex>> + 'a {
        self.codes(index, res)
            .map(move |code| index.cell(res, code?))
    }

    /// First and last day present; `None` without tickets.
    #[must_use]
    pub fn span(&self) -> Option<(f64, f64)> {
        let first = self.day.iter().copied().reduce(f64::min)?;
        let last = self.day.iter().copied().reduce(f64::max)?;
        Some((first, last))
    }

    /// The columns as the tables that most methods read: `tickets` with `id`, `lon`, `lat`, `t_day`, `t`, `day`, `caller`, `sev`.
    #[must_use]
    pub fn table(&self) -> Input {
        let text = |values: &[f64]| values.iter().map(|v| format!("{v:.7}")).collect::<Vec<_>>();
        let lon: Vec<f64> = self.place.iter().map(|p| p.lon).collect();
        let lat: Vec<f64> = self.place.iter().map(|p| p.lat).collect();
        let days = text(&self.day);
        let callers = self.caller.iter();
        let callers = callers.map(|c| c.map_or_else(String::new, |c| c.to_string()));
        let columns = [
            ("id", self.ticket.iter().map(|t| t.0.to_string()).collect()),
            ("lon", text(&lon)),
            ("lat", text(&lat)),
            ("t_day", days.clone()),
            ("t", days.clone()),
            ("day", days),
            ("caller", callers.collect()),
            (
                "sev",
                self.severity.iter().map(ToString::to_string).collect(),
            ),
        ];
        Input::of(Table::from_columns("tickets", &columns))
    }
}
