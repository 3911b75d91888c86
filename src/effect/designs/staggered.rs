//! What did measures that started at different times do, compared with sites not treated?

use serde::Deserialize;
use serde_json::{Value, json};

use crate::effect::designs::design::{Design, DesignError, figure, read};
use crate::effect::designs::group_time::{Controls, Effect, GroupTime, Outcomes};
use crate::hotspot::method::Answer;
use crate::stats::distribution::Z_975;
use crate::stats::glm::{Counts, poisson};
use crate::stats::number::whole_i64;

/// A group of fewer sites has no row of its own on a page, only its part of the pooled one.
pub const LEAST_GROUP: usize = 5;

static DOC: &str = "
Answers: the effect of measures that started at different times, by group of equal start and by time since the start,
against sites never or not yet treated; and, for counts before and after, the ratio of ratios with errors by site.

Source: Callaway, Sant'Anna 2021 (equal to the csdid package); Wooldridge 2023 (Poisson 2x2).

Formula: ATT(g, t) = mean change of group g from its base period to t minus the mean change of the controls; base is the
last period before g - anticipation when t >= g, else the period before t. Errors sqrt(mean(influence²)/n). Averages by
time since start and by period weight groups by size, those by group weight periods alike; all carry the influence of
estimated weights. 2x2: ln mu = a + b treated + c post + d treated·post, error of d clustered by site, ratio exp(d).

Cost: O(groups · periods · sites); 500 sites and 5 periods 0.2 ms.

Edge cases: sites treated from the first period on are left out; starts after the data end count as never treated; no
control or no group is refused; groups of fewer than 5 sites are named, read only the pooled row then. A group without
any ticket on one side is refused by the 2x2. A group of one site adds no error to ATT(g, t); on the page of a measure
type, where most sites start alone, the pooled row's error is therefore that between all its sites.

Example: 500 counties, starts 2004, 2006, 2007: ATT(2004, 2006) = -0.1373.
";

/// Staggered group-time effects and the clustered 2x2.
pub static STAGGERED: Design = Design {
    name: "did",
    title: "分批实施双重差分",
    doc: DOC,
    input: &[
        (
            "y",
            "outcome by site and period (rate or ln(1 + count)); for the 2x2 one count per row",
        ),
        (
            "first_treat",
            "first treated period of each site, 0 for never",
        ),
        ("periods", "the periods, rising"),
        ("control", "`never` (default) or `not_yet`"),
        (
            "anticipation",
            "periods before the start that may already show an effect; 0 when absent",
        ),
        (
            "treated, post, site",
            "for the 2x2: 0 or 1, 0 or 1, and the number of the site, one per row",
        ),
        (
            "exposure",
            "for the 2x2: exposure of each row; 1 when absent",
        ),
        (
            "file",
            "instead of `y` and `first_treat`: a CSV beside the document with `first_treat` and a column `y` + period for each period",
        ),
    ],
    run,
};

#[derive(Deserialize)]
struct Panel {
    y: Vec<Vec<f64>>,
    first_treat: Vec<Option<f64>>,
    periods: Vec<f64>,
    #[serde(default)]
    control: Option<String>,
    #[serde(default)]
    anticipation: i64,
}

/// Counts of sites before and after.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct TwoByTwo {
    /// Count of each row.
    pub y: Vec<f64>,
    /// 1 for treated sites.
    pub treated: Vec<f64>,
    /// 1 after.
    pub post: Vec<f64>,
    /// Site of each row.
    pub site: Vec<usize>,
    /// Exposure of each row; empty for 1.
    #[serde(default)]
    pub exposure: Vec<f64>,
}

/// The ratio of ratios.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RatioOfRatios {
    /// Its logarithm.
    pub log_ratio: f64,
    /// Standard error if counts are Poisson.
    pub se_poisson: f64,
    /// Standard error with sites as clusters.
    pub se_cluster: f64,
}

impl TwoByTwo {
    /// Fits `ln mu = a + b treated + c post + d treated·post`.
    pub fn fit(&self) -> Result<RatioOfRatios, DesignError> {
        let n = self.y.len();
        let even = [self.treated.len(), self.post.len(), self.site.len()];
        if even.iter().any(|l| *l != n) || !(self.exposure.is_empty() || self.exposure.len() == n) {
            return Err(DesignError::invalid(
                "the lists differ in length",
                "give one value a row",
            ));
        }
        let both = self.treated.iter().zip(&self.post).map(|(t, p)| t * p);
        let columns = [
            vec![1.0; n],
            self.treated.clone(),
            self.post.clone(),
            both.collect(),
        ];
        let offset: Vec<f64> = (0..n)
            .map(|i| self.exposure.get(i).copied().unwrap_or(1.0).ln())
            .collect();
        let counts = Counts {
            y: &self.y,
            columns: &columns,
            offset: &offset,
        };
        let fit = poisson(&counts)?;
        Ok(RatioOfRatios {
            log_ratio: fit.coef[3],
            se_poisson: fit.se()[3],
            se_cluster: fit.se_clustered(&counts, &self.numbered())[3],
        })
    }

