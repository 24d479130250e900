// B' d B of one tile of one channel (see winograd.rs); tiles FIRST .. FIRST + TILES of the batch.
@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> v: array<f32>; // [36][cin][TILES]

const CIN = {{cin}}u;
const H = {{h}}u;
const PITCH = {{w}}u + 2u;
const PLANE = {{plane}}u;
const DOWN = {{down}}u;     // tiles of an image
const ACROSS = {{across}}u;
const FIRST = {{first}}u;
const COUNT = {{count}}u;   // tiles of this launch
const TILES = {{tiles}}u;   // COUNT and padding
const ROOT = 1.4142135623730951;

struct Six { a: f32, b: f32, c: f32, d: f32, e: f32, f: f32 }

fn along(d: Six) -> Six {
    let odd = d.d - 0.5 * d.b;
    let even = 0.5 * ROOT * (d.e - 0.5 * d.c);
    let odd_inverse = 2.0 * d.b - d.d;
    let even_inverse = ROOT * (2.0 * d.c - d.e);
    return Six(d.a + d.e - 2.5 * d.c, odd + even, odd - even, odd_inverse + even_inverse, odd_inverse - even_inverse,
        d.b + d.f - 2.5 * d.d);
}

fn row(p: u32) -> Six { return along(Six(x[p], x[p + 1u], x[p + 2u], x[p + 3u], x[p + 4u], x[p + 5u])); }

fn put(column: u32, s: Six, p: u32) {
    let step = CIN * TILES;
    let at = column * step + p;
    v[at] = s.a; v[at + 6u * step] = s.b; v[at + 12u * step] = s.c;
    v[at + 18u * step] = s.d; v[at + 24u * step] = s.e; v[at + 30u * step] = s.f;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let c = id.y;
    if (id.x >= COUNT || c >= CIN) { return; }
    let t = FIRST + id.x;
    let image = t / (DOWN * ACROSS);
    let top = t / ACROSS % DOWN * 4u;
    let base = (image * CIN + c) * PLANE + t % ACROSS * 4u;
    // rows below the image are its lower border: zeros
    let last = H + 1u;
    let a = row(base + top * PITCH);
    let b = row(base + min(top + 1u, last) * PITCH);
    let d = row(base + min(top + 2u, last) * PITCH);
    let e = row(base + min(top + 3u, last) * PITCH);
    let f = row(base + min(top + 4u, last) * PITCH);
    let g = row(base + min(top + 5u, last) * PITCH);
    let p = c * TILES + id.x;
    put(0u, along(Six(a.a, b.a, d.a, e.a, f.a, g.a)), p);
    put(1u, along(Six(a.b, b.b, d.b, e.b, f.b, g.b)), p);
    put(2u, along(Six(a.c, b.c, d.c, e.c, f.c, g.c)), p);
    put(3u, along(Six(a.d, b.d, d.d, e.d, f.d, g.d)), p);
    put(4u, along(Six(a.e, b.e, d.e, e.e, f.e, g.e)), p);
    put(5u, along(Six(a.f, b.f, d.f, e.f, f.f, g.f)), p);
}
