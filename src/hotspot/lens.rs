//! What does a method say of each cell of the map: one class, the figures behind it, and how many cells have which class?
//!
//! The same arithmetic as the methods on plain files, on typed columns, so that a changed filter is a new picture at once.

use std::collections::{BTreeMap, BTreeSet};

use h3o::{CellIndex, LatLng, Resolution};

use crate::hotspot::category::{Category, Pattern, Rule};
use crate::hotspot::cube::{View, by_score};
use crate::hotspot::emerging::{NamedCube, classify};
use crate::hotspot::gi_star::{classes, star, without_loudest};
use crate::hotspot::local_moran::local_moran;
use crate::hotspot::method::{MethodError, Note};
use crate::hotspot::period_change::changes;
use crate::hotspot::randomise::{exact_conditional, permuted, whole_values};
use crate::hotspot::sample::Sample;
use crate::hotspot::steps::Steps;
use crate::hotspot::study::Source;
use crate::index::Index;
use crate::spatial::LonLat;
use crate::spatial::weights::Neighbours;
use crate::stats::distribution::normal_two_sided;
use crate::stats::multiple::Correction;
use crate::stats::number::{floor_i64, whole};
use crate::stats::permute::monte_carlo_p;

/// One cell with a verdict.
#[derive(Clone, Debug, PartialEq)]
pub struct CellMark {
    /// Which cell.
    pub cell: CellIndex,
    /// Its middle, so that a tile finds its cells without asking H3.
    pub middle: LonLat,
    /// Class in code: `hot3`, `cold1`, `none`, `new_hot`, `up2`, `hl`, …
    pub class: &'static str,
    /// Tickets in it (of the later period, where there are two).
    pub tickets: u32,
    /// Tickets of the earlier period.
    pub before: Option<u32>,
    /// What was counted.
    pub value: f64,
    /// Score: z of Gi*, of the trend; ratio of a change.
    pub score: Option<f64>,
    /// p after correction.
    pub q: Option<f64>,
    /// `area` or `point` for a hot cell.
    pub kind: Option<&'static str>,
    /// Significant steps, where there are steps.
    pub steps: Option<usize>,
}

/// What a method says of the cells.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CellLens {
    /// Resolution.
    pub res: u8,
    /// Cells that hold a ticket or have a class, ascending.
    pub marks: Vec<CellMark>,
    /// Cells compared, those without a ticket and a class included.
    pub compared: usize,
    /// Tickets that were counted.
    pub tickets: usize,
    /// Tickets without a sharp place.
    pub left_out: usize,
    /// Steps of time and length of one in days, where there are steps.
    pub steps: Option<(usize, f64)>,
    /// Which study area.
    pub area: Option<Source>,
    /// Reasons.
    pub notes: Vec<Note>,
}

impl CellLens {
    /// Cells per class, by class.
    #[must_use]
    pub fn tally(&self) -> BTreeMap<&'static str, usize> {
        let mut out = BTreeMap::new();
        for mark in &self.marks {
            *out.entry(mark.class).or_default() += 1;
        }
        out
    }

    /// Adds a reason once.
    pub fn note(&mut self, code: &'static str, text: impl Into<String>) {
        if !self.notes.iter().any(|n| n.code == code) {
            let text = text.into();
            self.notes.push(Note { code, text });
        }
    }
}

/// The cells that are compared, ascending, and what is counted in each.
#[derive(Clone, Debug, Default)]
pub struct Cells {
    /// The study area and every cell with a ticket.
    pub cells: Vec<CellIndex>,
    /// Tickets.
    pub tickets: Vec<u32>,
    /// What is counted.
    pub value: Vec<f64>,
}

/// The study area of a lens.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// Cells of the jurisdiction, if one is known.
    pub area: Option<&'a BTreeSet<CellIndex>>,
    /// Where they come from.
    pub source: Source,
}

