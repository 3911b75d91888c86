//! What does a city look like whose measures have known effects: the simulator behind the calibration of the estimator?
//!
//! A test tool, not product. Tickets are drawn untreated first; sites are then picked as offices pick them (worst last
//! half-year, or by lot), and tickets after the works are thinned or added by the true ratio. Kinds of worlds follow
//! section 15 of the rule book.

use zhilu::calendar::Day;
use zhilu::effect::panel::within;
use zhilu::effect::{Event, Panel, SiteSeries, Span, Treatment};
use zhilu::stats::Rng;

/// How a world behaves.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) name: &'static str,
    pub(crate) seed: u64,
    pub(crate) sites: usize,
    /// Tickets of an average site and year.
    pub(crate) per_year: f64,
    /// Growth a year, and a step by half of it after two and a half years.
    pub(crate) growth: f64,
    /// Standard deviation of slow ups and downs, in logarithms; 0 for none.
    pub(crate) flare: f64,
    /// Mean number of further tickets each one draws within ten days.
    pub(crate) clump: f64,
    /// True ratio of each type of measure.
    pub(crate) thetas: [f64; 5],
    /// Share of avoided tickets that come up in the ring.
    pub(crate) displaced: f64,
}

impl World {
    /// The worlds of the table, at a size and seed.
    pub(crate) fn all(sites: usize, seed: u64) -> Vec<Self> {
        let plain = Self {
            name: "stable",
            seed,
            sites,
            per_year: 5.0,
            growth: 0.0,
            flare: 0.0,
            clump: 0.0,
            thetas: [1.0; 5],
            displaced: 0.0,
        };
        let effects = [0.6, 0.7, 0.8, 1.0, 1.2];
        vec![
            plain.clone(),
            Self {
                name: "growing",
                growth: 0.20,
                ..plain.clone()
            },
            Self {
                name: "flare-ups",
                flare: 0.6,
                growth: 0.10,
                ..plain.clone()
            },
            Self {
                name: "clumped",
                clump: 0.35,
                growth: 0.10,
                ..plain.clone()
            },
            Self {
                name: "effects",
                thetas: effects,
                growth: 0.10,
                ..plain.clone()
            },
            Self {
                name: "displacement",
                thetas: effects,
                displaced: 0.5,
                growth: 0.10,
                ..plain
            },
        ]
    }
}

pub(crate) const DAYS: i32 = 1_461;
const TYPES: [&str; 5] = ["guard_post", "barrier", "marking", "sign", "signal"];
const CATEGORIES: [(&str, f64); 3] = [("school", 1.3), ("parking", 1.0), ("road", 0.7)];
/// Shape of the spread of sites.
const PHI: f64 = 1.0;

/// A simulated city with the true ratio of each of its measures.
pub(crate) struct City {
    pub(crate) panel: Panel,
    /// By position in `panel.treatments`: true ratio, and whether the site was picked for its bad spell.
    pub(crate) truth: Vec<(f64, bool)>,
}

/// Draws a city.
pub(crate) fn city(world: &World) -> City {
    let first = Day::of(2022, 1, 1).unwrap();
    let mut rng = Rng::new(world.seed);
    let shape: Vec<[f64; 3]> = (0..DAYS)
        .map(|d| CATEGORIES.map(|c| season(c.0, first, d) * trend(world, d)))
        .collect();
    let mut sites = Vec::with_capacity(world.sites);
    for s in 0..world.sites {
        let kind = s % 3;
        let u = rng.gamma(PHI) / PHI;
        let rate = world.per_year / 365.0 * CATEGORIES[kind].1;
        let core = draw(world, &shape, (kind, u * rate), &mut rng);
        let around = 1.2 * rng.gamma(1.5) / 1.5 * rate;
        let ring = draw(world, &shape, (kind, around), &mut rng);
        sites.push(SiteSeries {
            id: format!("S{s:05}"),
            category: CATEGORIES[kind].0.to_owned(),
            core,
            ring,
            ..SiteSeries::default()
        });
    }
    let mut panel = Panel {
        first,
        days: DAYS,
        sites,
        ..Panel::default()
    };
    let truth = treat(world, &mut panel, &mut rng);
    City { panel, truth }
}

