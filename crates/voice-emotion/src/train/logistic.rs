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

/// Fits a regression with `penalty` on the squares of its weights; at most so many steps, each
/// of which is found by conjugate gradients (Hestenes and Stiefel 1952), so that no matrix is
/// ever made. Deterministic: the same rows give the same weights.
pub fn fit(rows: &Rows, penalty: f64, steps: usize) -> Regression {
    let mut theta = vec![0.0; rows.width + 1];
    for _ in 0..steps {
        let (mut gradient, bends) = slope(rows, &theta);
        for k in 0..rows.width {
            gradient[k] += penalty * theta[k];
        }
        let step = solve(rows, &bends, penalty, gradient);
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

/// Rows whose products are summed in single precision before their sum is added in double precision.
const CHUNK: usize = 256;
/// Products that are summed side by side.
const LANES: usize = 8;
/// Conjugate gradients stop when what is left is this share of what there was, or after so many turns.
const LEFT: f64 = 1e-6;
const TURNS: usize = 200;

/// The gradient of the loss, and how much it bends along each row.
fn slope(rows: &Rows, theta: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let outputs = outputs(rows, theta);
    let (mut errors, mut bends) = (outputs.clone(), outputs);
    for (at, (error, bend)) in errors.iter_mut().zip(&mut bends).enumerate() {
        let p = 1.0 / (1.0 + (-*error).exp());
        let target = if rows.targets[at] { 1.0 } else { 0.0 };
        *error = rows.weights[at] * (p - target);
        *bend = rows.weights[at] * (p * (1.0 - p)).max(1e-6);
    }
    (weighed(rows, &errors), bends)
}

/// Each row's inputs times these weights.
fn outputs(rows: &Rows, theta: &[f64]) -> Vec<f64> {
    let single: Vec<f32> = theta.iter().map(|t| *t as f32).collect();
    let (weights, intercept) = single.split_at(rows.width);
    let each = rows.inputs.chunks_exact(rows.width);
    each.map(|row| f64::from(dot(row, weights) + intercept[0]))
        .collect()
}

/// The sum of all rows, each taken so many times; the last is the sum of those factors.
fn weighed(rows: &Rows, factors: &[f64]) -> Vec<f64> {
    let mut sum = vec![0.0; rows.width + 1];
    let mut part = vec![0.0_f32; rows.width];
    // Factors are so small that single precision would lose them.
    let unit = factors.len().max(1) as f64;
    let chunks = rows.inputs.chunks(CHUNK * rows.width);
    for (inputs, factors) in chunks.zip(factors.chunks(CHUNK)) {
        for (row, factor) in inputs.chunks_exact(rows.width).zip(factors) {
            let scaled = (unit * factor) as f32;
            for (own, x) in part.iter_mut().zip(row) {
                *own += scaled * x;
            }
            sum[rows.width] += factor;
        }
        for (own, part) in sum.iter_mut().zip(&mut part) {
            *own += f64::from(*part) / unit;
            *part = 0.0;
        }
    }
    sum
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let mut lanes = [0.0; LANES];
    for (a, b) in a.iter().zip(b) {
        for (lane, (a, b)) in lanes.iter_mut().zip(a.iter().zip(b)) {
            *lane += a * b;
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    lanes.iter().sum::<f32>() + rest
}

fn product(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Solves `hessian · x = right`.
fn solve(rows: &Rows, bends: &[f64], penalty: f64, right: Vec<f64>) -> Vec<f64> {
    let bent = |x: &[f64]| {
        let mut along = outputs(rows, x);
        along.iter_mut().zip(bends).for_each(|(o, bend)| *o *= bend);
        let mut product = weighed(rows, &along);
        for (k, own) in product.iter_mut().enumerate() {
            *own += x[k] * if k < rows.width { penalty } else { 1e-9 };
        }
        product
    };
    let mut found = vec![0.0; right.len()];
    let mut left = right;
    let mut towards = left.clone();
    let mut size = product(&left, &left);
    let enough = size * LEFT * LEFT;
    for _ in 0..TURNS {
        if size <= enough {
            break;
        }
        let bent = bent(&towards);
        let length = size / product(&towards, &bent).max(1e-300);
        for k in 0..found.len() {
            found[k] += length * towards[k];
            left[k] -= length * bent[k];
        }
        let before = std::mem::replace(&mut size, product(&left, &left));
        for (own, left) in towards.iter_mut().zip(&left) {
            *own = left + size / before * *own;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_of_equations_is_solved() {
        // Bent by 1 along each row and by the penalty: 2·a + b = 4, a + 2·b = 5.
        let rows = Rows {
            inputs: vec![1.0, 1.0],
            width: 2,
            ..Rows::default()
        };
        let x = solve(&rows, &[1.0], 1.0, vec![4.0, 5.0, 0.0]);
        let [a, b, c] = [x[0], x[1], x[2]];
        let bent = [2.0 * a + b + c - 4.0, a + 2.0 * b + c - 5.0, a + b + c];
        assert!(bent.iter().all(|off| off.abs() < 1e-4), "{x:?}");
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
