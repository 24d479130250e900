//! Blurs and other convolutions of a picture with a small kernel.

use super::{Size, channels};

/// A Gaussian of `sigma` pixels, cut at four of them; the edge is repeated (scikit-image's `gaussian`).
pub fn gaussian_blur(x: &[f32], size: Size, sigma: f32) -> Vec<f32> {
    let reach = (4.0 * sigma + 0.5) as isize;
    let weights: Vec<f64> = (-reach..=reach).map(|d| (-0.5 * (d as f64 / f64::from(sigma)).powi(2)).exp()).collect();
    smooth(x, size, &weights)
}

/// A symmetric odd kernel along the rows and along the columns, normalised; the edge is repeated.
fn smooth(x: &[f32], [h, w]: Size, weights: &[f64]) -> Vec<f32> {
    let (reach, total) = (weights.len() as isize / 2, weights.iter().sum::<f64>());
    let along = |plane: &[f32], step: usize, n: usize| -> Vec<f32> {
        let value = |i: usize| {
            let at = (i / step % n) as isize;
            let start = i - at as usize * step;
            let near = |k: usize| (at + k as isize - reach).clamp(0, n as isize - 1) as usize;
            let sum: f64 = weights.iter().enumerate().map(|(k, v)| v * f64::from(plane[start + near(k) * step])).sum();
            (sum / total) as f32
        };
        (0..plane.len()).map(value).collect()
    };
    channels(x, [h, w], |plane| along(&along(plane, w, h), 1, w))
}

/// Correlation with a square kernel of odd side; the picture is mirrored at its edge pixels (OpenCV's `filter2D`).
pub fn convolve(x: &[f32], [h, w]: Size, kernel: &[f32], side: usize) -> Vec<f32> {
    let reach = side as isize / 2;
    let mirror = |i: isize, n: usize| {
        let last = n as isize - 1;
        (if i < 0 {
            -i
        } else if i > last {
            2 * last - i
        } else {
            i
        })
        .clamp(0, last) as usize
    };
    let taps: Vec<(isize, isize, f32)> = kernel
        .iter()
        .enumerate()
        .filter(|(_, k)| **k != 0.0)
        .map(|(i, k)| (i as isize / side as isize - reach, i as isize % side as isize - reach, *k))
        .collect();
    channels(x, [h, w], |plane| {
        let mut out = vec![0.0; plane.len()];
        for (dy, dx, k) in &taps {
            for (y, row) in out.chunks_exact_mut(w).enumerate() {
                let from = &plane[mirror(y as isize + dy, h) * w..][..w];
                row.iter_mut().enumerate().for_each(|(x, v)| *v += k * from[mirror(x as isize + dx, w)]);
            }
        }
        out
    })
}

/// The disk of `radius` pixels with a soft edge that ImageNet-C takes for a lens out of focus: the kernel and its side.
pub fn disk(radius: f32, soft: f32) -> (Vec<f32>, usize) {
    let (reach, blur) = if radius <= 8.0 { (8, 1) } else { (radius as isize, 2) };
    let side = 2 * reach as usize + 1;
    let inside = |i: usize| {
        let (y, x) = (i as isize / side as isize - reach, i as isize % side as isize - reach);
        f32::from(u8::from((x * x + y * y) as f32 <= radius * radius))
    };
    let mut kernel: Vec<f32> = (0..side * side).map(inside).collect();
    let total: f32 = kernel.iter().sum();
    kernel.iter_mut().for_each(|k| *k /= total);
    let line: Vec<f32> = (-blur..=blur).map(|d: i32| (-(d * d) as f32 / (2.0 * soft * soft)).exp()).collect();
    let total: f32 = line.iter().sum();
    let square: Vec<f32> = line.iter().flat_map(|a| line.iter().map(move |b| a * b / total / total)).collect();
    (convolve(&kernel, [side, side], &square, line.len()), side)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flat_picture_stays_flat() {
        let x = vec![0.3; 3 * 7 * 9];
        let (kernel, side) = disk(3.0, 0.1);
        for y in [gaussian_blur(&x, [7, 9], 1.5), convolve(&x, [7, 9], &kernel, side)] {
            assert!(y.iter().all(|v| (v - 0.3).abs() < 1e-5));
        }
    }
}
