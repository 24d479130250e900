//! The transforms of four tiles side by side: each lane of a vector is one tile.

use wide::f32x4;

use super::super::lanes::{load4, madd4};
use crate::filter::{IN, OUT, TAPS};

const ROOT: f32 = std::f32::consts::SQRT_2;

#[inline(always)]
fn by(k: f32, x: f32x4, plus: f32x4) -> f32x4 {
    madd4(f32x4::splat(k), x, plus)
}

/// `B' d` along one direction (see [`crate::filter`] for the points).
#[inline(always)]
fn input_1d(d: [f32x4; IN]) -> [f32x4; IN] {
    let odd = by(-0.5, d[1], d[3]);
    let even = f32x4::splat(0.5 * ROOT) * by(-0.5, d[2], d[4]);
    let odd_inverse = by(2.0, d[1], -d[3]);
    let even_inverse = f32x4::splat(ROOT) * by(2.0, d[2], -d[4]);
    [
        by(-2.5, d[2], d[0] + d[4]),
        odd + even,
        odd - even,
        odd_inverse + even_inverse,
        odd_inverse - even_inverse,
        by(-2.5, d[3], d[1] + d[5]),
    ]
}

/// `A' m`, the output transform along one side of a tile: six products to four outputs.
#[inline(always)]
fn output_1d(m: [f32x4; IN]) -> [f32x4; OUT] {
    let (sum, difference) = (m[1] + m[2], m[1] - m[2]);
    let (sum_inverse, difference_inverse) = (m[3] + m[4], m[3] - m[4]);
    [
        m[0] + sum + sum_inverse,
        f32x4::splat(ROOT) * by(0.5, difference_inverse, difference),
        by(0.5, sum_inverse, sum + sum),
        by(2.0 * ROOT, difference, by(0.25 * ROOT, difference_inverse, m[5])),
    ]
}

/// `B' d B` of the tiles whose six rows start at `rows[tile]` in `plane`.
#[inline(always)]
pub fn input(plane: &[f32], rows: &[[usize; IN]; 4]) -> [f32x4; TAPS] {
    let mut half = [f32x4::ZERO; TAPS];
    for y in 0..IN {
        let left = f32x4::transpose(std::array::from_fn(|t| load4(plane, rows[t][y])));
        let right = f32x4::transpose(std::array::from_fn(|t| load4(plane, rows[t][y] + 4)));
        let row = input_1d([left[0], left[1], left[2], left[3], right[0], right[1]]);
        half[y * IN..(y + 1) * IN].copy_from_slice(&row);
    }
    let mut out = [f32x4::ZERO; TAPS];
    for x in 0..IN {
        let column = input_1d(std::array::from_fn(|y| half[y * IN + x]));
        (0..IN).for_each(|y| out[y * IN + x] = column[y]);
    }
    out
}

/// `A' m A`: four output rows, each four tiles of four columns.
#[inline(always)]
pub fn output(products: impl Fn(usize) -> f32x4) -> [[f32x4; 4]; OUT] {
    let mut half = [[f32x4::ZERO; IN]; OUT];
    for x in 0..IN {
        let column = output_1d(std::array::from_fn(|y| products(y * IN + x)));
        half.iter_mut().zip(column).for_each(|(row, v)| row[x] = v);
    }
    half.map(|row| f32x4::transpose(output_1d(row)))
}
