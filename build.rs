//! How do the page and the demo's map get into the binary? Copy `web/` to `OUT_DIR`, install by the lock file, build, embed; pack the
//! map; nothing is written elsewhere.
//!
//! `ZHILU_WEB=skip` embeds a one-line page instead, for quick work on the server. Without a usable Node the build stops with one sentence.
#![allow(
    clippy::print_stdout,
    reason = "a build script talks to cargo on standard output"
)]

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};

/// What the built page depends on, below `web/`.
const INPUTS: [&str; 8] = [
    "src",
    "public",
    "index.html",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "vite.config.ts",
    ".npmrc",
];

/// Files of `data/demo` that are packed.
const PACKED: [&str; 2] = ["roads.geojson", "gazetteer.geojson"];

const NODE_WANTED: &str = "the page needs Node 20.19 or later (or 22.12 or later) to be built; install it, or set ZHILU_WEB=skip to build without the page";

const SKIPPED: &str = "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><title>Zhilu</title><p>本程序以 ZHILU_WEB=skip 构建，不含页面；接口在 /api/v1。 Built with ZHILU_WEB=skip: no page inside, the API is at /api/v1.</p></html>\n";

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=ZHILU_WEB");
    match pack()
        .and_then(|()| page())
        .and_then(|folder| embed(&folder))
    {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            println!("cargo::error={}", why.replace('\n', " | "));
            ExitCode::FAILURE
        }
    }
}

/// Packs the demo's map: readable GeoJSON in the repository, a sixth of it in the binary.
fn pack() -> Result<(), String> {
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo did not set OUT_DIR")?);
    let root = PathBuf::from(
        env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo did not set CARGO_MANIFEST_DIR")?,
    );
    for name in PACKED {
        println!("cargo::rerun-if-changed=data/demo/{name}");
        let from = root.join("data").join("demo").join(name);
        let bytes = fs::read(&from).map_err(|e| said(&from, &e))?;
        let to = out.join(format!("{name}.gz"));
        let mut packed = GzEncoder::new(Vec::new(), Compression::best());
        let whole = packed.write_all(&bytes).and_then(|()| packed.finish());
        fs::write(&to, whole.map_err(|e| said(&to, &e))?).map_err(|e| said(&to, &e))?;
    }
    Ok(())
}

/// Gives the folder that holds the built page.
fn page() -> Result<PathBuf, String> {
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo did not set OUT_DIR")?);
    if env::var_os("ZHILU_WEB").is_some_and(|v| v == "skip") {
        println!("cargo::rustc-env=ZHILU_PAGE=skip");
        let folder = out.join("web-skip");
        fs::create_dir_all(&folder).map_err(|e| said(&folder, &e))?;
        let file = folder.join("index.html");
        fs::write(&file, SKIPPED).map_err(|e| said(&file, &e))?;
        return Ok(folder);
    }
    let manifest =
        env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo did not set CARGO_MANIFEST_DIR")?;
    let source = Path::new(&manifest).join("web");
    for input in INPUTS {
        println!("cargo::rerun-if-changed=web/{input}");
    }
    let stamp = stamp(&source, &INPUTS)?;
    let copy = out.join("web");
    let dist = copy.join("dist");
    let mark = copy.join(".stamp");
    if fs::read_to_string(&mark).is_ok_and(|had| had == stamp) && dist.join("index.html").is_file()
    {
        return Ok(dist);
    }
    check_node()?;
    for input in INPUTS {
        replace(&source.join(input), &copy.join(input))?;
    }
    install(&copy)?;
    let vite = Path::new("node_modules")
        .join("vite")
        .join("bin")
        .join("vite.js");
    let mut build = Command::new("node");
    build
        .arg(vite)
        .args(["build", "--logLevel", "warn"])
        .current_dir(&copy);
    run(&mut build, "vite build")?;
    fs::write(&mark, &stamp).map_err(|e| said(&mark, &e))?;
    Ok(dist)
}

/// Installs what the lock file names, unless that very lock file is installed already.
fn install(copy: &Path) -> Result<(), String> {
    let stamp = stamp(copy, &["package.json", "package-lock.json"])?;
    let mark = copy.join("node_modules").join(".zhilu-stamp");
    if fs::read_to_string(&mark).is_ok_and(|had| had == stamp) {
        return Ok(());
    }
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let mut ci = Command::new(npm);
    ci.args([
        "ci",
        "--omit=dev",
        "--ignore-scripts",
        "--prefer-offline",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
    ])
    .current_dir(copy);
    run(&mut ci, "npm ci")?;
    fs::write(&mark, &stamp).map_err(|e| said(&mark, &e))
}

