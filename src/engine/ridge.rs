//! Weighted ridge regression with an intercept.

/// A linear model fitted by weighted ridge regression.
pub struct Fitted {
    /// The weight of every column of the design matrix.
    pub coefficients: Vec<f64>,
    /// Weighted coefficient of determination R²: the share of the variance that the model explains.
    pub r2: f64,
}

/// Minimises `sum_i weights_i (y_i - w.x_i - b)^2 + penalty |w|^2`.
pub fn ridge(rows: &[Vec<f64>], y: &[f64], weights: &[f64], penalty: f64) -> Fitted {
    let n = rows.first().map_or(0, Vec::len);
    let whole = weights.iter().sum::<f64>().max(1e-300);
    let mean_y = y.iter().zip(weights).map(|(y, w)| y * w).sum::<f64>() / whole;
    let mut mean = vec![0.0; n];
    for (row, weight) in rows.iter().zip(weights) {
        mean.iter_mut().zip(row).for_each(|(m, v)| *m += v * weight / whole);
    }
    let (mut matrix, mut side) = (vec![vec![0.0; n]; n], vec![0.0; n]);
    for ((row, y), weight) in rows.iter().zip(y).zip(weights) {
        let centred: Vec<f64> = row.iter().zip(&mean).map(|(v, m)| v - m).collect();
        for (i, v) in centred.iter().enumerate() {
            side[i] += weight * v * (y - mean_y);
            matrix[i].iter_mut().zip(&centred).for_each(|(m, u)| *m += weight * v * u);
        }
    }
    (0..n).for_each(|i| matrix[i][i] += penalty.max(1e-9));
    let coefficients = solve(matrix, side);
    let (mut off, mut all) = (0.0, 0.0);
    for ((row, y), weight) in rows.iter().zip(y).zip(weights) {
        let told: f64 = row.iter().zip(&mean).zip(&coefficients).map(|((v, m), w)| (v - m) * w).sum();
        off += weight * (y - mean_y - told).powi(2);
        all += weight * (y - mean_y).powi(2);
    }
    Fitted { coefficients, r2: if all > 0.0 { 1.0 - off / all } else { 0.0 } }
}

/// Gaussian elimination of a positive definite system.
pub(super) fn solve(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Vec<f64> {
    let n = b.len();
    for i in 0..n {
        let pivot = a[i].clone();
        for j in i + 1..n {
            let factor = a[j][i] / pivot[i];
            a[j].iter_mut().zip(&pivot).skip(i).for_each(|(v, p)| *v -= factor * p);
            b[j] -= factor * b[i];
        }
    }
    for i in (0..n).rev() {
        let rest: f64 = (i + 1..n).map(|j| a[i][j] * b[j]).sum();
        b[i] = (b[i] - rest) / a[i][i];
    }
    b
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_linear_function_is_found_again() {
        let rows: Vec<Vec<f64>> =
            (0..40).map(|i| vec![f64::from(i % 7), f64::from(i % 5), f64::from(i * i % 11)]).collect();
        let y: Vec<f64> = rows.iter().map(|r| 2.0 * r[0] - r[1] + 0.5 * r[2] + 3.0).collect();
        let fit = ridge(&rows, &y, &vec![1.0; 40], 0.0);
        for (a, b) in fit.coefficients.iter().zip([2.0, -1.0, 0.5]) {
            assert!((a - b).abs() < 1e-6, "{a} {b}");
        }
        assert!(fit.r2 > 0.999_999);
    }
}
