//! Coarse and fine: parts of a picture's spectrum.

use cnn_lens_simd::dft::Dft;

use super::{Size, clipped};

/// A square picture's spectrum, channel by channel.
pub struct Bands {
    dft: Dft,
    spectra: Vec<(Vec<f32>, Vec<f32>)>,
}

impl Bands {
    /// The spectra of the three channels of a picture `[3, side, side]`.
    pub fn of(x: &[f32], [side, _]: Size) -> Self {
        let dft = Dft::new(side);
        let spectra = x.chunks_exact(side * side).map(|plane| dft.adjoint(plane)).collect();
        Self { dft, spectra }
    }

    /// What has from `low` up to below `high` periods across the picture; without its mean (`low` above 0) around grey.
    pub fn between(&self, low: f32, high: f32) -> Vec<f32> {
        let (n, half) = (self.dft.side, self.dft.half);
        let share = 1.0 / (n * n) as f32;
        let weight = |i: usize| {
            let (u, v) = (i / half, i % half);
            let periods = (u.min(n - u) as f32).hypot(v as f32);
            // a real plane's columns 1..n/2 stand for their mirror images too
            let twice = if v == 0 || 2 * v == n { share } else { 2.0 * share };
            if (low..high).contains(&periods) { twice } else { 0.0 }
        };
        let weights: Vec<f32> = (0..n * half).map(weight).collect();
        let lift = if low > 0.0 { 0.5 } else { 0.0 };
        let some = |part: &[f32]| part.iter().zip(&weights).map(|(v, w)| v * w).collect::<Vec<f32>>();
        let plane = |(re, im): &(Vec<f32>, Vec<f32>)| self.dft.inverse(&some(re), &some(im));
        clipped(self.spectra.iter().flat_map(plane).map(|v| v + lift).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::noise::Noise;

    #[test]
    fn all_bands_together_are_the_picture_and_one_wave_is_one_band() {
        for side in [8_usize, 9] {
            let noise = Noise::new(1, side as u64);
            let x: Vec<f32> = (0..3 * side * side).map(|i| noise.uniform(i as u64)).collect();
            let whole = Bands::of(&x, [side; 2]).between(0.0, f32::INFINITY);
            assert!(x.iter().zip(&whole).all(|(a, b)| (a - b).abs() < 1e-5));
            let wave: Vec<f32> = (0..3 * side * side)
                .map(|i| 0.5 + 0.3 * (std::f32::consts::TAU * 2.0 * (i % side) as f32 / side as f32).cos())
                .collect();
            let bands = Bands::of(&wave, [side; 2]);
            assert!(bands.between(1.5, 2.5).iter().zip(&wave).all(|(a, b)| (a - b).abs() < 1e-5));
            assert!(bands.between(0.0, 1.5).iter().all(|v| (v - 0.5).abs() < 1e-5));
        }
    }
}
