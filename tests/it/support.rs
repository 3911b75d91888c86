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

/// Holds the page of a registered method or design against the file in `docs/<folder>`; `ZHILU_WRITE_DOCS` writes it anew.
pub(crate) fn holds_page(folder: &str, name: &str, doc: &str, page: &str) {
    for part in [
        "Answers:",
        "Source:",
        "Formula:",
        "Cost:",
        "Edge cases:",
        "Example:",
    ] {
        assert!(doc.contains(part), "{name} lacks {part}");
    }
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs")
        .join(folder);
    let file = folder.join(format!("{name}.md"));
    if std::env::var_os("ZHILU_WRITE_DOCS").is_some() {
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(&file, page).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(
        written,
        page,
        "write anew with ZHILU_WRITE_DOCS=1: {}",
        file.display()
    );
}
