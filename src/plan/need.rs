//! How many people does a gate need in a window, which roles may stand there, and what is each worth?

use serde::{Deserialize, Serialize};

/// What is known of a gate in one peak.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GateFacts {
    /// Tickets in the window, 12 months.
    pub tickets: i64,
    /// Σ tier weight × harm of them.
    pub weighted: f64,
    /// A crash with a pupil in three years.
    pub pupil_crash: bool,
    /// Pupils who use the gate.
    pub students: i64,
    /// Arterial road, or four lanes and more.
    pub wide_road: bool,
    /// No signal and no bridge at the crossing. Unknown counts as there is one.
    pub no_safe_crossing: bool,
}

/// One reason for points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Tickets at or above the 75th percentile of gates.
    ManyTickets,
    /// A crash with a pupil.
    PupilCrash,
    /// 1,500 students and more.
    ManyStudents,
    /// Arterial road or four lanes.
    WideRoad,
    /// No signal, no bridge.
    NoSafeCrossing,
}

/// A person's word over the rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    /// Units that are wanted, 0 to 6.
    pub units: u8,
    /// How many of them must be officers (a two-officer gate has 2), 0 for what the class says.
    #[serde(default)]
    pub officers: u8,
    /// Why.
    pub reason: String,
    /// Until when (`2024-12-31`), empty for until it is changed.
    #[serde(default)]
    pub until: String,
}

/// The need of a gate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Need {
    /// Points with their reasons.
    pub reasons: Vec<Reason>,
    /// 0 volunteers only, 1 one unit, 2 two units, 3 three units.
    pub class: u8,
    /// Units in order, first the most important.
    pub units: Vec<Unit>,
    /// Whether a person set the number.
    pub overridden: bool,
}

/// One person's place at a gate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unit {
    /// From 1.
    pub number: u8,
    /// Roles that may fill it.
    pub accepts: Vec<&'static str>,
    /// Worth, whole points of at least 1, falling within a gate.
    pub weight: i64,
}

/// Students at or above which a gate has a point for it.
pub const MANY_STUDENTS: i64 = 1500;

/// Shares of the first unit's worth that a second, a third and further units have. Assumed until measured.
pub const MARGINAL: [f64; 4] = [1.0, 0.4, 0.15, 0.05];

/// The value at or above which a quarter of the gates lie (linear between neighbours); `None` without gates.
#[must_use]
pub fn upper_quartile(tickets: &[i64]) -> Option<f64> {
    let mut sorted = tickets.to_vec();
    sorted.sort_unstable();
    let last = sorted.len().checked_sub(1)?;
    let at = last as f64 * 0.75;
    let low = last * 3 / 4;
    let high = (low + 1).min(last);
    Some(sorted[low] as f64 + (at - low as f64) * (sorted[high] - sorted[low]) as f64)
}

/// The need of a gate. `quartile` is [`upper_quartile`] over all gates in this peak; `multiplier` is the share of tickets that
/// remains with a post (measure `post_school`). A gate without tickets has no point for tickets, even if none has any.
#[must_use]
pub fn need(facts: &GateFacts, quartile: f64, multiplier: f64, set: Option<&Override>) -> Need {
    let rules = [
        (
            facts.tickets > 0 && facts.tickets as f64 >= quartile,
            Reason::ManyTickets,
        ),
        (facts.pupil_crash, Reason::PupilCrash),
        (facts.students >= MANY_STUDENTS, Reason::ManyStudents),
        (facts.wide_road, Reason::WideRoad),
        (facts.no_safe_crossing, Reason::NoSafeCrossing),
    ];
    let reasons: Vec<Reason> = rules.into_iter().filter(|r| r.0).map(|r| r.1).collect();
    let class: u8 = match reasons.len() {
        0 => 0,
        1 | 2 => 1,
        3 => 2,
        _ => 3,
    };
    let wanted = set.map_or(class.max(1), |o| o.units.min(6));
    let officers = set.map_or(0, |o| o.officers.min(wanted));
    let prevented = 1000.0 * facts.weighted * (1.0 - multiplier);
    let first = if prevented.is_finite() {
        prevented.max(1.0)
    } else {
        1.0
    };
    let units = (1..=wanted)
        .map(|number| {
            let share = MARGINAL[usize::from(number - 1).min(MARGINAL.len() - 1)];
            #[expect(
                clippy::cast_possible_truncation,
                reason = "finite, at least 0; the cast saturates"
            )]
            let weight = ((first * share).round() as i64).clamp(1, 1_000_000);
            Unit {
                number,
                accepts: if number <= officers {
                    vec!["police"]
                } else {
                    roles(class, number)
                },
                weight,
            }
        })
        .collect();
    Need {
        reasons,
        class,
        units,
        overridden: set.is_some(),
    }
}

