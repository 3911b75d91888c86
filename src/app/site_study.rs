//! What do the methods say of the sites: how sure is each rank, since when is each one loud, and, in words, why?

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use h3o::Resolution;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::app::access::Who;
use crate::app::error::{Error, Result};
use crate::app::lens::{LensAsk, LensPicture, LensView};
use crate::app::{App, CityView, Snapshot};
use crate::calendar::{Day, UtcMs, WorkCalendar};
use crate::hotspot::caller_weighting::{Repeats, Voice, Voices, weigh};
use crate::hotspot::category::Rule;
use crate::hotspot::close_pairs::ClosePairs;
use crate::hotspot::lens::category_code;
use crate::hotspot::peak_hours::{Peak, baseline, best_window, peak_p};
use crate::hotspot::sample::{Sample, day_of};
use crate::hotspot::site_emerging::{History, SiteSteps};
use crate::index::Filter;
use crate::param::Settings;
use crate::site::{Kind, RankInterval, Site, rank_intervals};
use crate::spatial::LonLat;
use crate::spatial::grid::finest_cell;
use crate::spatial::pairs::Places;
use crate::stats::number::{floor_i64, floor_index};
use crate::stats::permute::monte_carlo_p;
use crate::ticket::permit::Right;

/// Length of a step of the sites' histories, in days.
const STEP_DAYS: f64 = 28.0;
/// How many.
const STEPS: usize = 26;
/// Seed of everything drawn here; stored with the answers.
const SEED: u64 = 1;

/// What is known of all sites together.
#[derive(Debug, Default)]
pub struct SiteStudy {
    /// History of each active site.
    pub history: BTreeMap<i64, History>,
    /// How sure each rank is.
    pub rank: BTreeMap<i64, RankInterval>,
    /// Tickets of the city by half hour, for peaks: all days.
    pub day: Vec<f64>,
}

/// The remembered study of one version of the data.
#[derive(Default)]
pub(super) struct Studies(std::sync::Mutex<Option<Slot>>);

/// Version of the data and its study.
type Slot = (u64, Arc<OnceCell<Arc<SiteStudy>>>);

impl Studies {
    fn slot(&self, version: u64) -> Arc<OnceCell<Arc<SiteStudy>>> {
        let mut held = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        match &*held {
            Some((v, cell)) if *v == version => Arc::clone(cell),
            _ => {
                let cell: Arc<OnceCell<_>> = Arc::default();
                *held = Some((version, Arc::clone(&cell)));
                cell
            }
        }
    }
}

/// When school begins and ends at a place, as its map says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bell {
    /// `arrive` or `leave`.
    pub kind: &'static str,
    /// `07:30-08:00`.
    pub span: String,
}

impl App {
    /// The study of all active sites over a state of the data; computed once.
    pub async fn site_study(&self, snapshot: &Arc<Snapshot>) -> Result<Arc<SiteStudy>> {
        let slot = self.studies.slot(snapshot.version);
        if let Some(study) = slot.get() {
            return Ok(Arc::clone(study));
        }
        let (calendar, _) = self.duty_calendar(&[]).await?;
        let snapshot = Arc::clone(snapshot);
        // By a task of its own: a reader who goes away leaves the result to the next one.
        let work = tokio::spawn(async move {
            let made = slot.get_or_try_init(|| async move {
                let work = move || Arc::new(study(&snapshot, &calendar));
                tokio::task::spawn_blocking(work).await
            });
            made.await.cloned()
        });
        work.await
            .and_then(|made| made)
            .map_err(|e| Error::Internal(e.to_string()))
    }

    /// What every method says of one site, in figures and in words.
    pub async fn site_verdict(
        self: &Arc<Self>,
        who: &Who,
        snapshot: &Arc<Snapshot>,
        site: &Site,
    ) -> Result<Value> {
        who.may(Right::Sites)?;
        let study = self.site_study(snapshot).await?;
        // The verdict speaks of the site as it was formed, from all tickets; it names none of them.
        let ask = LensAsk {
            view: LensView::Gi,
            settings: Settings::defaults(LensView::Gi.method().params),
            filter: Filter::default(),
            before: None,
            res: 9,
            masked: true,
        };
        let mut emerging = ask.clone();
        emerging.view = LensView::Emerging;
        emerging.settings = Settings::defaults(LensView::Emerging.method().params);
        let all = Who::system("verdict");
        let gi = self.lens(snapshot, &all, ask).await?;
        let cells = self.lens(snapshot, &all, emerging).await?;
        let (snapshot, site) = (Arc::clone(snapshot), site.clone());
        let work = tokio::task::spawn_blocking(move || {
            let here = cell_of(&site);
            let class = |picture: &LensPicture| match picture {
                LensPicture::Cells(lens) => {
                    let mark = here.and_then(|c| lens.marks.iter().find(|m| m.cell == c));
                    mark.map(|m| (m.class, m.kind, m.score, m.q))
                }
                LensPicture::Roads(_) => None,
            };
            verdict(
                &snapshot,
                &site,
                &study,
                (class(&gi.picture), class(&cells.picture)),
            )
        });
        work.await.map_err(|e| Error::Internal(e.to_string()))
    }
}

