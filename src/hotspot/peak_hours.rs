//! At which hours does a site stand out against the city's day?

use crate::hotspot::method::{Answer, Method, MethodError};
use crate::hotspot::scan_model::poisson_llr;
use crate::hotspot::table::{Input, TableSpec, json_numbers};
use crate::param::{Kind, Param, Settings};
use crate::stats::Rng;
use crate::stats::number::floor_index;
use crate::stats::permute::monte_carlo_p;

/// The window of a day that stands out most.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Peak {
    /// Log likelihood ratio; 0 when no window is above its expectation.
    pub llr: f64,
    /// First bin.
    pub start: usize,
    /// Number of bins, 0 when there is no window.
    pub length: usize,
    /// Tickets inside.
    pub observed: f64,
    /// Expected tickets inside.
    pub expected: f64,
}

/// Ratios closer than this are a tie.
const TIE: f64 = 1e-12;

/// Share of each bin of the city's day: `(count + 0.5) / sum`.
#[must_use]
pub fn baseline(city: &[f64]) -> Vec<f64> {
    let sum: f64 = city.iter().map(|c| c + 0.5).sum();
    city.iter().map(|c| (c + 0.5) / sum).collect()
}

/// The best circular window of 1 to `longest` bins; ties go to the shorter, then the earlier one.
#[must_use]
pub fn best_window(count: &[f64], share: &[f64], longest: usize) -> Peak {
    let bins = count.len();
    let all: f64 = count.iter().sum();
    let mut best = Peak::default();
    for length in 1..=longest.min(bins) {
        for start in 0..bins {
            let (mut c, mut w) = (0.0, 0.0);
            for b in start..start + length {
                c += count[b % bins];
                w += share[b % bins];
            }
            let llr = poisson_llr(c, all * w, all);
            if llr > best.llr + TIE {
                best = Peak {
                    llr,
                    start,
                    length,
                    observed: c,
                    expected: all * w,
                };
            }
        }
    }
    best
}

/// Share of multinomial replicates whose best window is at least as strong.
#[must_use]
pub fn peak_p(count: &[f64], share: &[f64], ask: (usize, usize, u64)) -> f64 {
    let (longest, replicates, seed) = ask;
    let observed = best_window(count, share, longest).llr;
    let n = floor_index(count.iter().sum());
    let mut sum = 0.0;
    let bounds: Vec<f64> = share
        .iter()
        .map(|s| {
            sum += s;
            sum
        })
        .collect();
    let mut hits = 0;
    let mut world = vec![0.0; count.len()];
    for r in 0..replicates {
        let mut rng = Rng::replicate(seed, r as u64);
        world.fill(0.0);
        for _ in 0..n {
            let u = rng.unit() * sum;
            world[bounds.partition_point(|b| *b <= u).min(count.len() - 1)] += 1.0;
        }
        hits += usize::from(best_window(&world, share, longest).llr >= observed - TIE);
    }
    monte_carlo_p(hits, replicates)
}

static PARAMS: &[Param] = &[
    Param {
        name: "max_length",
        title: "最长窗口",
        unit: "bins",
        kind: Kind::Integer {
            default: 6,
            min: 1,
            max: 24,
        },
        doc: "Longest window in half-hour bins.",
    },
    Param {
        name: "replicates",
        title: "模拟次数",
        unit: "",
        kind: Kind::Integer {
            default: 999,
            min: 99,
            max: 99_999,
        },
        doc: "Multinomial replicates of the site's tickets over the city's day.",
    },
    Param {
        name: "seed",
        title: "随机种子",
        unit: "",
        kind: Kind::Integer {
            default: 1,
            min: 0,
            max: i64::MAX,
        },
        doc: "Stored with the result.",
    },
];

static DOC: &str = "
Answers: at which hours does a site stand out against the city's day, so that a post can be put there?

Source: Kulldorff's ratio on a circular day (rule book, section 13.1).

Formula: 48 half-hour bins; baseline w = (city count + 0.5) / sum; for every circular window of 1 to 6 bins c tickets inside,
E = n sum w, LLR as in the scan; the best window, ties to the shorter, then the earlier. p from multinomial replicates.
School days and other days are given as separate inputs.

Cost: O(bins × length) a replicate; 999 replicates of 50 tickets take 20 ms.

Edge cases: no tickets → no window, p = 1; fewer than 5 tickets → `TOO_FEW`, the window is given but not shown.

Example: a school gate with its tickets at 7:00–8:30: start bin 14, length 3.
";

static INPUTS: &[TableSpec] = &[TableSpec {
    names: &["input", "bins"],
    columns: "`count`, `city_count`, one row per bin; or a document with both lists",
}];

/// Peak hours of a site.
pub static PEAK_HOURS: Method = Method {
    name: "peak_hours",
    title: "高峰时段",
    doc: DOC,
    inputs: INPUTS,
    params: PARAMS,
    run,
};

fn run(input: &Input, settings: &Settings) -> Result<Answer, MethodError> {
    let (count, city) = if let Some(count) = input.document.get("count") {
        let city = input.field(&["city_count"])?;
        (
            json_numbers(count, "count")?,
            json_numbers(city, "city_count")?,
        )
    } else {
        let table = input.table(&INPUTS[0])?;
        (table.numbers("count")?, table.numbers("city_count")?)
    };
    let broken = count.len() != city.len() || count.is_empty();
    if broken || count.iter().chain(&city).any(|c| *c < 0.0) {
        return Err(MethodError::Invalid {
            what: format!(
                "{} bins of the site, {} of the city, none may be negative",
                count.len(),
                city.len()
            ),
            cure: "give one count per bin for both",
        });
    }
    let share = baseline(&city);
    let longest = settings.size("max_length");
    let peak = best_window(&count, &share, longest);
    let mut answer = Answer::new();
    if count.iter().sum::<f64>() < 5.0 {
        answer.note("TOO_FEW", "不足5件,不给高峰时段");
    }
    let seed = settings.integer("seed").unsigned_abs();
    let p = peak_p(&count, &share, (longest, settings.size("replicates"), seed));
    answer.put("llr", peak.llr);
    answer.put("start_bin", peak.start);
    answer.put("length", peak.length);
    answer.put("observed", peak.observed);
    answer.put("expected", peak.expected);
    answer.put("p_perm", p);
    Ok(answer)
}