fn season(category: &str, first: Day, day: i32) -> f64 {
    let (_, month, date) = Day(first.0 + i64::from(day)).ymd();
    let weekend = Day(first.0 + i64::from(day)).weekday() >= 5;
    let vacation = matches!((month, date), (7, 5..) | (8, _)) || (month == 2 && date < 20);
    match category {
        "school" if vacation => 0.15,
        "school" if weekend => 0.3,
        "school" => 1.5,
        "parking" if weekend => 1.4,
        _ if vacation => 0.8,
        _ => 1.0,
    }
}

fn trend(world: &World, day: i32) -> f64 {
    let years = f64::from(day) / 365.25;
    let step = if day > 912 {
        1.0 + world.growth / 2.0
    } else {
        1.0
    };
    (1.0 + world.growth).powf(years) * step
}

fn draw(
    world: &World,
    shape: &[[f64; 3]],
    (kind, rate): (usize, f64),
    rng: &mut Rng,
) -> Vec<Event> {
    let mut events = Vec::new();
    let memory = 0.8_f64;
    let mut slow = world.flare * rng.normal();
    let mut now = 1.0;
    for day in 0..DAYS {
        if world.flare > 0.0 && day % 30 == 0 {
            slow = memory * slow + world.flare * (1.0 - memory * memory).sqrt() * rng.normal();
            now = (slow - world.flare * world.flare / 2.0).exp();
        }
        let mean = rate * now * shape[usize::try_from(day).unwrap()][kind] / (1.0 + world.clump);
        for _ in 0..rng.poisson(mean) {
            events.push(Event::on(day));
            for _ in 0..rng.poisson(world.clump) {
                let later = day + i32::try_from(rng.below(10)).unwrap();
                if later < DAYS {
                    events.push(Event::on(later));
                }
            }
        }
    }
    events.sort_unstable();
    events
}

/// Picks sites at six dates, three of four for their bad spell, and lets the measures work.
fn treat(world: &World, panel: &mut Panel, rng: &mut Rng) -> Vec<(f64, bool)> {
    let mut taken = vec![false; panel.sites.len()];
    let per_date = (panel.sites.len() * 12 / 100 / 6).max(4);
    let mut truth = Vec::new();
    for date in [546, 636, 731, 821, 912, 1_004] {
        let spell = Span::new(date - 182, date);
        let mut order: Vec<(usize, u64, usize)> = (0..panel.sites.len())
            .filter(|s| !taken[*s])
            .map(|s| (within(&panel.sites[s].core, spell).len(), rng.bits(), s))
            .collect();
        order.sort_unstable();
        order.reverse();
        // The office takes from the worst tenth, not exactly the worst.
        let mut worst: Vec<usize> = order.iter().take(3 * per_date).map(|o| o.2).collect();
        rng.shuffle(&mut worst);
        let hot = per_date * 3 / 4;
        let mut picks: Vec<(usize, bool)> =
            worst.into_iter().take(hot).map(|s| (s, true)).collect();
        let mut lot: Vec<usize> = order
            .iter()
            .map(|o| o.2)
            .filter(|s| !picks.iter().any(|p| p.0 == *s))
            .collect();
        rng.shuffle(&mut lot);
        picks.extend(lot.into_iter().take(per_date - hot).map(|s| (s, false)));
        for (site, bad_spell) in picks {
            taken[site] = true;
            let kind = truth.len() % TYPES.len();
            let start = date + 14 + i32::try_from(rng.below(30)).unwrap();
            let end = start + 7 + i32::try_from(rng.below(30)).unwrap();
            panel.treatments.push(Treatment {
                id: format!("M{:04}", truth.len()),
                site,
                measure: TYPES[kind].to_owned(),
                decision: date,
                install_start: Some(start),
                install_end: Some(end),
                ..Treatment::default()
            });
            work(
                world,
                &mut panel.sites[site],
                (end, world.thetas[kind]),
                rng,
            );
            truth.push((world.thetas[kind], bad_spell));
        }
    }
    truth
}

/// Thins or adds tickets from a day on; a share of what is avoided comes up in the ring.
fn work(world: &World, site: &mut SiteSeries, (from, theta): (i32, f64), rng: &mut Rng) {
    let (mut kept, mut moved) = (Vec::new(), Vec::new());
    for event in &site.core {
        if event.day < from {
            kept.push(*event);
        } else if theta <= 1.0 {
            if rng.unit() < theta {
                kept.push(*event);
            } else if rng.unit() < world.displaced {
                moved.push(*event);
            }
        } else {
            kept.push(*event);
            if rng.unit() < theta - 1.0 {
                kept.push(*event);
            }
        }
    }
    site.core = kept;
    site.ring.extend(moved);
    site.ring.sort_unstable();
}
