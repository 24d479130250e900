// 36 matrix products [written, read] x [read, tiles]; a register tile of {{a}} x 4 channels and {{b}} x 4 tiles, written out
// by gpu/tile.rs.
@group(0) @binding(0) var<storage, read_write> u: array<vec4<f32>>; // [36][written / 4][read], 4 written channels
@group(0) @binding(1) var<storage, read_write> v: array<vec4<f32>>; // [36][read][tiles / 4], 4 tiles
@group(0) @binding(2) var<storage, read_write> m: array<vec4<f32>>; // [36][written][tiles / 4]

const READ = {{read}}u;
const GROUPS = {{groups}}u; // written / 4
const QUADS = {{quads}}u;   // tiles / 4

@compute @workgroup_size({{wx}}, {{wy}}, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let t = id.x * {{b}}u;
    let group = id.y * {{a}}u;
    let k = id.z;
    if (t >= QUADS || group >= GROUPS) { return; }
    var p = (k * GROUPS + group) * READ;
    var q = k * READ * QUADS + t;
    {{declare}}
    for (var c = 0u; c < READ; c++) {
        {{load}}
        {{add}}
        p += 1u;
        q += QUADS;
    }
    let out = (k * GROUPS + group) * 4u * QUADS + t;
    {{store}}
}