/// What a ticket adds beside itself: is it the first of its caller (and week) in its cell?
fn firsts(sample: &Sample, codes: &[Option<u32>], weekly: bool) -> Vec<bool> {
    let mut keys: Vec<(u32, u32, i64, usize)> = Vec::with_capacity(sample.len());
    let mut out = vec![true; sample.len()];
    for (i, code) in codes.iter().enumerate() {
        if let (Some(code), Some(caller)) = (code, sample.caller[i]) {
            let week = if weekly {
                floor_i64(sample.day[i] / 7.0)
            } else {
                0
            };
            keys.push((*code, caller, week, i));
        }
    }
    keys.sort_unstable();
    for pair in keys.windows(2) {
        let ((a, b, c, _), (d, e, f, i)) = (pair[0], pair[1]);
        if (a, b, c) == (d, e, f) {
            out[i] = false;
        }
    }
    out
}

impl Cells {
    /// Counts a sample; `value` = `tickets`, `callers`, `caller_weeks` or `severity`. Cost: 30 ms per 250,000 tickets.
    #[must_use]
    pub fn count(
        index: &Index,
        sample: &Sample,
        res: Resolution,
        value: &str,
        ground: Ground<'_>,
    ) -> Self {
        let codes: Vec<Option<u32>> = sample.codes(index, res).collect();
        let first = match value {
            "callers" => firsts(sample, &codes, false),
            "caller_weeks" => firsts(sample, &codes, true),
            _ => vec![true; sample.len()],
        };
        let mut sums = vec![(0_u32, 0.0_f64); index.cells_at(res)];
        for (i, code) in codes.iter().enumerate() {
            let Some(slot) = code.and_then(|c| sums.get_mut(c as usize)) else {
                continue;
            };
            slot.0 += 1;
            slot.1 += match value {
                "severity" => f64::from(sample.severity[i]),
                _ if first[i] => 1.0,
                _ => 0.0,
            };
        }
        let held: BTreeMap<CellIndex, (u32, f64)> = (0_u32..)
            .zip(sums)
            .filter(|(_, s)| s.0 > 0)
            .filter_map(|(code, s)| Some((index.cell(res, code)?, s)))
            .collect();
        let mut all: BTreeSet<CellIndex> = held.keys().copied().collect();
        match ground.area {
            Some(area) => all.extend(area),
            None => {
                for cell in held.keys() {
                    all.extend(cell.grid_disk::<Vec<_>>(1));
                }
            }
        }
        let sum = |c: &CellIndex| held.get(c).copied().unwrap_or_default();
        Self {
            tickets: all.iter().map(|c| sum(c).0).collect(),
            value: all.iter().map(|c| sum(c).1).collect(),
            cells: all.into_iter().collect(),
        }
    }

    fn too_few(&self) -> bool {
        self.cells.len() < 30 || self.value.iter().sum::<f64>() < 30.0
    }
}

fn middle(cell: CellIndex) -> LonLat {
    let p = LatLng::from(cell);
    LonLat::new(p.lng(), p.lat())
}

const HOT: [&str; 4] = ["none", "hot1", "hot2", "hot3"];
const COLD: [&str; 4] = ["none", "cold1", "cold2", "cold3"];
const UP: [&str; 4] = ["none", "up1", "up2", "up3"];
const DOWN: [&str; 4] = ["none", "down1", "down2", "down3"];

fn word(bin: i8, above: [&'static str; 4], below: [&'static str; 4]) -> &'static str {
    let at = usize::from(bin.unsigned_abs()).min(3);
    if bin > 0 { above[at] } else { below[at] }
}

fn few(lens: &mut CellLens) {
    lens.note("TOO_FEW", "样本不足30件或单元不足30个,不作显著性判断");
    for mark in &mut lens.marks {
        mark.class = "none";
        mark.kind = None;
    }
}

fn begin(sample: &Sample, res: Resolution, ground: Ground<'_>) -> CellLens {
    let mut lens = CellLens {
        res: u8::from(res),
        tickets: sample.len(),
        left_out: sample.left_out,
        area: Some(ground.source),
        ..CellLens::default()
    };
    if sample.left_out > 0 {
        let text = format!("{}件只定位到路段、道路或片区,未计入单元", sample.left_out);
        lens.note("LEFT_OUT", text);
    }
    if ground.source == Source::Tickets {
        let text = "未给研究区,以有工单的单元及其相邻单元为研究区";
        lens.note("AREA_FROM_TICKETS", text);
    }
    lens
}