fn cell_of(site: &Site) -> Option<h3o::CellIndex> {
    finest_cell(site.point)?.parent(Resolution::Nine)
}

fn study(snapshot: &Snapshot, calendar: &WorkCalendar) -> SiteStudy {
    let index = &snapshot.index;
    let mut times: BTreeMap<i64, Vec<(f64, Option<u32>)>> = BTreeMap::new();
    let mut day = vec![0.0; 48];
    let (mut first, mut last) = (f64::INFINITY, f64::NEG_INFINITY);
    for row in index.everything().rows() {
        let at = day_of(index.received(row));
        (first, last) = (first.min(at), last.max(at));
        day[half_hour(index.received(row))] += 1.0;
        if let Some(site) = index.site(row) {
            times
                .entry(site)
                .or_default()
                .push((at, index.petitioner_code(row)));
        }
    }
    let sites: Vec<&Site> = snapshot.sites.ranked().collect();
    let end = last.floor() + 1.0;
    SiteStudy {
        history: histories(&sites, &times, (first, end, calendar)),
        rank: ranks(&sites, &times, (first, last)),
        day,
    }
}

fn half_hour(at: UtcMs) -> usize {
    let ms = (at.0 + crate::calendar::OFFSET_MS).rem_euclid(crate::calendar::DAY_MS);
    usize::try_from(ms / 1_800_000).unwrap_or(0).min(47)
}

/// Steps with school: a step that lies wholly in school holidays does not count for the gates of schools. A year whose
/// breaks the calendar does not know counts whole.
fn school_steps(calendar: &WorkCalendar, origin: f64, steps: usize) -> Vec<bool> {
    let held = |day: Day| !calendar.knows_school(day.ymd().0) || calendar.is_school_day(day);
    (0..steps)
        .map(|step| {
            // Day 0 of a sample is three days before the civil day 0.
            let from = floor_i64(origin + step as f64 * STEP_DAYS) - 3;
            (from..from + floor_i64(STEP_DAYS)).any(|day| held(Day(day)))
        })
        .collect()
}

/// Distinct voices of each site and step, against an ordinary site's share of all.
fn histories(
    sites: &[&Site],
    times: &BTreeMap<i64, Vec<(f64, Option<u32>)>>,
    (first, end, calendar): (f64, f64, &WorkCalendar),
) -> BTreeMap<i64, History> {
    if sites.is_empty() || end <= first {
        return BTreeMap::new();
    }
    let whole = floor_index((end - first.floor()) / STEP_DAYS).clamp(1, STEPS);
    let origin = end - whole as f64 * STEP_DAYS;
    let empty = Vec::new();
    let count = sites.iter().map(|site| {
        let mut known: BTreeSet<(usize, u32)> = BTreeSet::new();
        let mut voices = vec![0.0; whole];
        for (at, who) in times.get(&site.id.0).unwrap_or(&empty) {
            let step = ((at - origin) / STEP_DAYS).floor();
            if step >= 0.0
                && let Some(slot) = voices.get_mut(floor_index(step))
                && who.is_none_or(|who| known.insert((floor_index(step), who)))
            {
                *slot += 1.0;
            }
        }
        voices
    });
    let school = school_steps(calendar, origin, whole);
    let mask = |site: &&Site| match site.kind {
        Kind::SchoolGate => school.clone(),
        _ => Vec::new(),
    };
    let table = SiteSteps {
        count: count.collect(),
        exposure: vec![1.0; sites.len()],
        active: sites.iter().map(mask).collect(),
    };
    let found = table.classify(0.05, Rule::default()).unwrap_or_default();
    sites.iter().map(|s| s.id.0).zip(found).collect()
}

