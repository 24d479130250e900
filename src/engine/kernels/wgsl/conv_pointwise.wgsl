// 1x1 convolution: the matrix product [written, read] x [read, places] of each image; a register tile of {{a}} x 4 channels and
// {{b}} x 4 places of the flat padded planes, written out by gpu/tile.rs.
{{buffers}} // u: [written / 4][read], 4 written channels; v: [image][read][QUADS], 4 places
{{put}}
const READ = {{read}}u;
const GROUPS = {{groups}}u; // of 4 written channels
const QUADS = PLANE / 4u;

@compute @workgroup_size({{wx}}, {{wy}}, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let t = id.x * {{b}}u;
    let group = id.y * {{a}}u;
    if (t >= QUADS || group >= GROUPS) { return; }
    var p = group * READ;
    var q = id.z * READ * QUADS + t;
    {{declare}}
    // tiles that touch only the border read nothing
    let end = select(0u, READ, (t + {{b}}u) * 4u > PITCH && t * 4u <= H * PITCH + W);
    for (var c = 0u; c < end; c++) {
        {{load}}
        {{add}}
        p += 1u;
        q += QUADS;
    }
    {{store}}
}
