//! Pictures in blocks: larger pixels, and pieces in another order.

use super::{Size, channels};
use crate::engine::noise::Noise;

/// Fewer pixels, `share` of them along each side, each the mean of what it covers; then as large as before.
pub fn pixelate(x: &[f32], [h, w]: Size, share: f32) -> Vec<f32> {
    let (small_h, small_w) = (((h as f32 * share) as usize).max(1), ((w as f32 * share) as usize).max(1));
    channels(x, [h, w], |plane| {
        let rows: Vec<f32> = plane.chunks_exact(w).flat_map(|row| means(row, small_w)).collect();
        let mut small = vec![0.0; small_h * small_w];
        for column in 0..small_w {
            let line: Vec<f32> = (0..h).map(|y| rows[y * small_w + column]).collect();
            means(&line, small_h).into_iter().enumerate().for_each(|(y, v)| small[y * small_w + column] = v);
        }
        let near = |i: usize, to: usize, from: usize| (2 * i + 1) * to / (2 * from);
        (0..h * w).map(|i| small[near(i / w, small_h, h) * small_w + near(i % w, small_w, w)]).collect()
    })
}

/// A line at another length, each value the mean of those whose centres it covers, in whole grey levels (Pillow's box filter).
fn means(line: &[f32], to: usize) -> Vec<f32> {
    let scale = line.len() as f64 / to as f64;
    let value = |i: usize| {
        let [low, high] = [i, i + 1].map(|v| (v as f64 * scale + 0.5) as usize);
        let inside = &line[low..high.min(line.len())];
        let n = inside.len().max(1);
        // whole numbers: halves go up, as Pillow's do
        let sum: usize = inside.iter().map(|v| (v * 255.0).round() as usize).sum();
        ((2 * sum + n) / (2 * n)) as f32 / 255.0
    };
    (0..to).map(value).collect()
}

/// Cut into `k` x `k` pieces and laid out in a random order.
pub fn shuffle(x: &[f32], [h, w]: Size, k: usize, noise: Noise) -> Vec<f32> {
    let mut order: Vec<usize> = (0..k * k).collect();
    for i in (1..order.len()).rev() {
        order.swap(i, (noise.uniform(i as u64) * (i + 1) as f32) as usize);
    }
    let (ph, pw) = (h / k, w / k);
    channels(x, [h, w], |plane| {
        let mut out = plane.to_vec();
        for (to, from) in order.iter().enumerate() {
            for y in 0..ph {
                let at = |piece: usize| (piece / k * ph + y) * w + piece % k * pw;
                out[at(to)..at(to) + pw].copy_from_slice(&plane[at(*from)..at(*from) + pw]);
            }
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shuffled_pieces_are_all_still_there() {
        let x: Vec<f32> = (0..3 * 64).map(|v| v as f32).collect();
        let y = shuffle(&x, [8, 8], 4, Noise::new(3, 0));
        assert_ne!(x, y);
        let sorted = |v: &[f32]| {
            let mut v = v.to_vec();
            v.sort_by(f32::total_cmp);
            v
        };
        assert_eq!(sorted(&x), sorted(&y));
        assert_eq!(shuffle(&x, [8, 8], 1, Noise::new(3, 0)), x);
    }
}