fn ranks(
    sites: &[&Site],
    times: &BTreeMap<i64, Vec<(f64, Option<u32>)>>,
    (first, last): (f64, f64),
) -> BTreeMap<i64, RankInterval> {
    let ranked: Vec<&&Site> = sites.iter().filter(|s| s.rank > 0).collect();
    let days = (last - first).clamp(1.0, 365.0);
    let since = last - days;
    let counts: Vec<f64> = ranked
        .iter()
        .map(|s| {
            if s.burden.counted > 0.0 {
                return s.burden.counted;
            }
            // Kept by an earlier version: its tickets, repeats collapsed.
            let own = times.get(&s.id.0).into_iter().flatten();
            let own = (0..).zip(own).map(|(id, (at, caller))| Voice {
                id,
                caller: *caller,
                at: *at,
            });
            let own: Vec<Voice<u32>> = own.collect();
            let weights = weigh(&own, Repeats::default()).weights;
            let year = own.iter().zip(weights).filter(|(v, _)| v.at > since);
            year.map(|(_, weight)| weight).sum()
        })
        .collect();
    let found = rank_intervals(&counts, days / 365.0, SEED);
    ranked.iter().map(|s| s.id.0).zip(found).collect()
}

/// Class, kind, score and q of a cell.
type Said = Option<(&'static str, Option<&'static str>, Option<f64>, Option<f64>)>;

fn verdict(snapshot: &Snapshot, site: &Site, study: &SiteStudy, (gi, cell): (Said, Said)) -> Value {
    let index = &snapshot.index;
    let members = index.select_tickets(&site.members);
    let mut count = vec![0.0; 48];
    for row in members.rows() {
        count[half_hour(index.received(row))] += 1.0;
    }
    let peak = peak(&count, &study.day);
    let last = index
        .span(&index.everything())
        .map_or(0.0, |(_, b)| day_of(b));
    // Tickets, people and collapsed tickets of the same year.
    let year: Vec<Voice<u32>> = members
        .rows()
        .map(|row| Voice {
            id: index.ticket(row).0,
            caller: index.petitioner_code(row),
            at: day_of(index.received(row)),
        })
        .filter(|v| v.at > last - 365.0)
        .collect();
    let year = weigh(&year, Repeats::default());
    let redone = members
        .rows()
        .filter(|row| day_of(index.received(*row)) > last - 365.0 && index.redo(*row) > 0)
        .count();
    let repeats = repeats(&Sample::of(index, &members));
    let history = study.history.get(&site.id.0);
    let rank = study.rank.get(&site.id.0);
    json!({
        "sentence": sentence(site, ((&year, redone), gi, history, &peak, &repeats)),
        "rank_low": rank.map(|r| r.low),
        "rank_high": rank.map(|r| r.high),
        "history": history.map(|h| json!({
            "class": category_code(h.category), "title": h.category.title(), "hot": h.hot, "steps": h.steps,
            "step_days": STEP_DAYS, "trend_z": h.trend.as_ref().map(|t| t.z), "trend_p": h.trend.as_ref().map(|t| t.p), "signs": h.signs,
        })),
        "gi": gi.map(|(class, kind, z, q)| json!({"class": class, "kind": kind, "z": z, "q": q})),
        "cell": cell.map(|(class, _, z, p)| json!({"class": class, "trend_z": z, "trend_p": p})),
        "peak": peak.as_ref().map(|(p, prob)| json!({
            "start_bin": p.start, "length": p.length, "observed": p.observed, "expected": p.expected, "p": prob,
        })),
        "near_repeat": repeats.as_ref().map(|r| json!({
            "metres": r.metres, "days": r.days, "ratio": r.ratio, "p": r.p, "pairs": r.pairs,
        })),
        "bells": bells(snapshot.city.as_deref(), site),
        "neighbours": neighbours(snapshot, site),
        "seed": SEED,
    })
}

/// The half hours that stand out, with p; `None` below five tickets.
fn peak(count: &[f64], city: &[f64]) -> Option<(Peak, f64)> {
    if count.iter().sum::<f64>() < 5.0 {
        return None;
    }
    let share = baseline(city);
    let best = best_window(count, &share, 6);
    (best.length > 0).then(|| (best, peak_p(count, &share, (6, 999, SEED))))
}

