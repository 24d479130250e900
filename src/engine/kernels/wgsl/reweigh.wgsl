// Weights with those above 0 and those below 0 multiplied by factors of their own.
@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

const POSITIVE = f32({{positive}});
const NEGATIVE = f32({{negative}});
const LENGTH = {{length}}u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x + id.y * 65535u * 64u;
    if (i >= LENGTH) { return; }
    y[i] = x[i] * select(NEGATIVE, POSITIVE, x[i] > 0.0);
}
