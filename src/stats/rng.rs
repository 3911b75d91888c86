//! Which chance numbers does a seed stand for?
//!
//! xoshiro256++ (Blackman, Vigna 2021), started by splitmix64. The stream belongs to the program's contract: the same
//! seed and the same replicate number give the same numbers on every machine, in every version and for any thread count.

use crate::stats::number::whole;

/// A seeded stream of chance numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rng {
    state: [u64; 4],
}

fn splitmix(x: &mut u64) -> u64 {
    *x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *x;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Rng {
    /// The stream of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut x = seed;
        Self {
            state: std::array::from_fn(|_| splitmix(&mut x)),
        }
    }

    /// The stream of one replicate of a seeded run; streams of different replicates are unrelated.
    #[must_use]
    pub fn replicate(seed: u64, number: u64) -> Self {
        let mut x = number ^ 0x6a09_e667_f3bc_c909;
        let mixed = splitmix(&mut x);
        Self::new(seed ^ mixed)
    }

    /// The next 64 bits.
    #[inline]
    pub const fn bits(&mut self) -> u64 {
        let s = &mut self.state;
        let out = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        out
    }

    /// A number in `[0, 1)` with 53 random bits.
    #[inline]
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    /// A whole number in `0..n` without bias (Lemire 2019); 0 when `n` is 0.
    #[inline]
    pub fn below(&mut self, n: u32) -> u32 {
        loop {
            let wide = u64::from(self.bits_32()) * u64::from(n);
            let [low, high] = split(wide);
            if low >= n || low >= n.wrapping_neg().checked_rem(n).unwrap_or(0) {
                return high;
            }
        }
    }

    #[inline]
    const fn bits_32(&mut self) -> u32 {
        split(self.bits())[1]
    }

    /// A standard normal number (polar method of Marsaglia; the twin is dropped, so one call has no memory).
    pub fn normal(&mut self) -> f64 {
        loop {
            let u = 2.0 * self.unit() - 1.0;
            let v = 2.0 * self.unit() - 1.0;
            let s = u * u + v * v;
            if s > 0.0 && s < 1.0 {
                return u * (-2.0 * s.ln() / s).sqrt();
            }
        }
    }

    /// A standard exponential number.
    pub fn exponential(&mut self) -> f64 {
        -(-self.unit()).ln_1p()
    }

    /// A Poisson count with the given mean (0 for a mean that is not positive); O(mean) up to 30, then by halving.
    pub fn poisson(&mut self, mean: f64) -> u64 {
        let mut left = mean;
        let mut count = 0;
        while left > 30.0 {
            // Waiting times: the `shape`-th event of a unit process falls at a gamma distributed time.
            let shape = (left * 0.875).floor();
            let at = self.gamma(shape);
            if at > left {
                return count + self.binomial(shape - 1.0, left / at);
            }
            count += trials(shape);
            left -= at;
        }
        count + self.poisson_small(left)
    }

    fn poisson_small(&mut self, mean: f64) -> u64 {
        let mut sum = self.exponential();
        let mut count = 0;
        while sum < mean {
            count += 1;
            sum += self.exponential();
        }
        count
    }

    /// A gamma number with the given shape (at least 1) and scale 1 (Marsaglia, Tsang 2000).
    pub fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            let boost = self.unit().powf(1.0 / shape);
            return self.gamma(shape + 1.0) * boost;
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let v = (1.0 + c * x).powi(3);
            let u = self.unit();
            if v > 0.0 && u.ln() < 0.5 * x * x + d - d * v + d * v.ln() {
                return d * v;
            }
        }
    }

    /// A binomial count of `n` (a whole number) trials with chance `p`; O(n).
    fn binomial(&mut self, n: f64, p: f64) -> u64 {
        let mut hits = 0;
        for _ in 0..trials(n) {
            hits += u64::from(self.unit() < p);
        }
        hits
    }

    /// Puts a slice into random order (Fisher, Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        let n = u32::try_from(items.len()).unwrap_or(u32::MAX);
        for i in (1..n).rev() {
            let j = self.below(i + 1);
            items.swap(i as usize, j as usize);
        }
    }
}

fn trials(x: f64) -> u64 {
    whole(x).unwrap_or(0)
}

#[inline]
const fn split(wide: u64) -> [u32; 2] {
    let b = wide.to_le_bytes();
    [
        u32::from_le_bytes([b[0], b[1], b[2], b[3]]),
        u32::from_le_bytes([b[4], b[5], b[6], b[7]]),
    ]
}

#[cfg(test)]
mod tests {
    use super::Rng;

    #[test]
    fn the_stream_of_a_seed_never_changes() {
        // First outputs of xoshiro256++ for the state 1, 2, 3, 4 (reference implementation of the authors).
        let mut rng = Rng {
            state: [1, 2, 3, 4],
        };
        let first: Vec<u64> = (0..5).map(|_| rng.bits()).collect();
        assert_eq!(
            first,
            [
                41_943_041,
                58_720_359,
                3_588_806_011_781_223,
                3_591_011_842_654_386,
                9_228_616_714_210_784_205
            ]
        );
    }

    #[test]
    fn whole_numbers_below_a_bound_are_even() {
        let mut rng = Rng::new(7);
        let mut seen = [0_u32; 6];
        for _ in 0..60_000 {
            seen[rng.below(6) as usize] += 1;
        }
        // 5 degrees of freedom, 99.9 % point 20.5.
        let chi: f64 = seen
            .iter()
            .map(|&c| (f64::from(c) - 1e4).powi(2) / 1e4)
            .sum();
        assert!(chi < 20.5, "{seen:?}");
        assert_eq!(rng.below(1), 0);
        assert_eq!(rng.below(0), 0);
    }

    #[test]
    fn poisson_counts_have_mean_and_variance_of_their_mean() {
        for mean in [0.0, 0.3, 4.0, 90.0, 700.0] {
            let mut rng = Rng::replicate(11, 3);
            let n = 20_000;
            let draws: Vec<f64> = (0..n).map(|_| rng.poisson(mean) as f64).collect();
            let m = draws.iter().sum::<f64>() / f64::from(n);
            let v = draws.iter().map(|x| (x - m).powi(2)).sum::<f64>() / f64::from(n);
            let se = (mean / f64::from(n)).sqrt();
            assert!((m - mean).abs() <= 4.0 * se, "mean {m} of {mean}");
            assert!((v - mean).abs() <= 0.06 * mean, "variance {v} of {mean}");
        }
    }

    #[test]
    fn a_shuffle_reaches_every_order_equally() {
        let mut rng = Rng::new(5);
        let mut seen = std::collections::BTreeMap::new();
        for _ in 0..24_000 {
            let mut v = [0, 1, 2, 3];
            rng.shuffle(&mut v);
            *seen.entry(v).or_insert(0_u32) += 1;
        }
        assert_eq!(seen.len(), 24);
        let chi: f64 = seen
            .values()
            .map(|&c| (f64::from(c) - 1e3).powi(2) / 1e3)
            .sum();
        assert!(chi < 49.7, "23 degrees of freedom, 99.9 % point, got {chi}");
    }
}
