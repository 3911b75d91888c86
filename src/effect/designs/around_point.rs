//! How many events lie around a point in equal times before and after its measure?

use serde::Deserialize;
use serde_json::Value;

use crate::calendar::Day;
use crate::effect::designs::design::{Design, DesignError, figure, read};
use crate::hotspot::method::Answer;
use crate::spatial::LonLat;
use crate::stats::two_rates::{Counted, rate_difference, two_rates};

/// Mean length of a month in days, as in published before-and-after tables.
pub const MONTH_DAYS: f64 = 30.44;

static DOC: &str = "
Answers: events within a radius of a point in a window before and an equal one after the measure; the table a first
report prints. Nothing is corrected, a point picked for a bad spell looks helped: read it beside the default estimator.

Source: the before-and-after tables of city transport departments; intervals as in `rate_ratio`.

Formula: great-circle distance at most the radius; before: installed - window <= day < installed; after: installed <= day <
installed + window (the day of installation counts as after). Window: months · 30.44 days, or the longest that fits on both
sides between `first_day` and `last_day`, at most `most_months`.

Cost: O(events) a point.

Edge cases: no event on either side: no ratio, p = 1; few events: the interval says so, the percentage means nothing; a
point without window on one side is refused; coordinates beyond the globe are refused with their row.

Example: 20 crashes in 23.7 months before a signal and 16 after: ratio 0.80, mid-p interval 0.41 to 1.55.
";

/// Plain counts around a point.
pub static AROUND_POINT: Design = Design {
    name: "around_point",
    title: "点位周边前后计数（未校正）",
    doc: DOC,
    input: &[
        ("point", "`[lon, lat]` of the measure, WGS-84"),
        ("installed", "day of installation, `2024-05-01`"),
        ("radius_m", "radius in metres"),
        (
            "events",
            "list of `[lon, lat, \"2024-05-01\"]`, or with a weight such as injuries as fourth value",
        ),
        (
            "months",
            "length of each window in months of 30.44 days; the longest that fits when absent",
        ),
        (
            "first_day, last_day",
            "days the data cover, needed without `months`",
        ),
        ("most_months", "longest window, 24 when absent"),
    ],
    run,
};

/// An event with its place, day and weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// Where.
    pub place: LonLat,
    /// When.
    pub day: Day,
    /// How much it counts beside its number: injuries, for example.
    pub weight: f64,
}

/// Counts on both sides.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Around {
    /// Events before.
    pub before: u32,
    /// Events after.
    pub after: u32,
    /// Their weights before.
    pub weight_before: f64,
    /// Their weights after.
    pub weight_after: f64,
}

/// Counts events within `radius_m` of a point and `window_days` (fractions count) of a day.
#[must_use]
pub fn around(
    events: &[Event],
    point: LonLat,
    radius_m: f64,
    installed: Day,
    window_days: f64,
) -> Around {
    let mut out = Around::default();
    for event in events {
        let since = (event.day.0 - installed.0) as f64;
        if since.abs() > window_days || event.place.distance_m(point) > radius_m {
            continue;
        }
        if since < 0.0 {
            out.before += 1;
            out.weight_before += event.weight;
        } else if since < window_days {
            out.after += 1;
            out.weight_after += event.weight;
        }
    }
    out
}

/// The longest window in months of 30.44 days that fits on both sides, at most `most`.
#[must_use]
pub fn longest_months(installed: Day, first: Day, last: Day, most: f64) -> f64 {
    let months = |days: i64| days as f64 / MONTH_DAYS;
    let before = months(installed.0 - first.0);
    before.min(months(last.0 - installed.0)).min(most).max(0.0)
}

#[derive(Deserialize)]
struct Document {
    point: [f64; 2],
    installed: String,
    radius_m: f64,
    events: Vec<Written>,
    months: Option<f64>,
    first_day: Option<String>,
    last_day: Option<String>,
    #[serde(default = "two_years")]
    most_months: f64,
}

fn two_years() -> f64 {
    24.0
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Plain(f64, f64, String),
    Weighted(f64, f64, String, f64),
}

fn day(text: &str) -> Result<Day, DesignError> {
    let found = Day::parse(text);
    found.ok_or_else(|| DesignError::invalid(format!("{text:?} is no day"), "write 2024-05-01"))
}

fn place(lon: f64, lat: f64) -> Result<LonLat, DesignError> {
    if lon.abs() <= 180.0 && lat.abs() <= 90.0 {
        return Ok(LonLat { lon, lat });
    }
    let what = format!("{lon}, {lat} is outside the globe");
    Err(DesignError::invalid(
        what,
        "give WGS-84 degrees, longitude first",
    ))
}

fn event(written: &Written) -> Result<Event, DesignError> {
    let (lon, lat, text, weight) = match written {
        Written::Plain(lon, lat, text) => (*lon, *lat, text, 1.0),
        Written::Weighted(lon, lat, text, weight) => (*lon, *lat, text, *weight),
    };
    Ok(Event {
        place: place(lon, lat)?,
        day: day(text)?,
        weight,
    })
}

fn run(input: &Value) -> Result<Answer, DesignError> {
    let given: Document = read(input)?;
    let installed = day(&given.installed)?;
    let months = match (given.months, &given.first_day, &given.last_day) {
        (Some(months), ..) => months,
        (None, Some(first), Some(last)) => {
            longest_months(installed, day(first)?, day(last)?, given.most_months)
        }
        _ => {
            let why = "neither months nor first_day and last_day are given".to_owned();
            return Err(DesignError::Input { why });
        }
    };
    if !(months > 0.0 && months.is_finite() && given.radius_m > 0.0) {
        let what = format!("months is {months}, radius_m is {}", given.radius_m);
        return Err(DesignError::invalid(what, "both must be above 0"));
    }
    let events: Result<Vec<Event>, DesignError> = given.events.iter().map(event).collect();
    let point = place(given.point[0], given.point[1])?;
    let days = months * MONTH_DAYS;
    let found = around(&events?, point, given.radius_m, installed, days);
    dress(&found, days)
}

fn dress(found: &Around, days: f64) -> Result<Answer, DesignError> {
    let counted = |cases: u32| Counted {
        cases: f64::from(cases),
        time: days,
    };
    let rates = two_rates(counted(found.after), counted(found.before), 0.05)?;
    let change = rate_difference(counted(found.before), counted(found.after), 0.05);
    let mut answer = Answer::new();
    answer.put("window_days", figure(days));
    answer.put("before", found.before);
    answer.put("after", found.after);
    answer.put("weight_before", figure(found.weight_before));
    answer.put("weight_after", figure(found.weight_after));
    answer.put("ratio", rates.ratio.map_or(Value::Null, figure));
    answer.put("midp_lo95", figure(rates.mid.low));
    answer.put("midp_hi95", figure(rates.mid.high));
    answer.put("midp_p", figure(rates.mid_p));
    answer.put("change_per_day", figure(change.difference));
    answer.put("change_lo95", figure(change.interval.low));
    answer.put("change_hi95", figure(change.interval.high));
    answer.note("NO_CORRECTION", "未校正：没有扣除季节、趋势和回落");
    Ok(answer)
}
