//! A picture as the spectrum of three decorrelated colours (Olah et al. 2017, "preconditioning"; Lucid's `fft_image`).
//!
//! `x = sigmoid(C irfft2(scale * theta) / 4)`: every frequency and colour direction moves as easily as any other.

use std::f32::consts::TAU;

use crate::engine::noise::Noise;

/// Lucid's colour directions, divided by their largest norm: rows are R, G, B.
const COLOURS: [[f32; 3]; 3] = [[0.563, 0.195, 0.043], [0.584, 0.0, -0.108], [0.584, -0.195, 0.065]];

/// The map from a spectrum to a square picture and its adjoint.
pub struct Spectrum {
    side: usize,
    /// Frequencies along a row: `side / 2 + 1`.
    half: usize,
    /// Per frequency `[side, half]`.
    scale: Vec<f32>,
    /// `cos` and `sin` of `TAU k / side`.
    turn: Vec<(f32, f32)>,
}

impl Spectrum {
    /// For pictures of `side` x `side`.
    pub fn new(side: usize) -> Self {
        let (half, n) = (side / 2 + 1, side as f32);
        let frequency = |k: usize| if k <= side / 2 { k as f32 / n } else { k as f32 / n - 1.0 };
        // the transform's own 1 / side^2, Lucid's root of it, and its quarter
        let scale = (0..side * half)
            .map(|i| {
                let f = frequency(i / half).hypot((i % half) as f32 / n);
                let twice = if i % half == 0 || (side.is_multiple_of(2) && i % half == side / 2) { 1.0 } else { 2.0 };
                twice / f.max(1.0 / n) / n / 4.0
            })
            .collect();
        let turn = (0..side).map(|k| (TAU * k as f32 / n).sin_cos()).map(|(s, c)| (c, s)).collect();
        Self { side, half, scale, turn }
    }

    /// Parameters of a picture: `[3, side, half]` complex numbers, real part first.
    pub fn len(&self) -> usize {
        6 * self.side * self.half
    }

    /// None.
    pub fn is_empty(&self) -> bool {
        self.side == 0
    }

    /// Where an ascent begins: normal, standard deviation 0.01.
    pub fn start(&self, seed: u64) -> Vec<f32> {
        let noise = Noise::new(seed, 0);
        (0..self.len() as u64).map(|i| 0.01 * noise.normal(i)).collect()
    }

    /// The picture, `[3, side, side]` in 0..1.
    pub fn picture(&self, theta: &[f32]) -> Vec<f32> {
        let planes: Vec<Vec<f32>> = theta.chunks_exact(2 * self.side * self.half).map(|t| self.inverse(t)).collect();
        let n = self.side * self.side;
        let value = |i: usize| {
            let z: f32 = (0..3).map(|k| COLOURS[i / n][k] * planes[k][i % n]).sum();
            1.0 / (1.0 + (-z).exp())
        };
        (0..3 * n).map(value).collect()
    }

    /// The gradient at the parameters, given the one at `picture`.
    pub fn gradient(&self, picture: &[f32], g: &[f32]) -> Vec<f32> {
        let n = self.side * self.side;
        let inner: Vec<f32> = picture.iter().zip(g).map(|(x, g)| g * x * (1.0 - x)).collect();
        (0..3)
            .flat_map(|k| {
                let plane: Vec<f32> = (0..n).map(|i| (0..3).map(|c| COLOURS[c][k] * inner[c * n + i]).sum()).collect();
                self.adjoint(&plane)
            })
            .collect()
    }

