//! 1x1 convolution: a matrix product over places.

use cubecl::server::Handle;

use super::each::Keep;
use super::launch::{Source, declared};
use super::layer::Layer;
use super::tile::{product, register_tile};
use super::window_conv::put;
use super::{Buf, Gpu};

/// The convolution with `layer`, or its adjoint, which is one too.
pub fn convolve(gpu: &Gpu, x: &Buf, layer: &Layer, adjoint: bool, bias: &Handle, keep: Keep<'_>) -> Buf {
    let [read, written] = layer.channels(adjoint);
    let out = gpu.empty(x.shape.channels(written));
    let (quads, groups) = (out.shape.plane() / 4, written.div_ceil(4));
    let (tile, workgroup) = register_tile(gpu.software, quads, groups);
    let gate = keep.relu();
    let buffers = [("u", "vec4<f32>"), ("v", "vec4<f32>"), ("bias", "f32"), ("y", "f32")];
    let source = Source::new(include_str!("../wgsl/conv_pointwise.wgsl"))
        .set("buffers", declared(buffers.into_iter().chain(gate.map(|_| ("gate", "f32")))))
        .set("put", put(out.shape, keep))
        .set("read", read)
        .set("groups", groups);
    let store = |i: usize, j: usize| {
        let put = |k: usize| format!("put(id.z, group * 4u + {i}u, (t + {j}u) * 4u + {k}u, s{i}_{j}[{k}]);\n");
        (0..4).map(put).collect()
    };
    let source = product(source, tile, workgroup, store);
    let count = [quads.div_ceil(tile[1] * workgroup[0]), groups.div_ceil(tile[0] * workgroup[1]), x.shape.n];
    let buffers = [layer.weights(gpu, adjoint, false), &x.handle, bias, &out.handle];
    let buffers: Vec<&Handle> = buffers.into_iter().chain(gate.map(|y| &y.handle)).collect();
    gpu.launch(source, count, &buffers);
    out
}
