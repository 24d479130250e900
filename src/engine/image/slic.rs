//! Superpixels by simple linear iterative clustering (Achanta et al. 2012, algorithm 1).

use ::image::RgbImage;

/// How much a distance in the picture weighs against one in colour.
const COMPACTNESS: f32 = 10.0;
const ROUNDS: usize = 10;

/// The number of the superpixel at each pixel, `[H, W]`; about `count` of them, from 0 on without gaps.
pub fn superpixels(rgb: &RgbImage, count: usize) -> Vec<usize> {
    let (w, h) = (rgb.width() as usize, rgb.height() as usize);
    let lab: Vec<[f32; 3]> = rgb.pixels().map(|p| lab(p.0)).collect();
    let step = ((w * h) as f32 / count.max(1) as f32).sqrt().max(1.0);
    let (across, down) = (((w as f32 / step).round() as usize).max(1), ((h as f32 / step).round() as usize).max(1));
    let middle = |i: usize, n: usize, of: usize| (((i as f32 + 0.5) * of as f32 / n as f32) as usize).min(of - 1);
    // L, a, b, x, y
    let mut centres: Vec<[f32; 5]> = (0..across * down)
        .map(|i| {
            let (x, y) = (middle(i % across, across, w), middle(i / across, down, h));
            let [l, a, b] = lab[y * w + x];
            [l, a, b, x as f32, y as f32]
        })
        .collect();
    let mut owner = vec![0; w * h];
    for _ in 0..ROUNDS {
        let mut nearest = vec![f32::INFINITY; w * h];
        for (k, c) in centres.iter().enumerate() {
            let near = |at: f32, n: usize| (at - step).max(0.0) as usize..((at + step) as usize + 1).min(n);
            for y in near(c[4], h) {
                for x in near(c[3], w) {
                    let p = lab[y * w + x];
                    let colour: f32 = (0..3).map(|i| (p[i] - c[i]).powi(2)).sum();
                    let place = (x as f32 - c[3]).powi(2) + (y as f32 - c[4]).powi(2);
                    let d = colour + place * (COMPACTNESS / step).powi(2);
                    if d < nearest[y * w + x] {
                        (nearest[y * w + x], owner[y * w + x]) = (d, k);
                    }
                }
            }
        }
        let mut sums = vec![[0.0_f64; 6]; centres.len()];
        for (i, k) in owner.iter().enumerate() {
            let [l, a, b] = lab[i];
            let values = [l, a, b, (i % w) as f32, (i / w) as f32, 1.0];
            sums[*k].iter_mut().zip(values).for_each(|(s, v)| *s += f64::from(v));
        }
        for (centre, sum) in centres.iter_mut().zip(&sums).filter(|(_, s)| s[5] > 0.0) {
            *centre = std::array::from_fn(|i| (sum[i] / sum[5]) as f32);
        }
    }
    let mut numbers = vec![None; centres.len()];
    let mut next = 0;
    owner
        .into_iter()
        .map(|k| {
            *numbers[k].get_or_insert_with(|| {
                next += 1;
                next - 1
            })
        })
        .collect()
}

/// An 8-bit sRGB colour in CIE L*a*b* (white point D65), where distances are near to what the eye sees.
fn lab(rgb: [u8; 3]) -> [f32; 3] {
    let [r, g, b] = rgb.map(|v| {
        let v = f32::from(v) / 255.0;
        if v > 0.040_45 { ((v + 0.055) / 1.055).powf(2.4) } else { v / 12.92 }
    });
    let f = |v: f32| if v > 0.008_856 { v.cbrt() } else { 7.787 * v + 16.0 / 116.0 };
    let x = f((0.412_453 * r + 0.357_58 * g + 0.180_423 * b) / 0.950_456);
    let y = f(0.212_671 * r + 0.715_16 * g + 0.072_169 * b);
    let z = f((0.019_334 * r + 0.119_193 * g + 0.950_227 * b) / 1.088_754);
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn superpixels_follow_an_edge() {
        let picture = RgbImage::from_fn(64, 64, |x, _| if x < 29 { [200, 30, 30] } else { [30, 30, 200] }.into());
        let owner = superpixels(&picture, 16);
        let left: std::collections::BTreeSet<usize> = (0..64 * 64).filter(|i| i % 64 < 29).map(|i| owner[i]).collect();
        let right: std::collections::BTreeSet<usize> =
            (0..64 * 64).filter(|i| i % 64 >= 29).map(|i| owner[i]).collect();
        assert!(left.is_disjoint(&right), "{left:?} {right:?}");
        assert_eq!(left.len() + right.len(), 16);
    }

    #[test]
    fn white_is_a_hundred() {
        let [l, a, b] = lab([255; 3]);
        assert!((l - 100.0).abs() < 0.01 && a.abs() < 0.01 && b.abs() < 0.02, "{l} {a} {b}");
    }
}
