//! What differs from city to city besides the map: categories, channel names, units.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::app::city_error::CityError;

/// Where a kind of problem lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Extent {
    /// One spot.
    #[default]
    Point,
    /// Along a front: a school gate, a row of shops.
    Frontage,
    /// A stretch of road.
    Segment,
    /// No place at all.
    None,
}

/// One category of tickets (问题分类).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// Stable id.
    pub id: String,
    /// Id of the category above; `None` = first level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Chinese name, as in exports.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// Name on public pages; empty = not public.
    #[serde(default)]
    pub public_name: String,
    /// Geometry class.
    #[serde(default)]
    pub geometry: Extent,
    /// Other wordings met in exports.
    #[serde(default)]
    pub surfaces: Vec<String>,
    /// Whether the traffic police handles it.
    #[serde(default = "yes")]
    pub ours: bool,
}

impl Category {
    fn says(&self, word: &str) -> bool {
        self.name == word || self.surfaces.iter().any(|s| s == word)
    }
}

const fn yes() -> bool {
    true
}

/// A unit that handles tickets (承办单位).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    /// Stable id.
    pub id: String,
    /// Chinese name, as in exports.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// Other wordings met in exports.
    #[serde(default)]
    pub surfaces: Vec<String>,
}

/// The name of a channel in this city; the set of channels is the program's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelName {
    /// Code of the channel.
    pub id: String,
    /// Chinese name.
    pub name: String,
    /// English name.
    pub name_en: String,
}

/// The rules of a city, as read from its folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Two levels, parents before children.
    pub categories: Vec<Category>,
    /// Channel names.
    pub channels: Vec<ChannelName>,
    /// Units; empty = as named in imports.
    pub units: Vec<Unit>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Categories {
    category: Vec<Category>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Channels {
    channel: Vec<ChannelName>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Units {
    unit: Vec<Unit>,
}

const CATEGORIES: &str = "categories.toml";
const CHANNELS: &str = "channels.toml";
const UNITS: &str = "units.toml";

impl Rules {
    /// The shipped defaults (`data/cities/default`).
    ///
    /// # Panics
    /// Never: the shipped files are read by a test.
    #[must_use]
    pub fn shipped() -> Self {
        Self::read(
            include_str!("../../data/cities/default/categories.toml"),
            include_str!("../../data/cities/default/channels.toml"),
            include_str!("../../data/cities/default/units.toml"),
        )
        .unwrap_or_default()
    }

    /// Reads the three texts; checks ids and parents.
    ///
    /// # Errors
    /// One sentence with the file, the value and the cure.
    pub fn read(categories: &str, channels: &str, units: &str) -> Result<Self, String> {
        let in_file = |file: &'static str| move |e: toml::de::Error| format!("{file}: {e}");
        let rules = Self {
            categories: toml::from_str::<Categories>(categories)
                .map_err(in_file(CATEGORIES))?
                .category,
            channels: toml::from_str::<Channels>(channels)
                .map_err(in_file(CHANNELS))?
                .channel,
            units: toml::from_str::<Units>(units).map_err(in_file(UNITS))?.unit,
        };
        rules.check()?;
        Ok(rules)
    }

    fn check(&self) -> Result<(), String> {
        let mut known: Vec<&str> = Vec::new();
        for category in &self.categories {
            let Category { id, parent, .. } = category;
            if known.contains(&id.as_str()) {
                return Err(format!("{CATEGORIES}: id {id:?} stands twice"));
            }
            if let Some(parent) = parent
                && !known.contains(&parent.as_str())
            {
                return Err(format!(
                    "{CATEGORIES}: parent {parent:?} of {id:?} must stand above it"
                ));
            }
            known.push(id);
        }
        let mut units = BTreeSet::new();
        if let Some(unit) = self.units.iter().find(|u| !units.insert(u.id.as_str())) {
            return Err(format!("{UNITS}: id {:?} stands twice", unit.id));
        }
        Ok(())
    }

    /// Loads the rules of a city folder; a missing file means the shipped default of that file.
    ///
    /// # Errors
    /// [`CityError::Broken`] with the reason.
    pub fn load(folder: &Path) -> Result<Self, CityError> {
        let text = |name: &str, shipped: &str| match fs::read_to_string(folder.join(name)) {
            Ok(text) => Ok(text),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(shipped.to_owned()),
            Err(e) => Err(CityError::Broken {
                path: folder.join(name),
                why: e.to_string(),
            }),
        };
        let categories = text(
            CATEGORIES,
            include_str!("../../data/cities/default/categories.toml"),
        )?;
        let channels = text(
            CHANNELS,
            include_str!("../../data/cities/default/channels.toml"),
        )?;
        let units = text(UNITS, include_str!("../../data/cities/default/units.toml"))?;
        Self::read(&categories, &channels, &units).map_err(|why| CityError::Broken {
            path: folder.to_owned(),
            why,
        })
    }

    /// The files of a city folder that hold these rules.
    ///
    /// # Errors
    /// If a value cannot be written as TOML, which the types do not allow.
    pub fn files(&self) -> io::Result<[(&'static str, String); 3]> {
        let category = self.categories.clone();
        let channel = self.channels.clone();
        let unit = self.units.clone();
        Ok([
            (
                CATEGORIES,
                toml::to_string_pretty(&Categories { category }).map_err(io::Error::other)?,
            ),
            (
                CHANNELS,
                toml::to_string_pretty(&Channels { channel }).map_err(io::Error::other)?,
            ),
            (
                UNITS,
                toml::to_string_pretty(&Units { unit }).map_err(io::Error::other)?,
            ),
        ])
    }

    /// The category a path of words stands for (`交通秩序->违停`, split by the import), deepest word first: a category of that
    /// name or surface below the word before it, else any of that wording; `None` if no word is known.
    #[must_use]
    pub fn category(&self, path: &[String]) -> Option<&Category> {
        (0..path.len()).rev().find_map(|level| {
            let word = path.get(level)?.trim();
            let above = level.checked_sub(1).and_then(|l| path.get(l));
            let fitting: Vec<&Category> = self.categories.iter().filter(|c| c.says(word)).collect();
            let below = |c: &&&Category| above.is_some_and(|a| self.is_below(c, a.trim()));
            let nested = fitting.iter().find(below);
            nested.or_else(|| fitting.first()).copied()
        })
    }

    /// The names of the category that a path of words stands for, first level first; `None` if no word is known.
    #[must_use]
    pub fn path(&self, words: &[String]) -> Option<Vec<String>> {
        Some(self.names(self.category(words)?))
    }

    /// The names of a category from the first level on.
    #[must_use]
    pub fn names(&self, category: &Category) -> Vec<String> {
        let above = category.parent.as_deref();
        let above = above.and_then(|id| self.categories.iter().find(|c| c.id == id));
        let mut names = above.map_or_else(Vec::new, |parent| self.names(parent));
        names.push(category.name.clone());
        names
    }

    fn is_below(&self, category: &Category, word: &str) -> bool {
        let parent = category.parent.as_ref();
        parent
            .and_then(|id| self.categories.iter().find(|p| p.id == *id))
            .is_some_and(|p| p.says(word))
    }

    /// The unit a wording stands for.
    #[must_use]
    pub fn unit(&self, word: &str) -> Option<&Unit> {
        self.units
            .iter()
            .find(|u| u.name == word || u.surfaces.iter().any(|s| s == word))
    }
}
