//! Does a simulated city come out as its truth says, walked the way an operator walks (format `simulated-city/1`)?
//!
//! Map, tickets and exports are imported by the product's own use cases into a folder of its own, located, surveyed, and
//! scored as `data/city/README.md` says; each figure is printed beside its bar.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::app::case_panel::treatment_id;
use crate::app::city::{self, InputFile, Order};
use crate::app::snapshot::CityView;
use crate::app::verify::score_locating::{Score, Truth, calibration_gap, read_truth, score};
use crate::app::verify::score_sites::{self, SiteScore};
use crate::app::verify::{Check, Found, city_read, score_effects};
use crate::app::{App, Counts, Options, Policy, Upload, Who};
use crate::effect::Record;
use crate::place::{Located, MapRole};
use crate::site::{Site, Status};
use crate::store::{Tx, case, place, ticket};
use crate::ticket::TicketId;

/// Runs one city from its files to its scores.
#[must_use]
pub fn run(found: &Found, emit: Option<&Path>) -> Vec<Check> {
    let walked = std::thread::scope(|scope| {
        // A runtime of its own, on a thread of its own: the caller may or may not be inside one.
        let walk = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .enable_all()
                .build()
                .map_err(|e| e.to_string())?;
            let folder = Folder::new()?;
            runtime.block_on(walk(found, &folder.0))
        });
        walk.join()
            .unwrap_or_else(|_| Err("the walk through the city broke down".to_owned()))
    });
    match walked.and_then(|outcome| report(found, &outcome, emit)) {
        Ok(checks) => checks,
        Err(why) => vec![Check::new(&found.name, "walk", false, why)],
    }
}

/// A folder that is removed when the walk is over.
struct Folder(PathBuf);

static WALKS: AtomicU32 = AtomicU32::new(0);

