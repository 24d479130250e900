//! F(4x4, 3x3) in four launches: weights, inputs, 36 matrix products, outputs.
//!
//! The transformed weights are made anew for every call (0.2 of 30 GFLOP for all layers of VGG16): kept, both directions of
//! them would take 470 MB. They, the transformed inputs and the products share one arena of fixed size; tiles go through in
//! chunks that fit it, which also keeps every launch short.

use cubecl::server::Handle;

use super::conv_pass::ConvPass;
use super::launch::Source;
use super::layer::Layer;
use super::tile::{product, register_tile};
use super::{Buf, Gpu};
use cnn_lens_simd::filter::{OUT, TAPS};

/// Bytes of the arena: 512 x 512 channels' weights take 38 MB of it.
const ARENA: usize = 48 << 20;
/// What the start of a binding must be a multiple of, on every adapter.
const ALIGN: usize = 256;

/// The convolution, or its adjoint, of channels in fours.
pub fn conv3x3(pass: &ConvPass<'_>) -> Buf {
    let ConvPass { gpu, layer, x, adjoint, .. } = *pass;
    let [cin, cout] = pass.channels();
    let out = gpu.empty(x.shape.channels(cout));
    let (down, across) = (x.shape.h.div_ceil(OUT), x.shape.w.div_ceil(OUT));
    let all = x.shape.n * down * across;
    let groups = cout / 4;
    let (tile, workgroup) = register_tile(gpu.software, all.div_ceil(4), groups);
    let unit = 4 * tile[1];
    let bytes = |floats: usize| (4 * floats).next_multiple_of(ALIGN);
    let taken = bytes(TAPS * cin * cout) + 2 * ALIGN;
    let room = ARENA.saturating_sub(taken) / (4 * TAPS * (cin + cout));
    let chunk = (room / unit * unit).max(unit).min(all.next_multiple_of(unit));
    // equal chunks: the same shaders for all but the last
    let chunk = all.div_ceil(all.div_ceil(chunk)).next_multiple_of(unit);
    let sizes = [TAPS * cin * cout, TAPS * cin * chunk, TAPS * cout * chunk].map(bytes);
    let [weights, inputs, products] = gpu.arena(ARENA.max(sizes.iter().sum()), sizes);
    transform_weights(gpu, layer, cin, groups, adjoint, &weights);
    let geometry = |source: Source, first: usize| {
        source
            .set("h", x.shape.h)
            .set("w", x.shape.w)
            .set("plane", x.shape.plane())
            .set("down", down)
            .set("across", across)
            .set("first", first)
            .set("count", (all - first).min(chunk))
            .set("tiles", chunk)
    };
    for first in (0..all).step_by(chunk) {
        let source = geometry(Source::new(include_str!("../wgsl/winograd_input.wgsl")), first).set("cin", cin);
        gpu.launch(source, [chunk.div_ceil(64), cin, 1], &[&x.handle, &inputs]);
        let count = [(chunk / 4).div_ceil(tile[1] * workgroup[0]), groups.div_ceil(tile[0] * workgroup[1]), TAPS];
        gpu.launch(multiply(cin, groups, chunk / 4, tile, workgroup), count, &[&weights, &inputs, &products]);
        let source = geometry(Source::new(include_str!("../wgsl/winograd_output.wgsl")), first).set("cout", cout);
        pass.launch(source, [chunk.div_ceil(64), cout, 1], &[("m", "f32", &products)], &out);
    }
    out
}

fn transform_weights(gpu: &Gpu, layer: &Layer, read: usize, groups: usize, adjoint: bool, to: &Handle) {
    let source = Source::new(include_str!("../wgsl/winograd_weights.wgsl"))
        .set("cin", layer.cin)
        .set("read", read)
        .set("groups", groups)
        .set("adjoint", adjoint);
    gpu.launch(source, [read.div_ceil(64), groups, 1], &[&layer.forward, to]);
}

fn multiply(read: usize, groups: usize, quads: usize, tile: [usize; 2], workgroup: [usize; 2]) -> Source {
    let source = Source::new(include_str!("../wgsl/winograd_multiply.wgsl"))
        .set("read", read)
        .set("groups", groups)
        .set("quads", quads);
    product(source, tile, workgroup, |i, j| format!("m[out + {i}u * QUADS + {j}u] = s{i}_{j};\n"))
}
