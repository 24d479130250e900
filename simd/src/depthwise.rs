//! Convolutions whose groups read one channel each: every output channel is a sum of shifted copies of one input channel.

use super::finish::Finish;
use super::window::{Window, gather, scatter};
use super::{Planes, Shape};

/// The convolution of `x` with row-major `[cout, 1, kernel.y, kernel.x]`, `h` x `w` outputs a channel; output channel `c` reads
/// channel `c / (cout / cin)`. `finish` may not have a gate.
pub fn conv(x: &Planes, window: &Window, weight: &[f32], [h, w]: [usize; 2], finish: &Finish) -> Planes {
    let cout = weight.len() / window.taps();
    let mut out = Planes::zeros(Shape { n: x.shape.n, c: cout, h, w });
    each(window, weight, (x.shape, out.shape), |tap| {
        let Tap { factor, from, to, stride } = tap;
        gather(factor, &x.row(from.0, from.1)[from.2..], stride, &mut out.row_mut(to.0, to.1)[to.2..to.3]);
    });
    for plane in 0..out.shape.planes() {
        let bias = finish.bias_of(plane % cout);
        for y in 0..h {
            let row = out.row_mut(plane, y);
            row.iter_mut().for_each(|v| *v += bias);
            if finish.relu {
                row.iter_mut().for_each(|v| *v = v.max(0.0));
            }
        }
    }
    out
}

/// The gradient at the input of shape `shape`, given the one at the output.
pub fn conv_adjoint(g: &Planes, window: &Window, weight: &[f32], shape: Shape) -> Planes {
    let mut out = Planes::zeros(shape);
    each(window, weight, (shape, g.shape), |tap| {
        let Tap { factor, from, to, stride } = tap;
        scatter(factor, &g.row(to.0, to.1)[to.2..to.3], &mut out.row_mut(from.0, from.1)[from.2..], stride);
    });
    out
}

/// What one tap does to one row: output columns `to.2..to.3` of row `to.1` of plane `to.0` read every `stride`-th value from
/// column `from.2` of row `from.1` of plane `from.0`.
struct Tap {
    factor: f32,
    from: (usize, usize, usize),
    to: (usize, usize, usize, usize),
    stride: usize,
}

fn each(window: &Window, weight: &[f32], (read, written): (Shape, Shape), mut visit: impl FnMut(Tap)) {
    let Window { y: down, x: along } = *window;
    let copies = written.c / read.c.max(1);
    for plane in 0..written.planes() {
        let kernel = &weight[plane % written.c * window.taps()..][..window.taps()];
        for (tap, factor) in kernel.iter().enumerate() {
            let (ky, kx) = (tap / along.kernel, tap % along.kernel);
            let columns = along.inside(kx, read.w, written.w);
            let Some(column) = along.at(columns.start, kx, read.w).filter(|_| !columns.is_empty()) else { continue };
            for y in down.inside(ky, read.h, written.h) {
                let Some(row) = down.at(y, ky, read.h) else { continue };
                visit(Tap {
                    factor: *factor,
                    from: (plane / copies, row, column),
                    to: (plane, y, columns.start, columns.end),
                    stride: along.stride,
                });
            }
        }
    }
}
