//! What do the rules of the default estimator answer to the golden cases: interval, posterior, panel, league, calendar, verdict?
//!
//! One function per kind, by the names of the case's `expected`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::calendar::{Day, lunar};
use crate::effect::benefit::{Evidence, promise};
use crate::effect::files::days_off;
use crate::effect::fit::{Share, clumping, fit};
use crate::effect::league::{Entry, Shrunk, borrow, pool};
use crate::effect::posterior::Spread;
use crate::effect::predictive::{Predictive, theta_limit, zero_convinces};
use crate::effect::prepared::Recency;
use crate::effect::recency::{Months, Target};
use crate::effect::verdict::{Evidence as Seen, judge};
use crate::effect::waterfall::{Drop, split};
use crate::stats::distribution::{Z_975, gamma_quantile};
use crate::stats::number::whole;

/// Computes what a case expects from its input; the folder is where files named by the input lie.
pub(super) type Rule = fn(&Path, &Value) -> Result<Map<String, Value>, String>;

/// Kinds and their rules.
pub(super) static RULES: &[(&str, Rule)] = &[
    ("nb_predictive", nb_predictive),
    ("gamma_posterior", gamma_posterior),
    ("panel_fit", panel_fit),
    ("recency_credibility", recency_credibility),
    ("league", league),
    ("calendar", calendar),
    ("planned_benefit", planned_benefit),
    ("verdict", verdict),
    ("decomposition", decomposition),
];

type Answer = Result<Map<String, Value>, String>;

/// The object that `json!` made.
fn answer(value: Value) -> Answer {
    match value {
        Value::Object(map) => Ok(map),
        other => Err(format!("the answer is {other}, no object")),
    }
}

/// A number, `"inf"` included.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::String(word) if word == "inf" => Some(f64::INFINITY),
        other => other.as_f64(),
    }
}

fn want(input: &Value, key: &str) -> Result<f64, String> {
    number(&input[key]).ok_or_else(|| format!("input has no number {key}"))
}

fn list(input: &Value, key: &str) -> Result<Vec<f64>, String> {
    let items = input[key]
        .as_array()
        .ok_or_else(|| format!("input has no list {key}"))?;
    items
        .iter()
        .map(|v| number(v).ok_or_else(|| format!("{key} holds something that is no number")))
        .collect()
}

fn count(input: &Value, key: &str) -> Result<u64, String> {
    let value = want(input, key)?;
    whole(value).ok_or_else(|| format!("{key} is {value}, not a count"))
}

fn law(input: &Value) -> Result<Predictive, String> {
    Ok(Predictive {
        expected: want(input, "E")?,
        rel: want(input, "rel")?,
        psi: want(input, "psi")?,
    })
}

fn nb_predictive(_: &Path, input: &Value) -> Answer {
    let law = law(input)?;
    let (y, alpha) = (count(input, "y")?, want(input, "alpha")?);
    let effect = law.effect(y, alpha);
    let crit = law.critical(alpha);
    let size = law.size(law.expected);
    let endless = |x: f64| {
        if x.is_finite() {
            json!(x)
        } else {
            json!("inf")
        }
    };
    answer(json!({
        "theta": effect.theta, "lo": effect.lo, "hi": endless(effect.hi), "p": effect.p,
        "size_at_null": endless(size), "crit_count": crit, "mde_theta_80": law.smallest_effect(crit),
        "power_at_half": law.power(crit, 0.5), "cdf_at_y": law.tails(y as f64, law.expected).0,
    }))
}

fn gamma_posterior(_: &Path, input: &Value) -> Answer {
    let spread = Spread {
        phi: want(input, "phi")?,
        psi: want(input, "psi")?,
    };
    let found = spread.posterior(want(input, "Y")?, want(input, "M")?);
    let quantile = |p: f64| gamma_quantile(p, found.a, found.b);
    answer(json!({
        "a": found.a, "b": found.b, "u": found.u, "sd_u": found.a.sqrt() / found.b,
        "q025": quantile(0.025), "q975": quantile(0.975), "w": found.w,
        "E_after": found.u * want(input, "M_after")?, "rel": found.rel(),
    }))
}

