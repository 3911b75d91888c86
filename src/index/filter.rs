//! Which tickets does a reader ask for: one grammar for list, map, statistics and export.
//!
//! Comma means or, parameters mean and. Names: see [`Filter::NAMES`]. An unknown name or an unreadable value is refused
//! with the valid ones, never ignored.

use h3o::{CellIndex, Resolution};

use crate::index::date;
use crate::index::dict::{Dict, Dicts, NONE};
use crate::index::row::{STATES, percent, state_code, state_title};
use crate::index::text;
use crate::place::Precision;
use crate::spatial::World;
use crate::spatial::crs::LonLat;
use crate::spatial::grid::FINEST;
use crate::ticket::{Channel, State};

/// The instant that `from`, `to` and time counts speak of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TimeAxis {
    /// Arrival in the brigade (受理时间).
    #[default]
    Received,
    /// 办结时间; open tickets have none and are left out when `from` or `to` is given.
    Closed,
}

/// A box on the map, corners included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MapBox {
    /// North-western corner.
    pub low: World,
    /// South-eastern corner.
    pub high: World,
}

/// Which sites are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SiteChoice {
    /// Tickets of any site.
    Any,
    /// Tickets of no site.
    Outside,
    /// Tickets of these sites.
    These(Vec<i64>),
}

/// What a reader asks for. The default asks for everything.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// Category codes, children included; `NONE` = without category.
    pub categories: Option<Vec<u16>>,
    /// Channels.
    pub channels: Option<Vec<Channel>>,
    /// States.
    pub states: Option<Vec<State>>,
    /// Precision classes.
    pub precisions: Option<Vec<Precision>>,
    /// Area codes, parts included.
    pub areas: Option<Vec<u16>>,
    /// Unit codes.
    pub units: Option<Vec<u16>>,
    /// Box around the shown point.
    pub bbox: Option<MapBox>,
    /// Hexagons that hold the shown point, any resolution up to 11.
    pub cells: Option<Vec<CellIndex>>,
    /// First whole second that counts.
    pub from_s: Option<i64>,
    /// First whole second that no longer counts.
    pub until_s: Option<i64>,
    /// Which instant `from_s` and `until_s` speak of.
    pub axis: TimeAxis,
    /// Words in title, content or place column.
    pub words: Option<String>,
    /// Least number of redo rounds.
    pub redo: Option<u8>,
    /// Sites.
    pub sites: Option<SiteChoice>,
    /// Least confidence in whole percent.
    pub min_confidence: Option<u8>,
}

/// Why a filter was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadFilter {
    /// A parameter that no filter knows.
    #[error("unknown parameter `{name}`; a filter knows {}", Filter::NAMES.join(", "))]
    Unknown {
        /// As given.
        name: String,
    },
    /// The same parameter twice.
    #[error("`{name}` is given twice; put all values into one, separated by commas")]
    Twice {
        /// The parameter.
        name: String,
    },
    /// A value that cannot be read.
    #[error("`{name}` cannot be `{value}`: {cure}")]
    Value {
        /// The parameter.
        name: String,
        /// The value as given.
        value: String,
        /// What would be right.
        cure: String,
    },
}

impl BadFilter {
    /// The parameter that is wrong.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Unknown { name } | Self::Twice { name } | Self::Value { name, .. } => name,
        }
    }

    /// Stable code: `unknown_parameter`, `parameter_twice`, `bad_value`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "unknown_parameter",
            Self::Twice { .. } => "parameter_twice",
            Self::Value { .. } => "bad_value",
        }
    }
}

fn bad(name: &str, value: &str, cure: impl Into<String>) -> BadFilter {
    BadFilter::Value {
        name: name.to_owned(),
        value: value.chars().take(80).collect(),
        cure: cure.into(),
    }
}

