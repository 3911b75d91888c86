//! On which civil day does a lunar month begin, and when is lunar new year, Qingming, Dragon Boat and Mid-Autumn?
//!
//! Computed from the sun and the moon (Meeus, Astronomical Algorithms, chapters 25 and 49; new moons within a minute or
//! two, the sun's longitude within 0.01°) at +08:00 by the rules of GB/T 33661-2017: the eleventh month holds the winter solstice, and in a year of
//! thirteen months the first one without a principal term repeats the number before it. Meant for years for which the
//! State Council has not yet published its table.

use crate::calendar::Day;
use crate::stats::number::floor_i64;

/// Mean length of a lunar month in days.
const MONTH: f64 = 29.530_588_861;

/// Terrestrial minus universal time, in days; it grows by less than a second a year now.
const DELTA_T: f64 = 71.0 / 86_400.0;

/// Julian day of 1970-01-01 at midnight.
const EPOCH: f64 = 2_440_587.5;

/// A lunar month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LunarMonth {
    /// 1 to 12.
    pub number: u8,
    /// Whether it repeats the number before it.
    pub leap: bool,
    /// Its first day.
    pub first: Day,
}

fn sine(degrees: f64) -> f64 {
    degrees.to_radians().sin()
}

/// Civil day of an instant given as a Julian day of terrestrial time.
fn civil(jd: f64) -> Day {
    Day(floor_i64(jd - DELTA_T + 8.0 / 24.0 - EPOCH))
}

/// Instant of the k-th new moon since January 2000, a Julian day of terrestrial time.
fn new_moon(k: f64) -> f64 {
    let t = k / 1_236.85;
    let e = 1.0 - 0.002_516 * t - 0.000_007_4 * t * t;
    let sun = 2.5534 + 29.105_356_70 * k - 0.000_001_4 * t * t;
    let moon = 201.5643 + 385.816_935_28 * k + 0.010_758_2 * t * t;
    let node = 160.7108 + 390.670_502_84 * k - 0.001_611_8 * t * t;
    let omega = 124.7746 - 1.563_755_88 * k + 0.002_067_2 * t * t;
    // Amplitude in days, power of e, multiples of sun, moon and node.
    let terms: [(f64, i32, f64, f64, f64); 24] = [
        (-0.407_20, 0, 0.0, 1.0, 0.0),
        (0.172_41, 1, 1.0, 0.0, 0.0),
        (0.016_08, 0, 0.0, 2.0, 0.0),
        (0.010_39, 0, 0.0, 0.0, 2.0),
        (0.007_39, 1, -1.0, 1.0, 0.0),
        (-0.005_14, 1, 1.0, 1.0, 0.0),
        (0.002_08, 2, 2.0, 0.0, 0.0),
        (-0.001_11, 0, 0.0, 1.0, -2.0),
        (-0.000_57, 0, 0.0, 1.0, 2.0),
        (0.000_56, 1, 1.0, 2.0, 0.0),
        (-0.000_42, 0, 0.0, 3.0, 0.0),
        (0.000_42, 1, 1.0, 0.0, 2.0),
        (0.000_38, 1, 1.0, 0.0, -2.0),
        (-0.000_24, 1, -1.0, 2.0, 0.0),
        (-0.000_07, 0, 2.0, 1.0, 0.0),
        (0.000_04, 0, 0.0, 2.0, -2.0),
        (0.000_04, 0, 3.0, 0.0, 0.0),
        (0.000_03, 0, 1.0, 1.0, -2.0),
        (0.000_03, 0, 0.0, 2.0, 2.0),
        (-0.000_03, 0, 1.0, 1.0, 2.0),
        (0.000_03, 0, -1.0, 1.0, 2.0),
        (-0.000_02, 0, -1.0, 1.0, -2.0),
        (-0.000_02, 0, 1.0, 3.0, 0.0),
        (0.000_02, 0, 0.0, 4.0, 0.0),
    ];
    let periodic: f64 = terms
        .iter()
        .map(|(a, power, s, m, f)| a * e.powi(*power) * sine(s * sun + m * moon + f * node))
        .sum();
    let planets = 0.000_325 * sine(299.77 + 0.107_408 * k)
        + 0.000_165 * sine(251.88 + 0.016_321 * k)
        + 0.000_164 * sine(251.83 + 26.651_886 * k)
        + 0.000_126 * sine(349.42 + 36.412_478 * k)
        + 0.000_110 * sine(84.66 + 18.206_239 * k);
    2_451_550.097_66 + MONTH * k + 0.000_154_37 * t * t + periodic - 0.000_17 * sine(omega)
        + planets
}

/// Apparent longitude of the sun in degrees at the midnight a civil day begins with.
fn sun_at(day: Day) -> f64 {
    let jd = EPOCH + day.0 as f64 - 8.0 / 24.0 + DELTA_T;
    let t = (jd - 2_451_545.0) / 36_525.0;
    let mean = 280.466_46 + 36_000.769_83 * t + 0.000_303_2 * t * t;
    let m = 357.529_11 + 35_999.050_29 * t - 0.000_153_7 * t * t;
    let center = (1.914_602 - 0.004_817 * t) * sine(m)
        + (0.019_993 - 0.000_101 * t) * sine(2.0 * m)
        + 0.000_289 * sine(3.0 * m);
    let omega = 125.04 - 1_934.136 * t;
    (mean + center - 0.005_69 - 0.004_78 * sine(omega)).rem_euclid(360.0)
}

