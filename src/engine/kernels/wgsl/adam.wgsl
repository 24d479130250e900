// One step of Adam ascent (Kingma & Ba 2015, algorithm 1) on x along g.
@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> g: array<f32>;
@group(0) @binding(2) var<storage, read_write> m: array<f32>;
@group(0) @binding(3) var<storage, read_write> v: array<f32>;
@group(0) @binding(4) var<storage, read_write> k: array<f32>; // lr, b1, b2, eps, 1 / (1 - b1^t), 1 / (1 - b2^t)

const LENGTH = {{length}}u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x + id.y * 65535u * 64u;
    if (i >= LENGTH) { return; }
    let d = g[i];
    let first = k[1] * m[i] + (1.0 - k[1]) * d;
    let second = k[2] * v[i] + (1.0 - k[2]) * d * d;
    m[i] = first;
    v[i] = second;
    // the border's gradient is 0, so it stays 0
    x[i] += k[0] * (first * k[4]) / (sqrt(second * k[5]) + k[3]);
}
