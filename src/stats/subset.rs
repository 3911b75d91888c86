//! How often does a random subset have at least this sum?
//!
//! Of `n` whole numbers, `k` are drawn without replacement; the law of their sum is counted exactly. All terms of the
//! count are positive, so `f64` keeps its relative precision (C(n, 14) < 1e80 for n = 1e6).

/// The exact law of sums of k-subsets, k = 0..=K, of one multiset of whole numbers.
#[derive(Clone, Debug)]
pub struct SubsetSums {
    least: i64,
    /// Distinct values above the least (shifted by it) with their multiplicity, rising.
    groups: Vec<(usize, usize)>,
    /// `ways[k][s]`: number of k-subsets with shifted sum `s`.
    ways: Vec<Vec<f64>>,
}

/// Upper and lower tail of a sum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tails {
    /// `P(sum >= observed)`.
    pub upper: f64,
    /// `P(sum <= observed)`.
    pub lower: f64,
}

impl Tails {
    /// Both tails of a certain outcome.
    pub const CERTAIN: Self = Self {
        upper: 1.0,
        lower: 1.0,
    };

    /// `min(1, 2 min(upper, lower))`.
    #[must_use]
    pub fn two_sided(self) -> f64 {
        (2.0 * self.upper.min(self.lower)).min(1.0)
    }
}

/// Why the count was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The count would take more than the limit of additions.
    TooMuchWork,
    /// Subsets are larger than 61 or than the set.
    SubsetTooLarge,
}

/// Additions above which the exact count is refused (rule book, section 3.2).
pub const MOST_WORK: f64 = 2e9;

impl SubsetSums {
    /// Counts subsets of up to `most` numbers; O(V K² S) at most, far less when most values are small.
    pub fn count(values: &[i64], most: usize) -> Result<Self, Refused> {
        if most > 61 || most > values.len() {
            return Err(Refused::SubsetTooLarge);
        }
        let mut sorted = values.to_vec();
        sorted.sort_unstable();
        let least = sorted.first().copied().unwrap_or(0);
        let mut groups = Vec::new();
        let mut work = 0.0;
        for group in sorted.chunk_by(|a, b| a == b) {
            let Some(v) = group[0]
                .checked_sub(least)
                .and_then(|v| usize::try_from(v).ok())
            else {
                return Err(Refused::TooMuchWork);
            };
            groups.push((v, group.len()));
            work += (most * most) as f64 * v as f64 * group.len().min(most) as f64;
        }
        if work > MOST_WORK {
            return Err(Refused::TooMuchWork);
        }
        let ways = Self::ways(&groups, most);
        Ok(Self {
            least,
            groups,
            ways,
        })
    }

    /// Rising values: a subset of `j` numbers seen so far sums to at most `j` times the last value.
    fn ways(groups: &[(usize, usize)], most: usize) -> Vec<Vec<f64>> {
        let top = top_sums(groups, most);
        let mut ways: Vec<Vec<f64>> = top.iter().map(|&s| vec![0.0; s + 1]).collect();
        ways[0][0] = 1.0;
        let mut before = 0;
        let mut seen = 0;
        for &(v, m) in groups {
            for j in (1..=most).rev() {
                let (fewer, rest) = ways.split_at_mut(j);
                let into = &mut rest[0];
                for r in 1..=j.min(m) {
                    let from = &fewer[j - r];
                    if j - r > seen {
                        continue;
                    }
                    let choose = choose(m, r);
                    let reach = ((j - r) * before).min(from.len() - 1);
                    let shift = r * v;
                    let width = (reach + 1).min(into.len().saturating_sub(shift));
                    for (a, b) in into[shift..shift + width].iter_mut().zip(&from[..width]) {
                        *a += choose * b;
                    }
                }
            }
            before = v;
            seen += m;
        }
        ways
    }

    /// Tails of the sum `total` of `k` numbers drawn from all; `None` when `k` was not counted.
    #[must_use]
    pub fn tails(&self, k: usize, total: i64) -> Option<Tails> {
        let ways = self.ways.get(k)?;
        Some(tails_of(ways, self.shifted(k, total)))
    }

    /// Tails for many `(k, total)` at once: prefix sums are made once per `k`.
    #[must_use]
    pub fn all_tails(&self, asked: &[(usize, i64)]) -> Vec<Option<Tails>> {
        let tables: Vec<Cumulative> = self.ways.iter().map(|w| Cumulative::of(w)).collect();
        asked
            .iter()
            .map(|&(k, total)| Some(tables.get(k)?.tails(self.shifted(k, total))))
            .collect()
    }

    /// Tails of the sum of `k` numbers drawn from all but one with value `own`, for many `(own, k, total)`.
    ///
    /// The own value is divided out of the count: `Q_j(s) = E_j(s) - Q_{j-1}(s - own)`; absolute error below 1e-13.
    #[must_use]
    pub fn tails_without(&self, asked: &[(i64, usize, i64)]) -> Vec<Option<Tails>> {
        let mut order: Vec<usize> = (0..asked.len()).collect();
        order.sort_unstable_by_key(|&i| (asked[i].0, i));
        let mut out = vec![None; asked.len()];
        for group in order.chunk_by(|&a, &b| asked[a].0 == asked[b].0) {
            let own = asked[group[0]].0 - self.least;
            let Ok(own) = usize::try_from(own) else {
                continue;
            };
            if self.groups.binary_search_by_key(&own, |g| g.0).is_err() {
                continue;
            }
            let most = group.iter().map(|&i| asked[i].1).max().unwrap_or(0);
            let tables = self.without(own, most);
            for &i in group {
                let (_, k, total) = asked[i];
                out[i] = tables.get(k).map(|t| t.tails(self.shifted(k, total)));
            }
        }
        out
    }