/// The day of a year on which the sun reaches a longitude, searched from the first of January.
fn sun_reaches(year: i64, longitude: f64) -> Option<Day> {
    let first = Day::of(year, 1, 1)?;
    // Days left until the longitude, at the sun's mean pace, as a start; the crossing is within three days of it.
    let left = (longitude - sun_at(first)).rem_euclid(360.0) / 360.0 * 365.2422;
    let guess = first.0 + floor_i64(left);
    (guess - 4..=guess + 4).map(Day).find(|d| {
        let ahead = |day: Day| (longitude - sun_at(day)).rem_euclid(360.0);
        // Reached within the day: ahead or exact at its beginning, behind at its end.
        ahead(*d) < 90.0 && ahead(Day(d.0 + 1)) > 270.0
    })
}

/// Months from the one that holds the winter solstice of the year before to the one before the next such month.
#[must_use]
pub fn months(year: i64) -> Vec<LunarMonth> {
    let (Some(before), Some(after)) = (sun_reaches(year - 1, 270.0), sun_reaches(year, 270.0))
    else {
        return Vec::new();
    };
    let start = floor_i64((year - 1 - 2_000) as f64 * 12.368_3) + 9;
    let firsts: Vec<Day> = (start..start + 20)
        .map(|k| civil(new_moon(k as f64)))
        .collect();
    let holds = |solstice: Day| firsts.iter().rposition(|d| *d <= solstice);
    let (Some(from), Some(until)) = (holds(before), holds(after)) else {
        return Vec::new();
    };
    let thirteen = until - from == 13;
    let mut leap_used = false;
    let mut number = 10_u8;
    let mut out = Vec::new();
    for at in from..until {
        let term = |day: Day| floor_i64(sun_at(day) / 30.0);
        let without = term(firsts[at]) == term(firsts[at + 1]);
        let leap = thirteen && !leap_used && at > from && without;
        leap_used |= leap;
        if !leap {
            number = number % 12 + 1;
        }
        out.push(LunarMonth {
            number,
            leap,
            first: firsts[at],
        });
    }
    out
}

/// The civil day of a day of a lunar month (not a leap one) of the lunar year that begins in `year`.
#[must_use]
pub fn festival(year: i64, month: u8, day: i64) -> Option<Day> {
    let found = months(year)
        .into_iter()
        .find(|m| m.number == month && !m.leap)?;
    Some(Day(found.first.0 + day - 1))
}

/// Lunar new year's day of a year.
#[must_use]
pub fn new_year(year: i64) -> Option<Day> {
    festival(year, 1, 1)
}

/// Whether a day is off by statute: 1 January, 1 to 3 May, 1 to 3 October, lunar new year's eve to day 3, Qingming,
/// Dragon Boat, Mid-Autumn. Bridging and make-up days are not known before the State Council publishes them.
///
/// Costs a few tens of microseconds; make a table for many days.
#[must_use]
pub fn statutory(year: i64) -> Vec<Day> {
    let fixed = [(1, 1), (5, 1), (5, 2), (5, 3), (10, 1), (10, 2), (10, 3)];
    let mut days: Vec<Day> = fixed
        .iter()
        .filter_map(|(m, d)| Day::of(year, *m, *d))
        .collect();
    if let Some(spring) = new_year(year) {
        days.extend((-1..3).map(|d| Day(spring.0 + d)));
    }
    days.extend(sun_reaches(year, 15.0));
    days.extend(festival(year, 5, 5));
    days.extend(festival(year, 8, 15));
    days.sort_unstable();
    days.dedup();
    days
}

#[cfg(test)]
mod tests {
    use super::{festival, months, new_year, statutory};
    use crate::calendar::Day;

    #[test]
    fn lunar_new_years_are_those_of_the_almanac() {
        for (year, day) in [
            (2000, "2000-02-05"),
            (2015, "2015-02-19"),
            (2023, "2023-01-22"),
            (2027, "2027-02-06"),
            (2028, "2028-01-26"),
            (2033, "2033-01-31"),
            (2034, "2034-02-19"),
        ] {
            assert_eq!(new_year(year).unwrap().iso(), day);
        }
    }

    #[test]
    fn festivals_fall_where_the_state_council_put_them() {
        for (year, boat, moon, tombs) in [
            (2020, "2020-06-25", "2020-10-01", "2020-04-04"),
            (2023, "2023-06-22", "2023-09-29", "2023-04-05"),
            (2024, "2024-06-10", "2024-09-17", "2024-04-04"),
            (2025, "2025-05-31", "2025-10-06", "2025-04-04"),
        ] {
            assert_eq!(festival(year, 5, 5).unwrap().iso(), boat);
            assert_eq!(festival(year, 8, 15).unwrap().iso(), moon);
            assert!(statutory(year).contains(&Day::parse(tombs).unwrap()));
        }
    }

    #[test]
    fn leap_months_repeat_the_right_number() {
        for (year, number) in [(2020, 4), (2023, 2), (2025, 6), (2028, 5), (2031, 3)] {
            let leap = months(year).into_iter().find(|m| m.leap).unwrap();
            assert_eq!(leap.number, number, "{year}");
        }
        assert!(months(2024).iter().all(|m| !m.leap));
    }
}
