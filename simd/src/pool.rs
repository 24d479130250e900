//! 2x2 max-pooling, stride 2, and its adjoint. The winner is found again from the input, so no switches are kept.

use super::{Gate, Planes};

/// `y[i, j] = max` of the window at `(2i, 2j)`; odd last rows and columns are dropped, as in PyTorch.
pub fn max_pool(x: &Planes) -> Planes {
    let mut out = Planes::zeros(x.shape.halved());
    for c in 0..x.shape.planes() {
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

/// `g` at each window's first maximum in scan order, then through `gate` (`x` is a ReLU's output).
pub fn max_pool_adjoint(x: &Planes, g: &Planes, gate: Option<Gate>) -> Planes {
    let mut out = Planes::zeros(x.shape);
    let pitch = x.shape.pitch();
    for c in 0..x.shape.planes() {
        for y in 0..g.shape.h {
            let from = c * x.shape.plane() + (2 * y + 1) * pitch + 1;
            let (top, bottom) = (x.row(c, 2 * y), x.row(c, 2 * y + 1));
            let windows = top.as_chunks::<2>().0.iter().zip(bottom.as_chunks::<2>().0);
            let (above, below) = out.data[from..from + 2 * pitch].split_at_mut(pitch);
            let outs = above.as_chunks_mut::<2>().0.iter_mut().zip(below.as_chunks_mut::<2>().0);
            for ((g, (t, b)), (above, below)) in g.row(c, y).iter().zip(windows).zip(outs) {
                let max = t[0].max(t[1]).max(b[0]).max(b[1]);
                let v = gate.map_or(*g, |gate| gate.pass(max, *g));
                match max {
                    _ if t[0] == max => above[0] = v,
                    _ if t[1] == max => above[1] = v,
                    _ if b[0] == max => below[0] = v,
                    _ => below[1] = v,
                }
            }
        }
    }
    out
}
