//! The 3x3 convolution by F(4x4, 3x3), one direction and its adjoint from the same transformed weights.
//!
//! Per block of tiles: transform the inputs, 36 small matrix products, transform the outputs. A register tile holds 4 output
//! channels x 8 tiles (`PANELS` times that where registers are wide), summed over all input channels before it is stored.

mod tile;

use wide::f32x4;

use super::finish::Finish;
use super::lanes::load4;
use super::matrix::{GROUP, PANEL, PANELS, multiply};
use super::{Planes, Shape};
use crate::Reweigh;
use crate::filter::{IN, OUT, TAPS, flip, kernel, kernel_of, kernels};

/// Floats that the transformed inputs of a block should take: what the cache near the core holds, and more where that saves
/// reading large weights again (measured natively with 256 Ki to 4 Mi).
const BLOCK: std::ops::Range<usize> = 256 * 1024..2048 * 1024;
const QUAD: usize = GROUP * GROUP;
/// Groups of written channels that the adjoint turns at once.
const STRIP: usize = 8;

/// Transformed weights, `[36][cout / 4][cin / 4][4 cin][4 cout]`.
pub struct Weights {
    cout: usize,
    cin: usize,
    data: Vec<f32>,
}

impl Weights {
    /// Whether the layout has room for these channels.
    pub const fn fits(cout: usize, cin: usize) -> bool {
        cout.is_multiple_of(GROUP) && cin.is_multiple_of(GROUP)
    }

    /// The transformed weights of a convolution whose weights are row-major `[cout, cin, 3, 3]`.
    pub fn new(cout: usize, cin: usize, weight: &[f32]) -> Self {
        let (step, columns) = (cout * cin, cin / GROUP);
        let mut data = vec![0.0; TAPS * step];
        let weight = weight.as_chunks::<9>().0;
        for at in 0..step / QUAD {
            // a column of four written channels at a time, of four that are read: what lies together
            let quad: [_; GROUP] = std::array::from_fn(|column| {
                let (co, ci) = (at / columns * GROUP, at % columns * GROUP + column);
                kernels(std::array::from_fn(|row| &weight[(co + row) * cin + ci]))
            });
            for (k, matrix) in data.chunks_exact_mut(step).enumerate() {
                let out = &mut matrix.as_chunks_mut::<QUAD>().0[at];
                out.as_chunks_mut::<GROUP>().0.iter_mut().zip(&quad).for_each(|(out, column)| *out = column[k]);
            }
        }
        Self { cout, cin, data }
    }

    /// The same convolution with changed weights.
    pub fn reweigh(&self, how: Reweigh) -> Self {
        let step = self.cout * self.cin;
        let mut data = vec![0.0; TAPS * step];
        for i in 0..step {
            let g = kernel_of(|k| self.data[k * step + i]).map(|w| how.weight(w));
            for (k, u) in kernel(&g).into_iter().enumerate() {
                data[k * step + i] = u;
            }
        }
        Self { data, ..*self }
    }

    /// Channels written and read.
    fn channels(&self, adjoint: bool) -> (usize, usize) {
        if adjoint { (self.cin, self.cout) } else { (self.cout, self.cin) }
    }

    /// The matrix of product `k`: `[cout / 4][cin / 4][4 cin][4 cout]`.
    fn matrix(&self, k: usize) -> &[f32] {
        &self.data[k * self.cout * self.cin..(k + 1) * self.cout * self.cin]
    }

    /// Turns the columns of up to [`STRIP`] groups of `cin` in product `k`'s matrix into panels `[group][cout][4 cin]`: the
    /// adjoint reads what [`Weights::matrix`] holds across. A strip's share of a row is contiguous.
    fn turn(&self, k: usize, first: usize, panels: &mut [f32]) {
        let (columns, depth) = (self.cin / GROUP, self.cout * GROUP);
        let groups = panels.len() / depth;
        for (row, quads) in self.matrix(k).as_chunks::<QUAD>().0.chunks_exact(columns).enumerate() {
            for (group, quad) in quads[first..first + groups].iter().enumerate() {
                let quad = f32x4::transpose(std::array::from_fn(|i| load4(quad, i * GROUP)));
                if let Some(out) = panels[group * depth + row * QUAD..].first_chunk_mut::<QUAD>() {
                    out.as_chunks_mut::<4>().0.iter_mut().zip(quad).for_each(|(out, v)| *out = v.to_array());
                }
            }
        }
    }
}

/// Where a tile lies: its image, its top left output, and the offsets of its six input rows in a plane.
struct Tile {
    image: usize,
    y: usize,
    x: usize,
    rows: [usize; IN],
}

