//! Which loop does a motor unit drive past the worst sites on the city's own roads, one-way streets respected?

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::app::App;
use crate::app::access::Who;
use crate::app::error::{Error, Result};
use crate::app::school::need_power;
use crate::app::snapshot::Snapshot;
use crate::calendar::{Day, UtcMs};
use crate::place::road_network::of_map;
use crate::plan::chain::ride_minutes;
use crate::plan::patrol::{Beat, Rhythm, Turn, visits};
use crate::plan::routes::{self, Options, Plan, Spot, Spots, Stop};
use crate::plan::{SiteNeed, prevented_by};
use crate::site::profile::hours;
use crate::spatial::LonLat;
use crate::spatial::network::{Network, Travel};
use crate::store::plan;
use crate::ticket::permit::Power;

/// Speed of a patrol car in town, km/h, lights included.
const SPEED_KMH: f64 = 25.0;

/// Farthest from the network, in metres, that a site or a base counts as reached by car.
const NEAR_M: f64 = 300.0;

/// The measure of the catalogue whose multiplier a patrol has.
const MEASURE: &str = "patrol_loop";

/// What is wanted of a patrol.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PatrolWish {
    /// Units that drive.
    pub units: usize,
    /// Minutes until everybody is back.
    pub shift_min: i64,
    /// Worst sites that are offered, at most 100.
    pub sites: usize,
    /// Minutes of a stay, 10 to 16.
    #[serde(default = "twelve")]
    pub dwell_min: i64,
    /// Where units start and end; the worst site without one.
    #[serde(default)]
    pub base: Option<[f64; 2]>,
    /// Draws one of the plans within 1 % of the best.
    #[serde(default)]
    pub draw: Option<u64>,
    /// Day of the shift, `2025-03-03`; today without one.
    #[serde(default)]
    pub date: Option<String>,
    /// Begin in minutes of the day; the next quarter of an hour without one.
    #[serde(default)]
    pub start_min: Option<i64>,
}

const fn twelve() -> i64 {
    12
}

/// A spot as it was planned with.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PatrolSpot {
    /// Site key.
    pub site: String,
    /// Name of the site.
    pub name: String,
    /// Longitude, latitude.
    pub point: [f64; 2],
    /// Which stay at the site, 1 = the first.
    pub visit: i64,
    /// Earliest begin of the stay in minutes of the shift, by the site's own hours and weekdays.
    pub open: i64,
    /// Latest begin.
    pub close: i64,
    /// Millionths of a weighted ticket that the stay prevents in the two hours after its begin.
    pub prize: i64,
}

/// A patrol with the way it drives.
#[derive(Clone, Debug, Serialize)]
pub struct Patrol {
    /// The loops.
    pub plan: Plan,
    /// Spots by site key.
    pub spots: Vec<PatrolSpot>,
    /// Roads driven by each unit, WGS-84 degrees.
    pub ways: Vec<Vec<[f64; 2]>>,
    /// Sites that no road reaches, by name.
    pub off_network: Vec<String>,
    /// Sites where a patrol prevents nothing by the catalogue: kinds it does not address.
    pub in_vain: Vec<String>,
    /// Day of the shift.
    pub date: String,
    /// Begin in minutes of the day.
    pub start_min: i64,
}

