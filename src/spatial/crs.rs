//! Which coordinates are these, and what are they in metres?
//!
//! Everything inside is WGS-84 degrees. GCJ-02 and BD-09 are the offset datums of Chinese web maps; the formulas are the
//! widely published approximations, inverted by iteration.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

/// Mean earth radius in metres (IUGG 1980), used for great circles and local planes.
pub const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// A point in WGS-84 degrees unless the value that carries it says another [`Datum`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LonLat {
    /// Longitude in degrees, east positive.
    pub lon: f64,
    /// Latitude in degrees, north positive.
    pub lat: f64,
}

/// A point in metres on a [`LocalPlane`], x east, y north.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Xy {
    /// Metres east of the plane's origin.
    pub x: f64,
    /// Metres north of the plane's origin.
    pub y: f64,
}

/// The datum a pair of degrees is written in (坐标系).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Datum {
    /// WGS-84; CGCS2000 is treated as equal (they differ by centimetres).
    Wgs84,
    /// GCJ-02, 火星坐标: Amap, Tencent.
    Gcj02,
    /// BD-09: Baidu.
    Bd09,
}

impl Datum {
    /// All datums, in the order they are tried.
    pub const ALL: [Self; 3] = [Self::Wgs84, Self::Gcj02, Self::Bd09];

    /// Reads the labels met in exports: `WGS84`, `CGCS2000`, `gcj-02`, 火星坐标, 高德, 腾讯, `bd09`, 百度. `None` if unknown.
    #[must_use]
    pub fn parse(label: &str) -> Option<Self> {
        let key: String = label
            .chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect();
        match key.as_str() {
            "wgs84" | "wgs" | "cgcs2000" | "cgcs" | "epsg4326" | "epsg4490" | "大地2000"
            | "国家2000" | "gps" | "天地图" => Some(Self::Wgs84),
            "gcj02" | "gcj" | "gcj2" | "火星坐标" | "火星坐标系" | "火星" | "高德" | "高德坐标"
            | "腾讯" | "腾讯坐标" => Some(Self::Gcj02),
            "bd09" | "bd9" | "bd09ll" | "百度" | "百度坐标" => Some(Self::Bd09),
            _ => None,
        }
    }

    /// The stable lower-case name: `wgs84`, `gcj02`, `bd09`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Wgs84 => "wgs84",
            Self::Gcj02 => "gcj02",
            Self::Bd09 => "bd09",
        }
    }

    /// Converts a pair written in this datum to WGS-84; error of the inverse below 1e-9 degree.
    #[must_use]
    pub fn to_wgs84(self, p: LonLat) -> LonLat {
        match self {
            Self::Wgs84 => p,
            Self::Gcj02 => gcj_to_wgs(p),
            Self::Bd09 => gcj_to_wgs(bd_to_gcj(p)),
        }
    }

    /// Converts a WGS-84 pair to this datum.
    #[must_use]
    pub fn from_wgs84(self, p: LonLat) -> LonLat {
        match self {
            Self::Wgs84 => p,
            Self::Gcj02 => wgs_to_gcj(p),
            Self::Bd09 => gcj_to_bd(wgs_to_gcj(p)),
        }
    }
}

/// The ellipsoid of the shift (Krasovsky 1940) and the box inside which it is applied.
const KRASOVSKY_A: f64 = 6_378_245.0;
const KRASOVSKY_EE: f64 = 0.006_693_421_622_965_943;

fn shifted(p: LonLat) -> bool {
    (72.004..=137.8347).contains(&p.lon) && (0.8293..=55.8271).contains(&p.lat)
}

fn wgs_to_gcj(p: LonLat) -> LonLat {
    if !shifted(p) {
        return p;
    }
    let (x, y) = (p.lon - 105.0, p.lat - 35.0);
    let waves = (20.0 * (6.0 * x * PI).sin() + 20.0 * (2.0 * x * PI).sin()) * 2.0 / 3.0;
    let north = -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * x.abs().sqrt()
        + waves
        + (20.0 * (y * PI).sin() + 40.0 * (y / 3.0 * PI).sin()) * 2.0 / 3.0
        + (160.0 * (y / 12.0 * PI).sin() + 320.0 * (y * PI / 30.0).sin()) * 2.0 / 3.0;
    let east = 300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * x.abs().sqrt()
        + waves
        + (20.0 * (x * PI).sin() + 40.0 * (x / 3.0 * PI).sin()) * 2.0 / 3.0
        + (150.0 * (x / 12.0 * PI).sin() + 300.0 * (x / 30.0 * PI).sin()) * 2.0 / 3.0;
    let rad = p.lat.to_radians();
    let magic = 1.0 - KRASOVSKY_EE * rad.sin() * rad.sin();
    let root = magic.sqrt();
    LonLat {
        lon: p.lon + east * 180.0 / (KRASOVSKY_A / root * rad.cos() * PI),
        lat: p.lat + north * 180.0 / (KRASOVSKY_A * (1.0 - KRASOVSKY_EE) / (magic * root) * PI),
    }
}

