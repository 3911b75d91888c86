//! What does the city know for a plan: loads and facts of its worst sites, and what its own measures did?

use std::collections::{BTreeMap, BTreeSet};

use geo::CoordsIter;
use serde_json::Value;

use crate::app::App;
use crate::app::access::Who;
use crate::app::error::Result;
use crate::app::snapshot::{CityView, Snapshot};
use crate::effect::Record;
use crate::effect::flag::FlagCode;
use crate::place::highway::{RoadClass, oneway};
use crate::place::source::MapFeature;
use crate::plan::{Facts, Load, LocalResult, SiteNeed};
use crate::site::{Kind, Site};
use crate::spatial::snap::LineIndex;
use crate::spatial::{LocalPlane, LonLat, Xy};
use crate::store::evaluation;

/// A road this near is the road of the site, in metres.
const OWN_ROAD_M: f64 = 40.0;

/// A signal, crossing or stop this near belongs to the site, in metres.
const AT_SITE_M: f64 = 50.0;

/// The surroundings of a school gate (GA/T 1215), in metres.
const SCHOOL_M: f64 = 150.0;

/// Doubts with which a result teaches nothing: no sound comparison, or something else happened.
///
/// A contaminated reference is none of them: near neighbours that fall too make an effect look smaller, never larger.
const NOT_CREDIBLE: [FlagCode; 7] = [
    FlagCode::ReferenceWeak,
    FlagCode::Overlap,
    FlagCode::Anticipation,
    FlagCode::ReportingShift,
    FlagCode::CategoryChange,
    FlagCode::NotInstalled,
    FlagCode::BadDates,
];

impl App {
    /// What plagues the worst ranked sites: their shrunk rate shared out by the kinds of their tickets' words, with what the map
    /// says about the place.
    ///
    /// Tickets whose words name no kind say nothing about a remedy and prevent nothing; the tier weight is 1.
    pub(super) async fn site_needs(
        &self,
        who: &Who,
        most: usize,
        progress: &mut (dyn FnMut(usize) -> bool + Send),
    ) -> Result<Vec<SiteNeed>> {
        let snapshot = self.snapshot();
        let known = Surroundings::of(&snapshot);
        let mut out = Vec::new();
        for site in snapshot.sites.ranked().take(most) {
            if !progress(out.len()) {
                break;
            }
            let found = self.diagnosis(who, site.id.0).await?;
            let named = found.kinds.iter().filter(|k| !k.id.is_empty());
            let loads = named.map(|k| Load {
                kind: k.id.clone(),
                rate: site.rate * k.share,
                weight: 1.0,
            });
            out.push(SiteNeed {
                site: site.id.0.to_string(),
                name: site.name.clone(),
                point: Some([site.point.lon, site.point.lat]),
                loads: loads.collect(),
                installed: found.installed,
                packages: Vec::new(),
                facts: known.facts(site),
            });
        }
        Ok(out)
    }

    /// What the city's own measures did, by measure: the newest look of every case whose result is credible and belongs to one
    /// measure alone.
    pub(super) async fn local_results(&self) -> Result<BTreeMap<String, Vec<LocalResult>>> {
        let mut tx = self.store.read().await?;
        let rows = evaluation::newest(&mut tx).await?;
        drop(tx);
        let mut latest: BTreeMap<String, Record> = BTreeMap::new();
        for row in rows {
            let Ok(record) = serde_json::from_str::<Record>(&row.body) else {
                continue;
            };
            // Looks come in the order of their days: first, second, final.
            let later = latest
                .get(&row.measures)
                .is_none_or(|known| known.look.alpha() <= record.look.alpha());
            if later {
                latest.insert(row.measures, record);
            }
        }
        let mut out: BTreeMap<String, Vec<LocalResult>> = BTreeMap::new();
        for record in latest.values() {
            if let Some(result) = lesson(record) {
                out.entry(record.measure.clone()).or_default().push(result);
            }
        }
        Ok(out)
    }
}

/// What a record teaches about its measure; `None` when it is no comparison or a bundle.
fn lesson(record: &Record) -> Option<LocalResult> {
    let doubtful = NOT_CREDIBLE.iter().any(|code| record.has(*code));
    let (expected, rel) = (record.expected?, record.rel?);
    if doubtful || record.measure.contains('+') || expected <= 0.0 {
        return None;
    }
    // Half a ticket on both sides: no ticket after the works is no proof of a ratio of zero.
    let seen = record.y as f64 + 0.5;
    let clumped = record.psi.unwrap_or(1.0).max(1.0);
    Some(LocalResult {
        ratio: seen / (expected + 0.5),
        log_se: (clumped / seen + rel.max(0.0)).sqrt(),
    })
}

