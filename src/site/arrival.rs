//! To which site does a ticket belong that came in after the last survey?
//!
//! Until the next survey forms the clusters anew, a ticket within `eps` of a member of a site counts there: the rule of a border
//! point (hotspot reference 6.1), asked of the index alone, so that one new ticket costs microseconds. Tickets that came in since
//! the survey are members of nothing, so that the order in which they came says nothing.

use crate::index::Index;
use crate::spatial::{LonLat, TileId, World};
use crate::ticket::TicketId;

/// Zoom of the tiles that are looked through: wider than any sensible reach at latitudes with cities.
const ZOOM: u8 = 16;

/// How near a member must be, in metres.
pub const REACH_M: f64 = 50.0;

/// The site of the nearest member within `eps_m` (`<=`) of a place; ties go to the smaller number. `seen` is the last ticket that the
/// survey saw. O(tickets around).
#[must_use]
pub fn arrival(index: &Index, at: LonLat, eps_m: f64, seen: TicketId) -> Option<i64> {
    let shift = 32 - u32::from(ZOOM);
    let middle = World::of(at);
    let (column, row) = (middle.x >> shift, middle.y >> shift);
    let mut best: Option<(f64, i64)> = None;
    let around = (column.saturating_sub(1)..=column.saturating_add(1))
        .flat_map(|x| (row.saturating_sub(1)..=row.saturating_add(1)).map(move |y| (x, y)));
    for tile in around.filter_map(|(x, y)| TileId::new(ZOOM, x, y)) {
        for row in index.rows_in(tile) {
            let (Some(site), Some(place)) = (index.site(row), index.world(row)) else {
                continue;
            };
            if index.ticket(row) > seen {
                continue;
            }
            let found = (place.lonlat().distance_m(at), site);
            if found.0 <= eps_m && best.is_none_or(|held| found < held) {
                best = Some(found);
            }
        }
    }
    best.map(|held| held.1)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::arrival;
    use crate::calendar::UtcMs;
    use crate::index::{Builder, Dicts, Row};
    use crate::place::Precision;
    use crate::spatial::LonLat;
    use crate::ticket::TicketId;

    #[test]
    fn a_ticket_joins_the_site_of_its_nearest_member_within_reach() {
        let metres = |m: f64| LonLat::new(115.98, 36.45 + m / 111_195.0);
        let members = [
            (0.0, Some(7)),
            (30.0, Some(4)),
            (34.0, None),
            (500.0, Some(9)),
        ];
        let rows: Vec<Row> = (1..)
            .zip(members)
            .map(|(id, (m, site))| Row {
                point: Some(metres(m)),
                precision: Precision::Point,
                site,
                ..Row::bare(TicketId(id), UtcMs(0))
            })
            .collect();
        let mut builder = Builder::with_capacity(rows.len());
        builder.extend(&rows);
        let index = builder.finish(Arc::new(Dicts::default()));
        assert_eq!(arrival(&index, metres(-40.0), 50.0, TicketId(4)), Some(7));
        assert_eq!(arrival(&index, metres(40.0), 50.0, TicketId(4)), Some(4));
        assert_eq!(arrival(&index, metres(200.0), 50.0, TicketId(4)), None);
        assert_eq!(arrival(&index, metres(460.0), 50.0, TicketId(4)), Some(9));
    }
}
