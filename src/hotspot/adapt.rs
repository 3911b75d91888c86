//! Which tables does each method read when it runs on the city's own tickets?
//!
//! Most methods read tickets; the others get what their question is about: counts of cells over the study area, sites, weeks of
//! the city, half hours of the day, the road network. What was taken is said in one sentence.

use h3o::{CellIndex, LatLng, Resolution};

use crate::hotspot::lens::{Cells, Ground};
use crate::hotspot::method::MethodError;
use crate::hotspot::road_density::Roads;
use crate::hotspot::sample::Sample;
use crate::hotspot::sample::day_of;
use crate::hotspot::table::{Input, Table};
use crate::hotspot::{Method, gi_star};
use crate::index::Index;
use crate::param::Settings;
use crate::spatial::weights::Neighbours;
use crate::stats::bayes;
use crate::stats::number::floor_index;

/// The city as methods see it.
#[derive(Clone, Copy)]
pub struct World<'a> {
    /// All tickets.
    pub index: &'a Index,
    /// The chosen ones.
    pub sample: &'a Sample,
    /// Study area.
    pub ground: Ground<'a>,
    /// Roads, if there are any.
    pub roads: Option<&'a Roads>,
    /// Tickets of each site among the chosen, by number of the site.
    pub sites: &'a [(i64, f64)],
}

/// What a method runs on, in Chinese, for the page; the same for every city.
#[must_use]
pub fn runs_on(name: &str) -> &'static str {
    match name {
        "gi_star" | "local_moran" => "研究区内各网格的计数",
        "rates" => "各点位的工单数（暴露量均为1：与普通点位相比）",
        "fdr" => "各点位超额的单侧p值",
        "mann_kendall" => "全部所选工单的每周件数",
        "peak_hours" => "所选工单与全市工单的半小时分布",
        "compare" => "前四分之三时段给各网格打分，后四分之一检验",
        "period_change" => "所选时段的前半与后半，按网格",
        "scan" => "有工单的网格与每件工单的日期",
        "network_kde" => "落在道路40米内的工单与路网",
        "road_screening" => "工单最多的一段道路",
        "caller_weighting" => "所选工单视为同一点位：请先按点位筛选",
        _ => "所选工单",
    }
}

fn column(values: impl IntoIterator<Item = f64>) -> Vec<String> {
    values.into_iter().map(|v| v.to_string()).collect()
}

fn table(name: &str, columns: &[(&str, Vec<String>)]) -> Input {
    Input::of(Table::from_columns(name, columns))
}

