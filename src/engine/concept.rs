//! Directions of concepts among a layer's channels, and whether what they say could be chance.

use super::noise::Noise;
use super::ridge::solve;
use crate::figure::scale::largest_first;

/// A linear classifier between two sets.
pub struct Direction {
    /// Unit length, from the second set towards the first.
    pub v: Vec<f32>,
    /// Share of held-out pictures that it tells apart; each set counts half.
    pub accuracy: f32,
}

/// Share of a set that is held out (captum's).
const HELD_OUT: f32 = 0.33;

/// Ridge regression of +1 and -1 on the features in its dual form, on two thirds of either set drawn by `noise`. `None` with
/// fewer than three pictures in a set.
pub fn direction(with: &[Vec<f32>], without: &[Vec<f32>], noise: Noise) -> Option<Direction> {
    let (own, other) = (split(with, noise, 0), split(without, noise, 1 << 32));
    if own.0.is_empty() || other.0.is_empty() || own.1.is_empty() || other.1.is_empty() {
        return None;
    }
    let rows: Vec<&Vec<f32>> = own.0.iter().chain(&other.0).copied().collect();
    let width = rows[0].len();
    // both sets weigh the same in the middle between them
    let centre = |rows: &[&Vec<f32>], k: usize| rows.iter().map(|r| f64::from(r[k])).sum::<f64>() / rows.len() as f64;
    let middle: Vec<f64> = (0..width).map(|k| (centre(&own.0, k) + centre(&other.0, k)) / 2.0).collect();
    let centred = |row: &Vec<f32>| row.iter().zip(&middle).map(|(v, m)| f64::from(*v) - m).collect::<Vec<f64>>();
    let x: Vec<Vec<f64>> = rows.iter().map(|r| centred(r)).collect();
    let y: Vec<f64> = (0..x.len()).map(|i| if i < own.0.len() { 1.0 } else { -1.0 }).collect();
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let mut gram: Vec<Vec<f64>> = x.iter().map(|a| x.iter().map(|b| dot(a, b)).collect()).collect();
    let scale = (0..x.len()).map(|i| gram[i][i]).sum::<f64>() / x.len() as f64;
    (0..x.len()).for_each(|i| gram[i][i] += 0.1 * scale.max(1e-12));
    let alpha = solve(gram, y);
    let mut v = vec![0.0_f64; width];
    for (row, a) in x.iter().zip(&alpha) {
        v.iter_mut().zip(row).for_each(|(v, r)| *v += a * r);
    }
    let length = dot(&v, &v).sqrt().max(1e-300);
    v.iter_mut().for_each(|v| *v /= length);
    let right = |set: &[&Vec<f32>], sign: f64| {
        set.iter().filter(|r| sign * dot(&centred(r), &v) > 0.0).count() as f32 / set.len() as f32
    };
    let accuracy = (right(&own.1, 1.0) + right(&other.1, -1.0)) / 2.0;
    Some(Direction { v: v.into_iter().map(|v| v as f32).collect(), accuracy })
}

/// A random two thirds of a set to fit on, and the rest to test on; both empty for fewer than three pictures.
fn split(set: &[Vec<f32>], noise: Noise, from: u64) -> (Vec<&Vec<f32>>, Vec<&Vec<f32>>) {
    let key: Vec<f32> = (from..).take(set.len()).map(|i| noise.uniform(i)).collect();
    let order: Vec<usize> = largest_first(&key).into_iter().rev().collect();
    let held = (set.len() as f32 * HELD_OUT).round() as usize;
    let pick = |some: &[usize]| some.iter().map(|i| &set[*i]).collect();
    if set.len() < 3 { (Vec::new(), Vec::new()) } else { (pick(&order[held..]), pick(&order[..held])) }
}

/// Welch's t-test (1947): the probability that two samples whose means differ this much come from the same mean, two-sided.
pub fn welch(a: &[f32], b: &[f32]) -> f64 {
    let moments = |s: &[f32]| {
        let n = s.len() as f64;
        let mean = s.iter().map(|v| f64::from(*v)).sum::<f64>() / n;
        (mean, s.iter().map(|v| (f64::from(*v) - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0) / n)
    };
    let ((ma, va), (mb, vb)) = (moments(a), moments(b));
    if va + vb <= 0.0 {
        return if ma == mb { 1.0 } else { 0.0 };
    }
    let t = (ma - mb) / (va + vb).sqrt();
    let freedom = (va + vb).powi(2) / (va * va / (a.len() as f64 - 1.0) + vb * vb / (b.len() as f64 - 1.0));
    // Student's distribution through the incomplete beta function
    beta(freedom / 2.0, 0.5, freedom / (freedom + t * t))
}

/// The regularised incomplete beta function `I_x(a, b)` by its continued fraction (Lentz; Numerical Recipes 6.4).
fn beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - beta(b, a, 1.0 - x);
    }
    let front = (ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (1.0 - x).ln()).exp() / a;
    let safe = |v: f64| if v.abs() < 1e-300 { 1e-300 } else { v };
    let (mut c, mut d) = (1.0, 1.0 / safe(1.0 - (a + b) * x / (a + 1.0)));
    let mut sum = d;
    for m in 1..300 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut last = 1.0;
        for term in [even, odd] {
            d = 1.0 / safe(1.0 + term * d);
            c = safe(1.0 + term / c);
            last = c * d;
            sum *= last;
        }
        if (last - 1.0).abs() < 1e-12 {
            break;
        }
    }
    front * sum
}

/// Logarithm of the gamma function (Lanczos).
fn ln_gamma(x: f64) -> f64 {
    const G: [f64; 6] = [
        76.180_091_729_471_46,
        -86.505_320_329_416_77,
        24.014_098_240_830_91,
        -1.231_739_572_450_155,
        0.001_208_650_973_866_179,
        -0.000_005_395_239_384_953,
    ];
    let t = x + 5.5;
    let series = G.iter().zip(1..).fold(1.000_000_000_190_015, |s, (g, i)| s + g / (x + f64::from(i)));
    (x + 0.5) * t.ln() - t + (2.506_628_274_631_000_5 * series / x).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_t_test_agrees_with_scipy() {
        // scipy.stats.ttest_ind([1, 2, 3, 4, 5], [2, 4, 6, 8, 10], equal_var=False).pvalue
        let p = welch(&[1.0, 2.0, 3.0, 4.0, 5.0], &[2.0, 4.0, 6.0, 8.0, 10.0]);
        assert!((p - 0.107_531_192_1).abs() < 1e-6, "{p}");
        assert!((welch(&[1.0, 2.0, 3.0], &[1.0, 2.0, 3.0]) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn what_can_be_told_apart_is() {
        let set = |shift: f32, seed: u64| -> Vec<Vec<f32>> {
            (0..30)
                .map(|i| (0..64).map(|k| Noise::new(seed, i).normal(k) + if k == 5 { shift } else { 0.0 }).collect())
                .collect()
        };
        let found = direction(&set(6.0, 1), &set(0.0, 2), Noise::new(0, 0)).unwrap();
        assert!(found.accuracy > 0.9 && found.v[5] > 0.7, "{} {}", found.accuracy, found.v[5]);
        let chance = direction(&set(0.0, 1), &set(0.0, 2), Noise::new(0, 0)).unwrap();
        assert!(chance.accuracy < 0.8);
        assert!(direction(&set(0.0, 1)[..2], &set(0.0, 2), Noise::new(0, 0)).is_none());
    }
}