/// The widest near-repeat band that is elevated.
struct Repeat {
    metres: f64,
    days: f64,
    ratio: f64,
    p: f64,
    pairs: u64,
}

/// Bands of the rule book, section 11.
const SPACE: [f64; 6] = [0.0, 1.0, 50.0, 100.0, 200.0, 400.0];
/// Days.
const TIME: [f64; 5] = [0.0, 7.0, 14.0, 28.0, 56.0];

/// Newest tickets of a site that near repeats look at: all of them are close to each other, and a page must not wait.
const MOST_REPEATS: usize = 1_500;

/// Near repeats among a site's own newest tickets, repeats by one caller left out; `None` below thirty tickets or without one.
fn repeats(tickets: &Sample) -> Option<Repeat> {
    if tickets.len() < 30 {
        return None;
    }
    let mut newest: Vec<usize> = (0..tickets.len()).collect();
    newest.sort_by(|a, b| tickets.day[*b].total_cmp(&tickets.day[*a]).then(a.cmp(b)));
    newest.truncate(MOST_REPEATS);
    let places = Places::Earth(newest.iter().map(|i| tickets.place[*i]).collect());
    let days: Vec<f64> = newest.iter().map(|i| tickets.day[*i]).collect();
    let caller = |i: usize| tickets.caller[newest[i]];
    let same = |i: usize, j: usize| caller(i).is_some() && caller(i) == caller(j);
    let pairs = ClosePairs::collect(&places, &days, 400.0, |i, j, d| {
        let reached = SPACE.iter().filter(|b| d >= **b).count();
        ((1..SPACE.len()).contains(&reached) && !same(i, j))
            .then(|| u8::try_from(reached - 1).ok())
            .flatten()
    })
    .ok()?;
    let shape = (SPACE.len() - 1, &TIME[..]);
    let observed = pairs.table(&pairs.time, shape);
    let dealt = pairs.dealt_tables(shape, (199, SEED));
    let columns = TIME.len() - 1;
    let mut best: Option<Repeat> = None;
    for (band, &seen) in observed.iter().enumerate() {
        let mean = dealt.iter().map(|t| t[band] as f64).sum::<f64>() / dealt.len() as f64;
        let above = dealt.iter().filter(|t| t[band] >= seen).count();
        let p = monte_carlo_p(above, dealt.len());
        let ratio = if mean > 0.0 { seen as f64 / mean } else { 0.0 };
        // Bands of the first week only: that is what a patrol can act on.
        if ratio >= 1.2 && p <= 0.05 && band % columns == 0 && seen >= 5 {
            best = Some(Repeat {
                metres: SPACE[band / columns + 1],
                days: TIME[band % columns + 1],
                ratio,
                p,
                pairs: seen,
            });
        }
    }
    best
}

/// What goes into the sentence besides the site: voices and redone tickets of the year, Gi*, history, peak, repeats.
type Clauses<'a> = (
    (&'a Voices, usize),
    Said,
    Option<&'a History>,
    &'a Option<(Peak, f64)>,
    &'a Option<Repeat>,
);

/// The sentence of the rule book, section 14, in Chinese and English; a clause without its statistic is left out.
fn sentence(site: &Site, ((year, redone), gi, history, peak, repeats): Clauses<'_>) -> Value {
    let n = year.weights.len();
    let mut zh = vec![format!(
        "近365天{n}件（{}人反映，折算{:.1}件）",
        year.distinct, year.n_eff
    )];
    let mut en = vec![format!(
        "{n} tickets in 365 days ({} petitioners, {:.1} after collapsing repeats)",
        year.distinct, year.n_eff
    )];
    if redone > 0 {
        zh.push(format!("其中重办{redone}件"));
        en.push(format!("{redone} of them redone"));
    }
    if site.rank > 0 && site.expected > 0.0 {
        let (rr, low, high) = (
            site.rate / site.expected,
            site.rate_low / site.expected,
            site.rate_high / site.expected,
        );
        zh.push(format!(
            "为普通点位预期的{rr:.1}倍（95%区间{low:.1}–{high:.1}）"
        ));
        en.push(format!(
            "{rr:.1} times an ordinary site (95 % interval {low:.1}–{high:.1})"
        ));
    }
    say_where(gi, &mut zh, &mut en);
    say_when((history, peak, repeats), &mut zh, &mut en);
    json!({"zh": format!("{}。", zh.join("；")), "en": format!("{}.", en.join("; "))})
}