fn panel_fit(_: &Path, input: &Value) -> Answer {
    let rows = input["counts"].as_array().ok_or("input has no counts")?;
    let counts: Vec<Vec<u32>> = rows
        .iter()
        .map(|row| {
            let row = row.as_array()?.iter();
            row.map(|v| u32::try_from(v.as_u64()?).ok()).collect()
        })
        .collect::<Option<_>>()
        .ok_or("counts are not rows of counts")?;
    let periods = counts.iter().map(Vec::len).max().unwrap_or(0);
    let ends = |key: &str, default: usize| -> Vec<usize> {
        let given = input[key].as_array();
        (0..counts.len())
            .map(|s| {
                let value = given.and_then(|g| g.get(s)?.as_u64());
                value
                    .and_then(|v| usize::try_from(v).ok())
                    .unwrap_or(default)
            })
            .collect()
    };
    let (starts, stops) = (ends("start", 0), ends("stop", periods));
    let used = |s: usize| {
        let stop = stops[s].min(counts[s].len());
        counts[s].get(starts[s].min(stop)..stop).unwrap_or_default()
    };
    let mut totals = vec![0.0; periods];
    let mut shares = Vec::new();
    for s in 0..counts.len() {
        for (at, y) in used(s).iter().enumerate() {
            totals[starts[s] + at] += f64::from(*y);
        }
        shares.push(Share {
            start: starts[s],
            stop: stops[s],
            tickets: used(s).iter().map(|y| f64::from(*y)).sum(),
        });
    }
    let found = fit(&shares, &totals, 1.0);
    let curve: Vec<f64> = (0..periods).map(|d| found.gamma(d, d + 1)).collect();
    let m: Vec<f64> = shares
        .iter()
        .map(|s| found.gamma(s.start, s.stop))
        .collect();
    let blocks = (0..counts.len()).map(|s| (starts[s], used(s)));
    answer(json!({
        "phi": found.phi, "period_effect": curve, "M": m, "u": found.u,
        "loglik_up_to_const": found.log_likelihood(&shares, &totals),
        "psi_block1": clumping(blocks, &curve),
    }))
}

fn recency_credibility(_: &Path, input: &Value) -> Answer {
    let model = Recency {
        k: want(input, "k")?,
        s2: want(input, "s2")?,
        rho: want(input, "rho")?,
        psi: want(input, "psi")?,
        ..Recency::default()
    };
    let months = Months {
        y: list(input, "y")?,
        g: list(input, "g")?,
        mid: list(input, "block_mid")?,
    };
    let target = Target {
        mid: list(input, "target_mid")?,
        weight: list(input, "target_weight")?,
    };
    let found = model
        .predict(want(input, "phi")?, &months, &target)
        .ok_or("no month has a curve")?;
    answer(json!({
        "u_start": found.u_start, "weights": found.weights, "post_var": found.var, "u": found.u,
        "E_after": found.u * want(input, "M_after")?, "rel": found.rel(),
    }))
}

fn league(_: &Path, input: &Value) -> Answer {
    let sites = input["sites"].as_array().ok_or("input has no sites")?;
    let entries: Vec<Entry> = sites
        .iter()
        .map(|s| {
            Ok(Entry {
                y: count(s, "y")?,
                expected: want(s, "E")?,
                rel: want(s, "rel")?,
                psi: want(s, "psi")?,
            })
        })
        .collect::<Result<_, String>>()?;
    let pooled = pool(&entries).ok_or("nothing expected")?;
    let found = borrow(&entries, want(input, "tau2_floor")?).ok_or("nothing seen")?;
    let each = |f: &dyn Fn(&Shrunk) -> f64| -> Vec<f64> { found.sites.iter().map(f).collect() };
    answer(json!({
        "type_theta": pooled.theta, "type_chi2_per_df": pooled.chi2_per_df, "type_se": pooled.se,
        "type_lo95": pooled.lo, "type_hi95": pooled.hi, "mu": found.mu, "Q": found.q,
        "tau2_raw": found.tau2_raw, "tau2": found.tau2,
        "site_log": each(&|s| s.log), "site_var": each(&|s| s.var),
        "site_shrunk": each(&|s| s.interval()[0]),
        "site_lo95": each(&|s| (s.shrunk - Z_975 * s.sd).exp()),
        "site_hi95": each(&|s| (s.shrunk + Z_975 * s.sd).exp()),
        "p_reduces": each(&|s| s.chance_below(1.0)),
    }))
}