fn gcj_to_wgs(q: LonLat) -> LonLat {
    let mut p = q;
    for _ in 0..6 {
        let f = wgs_to_gcj(p);
        p = LonLat {
            lon: p.lon + q.lon - f.lon,
            lat: p.lat + q.lat - f.lat,
        };
    }
    p
}

const BD_PI: f64 = PI * 3000.0 / 180.0;

fn gcj_to_bd(p: LonLat) -> LonLat {
    if !shifted(p) {
        return p;
    }
    let z = p.lon.hypot(p.lat) + 0.000_02 * (p.lat * BD_PI).sin();
    let theta = p.lat.atan2(p.lon) + 0.000_003 * (p.lon * BD_PI).cos();
    LonLat {
        lon: z * theta.cos() + 0.0065,
        lat: z * theta.sin() + 0.006,
    }
}

fn bd_to_gcj(q: LonLat) -> LonLat {
    if !shifted(q) {
        return q;
    }
    let mut p = LonLat {
        lon: q.lon - 0.0065,
        lat: q.lat - 0.006,
    };
    for _ in 0..6 {
        let f = gcj_to_bd(p);
        p = LonLat {
            lon: p.lon + q.lon - f.lon,
            lat: p.lat + q.lat - f.lat,
        };
    }
    p
}

impl LonLat {
    /// A point from degrees.
    #[must_use]
    pub const fn new(lon: f64, lat: f64) -> Self {
        Self { lon, lat }
    }

    /// Whether both parts are finite and within ±180 / ±90.
    #[must_use]
    pub fn is_valid(self) -> bool {
        self.lon.is_finite()
            && self.lat.is_finite()
            && self.lon.abs() <= 180.0
            && self.lat.abs() <= 90.0
    }

    /// The place on the unit sphere, z north: order of straight distances is that of great circles.
    #[must_use]
    pub fn on_sphere(self) -> [f64; 3] {
        let (lat_sin, lat_cos) = self.lat.to_radians().sin_cos();
        let (lon_sin, lon_cos) = self.lon.to_radians().sin_cos();
        [lat_cos * lon_cos, lat_cos * lon_sin, lat_sin]
    }

    /// Great-circle distance in metres (haversine on the mean radius; within 0.5 % of the ellipsoid).
    #[must_use]
    pub fn distance_m(self, other: Self) -> f64 {
        let (a, b) = (self.lat.to_radians(), other.lat.to_radians());
        let h = ((b - a) / 2.0).sin().powi(2)
            + a.cos() * b.cos() * ((other.lon - self.lon).to_radians() / 2.0).sin().powi(2);
        2.0 * EARTH_RADIUS_M * h.sqrt().min(1.0).asin()
    }
}

/// An equirectangular plane in metres around an origin; within 0.1 % for a city of 50 km.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LocalPlane {
    origin: LonLat,
    east_m: f64,
    north_m: f64,
}

impl LocalPlane {
    /// A plane whose (0, 0) is `origin`.
    #[must_use]
    pub fn new(origin: LonLat) -> Self {
        let degree = EARTH_RADIUS_M.to_radians();
        Self {
            origin,
            east_m: degree * origin.lat.to_radians().cos(),
            north_m: degree,
        }
    }

    /// Degrees to metres.
    #[must_use]
    pub fn to_xy(&self, p: LonLat) -> Xy {
        Xy {
            x: (p.lon - self.origin.lon) * self.east_m,
            y: (p.lat - self.origin.lat) * self.north_m,
        }
    }

    /// Metres to degrees.
    #[must_use]
    pub fn to_lonlat(&self, p: Xy) -> LonLat {
        LonLat {
            lon: self.origin.lon + p.x / self.east_m,
            lat: self.origin.lat + p.y / self.north_m,
        }
    }

    /// The point that is (0, 0).
    #[must_use]
    pub const fn origin(&self) -> LonLat {
        self.origin
    }
}

impl Xy {
    /// Straight distance in metres. Metres of a city neither overflow nor vanish when squared, so the slow `hypot` is not needed.
    #[must_use]
    pub fn distance_m(self, other: Self) -> f64 {
        let (dx, dy) = (self.x - other.x, self.y - other.y);
        (dx * dx + dy * dy).sqrt()
    }
}
