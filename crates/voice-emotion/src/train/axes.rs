//! The main axes along which voices differ.

use crate::features::FEATURES;
use crate::model::AXES;

/// Sweeps of rotations; a dozen is more than enough for matrices of this size.
const SWEEPS: usize = 14;

/// For each feature its part in every axis. Axes are the strongest principal components of the
/// rows, which are weighted, scaled so that a row's place on each has variance 1.
pub fn principal(rows: &[[f32; FEATURES]], weights: &[f64]) -> Vec<[f32; AXES]> {
    let n = FEATURES;
    let mut matrix = vec![0.0; n * n];
    for (row, weight) in rows.iter().zip(weights) {
        for i in 0..n {
            let scaled = weight * f64::from(row[i]);
            let line = &mut matrix[i * n + i..(i + 1) * n];
            for (place, value) in line.iter_mut().zip(&row[i..]) {
                *place += scaled * f64::from(*value);
            }
        }
    }
    for i in 0..n {
        for j in 0..i {
            matrix[i * n + j] = matrix[j * n + i];
        }
    }
    let vectors = rotate(&mut matrix, n);
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|a, b| matrix[b * n + b].total_cmp(&matrix[a * n + a]));
    let part = |feature: usize, axis: usize| {
        let which = order[axis];
        let vector = &vectors[which * n..(which + 1) * n];
        // An axis has two directions; the one in which its largest part is positive is taken.
        let largest = vector
            .iter()
            .copied()
            .max_by(|a, b| a.abs().total_cmp(&b.abs()));
        let sign = largest.unwrap_or(1.0).signum();
        (sign * vector[feature] / matrix[which * n + which].max(1e-9).sqrt()) as f32
    };
    (0..n)
        .map(|feature| std::array::from_fn(|axis| part(feature, axis)))
        .collect()
}

/// Jacobi's method: the matrix becomes diagonal; its eigenvectors, one a row.
fn rotate(matrix: &mut [f64], n: usize) -> Vec<f64> {
    let mut vectors = vec![0.0; n * n];
    (0..n).for_each(|i| vectors[i * n + i] = 1.0);
    for _ in 0..SWEEPS {
        for p in 0..n {
            for q in p + 1..n {
                let off = matrix[p * n + q];
                if off.abs() < 1e-12 {
                    continue;
                }
                let theta = (matrix[q * n + q] - matrix[p * n + p]) / (2.0 * off);
                let tangent = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
                let cosine = 1.0 / (tangent * tangent + 1.0).sqrt();
                turn(matrix, n, (p, q), (cosine, tangent * cosine));
                for k in 0..n {
                    let (a, b) = (vectors[p * n + k], vectors[q * n + k]);
                    vectors[p * n + k] = cosine * a - tangent * cosine * b;
                    vectors[q * n + k] = tangent * cosine * a + cosine * b;
                }
            }
        }
    }
    vectors
}

/// Turns columns and rows `p` and `q` by an angle.
fn turn(matrix: &mut [f64], n: usize, (p, q): (usize, usize), (cosine, sine): (f64, f64)) {
    for k in 0..n {
        let (a, b) = (matrix[k * n + p], matrix[k * n + q]);
        matrix[k * n + p] = cosine * a - sine * b;
        matrix[k * n + q] = sine * a + cosine * b;
    }
    for k in 0..n {
        let (a, b) = (matrix[p * n + k], matrix[q * n + k]);
        matrix[p * n + k] = cosine * a - sine * b;
        matrix[q * n + k] = sine * a + cosine * b;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;

    #[test]
    fn the_first_axis_is_the_one_along_which_rows_differ_most() {
        let mut dice = Dice::new(4);
        let mut rows = Vec::new();
        for _ in 0..500 {
            let common = dice.share() - 0.5;
            let mut row = [0.0; FEATURES];
            row.iter_mut()
                .for_each(|x| *x = 0.01 * (dice.share() - 0.5));
            row[2] += 3.0 * common;
            row[5] -= 4.0 * common;
            rows.push(row);
        }
        let parts = principal(&rows, &vec![1.0 / 500.0; 500]);
        let ratio = parts[2][0] / parts[5][0];
        assert!((ratio + 0.75).abs() < 0.02, "{ratio}");
        let places = rows.iter().map(|row| {
            let sum: f32 = row.iter().zip(&parts).map(|(x, part)| x * part[0]).sum();
            sum * sum / 500.0
        });
        let variance: f32 = places.sum();
        assert!((variance - 1.0).abs() < 0.01, "{variance}");
    }
}
