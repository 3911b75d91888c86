//! Is something breaking out this week, is it new or known, and how often would chance ring like this?
//!
//! Rule book, section 10: the space-time permutation scan over 52 weeks that end last night; an alarm needs a recurrence interval of
//! a year and three voices; a cluster that shares half of its places with an alarm of the last 28 days goes on from it.

use std::collections::{BTreeMap, BTreeSet};

use h3o::{CellIndex, LatLng, Resolution};
use serde::{Deserialize, Serialize};

use crate::hotspot::caller_weighting::{Repeats, Voice, Voices, weigh};
use crate::hotspot::sample::Sample;
use crate::hotspot::scan::{Ask, scan};
use crate::hotspot::scan_model::{Cases, Model};
use crate::hotspot::scan_zones::{Growth, Sites};
use crate::hotspot::steps::Steps;
use crate::index::Index;
use crate::spatial::LonLat;
use crate::stats::number::{floor_i64, id32};
use crate::stats::permute::{monte_carlo_p, recurrence_days};

/// How alarms are raised; the defaults are those of the rule book.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlarmRule {
    /// Weeks of history.
    pub weeks: usize,
    /// Longest window in weeks.
    pub longest: usize,
    /// Largest share of the tickets in a circle.
    pub max_share: f64,
    /// Largest radius in metres.
    pub max_radius_m: f64,
    /// Replicates.
    pub replicates: usize,
    /// Seed.
    pub seed: u64,
    /// Days between runs.
    pub every_days: f64,
    /// Least recurrence interval of an alarm, in days.
    pub least_days: f64,
    /// Recurrence interval of a strong alarm, in days.
    pub strong_days: f64,
    /// Least voices.
    pub least_callers: usize,
    /// An alarm stays open this many days after it was last seen.
    pub open_days: i64,
    /// A known alarm is told again when its ratio rose by this factor.
    pub again: f64,
}

impl Default for AlarmRule {
    fn default() -> Self {
        Self {
            weeks: 52,
            longest: 8,
            max_share: 0.10,
            max_radius_m: 1500.0,
            replicates: 999,
            seed: 1,
            every_days: 7.0,
            least_days: 365.0,
            strong_days: 5.0 * 365.0,
            least_callers: 3,
            open_days: 28,
            again: 1.5,
        }
    }
}

/// A cluster of one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Cells inside, H3 as text, ascending.
    pub places: Vec<String>,
    /// Middle of the circle, degrees.
    pub centre: [f64; 2],
    /// Radius in metres.
    pub radius_m: f64,
    /// Tickets inside place and window.
    pub observed: u32,
    /// Expected tickets.
    pub expected: f64,
    /// Log likelihood ratio.
    pub llr: f64,
    /// Monte Carlo p.
    pub p: f64,
    /// Gumbel p, where replicates have spread.
    pub p_gumbel: Option<f64>,
    /// Days between such findings by chance.
    pub recurrence_days: f64,
    /// First day of the window (civil, days since 1970-01-01).
    pub from_day: i64,
    /// Distinct voices inside.
    pub callers: usize,
    /// Largest share of one voice among the tickets inside.
    #[serde(default)]
    pub top_share: f64,
    /// Whether one voice dominates (rule book, 2.3): such a cluster is shown with its run, but rings nothing.
    #[serde(default)]
    pub dominated: bool,
}

/// What one weekly run found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Week {
    /// First civil day after the window.
    pub day: i64,
    /// Tickets of the history.
    pub tickets: usize,
    /// Cells with a ticket.
    pub places: usize,
    /// The best clusters without shared cells, most unlikely first; at most ten.
    pub findings: Vec<Finding>,
}

/// How an alarm stood in one run that saw it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// Day of the run.
    pub day: i64,
    /// Tickets inside place and window.
    pub observed: u32,
    /// Expected tickets.
    pub expected: f64,
    /// Distinct voices inside.
    pub callers: usize,
    /// Log likelihood ratio.
    pub llr: f64,
    /// Days between such findings by chance.
    pub recurrence_days: f64,
}

