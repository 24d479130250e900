//! A picture as the spectrum of three decorrelated colours (Olah et al. 2017, "preconditioning"; Lucid's `fft_image`).
//!
//! `x = sigmoid(C irfft2(scale * theta) / 4)`: every frequency and colour direction moves as easily as any other.

use cnn_lens_simd::dft::Dft;

/// Lucid's colour directions, divided by their largest norm: rows are R, G, B.
const COLOURS: [[f32; 3]; 3] = [[0.563, 0.195, 0.043], [0.584, 0.0, -0.108], [0.584, -0.195, 0.065]];

/// The map from a spectrum to a square picture and its adjoint.
#[derive(Clone, Debug)]
pub struct Spectrum {
    dft: Dft,
    /// The factor of each frequency, `[side, half]`: low ones are weighted up, as in natural pictures.
    scale: Vec<f32>,
}

impl Spectrum {
    /// For pictures of `side` x `side`.
    pub fn new(side: usize) -> Self {
        let (dft, n) = (Dft::new(side), side as f32);
        let half = dft.half;
        let frequency = |k: usize| if k <= side / 2 { k as f32 / n } else { k as f32 / n - 1.0 };
        // the transform's own 1 / side^2, Lucid's root of it, and its quarter
        let scale = (0..side * half)
            .map(|i| {
                let f = frequency(i / half).hypot((i % half) as f32 / n);
                let twice = if i % half == 0 || (side.is_multiple_of(2) && i % half == side / 2) { 1.0 } else { 2.0 };
                twice / f.max(1.0 / n) / n / 4.0
            })
            .collect();
        Self { dft, scale }
    }

    /// Parameters of a picture: per colour the real parts `[side, half]`, then the imaginary ones.
    pub fn len(&self) -> usize {
        6 * self.scale.len()
    }

    /// Whether there are no parameters: a picture without pixels.
    pub fn is_empty(&self) -> bool {
        self.scale.is_empty()
    }

    /// The picture, `[3, side, side]` in 0..1.
    pub fn picture(&self, theta: &[f32]) -> Vec<f32> {
        let scaled = |t: &[f32]| t.iter().zip(&self.scale).map(|(t, s)| t * s).collect::<Vec<_>>();
        let parts: Vec<Vec<f32>> = theta.chunks_exact(self.scale.len()).map(scaled).collect();
        let planes: Vec<Vec<f32>> = parts.chunks_exact(2).map(|p| self.dft.inverse(&p[0], &p[1])).collect();
        let n = self.dft.side * self.dft.side;
        let value = |i: usize| {
            let z: f32 = (0..3).map(|k| COLOURS[i / n][k] * planes[k][i % n]).sum();
            1.0 / (1.0 + (-z).exp())
        };
        (0..3 * n).map(value).collect()
    }

    /// The gradient with respect to the spectrum, from the gradient `g` with respect to the `picture` that it stands for.
    pub fn gradient(&self, picture: &[f32], g: &[f32]) -> Vec<f32> {
        let n = self.dft.side * self.dft.side;
        let inner: Vec<f32> = picture.iter().zip(g).map(|(x, g)| g * x * (1.0 - x)).collect();
        (0..3)
            .flat_map(|k| {
                let plane: Vec<f32> = (0..n).map(|i| (0..3).map(|c| COLOURS[c][k] * inner[c * n + i]).sum()).collect();
                let (re, im) = self.dft.adjoint(&plane);
                let scales = self.scale.iter().cycle();
                re.into_iter().chain(im).zip(scales).map(|(t, s)| t * s).collect::<Vec<_>>()
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::noise::Noise;

    #[test]
    fn a_single_frequency_is_a_wave() {
        // irfft2 of F[0, 1] = 1: 2 / 64 cos(2 pi x / 8); Lucid's scale there: 8 * 8, its quarter; then the first colour's share
        let s = Spectrum::new(8);
        let mut t = vec![0.0; s.len()];
        t[1] = 1.0;
        for (i, v) in s.picture(&t).iter().take(64).enumerate() {
            let wave = 2.0 / 64.0 * (std::f32::consts::TAU * (i % 8) as f32 / 8.0).cos() * 64.0 / 4.0;
            let want = 1.0 / (1.0 + (-COLOURS[0][0] * wave).exp());
            assert!((v - want).abs() < 1e-5, "{v} {want}");
        }
    }

    #[test]
    fn a_step_along_the_gradient_does_what_it_says() {
        let (s, noise) = (Spectrum::new(8), Noise::new(5, 5));
        let theta: Vec<f32> = (0..s.len() as u64).map(|i| noise.normal(1000 + i)).collect();
        let g: Vec<f32> = (0..192).map(|i| noise.normal(i)).collect();
        let value = |t: &[f32]| s.picture(t).iter().zip(&g).map(|(x, g)| f64::from(x * g)).sum::<f64>();
        let gradient = s.gradient(&s.picture(&theta), &g);
        let squared: f64 = gradient.iter().map(|g| f64::from(*g).powi(2)).sum();
        let at = |h: f32| theta.iter().zip(&gradient).map(|(t, g)| t + h * g).collect::<Vec<_>>();
        let slope = (value(&at(1e-3)) - value(&at(-1e-3))) / 2e-3;
        assert!((slope / squared - 1.0).abs() < 1e-2, "{slope} {squared}");
    }
}
