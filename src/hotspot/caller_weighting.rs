//! How many voices stand behind the tickets of a site?

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::hotspot::method::{Answer, Method, MethodError};
use crate::hotspot::table::{Input, TableSpec};
use crate::param::{Kind, Param, Settings};

/// One ticket at a site.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Voice<C> {
    /// Ticket id, breaks ties of time.
    pub id: i64,
    /// Caller, `None` when unknown.
    pub caller: Option<C>,
    /// Time, in days unless the rule is given in another unit.
    pub at: f64,
}

/// How repeats of one caller count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Repeats {
    /// Within this many days of the caller's previous ticket here: the same event told again, weight 0.
    pub same_days: f64,
    /// Earlier tickets within this many days lower the weight.
    pub window_days: f64,
    /// Factor per earlier ticket.
    pub lambda: f64,
}

impl Default for Repeats {
    fn default() -> Self {
        Self {
            same_days: 1.0,
            window_days: 30.0,
            lambda: 0.5,
        }
    }
}

/// Who speaks at a site.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Voices {
    /// Weight of each ticket, in the order given.
    pub weights: Vec<f64>,
    /// Sum of weights.
    pub n_eff: f64,
    /// Known callers and unknown tickets.
    pub distinct: usize,
    /// Largest share of one caller.
    pub top_share: f64,
    /// Inverse of the sum of squared shares.
    pub effective_callers: f64,
}

impl Voices {
    /// One caller, at least 3 tickets.
    #[must_use]
    pub fn single_voice(&self) -> bool {
        self.distinct == 1 && self.weights.len() >= 3
    }

    /// One caller has more than half of at least 5 tickets.
    #[must_use]
    pub fn dominated(&self) -> bool {
        self.top_share > 0.5 && self.weights.len() >= 5
    }

    /// At least 3 callers, none with more than half.
    #[must_use]
    pub fn multi_party(&self) -> bool {
        self.distinct >= 3 && self.top_share <= 0.5
    }
}

/// Weighs the tickets of one site. O(n log n) and, per caller, the tickets of his last window.
#[must_use]
pub fn weigh<C: Ord + Copy>(tickets: &[Voice<C>], rule: Repeats) -> Voices {
    let mut order: Vec<usize> = (0..tickets.len()).collect();
    order.sort_by(|&a, &b| {
        let (a, b) = (&tickets[a], &tickets[b]);
        a.at.total_cmp(&b.at).then(a.id.cmp(&b.id))
    });
    let mut weights = vec![1.0; tickets.len()];
    // Of each caller: day of the last ticket, days of the tickets that counted, number of tickets.
    let mut known: BTreeMap<C, (f64, Vec<f64>, usize)> = BTreeMap::new();
    let mut unknown = 0;
    for i in order {
        let Some(caller) = tickets[i].caller else {
            unknown += 1;
            continue;
        };
        let t = tickets[i].at;
        let past = known
            .entry(caller)
            .or_insert((f64::NEG_INFINITY, Vec::new(), 0));
        if t - past.0 <= rule.same_days {
            weights[i] = 0.0;
        } else {
            let recent = past
                .1
                .iter()
                .rev()
                .take_while(|d| t - **d <= rule.window_days)
                .count();
            weights[i] = rule.lambda.powi(i32::try_from(recent).unwrap_or(i32::MAX));
            past.1.push(t);
        }
        past.0 = t;
        past.2 += 1;
    }
    let n = tickets.len() as f64;
    let mut top = usize::from(unknown > 0);
    let mut squares = unknown as f64;
    for (_, _, count) in known.values() {
        top = top.max(*count);
        squares += (*count as f64).powi(2);
    }
    Voices {
        n_eff: weights.iter().sum(),
        weights,
        distinct: known.len() + unknown,
        top_share: if n > 0.0 { top as f64 / n } else { 0.0 },
        effective_callers: if n > 0.0 { n * n / squares } else { 0.0 },
    }
}

static PARAMS: &[Param] = &[
    Param {
        name: "same_days",
        title: "同一事件",
        unit: "days",
        kind: Kind::Real {
            default: 1.0,
            min: 0.0,
            max: 365.0,
        },
        doc: "A caller's ticket within this time of his previous one here is the same event told again (weight 0).",
    },
    Param {
        name: "window_days",
        title: "重复窗口",
        unit: "days",
        kind: Kind::Real {
            default: 30.0,
            min: 0.0,
            max: 3650.0,
        },
        doc: "Earlier counted tickets of the caller within this time lower the weight.",
    },
    Param {
        name: "lambda",
        title: "折减系数",
        unit: "",
        kind: Kind::Real {
            default: 0.5,
            min: 0.0,
            max: 1.0,
        },
        doc: "Factor for each such earlier ticket.",
    },
];

static DOC: &str = "
Answers: how many voices stand behind a site's tickets? One angry caller is not a site.

Source: the project's own rule (rule book, section 2.3); effective callers are the inverse Herfindahl index.

Formula: in time order, a caller's ticket within `same_days` of his previous one here weighs 0; otherwise lambda^k, k =
his counted tickets here within `window_days`. Unknown callers weigh 1 each, as own identities. n_eff = sum of weights,
share = tickets of a caller / n, effective callers = 1 / sum share². single_voice: one caller and n >= 3; dominated: top
share > 0.5 and n >= 5; multi_party: at least 3 callers and top share <= 0.5.

Cost: O(n log n).

Edge cases: no tickets → everything 0, no flag; exactly one day apart is the same event; exactly 30 days apart still
counts as a repeat.

Example: twelve tickets of one caller, three days apart: n_eff 2.0, single_voice and dominated.
";

static INPUTS: &[TableSpec] = &[TableSpec {
    names: &["input", "tickets"],
    columns: "`id` (whole number), `caller` (empty = unknown), `day`; tickets of one site",
}];

/// Repeat callers.
pub static CALLER_WEIGHTING: Method = Method {
    name: "caller_weighting",
    title: "重复诉求折算",
    doc: DOC,
    inputs: INPUTS,
    params: PARAMS,
    run,
};

fn run(input: &Input, settings: &Settings) -> Result<Answer, MethodError> {
    let table = input.table(&INPUTS[0])?;
    let ids = table.read("id", "a whole number", |t| t.parse::<i64>().ok())?;
    let callers = table.texts("caller")?;
    let days = table.numbers("day")?;
    let tickets: Vec<Voice<&str>> = ids
        .iter()
        .zip(&callers)
        .zip(&days)
        .map(|((&id, &caller), &day)| Voice {
            id,
            caller: (!caller.is_empty()).then_some(caller),
            at: day,
        })
        .collect();
    let found = weigh(
        &tickets,
        Repeats {
            same_days: settings.real("same_days"),
            window_days: settings.real("window_days"),
            lambda: settings.real("lambda"),
        },
    );
    let mut answer = Answer::new();
    let weights: Vec<Value> = ids
        .iter()
        .zip(&found.weights)
        .map(|(id, w)| json!([id, w]))
        .collect();
    answer.put("weights", weights);
    answer.put("n", tickets.len());
    answer.put("n_eff", found.n_eff);
    answer.put("distinct_callers", found.distinct);
    answer.put("top_share", found.top_share);
    answer.put("effective_callers", found.effective_callers);
    answer.put("single_voice", found.single_voice());
    answer.put("dominated", found.dominated());
    answer.put("multi_party", found.multi_party());
    Ok(answer)
}
