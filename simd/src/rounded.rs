//! A matrix kept in 16 bits, for layers that are too large in float32: a row is whole numbers times a scale of its own, and is
//! unfolded to float32 where it is used.
//!
//! The largest value of a row becomes 32767, so a value is at most half a 32767th of it away from what it was: for weights of a
//! normal distribution about 4e-5 of their deviation, where 8 bits would cost 1e-2.

use std::rc::Rc;

use crate::Reweigh;

/// The largest whole number of a row.
pub const LEVELS: f32 = 32767.0;

/// A row-major matrix of whole numbers in 16 bits, with a scale for each row. The numbers stay in the bytes of the file that they
/// came in: a clone shares them.
#[derive(Clone, PartialEq)]
pub struct Rounded {
    file: Rc<Vec<u8>>,
    from: usize,
    columns: usize,
    scales: Vec<f32>,
}

impl std::fmt::Debug for Rounded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Rounded {} x {}", self.rows(), self.columns)
    }
}

impl Rounded {
    /// A matrix of as many rows as `scales`, whose numbers stand in `file` from byte `from` on: little-endian, row by row. `None`
    /// if the file ends before.
    pub fn new(file: Rc<Vec<u8>>, from: usize, columns: usize, scales: Vec<f32>) -> Option<Self> {
        let bytes = scales.len().checked_mul(columns)?.checked_mul(2)?;
        (from.checked_add(bytes)? <= file.len()).then_some(Self { file, from, columns, scales })
    }

    /// A matrix whose row `i` has the values that `row` writes for it.
    pub fn from_rows(rows: usize, columns: usize, mut row: impl FnMut(usize, &mut [f32])) -> Self {
        let mut file = Vec::with_capacity(2 * rows * columns);
        let mut values = vec![0.0; columns];
        let round = |i| {
            row(i, &mut values);
            let scale = scale(values.iter().fold(0.0, |most, v| v.abs().max(most)));
            file.extend(values.iter().flat_map(|v| round(*v, scale).to_le_bytes()));
            scale
        };
        let scales = (0..rows).map(round).collect();
        Self { file: Rc::new(file), from: 0, columns, scales }
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.scales.len()
    }

    /// How many numbers a row has.
    pub const fn columns(&self) -> usize {
        self.columns
    }

    /// Writes row `at` to `into`, with every value changed by `how`.
    pub fn unfold(&self, at: usize, how: &Reweigh, into: &mut [f32]) {
        let from = self.from + at * self.columns * 2;
        let row = self.file[from..from + self.columns * 2].as_chunks::<2>().0;
        // the scale is above 0: a value has its whole number's sign
        let [positive, negative] = [how.positive, how.negative].map(|factor| factor * self.scales[at]);
        if positive == negative {
            into.iter_mut().zip(row).for_each(|(v, q)| *v = f32::from(i16::from_le_bytes(*q)) * positive);
        } else {
            for (v, q) in into.iter_mut().zip(row) {
                let q = f32::from(i16::from_le_bytes(*q));
                *v = q.max(0.0) * positive + q.min(0.0) * negative;
            }
        }
    }

    /// The standard deviation of all values.
    pub fn deviation(&self) -> f32 {
        let mut row = vec![0.0; self.columns];
        let (mut sum, mut squares) = (0.0_f64, 0.0_f64);
        for at in 0..self.rows() {
            self.unfold(at, &Reweigh::NONE, &mut row);
            sum += row.iter().map(|v| f64::from(*v)).sum::<f64>();
            squares += row.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>();
        }
        let count = (self.rows() * self.columns).max(1) as f64;
        (squares / count - (sum / count).powi(2)).max(0.0).sqrt() as f32
    }
}

/// The scale of a row whose largest magnitude is `most`.
pub fn scale(most: f32) -> f32 {
    if most > 0.0 { most / LEVELS } else { 1.0 }
}

/// The whole number that stands for `value`.
pub fn round(value: f32, scale: f32) -> i16 {
    (value / scale).round().clamp(-LEVELS, LEVELS) as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(i: usize) -> f32 {
        ((i * 37 % 23) as f32 - 11.0) / 7.0
    }

    #[test]
    fn a_value_is_at_most_half_a_step_away_and_keeps_its_sign() {
        let (rows, columns) = (3, 19);
        let matrix = Rounded::from_rows(rows, columns, |at, row| {
            row.iter_mut().enumerate().for_each(|(i, v)| *v = value(at * columns + i) * (at + 1) as f32);
        });
        let changed = Reweigh { positive: 2.0, negative: 0.5, bias: true };
        let (mut plain, mut other) = (vec![0.0; columns], vec![0.0; columns]);
        for at in 0..rows {
            matrix.unfold(at, &Reweigh::NONE, &mut plain);
            matrix.unfold(at, &changed, &mut other);
            for i in 0..columns {
                let want = value(at * columns + i) * (at + 1) as f32;
                let step = 11.0 / 7.0 * (at + 1) as f32 / LEVELS;
                assert!((plain[i] - want).abs() <= 0.501 * step, "{at} {i}: {} {want}", plain[i]);
                assert!((other[i] - changed.weight(plain[i])).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn a_file_that_ends_early_is_no_matrix() {
        let file = Rc::new(vec![0; 8 + 2 * 6]);
        assert!(Rounded::new(Rc::clone(&file), 8, 3, vec![1.0; 2]).is_some());
        assert!(Rounded::new(Rc::clone(&file), 9, 3, vec![1.0; 2]).is_none());
        assert!(Rounded::new(file, 8, usize::MAX, vec![1.0; 2]).is_none());
    }

    #[test]
    fn the_deviation_is_that_of_all_values() {
        let matrix = Rounded::from_rows(2, 2, |at, row| row.copy_from_slice([[1.0, 3.0], [5.0, 7.0]][at].as_slice()));
        assert!((matrix.deviation() - 5.0_f32.sqrt()).abs() < 1e-3);
    }
}
