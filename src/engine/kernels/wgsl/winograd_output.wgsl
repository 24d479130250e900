// A' m A of one tile of one channel (see winograd.rs), bias and ReLU or the gate of the ReLU below; writes the border's zeros.
{{buffers}} // m: [36][cout][TILES]
const COUT = {{cout}}u;
const H = {{h}}u;
const W = {{w}}u;
const PITCH = W + 2u;
const PLANE = {{plane}}u;
const DOWN = {{down}}u;
const ACROSS = {{across}}u;
const FIRST = {{first}}u;
const COUNT = {{count}}u;
const TILES = {{tiles}}u;
const ROOT = 1.4142135623730951;

fn along(a: f32, b: f32, c: f32, d: f32, e: f32, f: f32) -> vec4<f32> {
    let sum = b + c;
    let difference = b - c;
    let sum_inverse = d + e;
    let difference_inverse = d - e;
    return vec4<f32>(a + sum + sum_inverse, ROOT * (difference + 0.5 * difference_inverse), 2.0 * sum + 0.5 * sum_inverse,
        2.0 * ROOT * difference + (0.25 * ROOT * difference_inverse + f));
}

fn column(x: u32, p: u32) -> vec4<f32> {
    let step = COUT * TILES;
    let at = x * step + p;
    return along(m[at], m[at + 6u * step], m[at + 12u * step], m[at + 18u * step], m[at + 24u * step], m[at + 30u * step]);
}

fn put(g: f32, row: u32, x: u32, i: u32) {
    if (row >= H || x >= W) { return; }
    var v = 0.0;
    {{keep}}
    y[i] = v;
}

fn put_row(v: vec4<f32>, row: u32, x: u32, plane: u32) {
    let at = plane + (row + 1u) * PITCH + x + 1u;
    put(v.x, row, x, at); put(v.y, row, x + 1u, at + 1u); put(v.z, row, x + 2u, at + 2u); put(v.w, row, x + 3u, at + 3u);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let c = id.y;
    if (id.x >= COUNT || c >= COUT) { return; }
    let t = FIRST + id.x;
    let plane = (t / (DOWN * ACROSS) * COUT + c) * PLANE;
    let row = t / ACROSS % DOWN * 4u;
    let x = t % ACROSS * 4u;
    let p = c * TILES + id.x;
    let a = column(0u, p); let b = column(1u, p); let d = column(2u, p);
    let e = column(3u, p); let f = column(4u, p); let g = column(5u, p);
    let add = bias[c];
    put_row(along(a.x, b.x, d.x, e.x, f.x, g.x) + add, row, x, plane);
    put_row(along(a.y, b.y, d.y, e.y, f.y, g.y) + add, row + 1u, x, plane);
    put_row(along(a.z, b.z, d.z, e.z, f.z, g.z) + add, row + 2u, x, plane);
    put_row(along(a.w, b.w, d.w, e.w, f.w, g.w) + add, row + 3u, x, plane);
    // the border beside this tile
    let bottom = min(row + 4u, H);
    if (x == 0u) { for (var r = row; r < bottom; r++) { y[plane + (r + 1u) * PITCH] = 0.0; } }
    if (x + 4u >= W) { for (var r = row; r < bottom; r++) { y[plane + (r + 1u) * PITCH + W + 1u] = 0.0; } }
    if (row == 0u && x == 0u) { for (var i = 0u; i < PITCH; i++) { y[plane + i] = 0.0; } }
    if (row + 4u >= H && x + 4u >= W) { for (var i = (H + 1u) * PITCH; i < PLANE; i++) { y[plane + i] = 0.0; } }
}