/// What lies around sites.
struct Surroundings {
    plane: LocalPlane,
    roads: LineIndex,
    /// Lanes if tagged, and the way it may be driven, of each line.
    tags: Vec<(Option<f64>, i8)>,
    signals: Vec<Xy>,
    crossings: Vec<Xy>,
    stops: Vec<Xy>,
    gates: Vec<Xy>,
}

impl Surroundings {
    fn of(snapshot: &Snapshot) -> Self {
        let city = snapshot.city.as_deref();
        let first = snapshot.sites.ranked().next().map(|s| s.point);
        let plane = LocalPlane::new(first.unwrap_or(LonLat::new(0.0, 0.0)));
        let drivable =
            |f: &&MapFeature| RoadClass::of(f.tag("highway").unwrap_or_default()).drivable();
        let roads: Vec<&MapFeature> = city
            .into_iter()
            .flat_map(|c| &c.city.map.roads)
            .filter(drivable)
            .collect();
        let line = |f: &MapFeature| -> Vec<Xy> {
            let points = f.geometry.coords_iter();
            points.map(|c| plane.to_xy(LonLat::new(c.x, c.y))).collect()
        };
        let lines: Vec<Vec<Xy>> = roads.iter().map(|f| line(f)).collect();
        let lanes = |f: &MapFeature| {
            let tagged = f.tag("lanes").and_then(|l| l.parse::<f64>().ok());
            tagged.filter(|l| (1.0..=16.0).contains(l))
        };
        let ends = |wanted: &dyn Fn(&MapFeature) -> bool| -> Vec<Xy> {
            let all = city.into_iter().flat_map(|c| &c.city.map.features);
            all.filter(|f| wanted(f))
                .filter_map(|f| line(f).first().copied())
                .collect()
        };
        Self {
            plane,
            roads: LineIndex::new(lines.iter().map(Vec::as_slice)),
            tags: roads.iter().map(|f| (lanes(f), oneway(f))).collect(),
            signals: ends(&|f| f.is("highway", "traffic_signals")),
            crossings: ends(&|f| f.is("highway", "crossing")),
            stops: ends(&|f| f.is("highway", "bus_stop") || f.is("public_transport", "platform")),
            gates: city.map_or_else(Vec::new, |c| school_gates(c, plane)),
        }
    }

    /// Facts of a site; what the map does not say is left out, since a map without signals says nothing about signals.
    fn facts(&self, site: &Site) -> Facts {
        let at = self.plane.to_xy(site.point);
        let near = |points: &[Xy], metres: f64| points.iter().any(|p| p.distance_m(at) <= metres);
        let mut out = Facts::new();
        let mut put = |name: &str, value: f64| out.insert(name.to_owned(), value);
        let gate = site.kind == Kind::SchoolGate || near(&self.gates, SCHOOL_M);
        if gate || !self.gates.is_empty() {
            put("school_gate", f64::from(u8::from(gate)));
        }
        match site.kind {
            Kind::Intersection => put("junction", 1.0),
            Kind::SchoolGate | Kind::ParkingEntrance | Kind::Frontage => put("junction", 0.0),
            _ => None,
        };
        for (name, points) in [
            ("signal", &self.signals),
            ("crossing", &self.crossings),
            ("bus_line", &self.stops),
        ] {
            if near(points, AT_SITE_M) {
                put(name, 1.0);
            }
        }
        let own = self
            .roads
            .nearest(at)
            .filter(|s| s.distance_m <= OWN_ROAD_M);
        if let Some((lanes, way)) = own.and_then(|s| self.tags.get(s.line).copied()) {
            put("one_way", f64::from(u8::from(way != 0)));
            // The lanes of a one-way carriageway are one half of a road that has two.
            if let Some(lanes) = lanes.filter(|_| way == 0) {
                put("lanes", lanes);
            }
        }
        out
    }
}

/// Gates of schools on the map.
fn school_gates(city: &CityView, plane: LocalPlane) -> Vec<Xy> {
    let features = &city.city.map.features;
    let teaches = |f: &&MapFeature| f.is("amenity", "school") || f.is("amenity", "kindergarten");
    let schools: BTreeSet<&str> = features
        .iter()
        .filter(teaches)
        .map(|f| f.id.as_str())
        .collect();
    let of_school = |f: &&MapFeature| f.tag("parent").is_some_and(|p| schools.contains(p));
    let points = features.iter().filter(of_school).filter_map(|f| {
        let at = f.geometry.coords_iter().next()?;
        Some(plane.to_xy(LonLat::new(at.x, at.y)))
    });
    points.collect()
}

/// The results kept with a plan, so that explanations reckon with the same figures.
pub(super) fn kept_results(body: &Value) -> BTreeMap<String, Vec<LocalResult>> {
    serde_json::from_value(body["local"].clone()).unwrap_or_default()
}
