//! Pools of any window: maxima and sums, with their adjoints. Padding takes no part in a maximum and adds nothing to a sum.

use super::window::{Axis, Window, gather, scatter};
use super::{Planes, Shape};

/// The maximum of every window that has a place inside the image; `h` x `w` windows a channel.
pub fn max_pool(x: &Planes, window: &Window, [h, w]: [usize; 2]) -> Planes {
    let mut out = Planes::zeros(Shape { h, w, ..x.shape });
    let (taps, stride) = (taps(&window.x, x.shape.w, w), window.x.stride);
    let mut column = vec![0.0; x.shape.w];
    for plane in 0..x.shape.planes() {
        for i in 0..h {
            // first down the columns, then along the row that is left
            column.fill(f32::NEG_INFINITY);
            for y in (0..window.y.kernel).filter_map(|k| window.y.at(i, k, x.shape.h)) {
                column.iter_mut().zip(x.row(plane, y)).for_each(|(m, v)| *m = m.max(*v));
            }
            let row = out.row_mut(plane, i);
            row.fill(f32::NEG_INFINITY);
            for Tap { columns, at } in &taps {
                let (row, column) = (&mut row[columns.clone()], &column[*at..]);
                row.iter_mut().zip(column.iter().step_by(stride)).for_each(|(m, v)| *m = m.max(*v));
            }
        }
    }
    out
}

/// `g` at each window's first maximum in scan order, as PyTorch does; `y` is what [`max_pool`] made of `x`.
pub fn max_pool_adjoint(x: &Planes, y: &Planes, window: &Window, g: &Planes) -> Planes {
    let mut out = Planes::zeros(x.shape);
    let (taps, stride) = (taps(&window.x, x.shape.w, y.shape.w), window.x.stride);
    // what the windows of a row have not handed down yet
    let mut left = vec![0.0; y.shape.w];
    for plane in 0..x.shape.planes() {
        for i in 0..y.shape.h {
            left.copy_from_slice(g.row(plane, i));
            for r in (0..window.y.kernel).filter_map(|k| window.y.at(i, k, x.shape.h)) {
                // to the end of the data, so that a step past the row's last place is there
                let row = plane * x.shape.plane() + (r + 1) * x.shape.pitch() + 1;
                let (x, out) = (&x.data[row..], &mut out.data[row..]);
                for Tap { columns, at } in &taps {
                    let (max, left) = (&y.row(plane, i)[columns.clone()], &mut left[columns.clone()]);
                    let (x, out) = (&x[*at..], &mut out[*at..]);
                    match stride {
                        1 => hand_down(max, left, x.as_chunks::<1>().0, out.as_chunks_mut::<1>().0),
                        2 => hand_down(max, left, x.as_chunks::<2>().0, out.as_chunks_mut::<2>().0),
                        _ => max.iter().zip(left).enumerate().for_each(|(j, (max, left))| {
                            let at = j * stride;
                            let out = &mut out[at..].as_chunks_mut::<1>().0[..1];
                            hand_down(&[*max], std::slice::from_mut(left), &[[x[at]]], out);
                        }),
                    }
                }
            }
        }
    }
    out
}

/// One tap of some windows: those whose maximum it is give it what they have left.
#[inline(always)]
fn hand_down<const STRIDE: usize>(max: &[f32], left: &mut [f32], x: &[[f32; STRIDE]], out: &mut [[f32; STRIDE]]) {
    for ((max, left), (x, out)) in max.iter().zip(left).zip(x.iter().zip(out)) {
        // by masks, for which place wins is chance's, and a branch would be guessed wrongly once a window
        let won = 0_u32.wrapping_sub(u32::from(x[0] == *max));
        out[0] += f32::from_bits(left.to_bits() & won);
        *left = f32::from_bits(left.to_bits() & !won);
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
