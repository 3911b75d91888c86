//! Does the house still stand: order law, purity law, door law, heads and sizes of files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The line of rooms. A module may name only modules to its left.
const ORDER: [&str; 22] = [
    "stats", "spatial", "calendar", "param", "optim", "ticket", "intake", "place", "index",
    "hotspot", "site", "case", "effect", "plan", "ledger", "tile", "report", "store", "config",
    "app", "http", "cli",
];

/// What no pure room may name.
const IMPURE: [&str; 16] = [
    "tokio::",
    "sqlx::",
    "axum::",
    "std::fs",
    "std::env",
    "std::net",
    "std::process",
    "SystemTime::now",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "getrandom::",
    "println!",
    "eprintln!",
    "print!(",
    "thread_rng",
];

struct SourceFile {
    path: String,
    room: String,
    full: String,
    code: String,
}

fn rust_files(folder: &Path, into: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            rust_files(&path, into);
        } else if path.extension().is_some_and(|e| e == "rs") {
            into.push(path);
        }
    }
}

/// The code of a file without comments and without its test module, which may look anywhere.
fn code_of(text: &str) -> String {
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    text.lines()
        .map(|line| {
            let trimmed = line.trim_start();
            if trimmed.starts_with("//") {
                ""
            } else {
                line.split(" // ").next().unwrap_or_default()
            }
        })
        .collect::<Vec<_>>()
        .join("\n")
}

fn sources() -> Vec<SourceFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    rust_files(&root, &mut paths);
    paths
        .into_iter()
        .map(|path| {
            let full = fs::read_to_string(&path).unwrap();
            let inside = path
                .strip_prefix(&root)
                .unwrap()
                .to_string_lossy()
                .replace('\\', "/");
            let room = inside
                .split('/')
                .next()
                .unwrap()
                .trim_end_matches(".rs")
                .to_owned();
            SourceFile {
                code: code_of(&full),
                full,
                room,
                path: inside,
            }
        })
        .collect()
}

fn place_in_line(room: &str) -> Option<usize> {
    ORDER.iter().position(|r| *r == room)
}

/// Room names that follow `crate::` (also inside a brace list).
fn rooms_named(code: &str) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let list = rest.strip_prefix('{').map_or_else(
            || vec![rest],
            |inner| {
                inner
                    .split('}')
                    .next()
                    .unwrap_or_default()
                    .split(',')
                    .map(str::trim)
                    .collect()
            },
        );
        for item in list {
            let name: String = item
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            named.insert(name);
        }
    }
    named
}

#[test]
fn a_module_names_only_modules_to_its_left() {
    let mut broken = Vec::new();
    for file in sources() {
        let Some(own) = place_in_line(&file.room) else {
            continue;
        };
        for named in rooms_named(&file.code) {
            if place_in_line(&named).is_some_and(|other| other > own) {
                broken.push(format!("{} names {named}", file.path));
            }
        }
    }
    assert!(
        broken.is_empty(),
        "order law broken:\n{}",
        broken.join("\n")
    );
}

#[test]
fn every_room_stands_in_the_line_in_order() {
    let lib = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let declared: Vec<_> = lib
        .lines()
        .filter_map(|l| l.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    let places: Vec<_> = declared
        .iter()
        .map(|room| {
            place_in_line(room).unwrap_or_else(|| panic!("{room} has no place in the line"))
        })
        .collect();
    assert!(
        places.is_sorted(),
        "lib.rs declares its rooms out of order: {declared:?}"
    );
    for file in sources() {
        assert!(
            ["lib", "main"].contains(&file.room.as_str()) || declared.contains(&file.room.as_str()),
            "{} stands in no declared room",
            file.path
        );
    }
}

#[test]
fn pure_rooms_know_no_clock_file_network_or_print() {
    let store = place_in_line("store").unwrap();
    let mut broken = Vec::new();
    for file in sources() {
        if place_in_line(&file.room).is_none_or(|own| own >= store) {
            continue;
        }
        broken.extend(
            IMPURE
                .iter()
                .filter(|w| file.code.contains(**w))
                .map(|w| format!("{} names {w}", file.path)),
        );
    }
    assert!(
        broken.is_empty(),
        "purity law broken:\n{}",
        broken.join("\n")
    );
}

#[test]
fn sqlx_axum_and_clap_stay_behind_their_doors() {
    let mut broken = Vec::new();
    for file in sources() {
        for (word, home) in [
            ("sqlx::", "store"),
            ("axum::", "http"),
            ("clap::", "cli"),
            ("clap_complete::", "cli"),
        ] {
            if file.room != home && file.code.contains(word) {
                broken.push(format!("{} names {word}", file.path));
            }
        }
        if ["http", "cli"].contains(&file.room.as_str())
            && rooms_named(&file.code).contains("store")
        {
            broken.push(format!("{} names store", file.path));
        }
    }
    assert!(broken.is_empty(), "door law broken:\n{}", broken.join("\n"));
}

#[test]
fn files_of_a_room_make_no_circle() {
    let files = sources();
    let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in &files {
        let stem = file.path.trim_end_matches(".rs").replace('/', "::");
        if stem.ends_with("::mod") {
            continue;
        }
        let targets = files
            .iter()
            .map(|f| f.path.trim_end_matches(".rs").replace('/', "::"))
            .filter(|t| {
                !t.ends_with("::mod")
                    && t.contains("::")
                    && *t != stem
                    && t.split("::").next() == stem.split("::").next()
            })
            .filter(|t| names_path(&file.code, t))
            .collect();
        edges.insert(stem, targets);
    }
    let mut done = BTreeSet::new();
    for start in edges.keys() {
        walk(start, &edges, &mut Vec::new(), &mut done);
    }
}

fn names_path(code: &str, target: &str) -> bool {
    code.match_indices(&format!("crate::{target}"))
        .any(|(at, found)| {
            !code[at + found.len()..]
                .chars()
                .next()
                .is_some_and(|c| c.is_alphanumeric() || c == '_')
        })
}

fn walk(
    at: &str,
    edges: &BTreeMap<String, BTreeSet<String>>,
    path: &mut Vec<String>,
    done: &mut BTreeSet<String>,
) {
    assert!(
        !path.iter().any(|p| p == at),
        "files in a circle: {} → {at}",
        path.join(" → ")
    );
    if done.contains(at) {
        return;
    }
    path.push(at.to_owned());
    for next in edges.get(at).into_iter().flatten() {
        walk(next, edges, path, done);
    }
    path.pop();
    done.insert(at.to_owned());
}

#[test]
fn every_file_opens_with_its_question_and_stays_readable() {
    let mut broken = Vec::new();
    for file in sources() {
        if !file.full.starts_with("//! ") {
            broken.push(format!("{} has no `//!` head", file.path));
        }
        let lines = file.full.lines().count();
        if lines > 600 {
            broken.push(format!("{} has {lines} lines, 600 at most", file.path));
        }
        let comments = file.full.lines().filter_map(|l| l.split_once("//"));
        if comments
            .into_iter()
            .any(|(_, c)| c.contains("TODO") || c.contains("FIXME"))
        {
            broken.push(format!("{} holds unfinished words", file.path));
        }
        if file.code.contains("use super::") {
            broken.push(format!("{} names super outside tests", file.path));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
