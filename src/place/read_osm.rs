//! What does an OSM extract (PBF) say about the city: roads, places with their gates, buildings, water, areas?

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use geo::{Coord, Geometry, LineString, Polygon};
use osmpbf::{Element, ElementReader, RelMemberType};

use crate::place::classify::{Sorted, sort_feature};
use crate::place::gates::{Outlines, Way};
use crate::place::highway::RoadClass;
use crate::place::read_geojson::OSM_ATTRIBUTION;
use crate::place::rings::{Rings, assemble, close};
use crate::place::source::{MapError, MapFeature, MapNote, MapRead, ReadOptions};
use crate::place::unpack::{MapFormat, sniff, unpack, wrong_format};
use crate::spatial::Datum;

type Tags = BTreeMap<String, String>;

/// A relation that is a surface: id, tags, member ways with `inner` or not.
#[derive(Debug)]
struct Relation {
    id: i64,
    tags: Tags,
    ways: Vec<(i64, bool)>,
}

/// Everything of the file that can matter, before geometry.
#[derive(Debug, Default)]
struct Raw {
    /// Id, longitude and latitude in 1e-7 degree; sorted by id.
    nodes: Vec<(i64, i32, i32)>,
    tagged: Vec<(i64, Tags)>,
    ways: Vec<Way>,
    relations: Vec<Relation>,
}

/// Reads an extract held in memory. The datum is WGS-84 by definition of OSM.
///
/// Places keep their OSM tags; ids are `n`, `w`, `r` and the number. Gates and entrances on the outline of a place carry `parent`
/// and `parent_name`. Multipolygons are assembled from their ways; those cut by the extract are counted in a note.
/// Cost: about 1 µs a node and 5 µs a way.
///
/// # Errors
/// [`MapError::Empty`], [`MapError::WrongFormat`], [`MapError::Damaged`], [`MapError::Nothing`].
pub fn parse(bytes: &[u8], options: &ReadOptions) -> Result<MapRead, MapError> {
    let subject = options.subject.as_str();
    let plain = unpack(bytes, subject)?;
    let found = sniff(&plain);
    if found != MapFormat::OsmPbf {
        return Err(wrong_format(subject, "an OSM PBF extract", found));
    }
    let mut raw = collect(&plain, subject)?;
    raw.nodes.sort_unstable();
    raw.nodes.dedup_by_key(|n| n.0);
    let mut notes = Vec::new();
    let features = build(&raw, subject, &mut notes);
    let mut sorted = Sorted::new(options);
    for feature in features {
        sort_feature(&mut sorted, feature);
    }
    let mut read = sorted.finish(Some(Datum::Wgs84))?;
    read.notes.append(&mut notes);
    read.map.attribute(OSM_ATTRIBUTION);
    Ok(read)
}

/// Reads all elements; damage of any kind, also inside the decoder, becomes one refusal.
fn collect(plain: &[u8], subject: &str) -> Result<Raw, MapError> {
    let damaged = |detail: String| MapError::Damaged {
        subject: subject.to_owned(),
        detail,
    };
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let mut raw = Raw::default();
        ElementReader::new(plain)
            .for_each(|element| raw.take(element))
            .map(|()| raw)
    }));
    match outcome {
        Ok(Ok(raw)) => Ok(raw),
        Ok(Err(error)) => Err(damaged(format!("PBF: {error}"))),
        Err(_panic) => Err(damaged(
            "PBF: a block breaks the rules of the format".to_owned(),
        )),
    }
}

impl Raw {
    fn take(&mut self, element: Element<'_>) {
        match element {
            Element::DenseNode(n) => {
                self.nodes
                    .push((n.id(), n.decimicro_lon(), n.decimicro_lat()));
                self.tag(n.id(), owned(n.tags()));
            }
            Element::Node(n) => {
                self.nodes
                    .push((n.id(), n.decimicro_lon(), n.decimicro_lat()));
                self.tag(n.id(), owned(n.tags()));
            }
            Element::Way(w) => self.ways.push(Way {
                id: w.id(),
                tags: owned(w.tags()),
                refs: w.refs().collect(),
            }),
            Element::Relation(r) => {
                let tags = owned(r.tags());
                let surface = matches!(
                    tags.get("type").map(String::as_str),
                    Some("multipolygon" | "boundary")
                );
                if surface {
                    let ways = r
                        .members()
                        .filter(|m| m.member_type == RelMemberType::Way)
                        .map(|m| (m.member_id, m.role().is_ok_and(|role| role == "inner")))
                        .collect();
                    self.relations.push(Relation {
                        id: r.id(),
                        tags,
                        ways,
                    });
                }
            }
        }
    }

