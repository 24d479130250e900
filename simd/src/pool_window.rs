//! Pools of any window: maxima and sums, with their adjoints. Padding takes no part in a maximum and adds nothing to a sum.

use wide::f32x4;

use super::finish::pass;
use super::lanes::{load4, unzip, zip};
use super::window::{Axis, Window, gather, scatter};
use super::{Gate, Planes, Shape, pool_three};

/// The maximum of every window that has a place inside the image; `h` x `w` windows a channel.
pub fn max_pool(x: &Planes, window: &Window, [h, w]: [usize; 2]) -> Planes {
    if pool_three::serves(window) {
        return pool_three::max_pool(x, [h, w]);
    }
    let mut out = Planes::zeros(Shape { h, w, ..x.shape });
    let taps = taps(&window.x, x.shape.w, w);
    let mut column = vec![0.0; x.shape.w];
    let mut split = Split::new(x.shape.w, window.x.stride);
    for plane in 0..x.shape.planes() {
        for i in 0..h {
            // first down the columns, then along the row that is left
            fill(&mut column, f32::NEG_INFINITY);
            for y in (0..window.y.kernel).filter_map(|k| window.y.at(i, k, x.shape.h)) {
                larger(&mut column, x.row(plane, y));
            }
            split.take(&column);
            let row = out.row_mut(plane, i);
            fill(row, f32::NEG_INFINITY);
            for Tap { columns, at } in &taps {
                larger(&mut row[columns.clone()], split.behind(*at));
            }
        }
    }
    out
}

/// `to[i] = value`. By vectors, for the compiler makes none of a plain loop where the rest of the program is compiled for size.
fn fill(to: &mut [f32], value: f32) {
    let (to, rest) = to.as_chunks_mut::<4>();
    to.iter_mut().for_each(|to| *to = f32x4::splat(value).to_array());
    rest.iter_mut().for_each(|to| *to = value);
}

/// `to[i] = max(to[i], from[i])`.
fn larger(to: &mut [f32], from: &[f32]) {
    let n = to.len().min(from.len());
    let ((to, to_rest), (from, from_rest)) = (to[..n].as_chunks_mut::<4>(), from[..n].as_chunks::<4>());
    for (to, from) in to.iter_mut().zip(from) {
        let [a, b] = [f32x4::new(*from), f32x4::new(*to)];
        *to = a.simd_gt(b).bitselect(a, b).to_array();
    }
    // a comparison: wasm has no instruction of `f32::max`'s meaning, and a function would be called
    to_rest.iter_mut().zip(from_rest).for_each(|(to, from)| *to = if *from > *to { *from } else { *to });
}

/// `g` at each window's first maximum in scan order, as PyTorch does; `y` is what [`max_pool`] made of `x`. Then through `gate`
/// (`x` is a ReLU's output).
pub fn max_pool_adjoint(x: &Planes, y: &Planes, window: &Window, g: &Planes, gate: Option<Gate>) -> Planes {
    if pool_three::serves(window) {
        return pool_three::max_pool_adjoint(x, y, g, gate);
    }
    let mut out = Planes::zeros(x.shape);
    let taps = taps(&window.x, x.shape.w, y.shape.w);
    let [mut read, mut written] = [(); 2].map(|()| Split::new(x.shape.w, window.x.stride));
    // what the windows of a row have not handed down yet
    let mut left = vec![0.0; y.shape.w];
    for plane in 0..x.shape.planes() {
        for i in 0..y.shape.h {
            left.copy_from_slice(g.row(plane, i));
            for r in (0..window.y.kernel).filter_map(|k| window.y.at(i, k, x.shape.h)) {
                read.take(x.row(plane, r));
                for Tap { columns, at } in &taps {
                    let (max, left) = (&y.row(plane, i)[columns.clone()], &mut left[columns.clone()]);
                    hand_down(max, left, read.behind(*at), written.behind_mut(*at));
                }
                written.hand_over(out.row_mut(plane, r));
            }
        }
        if let Some(gate) = gate {
            let places = plane * x.shape.plane()..(plane + 1) * x.shape.plane();
            pass(gate, &x.data[places.clone()], &mut out.data[places]);
        }
    }
    out
}

/// One tap of some windows: those whose maximum it is give it what they have left.
fn hand_down(max: &[f32], left: &mut [f32], x: &[f32], out: &mut [f32]) {
    let n = max.len().min(x.len());
    let (max, max_rest) = max[..n].as_chunks::<4>();
    let (left, left_rest) = left[..n].as_chunks_mut::<4>();
    let (x, x_rest) = x[..n].as_chunks::<4>();
    let (out, out_rest) = out[..n].as_chunks_mut::<4>();
    for ((max, left), (x, out)) in max.iter().zip(left).zip(x.iter().zip(out)) {
        let (won, given) = (f32x4::new(*x).simd_eq(f32x4::new(*max)), f32x4::new(*left));
        *out = (f32x4::new(*out) + (won & given)).to_array();
        *left = won.bitselect(f32x4::ZERO, given).to_array();
    }
    for ((max, left), (x, out)) in max_rest.iter().zip(left_rest).zip(x_rest.iter().zip(out_rest)) {
        if x == max {
            *out += std::mem::take(left);
        }
    }
}

