//! What goes into an evaluation of this city: sites with their tickets by day, rings around them, and the measures of all cases?

use std::collections::{BTreeMap, BTreeSet};

use crate::app::case::print_of;
use crate::app::case_gaps::Gap;
use crate::app::snapshot::Snapshot;
use crate::calendar::{Day, UtcMs, WorkCalendar};
use crate::case::{Case, Catalogue, Kinds, Measure, State};
use crate::effect::bundle::{bundles, by_site};
use crate::effect::coding::changed_on;
use crate::effect::days::DayMark;
use crate::effect::gaps::steady_from;
use crate::effect::panel::unique;
use crate::effect::{DayTable, Event, Look, Panel, Settings, SiteSeries, Span, Treatment};
use crate::index::Index;
use crate::index::dict::Dict;
use crate::index::row::names_a_spot;
use crate::site::{Kind, Site};
use crate::spatial::{LocalPlane, LonLat, Xy};
use crate::ticket::{Channel, State as Ticket};

/// Width of a ring in metres.
const RING_M: f64 = 300.0;

/// Corners of a stretch stand at most so far apart when distances are taken.
const STEP_M: f64 = 60.0;

/// Days beyond the data that forecasts look at.
const AHEAD: i64 = 800;

/// What a panel is made from.
pub(super) struct Making<'a> {
    /// Tickets and sites.
    pub(super) snapshot: &'a Snapshot,
    /// All cases.
    pub(super) cases: &'a [Case],
    /// Cases whose dates were changed after their first evaluation.
    pub(super) backdated: &'a BTreeSet<i64>,
    /// For the days of settling.
    pub(super) catalogue: &'a Catalogue,
    /// The city's calendar (`date,kind`); `None` = weekends and statutory days.
    pub(super) calendar: Option<&'a str>,
    /// Tickets of praise (表扬): no complaint, never counted.
    pub(super) praise: &'a BTreeSet<i64>,
    /// Days that are left out on both sides: data outage, road closure, epidemic.
    pub(super) gaps: &'a [Gap],
    /// Tickets from this day on are left out: the day is not over.
    pub(super) today: Day,
}

/// The measures of a case that were decided last, and when each look at them falls due.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Standing {
    /// Names of the measures judged together, as evaluations carry them.
    pub(super) measures: String,
    /// Days of the three planned looks; none while works are not finished.
    pub(super) due: Option<[Day; 3]>,
}

/// Where every case with a decided measure stands today, from dates alone.
pub(super) fn standing(making: &Making<'_>) -> BTreeMap<i64, Standing> {
    let sites = making.snapshot.sites.all();
    let place: BTreeMap<i64, usize> = sites.iter().enumerate().map(|(n, s)| (s.id.0, n)).collect();
    let panel = Panel {
        first: Day(0),
        days: i32::try_from(making.today.0).unwrap_or(i32::MAX),
        sites: vec![SiteSeries::default(); sites.len()],
        treatments: treatments(making, &place, Day(0)),
        ..Panel::default()
    };
    let mut bundles = bundles(&panel, &Settings::default(), &by_site(&panel));
    bundles.sort_by_key(|b| b.decision);
    let mut found = BTreeMap::new();
    for bundle in bundles {
        let names: Vec<&str> = bundle
            .members
            .iter()
            .filter_map(|m| Some(panel.treatments.get(*m)?.id.as_str()))
            .collect();
        let due = |look: Look| bundle.due(look).map(|d| panel.civil(d));
        let [first, second, last] = Look::PLANNED.map(due);
        let standing = Standing {
            measures: names.join("+"),
            due: first.zip(second).zip(last).map(|((a, b), c)| [a, b, c]),
        };
        for id in names.iter().filter_map(|id| case_of(id)) {
            found.insert(id, standing.clone());
        }
    }
    found
}

/// Category whose rhythm a site follows: schools and car parks have their own, junctions theirs, all else the road's.
const fn category(kind: Kind) -> &'static str {
    match kind {
        Kind::SchoolGate => "school",
        Kind::ParkingEntrance => "parking",
        Kind::Intersection => "junction",
        _ => "road",
    }
}

/// Whether a ticket is counted at all: not rejected, returned, merged or withdrawn (casework reference, sections 8 and 18).
const fn is_eligible(state: Ticket) -> bool {
    !matches!(
        state,
        Ticket::Rejected | Ticket::Returned | Ticket::Merged | Ticket::Withdrawn
    )
}

