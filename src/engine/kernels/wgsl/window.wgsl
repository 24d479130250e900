// A window that slides over the maps below it: tap k of the window at place i above reads the place
// i * STRIDE + k * DILATION - BEFORE. All as rows, columns.
const KERNEL = vec2<i32>({{kernel}});
const STRIDE = vec2<i32>({{stride}});
const DILATION = vec2<i32>({{dilation}});
const BEFORE = vec2<i32>({{before}});
const BELOW = vec2<i32>({{below}});
const ABOVE = vec2<i32>({{above}});

fn in_map(p: vec2<i32>, size: vec2<i32>) -> bool { return all(p >= vec2<i32>(0)) && all(p < size); }

fn read_by(i: vec2<i32>, k: vec2<i32>) -> vec2<i32> { return i * STRIDE + k * DILATION - BEFORE; }

// The window whose tap k reads place p; none such lies outside the map above.
fn reader(p: vec2<i32>, k: vec2<i32>) -> vec2<i32> {
    let n = p + BEFORE - k * DILATION;
    return select(vec2<i32>(-1), n / STRIDE, n % STRIDE == vec2<i32>(0));
}

// The index of a place in padded planes.
fn below(plane: u32, p: vec2<i32>) -> u32 { return plane * {{below_plane}}u + u32((p.x + 1) * (BELOW.y + 2) + p.y + 1); }
fn above(plane: u32, p: vec2<i32>) -> u32 { return plane * {{above_plane}}u + u32((p.x + 1) * (ABOVE.y + 2) + p.y + 1); }