    /// Sites numbered 0, 1, 2, … in the order of their numbers.
    fn numbered(&self) -> Vec<usize> {
        let mut names = self.site.clone();
        names.sort_unstable();
        names.dedup();
        let place = |s: &usize| names.partition_point(|n| n < s);
        self.site.iter().map(place).collect()
    }
}

fn run(input: &Value) -> Result<Answer, DesignError> {
    if input.get("post").is_some() {
        return two_by_two(input);
    }
    if let Some(file) = input.get("file").filter(|_| input.get("y").is_none()) {
        let what = format!("the file {file} was not read");
        return Err(DesignError::invalid(
            what,
            "put the csv beside the document",
        ));
    }
    let given: Panel = read(input)?;
    let controls = match given.control.as_deref() {
        None | Some("never" | "nevertreated" | "never_treated") => Controls::Never,
        Some("not_yet" | "notyet" | "not-yet" | "notyettreated" | "not_yet_treated") => {
            Controls::NotYet
        }
        Some(other) => {
            let what = format!("control is {other}");
            return Err(DesignError::invalid(what, "use never or not_yet"));
        }
    };
    // A start that is absent is never.
    let first = given.first_treat.iter().map(|f| period(f.unwrap_or(0.0)));
    let periods = given.periods.iter().map(|t| period(*t));
    let outcomes = Outcomes {
        y: given.y,
        first: first.collect::<Result<_, _>>()?,
        periods: periods.collect::<Result<_, _>>()?,
        controls,
        anticipation: given.anticipation.max(0),
        base_periods: 1,
    };
    let found = outcomes
        .effects()
        .map_err(|e| DesignError::invalid(e.to_string(), "see the design's page"))?;
    Ok(dress(&found))
}

fn period(value: f64) -> Result<i64, DesignError> {
    let whole = whole_i64(value);
    whole.ok_or_else(|| {
        DesignError::invalid(
            format!("period {value} has a fraction"),
            "number the periods 1, 2, 3",
        )
    })
}

fn two_by_two(input: &Value) -> Result<Answer, DesignError> {
    let rows: TwoByTwo = read(input)?;
    let found = rows.fit()?;
    let mut answer = Answer::new();
    answer.put("log_ratio", figure(found.log_ratio));
    answer.put("ratio", figure(found.log_ratio.exp()));
    answer.put("se_poisson", figure(found.se_poisson));
    answer.put("se_cluster", figure(found.se_cluster));
    let half = Z_975 * found.se_cluster;
    answer.put("lo95_cluster", figure((found.log_ratio - half).exp()));
    answer.put("hi95_cluster", figure((found.log_ratio + half).exp()));
    Ok(answer)
}

fn dress(found: &GroupTime) -> Answer {
    let mut answer = Answer::new();
    let row = |e: &Effect| json!({ "att": figure(e.att), "se": figure(e.se) });
    let keyed = |key: &str, at: i64, e: &Effect| {
        let mut out = row(e);
        out[key] = Value::from(at);
        out
    };
    let cells = found.cells.iter().map(|c| {
        let mut out = keyed("g", c.g, &c.effect);
        out["t"] = Value::from(c.t);
        out
    });
    answer.put("att_gt", cells.collect::<Vec<_>>());
    let dynamic = found.dynamic();
    let dynamic = dynamic.iter().map(|(e, effect)| keyed("e", *e, effect));
    answer.put("dynamic", dynamic.collect::<Vec<_>>());
    let groups = found.by_group();
    let groups = groups.iter().map(|(g, effect)| keyed("g", *g, effect));
    answer.put("group", groups.collect::<Vec<_>>());
    let calendar = found.by_period();
    let calendar = calendar.iter().map(|(t, effect)| keyed("t", *t, effect));
    answer.put("calendar", calendar.collect::<Vec<_>>());
    let overall = [
        ("simple", found.simple()),
        ("dynamic_overall", found.dynamic_overall()),
        ("group_overall", found.group_overall()),
        ("calendar_overall", found.by_period_overall()),
    ];
    for (name, effect) in overall {
        answer.put(name, effect.as_ref().map_or(Value::Null, row));
    }
    answer.put("always_treated", found.always);
    answer.put("controls", found.never);
    let small: Vec<String> = found
        .groups
        .iter()
        .filter(|g| g.1 < LEAST_GROUP)
        .map(|g| g.0.to_string())
        .collect();
    if !small.is_empty() {
        let text = format!("{}组不足{LEAST_GROUP}个点位，只看合并行", small.join("、"));
        answer.note("SMALL_GROUPS", text);
    }
    answer
}