/// A row in as many parts as the stride is long: places `p, p + stride, p + 2 stride` and so on are neighbours. What a tap reads
/// of a row is then contiguous.
struct Split {
    stride: usize,
    /// Places of one part.
    len: usize,
    places: Vec<f32>,
}

impl Split {
    fn new(n: usize, stride: usize) -> Self {
        let len = n.div_ceil(stride);
        Self { stride, len, places: vec![0.0; len * stride] }
    }

    fn take(&mut self, row: &[f32]) {
        let mut done = 0;
        if self.stride == 2 {
            let (even, odd) = self.places.split_at_mut(self.len);
            let parts = even.as_chunks_mut::<4>().0.iter_mut().zip(odd.as_chunks_mut::<4>().0);
            for ((even, odd), values) in parts.zip(row.as_chunks::<8>().0) {
                [*even, *odd] = unzip([load4(values, 0), load4(values, 4)]).map(f32x4::to_array);
                done += 4;
            }
        }
        for (j, values) in row.chunks(self.stride).enumerate().skip(done) {
            values.iter().enumerate().for_each(|(p, v)| self.places[p * self.len + j] = *v);
        }
    }

    /// Adds every place to its counterpart in the row, and is zero from then on.
    fn hand_over(&mut self, row: &mut [f32]) {
        let mut done = 0;
        if self.stride == 2 {
            let (even, odd) = self.places.split_at_mut(self.len);
            let parts = even.as_chunks_mut::<4>().0.iter_mut().zip(odd.as_chunks_mut::<4>().0);
            for ((even, odd), values) in parts.zip(row.as_chunks_mut::<8>().0) {
                let [a, b] = zip([even, odd].map(|part| f32x4::new(std::mem::take(part))));
                *values = bytemuck::cast([a + load4(values, 0), b + load4(values, 4)]);
                done += 4;
            }
        }
        for (j, values) in row.chunks_mut(self.stride).enumerate().skip(done) {
            let places = values.iter_mut().enumerate();
            places.for_each(|(p, v)| *v += std::mem::take(&mut self.places[p * self.len + j]));
        }
    }

    /// Place `at` of the row and those behind it in its part.
    fn behind(&self, at: usize) -> &[f32] {
        &self.places[at % self.stride * self.len + at / self.stride..]
    }

    fn behind_mut(&mut self, at: usize) -> &mut [f32] {
        &mut self.places[at % self.stride * self.len + at / self.stride..]
    }
}

/// The sum of every window; `h` x `w` windows a channel.
pub fn sum_pool(x: &Planes, window: &Window, [h, w]: [usize; 2]) -> Planes {
    let mut out = Planes::zeros(Shape { h, w, ..x.shape });
    let (taps, stride) = (taps(&window.x, x.shape.w, w), window.x.stride);
    let mut column = vec![0.0; x.shape.w];
    for plane in 0..x.shape.planes() {
        for i in 0..h {
            column.fill(0.0);
            for y in (0..window.y.kernel).filter_map(|k| window.y.at(i, k, x.shape.h)) {
                gather(1.0, x.row(plane, y), 1, &mut column);
            }
            let row = out.row_mut(plane, i);
            for Tap { columns, at } in &taps {
                gather(1.0, &column[*at..], stride, &mut row[columns.clone()]);
            }
        }
    }
    out
}

/// The gradient at the input of shape `shape`, given the one at [`sum_pool`]'s output.
pub fn sum_pool_adjoint(g: &Planes, window: &Window, shape: Shape) -> Planes {
    let mut out = Planes::zeros(shape);
    let (taps, stride) = (taps(&window.x, shape.w, g.shape.w), window.x.stride);
    let mut row = vec![0.0; shape.w];
    for plane in 0..shape.planes() {
        for i in 0..g.shape.h {
            row.fill(0.0);
            for Tap { columns, at } in &taps {
                scatter(1.0, &g.row(plane, i)[columns.clone()], &mut row[*at..], stride);
            }
            for y in (0..window.y.kernel).filter_map(|k| window.y.at(i, k, shape.h)) {
                gather(1.0, &row, 1, out.row_mut(plane, y));
            }
        }
    }
    out
}

/// A tap along a row: the outputs whose tap lies inside, and the place at which the first of them reads.
struct Tap {
    columns: std::ops::Range<usize>,
    at: usize,
}

/// The taps of windows along rows of `n` places.
fn taps(axis: &Axis, n: usize, out: usize) -> Vec<Tap> {
    let tap = |k: usize| {
        let columns = axis.inside(k, n, out);
        let at = axis.at(columns.start, k, n).filter(|_| !columns.is_empty())?;
        Some(Tap { columns, at })
    };
    (0..axis.kernel).filter_map(tap).collect()
}
