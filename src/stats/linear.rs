//! What solves a small symmetric system, and when has it no solution?
//!
//! Cholesky's factor of a symmetric positive definite matrix held row by row. A pivot that has lost all but a trillionth
//! of its diagonal is called singular with its row, so that a caller can name the column that says nothing new.

/// A pivot below this share of its diagonal means that the row repeats those before it.
const LEAST_PIVOT: f64 = 1e-12;

/// A matrix that has no inverse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("row {row} of the matrix is a mixture of the rows before it, or not a number")]
pub struct Singular {
    /// First such row, from 0.
    pub row: usize,
}

/// The lower triangle `L` with `L Lᵀ` equal to the matrix.
#[derive(Clone, Debug, PartialEq)]
pub struct Cholesky {
    n: usize,
    lower: Vec<f64>,
}

impl Cholesky {
    /// Factors a symmetric `n × n` matrix given row by row; only its lower triangle is read.
    ///
    /// A matrix of no rows has the empty factor. O(n³): 36 rows take about 6 µs.
    pub fn of(matrix: &[f64], n: usize) -> Result<Self, Singular> {
        let mut lower = vec![0.0; n * n];
        for i in 0..n {
            let (above, rest) = lower.split_at_mut(i * n);
            let row = &mut rest[..n];
            for j in 0..i {
                let other = &above[j * n..=j * n + j];
                let sum = matrix[i * n + j] - dot(&row[..j], &other[..j]);
                row[j] = sum / other[j];
            }
            let diagonal = matrix[i * n + i];
            let pivot = diagonal - dot(&row[..i], &row[..i]);
            if !(pivot.is_finite() && diagonal > 0.0 && pivot > LEAST_PIVOT * diagonal) {
                return Err(Singular { row: i });
            }
            row[i] = pivot.sqrt();
        }
        Ok(Self { n, lower })
    }

    /// The x with `A x = b`. O(n²).
    ///
    /// `b` has as many values as the matrix has rows; with fewer, the system of that many leading rows is solved, since
    /// the factor of a leading block is the leading block of the factor.
    #[must_use]
    pub fn solve(&self, b: &[f64]) -> Vec<f64> {
        let mut x = b.to_vec();
        self.solve_in_place(&mut x);
        x
    }

    /// As [`Cholesky::solve`], overwriting the right side.
    pub fn solve_in_place(&self, x: &mut [f64]) {
        let n = self.n;
        let used = x.len().min(n);
        for i in 0..used {
            let row = &self.lower[i * n..=i * n + i];
            x[i] = (x[i] - dot(&row[..i], &x[..i])) / row[i];
        }
        for i in (0..used).rev() {
            let mut sum = x[i];
            for (j, &done) in x.iter().enumerate().take(used).skip(i + 1) {
                sum -= self.lower[j * n + i] * done;
            }
            x[i] = sum / self.lower[i * n + i];
        }
    }

    /// The inverse, row by row, exactly symmetric. O(n³).
    #[must_use]
    pub fn inverse(&self) -> Vec<f64> {
        let n = self.n;
        let mut out = vec![0.0; n * n];
        for column in 0..n {
            let mut unit = vec![0.0; n];
            unit[column] = 1.0;
            self.solve_in_place(&mut unit);
            for (row, value) in unit.iter().enumerate().skip(column) {
                out[row * n + column] = *value;
                out[column * n + row] = *value;
            }
        }
        out
    }

    /// Natural logarithm of the determinant.
    #[must_use]
    pub fn ln_determinant(&self) -> f64 {
        let diagonal = (0..self.n).map(|i| self.lower[i * self.n + i].ln());
        2.0 * diagonal.sum::<f64>()
    }
}

/// Sum of products; the shorter list ends it.
#[must_use]
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// `A B A` for symmetric `n × n` matrices row by row: the sandwich of a robust variance. O(n³).
#[must_use]
pub fn sandwich(bread: &[f64], filling: &[f64], n: usize) -> Vec<f64> {
    let product = |a: &[f64], b: &[f64]| -> Vec<f64> {
        let mut out = vec![0.0; n * n];
        for i in 0..n {
            for k in 0..n {
                for j in 0..n {
                    out[i * n + j] += a[i * n + k] * b[k * n + j];
                }
            }
        }
        out
    };
    product(&product(bread, filling), bread)
}

#[cfg(test)]
mod tests {
    use super::{Cholesky, Singular, sandwich};
    use crate::stats::Rng;

    #[test]
    fn a_solution_satisfies_its_system_and_the_inverse_undoes_it() {
        let mut rng = Rng::new(5);
        for n in [1_usize, 2, 7, 36] {
            let root: Vec<f64> = (0..n * n).map(|_| rng.normal()).collect();
            let mut a = vec![0.0; n * n];
            for i in 0..n {
                for j in 0..n {
                    let sum: f64 = (0..n).map(|k| root[i * n + k] * root[j * n + k]).sum();
                    a[i * n + j] = sum + if i == j { 0.5 } else { 0.0 };
                }
            }
            let factor = Cholesky::of(&a, n).unwrap();
            let b: Vec<f64> = (0..n).map(|_| rng.normal()).collect();
            let x = factor.solve(&b);
            for i in 0..n {
                let back: f64 = (0..n).map(|j| a[i * n + j] * x[j]).sum();
                assert!((back - b[i]).abs() < 1e-9, "{back} is not {}", b[i]);
            }
            // A A⁻¹ A = A; the condition number of these matrices is below 1e4.
            let back = sandwich(&a, &factor.inverse(), n);
            assert!(back.iter().zip(&a).all(|(x, y)| (x - y).abs() < 1e-8));
        }
    }

    #[test]
    fn a_repeated_row_and_a_broken_number_are_named() {
        let repeated = [1.0, 2.0, 2.0, 4.0];
        assert_eq!(Cholesky::of(&repeated, 2), Err(Singular { row: 1 }));
        assert_eq!(Cholesky::of(&[0.0], 1), Err(Singular { row: 0 }));
        assert_eq!(Cholesky::of(&[f64::NAN], 1), Err(Singular { row: 0 }));
        assert!(Cholesky::of(&[], 0).unwrap().solve(&[]).is_empty());
    }

    #[test]
    fn the_determinant_of_a_small_matrix_is_known() {
        let factor = Cholesky::of(&[4.0, 2.0, 2.0, 3.0], 2).unwrap();
        assert!((factor.ln_determinant() - 8.0_f64.ln()).abs() < 1e-14);
    }
}
