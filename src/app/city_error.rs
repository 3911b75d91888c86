//! Why can a city not be imported or loaded, and what helps?

use std::io;
use std::path::PathBuf;

use crate::place::MapError;

/// Why a city cannot be imported or loaded, with the cure.
#[derive(Debug, thiserror::Error)]
pub enum CityError {
    /// Not a folder name.
    #[error("city id {id:?} must be 1–64 letters, digits, - or _")]
    BadId {
        /// As given.
        id: String,
    },
    /// No files given.
    #[error("no map file was given: use --osm, --roads, --pois or --boundary")]
    NoFiles,
    /// A file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    File {
        /// Path.
        path: PathBuf,
        /// Reason of the system.
        source: io::Error,
    },
    /// A file is no usable map.
    #[error(transparent)]
    Map(#[from] MapError),
    /// Nobody knows the datum.
    #[error(
        "{file} does not say its datum and it cannot be told from the other files: add --datum wgs84, gcj02 (Amap, Tencent) or bd09 (Baidu), or write {file}@gcj02; a wrong datum moves everything by 500–1,300 m"
    )]
    DatumUnknown {
        /// File.
        file: String,
    },
    /// No such city.
    #[error("no city {id:?} in {}: import one with `zhilu city import`", folder.display())]
    NotFound {
        /// Id.
        id: String,
        /// Folder searched.
        folder: PathBuf,
    },
    /// A file of the city folder is damaged.
    #[error("{} cannot be understood ({why}): import the city again", path.display())]
    Broken {
        /// File.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// Writing failed: disk full, no right.
    #[error("cannot write the city to {}: {source}; the city imported before is untouched", path.display())]
    Write {
        /// Path.
        path: PathBuf,
        /// Reason of the system.
        source: io::Error,
    },
}