/// The first day on which tickets come in steadily: one dated long ago by mistake does not stretch the history.
pub(super) fn first_day(index: &Index) -> Option<Day> {
    let (first, last) = index.span(&index.everything())?;
    let first = first.civil_day();
    let days = usize::try_from(last.civil_day() - first + 1).ok()?;
    let mut counts = vec![0_u32; days];
    for row in 0..index.len() {
        let at = usize::try_from(index.received(row).civil_day() - first).ok();
        if let Some(slot) = at.and_then(|d| counts.get_mut(d)) {
            *slot += 1;
        }
    }
    let ahead = i64::try_from(steady_from(&counts)).ok()?;
    Some(Day(first + ahead))
}

/// The panel; `None` without any ticket before today.
pub(super) fn panel(making: &Making<'_>) -> Option<Panel> {
    let index = &making.snapshot.index;
    let first = first_day(index)?;
    let (_, last) = index.span(&index.everything())?;
    let until = Day((last.civil_day() + 1).min(making.today.0));
    let days = i32::try_from(until.0 - first.0).ok().filter(|d| *d > 0)?;
    let sites: Vec<&Site> = making
        .snapshot
        .sites
        .all()
        .iter()
        .filter(|s| s.into.is_none())
        .collect();
    let place: BTreeMap<i64, usize> = sites.iter().enumerate().map(|(n, s)| (s.id.0, n)).collect();
    let treatments = treatments(making, &place, first);
    let treated: BTreeSet<usize> = treatments.iter().map(|t| t.site).collect();
    let mut series: Vec<SiteSeries> = sites
        .iter()
        .map(|s| SiteSeries {
            id: s.id.0.to_string(),
            category: category(s.kind).to_owned(),
            place: Some(s.point),
            ..SiteSeries::default()
        })
        .collect();
    let mut coded = Vec::new();
    let gathering = Gathering {
        index,
        praise: making.praise,
        place,
        rings: Rings::of(&sites, &treated),
        treated,
        untouched: untouched(&making.catalogue.kinds, &index.dicts().categories),
    };
    gathering.fill(&mut series, &mut coded, (first, until));
    let number = |day: Day| i32::try_from(day.0 - first.0).unwrap_or(i32::MAX);
    let gaps = making
        .gaps
        .iter()
        .map(|g| Span::new(number(g.from), number(Day(g.to.0 + 1))).meet(Span::new(0, days)));
    Some(Panel {
        first,
        days,
        gaps: gaps.filter(|g| !g.is_empty()).collect(),
        coding_changed: changed_on(&coded, days),
        calendar: day_table(making.calendar, first, Day(until.0 + AHEAD)),
        sites: series,
        treatments,
    })
}

/// What says to which series a ticket goes.
struct Gathering<'a> {
    index: &'a Index,
    praise: &'a BTreeSet<i64>,
    place: BTreeMap<i64, usize>,
    rings: Rings,
    treated: BTreeSet<usize>,
    untouched: BTreeSet<u16>,
}

impl Gathering<'_> {
    /// Puts every ticket from `first` up to but not including `until` into core, ring and negative control, and the day and
    /// code of each into `coded`.
    fn fill(
        &self,
        series: &mut [SiteSeries],
        coded: &mut Vec<(i32, u16)>,
        (first, until): (Day, Day),
    ) {
        let index = self.index;
        for row in 0..index.len() {
            let day = index.received(row).civil_day();
            // Own finds are a series of their own, never mixed in.
            if day < first.0 || day >= until.0 || index.channel(row) == Channel::Patrol {
                continue;
            }
            if !is_eligible(index.state(row)) || self.praise.contains(&index.ticket(row).0) {
                continue;
            }
            let event = event(index, row, first);
            coded.push((event.day, event.kind));
            let own = index.site(row).and_then(|id| self.place.get(&id)).copied();
            let control = self.untouched.contains(&index.category(row));
            // What no measure can touch is the negative control and no part of the outcome.
            let pick = |site: &mut SiteSeries, at_core: bool| {
                let list = match (control, at_core) {
                    (true, _) => &mut site.other,
                    (false, true) => &mut site.core,
                    (false, false) => &mut site.ring,
                };
                list.push(event);
            };
            if let Some(own) = own {
                pick(&mut series[own], true);
            }
            if let Some(point) = index
                .world(row)
                .filter(|_| names_a_spot(index.precision(row)))
            {
                for at in self.rings.around(point.lonlat(), own, &self.treated) {
                    pick(&mut series[at], false);
                }
            }
        }
        for site in series {
            unique(&mut site.core);
            unique(&mut site.ring);
            unique(&mut site.other);
        }
    }
}

