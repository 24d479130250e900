// The backward pass of a ReLU with output r. The border's gradient is 0 and stays 0.
@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@group(0) @binding(1) var<storage, read_write> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> d: array<f32>;

const LENGTH = {{length}}u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x + id.y * 65535u * 64u;
    if (i >= LENGTH) { return; }
    let r = y[i];
    let g = x[i];
    d[i] = select(0.0, g, {{open}});
}
