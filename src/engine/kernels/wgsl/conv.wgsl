// 3x3 convolution, stride 1, zero padding 1, over padded planes (see planes.rs).
// One invocation: 4 output channels x 8 neighbouring positions of the flat padded plane; no shared memory.
{{buffers}} // weights: [written / 4][READ][9]
{{put}}
const READ = {{read}}u;

fn put4(image: u32, group: u32, at: u32, sum: vec4<f32>) {
    let c = group * 4u;
    put(image, c, at, sum.x); put(image, c + 1u, at, sum.y); put(image, c + 2u, at, sum.z); put(image, c + 3u, at, sum.w);
}

@compute @workgroup_size({{wx}}, {{wy}}, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let at = id.x * 8u;
    let group = id.y;
    if (at >= PLANE || group * 4u >= WRITTEN) { return; }
    var s0 = vec4<f32>(0.0); var s1 = s0; var s2 = s0; var s3 = s0;
    var s4 = s0; var s5 = s0; var s6 = s0; var s7 = s0;
    // tiles that touch only the border read nothing
    if (at + 7u > PITCH && at <= H * PITCH + W) {
        var row = id.z * READ * PLANE + at - PITCH - 1u;
        var w = group * READ * 9u;
        for (var c = 0u; c < READ; c++) {
            for (var k = 0u; k < 3u; k++) {
                let p = row + k * PITCH;
                let a = x[p]; let b = x[p + 1u]; let c0 = x[p + 2u]; let d = x[p + 3u]; let e = x[p + 4u];
                let f = x[p + 5u]; let g = x[p + 6u]; let h = x[p + 7u]; let i = x[p + 8u]; let j = x[p + 9u];
                let u = weights[w]; let v = weights[w + 1u]; let t = weights[w + 2u];
                s0 += u * a + v * b + t * c0;
                s1 += u * b + v * c0 + t * d;
                s2 += u * c0 + v * d + t * e;
                s3 += u * d + v * e + t * f;
                s4 += u * e + v * f + t * g;
                s5 += u * f + v * g + t * h;
                s6 += u * g + v * h + t * i;
                s7 += u * h + v * i + t * j;
                w += 3u;
            }
            row += PLANE;
        }
    }
    put4(id.z, group, at, s0); put4(id.z, group, at + 1u, s1); put4(id.z, group, at + 2u, s2); put4(id.z, group, at + 3u, s3);
    put4(id.z, group, at + 4u, s4); put4(id.z, group, at + 5u, s5); put4(id.z, group, at + 6u, s6); put4(id.z, group, at + 7u, s7);
}
