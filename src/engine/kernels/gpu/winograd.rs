//! F(4x4, 3x3) in four launches: weights, inputs, 36 matrix products, outputs.
//!
//! The transformed weights are made anew for every call (0.2 of 30 GFLOP for all layers of VGG16): kept, both directions of
//! them would take 470 MB. They, the transformed inputs and the products share one arena of fixed size; tiles go through in
//! chunks that fit it, which also keeps every launch short.

use cubecl::server::Handle;

use super::launch::Source;
use super::{Buf, Gpu, Layer, open};
use crate::engine::kernels::Gate;
use cnn_lens_simd::filter::{OUT, TAPS};

/// Bytes of the arena: 512 x 512 channels' weights take 38 MB of it.
const ARENA: usize = 48 << 20;
/// What the start of a binding must be a multiple of, on every adapter.
const ALIGN: usize = 256;

/// A register tile of the matrix product: `4 a` channels x `4 b` tiles, and the workgroup.
///
/// Measured on SwiftShader (`make bench`): it computes four invocations at a time without sharing their loads, so the largest
/// tile that its registers bear wins (4.2 GFLOP/s against 2.3 with 4 x 8). A GPU shares loads between invocations through its
/// cache and needs many of them: a quarter of that tile, neighbours along the tiles.
fn register_tile(software: bool, quads: usize, groups: usize) -> ([usize; 2], [usize; 2]) {
    let whole = |n: usize| if groups.is_multiple_of(n) { n } else { 1 };
    if software {
        ([whole(4), quads.min(4)], [1, 16])
    } else {
        let b = quads.min(2);
        let wx = quads.div_ceil(b).next_power_of_two().min(8);
        ([whole(2), b], [wx, 64 / wx])
    }
}

const GATE: &str = "@group(0) @binding(3) var<storage, read_write> gate: array<f32>; // the ReLU's output";

fn gated(gate: Gate) -> String {
    format!("let g = value; let r = gate[at]; y[at] = select(0.0, g, {});", open(Some(gate)))
}

/// The convolution with `layer`, or its adjoint, as [`Gpu::convolve`].
pub fn conv3x3(gpu: &Gpu, x: &Buf, layer: &Layer, adjoint: bool, relu: bool, gate: Option<(Gate, &Buf)>) -> Buf {
    let (cout, cin) = if adjoint { (layer.cin, layer.cout) } else { (layer.cout, layer.cin) };
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
        let (source, relu_output) = match gate {
            None => (
                source.set("gate", "").set("finish", if relu { "y[at] = max(value, 0.0);" } else { "y[at] = value;" }),
                None,
            ),
            Some((gate, y)) => (source.set("gate", GATE).set("finish", gated(gate)), Some(&y.handle)),
        };
        let bias = if adjoint { &layer.none } else { &layer.bias };
        let buffers: Vec<&Handle> = [&products, bias, &out.handle].into_iter().chain(relu_output).collect();
        gpu.launch(source, [chunk.div_ceil(64), cout, 1], &buffers);
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

fn multiply(read: usize, groups: usize, quads: usize, [a, b]: [usize; 2], [wx, wy]: [usize; 2]) -> Source {
    let (mut declare, mut load, mut add, mut store) = (String::new(), String::new(), String::new(), String::new());
    for i in 0..a {
        load += &format!("let u{i} = u[p + {i}u * READ];\n");
    }
    for j in 0..b {
        load += &format!("let v{j} = v[q + {j}u];\n");
    }
    for i in 0..4 * a {
        for j in 0..b {
            declare += &format!("var s{i}_{j} = vec4<f32>(0.0);\n");
            add += &format!("s{i}_{j} += u{}[{}] * v{j};\n", i / 4, i % 4);
            store += &format!("m[out + {i}u * QUADS + {j}u] = s{i}_{j};\n");
        }
    }
    Source::new(include_str!("../wgsl/winograd_multiply.wgsl"))
        .set("a", a)
        .set("b", b)
        .set("wx", wx)
        .set("wy", wy)
        .set("read", read)
        .set("groups", groups)
        .set("quads", quads)
        .set("declare", declare)
        .set("load", load)
        .set("add", add)
        .set("store", store)
}
