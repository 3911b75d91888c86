//! Which loop does a motor unit drive past the worst sites on the city's own roads, one-way streets respected?

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::app::access::Who;
use crate::app::error::{Error, Result};
use crate::app::school::insider;
use crate::app::snapshot::Snapshot;
use crate::place::road_network::of_map;
use crate::plan::chain::ride_minutes;
use crate::plan::routes::{self, Options, Plan, Spot, Spots};
use crate::spatial::LonLat;
use crate::spatial::network::{Network, Travel};

/// Speed of a patrol car in town, km/h, lights included.
const SPEED_KMH: f64 = 25.0;

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
    /// Worth of a stay.
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
}

impl App {
    /// Plans loops past the worst sites. Prize: tickets a year at the site. Rides follow the drivable roads with their
    /// directions; sites that cannot be reached and left again by car are named and left out.
    pub async fn patrol(&self, who: &Who, wish: PatrolWish) -> Result<Patrol> {
        insider(who)?;
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
        let snapshot = self.snapshot();
        let task = tokio::task::spawn_blocking(move || drive(&snapshot, &wish));
        task.await.map_err(|e| Error::Internal(e.to_string()))?
    }
}

fn drive(snapshot: &Snapshot, wish: &PatrolWish) -> Result<Patrol> {
    let city = snapshot.city.as_ref();
    let city =
        city.ok_or_else(|| Error::refused("no_city", "尚未导入城市地图 (no city imported yet)"))?;
    let network = of_map(&city.city.map).network;
    let strong = network.strong();
    // Only where a car can come from anywhere and go back: the largest strong part.
    let near = |p: LonLat| {
        let nodes = network
            .nodes()
            .iter()
            .enumerate()
            .filter(|(i, _)| strong[*i] == 0);
        let found = nodes
            .map(|(i, n)| (n.point.distance_m(p), i))
            .min_by(|a, b| a.0.total_cmp(&b.0));
        found.filter(|f| f.0 <= 300.0).map(|f| f.1)
    };
    let mut stands = stands(snapshot, wish.sites, near);
    let nodes = &mut stands.nodes;
    let base = wish
        .base
        .map(|b| LonLat::new(b[0], b[1]))
        .and_then(near)
        .or_else(|| nodes.first().copied());
    let Some(base) = base else {
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
    let ways = plan
        .loops
        .iter()
        .map(|one| {
            let at = |id: i64| {
                usize::try_from(id + 1)
                    .ok()
                    .and_then(|i| nodes.get(i))
                    .copied()
            };
            let mut stops = vec![base];
            stops.extend(one.stops.iter().filter_map(|s| at(s.spot)));
            stops.push(base);
            way(&network, &stops)
        })
        .collect();
    Ok(Patrol {
        plan,
        spots: stands.spots,
        ways,
        off_network: stands.off_network,
    })
}

/// Sites that a car can reach, their nodes on the network, and the names of those it cannot.
struct Stands {
    spots: Vec<PatrolSpot>,
    nodes: Vec<usize>,
    off_network: Vec<String>,
}

fn stands(snapshot: &Snapshot, most: usize, near: impl Fn(LonLat) -> Option<usize>) -> Stands {
    let mut off_network = Vec::new();
    let mut spots = Vec::new();
    let mut nodes = Vec::new();
    for site in snapshot.sites.ranked().take(most) {
        let Some(node) = near(site.point) else {
            off_network.push(site.name.clone());
            continue;
        };
        #[expect(
            clippy::cast_possible_truncation,
            reason = "tickets a year, far below 2^53"
        )]
        let prize = (site.rate * 10.0).round().clamp(1.0, 1e6) as i64;
        nodes.push(node);
        spots.push(PatrolSpot {
            site: site.id.0.to_string(),
            name: site.name.clone(),
            point: [site.point.lon, site.point.lat],
            prize,
        });
    }
    Stands {
        spots,
        nodes,
        off_network,
    }
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
                open: 0,
                close: wish.shift_min,
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
        };
        let spot = |site: &str| PatrolSpot {
            site: site.to_owned(),
            name: site.to_owned(),
            point: [0.0, 0.0],
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
