//! Why does a site rank where it does, in two Chinese and two English lines built from its numbers?

use std::fmt::Write;

use crate::calendar::UtcMs;
use crate::index::date::date_of;
use crate::site::model::Site;

/// Two lines each in Chinese and English, parted by a line break: what was said and how often; what it weighs, whether it grows
/// (`rising`, `None` = no trend beyond chance) and which rank that makes. Every figure is the site's own.
#[must_use]
pub fn explain(site: &Site, rising: Option<bool>) -> [String; 2] {
    let (n, people) = (site.members.len(), site.petitioners);
    let (first, last) = (day(site.first), day(site.last));
    let mut zh = format!(
        "{first}至{last}共{n}件，{people}人反映，折算{:.1}件",
        site.n_eff
    );
    let mut en = format!(
        "{n} tickets by {people} people from {first} to {last}, {:.1} after collapsing repeats",
        site.n_eff
    );
    if site.rank > 0 {
        let times = site.rate / site.expected.max(f64::MIN_POSITIVE);
        let (rate, low, high) = (site.rate, site.rate_low, site.rate_high);
        let _ = write!(
            zh,
            "；年均折算{rate:.1}件（95%区间{low:.1}—{high:.1}），为本市点位平均的{times:.1}倍。"
        );
        let _ = write!(
            en,
            "; {rate:.1} a year (95 % interval {low:.1} to {high:.1}), {times:.1} times the city's average site."
        );
        weighed(site, &mut zh, &mut en);
    } else if site.single_voice {
        zh += "；均来自同一人，照常办理，不参与排名。";
        en += "; all by one person: handled, not ranked.";
    } else if site.dominated {
        zh += "；过半来自同一人，照常办理，不参与排名。";
        en += "; more than half by one person: handled, not ranked.";
    } else {
        zh += "；当前未参与排名。";
        en += "; not ranked at present.";
    }
    match rising {
        Some(true) => {
            zh += "近两年呈上升趋势。";
            en += " Rising over two years.";
        }
        Some(false) => {
            zh += "近两年呈下降趋势。";
            en += " Falling over two years.";
        }
        None => {}
    }
    [zh, en]
}

/// The line of the rank.
fn weighed(site: &Site, zh: &mut String, en: &mut String) {
    let (b, rank) = (site.burden, site.rank);
    // Sites kept by an earlier version have no burden until the next survey.
    if b.expected > 0.0 {
        let _ = write!(
            zh,
            "\n按严重度（每件1分，重办、不满意各加1分）年均{:.1}分（95%区间{:.1}—{:.1}），普通点位{:.1}分，排第{rank}位；近一年重办{}件。",
            b.rate, b.low, b.high, b.expected, b.redone
        );
        let _ = write!(
            en,
            "\nBy severity (a point a ticket, one more if redone, one more if unsatisfied) {:.1} points a year (95 % interval {:.1} to {:.1}), an ordinary site {:.1}: rank {rank}; {} redone in the last year.",
            b.rate, b.low, b.high, b.expected, b.redone
        );
    } else {
        let _ = write!(zh, "\n排第{rank}位。");
        let _ = write!(en, "\nRank {rank}.");
    }
}

fn day(at: UtcMs) -> String {
    date_of(at.civil_day()).to_string()
}