    fn without(&self, own: usize, most: usize) -> Vec<Cumulative> {
        let mut last = vec![1.0];
        let mut tables = vec![Cumulative::of(&last)];
        for all in self.ways.iter().take(most + 1).skip(1) {
            let mut next = all.clone();
            let width = next.len().saturating_sub(own).min(last.len());
            if width > 0 {
                for (a, b) in next[own..own + width].iter_mut().zip(&last) {
                    *a -= b;
                }
            }
            tables.push(Cumulative::of(&next));
            last = next;
        }
        tables
    }

    fn shifted(&self, k: usize, total: i64) -> i64 {
        total - self.least * i64::try_from(k).unwrap_or(i64::MAX)
    }
}

/// Largest shifted sum of k numbers, k = 0..=most.
fn top_sums(groups: &[(usize, usize)], most: usize) -> Vec<usize> {
    let mut out = vec![0];
    let mut sum = 0;
    for &(v, m) in groups.iter().rev() {
        for _ in 0..m {
            if out.len() > most {
                return out;
            }
            sum += v;
            out.push(sum);
        }
    }
    out
}

/// Number of r-subsets of m things.
fn choose(m: usize, r: usize) -> f64 {
    (0..r).fold(1.0, |c, i| c * (m - i) as f64 / (i + 1) as f64)
}

fn tails_of(ways: &[f64], at: i64) -> Tails {
    Cumulative::of(ways).tails(at)
}

/// Sums from below and from above.
#[derive(Debug)]
struct Cumulative {
    /// `below[s]`: ways with sum < s.
    below: Vec<f64>,
    /// `above[s]`: ways with sum >= s.
    above: Vec<f64>,
}

impl Cumulative {
    fn of(ways: &[f64]) -> Self {
        let mut below = Vec::with_capacity(ways.len() + 1);
        let mut sum = 0.0;
        below.push(0.0);
        for w in ways {
            sum += w;
            below.push(sum);
        }
        let mut above = vec![0.0; ways.len() + 1];
        let mut sum = 0.0;
        for (place, w) in above.iter_mut().zip(ways).rev() {
            sum += w;
            *place = sum;
        }
        Self { below, above }
    }

    fn tails(&self, at: i64) -> Tails {
        let last = self.below.len() - 1;
        let all = self.below[last];
        if all <= 0.0 {
            return Tails::CERTAIN;
        }
        let clamp = |x: i64| usize::try_from(x.max(0)).unwrap_or(usize::MAX).min(last);
        Tails {
            upper: (self.above[clamp(at)] / all).clamp(0.0, 1.0),
            lower: (self.below[clamp(at.saturating_add(1))] / all).clamp(0.0, 1.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Refused, SubsetSums};

    /// Every subset of the given size, by hand.
    fn subsets(values: &[i64], k: usize) -> Vec<i64> {
        (0_u32..1 << values.len())
            .filter(|m| m.count_ones() as usize == k)
            .map(|m| {
                let picked = values.iter().enumerate().filter(|(i, _)| m >> i & 1 == 1);
                picked.map(|(_, v)| v).sum()
            })
            .collect()
    }

    #[test]
    fn every_tail_equals_the_count_by_hand() {
        let values = [0, 0, 3, -2, 5, 5, 5, 11, 1];
        let law = SubsetSums::count(&values, 5).unwrap();
        for k in 0..=5 {
            let sums = subsets(&values, k);
            for total in -5..40 {
                let got = law.tails(k, total).unwrap();
                let part = |hits: usize| hits as f64 / sums.len() as f64;
                let upper = part(sums.iter().filter(|&&s| s >= total).count());
                let lower = part(sums.iter().filter(|&&s| s <= total).count());
                assert!((got.upper - upper).abs() < 1e-14, "{k} {total}");
                assert!((got.lower - lower).abs() < 1e-14, "{k} {total}");
            }
        }
    }

    #[test]
    fn one_value_can_be_taken_out_of_the_count() {
        let values = [0, 2, 2, 7, 1, 0];
        let law = SubsetSums::count(&values, 3).unwrap();
        for (i, &own) in values.iter().enumerate() {
            let mut rest = values.to_vec();
            rest.remove(i);
            let plain = SubsetSums::count(&rest, 3).unwrap();
            for total in 0..12 {
                let got = law.tails_without(&[(own, 3, total)])[0].unwrap();
                let want = plain.tails(3, total).unwrap();
                assert!((got.upper - want.upper).abs() < 1e-13);
                assert!((got.lower - want.lower).abs() < 1e-13);
            }
        }
        assert_eq!(law.tails_without(&[(99, 2, 3)])[0], None);
    }

    #[test]
    fn too_much_is_refused() {
        assert_eq!(
            SubsetSums::count(&[1, 2], 3).unwrap_err(),
            Refused::SubsetTooLarge
        );
        assert_eq!(
            SubsetSums::count(&[0, 1 << 40], 2).unwrap_err(),
            Refused::TooMuchWork
        );
        assert!(SubsetSums::count(&[], 0).is_ok());
    }
}
