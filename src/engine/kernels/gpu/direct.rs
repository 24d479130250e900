//! The direct 3x3 convolution: for channel counts that do not come in fours, and for maps of a tile or two.

use super::Buf;
use super::conv_pass::{ConvPass, put};
use super::launch::Source;

/// The convolution, or its adjoint.
pub fn conv3x3(pass: &ConvPass<'_>) -> Buf {
    let [read, written] = pass.channels();
    let out = pass.gpu.empty(pass.x.shape.channels(written));
    let groups = written.div_ceil(4);
    let (wx, wy) = if groups >= 4 { (16, 4) } else { (64, 1) };
    let source = Source::new(include_str!("../wgsl/conv.wgsl"))
        .set("put", put(out.shape))
        .set("read", read)
        .set("wx", wx)
        .set("wy", wy);
    let count = [out.shape.plane().div_ceil(8).div_ceil(wx), groups.div_ceil(wy), out.shape.n];
    let reads = [("x", "f32", &pass.x.handle), ("weights", "vec4<f32>", pass.weights(true))];
    pass.launch(source, count, &reads, &out);
    out
}
