//! The 3x3 convolution for channel counts that Winograd's layout does not fit (a picture's three): nine shifted
//! multiply-adds over the padded planes.
//!
//! A register tile holds 4 output channels x `8 * TILE` neighbouring positions of the flat padded plane. Blocks of
//! positions and of input channels are sized to keep what a sweep over the output channels re-reads in the L1 cache.
//! Columns of the border are computed like any other (2 of W + 2) and set back to zero at the end.

use wide::f32x8;

use super::finish::{Finish, relu_adjoint};
use super::lanes::madd;
use super::{Planes, Shape};
use crate::pack::{GROUP, Packed};

/// Vectors of 8 positions in a register tile: wasm has 16 registers of 4 floats, AVX2 16 of 8.
const TILE: usize = if cfg!(target_feature = "avx2") { 2 } else { 1 };
const STEP: usize = 8 * TILE;
/// Floats of one row that a tile reads: its positions and one neighbour on either side.
const ROW: usize = STEP + 2;
const TAPS: usize = 9 * GROUP;
/// Positions per block.
const BLOCK: usize = 256;
/// Floats of input that a block should touch (24 KiB of a 32 KiB L1 cache).
const CACHE: usize = 6 * 1024;

type Tile = [[f32x8; TILE]; GROUP];

/// The convolution with `w`.
pub fn conv3x3(x: &Planes, w: &Packed, finish: &Finish) -> Planes {
    let (shape, plane) = (x.shape.channels(w.cout), x.shape.plane());
    let mut out = Planes::zeros(shape);
    let images = x.data.chunks_exact(w.cin * plane).zip(out.data.chunks_exact_mut(w.cout * plane));
    images.for_each(|(x, out)| image(x, out, shape, w, finish));
    out.clear_border();
    match finish.gate {
        Some((gate, y)) => relu_adjoint(gate, y, &out),
        None => out,
    }
}

fn image(x: &[f32], out: &mut [f32], shape: Shape, w: &Packed, finish: &Finish) {
    let (pitch, plane) = (shape.pitch(), shape.plane());
    let first = pitch + 1;
    let end = first + (shape.h - 1) * pitch + shape.w;
    let depth = (CACHE / (BLOCK + 2 * pitch + 10)).clamp(4, 64).min(w.cin);
    for from in (first..end).step_by(BLOCK) {
        let to = (from + BLOCK).min(end);
        for c0 in (0..w.cin).step_by(depth) {
            let c1 = (c0 + depth).min(w.cin);
            let input = &x[c0 * plane..c1 * plane];
            let relu = finish.relu && c1 == w.cin;
            for (group, planes) in out.chunks_mut(GROUP * plane).enumerate() {
                let weights = &w.data[(group * w.cin + c0) * TAPS..(group * w.cin + c1) * TAPS];
                let start = std::array::from_fn(|i| [f32x8::splat(finish.bias_of(group * GROUP + i)); TILE]);
                for at in (from..to).step_by(STEP) {
                    let tile = if c0 == 0 { start } else { load(planes, plane, at) };
                    let tile = accumulate(tile, input, plane, pitch, at - pitch - 1, weights);
                    store(tile, planes, plane, at, relu);
                }
            }
        }
    }
}

#[inline(always)]
fn vector(row: &[f32; ROW], at: usize) -> f32x8 {
    f32x8::new(std::array::from_fn(|i| row[at + i]))
}

#[inline(always)]
fn accumulate(mut tile: Tile, input: &[f32], plane: usize, pitch: usize, at: usize, weights: &[f32]) -> Tile {
    for (channel, taps) in input.chunks_exact(plane).zip(weights.as_chunks::<TAPS>().0) {
        for kh in 0..3 {
            let Some(row) = channel[at + kh * pitch..].first_chunk::<ROW>() else { continue };
            for kw in 0..3 {
                let x: [f32x8; TILE] = std::array::from_fn(|t| vector(row, 8 * t + kw));
                for (g, sums) in tile.iter_mut().enumerate() {
                    let w = f32x8::splat(taps[(kh * 3 + kw) * GROUP + g]);
                    for (sum, x) in sums.iter_mut().zip(x) {
                        *sum = madd(x, w, *sum);
                    }
                }
            }
        }
    }
    tile
}

fn load(planes: &[f32], plane: usize, at: usize) -> Tile {
    std::array::from_fn(|g| {
        std::array::from_fn(|t| {
            let from = g * plane + at + 8 * t;
            planes.get(from..).and_then(|p| p.first_chunk::<8>()).map_or(f32x8::ZERO, |v| f32x8::new(*v))
        })
    })
}

fn store(tile: Tile, planes: &mut [f32], plane: usize, at: usize, relu: bool) {
    for (sums, channel) in tile.iter().zip(planes.chunks_exact_mut(plane)) {
        for (t, sum) in sums.iter().enumerate() {
            let v = if relu { sum.max(f32x8::ZERO) } else { *sum };
            if let Some(out) = channel[at + 8 * t..].first_chunk_mut::<8>() {
                *out = v.to_array();
            }
        }
    }
}