/// Name of the category that says nothing.
const REST: &str = "其他";

/// Codes of categories that no measure of the catalogue can touch: named ones of the second level or below that no problem kind
/// speaks of, such as 事故处理 or 违法处理. Their tickets in core and ring are the negative control (effect reference, section 12):
/// when they move too, reporting changed and not the street. Heads without a leaf are left out, they may mean anything.
fn untouched(kinds: &Kinds, categories: &Dict) -> BTreeSet<u16> {
    let spoken: BTreeSet<&str> = kinds.all().iter().map(|k| k.category.as_str()).collect();
    categories
        .iter()
        .filter(|(_, e)| e.parent.is_some() && e.name != REST && !spoken.contains(e.name.as_str()))
        .map(|(code, _)| code)
        .collect()
}

fn event(index: &Index, row: usize, first: Day) -> Event {
    let at: UtcMs = index.received(row);
    let channel = Channel::ALL
        .iter()
        .position(|c| *c == index.channel(row))
        .unwrap_or(0);
    Event {
        day: i32::try_from(at.civil_day() - first.0).unwrap_or(i32::MAX),
        caller: index
            .petitioner_code(row)
            .map_or(0, |c| c.saturating_add(1)),
        channel: u16::try_from(channel + 1).unwrap_or(0),
        kind: index.category(row).checked_add(1).unwrap_or(0),
        hour: at.civil_hour(),
    }
}

/// The classes of days; a broken calendar file counts as none, which the records then say.
fn day_table(calendar: Option<&str>, first: Day, until: Day) -> DayTable {
    let read = calendar.and_then(|text| WorkCalendar::read(text).ok().map(|c| (c, text)));
    match read {
        Some((city, text)) => DayTable {
            hash: print_of(text.as_bytes()),
            ..DayTable::of_city(&city, first, until)
        },
        None => DayTable::build(first, until, |_| DayMark::default()),
    }
}

/// Name of a measure in a panel: case and number.
pub(super) fn treatment_id(case: i64, work: u32) -> String {
    format!("{case}-{work}")
}

/// The case a name of [`treatment_id`] belongs to.
pub(super) fn case_of(id: &str) -> Option<i64> {
    id.split_once('-')?.0.parse().ok()
}

fn treatments(making: &Making<'_>, place: &BTreeMap<i64, usize>, first: Day) -> Vec<Treatment> {
    let day = |d: Day| i32::try_from(d.0 - first.0).unwrap_or(i32::MAX);
    let mut all = Vec::new();
    for case in making.cases {
        let site = place.get(&root(making.snapshot, case.site)).copied();
        // Nothing of a draft was ever decided. What waits for a leader or went back to its writer may hold measures of an
        // earlier life, which have their day of decision; what was withdrawn was carried out only if its works ended.
        let Some(site) = site.filter(|_| case.state != State::Draft) else {
            continue;
        };
        let withdrawn = case.state == State::Withdrawn;
        for work in &case.content.works {
            let carried_out = !withdrawn || work.works_end.is_some();
            let decided = work.decided.filter(|d| carried_out && *d <= making.today);
            let Some(decision) = decided else {
                continue;
            };
            let measure = making.catalogue.measures.get(&work.measure);
            let done = work.works_end.filter(|end| *end <= making.today);
            all.push(Treatment {
                id: treatment_id(case.id, work.n),
                site,
                measure: work.measure.clone(),
                decision: day(decision),
                install_start: work.works_start.map(day),
                install_end: done.map(day),
                removed: work.removed.map(day),
                settle: i32::try_from(measure.map_or(Measure::SETTLE_DAYS, Measure::settle_days))
                    .ok(),
                hours: work.hours.iter().map(|h| (h[0], h[1])).collect(),
                kinds: meant_for(making, measure),
                backdated: making.backdated.contains(&case.id),
                cost: work.cost_yuan,
            });
        }
    }
    all
}

