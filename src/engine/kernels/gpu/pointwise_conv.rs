//! 1x1 convolution: a matrix product over places.

use super::Buf;
use super::conv_pass::{ConvPass, put};
use super::launch::Source;
use super::tile::{product, register_tile};

/// The convolution, or its adjoint, which is one too.
pub fn convolve(pass: &ConvPass<'_>) -> Buf {
    let [read, written] = pass.channels();
    let out = pass.gpu.empty(pass.x.shape.channels(written));
    let (quads, groups) = (out.shape.plane() / 4, written.div_ceil(4));
    let (tile, workgroup) = register_tile(pass.gpu.software, quads, groups);
    let source = Source::new(include_str!("../wgsl/conv_pointwise.wgsl"))
        .set("put", put(out.shape))
        .set("read", read)
        .set("groups", groups);
    let source = product(source, tile, workgroup, |i, j| {
        let put = |k: usize| format!("put(id.z, group * 4u + {i}u, (t + {j}u) * 4u + {k}u, s{i}_{j}[{k}]);\n");
        (0..4).map(put).collect()
    });
    let count = [quads.div_ceil(tile[1] * workgroup[0]), groups.div_ceil(tile[0] * workgroup[1]), out.shape.n];
    let reads = [("u", "vec4<f32>", pass.weights(false)), ("v", "vec4<f32>", &pass.x.handle)];
    pass.launch(source, count, &reads, &out);
    out
}
