//! Are the known coverings found: maximal, with fixed posts, of all points, twice, with two sets, median and centre?

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::app::verify::planning_desk::{Desk, files, stem};
use crate::optim::{Covered, Covering, Limits, Need, Point, Status, centre, cover};

/// A point of a file.
#[derive(Clone, Copy)]
struct Spot {
    x: f64,
    y: f64,
    weight: i64,
}

/// One case with its inputs read.
struct Task<'v> {
    case: &'v Value,
    demand: Vec<Spot>,
    posts: Vec<Spot>,
}

/// Reads an instance's points and posts from the folder; posts are the same points unless a file of sites stands beside it.
fn instance(folder: &Path, name: &str) -> Option<(Vec<Spot>, Vec<Spot>)> {
    let single = folder.join(format!("{name}.csv"));
    if single.is_file() {
        let spots = table(&single)?;
        return Some((spots.clone(), spots));
    }
    let demand = table(&folder.join(format!("{name}_demand.csv")))?;
    let posts = table(&folder.join(format!("{name}_sites.csv")))?;
    Some((demand, posts))
}

fn table(path: &Path) -> Option<Vec<Spot>> {
    let bytes = fs::read(path).ok()?;
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let headers = reader.headers().ok()?.clone();
    let column = |name: &str| headers.iter().position(|h| h.trim() == name);
    let (x, y, weight) = (column("x")?, column("y")?, column("weight"));
    reader
        .records()
        .map(|row| {
            let row = row.ok()?;
            let number = |at: usize| row.get(at)?.trim().parse::<f64>().ok();
            let weight = weight.map_or(Some(0), |w| row.get(w)?.trim().parse().ok())?;
            Some(Spot {
                x: number(x)?,
                y: number(y)?,
                weight,
            })
        })
        .collect()
}

fn spots(value: &Value) -> Vec<Spot> {
    let rows = value.as_array().into_iter().flatten();
    rows.filter_map(|r| {
        Some(Spot {
            x: r["x"].as_f64()?,
            y: r["y"].as_f64()?,
            weight: r["weight"].as_i64().unwrap_or(0),
        })
    })
    .collect()
}

fn reach(from: &[Spot], posts: &[Spot], radius: f64) -> Vec<Vec<(usize, i64)>> {
    let near = |p: &Spot| {
        let within = |q: &&Spot| (p.x - q.x).hypot(p.y - q.y) <= radius;
        let hit = posts.iter().enumerate().filter(|(_, q)| within(q));
        hit.map(|(j, _)| (j, 0)).collect()
    };
    from.iter().map(near).collect()
}

/// Shortest distances of an OR-Library graph; the last length of a repeated edge counts.
fn graph(path: &Path) -> Option<Vec<Vec<i64>>> {
    let text = fs::read_to_string(path).ok()?;
    let mut numbers = text.split_whitespace().map(str::parse::<i64>);
    let mut next = || numbers.next()?.ok();
    let n = usize::try_from(next()?).ok()?;
    let edges = next()?;
    next()?;
    let mut lengths: BTreeMap<(usize, usize), i64> = BTreeMap::new();
    for _ in 0..edges {
        let (a, b) = (
            usize::try_from(next()? - 1).ok()?,
            usize::try_from(next()? - 1).ok()?,
        );
        lengths.insert((a.min(b), a.max(b)), next()?);
    }
    let mut far = vec![vec![i64::MAX / 4; n]; n];
    for (at, row) in far.iter_mut().enumerate() {
        row[at] = 0;
    }
    for ((a, b), length) in lengths {
        *far.get_mut(a)?.get_mut(b)? = length;
        far[b][a] = length;
    }
    for k in 0..n {
        let via = far[k].clone();
        for row in &mut far {
            let to = row[k];
            for (cell, more) in row.iter_mut().zip(&via) {
                *cell = (*cell).min(to + more);
            }
        }
    }
    Some(far)
}

fn places(case: &Value, key: &str) -> Vec<usize> {
    let list = case[key].as_array().into_iter().flatten();
    list.filter_map(|v| usize::try_from(v.as_u64()?).ok())
        .collect()
}

fn most(case: &Value) -> Option<usize> {
    usize::try_from(case["p"].as_u64()?).ok()
}

/// Solves a case on points in the plane.
fn planar(task: &Task<'_>) -> Covered {
    let case = task.case;
    let must = case["problem"] == "lscp";
    let weights = [&case["first_weight"], &case["second_weight"]];
    let [first, second] = weights.map(Value::as_i64);
    let near = reach(
        &task.demand,
        &task.posts,
        case["radius"].as_f64().unwrap_or(f64::NAN),
    );
    let points = task.demand.iter().zip(near).map(|(spot, posts)| Point {
        posts,
        need: if must {
            Need::Must
        } else {
            Need::Gain {
                first: first.unwrap_or(1) * spot.weight,
                second: second.unwrap_or(0) * spot.weight,
            }
        },
    });
    let covering = Covering {
        posts: task.posts.len(),
        points: points.collect(),
        at_most: most(case),
        fixed: places(case, "fixed"),
        barred: places(case, "forbidden"),
    };
    cover(&covering, Limits::default())
}

