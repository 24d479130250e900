//! 2x2 max-pooling, stride 2, and its adjoint. The winner is found again from the input, so no switches are kept.

use super::{Planes, Shape};

/// `y[i, j] = max` of the window at `(2i, 2j)`; odd last rows and columns are dropped, as in PyTorch.
pub fn max_pool(x: &Planes) -> Planes {
    let mut out = Planes::zeros(Shape::new(x.shape.c, x.shape.h / 2, x.shape.w / 2));
    for c in 0..x.shape.c {
        for y in 0..out.shape.h {
            let (top, bottom) = (x.row(c, 2 * y), x.row(c, 2 * y + 1));
            let windows = top.as_chunks::<2>().0.iter().zip(bottom.as_chunks::<2>().0);
            for (v, (t, b)) in out.row_mut(c, y).iter_mut().zip(windows) {
                *v = t[0].max(t[1]).max(b[0]).max(b[1]);
            }
        }
    }
    out
}

/// `g` at each window's first maximum in scan order.
pub fn max_pool_adjoint(x: &Planes, g: &Planes) -> Planes {
    let mut out = Planes::zeros(x.shape);
    for c in 0..x.shape.c {
        for y in 0..g.shape.h {
            for (j, v) in g.row(c, y).iter().enumerate() {
                let mut best = (0, 0, f32::NEG_INFINITY);
                for (dy, dx) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                    let value = x.row(c, 2 * y + dy)[2 * j + dx];
                    if value > best.2 {
                        best = (dy, dx, value);
                    }
                }
                out.row_mut(c, 2 * y + best.0)[2 * j + best.1] = *v;
            }
        }
    }
    out
}