/// Tables, and settings that the data themselves give.
pub type Told = (Input, Vec<(&'static str, String)>);

/// The tables of a run, and settings that the data themselves give.
pub fn input(method: &Method, settings: &Settings, world: &World<'_>) -> Result<Told, MethodError> {
    let none = Vec::new();
    Ok(match method.name {
        "gi_star" | "local_moran" => (cells(settings, world), none),
        "rates" => (sites(world), none),
        "fdr" => (excess(world)?, none),
        "mann_kendall" => (weeks(world), none),
        "peak_hours" => (half_hours(world), none),
        "compare" => (foresight(world), none),
        "period_change" => (halves(world), none),
        "scan" => (places(world), none),
        "network_kde" => (network(world)?, none),
        "road_screening" => busiest(world)?,
        _ => (world.sample.table(), none),
    })
}

fn resolution(settings: &Settings) -> Resolution {
    let level = u8::try_from(settings.integer("res"))
        .unwrap_or(9)
        .clamp(5, 11);
    Resolution::try_from(level).unwrap_or(Resolution::Nine)
}

fn cells(settings: &Settings, world: &World<'_>) -> Input {
    let res = resolution(settings);
    let counts = Cells::count(
        world.index,
        world.sample,
        res,
        settings.choice("value"),
        world.ground,
    );
    let names = counts.cells.iter().map(ToString::to_string).collect();
    table("cells", &[("cell", names), ("count", column(counts.value))])
}

fn sites(world: &World<'_>) -> Input {
    let ids = world.sites.iter().map(|s| s.0.to_string()).collect();
    let cases = column(world.sites.iter().map(|s| s.1));
    let one = column(world.sites.iter().map(|_| 1.0));
    table("input", &[("id", ids), ("cases", cases), ("exposure", one)])
}

fn excess(world: &World<'_>) -> Result<Input, MethodError> {
    let counts: Vec<f64> = world.sites.iter().map(|s| s.1).collect();
    let found = bayes::excess(&counts, &vec![1.0; counts.len()]);
    let found = found.map_err(|e| MethodError::Invalid {
        what: e.to_string(),
        cure: "choose other tickets",
    })?;
    let p = found.rows.iter().flatten().map(|r| r.p.clamp(0.0, 1.0));
    Ok(table("input", &[("p", column(p))]))
}

fn weeks(world: &World<'_>) -> Input {
    let Some((first, last)) = world.sample.span() else {
        return table("input", &[("x", Vec::new())]);
    };
    let end = last.floor() + 1.0;
    let count = floor_index((end - first.floor()) / 7.0).max(1);
    let origin = end - count as f64 * 7.0;
    let mut x = vec![0.0; count];
    for day in &world.sample.day {
        let step = (day - origin) / 7.0;
        if step >= 0.0
            && let Some(slot) = x.get_mut(floor_index(step))
        {
            *slot += 1.0;
        }
    }
    table("input", &[("x", column(x))])
}

fn half_hours(world: &World<'_>) -> Input {
    let mut count = vec![0.0; 48];
    for day in &world.sample.day {
        count[floor_index(day.fract() * 48.0).min(47)] += 1.0;
    }
    let mut city = vec![0.0; 48];
    for row in world.index.everything().rows() {
        let day = day_of(world.index.received(row));
        city[floor_index(day.fract() * 48.0).min(47)] += 1.0;
    }
    table(
        "input",
        &[("count", column(count)), ("city_count", column(city))],
    )
}

fn part(sample: &Sample, from: f64, to: f64) -> Sample {
    let mut out = Sample::default();
    for i in 0..sample.len() {
        if (from..to).contains(&sample.day[i]) {
            out.row.push(sample.row[i]);
            out.ticket.push(sample.ticket[i]);
            out.place.push(sample.place[i]);
            out.day.push(sample.day[i]);
            out.caller.push(sample.caller[i]);
            out.severity.push(sample.severity[i]);
            out.site.push(sample.site[i]);
        }
    }
    out
}

/// Counts of two parts of the time over the cells of the whole.
fn two(world: &World<'_>, share: f64, value: &str) -> (Cells, Vec<f64>) {
    let (first, last) = world.sample.span().unwrap_or_default();
    let cut = first + (last - first) * share;
    let count = |s: &Sample, value: &str| {
        Cells::count(world.index, s, Resolution::Nine, value, world.ground)
    };
    let whole = count(world.sample, "tickets");
    let spread = |some: &Cells| -> Vec<f64> {
        let at = |c| some.cells.binary_search(c).map_or(0.0, |i| some.value[i]);
        whole.cells.iter().map(at).collect()
    };
    let before = count(&part(world.sample, first, cut), value);
    let after = count(&part(world.sample, cut, last + 1.0), value);
    let (before, after) = (spread(&before), spread(&after));
    let cells = Cells {
        value: before,
        ..whole
    };
    (cells, after)
}

fn foresight(world: &World<'_>) -> Input {
    let (tickets, next) = two(world, 0.75, "tickets");
    let (weeks, _) = two(world, 0.75, "caller_weeks");
    let near = Neighbours::of_cells(&tickets.cells, 1);
    let z = gi_star::star(&weeks.value, &near)
        .into_iter()
        .map(|z| z.unwrap_or(0.0));
    table(
        "cells",
        &[
            ("next", column(next)),
            ("score_tickets", column(tickets.value.iter().copied())),
            ("score_caller_weeks", column(weeks.value.iter().copied())),
            ("score_gi_star", column(z)),
        ],
    )
}

fn halves(world: &World<'_>) -> Input {
    let (before, after) = two(world, 0.5, "caller_weeks");
    let names = before.cells.iter().map(ToString::to_string).collect();
    table(
        "cells",
        &[
            ("cell", names),
            ("before", column(before.value)),
            ("after", column(after)),
        ],
    )
}

fn places(world: &World<'_>) -> Input {
    let cells: Vec<_> = world.sample.cells(world.index, Resolution::Nine).collect();
    let mut all: Vec<_> = cells.iter().flatten().copied().collect();
    all.sort_unstable();
    all.dedup();
    let centre = |c: &CellIndex| LatLng::from(*c);
    let mut input = table(
        "locations",
        &[
            ("id", all.iter().map(ToString::to_string).collect()),
            ("lon", column(all.iter().map(|c| centre(c).lng()))),
            ("lat", column(all.iter().map(|c| centre(c).lat()))),
            ("population", column(all.iter().map(|_| 1.0))),
        ],
    );
    let held = cells.iter().zip(&world.sample.day);
    let held: Vec<_> = held
        .filter_map(|(c, day)| Some((c.as_ref()?, *day)))
        .collect();
    let cases = Table::from_columns(
        "cases",
        &[
            ("id", held.iter().map(|c| c.0.to_string()).collect()),
            ("t_day", column(held.iter().map(|c| c.1))),
        ],
    );
    input.tables.insert("cases".to_owned(), cases);
    input
}

fn no_roads() -> MethodError {
    MethodError::Invalid {
        what: "the map has no roads".to_owned(),
        cure: "import the road network first",
    }
}

fn network(world: &World<'_>) -> Result<Input, MethodError> {
    let roads = world.roads.ok_or_else(no_roads)?;
    Ok(roads.tables(&world.sample.place))
}

/// The one edge with the most tickets, and its length.
fn busiest(world: &World<'_>) -> Result<Told, MethodError> {
    let roads = world.roads.ok_or_else(no_roads)?;
    let (length, positions) = roads.busiest(&world.sample.place).ok_or_else(no_roads)?;
    let events = table("events", &[("position_m", column(positions))]);
    Ok((events, vec![("length_m", format!("{length:.1}"))]))
}
