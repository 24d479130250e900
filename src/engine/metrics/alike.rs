//! How alike two attribution maps are: rank correlation and structural similarity.

use crate::figure::scale::{correlation, largest_first};

/// What float32 rounds away, of a map's largest magnitude: Winograd's transforms leave so much where the sum is exactly 0.
const ROUNDING: f32 = 1e-6;

/// A map whose values below rounding are 0, so that they share a rank: as they are, their noise would be ranked.
pub fn settled(map: &[f32]) -> Vec<f32> {
    let least = ROUNDING * map.iter().fold(0.0_f32, |most, v| most.max(v.abs()));
    map.iter().map(|v| if v.abs() < least { 0.0 } else { *v }).collect()
}

/// Spearman's rank correlation; equal values share their mean rank.
pub fn spearman(a: &[f32], b: &[f32]) -> f32 {
    correlation(&ranks(a), &ranks(b))
}

fn ranks(values: &[f32]) -> Vec<f32> {
    let order: Vec<usize> = largest_first(values).into_iter().rev().collect();
    let mut ranks = vec![0.0; values.len()];
    let mut first = 0;
    for equal in order.chunk_by(|a, b| values[*a] == values[*b]) {
        let mean = first as f32 + (equal.len() as f32 - 1.0) / 2.0;
        equal.iter().for_each(|i| ranks[*i] = mean);
        first += equal.len();
    }
    ranks
}

/// Structural similarity (Wang et al. 2004) of two maps in 0..1, windows of 7 x 7, as scikit-image computes it.
pub fn ssim(a: &[f32], b: &[f32], width: usize) -> f32 {
    const SIDE: usize = 7;
    let (c1, c2) = (0.01_f64.powi(2), 0.03_f64.powi(2));
    let height = a.len() / width.max(1);
    if height < SIDE || width < SIDE {
        return 0.0;
    }
    let pairs: [Vec<f64>; 5] = {
        let (a, b) = (|i: usize| f64::from(a[i]), |i: usize| f64::from(b[i]));
        let all = |f: &dyn Fn(usize) -> f64| integral(width, height, f);
        [all(&a), all(&b), all(&|i| a(i) * a(i)), all(&|i| b(i) * b(i)), all(&|i| a(i) * b(i))]
    };
    let (n, mut sum, mut count) = ((SIDE * SIDE) as f64, 0.0, 0.0);
    for y in 0..=height - SIDE {
        for x in 0..=width - SIDE {
            let at = |y: usize, x: usize| y * (width + 1) + x;
            let window =
                |s: &Vec<f64>| s[at(y + SIDE, x + SIDE)] - s[at(y, x + SIDE)] - s[at(y + SIDE, x)] + s[at(y, x)];
            let [a, b, aa, bb, ab] = pairs.each_ref().map(|s| window(s) / n);
            let unbiased = n / (n - 1.0);
            let (va, vb, cov) = (unbiased * (aa - a * a), unbiased * (bb - b * b), unbiased * (ab - a * b));
            sum += (2.0 * a * b + c1) * (2.0 * cov + c2) / ((a * a + b * b + c1) * (va + vb + c2));
            count += 1.0;
        }
    }
    (sum / count) as f32
}

/// Sums of everything above and to the left, `[height + 1, width + 1]`.
fn integral(width: usize, height: usize, value: &dyn Fn(usize) -> f64) -> Vec<f64> {
    let mut sums = vec![0.0; (width + 1) * (height + 1)];
    for y in 0..height {
        let mut row = 0.0;
        for x in 0..width {
            row += value(y * width + x);
            sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1] + row;
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_below_rounding_is_not_ranked() {
        // zeros, one of them a number that only rounding left: twice the same noise would look like a likeness
        let noise = |i: usize| (i * 37 % 64) as f32 * 3e-9;
        let map =
            |signal: fn(usize) -> f32| (0..80).map(|i| if i < 64 { noise(i) } else { signal(i) }).collect::<Vec<_>>();
        // signals of both signs, one order of them saying nothing of the other
        let (a, b) = (map(|i| (i as f32 - 71.5) / 8.0), map(|i| ((i * 29 % 16) as f32 - 7.5) / 8.0));
        let exact =
            |map: &[f32]| map.iter().enumerate().map(|(i, v)| if i < 64 { 0.0 } else { *v }).collect::<Vec<_>>();
        let want = spearman(&exact(&a), &exact(&b));
        assert!((spearman(&settled(&a), &settled(&b)) - want).abs() < 1e-6);
        assert!((spearman(&a, &b) - want).abs() > 0.1, "this noise would not have mattered");
        assert_eq!(settled(&[0.0, -0.5, 1.0]), [0.0, -0.5, 1.0]);
        assert_eq!(settled(&[0.0; 3]), [0.0; 3]);
    }

    #[test]
    fn ranks_and_structure() {
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 2.0]), [2.5, 0.0, 2.5, 1.0]);
        assert!((spearman(&[1.0, 2.0, 3.0], &[10.0, 20.0, 900.0]) - 1.0).abs() < 1e-6);
        let a: Vec<f32> = (0..400).map(|i| (i * 37 % 100) as f32 / 100.0).collect();
        assert!((ssim(&a, &a, 20) - 1.0).abs() < 1e-6);
        let b: Vec<f32> = a.iter().rev().copied().collect();
        assert!(ssim(&a, &b, 20) < 0.9);
    }
}