fn tiles(shape: Shape) -> Vec<Tile> {
    let (down, across) = (shape.h.div_ceil(OUT), shape.w.div_ceil(OUT));
    // rows below the image are its lower border: zeros
    let row = |y: usize, x: usize| std::array::from_fn(|r| (y + r).min(shape.h + 1) * shape.pitch() + x);
    let place = |i: usize| (i / (down * across), i / across % down * OUT, i % across * OUT);
    let real = (0..shape.n * down * across).map(|i| {
        let (image, y, x) = place(i);
        Tile { image, y, x, rows: row(y, x) }
    });
    let count = (shape.n * down * across).next_multiple_of(PANEL);
    // the last panel's missing tiles read the last image's first rows and write nothing
    let missing = || Tile { image: shape.n - 1, y: shape.h, x: 0, rows: row(0, 0) };
    real.chain(std::iter::repeat_with(missing)).take(count).collect()
}

/// The 3x3 convolution of `x` with padding 1, or, for `adjoint`, its input gradient; `finish` is applied to each sum.
pub fn conv3x3(x: &Planes, w: &Weights, adjoint: bool, finish: &Finish) -> Planes {
    let (cout, cin) = w.channels(adjoint);
    let mut out = Planes::zeros(x.shape.channels(cout));
    let tiles = tiles(x.shape);
    let all = tiles.len() / PANEL;
    let floats = (BLOCK.start + w.data.len() / 2).min(BLOCK.end);
    let block = (floats / (TAPS * cin * PANEL)).max(PANELS).next_multiple_of(PANELS).min(all);
    let mut inputs = vec![0.0; TAPS * block * cin * PANEL];
    let mut products = vec![0.0; TAPS * block * cout * PANEL];
    let mut turned = vec![0.0; if adjoint { STRIP * cin * GROUP } else { 0 }];
    for tiles in tiles.chunks(block * PANEL) {
        let panels = tiles.len() / PANEL;
        transform_inputs(x, cin, tiles, &mut inputs);
        for k in 0..TAPS {
            let inputs = &inputs[k * panels * cin * PANEL..][..panels * cin * PANEL];
            let products = &mut products[k * panels * cout * PANEL..][..panels * cout * PANEL];
            for (strip, sums) in products.chunks_mut(STRIP * panels * GROUP * PANEL).enumerate() {
                let groups = sums.len() / (panels * GROUP * PANEL);
                let weights = if adjoint {
                    w.turn(flip(k), strip * STRIP, &mut turned[..groups * cin * GROUP]);
                    &turned
                } else {
                    &w.matrix(k)[strip * STRIP * cin * GROUP..]
                };
                let weights = weights.chunks_exact(cin * GROUP);
                sums.chunks_exact_mut(panels * GROUP * PANEL)
                    .zip(weights)
                    .for_each(|(sums, w)| multiply(inputs, w, sums));
            }
        }
        transform_outputs(&mut out, cout, tiles, &products, finish);
    }
    out
}

/// `B' d B` of every tile `d`, as `inputs[k][panel][cin][8]`: product `k`, eight tiles a panel.
fn transform_inputs(x: &Planes, cin: usize, tiles: &[Tile], inputs: &mut [f32]) {
    let (plane, step) = (x.shape.plane(), tiles.len() * cin);
    for (i, quad) in tiles.as_chunks::<4>().0.iter().enumerate() {
        // a quad may straddle two images: offsets from the first one's plane
        let first = quad[0].image;
        let rows = std::array::from_fn(|t| quad[t].rows.map(|at| at + (quad[t].image - first) * cin * plane));
        for c in 0..cin {
            let taps = tile::input(&x.data[(first * cin + c) * plane..], &rows);
            let at = (i / 2 * cin + c) * PANEL + i % 2 * 4;
            for (k, v) in taps.iter().enumerate() {
                if let Some(out) = inputs[k * step + at..].first_chunk_mut::<4>() {
                    *out = v.to_array();
                }
            }
        }
    }
}

fn transform_outputs(out: &mut Planes, cout: usize, tiles: &[Tile], products: &[f32], finish: &Finish) {
    let (shape, step) = (out.shape, tiles.len() * cout);
    let (pitch, plane) = (shape.pitch(), shape.plane());
    for group in 0..cout / GROUP {
        let channels: [_; GROUP] = std::array::from_fn(|row| finish.channel(group * GROUP + row));
        for (i, quad) in tiles.as_chunks::<4>().0.iter().enumerate() {
            for (row, channel) in channels.iter().enumerate() {
                let co = group * GROUP + row;
                // products[k][group][panel][4][8]
                let at = ((group * (tiles.len() / PANEL) + i / 2) * GROUP + row) * PANEL + i % 2 * 4;
                let rows = tile::output(|k| load4(products, k * step + at));
                for (t, tile) in quad.iter().enumerate() {
                    let columns = shape.w.saturating_sub(tile.x).min(OUT);
                    for (r, row) in rows.iter().enumerate().take(shape.h - tile.y) {
                        let at = (tile.image * cout + co) * plane + (tile.y + r + 1) * pitch + tile.x + 1;
                        let v = channel.apply(row[t], at).to_array();
                        match out.data[at..].first_chunk_mut() {
                            Some(whole) if columns == OUT => *whole = v,
                            // one by one: a copy of unknown length is a function's call
                            _ => out.data[at..].iter_mut().zip(v).take(columns).for_each(|(out, v)| *out = v),
                        }
                    }
                }
            }
        }
    }
}
