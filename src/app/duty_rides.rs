//! How many minutes is it from gate to gate, kept until gates or roads change?

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::app::duty_ground::Place;
use crate::app::snapshot::{CityView, Snapshot};
use crate::place::road_network::of_map;
use crate::plan::chain::ride_minutes;
use crate::plan::ride::ways;
use crate::spatial::LonLat;

/// A gate farther than this from every road is off the network; its rides are reckoned in a straight line.
const OFF_M: f64 = 200.0;
/// Ways longer than this are not looked for on the roads: half an hour's ride joins no two posts of one peak.
const FAR_M: f64 = 12_000.0;
/// Detour of a straight line and speed of a ride.
const DETOUR: f64 = 1.3;
const SPEED_KMH: f64 = 20.0;

/// Rides between gates, with what could not be reckoned on the roads.
#[derive(Clone, Debug, Default)]
pub(super) struct Rides {
    /// Minutes by number of gate.
    pub(super) minutes: Vec<Vec<i64>>,
    /// Metres by number of gate: along the roads, else straight with a detour.
    pub(super) metres: Vec<Vec<f64>>,
    /// Number of a gate by key.
    pub(super) at: BTreeMap<i64, i64>,
    /// Gates off the network, with their names.
    pub(super) off_network: Vec<(i64, String)>,
}

/// Gates and roads the rides belong to.
type Ground = (Vec<(i64, LonLat)>, Option<Arc<CityView>>);

/// The rides reckoned last.
#[derive(Debug, Default)]
pub(super) struct KeptRides(Mutex<Option<(Ground, Arc<Rides>)>>);

impl KeptRides {
    /// The rides between places; reckoned anew only when a gate moved or the roads changed.
    pub(super) fn of(&self, snapshot: &Snapshot, places: &[Place]) -> Arc<Rides> {
        let gates: Vec<(i64, LonLat)> = places.iter().map(|p| (p.gate, p.point)).collect();
        let roads = snapshot.city.clone();
        let same = |ground: &Ground| {
            let city = match (&ground.1, &roads) {
                (Some(a), Some(b)) => Arc::ptr_eq(a, b),
                (None, None) => true,
                _ => false,
            };
            city && ground.0 == gates
        };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((ground, rides)) = kept.as_ref().filter(|k| same(&k.0)) {
            let _ = ground;
            return Arc::clone(rides);
        }
        let rides = Arc::new(rides(snapshot, places));
        *kept = Some(((gates, roads), Arc::clone(&rides)));
        rides
    }
}

/// Minutes between all gates: along the roads (both ways, as bicycles and feet go), else in a straight line with detour.
fn rides(snapshot: &Snapshot, places: &[Place]) -> Rides {
    let network = snapshot
        .city
        .as_ref()
        .map(|c| of_map(&c.city.map).network)
        .unwrap_or_default();
    let points: Vec<LonLat> = places.iter().map(|p| p.point).collect();
    let found = ways(&network, &points, OFF_M, FAR_M);
    let mut out = Rides {
        at: places.iter().zip(0..).map(|(p, n)| (p.gate, n)).collect(),
        ..Rides::default()
    };
    let named = |i: &usize| {
        let place = &places[*i];
        (
            place.gate,
            format!("{}{}", place.school_name, place.gate_name),
        )
    };
    out.off_network = found.off.iter().map(named).collect();
    for (i, a) in points.iter().enumerate() {
        let way = |(j, b): (usize, &LonLat)| {
            let straight = a.distance_m(*b);
            let along = found.metres[i][j].map(|m| m.max(straight));
            if i == j {
                0.0
            } else {
                along.unwrap_or(straight * DETOUR)
            }
        };
        let metres: Vec<f64> = points.iter().enumerate().map(way).collect();
        out.minutes.push(
            metres
                .iter()
                .map(|m| ride_minutes(*m, 1.0, SPEED_KMH))
                .collect(),
        );
        out.metres.push(metres);
    }
    out
}