/// An alarm over its runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alarm {
    /// Number, counts upwards.
    pub id: i64,
    /// Day of the first run that raised it.
    pub first_day: i64,
    /// Day of the last run that saw it.
    pub last_day: i64,
    /// Days on which people were to be told: at first, and when it had risen by half.
    pub told: Vec<i64>,
    /// Ratio when it was last told.
    pub told_llr: f64,
    /// Whether a chance like this comes at most every five years.
    pub strong: bool,
    /// As last seen.
    pub finding: Finding,
    /// Every run that saw it, oldest first; empty in alarms of older versions.
    #[serde(default)]
    pub course: Vec<Seen>,
    /// Its cells when it was first raised: what it is known by when its weeks are computed again.
    #[serde(default)]
    pub origin: Vec<String>,
}

/// Resolution of the scan's places: edges of 76 m.
pub const RESOLUTION: Resolution = Resolution::Ten;

/// A cluster that this many replicates exceed raises no alarm: the replicates stop (rule book, section 10, only p matters).
const ENOUGH: usize = 50;

/// A [`Sample`] day less the civil day.
pub const SAMPLE_SHIFT: f64 = 3.0;

/// Runs the scan for the weeks that end before civil day `day`; a quiet week stops after its first replicates.
#[must_use]
#[expect(
    clippy::too_many_lines,
    reason = "one walk from tickets to findings, each step needs the ones before"
)]
pub fn weekly(index: &Index, sample: &Sample, day: i64, rule: &AlarmRule) -> Week {
    let end = day as f64 + SAMPLE_SHIFT;
    let steps = Steps {
        origin: end - 7.0 * rule.weeks as f64,
        days: 7.0,
        count: rule.weeks,
    };
    let mut cases: Vec<(CellIndex, u32, usize)> = sample
        .cells(index, RESOLUTION)
        .zip(&sample.day)
        .enumerate()
        .filter_map(|(i, (cell, at))| Some((cell?, id32(steps.step(*at)?), i)))
        .collect();
    cases.sort_unstable();
    let mut cells: Vec<CellIndex> = cases.iter().map(|c| c.0).collect();
    cells.dedup();
    let place = |c: &CellIndex| id32(cells.binary_search(c).unwrap_or(0));
    let centres: Vec<LonLat> = cells
        .iter()
        .map(|c| {
            let p = LatLng::from(*c);
            LonLat::new(p.lng(), p.lat())
        })
        .collect();
    let mut mass = vec![0.0; cells.len()];
    for case in &cases {
        mass[place(&case.0) as usize] += 1.0;
    }
    let study = Cases {
        model: Model::Permutation,
        place: cases.iter().map(|c| place(&c.0)).collect(),
        step: cases.iter().map(|c| c.1).collect(),
        steps: rule.weeks,
        mass,
    };
    let ask = Ask {
        growth: Growth {
            max_share: rule.max_share,
            max_radius: rule.max_radius_m,
        },
        longest: rule.longest,
        prospective: true,
        replicates: rule.replicates,
        seed: rule.seed,
        stop_after: ENOUGH,
    };
    let found = scan(&Sites::Earth(centres.clone()), &study, &ask);
    let floor = monte_carlo_p(0, rule.replicates);
    let findings = found.clusters.iter().take(10).map(|c| {
        let inside: BTreeSet<u32> = c.places.iter().copied().collect();
        let (from, to) = (id32(c.found.window.from), id32(c.found.window.to));
        let held = cases
            .iter()
            .filter(|case| (from..to).contains(&case.1) && inside.contains(&place(&case.0)));
        let voices = heard(sample, held.map(|case| case.2));
        let centre = centres[c.found.centre as usize];
        let reach = c
            .places
            .iter()
            .map(|p| centres[*p as usize].distance_m(centre));
        // Below the floor of the replicates the Gumbel tail speaks.
        let p = match c.p_gumbel {
            Some(g) if c.p <= floor => g.min(c.p),
            _ => c.p,
        };
        Finding {
            places: c
                .places
                .iter()
                .map(|p| cells[*p as usize].to_string())
                .collect(),
            centre: [round(centre.lon), round(centre.lat)],
            radius_m: reach.fold(0.0, f64::max).round(),
            observed: c.found.observed,
            expected: c.found.expected,
            llr: c.found.llr,
            p: c.p,
            p_gumbel: c.p_gumbel,
            recurrence_days: recurrence_days(p, rule.every_days, 0).min(1e7),
            from_day: day - 7 * (floor_i64((rule.weeks - c.found.window.from) as f64)),
            callers: voices.distinct,
            top_share: voices.top_share,
            dominated: voices.dominated(),
        }
    });
    Week {
        day,
        tickets: cases.len(),
        places: cells.len(),
        findings: findings.collect(),
    }
}