impl App {
    /// Plans loops past the worst sites and keeps them; the key stands in `id`. A stay is worth the weighted tickets of the two
    /// hours after its begin (the site's shrunk rate by kind, shared out by its own hours and weekdays) times what a patrol
    /// prevents of them. Rides follow the drivable roads with their directions; sites that cannot be reached and left again by
    /// car are named and left out, as are those where a patrol prevents nothing.
    ///
    /// # Errors
    /// [`Error::Forbidden`] below the power to propose under sites, [`Error::Invalid`] for a figure out of bounds or a base beside the roads.
    pub async fn patrol(&self, who: &Who, wish: PatrolWish) -> Result<Value> {
        need_power(who, Power::Propose)?;
        if !(1..=20).contains(&wish.units)
            || !(10..=720).contains(&wish.shift_min)
            || !(1..=100).contains(&wish.sites)
        {
            return Err(Error::invalid(
                "units",
                "1–20 个单元，10–720 分钟，1–100 个点位 (1–20 units, 10–720 minutes, 1–100 sites)",
            ));
        }
        if !(10..=16).contains(&wish.dwell_min) {
            return Err(Error::invalid(
                "dwell_min",
                "停留 10–16 分钟 (a stay lasts 10 to 16 minutes)",
            ));
        }
        let (day, start) = self.begin(&wish)?;
        let snapshot = self.snapshot();
        let needs = self.site_needs(who, wish.sites, &mut |_| true).await?;
        let local = self.local_results().await?;
        let prevented = prevented_by(MEASURE, &needs, &self.catalogue(), local).map_err(|_no_such_measure| {
            Error::refused(
                "no_patrol",
                "措施目录里没有动态巡逻 patrol_loop，无从计算效果 (the catalogue has no measure patrol_loop)",
            )
        })?;
        let simulated = snapshot
            .city
            .as_ref()
            .is_some_and(|c| c.city.meta.simulated);
        let asked = json!({"units": wish.units, "shift_min": wish.shift_min, "sites": wish.sites, "dwell_min": wish.dwell_min, "draw": wish.draw});
        let task = tokio::task::spawn_blocking(move || {
            let turn = Turn {
                start: i64::from(day.weekday()) * 1440 + start,
                length: wish.shift_min,
                dwell: wish.dwell_min,
            };
            drive(&snapshot, &wish, (&needs, &prevented, turn), (day, start))
        });
        let made = task.await.map_err(|e| Error::Internal(e.to_string()))??;
        let mut body = json!(made);
        body["wish"] = asked;
        body["simulated"] = json!(simulated);
        let mut tx = self.store.write().await?;
        let id = plan::insert_patrol(&mut tx, &body.to_string(), &who.name, self.now().0).await?;
        let detail = json!({"status": made.plan.status, "loops": made.plan.loops.len()});
        self.audit(
            &mut tx,
            &who.name,
            ["patrol.make", &id.to_string()],
            &detail,
        )
        .await?;
        tx.commit().await?;
        body["id"] = json!(id.to_string());
        Ok(body)
    }

    /// Day and minute at which a shift begins.
    fn begin(&self, wish: &PatrolWish) -> Result<(Day, i64)> {
        let day = match &wish.date {
            None => self.today(),
            Some(text) => Day::parse(text).ok_or_else(|| {
                Error::invalid(
                    "date",
                    format!("{text}: 日期写作 2025-03-03 (write 2025-03-03)"),
                )
            })?,
        };
        let next = || (self.now().ms_of_day() / 60_000 / 15 + 1) * 15 % 1440;
        let start = wish.start_min.unwrap_or_else(next);
        if !(0..1440).contains(&start) {
            return Err(Error::invalid(
                "start_min",
                "当日 0–1439 分 (a minute of the day, 0 to 1439)",
            ));
        }
        Ok((day, start))
    }
}

fn drive(
    snapshot: &Snapshot,
    wish: &PatrolWish,
    (needs, prevented, turn): (&[SiteNeed], &[f64], Turn),
    (day, start_min): (Day, i64),
) -> Result<Patrol> {
    let city = snapshot.city.as_ref();
    let city =
        city.ok_or_else(|| Error::refused("no_city", "尚未导入城市地图 (no city imported yet)"))?;
    let network = of_map(&city.city.map).network;
    let strong = network.strong();
    // Only where a car can come from anywhere and go back: the largest strong part.
    let nearest = |p: LonLat| {
        let nodes = network
            .nodes()
            .iter()
            .enumerate()
            .filter(|(i, _)| strong[*i] == 0);
        nodes
            .map(|(i, n)| (n.point.distance_m(p), i))
            .min_by(|a, b| a.0.total_cmp(&b.0))
    };
    let base = wish.base.map(|b| base_at(b, nearest)).transpose()?;
    let near = |p: LonLat| nearest(p).filter(|f| f.0 <= NEAR_M).map(|f| f.1);
    let mut stands = stands(snapshot, (needs, prevented, turn), near);
    let nodes = &mut stands.nodes;
    let Some(base) = base.or_else(|| nodes.first().copied()) else {
        return Err(Error::refused(
            "no_road",
            "没有可到达的点位 (no site can be reached by car)",
        ));
    };
    nodes.insert(0, base);
    let problem = task(wish, &stands.spots, minutes(&network, nodes));
    let options = Options {
        draw: wish.draw,
        ..Options::default()
    };
    let plan =
        routes::plan(&problem, &options).map_err(|e| Error::invalid("spots", e.to_string()))?;
    let ways = ways(&network, &plan, nodes);
    Ok(Patrol {
        plan,
        spots: stands.spots,
        ways,
        off_network: stands.off_network,
        in_vain: stands.in_vain,
        date: day.iso(),
        start_min,
    })
}

