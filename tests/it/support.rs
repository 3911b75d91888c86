//! Where do tests find the shared inputs, and what happens when they are absent?

use std::path::PathBuf;

/// The folder of shared inputs (`ZHILU_SHARED`, else `../shared` beside the project), or `None` outside a check run.
///
/// In a check run (`CI` set) absence is a failure, never a skip.
#[allow(dead_code, reason = "used by the rooms' tests as they arrive")]
pub(crate) fn shared() -> Option<PathBuf> {
    let folder = std::env::var_os("ZHILU_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        PathBuf::from,
    );
    if folder.join("data").is_dir() {
        return Some(folder);
    }
    assert!(
        std::env::var_os("CI").is_none(),
        "shared inputs are absent: set ZHILU_SHARED to their folder"
    );
    println!("shared inputs are absent (ZHILU_SHARED): this test proves nothing here");
    None
}