/// Above this one-sided 5 % score the rest of a hot neighbourhood is hot itself.
const AREA_Z: f64 = 1.645;

/// Gi* of every cell.
#[must_use]
pub fn gi(counts: &Cells, k: u32, correction: Correction, start: CellLens) -> CellLens {
    let mut lens = start;
    let near = Neighbours::of_cells(&counts.cells, k);
    let scores = star(&counts.value, &near);
    for reason in scores.iter().filter_map(|z| z.err()) {
        lens.note(reason.code(), reason.words());
    }
    let z: Vec<Option<f64>> = scores.into_iter().map(Result::ok).collect();
    let p: Vec<Option<f64>> = z.iter().map(|z| z.map(normal_two_sided)).collect();
    let hot: Vec<bool> = z.iter().map(|z| z.is_some_and(|z| z > 0.0)).collect();
    let (q, bins) = classes(&p, &hot, correction);
    let rest = without_loudest(&counts.value, &near);
    lens.compared = counts.cells.len();
    for (i, &cell) in counts.cells.iter().enumerate() {
        if counts.tickets[i] == 0 && bins[i] == 0 {
            continue;
        }
        let spread = matches!(rest[i], Ok(z) if z > AREA_Z);
        lens.marks.push(CellMark {
            cell,
            middle: middle(cell),
            class: word(bins[i], HOT, COLD),
            tickets: counts.tickets[i],
            before: None,
            value: counts.value[i],
            score: z[i],
            q: q[i],
            kind: (bins[i] > 0).then_some(if spread { "area" } else { "point" }),
            steps: None,
        });
    }
    if counts.too_few() {
        few(&mut lens);
    }
    lens
}

/// Local Moran by exact conditional tails: the loud cell in a quiet place (`hl`), the quiet cell amid noise (`lh`).
#[must_use]
pub fn moran(counts: &Cells, k: u32, start: CellLens) -> CellLens {
    let mut lens = start;
    let near = Neighbours::of_cells(&counts.cells, k);
    let found = local_moran(&counts.value, &near);
    for reason in found.iter().filter_map(|m| m.as_ref().err()) {
        lens.note(reason.code(), reason.words());
    }
    let tails = whole_values(&counts.value).map(|w| exact_conditional(&w, &near));
    let one_sided = |i: usize, upper: f64, lower: f64| {
        let high = found[i].as_ref().ok()?.quadrant.ends_with('H');
        Some(if high { upper } else { lower })
    };
    let (p, correction): (Vec<Option<f64>>, Correction) = if let Some(Ok(tails)) = tails {
        let p = tails.iter().enumerate();
        let p = p.map(|(i, t)| one_sided(i, t.upper, t.lower)).collect();
        (p, Correction::Bh)
    } else {
        dealt(counts, &near, &mut lens, one_sided)
    };
    let (q, bins) = classes(&p, &vec![true; p.len()], correction);
    lens.compared = counts.cells.len();
    for (i, &cell) in counts.cells.iter().enumerate() {
        let class = match (&found[i], bins[i] >= 2) {
            (Ok(m), true) => quadrant_code(m.quadrant),
            _ => "none",
        };
        if counts.tickets[i] == 0 && class == "none" {
            continue;
        }
        lens.marks.push(CellMark {
            cell,
            middle: middle(cell),
            class,
            tickets: counts.tickets[i],
            before: None,
            value: counts.value[i],
            score: found[i].as_ref().ok().map(|m| m.i),
            q: q[i],
            kind: None,
            steps: None,
        });
    }
    if counts.too_few() {
        few(&mut lens);
    }
    lens
}

/// Deals of the Monte Carlo at most: 17,000 cells in a few seconds.
const MOST_DEALS: usize = 9_999;

