//! What do the truth files of a simulated city say, and how is what was computed written for others to compare?

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::app::verify::score_locating::{Truth, is_placed};
use crate::app::verify::score_sites::{FormedSite, Pairing, TrueSite};
use crate::place::{Located, Precision};
use crate::site::{Site, Status};
use crate::spatial::LonLat;

/// What the truth says about a ticket beside its place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    /// `ok`, `error_date`, `hard_duplicate_of:NUMBER`.
    pub(super) import_expect: String,
    /// Recurring site, if any.
    pub(super) site: Option<String>,
    /// Belongs to the traffic police.
    pub(super) traffic: bool,
}

type Record = BTreeMap<String, String>;

fn records(path: &Path) -> Result<Vec<Record>, String> {
    let shown = path.display();
    let mut reader = csv::Reader::from_path(path).map_err(|e| format!("{shown}: {e}"))?;
    reader
        .deserialize()
        .collect::<Result<_, _>>()
        .map_err(|e| format!("{shown}: {e}"))
}

/// Marks by ticket number.
pub(super) fn marks(path: &Path) -> Result<BTreeMap<String, Mark>, String> {
    let mark = |mut row: Record| {
        let mut take = |key: &str| row.remove(key).unwrap_or_default();
        let number = take("ticket_id");
        let mark = Mark {
            import_expect: take("import_expect"),
            site: Some(take("site_id")).filter(|s| !s.is_empty()),
            traffic: take("is_traffic") == "1",
        };
        (number, mark)
    };
    Ok(records(path)?.into_iter().map(mark).collect())
}

/// The true sites.
pub(super) fn true_sites(path: &Path) -> Result<Vec<TrueSite>, String> {
    records(path)?
        .iter()
        .map(|row| {
            let get = |key: &str| row.get(key).map_or("", String::as_str);
            let number = |key: &str| {
                get(key)
                    .parse::<f64>()
                    .map_err(|e| format!("{}: {key} of {}: {e}", path.display(), get("site_id")))
            };
            Ok(TrueSite {
                id: get("site_id").to_owned(),
                anchor: LonLat::new(number("anchor_lon")?, number("anchor_lat")?),
                line: line(get("line")),
                tickets: get("tickets").parse().unwrap_or(0),
                expected: number("expected_365d")?,
            })
        })
        .collect()
}

/// `lon lat;lon lat…`
fn line(text: &str) -> Vec<LonLat> {
    let point = |pair: &str| {
        let (lon, lat) = pair.trim().split_once(' ')?;
        Some(LonLat::new(lon.parse().ok()?, lat.parse().ok()?))
    };
    text.split(';').filter_map(point).collect()
}

/// Active sites as the score takes them.
pub(super) fn formed(sites: &[Site]) -> Vec<FormedSite> {
    let active = sites.iter().filter(|s| s.status == Status::Active);
    active
        .map(|s| FormedSite {
            id: s.id.0,
            point: s.point,
            tickets: s.members.len(),
            score: s.rate,
        })
        .collect()
}

/// Every traffic ticket that the import should take and whose words support a place, with its true and its formed site.
pub(super) fn pairings(
    truth: &[Truth],
    marks: &BTreeMap<String, Mark>,
    member: &BTreeMap<String, i64>,
) -> Vec<Pairing> {
    let placed = |t: &&Truth| !matches!(t.precision, Precision::None | Precision::Area);
    truth
        .iter()
        .filter(placed)
        .filter_map(|t| {
            let mark = marks.get(&t.id)?;
            (mark.traffic && mark.import_expect == "ok").then(|| Pairing {
                truth: mark.site.clone(),
                formed: member.get(&t.id).copied(),
            })
        })
        .collect()
}

/// Files of a folder by name; no folder, no files.
pub(super) fn files_in(folder: Option<&Path>) -> Result<Vec<PathBuf>, String> {
    let Some(folder) = folder else {
        return Ok(Vec::new());
    };
    let shown = folder.display();
    let entries = fs::read_dir(folder).map_err(|e| format!("{shown}: {e}"))?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(|e| Some(e.ok()?.path()))
        .filter(|p| p.is_file())
        .collect();
    files.sort();
    Ok(files)
}

/// Writes `located.csv`, `sites.csv` and `points.csv` as `data/city/README.md` describes them.
pub(super) fn emit(
    folder: &Path,
    (places, member, formed): (
        &BTreeMap<String, Located>,
        &BTreeMap<String, i64>,
        &[FormedSite],
    ),
) -> Result<(), String> {
    let located = places.iter().map(|(no, l)| {
        let point = l.point.filter(|_| is_placed(l));
        let part = |v: Option<f64>| v.map_or(String::new(), |v| format!("{v:.6}"));
        vec![
            no.clone(),
            part(point.map(|p| p.lon)),
            part(point.map(|p| p.lat)),
            l.precision.code().to_owned(),
            format!("{:.0}", l.radius_m),
            format!("{:.3}", l.confidence),
        ]
    });
    let head = [
        "ticket_id",
        "lon",
        "lat",
        "precision",
        "radius_m",
        "confidence",
    ];
    table(&folder.join("located.csv"), &head, located)?;
    let sites = member.iter().map(|(no, s)| vec![no.clone(), s.to_string()]);
    table(&folder.join("sites.csv"), &["ticket_id", "site_id"], sites)?;
    let points = formed.iter().map(|f| {
        vec![
            f.id.to_string(),
            format!("{:.6}", f.point.lon),
            format!("{:.6}", f.point.lat),
            format!("{:.4}", f.score),
        ]
    });
    table(
        &folder.join("points.csv"),
        &["site_id", "lon", "lat", "score"],
        points,
    )
}

fn table(
    path: &Path,
    head: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
) -> Result<(), String> {
    let wrong = |e: csv::Error| format!("{}: {e}", path.display());
    let mut out = csv::Writer::from_path(path).map_err(wrong)?;
    out.write_record(head).map_err(wrong)?;
    for row in rows {
        out.write_record(row).map_err(wrong)?;
    }
    out.flush().map_err(|e| format!("{}: {e}", path.display()))
}