/// The node of the network where units start and end, for a base that somebody named: none far off stands in for it.
fn base_at(
    [lon, lat]: [f64; 2],
    nearest: impl Fn(LonLat) -> Option<(f64, usize)>,
) -> Result<usize> {
    let point = LonLat::new(lon, lat);
    if !point.is_valid() {
        return Err(Error::invalid(
            "base",
            format!(
                "出发点 {lon}, {lat} 不是 WGS-84 经纬度 (the base is no longitude and latitude in degrees)"
            ),
        ));
    }
    match nearest(point) {
        Some((metres, node)) if metres <= NEAR_M => Ok(node),
        Some((metres, _)) => Err(Error::invalid(
            "base",
            format!(
                "出发点 {lon}, {lat} 距最近的行车道路 {metres:.0} 米，须在 {NEAR_M:.0} 米以内；请在城区道路旁选点 (the base lies {metres:.0} m from the nearest road that cars reach, at most {NEAR_M:.0} m: choose a point beside a road)"
            ),
        )),
        None => Err(Error::refused(
            "no_road",
            "城市地图没有行车道路 (the city's map has no road for cars)",
        )),
    }
}

/// The way of every loop along the roads; `nodes` begins with the base.
fn ways(network: &Network, plan: &Plan, nodes: &[usize]) -> Vec<Vec<[f64; 2]>> {
    let at = |id: i64| {
        let place = usize::try_from(id + 1).ok()?;
        nodes.get(place).copied()
    };
    let base = nodes.first().copied();
    let drive = |stops: &[Stop]| {
        let served = stops.iter().filter_map(|s| at(s.spot));
        let all: Vec<usize> = base.into_iter().chain(served).chain(base).collect();
        way(network, &all)
    };
    plan.loops.iter().map(|one| drive(&one.stops)).collect()
}

/// Sites that a car can reach, their nodes on the network, and the names of those it cannot.
struct Stands {
    spots: Vec<PatrolSpot>,
    nodes: Vec<usize>,
    off_network: Vec<String>,
    in_vain: Vec<String>,
}

/// When the tickets of a site come.
fn rhythm(snapshot: &Snapshot, site: &str) -> Rhythm {
    let found = site.parse().ok().and_then(|id: i64| snapshot.sites.get(id));
    let members = found.map_or(&[][..], |s| &s.members[..]);
    let rows = members.iter().filter_map(|t| snapshot.index.row_of(*t));
    let times: Vec<UtcMs> = rows.map(|r| snapshot.index.received(r)).collect();
    Rhythm::of(&hours(&times))
}

fn stands(
    snapshot: &Snapshot,
    (needs, prevented, turn): (&[SiteNeed], &[f64], Turn),
    near: impl Fn(LonLat) -> Option<usize>,
) -> Stands {
    let mut out = Stands {
        spots: Vec::new(),
        nodes: Vec::new(),
        off_network: Vec::new(),
        in_vain: Vec::new(),
    };
    let mut kept: Vec<(&SiteNeed, [f64; 2], usize)> = Vec::new();
    let mut beats = Vec::new();
    for (need, prevented) in needs.iter().zip(prevented) {
        let point = need.point.unwrap_or_default();
        let Some(node) = near(LonLat::new(point[0], point[1])) else {
            out.off_network.push(need.name.clone());
            continue;
        };
        if *prevented <= 0.0 {
            out.in_vain.push(need.name.clone());
            continue;
        }
        kept.push((need, point, node));
        beats.push(Beat {
            rhythm: rhythm(snapshot, &need.site),
            prevented: *prevented,
        });
    }
    for visit in visits(&beats, turn) {
        let (need, point, node) = kept[visit.beat];
        out.nodes.push(node);
        out.spots.push(PatrolSpot {
            site: need.site.clone(),
            name: need.name.clone(),
            point,
            visit: visit.number,
            open: visit.open,
            close: visit.close,
            prize: visit.worth,
        });
    }
    out
}

fn task(wish: &PatrolWish, spots: &[PatrolSpot], travel: Vec<Vec<i64>>) -> Spots {
    Spots {
        units: wish.units,
        shift: wish.shift_min,
        spots: spots
            .iter()
            .zip(0..)
            .map(|(s, id)| Spot {
                id,
                dwell: wish.dwell_min,
                prize: s.prize,
                open: s.open,
                close: s.close,
            })
            .collect(),
        travel,
    }
}

