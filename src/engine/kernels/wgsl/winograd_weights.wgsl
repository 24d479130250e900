// G g G' of four written channels at a time (see winograd.rs), from packed weights [cout / 4][cin][9][4].
// The adjoint writes the forward's input channels and turns the taps by 180 degrees.
@group(0) @binding(0) var<storage, read_write> w: array<f32>;
@group(0) @binding(1) var<storage, read_write> u: array<vec4<f32>>; // [36][written / 4][read]

const CIN = {{cin}}u;   // of the forward direction
const READ = {{read}}u;
const GROUPS = {{groups}}u; // written / 4
const ADJOINT = {{adjoint}};
const ROOT = 1.4142135623730951;

fn at(co: u32, ci: u32, tap: u32) -> u32 { return ((co / 4u * CIN + ci) * 9u + tap) * 4u + co % 4u; }

fn taps(group: u32, c: u32, i: u32) -> vec4<f32> {
    let o = group * 4u;
    if (ADJOINT) {
        return vec4<f32>(w[at(c, o, 8u - i)], w[at(c, o + 1u, 8u - i)], w[at(c, o + 2u, 8u - i)], w[at(c, o + 3u, 8u - i)]);
    }
    let p = at(o, c, i);
    return vec4<f32>(w[p], w[p + 1u], w[p + 2u], w[p + 3u]);
}

struct Six { a: vec4<f32>, b: vec4<f32>, c: vec4<f32>, d: vec4<f32>, e: vec4<f32>, f: vec4<f32> }

fn along(x: vec4<f32>, y: vec4<f32>, z: vec4<f32>) -> Six {
    let m = y / 3.0;
    let p = (x * 0.5 + z) * (ROOT / 3.0);
    let q = (x + z * 0.5) * (ROOT / 3.0);
    return Six(x, m + p, m - p, m + q, m - q, z);
}

fn put(row: u32, v: Six, p: u32) {
    let step = GROUPS * READ;
    let at = row * 6u * step + p;
    u[at] = v.a; u[at + step] = v.b; u[at + 2u * step] = v.c;
    u[at + 3u * step] = v.d; u[at + 4u * step] = v.e; u[at + 5u * step] = v.f;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let c = id.x;
    let group = id.y;
    if (c >= READ || group >= GROUPS) { return; }
    let x = along(taps(group, c, 0u), taps(group, c, 3u), taps(group, c, 6u));
    let y = along(taps(group, c, 1u), taps(group, c, 4u), taps(group, c, 7u));
    let z = along(taps(group, c, 2u), taps(group, c, 5u), taps(group, c, 8u));
    let p = group * READ + c;
    put(0u, along(x.a, y.a, z.a), p);
    put(1u, along(x.b, y.b, z.b), p);
    put(2u, along(x.c, y.c, z.c), p);
    put(3u, along(x.d, y.d, z.d), p);
    put(4u, along(x.e, y.e, z.e), p);
    put(5u, along(x.f, y.f, z.f), p);
}
