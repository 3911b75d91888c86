//! What kind of map file are these bytes, whatever the name says?

use std::borrow::Cow;
use std::io::Read;

use flate2::read::MultiGzDecoder;

use crate::place::source::MapError;

/// Largest size after unpacking, in bytes: an extract of a province fits, a zip bomb does not.
pub const LIMIT: u64 = 1_500_000_000;

/// What the first bytes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapFormat {
    /// `GeoJSON` or one feature per line.
    GeoJson,
    /// OSM in protocol buffers.
    OsmPbf,
    /// A table in text.
    Csv,
    /// OSM as XML.
    OsmXml,
    /// A zip container: shapefile bundle, workbook, KMZ.
    Zip,
    /// A web page, mostly a login or error page saved by mistake.
    Html,
    /// A tile archive.
    PmTiles,
    /// Anything else.
    Unknown,
}

impl MapFormat {
    /// How the format is called in messages.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::GeoJson => "GeoJSON",
            Self::OsmPbf => "an OSM PBF extract",
            Self::Csv => "a CSV table",
            Self::OsmXml => "OSM XML",
            Self::Zip => "a zip container (shapefile, workbook or KMZ)",
            Self::Html => "a saved web page",
            Self::PmTiles => "a PMTiles archive",
            Self::Unknown => "bytes of an unknown kind",
        }
    }
}

/// Unpacks gzip (recognised by its bytes, not by `.gz`); other bytes are returned as they are.
///
/// # Errors
/// [`MapError::Empty`], [`MapError::Damaged`] for a cut archive, [`MapError::TooLarge`] above [`LIMIT`].
pub fn unpack<'a>(bytes: &'a [u8], subject: &str) -> Result<Cow<'a, [u8]>, MapError> {
    let empty = || MapError::Empty {
        subject: subject.to_owned(),
    };
    let plain = if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut out = Vec::with_capacity(bytes.len().saturating_mul(4));
        MultiGzDecoder::new(bytes)
            .take(LIMIT + 1)
            .read_to_end(&mut out)
            .map_err(|error| MapError::Damaged {
                subject: subject.to_owned(),
                detail: format!("gzip: {error}"),
            })?;
        Cow::Owned(out)
    } else {
        Cow::Borrowed(bytes)
    };
    if plain.len() as u64 > LIMIT {
        return Err(MapError::TooLarge {
            subject: subject.to_owned(),
            limit_mb: LIMIT / 1_000_000,
        });
    }
    if plain.iter().all(u8::is_ascii_whitespace) {
        return Err(empty());
    }
    Ok(plain)
}

/// Reads the format off the first bytes of an unpacked file.
#[must_use]
pub fn sniff(plain: &[u8]) -> MapFormat {
    let body = plain.strip_prefix(b"\xef\xbb\xbf").unwrap_or(plain);
    let body = body.trim_ascii_start();
    let head = body.get(..512.min(body.len())).unwrap_or_default();
    let has = |needle: &[u8]| head.windows(needle.len()).any(|w| w == needle);
    if head.starts_with(b"PMTiles") {
        MapFormat::PmTiles
    } else if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        MapFormat::Zip
    } else if plain.get(..64.min(plain.len())).is_some_and(is_pbf_head) {
        MapFormat::OsmPbf
    } else if head.starts_with(b"{") || head.starts_with(b"[") || head.starts_with(b"\x1e{") {
        MapFormat::GeoJson
    } else if has(b"<osm") {
        MapFormat::OsmXml
    } else if has(b"<html") || has(b"<HTML") || has(b"<!DOCTYPE") || has(b"<!doctype") {
        MapFormat::Html
    } else if plain.starts_with(b"\xff\xfe")
        || plain.starts_with(b"\xfe\xff")
        || is_text(head) && (has(b",") || has(b"\t") || has(b";"))
    {
        MapFormat::Csv
    } else {
        MapFormat::Unknown
    }
}

/// A PBF file begins with a length of four bytes and a blob header whose type is `OSMHeader`.
fn is_pbf_head(head: &[u8]) -> bool {
    head.starts_with(&[0, 0]) && head.windows(9).any(|w| w == b"OSMHeader")
}

fn is_text(head: &[u8]) -> bool {
    !head.is_empty()
        && head
            .iter()
            .all(|b| *b >= 0x20 || matches!(b, b'\t' | b'\r' | b'\n'))
}

/// The refusal for a file that is not what it should be, with the cure for what it is.
#[must_use]
pub fn wrong_format(subject: &str, wanted: &'static str, found: MapFormat) -> MapError {
    let cure = match found {
        MapFormat::GeoJson => "give it with --roads, --pois or --boundary",
        MapFormat::OsmPbf => "give it with --osm",
        MapFormat::Csv => "give it with --pois or --boundary",
        MapFormat::OsmXml => "convert it first: osmium cat in.osm -o out.osm.pbf",
        MapFormat::Zip => "unpack it and export the layer as GeoJSON in WGS-84",
        MapFormat::Html => "download the file itself, not the page around it",
        MapFormat::PmTiles => {
            "set it as basemap.path; it is a picture of a map, not a source of names"
        }
        MapFormat::Unknown => "export the layer as GeoJSON, CSV or OSM PBF",
    };
    MapError::WrongFormat {
        subject: subject.to_owned(),
        wanted,
        found: found.words(),
        cure,
    }
}
