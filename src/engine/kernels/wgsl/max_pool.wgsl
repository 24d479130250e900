// Maxima of windows (window.wgsl) of the planes a.
fn maximum(plane: u32, i: vec2<i32>) -> f32 {
    var best = -3.4e38;
    for (var k = vec2<i32>(0); k.x < KERNEL.x; k.x++) {
        for (k.y = 0; k.y < KERNEL.y; k.y++) {
            let p = read_by(i, k);
            if (in_map(p, BELOW)) { best = max(best, a[below(plane, p)]); }
        }
    }
    return best;
}
