//! Is what came out what should come out, figure by figure?

use serde_json::Value;

use crate::app::verify::Check;

/// How far a figure may be from the golden one: `absolute + relative · |golden|`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Within {
    /// Absolute part.
    pub(crate) absolute: f64,
    /// Relative part.
    pub(crate) relative: f64,
}

impl Within {
    /// Only an absolute distance.
    pub(crate) const fn absolute(absolute: f64) -> Self {
        Self {
            absolute,
            relative: 0.0,
        }
    }

    /// Only a relative distance.
    pub(crate) const fn relative(relative: f64) -> Self {
        Self {
            absolute: 0.0,
            relative,
        }
    }

    fn allows(self, got: f64, want: f64) -> bool {
        (got - want).abs() <= self.absolute + self.relative * want.abs()
    }
}

/// Numbers, nested lists or nulls against golden ones; one check with the worst place in its detail.
pub(crate) fn close(group: &str, name: &str, got: &Value, want: &Value, within: Within) -> Check {
    compare(
        group,
        name,
        (got, want),
        &|g, w| match (g.as_f64(), w.as_f64()) {
            (Some(g), Some(w)) => within.allows(g, w),
            _ => g == w,
        },
    )
}

/// Equal values; whole numbers compare across integer and real spelling.
pub(crate) fn equal(group: &str, name: &str, got: &Value, want: &Value) -> Check {
    close(group, name, got, want, Within::absolute(0.0))
}

/// A comparison by a rule for single values.
pub(crate) fn compare(
    group: &str,
    name: &str,
    pair: (&Value, &Value),
    same: &dyn Fn(&Value, &Value) -> bool,
) -> Check {
    let mut seen = Seen::default();
    visit(pair.0, pair.1, &mut String::new(), &mut |path, g, w| {
        seen.note(path, g, w, same(g, w));
    });
    let detail = format!(
        "{} of {} figures differ{}",
        seen.differ,
        seen.all,
        seen.first.map(|f| format!(": {f}")).unwrap_or_default()
    );
    Check::new(group, name, seen.differ == 0 && seen.all > 0, detail)
}

#[derive(Default)]
struct Seen {
    all: usize,
    differ: usize,
    first: Option<String>,
}

impl Seen {
    fn note(&mut self, path: &str, got: &Value, want: &Value, same: bool) {
        self.all += 1;
        if !same {
            self.differ += 1;
            self.first
                .get_or_insert_with(|| format!("{path} is {got}, must be {want}"));
        }
    }
}

fn visit(got: &Value, want: &Value, path: &mut String, each: &mut dyn FnMut(&str, &Value, &Value)) {
    match (got, want) {
        (Value::Array(g), Value::Array(w)) if g.len() == w.len() => {
            if w.is_empty() {
                each(path, &Value::Null, &Value::Null);
            }
            for (i, (g, w)) in g.iter().zip(w).enumerate() {
                let length = path.len();
                path.extend(["[", i.to_string().as_str(), "]"]);
                visit(g, w, path, each);
                path.truncate(length);
            }
        }
        (Value::Array(g), Value::Array(w)) => {
            let (g, w) = (Value::from(g.len()), Value::from(w.len()));
            each(&format!("{path} length"), &g, &w);
        }
        _ => each(path, got, want),
    }
}
