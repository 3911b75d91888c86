//! Which of many p-values hold together?

use serde_json::{Value, json};

use crate::hotspot::method::{Answer, Method, MethodError};
use crate::hotspot::table::{Input, InputError, TableSpec, json_numbers};
use crate::param::{Kind, Param, Settings};
use crate::stats::multiple::Correction;

static PARAMS: &[Param] = &[Param {
    name: "alpha",
    title: "显著性水平",
    unit: "",
    kind: Kind::Real {
        default: 0.05,
        min: 1e-6,
        max: 0.5,
    },
    doc: "Share of false discoveries that is accepted among the discoveries.",
}];

static DOC: &str = "
Answers: of many tests made together, which may be called significant?

Source: Benjamini, Hochberg 1995; Benjamini, Yekutieli 2001.

Formula: p sorted rising, the largest r with p(r) <= alpha r / m; all p <= p(r) are rejected, ties together. The q-value
is the least alpha at which a test is rejected. By (any dependence) multiplies with 1 + 1/2 + ... + 1/m.

Cost: O(m log m).

Edge cases: an empty list rejects nothing; tests that are not defined are not counted in m.

Example: p = 0.01, 0.02, 0.5 at alpha 0.05: the first two are rejected, q = 0.03, 0.03, 0.5.
";

static INPUTS: &[TableSpec] = &[TableSpec {
    names: &["input"],
    columns: "`p`; or a document with the list `p`",
}];

/// False discovery control.
pub static FDR: Method = Method {
    name: "fdr",
    title: "多重检验校正",
    doc: DOC,
    inputs: INPUTS,
    params: PARAMS,
    run,
};

fn run(input: &Input, settings: &Settings) -> Result<Answer, MethodError> {
    let p = match input.document.get("p") {
        Some(list) => json_numbers(list, "p")?,
        None => input.table(&INPUTS[0])?.numbers("p")?,
    };
    if let Some(bad) = p.iter().position(|v| !(0.0..=1.0).contains(v)) {
        return Err(InputError::Cell {
            table: "input".to_owned(),
            row: bad + 1,
            column: "p".to_owned(),
            value: p[bad].to_string(),
            wanted: "a probability",
        }
        .into());
    }
    let alpha = settings.real("alpha");
    let mut answer = Answer::new();
    for (name, way) in [("bh", Correction::Bh), ("by", Correction::By)] {
        let cut = way.cut(&p, alpha);
        let any = p.iter().any(|&v| v <= cut) && rejects(&p, cut, (way, alpha));
        let reject: Vec<Value> = p.iter().map(|&v| json!(any && v <= cut)).collect();
        answer.put(&format!("{name}_reject"), reject);
        answer.put(&format!("{name}_q"), way.q(&p));
        answer.put(&format!("{name}_cut"), cut);
    }
    Ok(answer)
}

/// A cut of 0 rejects only when a p of exactly 0 stands there.
fn rejects(p: &[f64], cut: f64, rule: (Correction, f64)) -> bool {
    cut > 0.0 || rule.0.q(p).iter().any(|&q| q <= rule.1)
}
