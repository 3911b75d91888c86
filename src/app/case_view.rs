//! What do people see of a case: the line of a list, the whole page, what waits, what may be done next?

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Serialize;
use serde_json::Value;

use crate::app::App;
use crate::app::access::Who;
use crate::app::case::reads;
use crate::app::case_photo::PhotoView;
use crate::app::case_timeline::{Timeline, timeline};
use crate::app::error::{Error, Result};
use crate::app::snapshot::Snapshot;
use crate::calendar::{Day, UtcMs, WorkCalendar};
use crate::case::{
    Around, Case, Catalogue, Finding, Measure, State, Visit, Work, life, notices, open_to,
};
use crate::spatial::LonLat;
use crate::store::case::{self, CaseRow};
use crate::store::case_photo;
use crate::store::evaluation::{self, Evaluation};

/// A measure of a case as people see it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WorkView {
    /// Number, measure, place, quantity, dates, note.
    #[serde(flatten)]
    pub work: Work,
    /// Chinese name.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// Sort of measure.
    pub sort: String,
    /// Unit of quantity.
    pub unit: String,
    /// Yuan in all: entered, or catalogue middle × quantity.
    pub cost: i64,
    /// default, city, entered: where the cost comes from.
    pub cost_source: &'static str,
}

/// An act that is open to the person now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ActView {
    /// Code.
    pub action: &'static str,
    /// Chinese.
    pub title: &'static str,
    /// English.
    pub title_en: &'static str,
}

/// One line of the timeline.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EventView {
    /// RFC 3339.
    pub at: String,
    /// create, edit, approve, …
    pub kind: String,
    /// Who.
    pub actor: String,
    /// What it brought.
    pub body: Value,
}

/// One version of one look.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VersionView {
    /// Measures judged together.
    pub measures: String,
    /// first, second, final.
    pub look: String,
    /// 1, 2, …
    pub version: i64,
    /// RFC 3339.
    pub at: String,
    /// SHA-256 of the record.
    pub print: String,
    /// The record of the effect room with the monthly series.
    pub record: Value,
}

impl From<Evaluation> for VersionView {
    fn from(e: Evaluation) -> Self {
        Self {
            measures: e.measures,
            look: e.look,
            version: e.version,
            at: UtcMs(e.at).rfc3339(),
            print: e.print,
            record: serde_json::from_str(&e.body).unwrap_or_default(),
        }
    }
}

/// A case as a list shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CaseBrief {
    /// Key, as text.
    pub id: String,
    /// Site, as text.
    pub site: String,
    /// Name of the site.
    pub site_name: String,
    /// Where it is.
    pub point: Option<[f64; 2]>,
    /// Title.
    pub title: String,
    /// Problem kind.
    pub problem: String,
    /// Its Chinese name.
    pub problem_title: String,
    /// State.
    pub state: &'static str,
    /// Chinese name of the state.
    pub state_title: &'static str,
    /// English name of the state.
    pub state_title_en: &'static str,
    /// What waits: write, approve, `start_works`, `finish_works`, look, close, none.
    pub waits: &'static str,
    /// Day the next look falls due.
    pub next_look: Option<String>,
    /// Who answers for it.
    pub owner: String,
    /// Measures: code, Chinese, English.
    pub measures: Vec<[String; 3]>,
    /// First decision.
    pub decided: Option<String>,
    /// Last day of works.
    pub works_end: Option<String>,
    /// Newest evaluation of the last look, without its bulk.
    pub verdict: Option<Value>,
    /// Number in the imported table.
    pub external_no: Option<String>,
    /// Whether it is simulated.
    pub simulated: bool,
    /// Row version.
    pub version: i64,
    /// RFC 3339.
    pub changed_at: String,
}

/// A case as its page shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CaseDetail {
    /// The line of the list.
    #[serde(flatten)]
    pub brief: CaseBrief,
    /// Why the tickets recur.
    pub diagnosis: String,
    /// Who helps.
    pub partners: Vec<String>,
    /// Measures with places and dates.
    pub works: Vec<WorkView>,
    /// Visits.
    pub visits: Vec<Visit>,
    /// Doubts that are told.
    pub notices: Vec<Finding>,
    /// Acts open to the person.
    pub acts: Vec<ActView>,
    /// Photos.
    pub photos: Vec<PhotoView>,
    /// Acts, oldest first.
    pub events: Vec<EventView>,
    /// The same with the site's tickets and superior orders, by day, for the picture.
    pub timeline: Timeline,
    /// Evaluations, newest version of each look last.
    pub evaluations: Vec<VersionView>,
    /// Who made it.
    pub created_by: String,
    /// RFC 3339.
    pub created_at: String,
}

/// Looks in the order of their days.
pub(super) const LOOKS: [(&str, i64); 3] = [("first", 90), ("second", 182), ("final", 365)];

