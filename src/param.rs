//! What may be set, in which unit, within which bounds: a parameter described once.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

/// The kind of a parameter's value, with bounds and default.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Kind {
    /// A whole number within `min..=max`.
    Integer {
        /// Used when nothing is given.
        default: i64,
        /// Least value.
        min: i64,
        /// Greatest value.
        max: i64,
    },
    /// A real number within `min..=max`.
    Real {
        /// Used when nothing is given.
        default: f64,
        /// Least value.
        min: f64,
        /// Greatest value.
        max: f64,
    },
    /// One of a list of words.
    Choice {
        /// Used when nothing is given.
        default: &'static str,
        /// What is allowed.
        among: &'static [&'static str],
    },
    /// Yes or no.
    Flag {
        /// Used when nothing is given.
        default: bool,
    },
    /// Rising real numbers within `min..=max`, written with commas: `0,50,100`.
    Numbers {
        /// Used when nothing is given.
        default: &'static [f64],
        /// Least value.
        min: f64,
        /// Greatest value.
        max: f64,
    },
}

/// One parameter: the single definition behind command line, HTTP check, page form and documentation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Param {
    /// Name on all doors, `snake_case`, unit included where one exists: `radius_m`.
    pub name: &'static str,
    /// Chinese title for the page.
    pub title: &'static str,
    /// Unit in words, empty if none.
    pub unit: &'static str,
    /// Kind, default and bounds.
    pub kind: Kind,
    /// One sentence: what it does and how to choose it.
    pub doc: &'static str,
}

/// A parameter's value after checking.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Setting {
    /// Of [`Kind::Integer`].
    Integer(i64),
    /// Of [`Kind::Real`].
    Real(f64),
    /// Of [`Kind::Choice`].
    Choice(&'static str),
    /// Of [`Kind::Flag`].
    Flag(bool),
    /// Of [`Kind::Numbers`].
    Numbers(Vec<f64>),
}

/// Why a setting was refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum BadSetting {
    /// No such parameter.
    #[error("{name} is not a parameter here; known are {known}")]
    Unknown {
        /// What was given.
        name: String,
        /// The names that exist, separated by commas.
        known: String,
    },
    /// The value does not fit.
    #[error("{name} is {value}, must be {wanted}")]
    Value {
        /// Which parameter.
        name: &'static str,
        /// What was given.
        value: String,
        /// What is allowed.
        wanted: String,
    },
}

/// The checked settings of one run: every parameter has a value within its bounds.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Settings {
    values: BTreeMap<&'static str, Setting>,
}

impl Kind {
    /// The value used when nothing is given.
    #[must_use]
    pub fn default_setting(&self) -> Setting {
        match *self {
            Self::Integer { default, .. } => Setting::Integer(default),
            Self::Real { default, .. } => Setting::Real(default),
            Self::Choice { default, .. } => Setting::Choice(default),
            Self::Flag { default } => Setting::Flag(default),
            Self::Numbers { default, .. } => Setting::Numbers(default.to_vec()),
        }
    }

    /// What is allowed, in words.
    #[must_use]
    pub fn wanted(&self) -> String {
        match self {
            Self::Integer { min, max, .. } => format!("a whole number in {min}..={max}"),
            Self::Real { min, max, .. } => format!("a number in {min}..={max}"),
            Self::Choice { among, .. } => format!("one of {}", among.join(", ")),
            Self::Flag { .. } => "true or false".to_owned(),
            Self::Numbers { min, max, .. } => {
                format!("rising numbers in {min}..={max}, separated by commas")
            }
        }
    }

    /// Reads a value from text; `None` when it does not fit.
    #[must_use]
    pub fn read(&self, text: &str) -> Option<Setting> {
        let text = text.trim();
        match *self {
            Self::Integer { min, max, .. } => {
                let value = text.parse().ok().filter(|v| (min..=max).contains(v))?;
                Some(Setting::Integer(value))
            }
            Self::Real { min, max, .. } => {
                let value = text.parse().ok().filter(|v| (min..=max).contains(v))?;
                Some(Setting::Real(value))
            }
            Self::Choice { among, .. } => {
                let word = among.iter().find(|w| **w == text)?;
                Some(Setting::Choice(word))
            }
            Self::Flag { .. } => match text {
                "true" | "yes" | "1" => Some(Setting::Flag(true)),
                "false" | "no" | "0" => Some(Setting::Flag(false)),
                _ => None,
            },
            Self::Numbers { min, max, .. } => {
                let values: Option<Vec<f64>> = text
                    .split(',')
                    .map(|v| v.trim().parse().ok().filter(|x| (min..=max).contains(x)))
                    .collect();
                let values = values.filter(|v| v.windows(2).all(|w| w[0] <= w[1]))?;
                Some(Setting::Numbers(values))
            }
        }
    }
}

