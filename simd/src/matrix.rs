//! The matrix product that every convolution but the direct ones is made of: weights times columns of values.
//!
//! # Layout
//! The left matrix `[m, k]` lies in groups of four rows, `[ceil(m / 4)][k][4]`, missing rows zero; the right matrix `[k, n]` in
//! panels of eight columns, `[ceil(n / 8)][k][8]`. A register tile holds 4 rows x 8 columns (`PANELS` times that where registers
//! are wide), summed over all of `k` before it is stored: both matrices are read in order.

use wide::f32x8;

use super::lanes::madd;

/// Rows that are computed together.
pub const GROUP: usize = 4;
/// Columns of one panel.
pub const PANEL: usize = 8;
/// Panels of a register tile: wasm has 16 registers of 4 floats, AVX2 16 of 8.
pub const PANELS: usize = if cfg!(target_feature = "avx2") { 2 } else { 1 };

/// A left matrix, in groups of four rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    m: usize,
    k: usize,
    data: Vec<f32>,
}

impl Rows {
    /// From row-major `[m, k]`.
    pub fn new(m: usize, k: usize, values: &[f32]) -> Self {
        Self::build(m, k, |row, column| values[row * k + column])
    }

    /// The transposed matrix, `[k, m]`.
    pub fn transposed(&self) -> Self {
        Self::build(self.k, self.m, |row, column| self.at(column, row))
    }

    /// These columns alone.
    pub fn columns(&self, columns: &[usize]) -> Self {
        let mut data = Vec::with_capacity(self.m.div_ceil(GROUP) * columns.len() * GROUP);
        for group in self.groups() {
            let values = group.as_chunks::<GROUP>().0;
            columns.iter().for_each(|column| data.extend_from_slice(&values[*column]));
        }
        Self { m: self.m, k: columns.len(), data }
    }

    /// The same matrix with every value changed.
    pub fn map(&self, change: impl Fn(f32) -> f32) -> Self {
        Self { data: self.data.iter().map(|v| change(*v)).collect(), ..*self }
    }

    /// Rows and columns.
    pub const fn shape(&self) -> (usize, usize) {
        (self.m, self.k)
    }

    /// The groups of four rows, each `[k][4]`, from the top.
    pub fn groups(&self) -> impl Iterator<Item = &[f32]> {
        self.data.chunks_exact((self.k * GROUP).max(1))
    }

    fn at(&self, row: usize, column: usize) -> f32 {
        self.data[(row / GROUP * self.k + column) * GROUP + row % GROUP]
    }

    fn build(m: usize, k: usize, value: impl Fn(usize, usize) -> f32) -> Self {
        let mut data = vec![0.0; m.div_ceil(GROUP) * k * GROUP];
        for (group, rows) in data.chunks_exact_mut((k * GROUP).max(1)).enumerate() {
            for (i, v) in rows.iter_mut().enumerate() {
                let (row, column) = (group * GROUP + i % GROUP, i / GROUP);
                if row < m {
                    *v = value(row, column);
                }
            }
        }
        Self { m, k, data }
    }
}

/// The product of one group of rows, `weights[k][4]`, with panels `inputs[panel][k][8]`: `sums[panel][4][8]`.
pub fn multiply(inputs: &[f32], weights: &[f32], sums: &mut [f32]) {
    let depth = weights.len() / GROUP * PANEL;
    let weights = weights.as_chunks::<GROUP>().0;
    let mut wide = inputs.chunks_exact(PANELS * depth);
    let mut out = sums.chunks_exact_mut(PANELS * GROUP * PANEL);
    for (inputs, sums) in (&mut wide).zip(&mut out) {
        store(&sum::<PANELS>(inputs, weights), sums);
    }
    let rest = wide.remainder().chunks_exact(depth).zip(out.into_remainder().chunks_exact_mut(GROUP * PANEL));
    for (inputs, sums) in rest {
        store(&sum::<1>(inputs, weights), sums);
    }
}

#[inline(always)]
fn sum<const N: usize>(inputs: &[f32], weights: &[[f32; GROUP]]) -> [[f32x8; GROUP]; N] {
    let mut sums = [[f32x8::ZERO; GROUP]; N];
    let depth = weights.len();
    let panels: [&[[f32; PANEL]]; N] =
        std::array::from_fn(|p| &inputs.as_chunks::<PANEL>().0[p * depth..(p + 1) * depth]);
    for (c, w) in weights.iter().enumerate() {
        for (sums, panel) in sums.iter_mut().zip(&panels) {
            let x = f32x8::new(panel[c]);
            for (sum, w) in sums.iter_mut().zip(w) {
                *sum = madd(x, f32x8::splat(*w), *sum);
            }
        }
    }
    sums
}

#[inline(always)]
fn store<const N: usize>(tile: &[[f32x8; GROUP]; N], sums: &mut [f32]) {
    for (out, v) in sums.as_chunks_mut::<PANEL>().0.iter_mut().zip(tile.iter().flatten()) {
        *out = v.to_array();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_and_that_of_the_transposed_matrix() {
        let value = |i: usize| ((i * 37 % 23) as f32 - 11.0) / 7.0;
        let (m, k, n) = (6, 5, 3 * PANEL);
        let a: Vec<f32> = (0..m * k).map(value).collect();
        let rows = Rows::new(m, k, &a);
        let product = |rows: &Rows, right: &dyn Fn(usize, usize) -> f32| {
            let (m, k) = rows.shape();
            let panels: Vec<f32> =
                (0..n * k).map(|i| right(i / PANEL % k, i / (k * PANEL) * PANEL + i % PANEL)).collect();
            let mut out = Vec::new();
            for group in rows.groups() {
                let mut sums = vec![0.0; n * GROUP];
                multiply(&panels, group, &mut sums);
                for row in 0..GROUP {
                    out.extend((0..n).map(|j| sums[(j / PANEL * GROUP + row) * PANEL + j % PANEL]));
                }
            }
            out.truncate(m * n);
            out
        };
        let right = |row: usize, column: usize| value(row * 31 + column + 5);
        for (i, got) in product(&rows, &right).into_iter().enumerate() {
            let want: f32 = (0..k).map(|c| a[i / n * k + c] * right(c, i % n)).sum();
            assert!((got - want).abs() < 1e-5, "{i}: {got} {want}");
        }
        for (i, got) in product(&rows.transposed(), &right).into_iter().enumerate() {
            let want: f32 = (0..m).map(|r| a[r * k + i / n] * right(r, i % n)).sum();
            assert!((got - want).abs() < 1e-5, "{i}: {got} {want}");
        }
    }
}
