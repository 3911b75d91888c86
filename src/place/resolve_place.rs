//! Where is the gate, the entrance, the other side, the near of a place, when the form is known?

use crate::place::gazetteer::{Access, Gate, Place, PlaceKind};
use crate::place::geometry::{facing_edge, foot, unit};
use crate::place::grammar_place::{Relation, faces};
use crate::place::located::Precision;
use crate::place::parser::Parser;
use crate::place::reading::{Ground, Other, Reading};
use crate::place::resolve_road::mirrored;
use crate::place::target::Target;
use crate::place::wind::Wind;
use crate::spatial::Xy;

/// A place's point under a relation.
struct Spot {
    point: Xy,
    precision: Precision,
    radius_m: f64,
    form: &'static str,
    z: f64,
    gate: Option<String>,
    label: String,
}

impl Spot {
    /// An exact spot.
    fn at(self, form: &'static str, radius_m: f64, z: f64, point: Xy) -> Self {
        Self {
            point,
            radius_m,
            form,
            z,
            ..self
        }
    }

    /// A spot somewhere about the place.
    fn near(self, form: &'static str, radius_m: f64, z: f64, label: String) -> Self {
        Self {
            precision: Precision::Poi,
            radius_m,
            form,
            z,
            label,
            ..self
        }
    }

    fn called(self, label: String) -> Self {
        Self { label, ..self }
    }
}

impl Parser<'_> {
    /// The reading of the place at token `i` under a relation.
    pub(crate) fn place_reading(
        &self,
        i: usize,
        relation: &Relation,
        roads: &[u32],
    ) -> Option<Reading> {
        let m = self.place_mention(i)?;
        let list = self.candidates(i, relation, roads);
        let (first, top) = *list.first()?;
        let mut spot = self.spot(first, relation, roads);
        let chosen = self.shown(first, relation);
        let mut others = Vec::new();
        for (p, z) in list.iter().skip(1).filter(|x| x.1 > top - 1.0) {
            let other = self.spot(*p, relation, roads);
            others.push(Other {
                point: other.point,
                label: other.label,
                features: vec![self.g.place(*p).id.clone()],
                z: z - top,
            });
        }
        others.truncate(8);
        let far = others
            .iter()
            .filter(|o| o.point.distance_m(spot.point) > 150.0 && o.z > -0.7)
            .count();
        if !roads.is_empty() {
            spot.z += if top > 1.0 {
                0.6
            } else if top < -1.0 {
                -1.5
            } else {
                0.0
            };
        }
        let place = self.g.place(chosen);
        let mut features = vec![place.id.clone()];
        features.extend(spot.gate);
        let mut flags = Vec::new();
        if far > 0 {
            flags.push("ambiguous_name");
        }
        Some(Reading {
            form: spot.form,
            precision: spot.precision,
            point: spot.point,
            ground: Ground::Point,
            radius_m: spot.radius_m,
            z: spot.z - m.cost(),
            features,
            label: spot.label,
            span: (m.start, m.end),
            parts: vec![self.part(i, Target::Place(first))],
            others,
            movement: None,
            names: if place.stop_roads.is_some() { 2 } else { 1 },
            ambiguity: ((far + 1) as f64).ln(),
            flags,
        })
    }

    fn shown(&self, p: u32, relation: &Relation) -> u32 {
        if relation.lot { self.lot_of(p) } else { p }
    }

    fn spot(&self, p: u32, relation: &Relation, roads: &[u32]) -> Spot {
        let p = self.shown(p, relation);
        let place = self.g.place(p);
        if matches!(place.kind, PlaceKind::Stop) {
            return stop_spot(place);
        }
        if place.kind == PlaceKind::Station
            && (relation.metro
                || relation.exit.is_some()
                || relation.gate_word.is_none() && !relation.opposite)
            || relation.exit.is_some()
        {
            return station_spot(place, relation);
        }
        if relation.stop
            && let Some(stop) = self.stop_of(place)
        {
            return stop_spot(stop);
        }
        self.related(place, relation, roads)
    }

    /// The spot of an ordinary place under a relation, the most telling word first.
    fn related(&self, place: &Place, relation: &Relation, roads: &[u32]) -> Spot {
        let gate = choose_gate(place, relation, roads);
        let point = gate.map_or(place.door, |g| g.point);
        let own = Spot {
            point,
            precision: Precision::Point,
            radius_m: 40.0,
            form: "poi_front",
            z: 2.2,
            gate: gate.map(|g| g.id.clone()),
            label: gate.map_or_else(
                || place.name.clone(),
                |g| format!("{}{}", place.name, g.name),
            ),
        };
        let several = place.gates.len() > 1;
        if relation.junction {
            return own.near("x_poi", 150.0, 1.8, format!("{}路口", place.name));
        }
        if relation.opposite {
            let far = self.across(place, gate, roads, point);
            return own
                .at("poi_opposite", 40.0, 2.2, far)
                .called(format!("{}对面", place.name));
        }
        if let Some(wind) = relation.wind_gate {
            return if gate.is_some_and(|g| faces(&g.name, wind)) {
                own.at("poi_gate_named", 35.0, 3.0, point)
            } else {
                own.at("poi_gate_named", 60.0, 1.8, self.wind_gate(place, wind))
            };
        }
        if let Some(wind) = relation.side.or(relation.corner) {
            let side = side_point(place, wind);
            return own
                .at("poi_side", 60.0, 2.0, side)
                .called(format!("{}旁", place.name));
        }
        if relation.gate_word.is_some() {
            let on_road = gate
                .and_then(|g| g.road)
                .is_some_and(|r| roads.contains(&r));
            let z = if several { 2.3 } else { 2.8 };
            return match (place.kind == PlaceKind::Parking, several && !on_road) {
                (true, _) => own.at("lot_entrance", 30.0, z, point),
                (false, true) => own.at("poi_gate", 90.0, z, point),
                (false, false) => own.at("poi_gate", 40.0, z, point),
            };
        }
        if relation.front {
            return own.at("poi_front", if several { 100.0 } else { 45.0 }, 2.2, point);
        }
        if relation.near {
            return own.near("poi_near", 200.0, 2.0, format!("{}附近", place.name));
        }
        let radius = place.area_m2.sqrt().clamp(60.0, 250.0);
        own.near("poi_alone", radius, 2.0, place.name.clone())
    }

    /// The far side of the road before a gate.
    fn across(&self, place: &Place, gate: Option<&Gate>, roads: &[u32], point: Xy) -> Xy {
        let own = gate.and_then(|g| g.road).or(place.street);
        let named = roads
            .iter()
            .copied()
            .find(|r| self.g.road(*r).distance_m(point) < 80.0);
        let road = named
            .or(own)
            .filter(|r| self.g.road(*r).distance_m(point) < 120.0)
            .or_else(|| self.g.road_index.nearest(point, 80.0).map(|n| n.0));
        if let Some(r) = road {
            return mirrored(self.g.road(r), point);
        }
        let out = unit(place.centre, point);
        Xy {
            x: point.x + out.x * 20.0,
            y: point.y + out.y * 20.0,
        }
    }

    /// The boundary point in a wind that is nearest to a road.
    fn wind_gate(&self, place: &Place, wind: Wind) -> Xy {
        let Some(edge) = facing_edge(&place.ring, wind.vector()) else {
            return place.door;
        };
        self.g
            .road_index
            .nearest(edge, 120.0)
            .and_then(|n| foot(&place.ring, n.1))
            .map_or(edge, |f| f.point)
    }

    fn stop_of(&self, place: &Place) -> Option<&Place> {
        self.g
            .places
            .iter()
            .filter(|s| s.kind == PlaceKind::Stop && s.name.contains(place.name.as_str()))
            .min_by(|a, b| {
                a.centre
                    .distance_m(place.centre)
                    .total_cmp(&b.centre.distance_m(place.centre))
            })
            .filter(|s| s.centre.distance_m(place.centre) < 600.0)
    }
}

