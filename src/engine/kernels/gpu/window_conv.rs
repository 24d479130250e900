//! Convolution with any window and any groups.

use super::conv_pass::{ConvPass, put};
use super::launch::{Source, pair};
use super::window::placed;
use super::{Buf, Shape};
use crate::ops::Window;

/// The convolution, or its adjoint, to rows and columns `[h, w]`.
pub fn convolve(pass: &ConvPass<'_>, window: &Window, [h, w]: [usize; 2]) -> Buf {
    let ConvPass { gpu, layer, x, adjoint, .. } = *pass;
    let [read, written] = pass.channels();
    let out = gpu.empty(Shape { h, w, ..x.shape.channels(written) });
    let lanes = layer.lanes(adjoint);
    let kind = if lanes == 1 { "f32" } else { "vec4<f32>" };
    let step = if adjoint { window.stride[1] } else { 1 };
    // places of a row that one invocation can compute, and how many of them it does
    let neighbours = out.shape.pitch().div_ceil(step);
    let tile = if neighbours > 32 || neighbours.next_multiple_of(8) == neighbours.next_multiple_of(4) { 8 } else { 4 };
    let blocks = neighbours.div_ceil(tile);
    let rows = out.shape.plane().div_ceil(out.shape.pitch());
    let groups = written.div_ceil(lanes);
    let (wx, wy) = if groups >= 4 { (16, 4) } else { (64, 1) };
    let each = |line: &dyn Fn(usize) -> String| (0..tile).map(line).collect::<String>();
    let store = |j: usize| {
        let lane = |l: usize| match lanes {
            1 => format!("put(id.z, c, row * PITCH + column, s{j});\n"),
            _ => format!("put(id.z, c + {l}u, row * PITCH + column, s{j}[{l}]);\n"),
        };
        let puts: String = (0..lanes).map(lane).collect();
        format!("{{ let column = first + {j}u * STEP;\nif (column < PITCH) {{\n{puts}}} }}\n")
    };
    let source = Source::new(include_str!("../wgsl/conv_window.wgsl"))
        .set("put", put(out.shape))
        .set("lanes", kind)
        .set("count", lanes)
        .set("group", written / layer.groups)
        .set("read", read / layer.groups)
        .set("channels", read)
        .set("from", pair([x.shape.h, x.shape.w]))
        .set("from_plane", x.shape.plane())
        .set("adjoint", adjoint)
        .set("tile", tile)
        .set("step", step)
        .set("blocks", blocks)
        .set("wx", wx)
        .set("wy", wy)
        .set("declare", each(&|j| format!("var s{j} = Lanes(0.0);\n")))
        .set("at", each(&|j| format!("let p{j} = read_at(first + {j}u * STEP, kx);\n")))
        .set("add", each(&|j| format!("s{j} += u * x[p + p{j}];\n")))
        .set("store", each(&store));
    let count = [(rows * step * blocks).div_ceil(wx), groups.div_ceil(wy), out.shape.n];
    let reads = [("x", "f32", &x.handle), ("w", "Lanes", pass.weights(false))];
    pass.launch(placed(source, window), count, &reads, &out);
    out
}
