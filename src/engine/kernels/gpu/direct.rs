//! The direct 3x3 convolution: for channel counts that do not come in fours, and for maps of a tile or two.

use cubecl::server::Handle;

use super::launch::Source;
use super::{Buf, Gpu, Layer};
use cnn_lens_simd::pack::GROUP;

/// The convolution with `layer`, or its adjoint.
pub fn conv3x3(gpu: &Gpu, x: &Buf, layer: &Layer, adjoint: bool, relu: bool) -> Buf {
    let (cout, cin) = if adjoint { (layer.cin, layer.cout) } else { (layer.cout, layer.cin) };
    let (weights, bias) = if adjoint { (turned(gpu, layer), &layer.none) } else { (&layer.forward, &layer.bias) };
    let out = gpu.empty(x.shape.channels(cout));
    let groups = cout.div_ceil(GROUP);
    let (wx, wy) = if groups >= 4 { (16, 4) } else { (64, 1) };
    let source = Source::new(include_str!("../wgsl/conv.wgsl"))
        .set("cin", cin)
        .set("cout", cout)
        .set("h", x.shape.h)
        .set("w", x.shape.w)
        .set("plane", x.shape.plane())
        .set("relu", relu)
        .set("wx", wx)
        .set("wy", wy);
    let count = [x.shape.plane().div_ceil(8).div_ceil(wx), groups.div_ceil(wy), x.shape.n];
    gpu.launch(source, count, &[&x.handle, weights, bias, &out.handle]);
    out
}

/// The adjoint's weights, made at the first gradient that needs them.
fn turned<'a>(gpu: &Gpu, l: &'a Layer) -> &'a Handle {
    l.adjoint.get_or_init(|| {
        let length = l.cin.next_multiple_of(GROUP) * l.cout * 9;
        let flipped = gpu.client.empty(length * 4);
        let source = Source::new(include_str!("../wgsl/flip.wgsl")).set("cin", l.cin).set("cout", l.cout);
        gpu.elementwise(source, length, &[&l.forward, &flipped]);
        flipped
    })
}
