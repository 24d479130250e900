//! Convolution with any window and any groups.

use cubecl::server::Handle;

use super::each::Keep;
use super::launch::{Source, declared, pair};
use super::layer::Layer;
use super::window::placed;
use super::{Buf, Gpu, Shape};
use crate::ops::Window;

/// The function that stores what a convolution writes to planes of this shape.
pub fn put(shape: Shape, keep: Keep<'_>) -> Source {
    Source::new(include_str!("../wgsl/put.wgsl"))
        .set("written", shape.c)
        .set("h", shape.h)
        .set("w", shape.w)
        .set("plane", shape.plane())
        .set("keep", keep.text("gate"))
}

/// The convolution with `layer`, or its adjoint, to rows and columns `[h, w]`.
pub fn convolve(
    gpu: &Gpu,
    x: &Buf,
    layer: &Layer,
    window: &Window,
    [h, w]: [usize; 2],
    adjoint: bool,
    bias: &Handle,
    keep: Keep<'_>,
) -> Buf {
    let [read, written] = layer.channels(adjoint);
    let out = gpu.empty(Shape { h, w, ..x.shape.channels(written) });
    let lanes = layer.lanes(adjoint);
    let kind = if lanes == 1 { "f32" } else { "vec4<f32>" };
    let step = if adjoint { window.stride[1] } else { 1 };
    // places of a row that one invocation can compute, and of how many it does
    let neighbours = out.shape.pitch().div_ceil(step);
    let tile = if neighbours > 32 || neighbours.next_multiple_of(8) == neighbours.next_multiple_of(4) { 8 } else { 4 };
    let blocks = neighbours.div_ceil(tile);
    let rows = out.shape.plane().div_ceil(out.shape.pitch());
    let groups = written.div_ceil(lanes);
    let (wx, wy) = if groups >= 4 { (16, 4) } else { (64, 1) };
    let each = |line: &dyn Fn(usize) -> String| (0..tile).map(line).collect::<String>();
    let column = "clamp(source(i32(first + {j}u * STEP) - 1, kx, 1u), -1, FROM.y) + 1";
    let store = |j: usize| {
        let lane = |l: usize| match lanes {
            1 => format!("put(id.z, c, row * PITCH + column, s{j});\n"),
            _ => format!("put(id.z, c + {l}u, row * PITCH + column, s{j}[{l}]);\n"),
        };
        let puts: String = (0..lanes).map(lane).collect();
        format!("{{ let column = first + {j}u * STEP;\nif (column < PITCH) {{\n{puts}}} }}\n")
    };
    let gate = keep.relu();
    let buffers = [("x", "f32"), ("w", "Lanes"), ("bias", "f32"), ("y", "f32")];
    let source = Source::new(include_str!("../wgsl/conv_window.wgsl"))
        .set("lanes", kind)
        .set("buffers", declared(buffers.into_iter().chain(gate.map(|_| ("gate", "f32")))))
        .set("put", put(out.shape, keep))
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
        .set("at", each(&|j| format!("let p{j} = u32({});\n", column.replace("{j}", &j.to_string()))))
        .set("add", each(&|j| format!("s{j} += u * x[p + p{j}];\n")))
        .set("store", each(&store));
    let count = [(rows * step * blocks).div_ceil(wx), groups.div_ceil(wy), x.shape.n];
    let buffers = [&x.handle, layer.weights(gpu, adjoint, false), bias, &out.handle];
    let buffers: Vec<&Handle> = buffers.into_iter().chain(gate.map(|y| &y.handle)).collect();
    gpu.launch(placed(source, window), count, &buffers);
    out
}
