//! One random affine warp of fixed size: Lucid's padding, jitter, scaling and rotation in a single bilinear sampling.
//!
//! A fixed size keeps one set of pipelines on WebGPU, where Lucid's random scaling would make a new one for every size.

use crate::engine::noise::Noise;

/// The value, mid-grey, of everything that lies outside the picture.
const OUTSIDE: f32 = 0.5;

/// How far a picture is shaken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shake {
    /// Scaled by up to this part, either way.
    pub scale: f32,
    /// Turned by up to these degrees, either way; 6 times in 26 not at all.
    pub degrees: u32,
    /// Shifted by up to these pixels, either way and in both directions: the sum of two jitters.
    pub jitter: [u32; 2],
    /// Shifts go round the edge (`DeepDream`'s roll) instead of showing grey.
    pub around: bool,
}

impl Shake {
    /// No shaking.
    pub const NONE: Self = Self { scale: 0.0, degrees: 0, jitter: [0, 0], around: false };
    /// Lucid's: 0.9 to 1.1, -10 to 10 degrees, jitters of 8 and 4 pixels.
    pub const LUCID: Self = Self { scale: 0.1, degrees: 10, jitter: [8, 4], around: false };
}

/// A rotation with scaling about the centre, and a shift.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Warp {
    cos: f32,
    sin: f32,
    shift: [f32; 2],
    around: bool,
}

impl Warp {
    /// The warp that moves nothing.
    pub const IDENTITY: Self = Self { cos: 1.0, sin: 0.0, shift: [0.0, 0.0], around: false };

    /// A zoom about the centre; the inside grows when `factor` is above 1.
    pub const fn zoom(factor: f32) -> Self {
        Self { cos: 1.0 / factor, ..Self::IDENTITY }
    }

    /// A random warp within the bounds of `shake`; the same `seed` and `sample` give the same warp.
    pub fn random(shake: Shake, seed: u64, sample: u64) -> Self {
        let noise = Noise::new(seed, sample);
        let whole = |k: u64, n: u32| (noise.uniform(k) * n as f32).floor();
        let scale = 1.0 + shake.scale * (0.2 * whole(0, 11) - 1.0);
        let turns = 2 * shake.degrees + 1;
        let degrees = match whole(1, turns + 5) {
            d if d < turns as f32 => d - shake.degrees as f32,
            _ => 0.0,
        };
        let jitter = |k: u64, d: u32| (whole(k, d + 1) - d as f32 / 2.0).trunc();
        let [far, near] = shake.jitter;
        let (sin, cos) = degrees.to_radians().sin_cos();
        let shift = [jitter(2, far) + jitter(3, near), jitter(4, far) + jitter(5, near)];
        Self { cos: cos / scale, sin: sin / scale, shift, around: shake.around }
    }

    /// The four pixels that a place is made of, with their weights; fewer at the border.
    fn taps(&self, side: usize, place: usize) -> [Option<(usize, f32)>; 4] {
        let middle = (side as f32 - 1.0) / 2.0;
        let (dx, dy) = ((place % side) as f32 - middle, (place / side) as f32 - middle);
        let x = self.cos * dx - self.sin * dy + middle + self.shift[0];
        let y = self.sin * dx + self.cos * dy + middle + self.shift[1];
        let (left, above) = (x.floor(), y.floor());
        let (u, v) = (x - left, y - above);
        let inside = |i: f32| self.around || (0.0..side as f32).contains(&i);
        let index = |i: f32| if self.around { (i as isize).rem_euclid(side as isize) as usize } else { i as usize };
        [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)].map(|(i, j)| {
            let weight = if i == 0.0 { 1.0 - u } else { u } * if j == 0.0 { 1.0 - v } else { v };
            (inside(left + i) && inside(above + j)).then(|| (index(above + j) * side + index(left + i), weight))
        })
    }

    /// The warped picture `[3, side, side]`.
    pub fn apply(&self, picture: &[f32], side: usize) -> Vec<f32> {
        let n = side * side;
        let mut out = vec![0.0; 3 * n];
        for place in 0..n {
            let taps = self.taps(side, place);
            let missing = 1.0 - taps.iter().flatten().map(|(_, w)| w).sum::<f32>();
            for c in 0..3 {
                let sum: f32 = taps.iter().flatten().map(|(i, w)| picture[c * n + i] * w).sum();
                out[c * n + place] = sum + OUTSIDE * missing;
            }
        }
        out
    }

    /// The gradient at the picture, given the one at the warped picture.
    pub fn adjoint(&self, g: &[f32], side: usize) -> Vec<f32> {
        let n = side * side;
        let mut out = vec![0.0; 3 * n];
        for place in 0..n {
            for (i, w) in self.taps(side, place).into_iter().flatten() {
                (0..3).for_each(|c| out[c * n + i] += g[c * n + place] * w);
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_adjoint_is_one_and_nothing_moves_without_a_warp() {
        let (side, noise) = (12, Noise::new(1, 1));
        let x: Vec<f32> = (0..3 * 144).map(|i| noise.normal(i)).collect();
        let g: Vec<f32> = (0..3 * 144).map(|i| noise.normal(5000 + i)).collect();
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        for sample in 0..8 {
            let shake = Shake { around: sample % 2 == 1, ..Shake::LUCID };
            let warp = Warp::random(shake, 3, sample);
            let linear: Vec<f32> =
                warp.apply(&x, side).iter().zip(warp.apply(&vec![0.0; x.len()], side)).map(|(a, b)| a - b).collect();
            let (left, right) = (dot(&linear, &g), dot(&x, &warp.adjoint(&g, side)));
            assert!((left - right).abs() < 1e-3 * (1.0 + left.abs()), "{left} {right}");
        }
        assert_eq!(Warp::IDENTITY.apply(&x, side), x);
    }
}