fn stop_spot(place: &Place) -> Spot {
    let point = place.platforms.first().copied().unwrap_or(place.centre);
    Spot {
        point,
        precision: Precision::Point,
        radius_m: 60.0,
        form: "stop",
        z: 2.6,
        gate: None,
        label: format!("{}公交站", place.name.trim_end_matches('站')),
    }
}

fn station_spot(place: &Place, relation: &Relation) -> Spot {
    let exit = relation.exit.as_deref().and_then(|e| {
        place.gates.iter().find(|g| {
            g.name
                .trim_end_matches(['口', '出', '号'])
                .eq_ignore_ascii_case(e)
        })
    });
    if let Some(g) = exit {
        return Spot {
            point: g.point,
            precision: Precision::Point,
            radius_m: 30.0,
            form: "metro_exit",
            z: 3.0,
            gate: Some(g.id.clone()),
            label: format!("{}{}", place.name, g.name),
        };
    }
    Spot {
        point: place.centre,
        precision: Precision::Poi,
        radius_m: 120.0,
        form: "metro_near",
        z: 2.2,
        gate: None,
        label: place.name.clone(),
    }
}

/// The gate a relation means, else the one on the road named, else the main one.
fn choose_gate<'a>(place: &'a Place, relation: &Relation, roads: &[u32]) -> Option<&'a Gate> {
    let gates = &place.gates;
    if let Some(wind) = relation.wind_gate {
        let exact = gates
            .iter()
            .filter(|g| faces(&g.name, wind) && g.access == Access::Gate)
            .min_by_key(|g| g.name.contains('侧') != relation.side_gate);
        if exact.is_some() {
            return exact;
        }
    }
    if let Some(word) = relation.gate_word.as_deref() {
        let word = word.trim_end_matches(['处', '口', '外', '前']);
        let special = gates.iter().find(|g| {
            let longer = word.chars().count() >= 2
                && !matches!(
                    word,
                    "校门" | "大门" | "正门" | "门" | "出入" | "进出" | "入" | "出"
                );
            longer && (g.name.contains(word) || g.also.iter().any(|a| a.contains(word)))
        });
        if special.is_some() {
            return special;
        }
        if word.starts_with('出') && word != "出入" {
            let out = gates.iter().find(|g| g.access == Access::ParkingOut);
            if out.is_some() {
                return out;
            }
        }
    }
    let entrance = |g: &&Gate| Parser::enters(g.access);
    for r in roads {
        let on = gates.iter().filter(entrance).find(|g| g.road == Some(*r));
        if on.is_some() {
            return on;
        }
    }
    gates.iter().find(entrance).or_else(|| gates.first())
}

/// Middle of the footprint's edge in a wind, plus 6 m.
fn side_point(place: &Place, wind: Wind) -> Xy {
    let v = wind.vector();
    let edge = facing_edge(&place.ring, v).unwrap_or(Xy {
        x: place.centre.x + 15.0 * v.x,
        y: place.centre.y + 15.0 * v.y,
    });
    let out = unit(place.centre, edge);
    Xy {
        x: edge.x + out.x * 6.0,
        y: edge.y + out.y * 6.0,
    }
}