impl Settings {
    /// All defaults.
    #[must_use]
    pub fn defaults(params: &'static [Param]) -> Self {
        let values = params
            .iter()
            .map(|p| (p.name, p.kind.default_setting()))
            .collect();
        Self { values }
    }

    /// Defaults with what was given as `(name, text)`; an unknown name or a value out of bounds is refused.
    pub fn read<'a>(
        params: &'static [Param],
        given: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, BadSetting> {
        let mut out = Self::defaults(params);
        for (name, text) in given {
            let Some(param) = params.iter().find(|p| p.name == name) else {
                let known: Vec<&str> = params.iter().map(|p| p.name).collect();
                return Err(BadSetting::Unknown {
                    name: name.to_owned(),
                    known: known.join(", "),
                });
            };
            let Some(value) = param.kind.read(text) else {
                return Err(BadSetting::Value {
                    name: param.name,
                    value: text.to_owned(),
                    wanted: param.kind.wanted(),
                });
            };
            out.values.insert(param.name, value);
        }
        Ok(out)
    }

    /// All values by name, for the record of a run.
    #[must_use]
    pub fn to_json(&self) -> Value {
        serde_json::to_value(&self.values).unwrap_or(Value::Null)
    }

    fn get(&self, name: &str) -> &Setting {
        self.values.get(name).expect(
            "a method asks only for parameters of its own list, and all of them have a value",
        )
    }

    /// A whole number.
    ///
    /// # Panics
    /// When the parameter does not exist or is of another kind: a slip in the method's own file, met by its first test.
    #[must_use]
    pub fn integer(&self, name: &str) -> i64 {
        match self.get(name) {
            Setting::Integer(v) => Some(*v),
            _ => None,
        }
        .expect("declared as a whole number")
    }

    /// A whole number that is never negative, as a size; negative bounds give 0.
    ///
    /// # Panics
    /// As [`Settings::integer`].
    #[must_use]
    pub fn size(&self, name: &str) -> usize {
        usize::try_from(self.integer(name)).unwrap_or(0)
    }

    /// A real number.
    ///
    /// # Panics
    /// As [`Settings::integer`].
    #[must_use]
    pub fn real(&self, name: &str) -> f64 {
        match self.get(name) {
            Setting::Real(v) => Some(*v),
            _ => None,
        }
        .expect("declared as a number")
    }

    /// A chosen word.
    ///
    /// # Panics
    /// As [`Settings::integer`].
    #[must_use]
    pub fn choice(&self, name: &str) -> &'static str {
        match self.get(name) {
            Setting::Choice(v) => Some(*v),
            _ => None,
        }
        .expect("declared as a choice")
    }

    /// Yes or no.
    ///
    /// # Panics
    /// As [`Settings::integer`].
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        match self.get(name) {
            Setting::Flag(v) => Some(*v),
            _ => None,
        }
        .expect("declared as a flag")
    }

    /// Rising numbers.
    ///
    /// # Panics
    /// As [`Settings::integer`].
    #[must_use]
    pub fn numbers(&self, name: &str) -> &[f64] {
        match self.get(name) {
            Setting::Numbers(v) => Some(v.as_slice()),
            _ => None,
        }
        .expect("declared as numbers")
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, Param, Settings};

    static PARAMS: &[Param] = &[
        Param {
            name: "radius_m",
            title: "半径",
            unit: "m",
            kind: Kind::Real {
                default: 50.0,
                min: 1.0,
                max: 5000.0,
            },
            doc: "",
        },
        Param {
            name: "breaks",
            title: "分级",
            unit: "",
            kind: Kind::Numbers {
                default: &[0.0, 1.0],
                min: 0.0,
                max: 9.0,
            },
            doc: "",
        },
    ];

    #[test]
    fn a_value_out_of_bounds_is_refused_with_the_bounds() {
        let bad = Settings::read(PARAMS, [("radius_m", "0")]).unwrap_err();
        assert_eq!(
            bad.to_string(),
            "radius_m is 0, must be a number in 1..=5000"
        );
        assert!(Settings::read(PARAMS, [("radius_m", "NaN")]).is_err());
        assert!(Settings::read(PARAMS, [("breaks", "3,2")]).is_err());
        let bad = Settings::read(PARAMS, [("eps", "1")]).unwrap_err();
        assert!(
            bad.to_string().ends_with("known are radius_m, breaks"),
            "{bad}"
        );
    }

    #[test]
    fn what_is_not_given_has_its_default() {
        let got = Settings::read(PARAMS, [("breaks", "0, 2,2")]).unwrap();
        assert!((got.real("radius_m") - 50.0).abs() < 1e-12);
        assert_eq!(got.numbers("breaks"), [0.0, 2.0, 2.0]);
    }
}
