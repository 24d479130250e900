//! Real two-dimensional discrete Fourier transforms of any size, as two matrix products each.

use crate::lanes::{axpy, dot};

/// Cosines and sines for one side.
#[derive(Clone, Debug)]
pub struct Dft {
    /// Rows and columns of the plane.
    pub side: usize,
    /// Frequencies along a row that a real plane needs: `side / 2 + 1`.
    pub half: usize,
    /// `[side, side]`, at `(k, x)` that of `2 pi k x / side`.
    cos: Vec<f32>,
    sin: Vec<f32>,
}

impl Dft {
    /// For planes of `side` x `side`.
    pub fn new(side: usize) -> Self {
        let turn = |i: usize| std::f64::consts::TAU * (i / side * (i % side) % side) as f64 / side as f64;
        let table = |f: fn(f64) -> f64| (0..side * side).map(|i| f(turn(i)) as f32).collect();
        Self { side, half: side / 2 + 1, cos: table(f64::cos), sin: table(f64::sin) }
    }

    /// The real part of the sum of `(re + i im) e^(2 pi i (u y + v x) / side)`; `re` and `im` are `[side, half]`.
    pub fn inverse(&self, re: &[f32], im: &[f32]) -> Vec<f32> {
        let (n, half) = (self.side, self.half);
        let (mut a, mut b, mut plane) = (vec![0.0; half], vec![0.0; half], vec![0.0; n * n]);
        for (y, out) in plane.chunks_exact_mut(n).enumerate() {
            a.fill(0.0);
            b.fill(0.0);
            for (u, (re, im)) in re.chunks_exact(half).zip(im.chunks_exact(half)).enumerate() {
                let (c, s) = (self.cos[u * n + y], self.sin[u * n + y]);
                axpy(c, re, &mut a);
                axpy(-s, im, &mut a);
                axpy(s, re, &mut b);
                axpy(c, im, &mut b);
            }
            for (v, (a, b)) in a.iter().zip(&b).enumerate() {
                axpy(*a, &self.cos[v * n..(v + 1) * n], out);
                axpy(-b, &self.sin[v * n..(v + 1) * n], out);
            }
        }
        plane
    }

    /// The adjoint of [`Dft::inverse`]: from a plane's gradient to that of its spectrum, real and imaginary parts.
    pub fn adjoint(&self, plane: &[f32]) -> (Vec<f32>, Vec<f32>) {
        let (n, half) = (self.side, self.half);
        let (mut re, mut im) = (vec![0.0; n * half], vec![0.0; n * half]);
        for (y, row) in plane.chunks_exact(n).enumerate() {
            let at = |table: &[f32]| (0..half).map(|v| dot(row, &table[v * n..(v + 1) * n])).collect::<Vec<f32>>();
            let (a, b) = (at(&self.cos), at(&self.sin));
            for (u, (re, im)) in re.chunks_exact_mut(half).zip(im.chunks_exact_mut(half)).enumerate() {
                let (c, s) = (self.cos[u * n + y], self.sin[u * n + y]);
                axpy(c, &a, re);
                axpy(-s, &b, re);
                axpy(-s, &a, im);
                axpy(-c, &b, im);
            }
        }
        (re, im)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_adjoint_is_one_and_a_frequency_is_a_wave() {
        let value = |i: usize| ((i * 37 % 23) as f32 - 11.0) / 7.0;
        for side in [6, 9] {
            let dft = Dft::new(side);
            let n = side * dft.half;
            let (re, im): (Vec<f32>, Vec<f32>) = ((0..n).map(value).collect(), (n..2 * n).map(value).collect());
            let g: Vec<f32> = (0..side * side).map(|i| value(i + 5)).collect();
            let (gr, gi) = dft.adjoint(&g);
            let (left, right) = (dot(&dft.inverse(&re, &im), &g), dot(&re, &gr) + dot(&im, &gi));
            assert!((left - right).abs() < 1e-4 * (1.0 + left.abs()), "{side}: {left} {right}");
            let mut one = vec![0.0; n];
            one[1] = 1.0;
            for (i, v) in dft.inverse(&one, &vec![0.0; n]).iter().enumerate() {
                assert!((v - (std::f32::consts::TAU * (i % side) as f32 / side as f32).cos()).abs() < 1e-5);
            }
        }
    }
}