fn round(v: f64) -> f64 {
    (v * 1e6).round() / 1e6
}

/// Who speaks in these tickets.
fn heard(sample: &Sample, tickets: impl Iterator<Item = usize>) -> Voices {
    let voice = |i: usize| Voice {
        id: sample.ticket[i].0,
        caller: sample.caller[i],
        at: sample.day[i],
    };
    weigh(&tickets.map(voice).collect::<Vec<_>>(), Repeats::default())
}

impl Finding {
    fn rings(&self, rule: &AlarmRule) -> bool {
        let loud = self.recurrence_days >= rule.least_days;
        loud && self.callers >= rule.least_callers && !self.dominated
    }

    const fn seen(&self, day: i64) -> Seen {
        Seen {
            day,
            observed: self.observed,
            expected: self.expected,
            callers: self.callers,
            llr: self.llr,
            recurrence_days: self.recurrence_days,
        }
    }
}

/// The alarms after a further week: known ones go on, new ones get the next number.
#[must_use]
pub fn follow(alarms: &[Alarm], week: &Week, rule: &AlarmRule) -> Vec<Alarm> {
    let mut out: BTreeMap<i64, Alarm> = alarms.iter().map(|a| (a.id, a.clone())).collect();
    for finding in week.findings.iter().filter(|f| f.rings(rule)) {
        let places: BTreeSet<&String> = finding.places.iter().collect();
        let known = out
            .values_mut()
            .filter(|a| week.day - a.last_day <= rule.open_days)
            .find(|a| {
                let shared = a
                    .finding
                    .places
                    .iter()
                    .filter(|p| places.contains(p))
                    .count();
                2 * shared >= places.len()
            });
        if let Some(alarm) = known {
            if finding.llr >= rule.again * alarm.told_llr {
                alarm.told.push(week.day);
                alarm.told_llr = finding.llr;
            }
            alarm.last_day = week.day;
            alarm.strong |= finding.recurrence_days >= rule.strong_days;
            // Two findings of a run may lie on one alarm: the first is the less likely one.
            if alarm.course.last().is_none_or(|s| s.day < week.day) {
                alarm.course.push(finding.seen(week.day));
                alarm.finding = finding.clone();
            }
        } else {
            let id = out.keys().next_back().map_or(1, |last| last + 1);
            let alarm = Alarm {
                id,
                first_day: week.day,
                last_day: week.day,
                told: vec![week.day],
                told_llr: finding.llr,
                strong: finding.recurrence_days >= rule.strong_days,
                finding: finding.clone(),
                course: vec![finding.seen(week.day)],
                origin: finding.places.clone(),
            };
            out.insert(id, alarm);
        }
    }
    out.into_values().collect()
}

/// The alarms with lasting numbers: one that was known before its weeks were computed again (raised in the same week, in a cell of
/// then) keeps its number, a new one gets the next that was never given. Gives the next number too.
#[must_use]
pub fn numbered(alarms: Vec<Alarm>, before: &[Alarm], next: i64) -> (Vec<Alarm>, i64) {
    let given = before.iter().map(|a| a.id + 1).max().unwrap_or(1);
    let mut next = next.max(given);
    let mut left: Vec<&Alarm> = before.iter().collect();
    let mut out: Vec<Alarm> = Vec::with_capacity(alarms.len());
    for mut alarm in alarms {
        let same = left.iter().position(|old| {
            let raised = if old.origin.is_empty() {
                &old.finding.places
            } else {
                &old.origin
            };
            old.first_day == alarm.first_day && raised.iter().any(|p| alarm.origin.contains(p))
        });
        alarm.id = if let Some(at) = same {
            left.remove(at).id
        } else {
            next += 1;
            next - 1
        };
        out.push(alarm);
    }
    out.sort_by_key(|a| a.id);
    (out, next)
}

