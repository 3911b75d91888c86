//! Do two partitions or two orders agree?

use std::collections::BTreeMap;

/// Adjusted Rand index of two labellings of the same items (Hubert, Arabie 1985); `None` for unequal lengths or no items.
///
/// 1 when the partitions are equal, near 0 when they agree as by chance. Two partitions that both put everything into
/// one class, or everything into classes of one, give 1.
#[must_use]
pub fn adjusted_rand(a: &[i64], b: &[i64]) -> Option<f64> {
    if a.len() != b.len() || a.is_empty() {
        return None;
    }
    let mut cells: BTreeMap<(i64, i64), u64> = BTreeMap::new();
    let mut rows: BTreeMap<i64, u64> = BTreeMap::new();
    let mut columns: BTreeMap<i64, u64> = BTreeMap::new();
    for (&x, &y) in a.iter().zip(b) {
        *cells.entry((x, y)).or_default() += 1;
        *rows.entry(x).or_default() += 1;
        *columns.entry(y).or_default() += 1;
    }
    let pairs = |n: u64| (n as f64) * (n as f64 - 1.0) / 2.0;
    let both: f64 = cells.values().map(|&n| pairs(n)).sum();
    let row: f64 = rows.values().map(|&n| pairs(n)).sum();
    let column: f64 = columns.values().map(|&n| pairs(n)).sum();
    let all = pairs(a.len() as u64);
    let expected = if all > 0.0 { row * column / all } else { 0.0 };
    let most = f64::midpoint(row, column);
    if (most - expected).abs() <= f64::EPSILON * most.max(1.0) {
        return Some(1.0);
    }
    Some((both - expected) / (most - expected))
}

/// Spearman's rank correlation with mean ranks for ties; `None` for fewer than 2 pairs or a constant side.
#[must_use]
pub fn spearman(a: &[f64], b: &[f64]) -> Option<f64> {
    if a.len() != b.len() || a.len() < 2 {
        return None;
    }
    let (x, y) = (ranks(a), ranks(b));
    let n = x.len() as f64;
    let middle = f64::midpoint(n, 1.0);
    let mut sums = [0.0; 3];
    for (u, v) in x.iter().zip(&y) {
        sums[0] += (u - middle) * (v - middle);
        sums[1] += (u - middle) * (u - middle);
        sums[2] += (v - middle) * (v - middle);
    }
    let scale = (sums[1] * sums[2]).sqrt();
    (scale > 0.0).then(|| sums[0] / scale)
}

/// Ranks from 1, ties at their mean rank.
#[must_use]
pub fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|&a, &b| values[a].total_cmp(&values[b]).then(a.cmp(&b)));
    let mut out = vec![0.0; values.len()];
    let mut from = 0;
    while from < order.len() {
        let mut to = from + 1;
        while to < order.len() && values[order[to]].total_cmp(&values[order[from]]).is_eq() {
            to += 1;
        }
        let mean = (from + to + 1) as f64 / 2.0;
        for &i in &order[from..to] {
            out[i] = mean;
        }
        from = to;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{adjusted_rand, ranks, spearman};

    #[test]
    fn published_partitions_agree_as_published() {
        // scikit-learn's documented example: 0.57.
        let got = adjusted_rand(&[0, 0, 1, 2], &[0, 0, 1, 1]).unwrap();
        assert!((got - 4.0 / 7.0).abs() < 1e-12);
        assert!((adjusted_rand(&[0, 0, 1, 1], &[5, 5, -1, -1]).unwrap() - 1.0).abs() < 1e-12);
        assert_eq!(adjusted_rand(&[], &[]), None);
        assert_eq!(adjusted_rand(&[1], &[1]), Some(1.0));
    }

    #[test]
    fn ranks_share_ties_and_orders_compare() {
        assert_eq!(ranks(&[3.0, 1.0, 3.0]), [2.5, 1.0, 2.5]);
        assert!((spearman(&[1.0, 2.0, 3.0], &[10.0, 5.0, 1.0]).unwrap() + 1.0).abs() < 1e-12);
        assert_eq!(spearman(&[1.0, 1.0], &[1.0, 2.0]), None);
        assert_eq!(spearman(&[1.0], &[1.0]), None);
    }
}