fn minutes(network: &Network, nodes: &[usize]) -> Vec<Vec<i64>> {
    nodes
        .iter()
        .map(|from| {
            let reach: BTreeMap<usize, f64> = network
                .reach(*from, 60_000.0, Travel::Directed)
                .into_iter()
                .collect();
            let ride = |to: &usize| {
                reach
                    .get(to)
                    .map_or(1_000_000, |m| ride_minutes(*m, 1.0, SPEED_KMH))
            };
            nodes.iter().map(ride).collect()
        })
        .collect()
}

/// The roads between stops, in the direction driven.
fn way(network: &Network, stops: &[usize]) -> Vec<[f64; 2]> {
    let mut out: Vec<[f64; 2]> = Vec::new();
    for pair in stops.windows(2) {
        let Some(path) = network.route(pair[0], pair[1], Travel::Directed) else {
            continue;
        };
        for (edge, drawn) in path.edges {
            let points = &network.edges()[edge].points;
            let mut run: Vec<[f64; 2]> = points.iter().map(|p| [p.lon, p.lat]).collect();
            if !drawn {
                run.reverse();
            }
            out.extend(run);
        }
    }
    out.dedup();
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spatial::network::{Link, Node};

    fn corner(x: f64, y: f64) -> LonLat {
        LonLat::new(116.0 + x * 0.01, 36.0 + y * 0.008)
    }

    /// A one-way square of some 900 m sides with two-way spurs at three corners, and its ring.
    fn square() -> (Network, [LonLat; 5]) {
        let ring = [
            corner(0.0, 0.0),
            corner(1.0, 0.0),
            corner(1.0, 1.0),
            corner(0.0, 1.0),
            corner(0.0, 0.0),
        ];
        let spurs: Vec<[LonLat; 2]> = vec![
            [corner(1.0, 0.0), corner(1.5, 0.0)],
            [corner(1.0, 1.0), corner(1.5, 1.0)],
            [corner(0.0, 1.0), corner(-0.5, 1.0)],
        ];
        let mut lines = vec![Link {
            points: &ring,
            oneway: 1,
        }];
        lines.extend(spurs.iter().map(|s| Link {
            points: s,
            oneway: 0,
        }));
        (Network::split(&lines), ring)
    }

    fn corners(network: &Network) -> [usize; 3] {
        [corner(1.0, 0.0), corner(1.0, 1.0), corner(0.0, 1.0)].map(|p| {
            let near = |n: &Node| n.point.distance_m(p) < 1.0;
            network.nodes().iter().position(near).unwrap()
        })
    }

    #[test]
    fn a_loop_goes_round_by_the_one_way_streets_and_never_against_them() {
        let (network, ring) = square();
        let stops = corners(&network);
        let table = minutes(&network, &stops);
        assert!(
            table[0][1] * 2 < table[1][0],
            "back is the long way round: {table:?}"
        );
        let line = way(&network, &[stops[1], stops[0]]);
        let legal = |pair: &[[f64; 2]]| {
            let at = |q: &[f64; 2]| {
                ring.iter()
                    .position(|p| (p.lon - q[0]).abs() < 1e-9 && (p.lat - q[1]).abs() < 1e-9)
            };
            let (Some(a), Some(b)) = (at(&pair[0]), at(&pair[1])) else {
                return true;
            };
            (a + 1) % 4 == b % 4
        };
        assert!(line.len() > 3 && line.windows(2).all(legal), "{line:?}");
    }

    #[test]
    fn a_plan_of_three_corners_follows_the_one_way_ring() {
        let (network, _) = square();
        let stops = corners(&network);
        let wish = PatrolWish {
            units: 1,
            shift_min: 60,
            sites: 3,
            dwell_min: 12,
            base: None,
            draw: None,
            date: None,
            start_min: None,
        };
        let spot = |site: &str| PatrolSpot {
            site: site.to_owned(),
            name: site.to_owned(),
            point: [0.0, 0.0],
            visit: 1,
            open: 0,
            close: 48,
            prize: 5,
        };
        let mut all = vec![stops[0]];
        all.extend(stops);
        let plan = routes::plan(
            &task(&wish, &["a", "b", "c"].map(spot), minutes(&network, &all)),
            &Options::default(),
        )
        .unwrap();
        let order: Vec<i64> = plan.loops[0].stops.iter().map(|s| s.spot).collect();
        let round = [[0, 1, 2], [1, 2, 0], [2, 0, 1]];
        assert!(
            round.iter().any(|r| *r == order[..]),
            "along the ring, not against it: {order:?}"
        );
    }
}