    /// Spectrum `[side, half, 2]` to plane `[side, side]`: down the columns, then along the rows.
    fn inverse(&self, t: &[f32]) -> Vec<f32> {
        let (n, half) = (self.side, self.half);
        let mut columns = vec![(0.0_f32, 0.0_f32); n * half];
        for (u, row) in t.chunks_exact(2 * half).enumerate() {
            for y in 0..n {
                let (c, s) = self.turn[u * y % n];
                for (v, out) in columns[y * half..(y + 1) * half].iter_mut().enumerate() {
                    let (a, b) = (row[2 * v] * self.scale[u * half + v], row[2 * v + 1] * self.scale[u * half + v]);
                    out.0 += a * c - b * s;
                    out.1 += a * s + b * c;
                }
            }
        }
        let mut plane = vec![0.0; n * n];
        for (y, out) in plane.chunks_exact_mut(n).enumerate() {
            for (v, (a, b)) in columns[y * half..(y + 1) * half].iter().enumerate() {
                for (x, out) in out.iter_mut().enumerate() {
                    let (c, s) = self.turn[v * x % n];
                    *out += a * c - b * s;
                }
            }
        }
        plane
    }

    fn adjoint(&self, plane: &[f32]) -> Vec<f32> {
        let (n, half) = (self.side, self.half);
        let mut columns = vec![(0.0_f32, 0.0_f32); n * half];
        for (y, row) in plane.chunks_exact(n).enumerate() {
            for (v, out) in columns[y * half..(y + 1) * half].iter_mut().enumerate() {
                for (x, g) in row.iter().enumerate() {
                    let (c, s) = self.turn[v * x % n];
                    out.0 += g * c;
                    out.1 -= g * s;
                }
            }
        }
        let mut t = vec![0.0; 2 * n * half];
        for (u, row) in t.chunks_exact_mut(2 * half).enumerate() {
            for y in 0..n {
                let (c, s) = self.turn[u * y % n];
                for (v, (a, b)) in columns[y * half..(y + 1) * half].iter().enumerate() {
                    row[2 * v] += a * c + b * s;
                    row[2 * v + 1] += b * c - a * s;
                }
            }
            row.iter_mut().enumerate().for_each(|(i, r)| *r *= self.scale[u * half + i / 2]);
        }
        t
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_adjoint_is_one() {
        for side in [6, 9] {
            let s = Spectrum::new(side);
            let noise = Noise::new(1, 2);
            let t: Vec<f32> = (0..s.len() as u64 / 3).map(|i| noise.normal(i)).collect();
            let g: Vec<f32> = (0..(side * side) as u64).map(|i| noise.normal(1000 + i)).collect();
            let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
            let (left, right) = (dot(&s.inverse(&t), &g), dot(&t, &s.adjoint(&g)));
            assert!((left - right).abs() < 1e-4 * (1.0 + left.abs()), "{side}: {left} {right}");
        }
    }

    #[test]
    fn a_single_frequency_is_a_wave() {
        // irfft2 of F[0, 1] = 1: 2 / 64 cos(2 pi x / 8); Lucid's scale there: 8 * 8, its quarter
        let s = Spectrum::new(8);
        let mut t = vec![0.0; s.len() / 3];
        t[2] = 1.0;
        for (i, v) in s.inverse(&t).iter().enumerate() {
            let want = 2.0 / 64.0 * (TAU * (i % 8) as f32 / 8.0).cos() * 64.0 / 4.0;
            assert!((v - want).abs() < 1e-5, "{v} {want}");
        }
    }

    #[test]
    fn a_step_along_the_gradient_does_what_it_says() {
        let s = Spectrum::new(8);
        let (theta, noise) = (s.start(3).iter().map(|v| 100.0 * v).collect::<Vec<_>>(), Noise::new(5, 5));
        let g: Vec<f32> = (0..192).map(|i| noise.normal(i)).collect();
        let value = |t: &[f32]| s.picture(t).iter().zip(&g).map(|(x, g)| f64::from(x * g)).sum::<f64>();
        let gradient = s.gradient(&s.picture(&theta), &g);
        let squared: f64 = gradient.iter().map(|g| f64::from(*g).powi(2)).sum();
        let at = |h: f32| theta.iter().zip(&gradient).map(|(t, g)| t + h * g).collect::<Vec<_>>();
        let slope = (value(&at(1e-3)) - value(&at(-1e-3))) / 2e-3;
        assert!((slope / squared - 1.0).abs() < 1e-2, "{slope} {squared}");
    }
}