#[cfg(test)]
mod tests {
    use super::{AlarmRule, Finding, Week, follow, numbered};

    fn finding(places: &[&str], llr: f64, days: f64, callers: usize) -> Finding {
        Finding {
            places: places.iter().map(|p| (*p).to_owned()).collect(),
            centre: [0.0, 0.0],
            radius_m: 100.0,
            observed: 9,
            expected: 1.0,
            llr,
            p: 0.001,
            p_gumbel: None,
            recurrence_days: days,
            from_day: 0,
            callers,
            top_share: 0.0,
            dominated: false,
        }
    }

    fn week(day: i64, findings: Vec<Finding>) -> Week {
        Week {
            day,
            findings,
            ..Week::default()
        }
    }

    #[test]
    fn a_known_alarm_goes_on_and_is_told_again_only_when_it_rose_by_half() {
        let rule = AlarmRule::default();
        let one = follow(
            &[],
            &week(7, vec![finding(&["a", "b"], 10.0, 400.0, 3)]),
            &rule,
        );
        assert_eq!(
            (one.len(), &one[0].told[..], one[0].strong),
            (1, &[7][..], false)
        );
        let two = follow(
            &one,
            &week(14, vec![finding(&["b", "c"], 14.0, 4000.0, 5)]),
            &rule,
        );
        assert_eq!(
            (two.len(), &two[0].told[..], two[0].last_day, two[0].strong),
            (1, &[7][..], 14, true)
        );
        let three = follow(
            &two,
            &week(21, vec![finding(&["b", "c"], 15.5, 400.0, 5)]),
            &rule,
        );
        assert_eq!(&three[0].told[..], &[7, 21][..]);
        let course: Vec<(i64, f64)> = three[0].course.iter().map(|s| (s.day, s.llr)).collect();
        assert_eq!(course, [(7, 10.0), (14, 14.0), (21, 15.5)]);
        let later = follow(
            &three,
            &week(21 + 29, vec![finding(&["b", "c"], 15.5, 400.0, 5)]),
            &rule,
        );
        assert_eq!(later.len(), 2, "after four quiet weeks it is a new one");
    }

    #[test]
    fn one_voice_or_a_short_interval_rings_nothing() {
        let rule = AlarmRule::default();
        let weak = vec![
            finding(&["a"], 9.0, 364.0, 9),
            finding(&["b"], 9.0, 9999.0, 2),
        ];
        assert!(follow(&[], &week(7, weak), &rule).is_empty());
    }

    #[test]
    fn one_voice_with_more_than_half_rings_nothing_however_loud() {
        let mut loud = finding(&["a"], 30.0, 1e6, 4);
        (loud.top_share, loud.dominated) = (0.7, true);
        assert!(follow(&[], &week(7, vec![loud]), &AlarmRule::default()).is_empty());
    }

    #[test]
    fn computed_again_an_alarm_keeps_its_number_and_no_number_is_given_twice() {
        let rule = AlarmRule::default();
        let both = vec![
            finding(&["a"], 10.0, 400.0, 3),
            finding(&["b"], 9.0, 400.0, 3),
        ];
        let (first, next) = numbered(follow(&[], &week(7, both), &rule), &[], 1);
        assert_eq!((first[0].id, first[1].id, next), (1, 2, 3));
        // The first one was withdrawn; another one comes, elsewhere.
        let other = vec![
            finding(&["b"], 9.0, 400.0, 3),
            finding(&["c"], 9.0, 400.0, 3),
        ];
        let (again, next) = numbered(follow(&[], &week(7, other), &rule), &first, next);
        let told: Vec<_> = again.iter().map(|a| (a.id, &*a.origin[0])).collect();
        assert_eq!(told, [(2, "b"), (3, "c")]);
        assert_eq!(numbered(Vec::new(), &[], next).1, 4);
    }
}
