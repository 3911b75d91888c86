//! Where does a house number lie on a road: known, between known ones, or beyond them?

use crate::place::gazetteer::House;
use crate::place::geometry::unit;
use crate::place::road::Road;
use crate::spatial::Xy;

/// Metres of road per number where a road has too few known numbers to say (both sides counted).
const SPACING_M: f64 = 5.0;

/// A number's place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Numbered {
    /// Where.
    pub point: Xy,
    /// Radius in metres.
    pub radius_m: f64,
    /// Whether the number itself is known.
    pub exact: bool,
    /// Weight against it: 0 between neighbours, more beyond them.
    pub doubt: f64,
}

/// Places a number (locating reference 6.6): known; by chainage between the nearest lower and higher one; beyond the last one at
/// the road's own spacing, as far as the road goes. The side is that of the numbers of the same parity.
pub(crate) fn place_number(road: &Road, houses: &[House], number: u32) -> Option<Numbered> {
    if let Some(h) = houses.iter().find(|h| h.number == number) {
        return Some(Numbered {
            point: h.point,
            radius_m: 40.0,
            exact: true,
            doubt: 0.0,
        });
    }
    let low = houses
        .iter()
        .filter(|h| h.number < number)
        .max_by_key(|h| h.number);
    let high = houses
        .iter()
        .filter(|h| h.number > number)
        .min_by_key(|h| h.number);
    let (on_road, radius_m, doubt) = match (low, high) {
        (Some(l), Some(h)) => {
            let t = f64::from(number - l.number) / f64::from(h.number - l.number);
            let (a, b) = (
                road.nearest(l.point)?.1.point,
                road.nearest(h.point)?.1.point,
            );
            let gap = a.distance_m(b);
            let straight = Xy {
                x: a.x + t * (b.x - a.x),
                y: a.y + t * (b.y - a.y),
            };
            let at = road.nearest(straight)?.1.point;
            (
                at,
                (0.1 * gap).clamp(40.0, 100.0),
                if gap > 600.0 { 0.5 } else { 0.0 },
            )
        }
        (Some(end), None) | (None, Some(end)) => beyond(road, houses, end, number)?,
        (None, None) => return None,
    };
    Some(Numbered {
        point: beside(road, houses, number, on_road),
        radius_m,
        exact: false,
        doubt,
    })
}

/// Walks from the last known number at the road's own spacing.
fn beyond(road: &Road, houses: &[House], end: &House, number: u32) -> Option<(Xy, f64, f64)> {
    let start = road.nearest(end.point)?.1.point;
    let far = houses
        .iter()
        .max_by_key(|h| h.number.abs_diff(end.number))?;
    let numbers = f64::from(far.number.abs_diff(end.number));
    let reach = road.nearest(far.point)?.1.point.distance_m(start);
    let known = numbers >= 20.0 && reach > 50.0;
    let per = if known {
        (reach / numbers).clamp(1.0, 25.0)
    } else {
        SPACING_M
    };
    let step = f64::from(number.abs_diff(end.number)) * per;
    // Numbers rise from the southern or western end where only one is known.
    let rising = number > end.number;
    let way = if known {
        unit(far.point, end.point)
    } else {
        let north = road.northness > 0.5;
        let sign = if rising { 1.0 } else { -1.0 };
        Xy {
            x: if north { 0.0 } else { sign },
            y: if north { sign } else { 0.0 },
        }
    };
    let reached = road.walk(start, way, step);
    let (point, short) = reached.map_or((start, step), |r| (r.point, r.short_m));
    let doubt = 0.4 + step / 600.0 + short / 150.0 + if known { 0.0 } else { 0.5 };
    Some((point, (50.0 + 0.08 * step + short).min(150.0), doubt))
}

/// Moves a point of the road to the side on which its parity stands.
fn beside(road: &Road, houses: &[House], number: u32, on_road: Xy) -> Xy {
    let same = houses
        .iter()
        .filter(|h| h.number % 2 == number % 2)
        .min_by_key(|h| h.number.abs_diff(number));
    let other = houses.iter().min_by_key(|h| h.number.abs_diff(number));
    let Some((model, sign)) = same.map(|h| (h, 1.0)).or_else(|| other.map(|h| (h, -1.0))) else {
        return on_road;
    };
    let Some((centre, along)) = road.centre_beside(on_road) else {
        return on_road;
    };
    let Some((foot, run)) = road.centre_beside(model.point) else {
        return on_road;
    };
    let normal = Xy {
        x: -run.y,
        y: run.x,
    };
    let set = (model.point.x - foot.x) * normal.x + (model.point.y - foot.y) * normal.y;
    let turned = (run.x * along.x + run.y * along.y).signum();
    let set = set.clamp(-30.0, 30.0) * sign * turned;
    Xy {
        x: centre.x - along.y * set,
        y: centre.y + along.x * set,
    }
}
