//! Logistic regression, by Newton's method.

use crate::model::Platt;

/// What is learnt from: one row of inputs each, what it should be, and how much it weighs.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// Inputs, row after row.
    pub inputs: Vec<f32>,
    /// Inputs a row.
    pub width: usize,
    /// What each row should be.
    pub targets: Vec<bool>,
    /// How much it weighs.
    pub weights: Vec<f64>,
}

/// Weights of the inputs, and the summand.
#[derive(Clone, PartialEq, Debug)]
pub struct Regression {
    /// One an input.
    pub weights: Vec<f64>,
    /// The summand.
    pub intercept: f64,
}

impl Rows {
    /// Makes all weights add up to 1.
    pub fn normalise(&mut self) {
        let sum: f64 = self.weights.iter().sum();
        self.weights.iter_mut().for_each(|w| *w /= sum.max(1e-300));
    }
}

/// Fits a regression with `penalty` on the squares of its weights; at most so many steps.
/// Deterministic: the same rows give the same weights.
pub fn fit(rows: &Rows, penalty: f64, steps: usize) -> Regression {
    let n = rows.width + 1;
    let mut theta = vec![0.0; n];
    for _ in 0..steps {
        let mut gradient = vec![0.0; n];
        let mut hessian = vec![0.0; n * n];
        gather(rows, &theta, &mut gradient, &mut hessian);
        for k in 0..rows.width {
            gradient[k] += penalty * theta[k];
            hessian[k * n + k] += penalty;
        }
        for k in 0..n {
            hessian[k * n + k] += 1e-9;
        }
        let step = solve(&mut hessian, gradient);
        let size: f64 = step.iter().map(|s| s * s).sum::<f64>().sqrt();
        theta.iter_mut().zip(&step).for_each(|(t, s)| *t -= s);
        if size < 1e-5 {
            break;
        }
    }
    let intercept = theta.pop().unwrap_or(0.0);
    Regression {
        weights: theta,
        intercept,
    }
}

/// Fits the line from outputs to balanced log-odds.
pub fn platt(outputs: &[f32], targets: &[bool], weights: &[f64]) -> Platt {
    let mut rows = Rows {
        inputs: outputs.to_vec(),
        width: 1,
        targets: targets.to_vec(),
        weights: weights.to_vec(),
    };
    rows.normalise();
    let line = fit(&rows, 1e-4, 20);
    Platt {
        slope: line.weights[0] as f32,
        intercept: line.intercept as f32,
    }
}

/// Rows that are summed in single precision before their sum is added in double precision.
const CHUNK: usize = 256;
/// Rows that are added at once, so that a sum is fetched and stored once for all of them.
const TOGETHER: usize = 4;

/// Sums gradient and the upper half of the Hessian over all rows.
fn gather(rows: &Rows, theta: &[f64], gradient: &mut [f64], hessian: &mut [f64]) {
    let n = rows.width + 1;
    let mut sums = vec![0.0_f32; n * n];
    let mut wide = vec![0.0_f32; TOGETHER * n];
    let mut bends = [0.0_f32; TOGETHER];
    let count = rows.targets.len();
    // The weights are so small that single precision would lose them.
    let unit = count.max(1) as f64;
    for from in (0..count).step_by(TOGETHER) {
        for k in 0..TOGETHER {
            let row = &mut wide[k * n..(k + 1) * n];
            let at = from + k;
            if at >= count {
                row.fill(0.0);
                bends[k] = 0.0;
                continue;
            }
            row[..rows.width].copy_from_slice(&rows.inputs[at * rows.width..(at + 1) * rows.width]);
            row[rows.width] = 1.0;
            let output: f64 = row.iter().zip(theta).map(|(x, t)| f64::from(*x) * t).sum();
            let p = 1.0 / (1.0 + (-output).exp());
            let target = if rows.targets[at] { 1.0 } else { 0.0 };
            let error = rows.weights[at] * (p - target);
            bends[k] = (unit * rows.weights[at] * (p * (1.0 - p)).max(1e-6)) as f32;
            for (own, x) in gradient.iter_mut().zip(row.iter()) {
                *own += error * f64::from(*x);
            }
        }
        add_products(&wide, &bends, n, &mut sums);
        if (from / TOGETHER + 1).is_multiple_of(CHUNK / TOGETHER) {
            flush(&mut sums, hessian, unit);
        }
    }
    flush(&mut sums, hessian, unit);
}