impl Folder {
    fn new() -> Result<Self, String> {
        let n = WALKS.fetch_add(1, Ordering::Relaxed);
        let name = format!("zhilu-verify-{}-{n}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Left-over files in the system's folder for such files do no harm.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What the walk left behind.
struct Outcome {
    /// Ticket numbers by key.
    numbers: BTreeMap<TicketId, String>,
    /// Best place by ticket number.
    places: BTreeMap<String, Located>,
    sites: Vec<Site>,
    tickets: Counts,
    /// New tickets that the exports made.
    again: u64,
    city: Arc<CityView>,
    /// Evaluations by the number a measure was registered under; `None` when the case names no measures.
    effects: Option<BTreeMap<String, Record>>,
}

async fn walk(found: &Found, folder: &Path) -> Result<Outcome, String> {
    import_map(found, folder)?;
    let words = |e: crate::app::Error| e.to_string();
    let app = App::open(Options::new(folder)).await.map_err(words)?;
    let main = found.file("tickets").ok_or("case.json names no tickets")?;
    let tickets = import(&app, &main).await?;
    let mut again = 0;
    for file in city_read::files_in(found.file("exports").as_deref())? {
        again += import(&app, &file).await?.new;
    }
    let who = Who::system("verify");
    let job = app.survey(&who).await.map_err(words)?;
    ended(&app, job).await?;
    let city = app.snapshot().city.clone().ok_or("the city was not read")?;
    let effects = effects(&app, found, folder).await?;
    let mut tx = app.store.read().await.map_err(|e| e.to_string())?;
    let numbers = numbers(&mut tx).await?;
    let places = places(&mut tx, &numbers).await?;
    drop(tx);
    let outcome = Outcome {
        numbers,
        places,
        sites: app.snapshot().sites.all().to_vec(),
        tickets,
        again,
        city,
        effects,
    };
    app.close().await;
    Ok(outcome)
}

fn import_map(found: &Found, folder: &Path) -> Result<(), String> {
    let roles = [
        ("gazetteer", MapRole::Any),
        ("roads", MapRole::Roads),
        ("boundary", MapRole::Boundary),
    ];
    let mut order = Order {
        id: "verify".to_owned(),
        ..Order::default()
    };
    for (key, role) in roles {
        let path = found
            .file(key)
            .ok_or_else(|| format!("case.json names no {key}"))?;
        let file = InputFile::open(&path.to_string_lossy(), role).map_err(|e| e.to_string())?;
        order.files.push(file);
    }
    city::import(folder, &order)
        .map(|_| ())
        .map_err(|e| e.to_string())
}

/// Stages, reads and commits one file.
async fn import(app: &Arc<App>, path: &Path) -> Result<Counts, String> {
    let shown = path.display();
    let file = File::open(path).map_err(|e| format!("{shown}: {e}"))?;
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
    let upload = Upload {
        file_name: name.unwrap_or_default(),
        ..Upload::default()
    };
    let words = |e: crate::app::Error| format!("{shown}: {e}");
    let who = Who::system("verify");
    let staged = app
        .stage(&who, upload, Box::new(file))
        .await
        .map_err(words)?;
    ended(app, staged.job).await?;
    let job = app
        .commit_import(&who, staged.id, Policy::GoodRows)
        .await
        .map_err(words)?;
    ended(app, job).await?;
    let report = app.import_report(&who, staged.id).await.map_err(words)?;
    Ok(report.counts)
}

async fn ended(app: &App, job: i64) -> Result<(), String> {
    let view = app.wait(job).await.map_err(|e| e.to_string())?;
    if view.state == "done" {
        return Ok(());
    }
    Err(format!("{} {}: {}", view.kind, view.state, view.message))
}

async fn numbers(tx: &mut Tx) -> Result<BTreeMap<TicketId, String>, String> {
    let mut all = BTreeMap::new();
    let mut after = TicketId(0);
    loop {
        let page = ticket::keys_after(tx, after, 5000)
            .await
            .map_err(|e| e.to_string())?;
        let Some(last) = page.last() else {
            return Ok(all);
        };
        after = last.id;
        all.extend(page.into_iter().map(|k| (k.id, k.external_no)));
    }
}

async fn places(
    tx: &mut Tx,
    numbers: &BTreeMap<TicketId, String>,
) -> Result<BTreeMap<String, Located>, String> {
    let ids: Vec<TicketId> = numbers.keys().copied().collect();
    let rows = place::of_tickets(tx, &ids)
        .await
        .map_err(|e| e.to_string())?;
    let main = rows.into_iter().filter(|p| p.n == 0);
    Ok(main
        .filter_map(|p| Some((numbers.get(&p.ticket)?.clone(), p.located)))
        .collect())
}

fn report(found: &Found, outcome: &Outcome, emit: Option<&Path>) -> Result<Vec<Check>, String> {
    let truth_dir = found.file("truth").ok_or("case.json names no truth")?;
    let truth = read_truth(&truth_dir.join("tickets.csv"))?;
    let marks = city_read::marks(&truth_dir.join("tickets.csv"))?;
    let sites = city_read::true_sites(&truth_dir.join("sites.csv"))?;
    let member = members(outcome);
    let formed = city_read::formed(&outcome.sites);
    let pairs = city_read::pairings(&truth, &marks, &member);
    let figures = score_sites::score(&sites, &formed, &pairs);
    let located = score(&truth, &outcome.places, &outcome.city.gazetteer);
    let text_only: Vec<Truth> = truth
        .iter()
        .filter(|t| matches!(t.coord_status.as_str(), "none" | "zero"))
        .cloned()
        .collect();
    let text = score(&text_only, &outcome.places, &outcome.city.gazetteer);
    if let Some(folder) = emit {
        city_read::emit(folder, (&outcome.places, &member, &formed))?;
    }
    let mut checks = intake_checks(found, outcome, &marks);
    checks.extend(locating_checks(found, &text, &located));
    checks.extend(site_checks(found, &figures));
    checks.extend(effect_checks(found, outcome, emit)?);
    Ok(checks)
}

/// Site of each ticket number, active sites only.
fn members(outcome: &Outcome) -> BTreeMap<String, i64> {
    let active = outcome.sites.iter().filter(|s| s.status == Status::Active);
    active
        .flat_map(|s| s.members.iter().map(move |t| (t, s.id.0)))
        .filter_map(|(t, s)| Some((outcome.numbers.get(t)?.clone(), s)))
        .collect()
}

fn at_least(found: &Found, key: &str, value: f64) -> Option<Check> {
    let name = key.trim_end_matches("_min");
    let bar = found.bar(key)?;
    Some(Check::at_least(&found.name, name, value, bar))
}

fn at_most(found: &Found, key: &str, value: f64) -> Option<Check> {
    let name = key.trim_end_matches("_max");
    let bar = found.bar(key)?;
    Some(Check::at_most(&found.name, name, value, bar))
}

fn intake_checks(
    found: &Found,
    outcome: &Outcome,
    marks: &BTreeMap<String, city_read::Mark>,
) -> Vec<Check> {
    let held: BTreeSet<&str> = outcome.numbers.values().map(String::as_str).collect();
    let is_held = |no: &str| held.contains(no);
    let numbers = |wrong: &dyn Fn(&str, &str) -> bool| -> Vec<&str> {
        let all = marks
            .iter()
            .map(|(no, m)| (no.as_str(), m.import_expect.as_str()));
        all.filter(|(no, e)| wrong(no, e))
            .map(|(no, _)| no)
            .collect()
    };
    let refused = numbers(&|no, expect| expect == "ok" && !is_held(no));
    // A duplicate of a row that was itself refused has nothing to join, so it is rightly a ticket of its own.
    let accepted = numbers(
        &|no, expect| match expect.strip_prefix("hard_duplicate_of:") {
            Some(first) => is_held(no) && is_held(first),
            None => expect != "ok" && is_held(no),
        },
    );
    let counts = outcome.tickets;
    let read = format!(
        "{} new, {} changed, {} same, {} refused, {} blank, {} repeated headers",
        counts.new, counts.changed, counts.same, counts.error, counts.blank, counts.repeated_header
    );
    let mut checks = vec![Check::new(
        &found.name,
        "tickets read",
        counts.new > 0,
        read,
    )];
    checks.extend(at_most(
        found,
        "wrongly_refused_rows_max",
        refused.len() as f64,
    ));
    checks.extend(at_most(
        found,
        "wrongly_accepted_rows_max",
        accepted.len() as f64,
    ));
    checks.extend(at_most(
        found,
        "reimport_new_tickets_max",
        outcome.again as f64,
    ));
    let first: Vec<&str> = refused.into_iter().chain(accepted).take(5).collect();
    for check in checks.iter_mut().filter(|c| !c.passed) {
        check.detail = format!("{}; first: {}", check.detail, first.join(" "));
    }
    checks
}

/// A tenth of confidence with fewer cases says nothing within five points.
const TENTH_CASES: u32 = 90;

fn locating_checks(found: &Found, text: &Score, all: &Score) -> Vec<Check> {
    let mut checks = Vec::new();
    checks.extend(at_least(
        found,
        "text_only_reference_within_50m_min",
        text.reference.m50.value(1.0),
    ));
    checks.extend(at_least(
        found,
        "text_only_reference_within_150m_min",
        text.reference.m150.value(1.0),
    ));
    checks.extend(at_most(
        found,
        "false_location_max",
        text.false_location.value(0.0),
    ));
    checks.extend(at_most(
        found,
        "area_taken_for_place_max",
        text.area_taken.value(0.0),
    ));
    checks.extend(at_most(
        found,
        "confident_and_wrong_max",
        all.confident_wrong.value(0.0),
    ));
    checks.extend(at_most(
        found,
        "calibration_gap_max",
        calibration_gap(all, TENTH_CASES),
    ));
    checks
}

fn site_checks(found: &Found, s: &SiteScore) -> Vec<Check> {
    [
        ("adjusted_rand_site_tickets_min", s.rand),
        ("site_recall_75m_min", s.recall),
        ("site_precision_75m_min", s.precision),
        ("rank_correlation_min", s.rank),
    ]
    .into_iter()
    .filter_map(|(key, value)| at_least(found, key, value))
    .collect()
}

fn effect_checks(
    found: &Found,
    outcome: &Outcome,
    emit: Option<&Path>,
) -> Result<Vec<Check>, String> {
    let Some(records) = &outcome.effects else {
        return Ok(Vec::new());
    };
    let folder = found.file("truth").ok_or("case.json names no truth")?;
    let truth = score_effects::truth(&folder.join("measures.csv"))?;
    let s = score_effects::score(&truth, records);
    if let Some(folder) = emit {
        score_effects::emit(folder, records)?;
    }
    let said = format!(
        "{} of {} evaluated; log error {:.3}; found {} of {} ({} with type); worse {} of {} harmful, {} of {} zero; displaced {} of {}; outside: {}",
        s.evaluated,
        s.measures,
        s.log_error,
        s.found,
        s.effective,
        s.found_with_type,
        s.harm_found,
        s.harmful,
        s.false_worse,
        s.zeros,
        s.displaced_said,
        s.displaced,
        s.outside.join(", ")
    );
    let mut checks = Vec::new();
    checks.extend(at_least(found, "effect_coverage_min", s.coverage));
    checks.extend(at_most(
        found,
        "false_works_among_zero_max",
        s.false_works as f64,
    ));
    for check in &mut checks {
        check.detail = format!("{}; {said}", check.detail);
    }
    Ok(checks)
}

/// Registers the measures as an operator would and looks at each one once, over all days the data hold.
async fn effects(
    app: &Arc<App>,
    found: &Found,
    folder: &Path,
) -> Result<Option<BTreeMap<String, Record>>, String> {
    let Some(path) = found.file("measures") else {
        return Ok(None);
    };
    let words = |e: crate::app::Error| e.to_string();
    if let Some(calendar) = found.file("calendar").filter(|p| p.is_file()) {
        let id = &app
            .city()
            .ok_or("the city was not read")?
            .city
            .meta
            .id
            .clone();
        let own = folder.join("cities").join(id).join("calendar.csv");
        fs::copy(&calendar, &own).map_err(|e| format!("{}: {e}", own.display()))?;
    }
    let bytes = fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let who = Who::system("verify");
    app.import_cases(&who, bytes, false).await.map_err(words)?;
    let mut tx = app.store.read().await.map_err(|e| e.to_string())?;
    let cases = case::all(&mut tx).await.map_err(|e| e.to_string())?;
    drop(tx);
    let mut numbers = BTreeMap::new();
    for row in cases {
        for work in &row.case.content.works {
            let number = row.case.external_no.clone().unwrap_or_default();
            numbers.insert(treatment_id(row.case.id, work.n), number);
        }
    }
    let prepared = app.prepared_now().await.map_err(words)?;
    Ok(prepared.map(|p| score_effects::records(&p, &numbers)))
}
