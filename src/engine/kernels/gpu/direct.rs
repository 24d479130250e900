//! The direct 3x3 convolution: for channel counts that do not come in fours, and for maps of a tile or two.

use cubecl::server::Handle;

use super::each::Keep;
use super::launch::{Source, declared};
use super::layer::Layer;
use super::window_conv::put;
use super::{Buf, Gpu};

/// The convolution with `layer`, or its adjoint.
pub fn conv3x3(gpu: &Gpu, x: &Buf, layer: &Layer, adjoint: bool, bias: &Handle, keep: Keep<'_>) -> Buf {
    let [read, written] = layer.channels(adjoint);
    let out = gpu.empty(x.shape.channels(written));
    let groups = written.div_ceil(4);
    let (wx, wy) = if groups >= 4 { (16, 4) } else { (64, 1) };
    let gate = keep.relu();
    let buffers = [("x", "f32"), ("weights", "vec4<f32>"), ("bias", "f32"), ("y", "f32")];
    let source = Source::new(include_str!("../wgsl/conv.wgsl"))
        .set("buffers", declared(buffers.into_iter().chain(gate.map(|_| ("gate", "f32")))))
        .set("put", put(out.shape, keep))
        .set("read", read)
        .set("wx", wx)
        .set("wy", wy);
    let count = [out.shape.plane().div_ceil(8).div_ceil(wx), groups.div_ceil(wy), x.shape.n];
    let buffers = [&x.handle, layer.weights(gpu, adjoint, true), bias, &out.handle];
    let buffers: Vec<&Handle> = buffers.into_iter().chain(gate.map(|y| &y.handle)).collect();
    gpu.launch(source, count, &buffers);
    out
}
