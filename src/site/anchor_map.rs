//! Which doors, junctions, stops and places of the gazetteer can a site stand at?

use crate::place::Gazetteer;
use crate::place::gazetteer::{Access, Gate, Place, PlaceKind};
use crate::site::anchor::Anchors;
use crate::site::model::{Anchor, Kind};

impl Anchors {
    /// All gates, entrances, stops, places and junctions of a gazetteer; address points are left out.
    #[must_use]
    pub fn of(gazetteer: &Gazetteer) -> Self {
        let mut anchors = Vec::new();
        for place in gazetteer
            .places()
            .iter()
            .filter(|p| p.kind != PlaceKind::Shop)
        {
            let point = gazetteer.plane().to_lonlat(place.door);
            anchors.push(Anchor {
                feature: place.id.clone(),
                parent: None,
                kind: kind_of(place),
                name: place.name.clone(),
                point,
            });
            let gates = place.gates.iter().map(|gate| Anchor {
                feature: gate.id.clone(),
                parent: Some(place.id.clone()),
                kind: kind_of_gate(place, gate),
                name: format!("{}{}", place.name, gate.name),
                point: gazetteer.plane().to_lonlat(gate.point),
            });
            anchors.extend(gates);
        }
        let roads = gazetteer.roads();
        for junction in gazetteer.junctions().all() {
            let name = |i: u32| roads.get(i as usize).map_or("", |r| r.name.as_str());
            let (a, b) = (name(junction.roads.0), name(junction.roads.1));
            let point = gazetteer.plane().to_lonlat(junction.point);
            anchors.push(Anchor {
                feature: format!("x:{a}:{b}:{:.5},{:.5}", point.lon, point.lat),
                parent: None,
                kind: Kind::Intersection,
                name: format!("{a}与{b}交叉口"),
                point,
            });
        }
        Self::new(anchors)
    }
}

fn kind_of(place: &Place) -> Kind {
    match place.kind {
        PlaceKind::School | PlaceKind::Kindergarten => Kind::SchoolGate,
        PlaceKind::Hospital => Kind::Hospital,
        PlaceKind::Market | PlaceKind::Mall => Kind::Market,
        PlaceKind::Estate => Kind::Estate,
        PlaceKind::Parking => Kind::ParkingEntrance,
        PlaceKind::Stop | PlaceKind::Station => Kind::Stop,
        _ => Kind::Place,
    }
}

fn kind_of_gate(place: &Place, gate: &Gate) -> Kind {
    match gate.access {
        Access::Gate => kind_of(place),
        Access::ParkingIn | Access::ParkingOut => Kind::ParkingEntrance,
        Access::MetroExit => Kind::Stop,
    }
}
