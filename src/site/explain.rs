//! Why is this a site, in one Chinese and one English line built from its numbers?

use std::fmt::Write;

use crate::calendar::UtcMs;
use crate::index::date::date_of;
use crate::site::model::Site;

/// One Chinese and one English line; every figure is the site's own.
#[must_use]
pub fn explain(site: &Site) -> [String; 2] {
    let (n, people) = (site.members.len(), site.petitioners);
    let (first, last) = (day(site.first), day(site.last));
    let mut zh = format!(
        "{first}至{last}共{n}件，{people}人反映，折算{:.1}件；",
        site.n_eff
    );
    let mut en = format!(
        "{n} tickets by {people} people from {first} to {last}, {:.1} after collapsing repeats; ",
        site.n_eff
    );
    if site.rank > 0 {
        let times = site.rate / site.expected.max(f64::MIN_POSITIVE);
        let (rate, low, high, rank) = (site.rate, site.rate_low, site.rate_high, site.rank);
        let _ = write!(zh, "年均折算{rate:.1}件（95%区间{low:.1}—{high:.1}），");
        let _ = write!(zh, "为本市点位平均的{times:.1}倍，排第{rank}位。");
        let _ = write!(
            en,
            "{rate:.1} a year after collapsing repeats (95 % interval {low:.1} to {high:.1}), "
        );
        let _ = write!(en, "{times:.1} times the city's average site, rank {rank}.");
    } else if site.single_voice || site.dominated {
        zh += "多由一人反映，照常办理，不参与排名。";
        en += "mostly one voice: handled, not ranked.";
    } else {
        zh += "当前未参与排名。";
        en += "not ranked at present.";
    }
    [zh, en]
}

fn day(at: UtcMs) -> String {
    date_of(at.civil_day()).to_string()
}
