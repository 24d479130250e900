// 2x2 maximum, stride 2; one invocation per padded output position, the border is written as 0.
@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

const H = {{h}}u;   // of the output
const W = {{w}}u;
const PITCH = W + 2u;
const PLANE = {{plane}}u;
const IN_PITCH = {{in_pitch}}u;
const IN_PLANE = {{in_plane}}u;
const LENGTH = {{length}}u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x + id.y * 65535u * 64u;
    if (i >= LENGTH) { return; }
    let row = i % PLANE / PITCH;
    let column = i % PLANE % PITCH;
    var v = 0.0;
    if (row >= 1u && row <= H && column >= 1u && column <= W) {
        let p = i / PLANE * IN_PLANE + (2u * row - 1u) * IN_PITCH + 2u * column - 1u;
        v = max(max(x[p], x[p + 1u]), max(x[p + IN_PITCH], x[p + IN_PITCH + 1u]));
    }
    y[i] = v;
}
