//! What does a school gate lack against GA/T 1215 and GB 5768.8?
//!
//! What is registered here (works that stand, facts of the place) is compared with what the standards ask for. A register
//! that does not know says so: such an item is to be looked at on site, and is offered with what is missing.

use serde::Serialize;

use crate::case::Catalogue;
use crate::plan::site_need::SiteNeed;

/// How an item stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It is registered.
    Stands,
    /// A fact says that it is not there.
    Missing,
    /// Nothing is registered: to be looked at on site.
    Unrecorded,
    /// The place does not ask for it.
    NotNeeded,
}

/// One thing the standards ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Item {
    /// What, in Chinese.
    pub zh: &'static str,
    /// What, in English.
    pub en: &'static str,
    /// Which standard.
    pub standard: &'static str,
    /// Measure of the catalogue that brings it, if there is one.
    pub measure: Option<&'static str>,
    /// Whether it is asked for (else advised).
    pub mandatory: bool,
    /// How it stands.
    pub standing: Standing,
}

/// Chinese, English, standard, measure, mandatory.
type Asked = (
    &'static str,
    &'static str,
    &'static str,
    Option<&'static str>,
    bool,
);

const ASKED: [Asked; 9] = [
    (
        "每个入口限速 30 标志、“学校区域”辅助标志及解除标志",
        "30 km/h sign with plate at every entrance and its end sign",
        "GB 5768.8-2018; GA/T 1215-2014",
        Some("sign_speed_30"),
        true,
    ),
    (
        "注意儿童警告标志",
        "children warning sign",
        "GB 5768.8-2018; GA/T 1215-2014",
        Some("sign_warning_children"),
        true,
    ),
    (
        "校门口黄色网状线",
        "yellow grid at the gate",
        "GA/T 1215-2014",
        Some("marking_yellow_grid"),
        true,
    ),
    (
        "校门 50 米内宽 6 米以上人行横道，含预告标识与停止线（有天桥、地道除外）",
        "crosswalk of 6 m within 50 m of the gate with advance marks and stop lines, unless there is a bridge or tunnel",
        "GA/T 1215-2014",
        Some("marking_crosswalk"),
        true,
    ),
    (
        "单向两车道以上道路的过街信号灯",
        "signal at the crossing of a road with two lanes or more each way",
        "GA/T 1215-2014",
        Some("signal_ped"),
        true,
    ),
    (
        "人工照明",
        "artificial lighting",
        "GA/T 1215-2014; CJJ 45-2015",
        Some("lighting"),
        true,
    ),
    (
        "视频监控覆盖校园周边",
        "video over the surroundings",
        "GA/T 1215-2014",
        None,
        true,
    ),
    (
        "测速设备",
        "speed measuring",
        "GA/T 1215-2014",
        Some("camera_speed"),
        false,
    ),
    (
        "校门区隔离护栏",
        "guard rail at the gate",
        "GA/T 1215-2014",
        Some("barrier_fence"),
        false,
    ),
];

/// What the standards ask of a school gate, item by item; empty where no school gate is known.
#[must_use]
pub fn check(need: &SiteNeed) -> Vec<Item> {
    let fact = |name: &str| need.facts.get(name).copied();
    if fact("school_gate") != Some(1.0) {
        return Vec::new();
    }
    let standing = |measure: Option<&str>| {
        let there = measure.is_some_and(|m| need.installed.iter().any(|i| i == m));
        match measure {
            _ if there => Standing::Stands,
            Some("sign_speed_30") if need.installed.iter().any(|i| i == "zone_30") => {
                Standing::Stands
            }
            Some("marking_crosswalk") => by_fact(fact("crossing")),
            Some("signal_ped") => match (fact("signal"), fact("lanes")) {
                (Some(signal), _) if signal >= 1.0 => Standing::Stands,
                (_, Some(lanes)) if lanes < 4.0 => Standing::NotNeeded,
                (Some(_), Some(_)) => Standing::Missing,
                _ => Standing::Unrecorded,
            },
            _ => Standing::Unrecorded,
        }
    };
    ASKED
        .iter()
        .map(|(zh, en, standard, measure, mandatory)| Item {
            zh,
            en,
            standard,
            measure: *measure,
            mandatory: *mandatory,
            standing: standing(*measure),
        })
        .collect()
}

fn by_fact(known: Option<f64>) -> Standing {
    match known {
        Some(value) if value >= 1.0 => Standing::Stands,
        Some(_) => Standing::Missing,
        None => Standing::Unrecorded,
    }
}

/// Measures of the catalogue that would bring a school gate to standard: what is asked for and not registered, where the
/// place is known to ask for it.
pub(crate) fn lacking(need: &SiteNeed, catalogue: &Catalogue) -> Vec<&'static str> {
    let open = |item: &Item| match item.standing {
        Standing::Missing => true,
        // Whether a signal is asked for hangs on the lanes: unknown lanes ask for a look, not for a signal.
        Standing::Unrecorded => item.measure != Some("signal_ped"),
        _ => false,
    };
    let items = check(need).into_iter().filter(|i| i.mandatory && open(i));
    let known = |m: &&'static str| catalogue.measures.get(m).is_some();
    items.filter_map(|i| i.measure).filter(known).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(facts: &[(&str, f64)], installed: &[&str]) -> SiteNeed {
        SiteNeed {
            site: "g".to_owned(),
            installed: installed.iter().map(|m| (*m).to_owned()).collect(),
            facts: facts.iter().map(|(k, v)| ((*k).to_owned(), *v)).collect(),
            ..SiteNeed::default()
        }
    }

    #[test]
    fn nothing_is_asked_where_no_school_gate_is_known() {
        assert!(check(&gate(&[("lanes", 6.0)], &[])).is_empty());
    }

    #[test]
    fn what_stands_is_not_lacking_and_a_signal_is_asked_for_only_on_wide_roads() {
        let catalogue = Catalogue::shipped().expect("sound");
        let bare = gate(
            &[("school_gate", 1.0), ("lanes", 2.0)],
            &["marking_yellow_grid"],
        );
        let lacking_there = lacking(&bare, &catalogue);
        assert!(!lacking_there.contains(&"marking_yellow_grid"));
        assert!(!lacking_there.contains(&"signal_ped"));
        assert!(lacking_there.contains(&"sign_speed_30"));
        let wide = gate(
            &[("school_gate", 1.0), ("lanes", 4.0), ("signal", 0.0)],
            &[],
        );
        assert!(lacking(&wide, &catalogue).contains(&"signal_ped"));
    }
}
