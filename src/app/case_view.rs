//! What do people see of a case: the line of a list, the whole page, what waits, what may be done next?

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde::Serialize;
use serde_json::Value;

use crate::app::App;
use crate::app::access::Who;
use crate::app::case::reads;
use crate::app::case_panel::{Making, Standing, first_day, standing};
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
    /// Whether it speaks of the measures decided last, by the dates as they stand today.
    pub current: bool,
    /// The record of the effect room with the monthly series.
    pub record: Value,
}

impl VersionView {
    fn new(e: Evaluation, current: bool) -> Self {
        Self {
            current,
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
const LOOKS: [&str; 3] = ["first", "second", "final"];

/// Last day of the last year that a calendar file speaks of; `None` when it speaks of none or cannot be read.
fn covered_until(text: &str) -> Option<Day> {
    const YEARS: Range<i64> = 2000..2100;
    let calendar = WorkCalendar::read(text).ok()?;
    let last = YEARS.rev().find(|year| calendar.covers(*year))?;
    Day::of(last, 12, 31)
}

/// Place of a look among the planned ones.
fn order(look: &str) -> Option<usize> {
    LOOKS.iter().position(|name| *name == look)
}

/// Whether an evaluation speaks of the measures decided last and of a look that has fallen due by the dates of today.
fn is_current(e: &Evaluation, standing: Option<&Standing>, today: Day) -> bool {
    let due = standing
        .filter(|s| s.measures == e.measures)
        .and_then(|s| Some(s.due?[order(&e.look)?]));
    due.is_some_and(|day| day <= today)
}

/// The newest evaluation of the latest look at the measures decided last.
fn latest<'a>(
    list: &'a [Evaluation],
    standing: Option<&Standing>,
    today: Day,
) -> Option<&'a Evaluation> {
    list.iter()
        .filter(|e| is_current(e, standing, today))
        .max_by_key(|e| (order(&e.look), e.version))
}

/// The figures of a record that a list shows.
fn short(e: &Evaluation) -> Value {
    const KEYS: [&str; 20] = [
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
        "borrowed",
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
    pub(super) standing: BTreeMap<i64, Standing>,
    pub(super) today: Day,
}

impl<'a> Ground<'a> {
    /// What views of these cases need.
    pub(super) fn new(
        snapshot: &'a Snapshot,
        catalogue: &'a Catalogue,
        cases: &[Case],
        today: Day,
    ) -> Self {
        let none = BTreeSet::new();
        let nobody = BTreeSet::new();
        let standing = standing(&Making {
            snapshot,
            cases,
            backdated: &none,
            catalogue,
            calendar: None,
            praise: &nobody,
            gaps: &[],
            today,
        });
        Self {
            snapshot,
            catalogue,
            standing,
            today,
        }
    }

    /// Whether an evaluation is what the case's page leads with.
    fn is_current(&self, e: &Evaluation) -> bool {
        is_current(e, self.standing.get(&e.case_id), self.today)
    }

    /// The line of a list.
    pub(super) fn brief(&self, row: &CaseRow, evaluations: &[Evaluation]) -> CaseBrief {
        let case = &row.case;
        let state = case.state_on(self.today);
        let [state_title, state_title_en] = state.title();
        let standing = self.standing.get(&case.id);
        let last = latest(evaluations, standing, self.today);
        let judged = last.map(|e| e.look.as_str());
        let next = judged.and_then(order).map_or(0, |n| n + 1);
        let next_look = standing
            .and_then(|s| s.due?.get(next).copied())
            .filter(|_| state == State::Watching);
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

    fn works(&self, case: &Case) -> Vec<WorkView> {
        case.content.works.iter().map(|w| self.work(w)).collect()
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
        let all: Vec<Case> = rows.iter().map(|r| r.case.clone()).collect();
        let ground = Ground::new(&snapshot, &catalogue, &all, self.today());
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
        let calendar = self.calendar_text(&mut tx).await?;
        let ground = Ground::new(&snapshot, &catalogue, &others, self.today());
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
            works: ground.works(&row.case),
            visits: row.case.visits.clone(),
            notices: notices(
                &row.case,
                &self.around(&snapshot, row.case.site, (&others, calendar.as_deref())),
            ),
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
            evaluations: evaluations
                .into_iter()
                .map(|e| {
                    let current = ground.is_current(&e);
                    VersionView::new(e, current)
                })
                .collect(),
            created_by: row.case.created_by.clone(),
            created_at: UtcMs(row.created_at).rfc3339(),
        })
    }

    /// What is known around the cases of a site.
    fn around<'a>(
        &self,
        snapshot: &Snapshot,
        site: i64,
        (others, calendar): (&'a [Case], Option<&str>),
    ) -> Around<'a> {
        let index = &snapshot.index;
        let first = first_day(index);
        let tickets = (0..index.len())
            .filter(|row| index.site(*row) == Some(site))
            .count();
        let until = calendar.and_then(covered_until);
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
