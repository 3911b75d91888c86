//! One way to understand a stretch of text as a place, before scores become probabilities.

use crate::place::located::Precision;
use crate::spatial::Xy;

/// Another point that the same words may mean.
#[derive(Clone, Debug)]
pub(crate) struct Other {
    /// Where.
    pub point: Xy,
    /// What it is called.
    pub label: String,
    /// Features behind it.
    pub features: Vec<String>,
    /// Weight against the chosen one, 0 = equal.
    pub z: f64,
}

/// What lies behind the shown point.
#[derive(Clone, Debug)]
pub(crate) enum Ground {
    /// The point itself.
    Point,
    /// A line, part by part.
    Line(Vec<Vec<Xy>>),
    /// A whole road, named by the first feature.
    Road,
    /// An area, by its id.
    Area(String),
}

/// A reading.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    /// Form of the phrase (locating reference 5.1).
    pub form: &'static str,
    /// Class.
    pub precision: Precision,
    /// Shown point.
    pub point: Xy,
    /// What lies behind it.
    pub ground: Ground,
    /// Radius in metres.
    pub radius_m: f64,
    /// Additive score (locating reference 8).
    pub z: f64,
    /// Logarithm of how many equally good places far apart the words fit.
    pub ambiguity: f64,
    /// Features used.
    pub features: Vec<String>,
    /// How people name it.
    pub label: String,
    /// Characters used, normalised positions.
    pub span: (usize, usize),
    /// Parts for highlighting: start, end, role.
    pub parts: Vec<(usize, usize, String)>,
    /// Other points of the same words.
    pub others: Vec<Other>,
    /// 由南往北, 左转.
    pub movement: Option<(usize, usize)>,
    /// How many names it uses.
    pub names: u8,
    /// Warnings.
    pub flags: Vec<&'static str>,
}

impl Reading {
    /// Rank of the form when several readings compete: more specific first (locating reference 5.2).
    pub(crate) fn rank(&self) -> f64 {
        let class = match self.precision {
            Precision::Point => 3.0,
            Precision::Address => 2.9,
            Precision::Intersection => 2.6,
            Precision::Segment => 2.5,
            Precision::Poi => 2.0,
            Precision::Road => 0.5,
            Precision::Area => -3.0,
            Precision::None => -5.0,
        };
        class + 0.4 * f64::from(self.names) + 0.5 * self.z
    }
}
