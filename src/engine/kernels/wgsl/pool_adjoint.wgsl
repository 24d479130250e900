// The gradient at each window's first maximum in scan order, where its gate is open; one invocation per padded input position.
@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> above: array<f32>;
@group(0) @binding(2) var<storage, read_write> d: array<f32>;

const H = {{h}}u;   // of the pool's input
const W = {{w}}u;
const PITCH = W + 2u;
const PLANE = {{plane}}u;
const OUT_PITCH = {{out_pitch}}u;
const OUT_PLANE = {{out_plane}}u;
const LENGTH = {{length}}u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x + id.y * 65535u * 64u;
    if (i >= LENGTH) { return; }
    let row = i % PLANE / PITCH;
    let column = i % PLANE % PITCH;
    var v = 0.0;
    if (row >= 1u && row <= H / 2u * 2u && column >= 1u && column <= W / 2u * 2u) {
        let tall = (row - 1u) / 2u;
        let wide = (column - 1u) / 2u;
        let p = i / PLANE * PLANE + (2u * tall + 1u) * PITCH + 2u * wide + 1u;
        var best = 0u;
        var value = x[p];
        if (x[p + 1u] > value) { best = 1u; value = x[p + 1u]; }
        if (x[p + PITCH] > value) { best = 2u; value = x[p + PITCH]; }
        if (x[p + PITCH + 1u] > value) { best = 3u; }
        if (best == (row - 1u) % 2u * 2u + (column - 1u) % 2u) {
            let g = above[i / PLANE * OUT_PLANE + (tall + 1u) * OUT_PITCH + wide + 1u];
            let r = x[i];
            v = select(0.0, g, {{open}});
        }
    }
    d[i] = v;
}