/// Whether the neighbourhood is loud too.
fn say_where(gi: Said, zh: &mut Vec<String>, en: &mut Vec<String>) {
    match gi {
        Some((_, Some("area"), ..)) => {
            zh.push("所在网格为面状热点".to_owned());
            en.push("its cell lies in an area hot spot".to_owned());
        }
        Some((_, Some(_), ..)) => {
            zh.push("所在网格为点状热点".to_owned());
            en.push("its cell is a point hot spot".to_owned());
        }
        Some(("none", ..)) => {
            zh.push("所在网格与全区相比不显著".to_owned());
            en.push("its cell is not significant against the district".to_owned());
        }
        _ => {}
    }
}

/// History, peak, repeats.
type Times<'a> = (
    Option<&'a History>,
    &'a Option<(Peak, f64)>,
    &'a Option<Repeat>,
);

/// Since when, at which hours, and whether one ticket brings the next.
fn say_when((history, peak, repeats): Times<'_>, zh: &mut Vec<String>, en: &mut Vec<String>) {
    if let Some(h) = history {
        let moving = match &h.trend {
            Some(t) if t.p < 0.05 && t.z > 0.0 => ("上升", "rising"),
            Some(t) if t.p < 0.05 => ("下降", "falling"),
            _ => ("平稳", "steady"),
        };
        zh.push(format!(
            "{}：{}期（每期4周）中{}期显著，趋势{}",
            h.category.title(),
            h.steps,
            h.hot,
            moving.0
        ));
        en.push(format!(
            "{}: {} of {} four-week steps loud, trend {}",
            category_code(h.category).replace('_', " "),
            h.hot,
            h.steps,
            moving.1
        ));
    }
    if let Some((p, prob)) = peak.as_ref().filter(|(_, prob)| *prob <= 0.05) {
        let (from, to) = (clock(p.start), clock(p.start + p.length));
        zh.push(format!(
            "高峰{from}–{to}（{:.0}件，按全市节律应为{:.1}件，p={prob:.3}）",
            p.observed, p.expected
        ));
        en.push(format!(
            "peak {from}–{to} ({:.0} tickets, {:.1} by the city's rhythm, p {prob:.3})",
            p.observed, p.expected
        ));
    }
    if let Some(r) = repeats {
        zh.push(format!(
            "一件之后{:.0}天内、{:.0}米内再有他人反映为随机的{:.1}倍",
            r.days, r.metres, r.ratio
        ));
        en.push(format!("within {:.0} days and {:.0} m of a ticket another person's is {:.1} times as frequent as by chance", r.days, r.metres, r.ratio));
    }
}

fn clock(bin: usize) -> String {
    let bin = bin % 48;
    format!("{:02}:{:02}", bin / 2, bin % 2 * 30)
}

/// Bells of the school the site stands at.
fn bells(city: Option<&CityView>, site: &Site) -> Vec<Bell> {
    let (Some(city), Some(feature)) = (city, site.feature.as_deref()) else {
        return Vec::new();
    };
    let find = |id: &str| city.city.map.features.iter().find(|f| f.id == id);
    let here = find(feature);
    let school = here.and_then(|f| f.tag("parent")).and_then(find).or(here);
    let Some(school) = school else {
        return Vec::new();
    };
    [("arrive", "bell:arrive"), ("leave", "bell:leave")]
        .into_iter()
        .filter_map(|(kind, key)| {
            let span = school.tag(key)?.to_owned();
            Some(Bell { kind, span })
        })
        .collect()
}

/// The nearest active sites within 600 m, nearest first.
fn neighbours(snapshot: &Snapshot, site: &Site) -> Vec<Value> {
    let mut near: Vec<(f64, &Site)> = snapshot
        .sites
        .ranked()
        .filter(|s| s.id != site.id)
        .map(|s| (s.point.distance_m(site.point), s))
        .filter(|(d, _)| *d <= 600.0)
        .collect();
    near.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.id.cmp(&b.1.id)));
    let six = |p: LonLat| [(p.lon * 1e6).round() / 1e6, (p.lat * 1e6).round() / 1e6];
    near.iter()
        .take(6)
        .map(|(d, s)| {
            json!({"id": s.id.0.to_string(), "name": s.name, "metres": d.round(), "count": s.members.len(), "rank": s.rank, "point": six(s.point)})
        })
        .collect()
}