/// The same tails by seeded deals, where the exact law is too long (rule book, 3.2 and 3.3): the smallest p is `1 / (deals + 1)`, so
/// that few deals are not corrected for the number of cells, and the lens says so.
fn dealt(
    counts: &Cells,
    near: &Neighbours,
    lens: &mut CellLens,
    one_sided: impl Fn(usize, f64, f64) -> Option<f64>,
) -> (Vec<Option<f64>>, Correction) {
    let wanted = 20 * counts.value.len();
    let deals = wanted.clamp(999, MOST_DEALS);
    let above = permuted(&counts.value, near, deals, 1);
    // As few as observed or fewer: the same deals, counted from below, so that equal sums belong to both tails.
    let turned: Vec<f64> = counts.value.iter().map(|v| -v).collect();
    let below = permuted(&turned, near, deals, 1);
    lens.note(
        "MONTE_CARLO",
        format!("数值跨度过大或非整数,精确检验改用{deals}次随机置换(种子1)"),
    );
    let correction = if deals < wanted {
        lens.note("FEW_PERMUTATIONS", "置换次数少于单元数的20倍,未作多重校正");
        Correction::Uncorrected
    } else {
        Correction::Bh
    };
    let p = above.iter().zip(&below).enumerate();
    let p = p.map(|(i, (above, below))| {
        let [upper, lower] = [(*above)?, (*below)?].map(|hits| monte_carlo_p(hits, deals));
        one_sided(i, upper, lower)
    });
    (p.collect(), correction)
}

fn quadrant_code(quadrant: &str) -> &'static str {
    match quadrant {
        "HH" => "hh",
        "HL" => "hl",
        "LH" => "lh",
        _ => "ll",
    }
}

/// How a cube is made of a sample.
#[derive(Clone, Copy, Debug)]
pub struct CubeAsk {
    /// Neighbourhood in space.
    pub k: u32,
    /// Length of a step in days.
    pub step_days: f64,
    /// Number of steps that end with the last day.
    pub steps: usize,
    /// Neighbourhood in time.
    pub view: View,
    /// Level of the bins.
    pub alpha_bin: f64,
    /// How categories are decided.
    pub rule: Rule,
}

/// The code of a category.
#[must_use]
pub const fn category_code(category: Category) -> &'static str {
    match category {
        Category::Insufficient => "insufficient",
        Category::Quiet => "none",
        Category::Hot(Pattern::New) => "new_hot",
        Category::Hot(Pattern::Consecutive) => "consecutive_hot",
        Category::Hot(Pattern::Intensifying) => "intensifying_hot",
        Category::Hot(Pattern::Persistent) => "persistent_hot",
        Category::Hot(Pattern::Diminishing) => "diminishing_hot",
        Category::Hot(Pattern::Sporadic) => "sporadic_hot",
        Category::Hot(Pattern::Oscillating) => "oscillating_hot",
        Category::Hot(Pattern::Historical) => "historical_hot",
        Category::Cold(Pattern::New) => "new_cold",
        Category::Cold(Pattern::Consecutive) => "consecutive_cold",
        Category::Cold(Pattern::Intensifying) => "intensifying_cold",
        Category::Cold(Pattern::Persistent) => "persistent_cold",
        Category::Cold(Pattern::Diminishing) => "diminishing_cold",
        Category::Cold(Pattern::Sporadic) => "sporadic_cold",
        Category::Cold(Pattern::Oscillating) => "oscillating_cold",
        Category::Cold(Pattern::Historical) => "historical_cold",
    }
}