/// Refuses a Node that the page's build tool refuses.
fn check_node() -> Result<(), String> {
    let Ok(answer) = Command::new("node").arg("--version").output() else {
        return Err(format!("no Node was found: {NODE_WANTED}"));
    };
    let text = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
    let mut numbers = text
        .trim_start_matches('v')
        .split('.')
        .map(|n| n.parse::<u32>().unwrap_or(0));
    let (major, minor) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    let good = match major {
        20 => minor >= 19,
        22 => minor >= 12,
        21 => false,
        _ => major > 22,
    };
    if good {
        Ok(())
    } else {
        Err(format!("Node {text} is too old: {NODE_WANTED}"))
    }
}

/// Runs a step of the page's build and gives its last words when it fails.
fn run(command: &mut Command, name: &str) -> Result<(), String> {
    let answer = command
        .env_remove("NODE_OPTIONS")
        .output()
        .map_err(|e| format!("{name} could not be started: {e}"))?;
    if answer.status.success() {
        return Ok(());
    }
    let mut words = String::from_utf8_lossy(&answer.stdout).into_owned();
    words.push_str(&String::from_utf8_lossy(&answer.stderr));
    let lines: Vec<&str> = words.lines().filter(|l| !l.trim().is_empty()).collect();
    let tail = lines
        .iter()
        .skip(lines.len().saturating_sub(25))
        .copied()
        .collect::<Vec<_>>()
        .join("\n");
    Err(format!("{name} failed ({}):\n{tail}", answer.status))
}

/// Hash over names and bytes of the inputs, in a fixed order.
fn stamp(root: &Path, inputs: &[&str]) -> Result<String, String> {
    let mut files = Vec::new();
    for input in inputs {
        list(&root.join(input), &mut files)?;
    }
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        let name = file
            .strip_prefix(root)
            .unwrap_or(&file)
            .to_string_lossy()
            .replace('\\', "/");
        let bytes = fs::read(&file).map_err(|e| said(&file, &e))?;
        hash.update(name.as_bytes());
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(&bytes);
    }
    let mut text = String::new();
    for byte in hash.finalize() {
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}

/// All files at or below a path; a missing path has none.
fn list(path: &Path, into: &mut Vec<PathBuf>) -> Result<(), String> {
    if path.is_dir() {
        for entry in fs::read_dir(path).map_err(|e| said(path, &e))? {
            list(&entry.map_err(|e| said(path, &e))?.path(), into)?;
        }
    } else if path.is_file() {
        into.push(path.to_path_buf());
    }
    Ok(())
}

/// Makes `to` an exact copy of the file or folder `from`.
fn replace(from: &Path, to: &Path) -> Result<(), String> {
    if to.is_dir() {
        fs::remove_dir_all(to).map_err(|e| said(to, &e))?;
    }
    let mut files = Vec::new();
    list(from, &mut files)?;
    for file in files {
        let target = file.strip_prefix(from).map_or_else(
            |_| to.to_path_buf(),
            |rest| {
                if rest.as_os_str().is_empty() {
                    to.to_path_buf()
                } else {
                    to.join(rest)
                }
            },
        );
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent).map_err(|e| said(parent, &e))?;
        }
        let bytes = fs::read(&file).map_err(|e| said(&file, &e))?;
        fs::write(&target, bytes).map_err(|e| said(&target, &e))?;
    }
    Ok(())
}

/// Writes what `memory_serve::load!()` includes. Done by its lower function, because the upper one prints a warning per
/// file and makes cargo watch the built folder, whose new files would start every next build again.
fn embed(folder: &Path) -> Result<(), String> {
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo did not set OUT_DIR")?);
    let list = memory_serve::assets_to_code("the page", folder, &out, true, |_| {});
    let file = out.join("memory_serve_assets.rs");
    fs::write(&file, format!("&[(\"default\", {list})]")).map_err(|e| said(&file, &e))
}

fn said(path: &Path, why: &io::Error) -> String {
    format!("{}: {why}", path.display())
}