    fn tag(&mut self, id: i64, tags: Tags) {
        if !tags.is_empty() && NODE_KEYS.iter().any(|key| tags.contains_key(*key)) {
            self.tagged.push((id, tags));
        }
    }

    fn coord(&self, id: i64) -> Option<Coord<f64>> {
        let at = self.nodes.binary_search_by_key(&id, |n| n.0).ok()?;
        let (_, lon, lat) = self.nodes.get(at)?;
        Some(Coord {
            x: f64::from(*lon) / 1e7,
            y: f64::from(*lat) / 1e7,
        })
    }

    /// The line through known nodes; nodes outside the extract are left out and counted.
    fn line(&self, refs: &[i64], missing: &mut usize) -> LineString<f64> {
        let coords: Vec<Coord<f64>> = refs.iter().filter_map(|id| self.coord(*id)).collect();
        *missing += refs.len() - coords.len();
        LineString(coords)
    }
}

impl Raw {
    /// Closed rings as lines; what lies outside the extract is left out.
    fn lines(&self, rings: &[Vec<i64>]) -> Vec<LineString<f64>> {
        let mut lost = 0;
        rings
            .iter()
            .map(|ring| self.line(ring, &mut lost))
            .filter(|line| line.0.len() > 3)
            .collect()
    }
}

fn owned<'a>(tags: impl Iterator<Item = (&'a str, &'a str)>) -> Tags {
    tags.filter(|(key, _)| !DULL.iter().any(|dull| key.starts_with(dull)))
        .map(|(key, value)| (key.to_owned(), value.trim().to_owned()))
        .collect()
}

/// Tags that say where data came from or how it was made, not what is there.
const DULL: [&str; 8] = [
    "source",
    "created_by",
    "note",
    "fixme",
    "FIXME",
    "tiger:",
    "attribution",
    "import",
];

/// A node with one of these keys is a feature.
const NODE_KEYS: [&str; 16] = [
    "amenity",
    "shop",
    "office",
    "leisure",
    "tourism",
    "railway",
    "highway",
    "public_transport",
    "place",
    "entrance",
    "barrier",
    "addr:housenumber",
    "healthcare",
    "building",
    "craft",
    "landuse",
];

/// A closed way or a multipolygon with one of these keys is a surface.
const SURFACE_KEYS: [&str; 17] = [
    "building",
    "amenity",
    "landuse",
    "leisure",
    "natural",
    "shop",
    "office",
    "tourism",
    "place",
    "man_made",
    "public_transport",
    "boundary",
    "healthcare",
    "waterway",
    "historic",
    "addr:housenumber",
    "railway",
];

fn build(raw: &Raw, subject: &str, notes: &mut Vec<MapNote>) -> Vec<MapFeature> {
    let mut missing = 0;
    let (mut features, consumed, open) = surfaces(raw);
    for way in &raw.ways {
        if consumed.contains(&way.id) || way.tags.is_empty() {
            continue;
        }
        if let Some(geometry) = way_geometry(raw, way, &mut missing) {
            features.push(MapFeature {
                id: format!("w{}", way.id),
                tags: way.tags.clone(),
                geometry,
            });
        }
    }
    let mut nodes = Vec::new();
    let outlines = Outlines::new(&features, &raw.ways);
    for (id, tags) in &raw.tagged {
        let Some(at) = raw.coord(*id) else { continue };
        let mut feature = MapFeature {
            id: format!("n{id}"),
            tags: tags.clone(),
            geometry: Geometry::Point(at.into()),
        };
        if outlines.settle(*id, &mut feature) {
            nodes.push(feature);
        }
    }
    drop(outlines);
    features.append(&mut nodes);
    if missing > 0 {
        let text = format!("{missing} points of ways lie outside the extract and were left out");
        notes.push(MapNote::new(subject, text));
    }
    if open > 0 {
        let text = format!(
            "{open} surfaces are cut by the edge of the extract or not closed and were left out: take a larger extract if a district or lake is missing"
        );
        notes.push(MapNote::new(subject, text));
    }
    features
}

