//! Colours: hue, saturation, value, and what is left without them.

use super::{clipped, pixels};

/// Hue, saturation and value, each 0..1 (scikit-image's `rgb2hsv`).
pub fn hsv([r, g, b]: [f32; 3]) -> [f32; 3] {
    let (max, min) = (r.max(g).max(b), r.min(g).min(b));
    let d = max - min;
    if d == 0.0 {
        return [0.0, 0.0, max];
    }
    let sixth = if b == max {
        4.0 + (r - g) / d
    } else if g == max {
        2.0 + (b - r) / d
    } else {
        (g - b) / d
    };
    [(sixth / 6.0).rem_euclid(1.0), d / max, max]
}

/// Red, green and blue, each 0..1, of hue, saturation and value: the inverse of [`hsv`].
pub fn rgb([h, s, v]: [f32; 3]) -> [f32; 3] {
    let (part, f) = ((h * 6.0).floor(), h * 6.0 - (h * 6.0).floor());
    let (p, q, t) = (v * (1.0 - s), v * (1.0 - f * s), v * (1.0 - (1.0 - f) * s));
    match part as i32 % 6 {
        0 => [v, t, p],
        1 => [q, v, p],
        2 => [p, v, t],
        3 => [p, q, v],
        4 => [t, p, v],
        _ => [v, p, q],
    }
}

/// The picture `[3, H, W]` without colour: every channel becomes the brightness (ITU-R BT.601's weights).
pub fn grey(x: &[f32]) -> Vec<f32> {
    pixels(x, |[r, g, b]| [0.299 * r + 0.587 * g + 0.114 * b; 3])
}

/// The hue turned by `turn` of a whole turn.
pub fn hue(x: &[f32], turn: f32) -> Vec<f32> {
    pixels(x, |p| {
        let [h, s, v] = hsv(p);
        rgb([(h + turn).rem_euclid(1.0), s, v])
    })
}

/// The picture with its HSV saturation (0..1) times `times` plus `plus`.
pub fn saturated(x: &[f32], times: f32, plus: f32) -> Vec<f32> {
    clipped(pixels(x, |p| {
        let [h, s, v] = hsv(p);
        rgb([h, (s * times + plus).clamp(0.0, 1.0), v])
    }))
}

/// The picture with `plus` added to its HSV value (0..1).
pub fn brighter(x: &[f32], plus: f32) -> Vec<f32> {
    clipped(pixels(x, |p| {
        let [h, s, v] = hsv(p);
        rgb([h, s, (v + plus).clamp(0.0, 1.0)])
    }))
}

/// Every channel's distance from its mean, times `times`.
pub fn contrast(x: &[f32], times: f32) -> Vec<f32> {
    let n = x.len() / 3;
    let mean = |c: &[f32]| (c.iter().map(|v| f64::from(*v)).sum::<f64>() / n as f64) as f32;
    clipped(
        x.chunks_exact(n)
            .flat_map(|c| {
                let m = mean(c);
                c.iter().map(move |v| (v - m) * times + m)
            })
            .collect(),
    )
}

/// The picture with its three channels in another order.
pub fn permuted(x: &[f32], order: [usize; 3]) -> Vec<f32> {
    pixels(x, |p| order.map(|c| p[c]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for p in [[0.1, 0.7, 0.3], [0.9, 0.2, 0.2], [0.2, 0.2, 0.8], [0.5; 3], [0.0; 3], [0.6, 0.5, 0.9]] {
            let back = rgb(hsv(p));
            assert!(p.iter().zip(back).all(|(a, b)| (a - b).abs() < 1e-6), "{p:?} {back:?}");
        }
        let turned = hue(&[1.0, 0.0, 0.0], 1.0 / 3.0);
        assert!((turned[1] - 1.0).abs() < 1e-5 && turned[0] < 1e-5);
    }
}
