// Packed weights of the forward convolution to those of its adjoint: channels swapped, taps turned by 180 degrees.
@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

const CIN = {{cin}}u;   // of the forward direction
const COUT = {{cout}}u;
const LENGTH = {{length}}u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x + id.y * 65535u * 64u;
    if (i >= LENGTH) { return; }
    // y: [ceil(CIN / 4)][COUT][9][4]; its output channel is the forward's input channel
    let ci = i / (4u * 9u * COUT) * 4u + i % 4u;
    let tap = 8u - i / 4u % 9u;
    let co = i / 36u % COUT;
    var v = 0.0;
    if (ci < CIN) { v = x[((co / 4u * CIN + ci) * 9u + tap) * 4u + co % 4u]; }
    y[i] = v;
}