impl Filter {
    /// All parameters of the grammar.
    pub const NAMES: [&'static str; 15] = [
        "kind",
        "channel",
        "state",
        "precision",
        "area",
        "unit",
        "bbox",
        "h3",
        "from",
        "to",
        "time",
        "q",
        "redo",
        "site",
        "min_confidence",
    ];

    /// Reads parameters; empty values are as if not given.
    pub fn parse(parameters: &[(String, String)], dicts: &Dicts) -> Result<Self, BadFilter> {
        let mut filter = Self::default();
        let mut seen: Vec<&str> = Vec::new();
        for (name, value) in parameters {
            if seen.contains(&name.as_str()) {
                return Err(BadFilter::Twice { name: name.clone() });
            }
            seen.push(name);
            if !Self::NAMES.contains(&name.as_str()) {
                return Err(BadFilter::Unknown { name: name.clone() });
            }
            let value = value.trim();
            if !value.is_empty() {
                filter.set(name, value, dicts)?;
            }
        }
        if let (Some(from), Some(until)) = (filter.from_s, filter.until_s)
            && from >= until
        {
            return Err(bad(
                "to",
                "earlier than `from`",
                "put the later date into `to`",
            ));
        }
        Ok(filter)
    }

    fn set(&mut self, name: &str, value: &str, dicts: &Dicts) -> Result<(), BadFilter> {
        match name {
            "kind" => self.categories = Some(codes(name, value, &dicts.categories)?),
            "area" => self.areas = Some(codes(name, value, &dicts.areas)?),
            "unit" => self.units = Some(codes(name, value, &dicts.units)?),
            "channel" => self.channels = Some(list(name, value, &CHANNELS)?),
            "state" => self.states = Some(list(name, value, &STATE_WORDS)?),
            "precision" => self.precisions = Some(list(name, value, &PRECISIONS)?),
            "bbox" => self.bbox = Some(map_box(value)?),
            "h3" => self.cells = Some(each(value, |v| cell(name, v))?),
            "from" => self.from_s = Some(when(name, value)?.0),
            "to" => self.until_s = Some(when(name, value)?.1),
            "time" => self.axis = axis(value)?,
            "q" => self.words = Some(words(value)?),
            "redo" => self.redo = Some(redo(value)?),
            "site" => self.sites = Some(sites(value)?),
            _ => self.min_confidence = Some(confidence(value)?),
        }
        Ok(())
    }

    /// Whether everything is asked for.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        *self
            == Self {
                axis: self.axis,
                ..Self::default()
            }
    }

    /// A stable text of what is asked, equal for equal questions; for cache keys and `ETag`.
    #[must_use]
    pub fn canonical(&self) -> String {
        format!("{self:?}")
    }
}

type Words<T> = dyn Fn(&str) -> Option<T> + Sync;

struct Vocabulary<T: 'static> {
    read: &'static Words<T>,
    valid: &'static (dyn Fn() -> String + Sync),
}

static CHANNELS: Vocabulary<Channel> = Vocabulary {
    read: &|w| {
        Channel::ALL
            .into_iter()
            .find(|c| c.code() == w || c.title() == w)
    },
    valid: &|| Channel::ALL.map(Channel::code).join(", "),
};

static STATE_WORDS: Vocabulary<State> = Vocabulary {
    read: &|w| {
        STATES
            .into_iter()
            .find(|s| state_code(*s) == w || state_title(*s) == w)
    },
    valid: &|| STATES.map(state_code).join(", "),
};

static PRECISIONS: Vocabulary<Precision> = Vocabulary {
    read: &Precision::from_code,
    valid: &|| Precision::ALL.map(Precision::code).join(", "),
};

fn list<T>(name: &str, value: &str, words: &Vocabulary<T>) -> Result<Vec<T>, BadFilter> {
    each(value, |v| {
        (words.read)(v).ok_or_else(|| bad(name, v, format!("valid are {}", (words.valid)())))
    })
}

