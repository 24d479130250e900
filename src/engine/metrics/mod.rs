//! Numbers about maps: how alike two are, how concentrated one is, where it points, and in which order it ranks the pixels.

mod alike;
mod hog;
mod road;

pub use alike::{settled, spearman, ssim};
pub use hog::hog;
pub use road::impute;

use crate::figure::scale::largest_first;

/// Area under a curve of evenly spaced values from 0 to 1, by trapezoids (RISE's `auc`).
pub fn area(curve: &[f32]) -> f32 {
    let steps = curve.len().saturating_sub(1).max(1) as f32;
    curve.windows(2).map(|w| (w[0] + w[1]) / 2.0).sum::<f32>() / steps
}

/// Gini index of the magnitudes: 0 when all are equal, near 1 when one holds everything (Chalasani et al. 2020; Quantus's
/// `Sparseness`).
pub fn gini(map: &[f32]) -> f32 {
    let sizes: Vec<f32> = map.iter().map(|v| v.abs()).collect();
    let sizes: Vec<f64> = largest_first(&sizes).into_iter().rev().map(|i| f64::from(sizes[i]) + 1e-7).collect();
    let n = sizes.len() as f64;
    let sum: f64 = sizes.iter().sum();
    let weighted: f64 = sizes.iter().enumerate().map(|(i, v)| (2.0 * (i as f64 + 1.0) - n - 1.0) * v).sum();
    (weighted / (n * sum)) as f32
}

/// The share of a map's positive mass that lies where the mask is at least one half; `None` when there is none.
pub fn inside(map: &[f32], mask: &[f32]) -> Option<f32> {
    let positive = |v: &f32| f64::from(v.max(0.0));
    let whole: f64 = map.iter().map(positive).sum();
    let within: f64 = map.iter().zip(mask).filter(|(_, m)| **m >= 0.5).map(|(v, _)| positive(v)).sum();
    (whole > 0.0).then(|| (within / whole) as f32)
}

/// Whether the map's largest value lies within `reach` pixels of the mask (Zhang et al. 2018; `TorchRay` takes 15).
pub fn points_at(map: &[f32], mask: &[f32], width: usize, reach: usize) -> bool {
    let Some(at) = largest_first(map).first().copied() else { return false };
    let (y, x, reach) = ((at / width) as isize, (at % width) as isize, reach as isize);
    mask.iter().enumerate().filter(|(_, m)| **m >= 0.5).any(|(i, _)| {
        let (dy, dx) = ((i / width) as isize - y, (i % width) as isize - x);
        dy * dy + dx * dx <= reach * reach
    })
}

/// The largest intersection over union of the mask with the map's highest places, and the share of places that gives it.
pub fn best_iou(map: &[f32], mask: &[f32]) -> (f32, f32) {
    let whole = mask.iter().filter(|m| **m >= 0.5).count() as f32;
    let (mut hit, mut best) = (0.0_f32, (0.0_f32, 0.0_f32));
    for (taken, i) in largest_first(map).into_iter().enumerate() {
        hit += f32::from(u8::from(mask[i] >= 0.5));
        let iou = hit / (whole + taken as f32 + 1.0 - hit);
        if iou > best.0 {
            best = (iou, (taken + 1) as f32 / map.len() as f32);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn concentration_and_places() {
        assert!(gini(&[1.0; 50]).abs() < 1e-6);
        let mut one = vec![0.0; 100];
        one[42] = 3.0;
        assert!(gini(&one) > 0.98);
        let mut mask = vec![0.0; 100];
        mask[45] = 1.0;
        assert!(points_at(&one, &mask, 10, 3) && !points_at(&one, &mask, 10, 2));
        assert_eq!(inside(&one, &mask), Some(0.0));
        assert_eq!(inside(&[-1.0; 100], &mask), None);
        assert_eq!(best_iou(&one, &one), (1.0, 0.01));
        assert_eq!(area(&[1.0, 0.5, 0.0]), 0.5);
    }
}
