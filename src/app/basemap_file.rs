//! Which base map did the operator bring: a `PMTiles` file in place of the one drawn from the city.

use std::path::Path;
use std::time::UNIX_EPOCH;

use pmtiles::{AsyncPmTilesReader, Compression, HashMapCache, MmapBackend, TileCoord, TileType};
use serde_json::Value;

use crate::app::error::{Error, Result};
use crate::spatial::TileId;
use crate::tile::style::{Schema, Source};

/// An open `PMTiles` file; reads by memory map, directories are kept.
pub struct BasemapFile {
    reader: AsyncPmTilesReader<MmapBackend, HashMapCache>,
    /// What the file says about itself, for style and description; the address of the tiles is empty.
    pub source: Source,
    /// How its layers are named.
    pub schema: Schema,
    /// Differs when the operator changes the file: size and time of the last change.
    pub version: u64,
    gzip: bool,
}

fn bad(path: &Path, why: impl std::fmt::Display) -> Error {
    Error::refused(
        "basemap",
        format!(
            "底图文件 {} 无法使用：{why}；请改正 basemap 选项或去掉它 (base map file cannot be used: correct the option basemap or leave it out)",
            path.display()
        ),
    )
}

impl BasemapFile {
    /// Opens the file and reads header and metadata.
    ///
    /// # Errors
    /// [`Error::Refused`] with the cure: absent, not version 3, not vector tiles, a compression browsers are not sent.
    pub async fn open(path: &Path) -> Result<Self> {
        let about = std::fs::metadata(path).map_err(|e| bad(path, e))?;
        let changed = about
            .modified()
            .ok()
            .and_then(|t| t.duration_since(UNIX_EPOCH).ok());
        let version = about.len() ^ (changed.map_or(0, |d| d.as_secs()) << 20);
        let cache = HashMapCache::default();
        let reader = AsyncPmTilesReader::new_with_cached_path(cache, path)
            .await
            .map_err(|e| bad(path, e))?;
        let header = reader.get_header();
        if header.tile_type != TileType::Mvt {
            return Err(bad(path, "不是矢量瓦片 (not vector tiles)"));
        }
        let gzip = match header.tile_compression {
            Compression::Gzip => true,
            Compression::None | Compression::Unknown => false,
            _ => {
                return Err(bad(
                    path,
                    "瓦片压缩须为 gzip 或无 (tiles must be gzip or plain)",
                ));
            }
        };
        let bounds = [
            header.min_longitude,
            header.min_latitude,
            header.max_longitude,
            header.max_latitude,
        ];
        let zooms = (header.min_zoom, header.max_zoom);
        let text = reader.get_metadata().await.map_err(|e| bad(path, e))?;
        let metadata: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
        let layers: Vec<String> = metadata["vector_layers"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|layer| layer["id"].as_str().map(str::to_owned))
            .collect();
        let attribution = metadata["attribution"]
            .as_str()
            .map(plain)
            .into_iter()
            .collect();
        Ok(Self {
            reader,
            schema: Schema::detect(layers.iter().map(String::as_str)),
            source: Source {
                tiles: String::new(),
                attribution,
                bounds,
                zooms,
                layers,
            },
            version,
            gzip,
        })
    }

    /// A tile as stored, and whether it is gzip; `None` where the file has none.
    ///
    /// # Errors
    /// [`Error::Internal`] when the file cannot be read any more.
    pub async fn tile(&self, at: TileId) -> Result<Option<(Vec<u8>, bool)>> {
        let coord = TileCoord::new(at.z, at.x, at.y).map_err(|e| Error::Internal(e.to_string()))?;
        let bytes = self.reader.get_tile(coord).await;
        let bytes = bytes.map_err(|e| Error::Internal(e.to_string()))?;
        Ok(bytes.map(|b| (b.to_vec(), self.gzip)))
    }
}

/// An attribution without its HTML tags: it is shown as text.
fn plain(html: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            _ if !inside => text.push(c),
            _ => {}
        }
    }
    text.replace("&copy;", "©").trim().to_owned()
}
