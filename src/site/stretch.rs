//! Which segment tickets speak of the same stretch of road?

use std::collections::BTreeMap;

use crate::spatial::Xy;

/// Distance between the samples of a line, in metres.
const SAMPLE_M: f64 = 10.0;

/// Lines this near to each other run along the same road, in metres.
const SAME_ROAD_M: f64 = 20.0;

/// Least share of the shorter and of the longer line that two tickets of one stretch have in common.
const COMMON: (f64, f64) = (0.6, 0.4);

/// Stretches with the tickets that speak of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stretches {
    all: Vec<Stretch>,
}

/// Tickets with the very same line.
type Same<'a> = (Vec<usize>, &'a Vec<Xy>);

#[derive(Clone, Debug)]
struct Stretch {
    line: Vec<Xy>,
    samples: Vec<Xy>,
    members: Vec<usize>,
}

impl Stretches {
    /// Gathers lines: the most frequent line leads, later ones join the first leader they largely share.
    pub(crate) fn gather(lines: &[(usize, Vec<Xy>)]) -> Self {
        let mut same: BTreeMap<Vec<(i64, i64)>, Same<'_>> = BTreeMap::new();
        for (i, line) in lines {
            let entry = same.entry(key(line)).or_insert_with(|| (Vec::new(), line));
            entry.0.push(*i);
        }
        let mut groups: Vec<Same<'_>> = same.into_values().collect();
        groups.sort_by_key(|(members, _)| std::cmp::Reverse(members.len()));
        let mut all: Vec<Stretch> = Vec::new();
        for (members, line) in groups {
            let samples = sample(line);
            match all.iter_mut().find(|s| shared(&s.samples, &samples)) {
                Some(leader) => leader.members.extend(members),
                None => all.push(Stretch {
                    line: line.clone(),
                    samples,
                    members,
                }),
            }
        }
        Self { all }
    }

    /// Lines of the leaders with all their tickets.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&[Xy], &[usize])> {
        self.all.iter().map(|s| (&s.line[..], &s.members[..]))
    }

    /// The stretch whose line is nearest, within `within_m`, and how many tickets speak of it.
    pub(crate) fn nearest(&self, p: Xy, within_m: f64) -> Option<(usize, usize)> {
        let distances = self.all.iter().map(|s| to_line(p, &s.line));
        distances
            .enumerate()
            .filter(|(_, d)| *d <= within_m)
            .min_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)))
            .map(|(i, _)| (i, self.all[i].members.len()))
    }
}

/// A line as whole metres, the same in both directions.
fn key(line: &[Xy]) -> Vec<(i64, i64)> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "metres of a city stay far below 2^63; others saturate"
    )]
    let whole = |v: f64| v.round() as i64;
    let forward: Vec<(i64, i64)> = line.iter().map(|p| (whole(p.x), whole(p.y))).collect();
    let backward: Vec<(i64, i64)> = forward.iter().rev().copied().collect();
    forward.min(backward)
}

fn sample(line: &[Xy]) -> Vec<Xy> {
    let mut samples: Vec<Xy> = line.first().copied().into_iter().collect();
    for w in line.windows(2) {
        let length = w[0].distance_m(w[1]);
        let mut at = SAMPLE_M;
        while at < length {
            let t = at / length;
            samples.push(Xy {
                x: w[0].x + t * (w[1].x - w[0].x),
                y: w[0].y + t * (w[1].y - w[0].y),
            });
            at += SAMPLE_M;
        }
        samples.push(w[1]);
    }
    samples
}

fn shared(a: &[Xy], b: &[Xy]) -> bool {
    let far = a[0].distance_m(b[0]) > SAMPLE_M * (a.len() + b.len()) as f64 * 2.0;
    if far {
        return false;
    }
    let share = |from: &[Xy], to: &[Xy]| {
        let near = |p: &&Xy| to.iter().any(|q| p.distance_m(*q) <= SAME_ROAD_M);
        from.iter().filter(near).count() as f64 / from.len() as f64
    };
    let (x, y) = (share(a, b), share(b, a));
    x.max(y) >= COMMON.0 && x.min(y) >= COMMON.1
}

/// Distance of a point to a line in metres.
pub(crate) fn to_line(p: Xy, line: &[Xy]) -> f64 {
    let parts = line.windows(2).map(|w| {
        let (dx, dy) = (w[1].x - w[0].x, w[1].y - w[0].y);
        let square = dx * dx + dy * dy;
        let t = if square > 0.0 {
            (((p.x - w[0].x) * dx + (p.y - w[0].y) * dy) / square).clamp(0.0, 1.0)
        } else {
            0.0
        };
        p.distance_m(Xy {
            x: w[0].x + t * dx,
            y: w[0].y + t * dy,
        })
    });
    parts.fold(f64::INFINITY, f64::min)
}
