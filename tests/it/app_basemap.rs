//! Can an operator's `PMTiles` file take the place of the drawn base map?

use std::path::Path;

use zhilu::app::BasemapFile;
use zhilu::spatial::TileId;

fn varint(mut n: u64, out: &mut Vec<u8>) {
    while n >= 0x80 {
        out.push(u8::try_from(n & 0x7f).unwrap() | 0x80);
        n >>= 7;
    }
    out.push(u8::try_from(n).unwrap());
}

/// A `PMTiles` archive of version 3, written by hand from the specification: plain directories, one tile at zoom 0.
fn archive(tile: &[u8], kind: u8) -> Vec<u8> {
    let mut root = Vec::new();
    for n in [1, 0, 1, tile.len() as u64, 1] {
        varint(n, &mut root);
    }
    let about = br#"{"attribution":"<a href='x'>&copy; Somebody</a>","vector_layers":[{"id":"roads","fields":{}}]}"#;
    let mut head = b"PMTiles\x03".to_vec();
    let (root_at, root_len) = (127, root.len() as u64);
    let (about_at, about_len) = (root_at + root_len, about.len() as u64);
    let tiles_at = about_at + about_len;
    for n in [
        root_at,
        root_len,
        about_at,
        about_len,
        tiles_at,
        0,
        tiles_at,
        tile.len() as u64,
        1,
        1,
        1,
    ] {
        head.extend(n.to_le_bytes());
    }
    head.extend([1, 1, 1, kind, 0, 0]);
    for degrees in [-10.0_f64, -20.0, 30.0, 40.0] {
        head.extend(((degrees * 1e7) as i32).to_le_bytes());
    }
    head.push(0);
    head.extend([0; 8]);
    assert_eq!(head.len(), 127);
    [head, root, about.to_vec(), tile.to_vec()].concat()
}

async fn opened(path: &Path, bytes: &[u8]) -> Result<BasemapFile, String> {
    std::fs::write(path, bytes).unwrap();
    BasemapFile::open(path).await.map_err(|e| e.to_string())
}

#[tokio::test]
async fn a_small_archive_gives_its_tiles_its_layers_and_its_attribution_as_text() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("base.pmtiles");
    let file = opened(&path, &archive(b"a tile", 1)).await.unwrap();
    assert_eq!(file.source.layers, ["roads"]);
    assert_eq!(file.source.attribution, ["© Somebody"]);
    assert_eq!(file.source.zooms, (0, 0));
    let tile = file.tile(TileId::new(0, 0, 0).unwrap()).await.unwrap();
    assert_eq!(tile, Some((b"a tile".to_vec(), false)));
    let none = file.tile(TileId::new(1, 0, 0).unwrap()).await.unwrap();
    assert_eq!(none, None);
}

#[tokio::test]
async fn a_file_of_pictures_and_a_file_that_is_no_archive_are_refused_with_the_cure() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("base.pmtiles");
    for bytes in [archive(b"a picture", 2), b"PK not an archive".to_vec()] {
        let refused = opened(&path, &bytes).await.err().unwrap();
        assert!(refused.contains("basemap"), "{refused}");
    }
}
