// Sums of COUNT terms, 64 invocations a sum, written as vectors: padded planes of one place.
alias Lanes = {{lanes}};
{{buffers}}
const LANES = {{width}}u;     // sums side by side
const COUNT = {{count}}u;
const WRITTEN = {{written}}u; // sums of an image
const PLANE = {{plane}}u;     // of a vector
const PLACE = {{place}}u;     // of its value: behind a row and a column of border

var<workgroup> sums: array<Lanes, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let at = id.x + id.y * 65535u;
    let image = id.z;
    if (at * LANES >= WRITTEN) { return; }
    var sum = Lanes(0.0);
    for (var k = lane; k < COUNT; k += 64u) { sum += {{term}}; }
    sums[lane] = sum;
    for (var half = 32u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if (lane < half) { sums[lane] += sums[lane + half]; }
    }
    workgroupBarrier();
    for (var l = 0u; l < LANES; l++) {
        let c = at * LANES + l;
        if (c < WRITTEN && lane < PLANE) {
            var v = 0.0;
            if (lane == PLACE) { v = {{value}}; }
            y[(image * WRITTEN + c) * PLANE + lane] = v;
        }
    }
}
