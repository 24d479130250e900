// One invocation for each index below LENGTH; each.rs fills in what it does.
{{buffers}}
const LENGTH = {{length}}u;
{{functions}}
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x + id.y * 65535u * 64u;
    if (i >= LENGTH) { return; }
    {{body}}
}
