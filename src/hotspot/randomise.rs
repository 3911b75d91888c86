//! What would the sum over a neighbourhood be if the values were dealt to the places at random?
//!
//! Three answers: the exact law of all deals (rule book 3.2), the exact law with the own value held (3.3), and seeded
//! permutations with the own value held for values that are not whole numbers.

use rayon::prelude::*;

use crate::spatial::weights::Neighbours;
use crate::stats::Rng;
use crate::stats::number::{id32, whole_i64};
use crate::stats::subset::{Refused, SubsetSums, Tails};

/// Values as whole numbers, or `None` when one is not.
#[must_use]
pub fn whole_values(values: &[f64]) -> Option<Vec<i64>> {
    values.iter().map(|&v| whole_i64(v)).collect()
}

/// Exact tails of every star sum (the place and its neighbours) over all deals of the values.
pub fn exact_total(values: &[i64], near: &Neighbours) -> Result<Vec<Tails>, Refused> {
    if values.is_empty() {
        return Ok(Vec::new());
    }
    let law = SubsetSums::count(values, near.most() + 1)?;
    let asked: Vec<(usize, i64)> = (0..values.len())
        .map(|i| {
            let around: i64 = near.of(i).iter().map(|&j| values[j as usize]).sum();
            (near.of(i).len() + 1, values[i] + around)
        })
        .collect();
    let found = law.all_tails(&asked);
    Ok(found
        .into_iter()
        .map(|t| t.unwrap_or(Tails::CERTAIN))
        .collect())
}

/// Exact tails of every neighbour sum with the own value held; a place without neighbours is certain (both tails 1).
pub fn exact_conditional(values: &[i64], near: &Neighbours) -> Result<Vec<Tails>, Refused> {
    if values.is_empty() {
        return Ok(Vec::new());
    }
    let law = SubsetSums::count(values, near.most())?;
    let asked: Vec<(i64, usize, i64)> = (0..values.len())
        .map(|i| {
            let around: i64 = near.of(i).iter().map(|&j| values[j as usize]).sum();
            (values[i], near.of(i).len(), around)
        })
        .collect();
    let found = law.tails_without(&asked);
    Ok(found
        .into_iter()
        .map(|t| t.unwrap_or(Tails::CERTAIN))
        .collect())
}

/// Number of permutations whose neighbour sum is at least the observed one, own value held; `None` without neighbours.
///
/// One table of draws without replacement serves all places of a size, so places are compared on the same chance.
/// Sums within 1e-10 of the observed one (relative) count as equal. O(n k R) on all cores; independent of their number.
#[must_use]
pub fn permuted(
    values: &[f64],
    near: &Neighbours,
    replicates: usize,
    seed: u64,
) -> Vec<Option<usize>> {
    let n = values.len();
    let most = near.most();
    if n < 2 || most == 0 {
        return vec![None; n];
    }
    let draws = draw_table(n - 1, most, replicates, seed);
    let slack = 1e-10 * values.iter().map(|v| v.abs()).sum::<f64>() / n as f64;
    (0..n)
        .into_par_iter()
        .with_min_len(64)
        .map(|i| {
            let around = near.of(i);
            if around.is_empty() {
                return None;
            }
            let observed: f64 = around.iter().map(|&j| values[j as usize]).sum();
            Some(count_at_least(
                values,
                (i, around.len(), most),
                &draws,
                observed - slack,
            ))
        })
        .collect()
}

/// How many draws of `k` others sum to at least `least`; `place` is (own index, k, width of a row of draws).
fn count_at_least(
    values: &[f64],
    place: (usize, usize, usize),
    draws: &[u32],
    least: f64,
) -> usize {
    let (own, k, width) = place;
    let own = id32(own);
    let mut hits = 0;
    for row in draws.chunks_exact(width) {
        let sum: f64 = row[..k]
            .iter()
            .map(|&d| values[(d + u32::from(d >= own)) as usize])
            .sum();
        hits += usize::from(sum >= least);
    }
    hits
}

/// `replicates` rows of `k` distinct numbers below `n` (Floyd's sampling, then order by chance).
fn draw_table(n: usize, k: usize, replicates: usize, seed: u64) -> Vec<u32> {
    let mut out = Vec::with_capacity(replicates * k);
    for r in 0..replicates {
        let mut rng = Rng::replicate(seed, r as u64);
        let from = out.len();
        for j in id32(n - k)..id32(n) {
            let d = rng.below(j + 1);
            let taken = out[from..].contains(&d);
            out.push(if taken { j } else { d });
        }
        rng.shuffle(&mut out[from..]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{draw_table, exact_conditional, exact_total, permuted};
    use crate::spatial::weights::Neighbours;

    fn chain(n: u32) -> Neighbours {
        let lists: Vec<Vec<u32>> = (0..n).map(|i| vec![i.wrapping_sub(1), i + 1]).collect();
        Neighbours::from_lists(&lists)
    }

    #[test]
    fn draws_are_distinct_and_every_place_is_drawn_equally() {
        let draws = draw_table(7, 3, 20_000, 1);
        let mut seen = [0_u32; 7];
        for row in draws.chunks(3) {
            assert!(row[0] != row[1] && row[1] != row[2] && row[0] != row[2]);
            seen[row[0] as usize] += 1;
        }
        let expected = 20_000.0 / 7.0;
        let chi: f64 = seen
            .iter()
            .map(|&c| (f64::from(c) - expected).powi(2) / expected)
            .sum();
        assert!(chi < 22.5, "6 degrees of freedom, 99.9 % point: {seen:?}");
    }

    #[test]
    fn permutations_agree_with_the_exact_law() {
        let values = [0, 3, 1, 0, 0, 7, 2, 0, 1, 1, 0, 4, 0, 0, 2];
        let real: Vec<f64> = values.iter().map(|&v| v as f64).collect();
        let near = chain(15);
        let exact = exact_conditional(&values, &near).unwrap();
        let draws = 20_000;
        for (tails, hits) in exact.iter().zip(permuted(&real, &near, draws, 5)) {
            let p = hits.unwrap() as f64 / draws as f64;
            let se = (tails.upper * (1.0 - tails.upper) / draws as f64).sqrt();
            assert!((p - tails.upper).abs() <= 4.5 * se + 1e-12, "{p} {tails:?}");
        }
    }

    #[test]
    fn degenerate_places_have_a_certain_outcome() {
        let near = chain(1);
        assert!((exact_total(&[7], &near).unwrap()[0].two_sided() - 1.0).abs() < 1e-15);
        assert_eq!(permuted(&[7.0], &near, 9, 1), [None]);
        assert!(exact_total(&[], &chain(0)).unwrap().is_empty());
    }
}
