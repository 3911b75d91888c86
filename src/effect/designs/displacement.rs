//! What do the classic figures say about trouble that moved next door?

use serde::Deserialize;
use serde_json::Value;

use crate::effect::designs::design::{Design, DesignError, figure, read};
use crate::hotspot::method::Answer;
use crate::stats::distribution::normal_quantile;

static DOC: &str = "
Answers: gross and net effect in the core, the weighted displacement quotient of the ring, the total net effect, and the
weighted displacement difference with its error, from counts of core, ring and control before and after.

Source: Bowers, Johnson 2003 (WDQ); Guerette 2009 (TNE); Wheeler, Ratcliffe 2018 (WDD).

Formula: GE = R0 - R1; NE = R0/C0 - R1/C1; success = R1/C1 - R0/C0; WDQ = (D1/C1 - D0/C0)/success, meaningful only when success
< 0: above 1 diffusion larger than the effect, 0 to 1 diffusion of benefit, -1 to 0 partial displacement, below -1
displacement larger than the effect. TNE = [R0 C1/C0 - R1] + [D0 C1/C0 - D1]. WDD = (R1/(t1 a) - R0/(t0 a)) - (C1/(t1 b) - C0/(t0 b))
plus the same of the ring, variance = sum of count/(t² a²).

Cost: O(1).

Edge cases: a control of 0 leaves every quotient undefined (`null`) and says so; a core that did not improve is flagged
`phantom`: nothing is said about the ring; no change in the core leaves WDQ undefined.

Example: core 60 to 30, ring 40 to 32, control 900 to 990: WDQ = 0.33 (diffusion), TNE = 48.
";

/// The classic displacement measures.
pub static DISPLACEMENT: Design = Design {
    name: "displacement",
    title: "转移与扩散指标",
    doc: DOC,
    input: &[
        ("core_before, core_after", "tickets in the treated core"),
        ("ring_before, ring_after", "tickets in the ring around it"),
        (
            "control_before, control_after",
            "tickets of the control sites",
        ),
        (
            "treated, control",
            "for WDD instead: before and after of the core and of its control",
        ),
        (
            "ring_treated, ring_control",
            "the same of the ring and of the ring's control; 0, 0 when absent",
        ),
        (
            "time_weights",
            "lengths of the two windows; 1, 1 when absent",
        ),
        (
            "area_weights",
            "control, treated, ring control, ring treated; 1 when absent",
        ),
        ("alpha", "error of the interval, .05 when absent"),
    ],
    run,
};

/// Counts of core, ring and control, before and after.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct Six {
    /// Core before.
    pub core_before: f64,
    /// Core after.
    pub core_after: f64,
    /// Ring before.
    pub ring_before: f64,
    /// Ring after.
    pub ring_after: f64,
    /// Control before.
    pub control_before: f64,
    /// Control after.
    pub control_after: f64,
}

/// The quotients; undefined as a whole when a control count is 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quotients {
    /// Fall of the core's share of the control.
    pub net_effect: f64,
    /// Change of the core's share; below 0 is a success.
    pub success: f64,
    /// Change of the ring's share.
    pub buffer: f64,
    /// Weighted displacement quotient; `None` when the core's share did not change.
    pub wdq: Option<f64>,
    /// The core did not improve, so that nothing is said about the ring.
    pub phantom: bool,
    /// Total net effect in the core, in tickets avoided.
    pub tne_core: f64,
    /// The same in the ring.
    pub tne_ring: f64,
    /// Standard deviation of both together, all counts by chance alone.
    pub tne_sd: f64,
}

impl Six {
    /// Chance of the total net effect: the counts before and after and the trend of the control, all Poisson.
    fn tne_sd(&self, trend: f64) -> f64 {
        let before = self.core_before + self.ring_before;
        let after = self.core_after + self.ring_after;
        let control = 1.0 / self.control_before + 1.0 / self.control_after;
        let moved = before * trend;
        (after + before * trend * trend + moved * moved * control).sqrt()
    }

    /// The quotients; `None` when a control count is 0.
    #[must_use]
    pub fn quotients(&self) -> Option<Quotients> {
        let (c0, c1) = (self.control_before, self.control_after);
        if !(c0 > 0.0 && c1 > 0.0) {
            return None;
        }
        let success = self.core_after / c1 - self.core_before / c0;
        let buffer = self.ring_after / c1 - self.ring_before / c0;
        let trend = c1 / c0;
        Some(Quotients {
            net_effect: -success,
            success,
            buffer,
            wdq: (success.abs() > 0.0).then(|| buffer / success),
            phantom: success >= 0.0,
            tne_core: self.core_before * trend - self.core_after,
            tne_ring: self.ring_before * trend - self.ring_after,
            tne_sd: self.tne_sd(trend),
        })
    }
}

