// The gradient where the ReLU's output is positive, else 0. The border's output is 0, so the border stays 0.
@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@group(0) @binding(1) var<storage, read_write> g: array<f32>;
@group(0) @binding(2) var<storage, read_write> d: array<f32>;

const LENGTH = {{length}}u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x + id.y * 65535u * 64u;
    if (i < LENGTH) { d[i] = select(0.0, g[i], y[i] > 0.0); }
}
