// Means of windows (window.wgsl), and the gradient that a place gets of them.
const AFTER = vec2<i32>({{after}});

// How many places the window at i counts.
fn count(i: vec2<i32>) -> f32 {
    let start = i * STRIDE;
    let end = start + KERNEL;
    var size = min(end, BELOW + BEFORE + AFTER) - start;
    if (!{{include_pad}}) { size = min(end, BELOW + BEFORE) - max(start, BEFORE); }
    return f32(size.x * size.y);
}

fn mean(plane: u32, i: vec2<i32>) -> f32 {
    var sum = 0.0;
    for (var k = vec2<i32>(0); k.x < KERNEL.x; k.x++) {
        for (k.y = 0; k.y < KERNEL.y; k.y++) {
            let p = read_by(i, k);
            if (in_map(p, BELOW)) { sum += a[below(plane, p)]; }
        }
    }
    return sum / count(i);
}

fn shares(plane: u32, p: vec2<i32>) -> f32 {
    var sum = 0.0;
    for (var k = vec2<i32>(0); k.x < KERNEL.x; k.x++) {
        for (k.y = 0; k.y < KERNEL.y; k.y++) {
            let i = reader(p, k);
            if (in_map(i, ABOVE)) { sum += a[above(plane, i)] / count(i); }
        }
    }
    return sum;
}
