//! What may be shown of a place that tells where somebody lives: the middle of the hexagon around it, never its point?

use h3o::{LatLng, Resolution};

use crate::app::access::Who;
use crate::place::{HOME_FLAG, Located, Shape};
use crate::spatial::LonLat;
use crate::ticket::permit::{Right, Role, Scope};

/// Hexagons of about 105,000 m² (casework reference 13).
const COARSE: Resolution = Resolution::Nine;
/// Half the width of such a hexagon: nothing finer may be claimed of a coarse point, in metres.
pub(super) const RADIUS_M: f64 = 200.0;

/// The middle of the hexagon around a point.
pub(super) fn coarse(p: LonLat) -> LonLat {
    let Ok(at) = LatLng::new(p.lat, p.lon) else {
        return p;
    };
    let middle = LatLng::from(at.to_cell(COARSE));
    let [lon, lat] = pair(LonLat::new(middle.lng(), middle.lat()));
    LonLat::new(lon, lat)
}

/// Longitude and latitude with six decimals: 0.1 m.
pub(super) fn pair(point: LonLat) -> [f64; 2] {
    [point.lon, point.lat].map(|v| (v * 1e6).round() / 1e6)
}

/// Whether a place tells a home.
pub(super) fn is_home(place: &Located) -> bool {
    place.flags.iter().any(|f| f == HOME_FLAG)
}

/// A home as people without the right to clear words see it: the hexagon, the area's name, no words, no other readings.
pub(super) fn hidden(place: &Located, area: Option<&str>) -> Located {
    Located {
        point: place.point.map(coarse),
        shape: Shape::Point,
        precision: place.precision,
        radius_m: place.radius_m.max(RADIUS_M),
        features: Vec::new(),
        label: area.map_or_else(|| "住宅".to_owned(), |a| format!("{a}住宅")),
        form: place.form.clone(),
        confidence: place.confidence,
        source: place.source,
        alternatives: Vec::new(),
        movement: None,
        evidence: Vec::new(),
        flags: vec![HOME_FLAG.to_owned(), "coarse".to_owned()],
    }
}

/// Whether the person sees homes of a ticket as they are: who sees names and phones in clear without asking for each one.
pub(super) fn sees_homes(who: &Who, confidential: bool) -> bool {
    let direct = who
        .may(Right::Clear)
        .is_ok_and(|cell| matches!(cell.scope, Scope::All | Scope::OwnUnit));
    who.system || direct && (!confidential || who.role == Role::Clerk)
}

#[cfg(test)]
mod tests {
    use super::{coarse, sees_homes};
    use crate::app::Who;
    use crate::spatial::LonLat;
    use crate::ticket::permit::Role;

    #[test]
    fn points_of_one_hexagon_become_one_point_at_most_two_hundred_metres_away() {
        let a = LonLat::new(113.7345, 34.7212);
        let b = coarse(a);
        assert!(a.distance_m(b) < 210.0);
        assert_eq!(coarse(b), b);
        assert_ne!((a.lon, a.lat), (b.lon, b.lat));
    }

    #[test]
    fn only_roles_with_clear_words_of_their_own_see_homes() {
        let may = |role: Role, confidential: bool| {
            let who = Who {
                system: false,
                role,
                ..Who::system("t")
            };
            sees_homes(&who, confidential)
        };
        let open: Vec<Role> = Role::ALL.into_iter().filter(|r| may(*r, false)).collect();
        assert_eq!(open, [Role::Clerk, Role::SquadLeader]);
        let sealed: Vec<Role> = Role::ALL.into_iter().filter(|r| may(*r, true)).collect();
        assert_eq!(sealed, [Role::Clerk]);
    }
}