/// Reads every part between commas; empty parts are passed over.
fn each<T>(value: &str, read: impl Fn(&str) -> Result<T, BadFilter>) -> Result<Vec<T>, BadFilter> {
    value
        .split([',', '，'])
        .map(str::trim)
        .filter(|v| !v.is_empty())
        .map(read)
        .collect()
}

fn codes(name: &str, value: &str, dict: &Dict) -> Result<Vec<u16>, BadFilter> {
    let found = each(value, |v| {
        if v == "none" {
            return Ok(vec![NONE]);
        }
        let codes = dict.meant_by(v);
        if codes.is_empty() {
            return Err(bad(
                name,
                v,
                "use a key or a name of the list in `/api/v1/meta`",
            ));
        }
        Ok(codes)
    })?;
    let mut codes: Vec<u16> = found.into_iter().flatten().collect();
    codes.sort_unstable();
    codes.dedup();
    Ok(codes)
}

fn map_box(value: &str) -> Result<MapBox, BadFilter> {
    let cure = "use west,south,east,north in degrees";
    let numbers = each(value, |v| {
        v.parse::<f64>()
            .ok()
            .filter(|n| n.is_finite())
            .ok_or_else(|| bad("bbox", value, cure))
    })?;
    let [west, south, east, north] = numbers[..] else {
        return Err(bad("bbox", value, cure));
    };
    let valid = |lon, lat| LonLat { lon, lat }.is_valid();
    if !valid(west, south) || !valid(east, north) || west > east || south > north {
        return Err(bad("bbox", value, cure));
    }
    Ok(MapBox {
        low: World::of(LonLat {
            lon: west,
            lat: north,
        }),
        high: World::of(LonLat {
            lon: east,
            lat: south,
        }),
    })
}

fn cell(name: &str, value: &str) -> Result<CellIndex, BadFilter> {
    value
        .parse::<CellIndex>()
        .ok()
        .filter(|c| c.resolution() <= FINEST && c.resolution() >= Resolution::Zero)
        .ok_or_else(|| {
            bad(
                name,
                value,
                "use H3 cells of resolution 0 to 11, e.g. 8a31a0c6b1affff",
            )
        })
}

fn when(name: &str, value: &str) -> Result<(i64, i64), BadFilter> {
    date::stretch(value)
        .map(|(a, b)| (a.0.div_euclid(1000), b.0.div_euclid(1000)))
        .ok_or_else(|| {
            bad(
                name,
                value,
                "use 2024, 2024-03, 2024-03-01, 2024年3月1日 or an instant with offset",
            )
        })
}

fn axis(value: &str) -> Result<TimeAxis, BadFilter> {
    match value {
        "received" => Ok(TimeAxis::Received),
        "closed" => Ok(TimeAxis::Closed),
        _ => Err(bad("time", value, "valid are received, closed")),
    }
}

fn words(value: &str) -> Result<String, BadFilter> {
    if text::tokens(value).is_empty() {
        return Err(bad("q", value, "give at least one character or word"));
    }
    Ok(value.to_owned())
}

fn redo(value: &str) -> Result<u8, BadFilter> {
    let cure = "give the least number of redo rounds, 0 to 255";
    value.parse().ok().ok_or_else(|| bad("redo", value, cure))
}

fn sites(value: &str) -> Result<SiteChoice, BadFilter> {
    match value {
        "any" => Ok(SiteChoice::Any),
        "none" => Ok(SiteChoice::Outside),
        _ => {
            let mut ids = each(value, |v| {
                v.parse()
                    .ok()
                    .ok_or_else(|| bad("site", v, "use site ids, `any` or `none`"))
            })?;
            ids.sort_unstable();
            ids.dedup();
            Ok(SiteChoice::These(ids))
        }
    }
}

fn confidence(value: &str) -> Result<u8, BadFilter> {
    value
        .parse::<f32>()
        .ok()
        .filter(|v| (0.0..=1.0).contains(v))
        .map(percent)
        .ok_or_else(|| bad("min_confidence", value, "use a number from 0 to 1"))
}
