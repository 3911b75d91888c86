//! To which place does a gate, an entrance or a stop belong?

use std::collections::BTreeMap;

use geo::{Area, BoundingRect, Contains, Geometry, Point};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use crate::place::source::MapFeature;

/// A way of an extract: id, tags, node ids.
#[derive(Debug)]
pub(crate) struct Way {
    /// Number.
    pub(crate) id: i64,
    /// Tags.
    pub(crate) tags: BTreeMap<String, String>,
    /// Nodes in order.
    pub(crate) refs: Vec<i64>,
}

/// Places with their outlines, ready for the question which of them a node opens.
#[derive(Debug)]
pub(crate) struct Outlines<'a> {
    places: Vec<Place<'a>>,
    /// Node id → places whose outline runs through it.
    through: BTreeMap<i64, Vec<u32>>,
    tree: RTree<GeomWithData<Rectangle<[f64; 2]>, u32>>,
}

#[derive(Debug)]
struct Place<'a> {
    feature: &'a MapFeature,
    area: f64,
    /// Worth of a parent: named site 3, named building 2, site 1, building 0.
    worth: u8,
}

/// What makes a surface a place that can have gates.
const PLACE_KEYS: [&str; 9] = [
    "amenity",
    "shop",
    "office",
    "leisure",
    "tourism",
    "healthcare",
    "landuse",
    "place",
    "railway",
];

impl<'a> Outlines<'a> {
    /// Takes the surfaces of an extract and the ways that carry their node ids.
    pub(crate) fn new(features: &'a [MapFeature], ways: &[Way]) -> Self {
        let mut places = Vec::new();
        let mut number_of: BTreeMap<&str, u32> = BTreeMap::new();
        let mut boxes = Vec::new();
        for feature in features {
            let Some(worth) = worth(feature) else {
                continue;
            };
            let Some(bounds) = feature.geometry.bounding_rect() else {
                continue;
            };
            let area = feature.geometry.unsigned_area();
            let number = u32::try_from(places.len()).unwrap_or(u32::MAX);
            let (low, high) = (bounds.min(), bounds.max());
            boxes.push(GeomWithData::new(
                Rectangle::from_corners([low.x, low.y], [high.x, high.y]),
                number,
            ));
            number_of.insert(feature.id.as_str(), number);
            places.push(Place {
                feature,
                area,
                worth,
            });
        }
        let mut through: BTreeMap<i64, Vec<u32>> = BTreeMap::new();
        for way in ways {
            if let Some(number) = number_of.get(format!("w{}", way.id).as_str()) {
                for node in &way.refs {
                    through.entry(*node).or_default().push(*number);
                }
            }
        }
        Self {
            places,
            through,
            tree: RTree::bulk_load(boxes),
        }
    }

    /// Completes a node's tags and says whether it is worth keeping: gates that open no place and have no name are not.
    pub(crate) fn settle(&self, id: i64, node: &mut MapFeature) -> bool {
        stop_tags(node);
        let barrier = matches!(
            node.tag("barrier"),
            Some("gate" | "lift_gate" | "sliding_gate" | "swing_gate" | "entrance")
        );
        let opening = barrier
            || node.tag("entrance").is_some_and(|v| v != "no")
            || node.is("amenity", "parking_entrance");
        if !opening {
            let only_barrier = node.tag("barrier").is_some_and(|v| v != "toll_booth");
            return !only_barrier || node.tag("amenity").is_some() || node.tag("name").is_some();
        }
        if let Some(parent) = self.parent(id, node) {
            node.tags.insert("parent".to_owned(), parent.id.clone());
            if let Some(name) = parent.tag("name") {
                node.tags.insert("parent_name".to_owned(), name.to_owned());
            }
            return true;
        }
        node.tag("name").is_some() || node.is("amenity", "parking_entrance")
    }

    /// The best place whose outline runs through the node; an unnamed building gives way to the named site around it.
    fn parent(&self, id: i64, node: &MapFeature) -> Option<&'a MapFeature> {
        let best = |numbers: &mut dyn Iterator<Item = u32>| {
            numbers
                .filter_map(|n| self.places.get(n as usize))
                .max_by(|a, b| {
                    a.worth
                        .cmp(&b.worth)
                        .then(b.area.total_cmp(&a.area))
                        .then_with(|| b.feature.id.cmp(&a.feature.id))
                })
        };
        let on = self.through.get(&id).map_or(&[] as &[u32], Vec::as_slice);
        let on_outline = best(&mut on.iter().copied());
        if on_outline.is_some_and(|place| place.worth >= 2) {
            return on_outline.map(|place| place.feature);
        }
        let Geometry::Point(at) = &node.geometry else {
            return on_outline.map(|place| place.feature);
        };
        let around = best(&mut self.around(at).filter(|n| {
            self.places
                .get(*n as usize)
                .is_some_and(|place| place.worth == 3)
        }));
        around.or(on_outline).map(|place| place.feature)
    }

    fn around<'b>(&'b self, at: &'b Point<f64>) -> impl Iterator<Item = u32> + 'b {
        let spot = AABB::from_point([at.x(), at.y()]);
        self.tree
            .locate_in_envelope_intersecting(&spot)
            .map(|entry| entry.data)
            .filter(move |n| {
                self.places
                    .get(*n as usize)
                    .is_some_and(|place| place.feature.geometry.contains(at))
            })
    }
}

fn worth(feature: &MapFeature) -> Option<u8> {
    // A town or a district has no gates; an estate or a square has.
    let settlement = feature
        .tag("place")
        .is_some_and(|v| !matches!(v, "neighbourhood" | "square"));
    if settlement || feature.tag("boundary").is_some() {
        return None;
    }
    let site = PLACE_KEYS.iter().any(|key| feature.tag(key).is_some());
    let building = feature.tag("building").is_some();
    let named = feature.tag("name").is_some();
    match (site, building, named) {
        (true, _, true) => Some(3),
        (false, true, true) => Some(2),
        (true, ..) => Some(1),
        (false, true, false) => Some(0),
        _ => None,
    }
}

/// Stops and stations under their older, widely known tags.
fn stop_tags(node: &mut MapFeature) {
    let bus = node.is("bus", "yes") || node.is("trolleybus", "yes");
    let stop =
        node.is("public_transport", "platform") || node.is("public_transport", "stop_position");
    if stop && bus && node.tag("highway").is_none() {
        node.tags
            .insert("highway".to_owned(), "bus_stop".to_owned());
    }
    let rail = node.is("subway", "yes") || node.is("train", "yes") || node.is("light_rail", "yes");
    if node.is("public_transport", "station") && rail && node.tag("railway").is_none() {
        node.tags.insert("railway".to_owned(), "station".to_owned());
    }
}