/// Numbers, as events carry them, of the categories a measure of the catalogue is meant for; empty when it names none.
fn meant_for(making: &Making<'_>, measure: Option<&Measure>) -> Vec<u16> {
    let categories = &making.snapshot.index.dicts().categories;
    let kinds = &making.catalogue.kinds;
    let named: BTreeSet<&str> = measure
        .iter()
        .flat_map(|m| m.main.iter().chain(&m.side))
        .filter_map(|id| Some(kinds.get(id)?.category.as_str()))
        .collect();
    let within = |code: u16| {
        let mut at = Some(code);
        // A chain of parents is short; a circle would be a fault of the list and ends here.
        for _ in 0..8 {
            let Some(entry) = at.and_then(|c| categories.get(c)) else {
                return false;
            };
            if named.contains(entry.name.as_str()) {
                return true;
            }
            at = entry.parent;
        }
        false
    };
    categories
        .iter()
        .map(|(code, _)| code)
        .filter(|code| within(*code))
        .map(|code| code.saturating_add(1))
        .collect()
}

/// The site a merged one became part of.
pub(super) fn root(snapshot: &Snapshot, site: i64) -> i64 {
    let mut at = site;
    // A chain of merges is short; a circle would be a fault of the survey and ends here.
    for _ in 0..50 {
        match snapshot.sites.get(at).and_then(|s| s.into) {
            Some(into) => at = into.0,
            None => break,
        }
    }
    at
}

/// Which sites have a point within the ring's width.
struct Rings {
    plane: LocalPlane,
    cells: BTreeMap<(i64, i64), Vec<(usize, Xy)>>,
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "metres of a city divided by 300"
)]
fn cell(p: Xy) -> (i64, i64) {
    ((p.x / RING_M).floor() as i64, (p.y / RING_M).floor() as i64)
}

impl Rings {
    fn of(sites: &[&Site], treated: &BTreeSet<usize>) -> Self {
        let origin = sites
            .first()
            .map_or(LonLat { lon: 0.0, lat: 0.0 }, |s| s.point);
        let plane = LocalPlane::new(origin);
        let mut cells: BTreeMap<(i64, i64), Vec<(usize, Xy)>> = BTreeMap::new();
        // Treated sites first, so that their claim on a ticket is seen before the others'.
        let order = (0..sites.len())
            .filter(|n| treated.contains(n))
            .chain((0..sites.len()).filter(|n| !treated.contains(n)));
        for n in order {
            for p in corners(sites[n], &plane) {
                cells.entry(cell(p)).or_default().push((n, p));
            }
        }
        Self { plane, cells }
    }

    /// Sites whose ring holds a point: the nearest treated one alone, else every untreated one; never the ticket's own, and
    /// none at all for tickets of a treated site.
    fn around(&self, point: LonLat, own: Option<usize>, treated: &BTreeSet<usize>) -> Vec<usize> {
        if own.is_some_and(|o| treated.contains(&o)) {
            return Vec::new();
        }
        let p = self.plane.to_xy(point);
        let (x, y) = cell(p);
        let mut near: BTreeMap<usize, f64> = BTreeMap::new();
        for at in (x - 1..=x + 1).flat_map(|x| (y - 1..=y + 1).map(move |y| (x, y))) {
            for (n, q) in self.cells.get(&at).into_iter().flatten() {
                let m = p.distance_m(*q);
                if m <= RING_M && own != Some(*n) {
                    let best = near.entry(*n).or_insert(m);
                    *best = best.min(m);
                }
            }
        }
        let claims = near.iter().filter(|(n, _)| treated.contains(n));
        let claimed = claims.min_by(|a, b| a.1.total_cmp(b.1).then(a.0.cmp(b.0)));
        match claimed {
            Some((n, _)) => vec![*n],
            None => near.into_keys().collect(),
        }
    }
}

/// The point of a site, or points along its stretch.
fn corners(site: &Site, plane: &LocalPlane) -> Vec<Xy> {
    let mut all = vec![plane.to_xy(site.point)];
    for pair in site.line.windows(2) {
        let (a, b) = (plane.to_xy(pair[0]), plane.to_xy(pair[1]));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a stretch of at most some km"
        )]
        let steps = (a.distance_m(b) / STEP_M).ceil().clamp(1.0, 1_000.0) as usize;
        all.extend((0..=steps).map(|i| {
            let t = i as f64 / steps as f64;
            Xy {
                x: a.x + t * (b.x - a.x),
                y: a.y + t * (b.y - a.y),
            }
        }));
    }
    all
}