/// Adds the weighed products of the inputs of some rows.
fn add_products(wide: &[f32], bends: &[f32; TOGETHER], n: usize, sums: &mut [f32]) {
    let [a, b, c, d] = std::array::from_fn(|k| &wide[k * n..(k + 1) * n]);
    for i in 0..n {
        let [wa, wb, wc, wd] = [
            bends[0] * a[i],
            bends[1] * b[i],
            bends[2] * c[i],
            bends[3] * d[i],
        ];
        let line = &mut sums[i * n + i..(i + 1) * n];
        let inputs = a[i..].iter().zip(&b[i..]).zip(&c[i..]).zip(&d[i..]);
        for (sum, (((a, b), c), d)) in line.iter_mut().zip(inputs) {
            *sum += wa * a + wb * b + wc * c + wd * d;
        }
    }
}

fn flush(sums: &mut [f32], hessian: &mut [f64], unit: f64) {
    for (own, sum) in hessian.iter_mut().zip(sums.iter_mut()) {
        *own += f64::from(*sum) / unit;
        *sum = 0.0;
    }
}

/// Solves `matrix · x = right` by Cholesky's decomposition; only the upper half is read.
fn solve(matrix: &mut [f64], mut right: Vec<f64>) -> Vec<f64> {
    let n = right.len();
    // matrix becomes Uᵀ·U, U in the upper half.
    for i in 0..n {
        let (above, rest) = matrix.split_at_mut(i * n);
        let line = &mut rest[..n];
        for k in 0..i {
            let factor = above[k * n + i];
            for j in i..n {
                line[j] -= factor * above[k * n + j];
            }
        }
        let root = line[i].max(1e-12).sqrt();
        line[i..].iter_mut().for_each(|x| *x /= root);
    }
    for i in 0..n {
        let known: f64 = (0..i).map(|k| matrix[k * n + i] * right[k]).sum();
        right[i] = (right[i] - known) / matrix[i * n + i];
    }
    for i in (0..n).rev() {
        let known: f64 = (i + 1..n).map(|k| matrix[i * n + k] * right[k]).sum();
        right[i] = (right[i] - known) / matrix[i * n + i];
    }
    right
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_of_equations_is_solved() {
        let mut matrix = vec![4.0, 2.0, 0.6, 0.0, 5.0, 1.0, 0.0, 0.0, 3.0];
        let x = solve(
            &mut matrix,
            vec![4.0 - 4.0 + 1.8, 2.0 - 10.0 + 3.0, 0.6 - 2.0 + 9.0],
        );
        for (found, expected) in x.iter().zip([1.0, -2.0, 3.0]) {
            assert!((found - expected).abs() < 1e-9, "{x:?}");
        }
    }

    #[test]
    fn a_known_law_is_found_again() {
        let mut dice = crate::dice::Dice::new(7);
        let mut rows = Rows {
            width: 2,
            ..Rows::default()
        };
        for _ in 0..20_000 {
            let (x, noise) = (dice.share() * 4.0 - 2.0, dice.share());
            let p = 1.0 / (1.0 + (-(1.5 * x - 0.5)).exp());
            rows.inputs.extend([x, noise]);
            rows.targets.push(dice.share() < p);
            rows.weights.push(1.0);
        }
        rows.normalise();
        let found = fit(&rows, 1e-6, 20);
        assert!((found.weights[0] - 1.5).abs() < 0.1, "{found:?}");
        assert!(found.weights[1].abs() < 0.15, "{found:?}");
        assert!((found.intercept + 0.5).abs() < 0.1, "{found:?}");
    }
}
