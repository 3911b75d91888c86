//! Is a computed answer the expected one, figure by figure, within the case's own tolerance?

use serde_json::Value;

use crate::app::verify::Check;

/// Tolerances of a case: absolute, relative, and relative ones for named parts.
#[derive(Clone, Debug)]
pub(super) struct Tolerance {
    absolute: f64,
    relative: f64,
    phi: Option<f64>,
    negative_binomial: Option<f64>,
    reml: Option<f64>,
}

impl Tolerance {
    /// Reads `abs` (default 1e-9), `rel`, `phi_rel`, `nb_rel` and `reml_rel`.
    pub(super) fn read(tol: &Value) -> Self {
        let at = |key: &str| tol.get(key).and_then(Value::as_f64);
        Self {
            absolute: at("abs").unwrap_or(1e-9),
            relative: at("rel").unwrap_or(0.0),
            phi: at("phi_rel"),
            negative_binomial: at("nb_rel"),
            reml: at("reml_rel"),
        }
    }

    /// The tolerance below a key that has its own.
    fn below(&self, key: &str) -> Self {
        let own = match key {
            "phi" | "k" => self.phi,
            "nb" => self.negative_binomial,
            _ if key.starts_with("REML") => self.reml,
            _ => None,
        };
        let mut out = self.clone();
        // A part's own tolerance holds for everything inside it.
        if let Some(relative) = own {
            out.relative = relative.max(self.relative);
        }
        out
    }

    fn allows(&self, got: f64, want: f64) -> bool {
        (got - want).abs() <= self.absolute.max(self.relative * want.abs())
    }
}

/// One check per field of the expected answer; fields that begin with `alt_` are other published variants.
pub(super) fn compare(
    (group, id): (&str, &str),
    want: &Value,
    got: &Value,
    within: &Tolerance,
) -> Vec<Check> {
    let Some(fields) = want.as_object() else {
        return vec![Check::new(group, id, false, "the case expects nothing")];
    };
    let asked = fields.iter().filter(|(key, _)| !key.starts_with("alt_"));
    asked
        .map(|(key, want)| {
            let mut seen = Seen::default();
            let got = got.get(key).unwrap_or(&Value::Null);
            seen.visit(key, want, got, &within.below(key));
            let first = seen.first.map(|f| format!(": {f}")).unwrap_or_default();
            let detail = format!("{} of {} figures differ{first}", seen.differ, seen.all);
            Check::new(group, &format!("{id} {key}"), seen.differ == 0, detail)
        })
        .collect()
}

#[derive(Default)]
struct Seen {
    all: usize,
    differ: usize,
    first: Option<String>,
}

impl Seen {
    fn visit(&mut self, path: &str, want: &Value, got: &Value, within: &Tolerance) {
        match want {
            Value::Object(fields) => {
                for (key, want) in fields.iter().filter(|(key, _)| !key.starts_with("alt_")) {
                    let got = got.get(key).unwrap_or(&Value::Null);
                    self.visit(&format!("{path}.{key}"), want, got, &within.below(key));
                }
            }
            Value::Array(list) => {
                let length = got.as_array().map_or(0, Vec::len);
                self.note(path, length == list.len(), "length", &Value::from(length));
                for (i, want) in list.iter().enumerate() {
                    let got = got.get(i).unwrap_or(&Value::Null);
                    self.visit(&format!("{path}[{i}]"), want, got, within);
                }
            }
            Value::Number(_) => {
                let pair = got.as_f64().zip(want.as_f64());
                let holds = pair.is_some_and(|(g, w)| within.allows(g, w));
                self.note(path, holds, &want.to_string(), got);
            }
            _ => self.note(path, want == got, &want.to_string(), got),
        }
    }

    fn note(&mut self, path: &str, holds: bool, want: &str, got: &Value) {
        self.all += 1;
        if !holds {
            self.differ += 1;
            self.first
                .get_or_insert_with(|| format!("{path} is {got}, must be {want}"));
        }
    }
}
