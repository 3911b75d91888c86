//! What does any of the methods say of the filtered tickets: a job, its answer kept for the same data, filter and settings?

use std::sync::{Arc, Mutex, PoisonError};

use h3o::Resolution;
use serde_json::{Value, json};

use crate::app::access::Who;
use crate::app::error::{Error, Result};
use crate::app::lens::refused;
use crate::app::{App, Snapshot};
use crate::hotspot::adapt::{self, World};
use crate::hotspot::lens::Ground;
use crate::hotspot::sample::Sample;
use crate::hotspot::study::Source;
use crate::hotspot::{Method, method};
use crate::index::Filter;
use crate::param::Settings;
use crate::ticket::permit::Right;

/// One kept answer: question, job, answer once it is there.
#[derive(Clone)]
struct Kept {
    key: String,
    scope: String,
    job: i64,
    answer: Option<Arc<Value>>,
}

/// The last answers.
#[derive(Default)]
pub(super) struct Runs(Mutex<Vec<Kept>>);

impl Runs {
    /// Answers remembered.
    const ROOM: usize = 24;

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, key: &str) -> Option<i64> {
        self.lock()
            .iter()
            .find(|k| k.key == key && k.answer.is_some())
            .map(|k| k.job)
    }

    fn put(&self, kept: Kept) {
        let mut list = self.lock();
        list.retain(|k| k.job != kept.job && k.key != kept.key);
        if list.len() >= Self::ROOM {
            list.remove(0);
        }
        list.push(kept);
    }
}

/// Most tickets of one run from the page; methods on plain files have their own limits.
const MOST_TICKETS: usize = 1_000_000;

impl App {
    /// Starts a method on filtered tickets, or finds the answer of the same question; gives the job's key.
    pub async fn run_method(
        self: &Arc<Self>,
        who: &Who,
        name: &str,
        (filter, given): (Filter, Vec<(String, String)>),
    ) -> Result<i64> {
        who.may(Right::Tickets)?;
        let found = method(name).ok_or(Error::NotFound)?;
        let pairs = given.iter().map(|(k, v)| (k.as_str(), v.as_str()));
        let settings = Settings::read(found.params, pairs)
            .map_err(|e| Error::invalid("settings", e.to_string()))?;
        let snapshot = self.snapshot();
        let scope = who.scope_word();
        let key = format!(
            "{}|{scope}|{name}|{}|{}",
            snapshot.version,
            settings.to_json(),
            filter.canonical()
        );
        if let Some(job) = self.runs.find(&key) {
            return Ok(job);
        }
        let (question, seen) = (key.clone(), scope.clone());
        self.start(who, ("hotspot", &key), move |app, progress| async move {
            progress.stage("computing", 0);
            let work = tokio::task::spawn_blocking(move || {
                compute(&snapshot, found, (&filter, &settings, &given))
            });
            let answer = work.await.map_err(|e| Error::Internal(e.to_string()))??;
            app.runs.put(Kept {
                key: question,
                scope: seen,
                job: progress.id(),
                answer: Some(Arc::new(answer)),
            });
            Ok(found.title.to_owned())
        })
        .await
    }

    /// The answer of a run; for those who see the same tickets as the one who asked.
    pub fn method_answer(&self, who: &Who, job: i64) -> Result<Arc<Value>> {
        who.may(Right::Tickets)?;
        let scope = who.scope_word();
        let list = self.runs.lock();
        let kept = list.iter().find(|k| k.job == job && k.scope == scope);
        kept.and_then(|k| k.answer.clone()).ok_or(Error::NotFound)
    }
}

fn compute(
    snapshot: &Snapshot,
    method: &'static Method,
    (filter, settings, given): (&Filter, &Settings, &[(String, String)]),
) -> Result<Value> {
    let index = &snapshot.index;
    let selection = index.select(filter);
    if selection.count() > MOST_TICKETS {
        let why = format!(
            "{} 件，上限 {MOST_TICKETS} 件，请缩小时间或范围 (tickets; narrow the filter)",
            selection.count()
        );
        return Err(Error::refused("too_large", why));
    }
    let sample = Sample::of(index, &selection);
    let mut sites: Vec<(i64, f64)> = snapshot.sites.ranked().map(|s| (s.id.0, 0.0)).collect();
    sites.sort_by_key(|s| s.0);
    for site in sample.site.iter().flatten() {
        if let Ok(at) = sites.binary_search_by_key(site, |s| s.0) {
            sites[at].1 += 1.0;
        }
    }
    let view = snapshot.city.as_ref();
    let has_res = method.params.iter().any(|p| p.name == "res");
    let level = if has_res { settings.integer("res") } else { 9 };
    let res = u8::try_from(level.clamp(5, 11)).ok();
    let res = res.and_then(|r| Resolution::try_from(r).ok());
    let res = res.unwrap_or(Resolution::Nine);
    let (area, source) = view.map_or((None, Source::Tickets), |v| {
        v.ground.cells(&v.city, res, true)
    });
    let roads = view.and_then(|v| v.ground.roads(&v.city));
    let world = World {
        index,
        sample: &sample,
        ground: Ground {
            area: area.as_deref(),
            source,
        },
        roads: roads.as_deref(),
        sites: &sites,
    };
    let (input, told) = adapt::input(method, settings, &world).map_err(|e| refused(&e))?;
    // What the data give stands unless the person said otherwise.
    let mut pairs: Vec<(&str, &str)> = told.iter().map(|(k, v)| (*k, v.as_str())).collect();
    pairs.extend(given.iter().map(|(k, v)| (k.as_str(), v.as_str())));
    let settings = Settings::read(method.params, pairs)
        .map_err(|e| Error::invalid("settings", e.to_string()))?;
    let answer = (method.run)(&input, &settings).map_err(|e| refused(&e))?;
    let mut document = method.document(&settings, &answer);
    document["n"] = json!(sample.len());
    document["left_out"] = json!(sample.left_out);
    document["runs_on"] = json!(adapt::runs_on(method.name));
    document["data_version"] = json!(snapshot.version);
    document["area"] = json!(source.code());
    Ok(document)
}