/// The day on which a look of a case falls due; `None` while works are not dated.
fn due(case: &Case, catalogue: &Catalogue, days: i64) -> Option<Day> {
    let end = case.works_end()?;
    let settle = |w: &Work| {
        let measure = catalogue.measures.get(&w.measure);
        measure.map_or(Measure::SETTLE_DAYS, Measure::settle_days)
    };
    let settle = case
        .content
        .works
        .iter()
        .map(settle)
        .max()
        .unwrap_or(Measure::SETTLE_DAYS);
    Some(Day(end.0 + settle + days))
}

/// Last day of the last year that a calendar file speaks of; `None` when it speaks of none or cannot be read.
fn covered_until(text: &str) -> Option<Day> {
    const YEARS: Range<i64> = 2000..2100;
    let calendar = WorkCalendar::read(text).ok()?;
    let last = YEARS.rev().find(|year| calendar.covers(*year))?;
    Day::of(last, 12, 31)
}

/// The newest evaluation of the latest look.
fn latest(list: &[Evaluation]) -> Option<&Evaluation> {
    let order = |e: &Evaluation| LOOKS.iter().position(|(look, _)| *look == e.look);
    list.iter().max_by_key(|e| (order(e), e.version))
}

/// The figures of a record that a list shows.
fn short(e: &Evaluation) -> Value {
    const KEYS: [&str; 19] = [
        "verdict",
        "look",
        "interim",
        "y",
        "expected",
        "theta",
        "lo",
        "hi",
        "mde",
        "next_check",
        "advice",
        "zh",
        "en",
        "q",
        "data_until",
        "advice_zh",
        "advice_en",
        "counts_zh",
        "counts_en",
    ];
    let record: Value = serde_json::from_str(&e.body).unwrap_or_default();
    let mut kept = serde_json::Map::new();
    for key in KEYS {
        kept.insert(key.to_owned(), record.get(key).cloned().unwrap_or_default());
    }
    kept.insert("version".to_owned(), e.version.into());
    Value::Object(kept)
}

fn waits(state: State, judged: Option<&str>) -> &'static str {
    match state {
        State::Draft | State::Returned | State::Relapsed => "write",
        State::Proposed => "approve",
        State::Approved => "start_works",
        State::Installing => "finish_works",
        State::Watching if judged == Some("final") => "close",
        State::Watching => "look",
        State::Closed | State::Withdrawn => "none",
    }
}

/// What views are made from.
pub(super) struct Ground<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) catalogue: &'a Catalogue,
    pub(super) today: Day,
}

impl Ground<'_> {
    /// The line of a list.
    pub(super) fn brief(&self, row: &CaseRow, evaluations: &[Evaluation]) -> CaseBrief {
        let case = &row.case;
        let state = case.state_on(self.today);
        let [state_title, state_title_en] = state.title();
        let last = latest(evaluations);
        let judged = last.map(|e| e.look.as_str());
        let done = judged.and_then(|j| LOOKS.iter().position(|(look, _)| *look == j));
        let next = LOOKS
            .get(done.map_or(0, |n| n + 1))
            .filter(|_| state == State::Watching);
        let next_look = next.and_then(|(_, days)| due(case, self.catalogue, *days));
        let point = self.point(case);
        CaseBrief {
            id: case.id.to_string(),
            site: case.site.to_string(),
            site_name: case.site_name.clone(),
            point: point.map(|p| [p.lon, p.lat]),
            title: case.content.title.clone(),
            problem: case.content.problem.clone(),
            problem_title: self
                .catalogue
                .kinds
                .get(&case.content.problem)
                .map(|k| k.name_zh.clone())
                .unwrap_or_default(),
            state: state.code(),
            state_title,
            state_title_en,
            waits: waits(state, judged),
            next_look: next_look.map(Day::iso),
            owner: case.content.owner.clone(),
            measures: case.content.works.iter().map(|w| self.names(w)).collect(),
            decided: case.decided().map(Day::iso),
            works_end: case.works_end().map(Day::iso),
            verdict: last.map(short),
            external_no: case.external_no.clone(),
            simulated: case.simulated,
            version: row.version,
            changed_at: UtcMs(row.changed_at).rfc3339(),
        }
    }

    /// Where a case is drawn: at its first measure, else at its site.
    fn point(&self, case: &Case) -> Option<LonLat> {
        let first = case
            .content
            .works
            .iter()
            .find_map(|w| w.place.first().copied());
        first.or_else(|| self.snapshot.sites.get(case.site).map(|s| s.point))
    }

    fn names(&self, work: &Work) -> [String; 3] {
        let found = self.catalogue.measures.get(&work.measure);
        let name = |f: fn(&Measure) -> &String| found.map_or(&work.measure, f).clone();
        [
            work.measure.clone(),
            name(|m| &m.name_zh),
            name(|m| &m.name_en),
        ]
    }

    fn work(&self, work: &Work) -> WorkView {
        let found = self.catalogue.measures.get(&work.measure);
        let [_, name, name_en] = self.names(work);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the quantity is at most 100,000 and a unit costs below 1e9 yuan"
        )]
        let estimate = found.map_or(0, |m| {
            (m.unit_cost_middle() as f64 * work.quantity).round() as i64
        });
        WorkView {
            work: work.clone(),
            name,
            name_en,
            sort: found.map(|m| m.sort.clone()).unwrap_or_default(),
            unit: found.map(|m| m.unit.clone()).unwrap_or_default(),
            cost: work.cost_yuan.unwrap_or(estimate),
            cost_source: match (work.cost_yuan, found) {
                (Some(_), _) => "entered",
                (None, Some(m)) => m.source.code(),
                (None, None) => "default",
            },
        }
    }
}