/// Counts for the weighted displacement difference, each as before and after.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct Areas {
    /// Core.
    pub treated: [f64; 2],
    /// Control of the core.
    pub control: [f64; 2],
    /// Ring.
    #[serde(default)]
    pub ring_treated: [f64; 2],
    /// Control of the ring.
    #[serde(default)]
    pub ring_control: [f64; 2],
    /// Lengths of the windows.
    #[serde(default = "ones")]
    pub time_weights: [f64; 2],
    /// Sizes of control, core, ring control, ring.
    #[serde(default = "ones")]
    pub area_weights: [f64; 4],
    /// Error of the interval.
    #[serde(default = "five_percent")]
    pub alpha: f64,
}

fn ones<const N: usize>() -> [f64; N] {
    [1.0; N]
}

fn five_percent() -> f64 {
    0.05
}

/// A difference with its variance.
type Difference = (f64, f64);

impl Areas {
    /// Change of the weighted rate of an area against its control, with its variance.
    fn change(&self, area: ([f64; 2], f64), control: ([f64; 2], f64)) -> Difference {
        let [t0, t1] = self.time_weights;
        let rate = |(count, size): ([f64; 2], f64)| count[1] / (t1 * size) - count[0] / (t0 * size);
        let noise = |(count, size): ([f64; 2], f64)| {
            count[1] / (t1 * size).powi(2) + count[0] / (t0 * size).powi(2)
        };
        (rate(area) - rate(control), noise(area) + noise(control))
    }

    /// The core's and the ring's difference.
    fn differences(&self) -> (Difference, Difference) {
        let [control, core, ring_control, ring] = self.area_weights;
        (
            self.change((self.treated, core), (self.control, control)),
            self.change((self.ring_treated, ring), (self.ring_control, ring_control)),
        )
    }
}

fn run(input: &Value) -> Result<Answer, DesignError> {
    let mut answer = Answer::new();
    let has = |field: &str| input.get(field).is_some();
    if !has("core_before") && !has("treated") {
        let why = "neither core_before nor treated is given".to_owned();
        return Err(DesignError::Input { why });
    }
    if has("core_before") {
        let six: Six = read(input)?;
        let all = [
            six.core_before,
            six.core_after,
            six.ring_before,
            six.ring_after,
            six.control_before,
            six.control_after,
        ];
        refuse_negative(&all)?;
        put_quotients(&mut answer, &six);
    }
    if has("treated") {
        let areas: Areas = read(input)?;
        let weights = areas.time_weights.iter().chain(&areas.area_weights);
        if weights.into_iter().any(|w| !(*w > 0.0 && w.is_finite())) {
            return Err(DesignError::invalid(
                "a weight is not above 0",
                "give lengths and sizes",
            ));
        }
        if !(areas.alpha > 0.0 && areas.alpha < 1.0) {
            return Err(DesignError::invalid(
                "alpha is not within 0 to 1",
                "use .05",
            ));
        }
        refuse_negative(
            &[
                areas.treated,
                areas.control,
                areas.ring_treated,
                areas.ring_control,
            ]
            .concat(),
        )?;
        put_difference(&mut answer, &areas);
    }
    Ok(answer)
}

fn refuse_negative(counts: &[f64]) -> Result<(), DesignError> {
    let bad = counts.iter().find(|c| !(c.is_finite() && **c >= 0.0));
    bad.map_or(Ok(()), |c| {
        Err(DesignError::invalid(
            format!("a count is {c}"),
            "counts are numbers from 0",
        ))
    })
}

fn put_quotients(answer: &mut Answer, six: &Six) {
    answer.put("gross_effect", figure(six.core_before - six.core_after));
    let Some(found) = six.quotients() else {
        for name in [
            "net_effect",
            "success",
            "buffer",
            "wdq",
            "tne",
            "tne_core",
            "tne_ring",
        ] {
            answer.put(name, Value::Null);
        }
        answer.note("NO_CONTROL", "对照为0件，比值没有定义");
        return;
    };
    answer.put("net_effect", figure(found.net_effect));
    answer.put("success", figure(found.success));
    answer.put("buffer", figure(found.buffer));
    answer.put("wdq", found.wdq.map_or(Value::Null, figure));
    answer.put("phantom", found.phantom);
    answer.put("tne", figure(found.tne_core + found.tne_ring));
    answer.put("tne_core", figure(found.tne_core));
    answer.put("tne_ring", figure(found.tne_ring));
    if found.phantom {
        answer.note("PHANTOM", "核心区没有改善，不对周边下结论");
    }
}

fn put_difference(answer: &mut Answer, areas: &Areas) {
    let (local, displaced) = areas.differences();
    let (total, variance) = (local.0 + displaced.0, local.1 + displaced.1);
    answer.put("local", figure(local.0));
    answer.put("se_local", figure(local.1.sqrt()));
    answer.put("displaced", figure(displaced.0));
    answer.put("se_displaced", figure(displaced.1.sqrt()));
    answer.put("total", figure(total));
    answer.put("se_total", figure(variance.sqrt()));
    let se = variance.sqrt();
    // Nothing counted anywhere: no difference and no error, hence no z.
    answer.put(
        "z",
        if se > 0.0 {
            figure(total / se)
        } else {
            Value::Null
        },
    );
    let half = normal_quantile(1.0 - areas.alpha / 2.0) * se;
    answer.put("lo", figure(total - half));
    answer.put("hi", figure(total + half));
}