/// What a set of posts reaches, counted from the file alone; `None` when it breaks a rule of the case.
fn recount(task: &Task<'_>, posts: &[usize]) -> Option<i64> {
    let case = task.case;
    let legal = most(case).is_none_or(|p| posts.len() <= p)
        && places(case, "fixed").iter().all(|f| posts.contains(f))
        && !places(case, "forbidden").iter().any(|f| posts.contains(f));
    if !legal {
        return None;
    }
    let radius = case["radius"].as_f64()?;
    let mut sum = 0;
    for spot in &task.demand {
        let near = |q: &Spot| (spot.x - q.x).hypot(spot.y - q.y) <= radius;
        let count = posts.iter().filter(|&&j| near(&task.posts[j])).count();
        if case["problem"] == "lscp" {
            if count == 0 && task.posts.iter().any(near) {
                return None;
            }
            continue;
        }
        let first = case["first_weight"].as_i64().unwrap_or(1);
        let second = case["second_weight"].as_i64().unwrap_or(0);
        sum += spot.weight * (i64::from(count > 0) * first + i64::from(count > 1) * second);
    }
    if case["problem"] == "lscp" {
        i64::try_from(posts.len()).ok()
    } else {
        Some(sum)
    }
}

fn judge(desk: &mut Desk<'_>, part: &str, case: &Value, found: &Covered) -> Value {
    let name = |what: &str| {
        let p = case["p"]
            .as_u64()
            .map_or(String::new(), |p| format!(" p {p}"));
        let radius = case["radius"]
            .as_f64()
            .map_or(String::new(), |r| format!(" radius {r}"));
        let problem = case["problem"].as_str().unwrap_or("?");
        format!("{problem}{p}{radius} {what}")
    };
    let proved = format!("{:?} after {} nodes", found.status, found.nodes);
    desk.hold(
        part,
        &name("proof"),
        found.status == Status::Optimal,
        &proved,
    );
    desk.check(
        part,
        &name("objective"),
        &case["objective"],
        &json!(found.objective),
    );
    if let Some(chosen) = case.get("chosen") {
        desk.check(part, &name("chosen"), chosen, &json!(found.posts));
    }
    json!({ "problem": case["problem"], "objective": found.objective, "chosen": found.posts, "nodes": found.nodes })
}

fn plane(desk: &mut Desk<'_>, part: &str, task: &Task<'_>) -> Value {
    let found = planar(task);
    let counted = recount(task, &found.posts);
    let detail = format!("{} claimed, {counted:?} counted", found.objective);
    desk.hold(part, "recount", counted == Some(found.objective), &detail);
    judge(desk, part, task.case, &found)
}

fn on_graph(desk: &mut Desk<'_>, part: &str, far: &[Vec<i64>], case: &Value) -> Value {
    let most = most(case).unwrap_or(far.len());
    let found = if case["problem"] == "p_center" {
        centre(far, most, Limits::default())
    } else {
        let point = |row: &Vec<i64>| Point {
            posts: row.iter().copied().enumerate().collect(),
            need: Need::Must,
        };
        let covering = Covering {
            posts: far.len(),
            points: far.iter().map(point).collect(),
            at_most: Some(most),
            ..Covering::default()
        };
        cover(&covering, Limits::default())
    };
    let nearest = far
        .iter()
        .filter_map(|row| found.posts.iter().map(|&j| row[j]).min());
    let counted = if case["problem"] == "p_center" {
        nearest.max()
    } else {
        Some(nearest.sum())
    };
    let right = counted == Some(found.objective) && found.posts.len() <= most;
    desk.hold(
        part,
        "recount",
        right,
        &format!("{} claimed, {counted:?} counted", found.objective),
    );
    judge(desk, part, case, &found)
}

/// Runs `location/*.json`: a list of cases on instances of the folder, or on points of the file itself.
pub(crate) fn location(desk: &mut Desk<'_>, folder: &Path) {
    for path in files(folder, "json") {
        let file_part = format!("location/{}", stem(&path));
        let Some(file) = desk.json(&file_part, &path) else {
            continue;
        };
        let own = spots(&file["points"]);
        let mut out = Vec::new();
        for case in file["cases"].as_array().into_iter().flatten() {
            let name = case["instance"].as_str().unwrap_or_default();
            let part = if name.is_empty() {
                file_part.clone()
            } else {
                format!("location/{name}")
            };
            let network = folder.join("pmed").join(format!("{name}.txt"));
            if network.is_file() {
                match graph(&network) {
                    Some(far) => out.push(on_graph(desk, &part, &far, case)),
                    None => desk.fail(&part, "the graph cannot be read"),
                }
                continue;
            }
            let read = if name.is_empty() {
                Some((own.clone(), own.clone()))
            } else {
                instance(folder, name)
            };
            match read {
                Some((demand, posts)) => out.push(plane(
                    desk,
                    &part,
                    &Task {
                        case,
                        demand,
                        posts,
                    },
                )),
                None => desk.fail(&part, "the instance cannot be read: needs x, y, weight"),
            }
        }
        desk.emit(&format!("{file_part}.json"), &Value::Array(out));
    }
}