impl App {
    /// All cases the person may read, newest change first.
    pub async fn cases(&self, who: &Who) -> Result<Vec<CaseBrief>> {
        match reads(who) {
            Err(Error::NotFound) => return Ok(Vec::new()),
            other => other?,
        }
        let (snapshot, catalogue) = (self.snapshot(), self.catalogue());
        let mut tx = self.store.read().await?;
        let rows = case::all(&mut tx).await?;
        let mut by_case: BTreeMap<i64, Vec<Evaluation>> = BTreeMap::new();
        for e in evaluation::newest(&mut tx).await? {
            by_case.entry(e.case_id).or_default().push(e);
        }
        let ground = Ground {
            snapshot: &snapshot,
            catalogue: &catalogue,
            today: self.today(),
        };
        let none = Vec::new();
        let mut list: Vec<(i64, CaseBrief)> = rows
            .iter()
            .map(|row| {
                (
                    row.changed_at,
                    ground.brief(row, by_case.get(&row.case.id).unwrap_or(&none)),
                )
            })
            .collect();
        list.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        Ok(list.into_iter().map(|(_, brief)| brief).collect())
    }

    /// One case with everything its page shows.
    pub async fn case(&self, who: &Who, id: i64) -> Result<CaseDetail> {
        reads(who)?;
        let (snapshot, catalogue) = (self.snapshot(), self.catalogue());
        let mut tx = self.store.read().await?;
        let row = case::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
        let evaluations = evaluation::of_case(&mut tx, id).await?;
        let photos = case_photo::of_case(&mut tx, id).await?;
        let events = case::events(&mut tx, id).await?;
        let others: Vec<Case> = case::of_site(&mut tx, row.case.site)
            .await?
            .into_iter()
            .map(|r| r.case)
            .collect();
        let ground = Ground {
            snapshot: &snapshot,
            catalogue: &catalogue,
            today: self.today(),
        };
        let actor = self.actor(who);
        let acts = open_to(&row.case, &actor).into_iter().map(|action| {
            let [title, title_en] = life::title_of(action);
            ActView {
                action,
                title,
                title_en,
            }
        });
        Ok(CaseDetail {
            brief: ground.brief(&row, &evaluations),
            diagnosis: row.case.content.diagnosis.clone(),
            partners: row.case.content.partners.clone(),
            works: row
                .case
                .content
                .works
                .iter()
                .map(|w| ground.work(w))
                .collect(),
            visits: row.case.visits.clone(),
            notices: notices(&row.case, &self.around(&snapshot, row.case.site, &others)),
            timeline: timeline(&snapshot, (&row.case, &events), &evaluations, self.today()),
            acts: acts.collect(),
            photos: photos.into_iter().map(PhotoView::from).collect(),
            events: events
                .into_iter()
                .map(|e| EventView {
                    at: UtcMs(e.at).rfc3339(),
                    kind: e.kind,
                    actor: e.actor,
                    body: serde_json::from_str(&e.body).unwrap_or_default(),
                })
                .collect(),
            evaluations: evaluations.into_iter().map(VersionView::from).collect(),
            created_by: row.case.created_by.clone(),
            created_at: UtcMs(row.created_at).rfc3339(),
        })
    }

    /// What is known around the cases of a site.
    fn around<'a>(&self, snapshot: &Snapshot, site: i64, others: &'a [Case]) -> Around<'a> {
        let index = &snapshot.index;
        let first = index
            .span(&index.everything())
            .map(|(first, _)| Day(first.civil_day()));
        let tickets = (0..index.len())
            .filter(|row| index.site(*row) == Some(site))
            .count();
        let until = self.calendar_text().as_deref().and_then(covered_until);
        Around {
            today: Some(self.today()),
            first_ticket: first,
            site_tickets: tickets,
            calendar_until: until,
            no_calendar: until.is_none(),
            others,
        }
    }

    /// Cases of a site, for its page.
    pub async fn cases_of_site(&self, who: &Who, site: i64) -> Result<Vec<CaseBrief>> {
        let wanted = site.to_string();
        Ok(self
            .cases(who)
            .await?
            .into_iter()
            .filter(|c| c.site == wanted)
            .collect())
    }
}