/// Surfaces of relations; the outer ways whose tags went into them; how many did not close.
fn surfaces(raw: &Raw) -> (Vec<MapFeature>, BTreeSet<i64>, usize) {
    let by_id: BTreeMap<i64, &Way> = raw.ways.iter().map(|w| (w.id, w)).collect();
    let (mut features, mut consumed, mut open) = (Vec::new(), BTreeSet::new(), 0);
    for relation in &raw.relations {
        let (outer, inner) = (
            relation.members(&by_id, false),
            relation.members(&by_id, true),
        );
        let Some(tags) = relation.surface_tags(&outer) else {
            continue;
        };
        let (shells, holes) = (rings_of(&outer), rings_of(&inner));
        open += usize::from(shells.open > 0 || shells.closed.is_empty());
        let surface = assemble(raw.lines(&shells.closed), raw.lines(&holes.closed));
        if surface.0.is_empty() {
            continue;
        }
        for way in &outer {
            let same = |key: &&str| way.tags.get(*key) == tags.get(*key);
            if !way.tags.contains_key("highway") && SURFACE_KEYS.iter().all(same) {
                consumed.insert(way.id);
            }
        }
        features.push(MapFeature {
            id: format!("r{}", relation.id),
            tags,
            geometry: Geometry::MultiPolygon(surface),
        });
    }
    (features, consumed, open)
}

fn rings_of(ways: &[&Way]) -> Rings {
    let pieces: Vec<&[i64]> = ways.iter().map(|w| w.refs.as_slice()).collect();
    close(&pieces)
}

impl Relation {
    fn members<'a>(&self, by_id: &BTreeMap<i64, &'a Way>, inner: bool) -> Vec<&'a Way> {
        let members = self.ways.iter().filter(|(_, i)| *i == inner);
        members
            .filter_map(|(id, _)| by_id.get(id).copied())
            .collect()
    }

    /// What the surface is: by its own tags, or by those of its outer way (the older way of mapping); `None` if neither says.
    fn surface_tags(&self, outer: &[&Way]) -> Option<Tags> {
        let says = |tags: &Tags| SURFACE_KEYS.iter().any(|key| tags.contains_key(*key));
        let mut tags = self.tags.clone();
        tags.remove("type");
        if !says(&tags)
            && let Some(way) = outer.iter().find(|w| says(&w.tags))
        {
            tags.extend(way.tags.clone());
        }
        says(&tags).then_some(tags)
    }
}

/// What a way is by its tags: a line for roads, rails and waters, a surface if it is closed and says so.
fn way_geometry(raw: &Raw, way: &Way, missing: &mut usize) -> Option<Geometry<f64>> {
    let tag = |key: &str| way.tags.get(key).map(String::as_str);
    let closed = way.refs.len() > 3 && way.refs.first() == way.refs.last();
    let area = tag("area") == Some("yes");
    // A square that cars may cross is still a road to citizens and to routes; a pedestrian one is a surface.
    let road = tag("highway").is_some_and(|v| !area || RoadClass::of(v).drivable());
    let paved = tag("highway").is_some();
    let surface = SURFACE_KEYS.iter().any(|key| tag(key).is_some());
    let linear = tag("waterway").is_some_and(|v| !matches!(v, "riverbank" | "dock" | "boatyard"))
        || tag("railway").is_some_and(|v| !matches!(v, "station" | "platform"));
    if road {
        let line = raw.line(&way.refs, missing);
        return (line.0.len() > 1).then_some(Geometry::LineString(line));
    }
    if closed && (surface || paved) && (!linear || area) {
        let ring = raw.line(&way.refs, missing);
        return (ring.0.len() > 3).then(|| Geometry::Polygon(Polygon::new(ring, Vec::new())));
    }
    if linear {
        let line = raw.line(&way.refs, missing);
        return (line.0.len() > 1).then_some(Geometry::LineString(line));
    }
    None
}
