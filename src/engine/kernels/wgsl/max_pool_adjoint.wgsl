// What place p of the planes a gets of the gradients c: those of the windows (window.wgsl) whose maximum, in b, it is the first
// in scan order to have.
fn won(plane: u32, p: vec2<i32>) -> f32 {
    let x = a[below(plane, p)];
    var sum = 0.0;
    for (var k = vec2<i32>(0); k.x < KERNEL.x; k.x++) {
        for (k.y = 0; k.y < KERNEL.y; k.y++) {
            let i = reader(p, k);
            if (in_map(i, ABOVE) && b[above(plane, i)] == x && is_first(plane, i, k, x)) { sum += c[above(plane, i)]; }
        }
    }
    return sum;
}

// Whether no tap of window i before the tap k reads x.
fn is_first(plane: u32, i: vec2<i32>, k: vec2<i32>, x: f32) -> bool {
    for (var e = vec2<i32>(0); e.x <= k.x; e.x++) {
        for (e.y = 0; e.y < KERNEL.y; e.y++) {
            if (e.x == k.x && e.y == k.y) { return true; }
            let p = read_by(i, e);
            if (in_map(p, BELOW) && a[below(plane, p)] == x) { return false; }
        }
    }
    return true;
}