/// The years of the lunar calendar that are compared, and those of a table of special days.
const YEARS: std::ops::RangeInclusive<i64> = 1990..=2060;

fn calendar(folder: &Path, input: &Value) -> Answer {
    let Some(name) = input.get("file").and_then(Value::as_str) else {
        let days = YEARS.map(|year| (year.to_string(), json!(lunar::new_year(year).map(Day::iso))));
        return Ok(days.collect());
    };
    let bytes = fs::read(folder.join(name)).map_err(|e| format!("{name}: {e}"))?;
    let ends = Day::of(*YEARS.start(), 1, 1).zip(Day::of(*YEARS.end(), 12, 31));
    let (first, until) = ends.ok_or("the years have no ends")?;
    let off = days_off(&bytes, first, until).map_err(|e| e.to_string())?;
    let mut months: BTreeMap<String, u32> = BTreeMap::new();
    let mut days = BTreeMap::new();
    for (day, off) in (first.0..).map(Day).zip(off) {
        let iso = day.iso();
        let month: String = iso.chars().take(7).collect();
        *months.entry(month).or_default() += u32::from(!off);
        days.insert(iso, off);
    }
    answer(json!({ "workdays_per_month": months, "off": days }))
}

fn planned_benefit(_: &Path, input: &Value) -> Answer {
    let items = input["evidence"]
        .as_array()
        .ok_or("input has no evidence")?;
    let evidence: Vec<Evidence> = items
        .iter()
        .map(|e| {
            Ok(Evidence {
                log_theta: want(e, "log_theta")?,
                variance: want(e, "v")?,
                discount: want(e, "discount")?,
            })
        })
        .collect::<Result<_, String>>()?;
    let found = promise(want(input, "E")?, &evidence, want(input, "tau2")?).ok_or("no evidence")?;
    answer(json!({
        "log_theta": found.log_theta, "v": found.variance, "sd_pred": found.sd, "theta": found.theta,
        "p_reduces": found.p_reduces, "avoided": found.avoided, "avoided_lo80": found.lo, "avoided_hi80": found.hi,
    }))
}

fn verdict(_: &Path, input: &Value) -> Answer {
    let law = law(input)?;
    let alpha = want(input, "alpha")?;
    let effect = law.effect(count(input, "y")?, alpha);
    let days = i32::try_from(count(input, "after_days")?).map_err(|e| e.to_string())?;
    let seen = Seen {
        after_days: days,
        crit: law.critical(alpha),
        lo: effect.lo,
        hi: effect.hi,
    };
    answer(
        json!({ "lo": effect.lo, "hi": effect.hi, "verdict": judge(seen).name(), "crit_count": seen.crit }),
    )
}

fn decomposition(_: &Path, input: &Value) -> Answer {
    if input.get("Y_before").is_none() {
        let rel = want(input, "rel")?;
        return answer(json!({
            "theta_limit": theta_limit(rel), "zero_convinces_E": zero_convinces(rel, 0.05),
        }));
    }
    let found = split(Drop {
        before: count(input, "Y_before")?,
        days_before: want(input, "days_before")?,
        gamma_before: want(input, "gamma_before")?,
        after: count(input, "y_after")?,
        days_after: want(input, "days_after")?,
        gamma_after: want(input, "gamma_after")?,
        u: want(input, "u")?,
    });
    let product = found.calendar.zip(found.falling_back).zip(found.measure);
    answer(json!({
        "naive_ratio": found.naive, "calendar_and_trend": found.calendar,
        "regression_to_mean": found.falling_back, "measure": found.measure,
        "check": product.map(|((a, b), c)| a * b * c),
    }))
}