/// Emerging categories of the cells that hold a ticket; the steps end with day `end`.
pub fn emerging(
    index: &Index,
    sample: &Sample,
    res: Resolution,
    (end, ask): (f64, &CubeAsk),
    start: CellLens,
) -> Result<CellLens, MethodError> {
    let mut lens = start;
    // Never more steps than the data have: an empty past is no history.
    let first = sample.span().map_or(end, |s| s.0.floor());
    let whole_steps = whole(((end - first) / ask.step_days).floor().max(0.0)).unwrap_or(0);
    let count = ask
        .steps
        .min(usize::try_from(whole_steps).unwrap_or(0))
        .max(1);
    let steps = Steps {
        origin: end - count as f64 * ask.step_days,
        days: ask.step_days,
        count,
    };
    let rows: Vec<(CellIndex, Option<usize>, f64)> = sample
        .cells(index, res)
        .zip(&sample.day)
        .filter_map(|(cell, day)| Some((cell?, Some(steps.step(*day)?), 1.0)))
        .collect();
    lens.tickets = rows.len();
    let mut tickets: BTreeMap<CellIndex, u32> = BTreeMap::new();
    for row in &rows {
        *tickets.entry(row.0).or_default() += 1;
    }
    let named = NamedCube::of(&rows, None, count, f64::INFINITY)?;
    let near = Neighbours::of_cells(&named.cells, ask.k);
    let z = named.cube.scores(&near, ask.view);
    if z.iter().all(Option::is_none) {
        lens.note("NO_VARIANCE", "各单元数值全部相同,无从比较");
    }
    if count < ask.rule.min_steps {
        lens.note("INSUFFICIENT_HISTORY", format!("仅{count}期,历史不足"));
    }
    let bins = by_score(&z, ask.alpha_bin);
    let found = classify(&named.cube, &z, &bins, (ask.rule, &[]));
    lens.compared = named.cells.len();
    lens.steps = Some((count, ask.step_days));
    lens.marks = named
        .cells
        .iter()
        .zip(&found)
        .map(|(&cell, place)| {
            let n = tickets.get(&cell).copied().unwrap_or(0);
            CellMark {
                cell,
                middle: middle(cell),
                class: category_code(place.category),
                tickets: n,
                before: None,
                value: f64::from(n),
                score: place.trend.as_ref().map(|t| t.z),
                q: place.trend.as_ref().map(|t| t.p),
                kind: None,
                steps: Some(place.hot),
            }
        })
        .collect();
    if lens.marks.len() < 30 || lens.tickets < 30 {
        few(&mut lens);
    }
    Ok(lens)
}

/// Change of the cells between two periods, each with its length in days.
#[must_use]
pub fn change(
    (before, after): (&Cells, &Cells),
    lengths: (f64, f64),
    (against_city, correction): (bool, Correction),
    start: CellLens,
) -> CellLens {
    let mut lens = start;
    let mut both: BTreeMap<CellIndex, [(u32, f64); 2]> = BTreeMap::new();
    for (side, counts) in [before, after].into_iter().enumerate() {
        for (i, cell) in counts.cells.iter().enumerate() {
            if counts.tickets[i] > 0 {
                both.entry(*cell).or_default()[side] = (counts.tickets[i], counts.value[i]);
            }
        }
    }
    let pair = |s: &[(u32, f64); 2]| (whole(s[0].1).unwrap_or(0), whole(s[1].1).unwrap_or(0));
    let counts: Vec<(u64, u64)> = both.values().map(pair).collect();
    let found = changes(&counts, lengths, against_city);
    let p: Vec<Option<f64>> = found.iter().map(|c| c.test.p).collect();
    let worse: Vec<bool> = found.iter().map(|c| c.worse).collect();
    let (q, bins) = classes(&p, &worse, correction);
    lens.compared = both.len();
    for (i, (cell, sides)) in both.into_iter().enumerate() {
        lens.marks.push(CellMark {
            cell,
            middle: middle(cell),
            class: word(bins[i], UP, DOWN),
            tickets: sides[1].0,
            before: Some(sides[0].0),
            value: sides[1].1,
            score: found[i].test.ratio,
            q: q[i],
            kind: None,
            steps: None,
        });
    }
    if counts.iter().map(|c| c.0 + c.1).sum::<u64>() < 30 {
        few(&mut lens);
    }
    lens
}

/// The lens before its verdicts: what was counted and left out.
#[must_use]
pub fn start(sample: &Sample, res: Resolution, ground: Ground<'_>) -> CellLens {
    begin(sample, res, ground)
}