/// Roles that may fill a unit: volunteers support, they never lead a gate of class 2 and above; police lead those.
#[must_use]
pub fn roles(class: u8, number: u8) -> Vec<&'static str> {
    match (class, number) {
        (0, _) => vec!["volunteer", "school_staff", "parent"],
        (1, 1) | (_, 2) => vec!["police", "auxiliary"],
        (_, 1) => vec!["police"],
        _ => vec!["police", "auxiliary", "volunteer", "school_staff", "parent"],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_make_the_class_and_the_class_makes_the_units() {
        let mut facts = GateFacts {
            tickets: 9,
            weighted: 10.0,
            ..GateFacts::default()
        };
        let class = |f: &GateFacts| need(f, 9.0, 0.7, None);
        assert_eq!((class(&facts).class, class(&facts).units.len()), (1, 1));
        facts.students = 1500;
        assert_eq!(class(&facts).class, 1);
        facts.wide_road = true;
        let two = class(&facts);
        assert_eq!((two.class, two.units.len()), (2, 2));
        assert_eq!(two.units[0].accepts, ["police"]);
        assert_eq!(
            two.units.iter().map(|u| u.weight).collect::<Vec<_>>(),
            [3000, 1200]
        );
        facts.no_safe_crossing = true;
        assert_eq!(class(&facts).units.len(), 3);
    }

    #[test]
    fn a_city_without_tickets_gives_no_gate_a_point_and_volunteers_stand_there() {
        assert_eq!(upper_quartile(&[]), None);
        let none = need(&GateFacts::default(), 0.0, 0.7, None);
        assert_eq!(
            (none.class, none.units.len(), none.units[0].weight),
            (0, 1, 1)
        );
        assert!(!none.units[0].accepts.contains(&"police"));
    }

    #[test]
    fn an_override_sets_the_number_and_the_worth_never_grows() {
        let set = Override {
            units: 5,
            officers: 2,
            reason: "施工".to_owned(),
            until: String::new(),
        };
        let got = need(
            &GateFacts {
                weighted: 3.0,
                ..GateFacts::default()
            },
            0.0,
            0.5,
            Some(&set),
        );
        assert!(got.overridden && got.units.len() == 5);
        let only_police = got.units.iter().filter(|u| u.accepts == ["police"]).count();
        assert_eq!(only_police, 2, "a two-officer gate");
        assert!(got.units.windows(2).all(|u| u[0].weight >= u[1].weight));
        let none = Override { units: 0, ..set };
        assert!(
            need(&GateFacts::default(), 0.0, 0.5, Some(&none))
                .units
                .is_empty()
        );
    }

    #[test]
    fn the_upper_quartile_lies_between_neighbours() {
        assert_eq!(upper_quartile(&[1, 2, 3, 4, 5]), Some(4.0));
        assert_eq!(upper_quartile(&[0, 10]), Some(7.5));
        assert_eq!(upper_quartile(&[3]), Some(3.0));
    }
}
