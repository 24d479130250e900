//! A matrix product in registers, written out: `4 a` rows x `4 b` columns.

use super::launch::Source;

/// The register tile `[a, b]` of a product of `groups` x 4 channels and `quads` x 4 places, and its workgroup.
///
/// Measured on SwiftShader (`make bench`): it computes four invocations at a time without sharing their loads, so the largest
/// tile that its registers bear wins (4.2 GFLOP/s against 2.3 with 4 x 8). A GPU shares loads between invocations through its
/// cache and needs many of them: a quarter of that tile, neighbours along the places.
pub fn register_tile(software: bool, quads: usize, groups: usize) -> ([usize; 2], [usize; 2]) {
    let whole = |n: usize| if groups.is_multiple_of(n) { n } else { 1 };
    if software {
        ([whole(4), quads.min(4)], [1, 16])
    } else {
        let b = quads.min(2);
        let wx = quads.div_ceil(b).next_power_of_two().min(8);
        ([whole(2), b], [wx, 64 / wx])
    }
}

/// Fills in the parts of a kernel with such a tile: it reads channel groups `u[p]` (`READ` from one to the next) and places
/// `v[q]`, and `store` says what is done with the sums of channel `i` at places `j`, a `vec4` called `s{i}_{j}`.
pub fn product(
    source: Source,
    [a, b]: [usize; 2],
    [wx, wy]: [usize; 2],
    store: impl Fn(usize, usize) -> String,
) -> Source {
    let (mut declare, mut load, mut add, mut stores) = (String::new(), String::new(), String::new(), String::new());
    for i in 0..a {
        load += &format!("let u{i} = u[p + {i}u * READ];\n");
    }
    for j in 0..b {
        load += &format!("let v{j} = v[q + {j}u];\n");
    }
    for i in 0..4 * a {
        for j in 0..b {
            declare += &format!("var s{i}_{j} = vec4<f32>(0.0);\n");
            add += &format!("s{i}_{j} += u{}[{}] * v{j};\n", i / 4, i % 4);
            stores += &store(i, j);
        }
    }
    source
        .set("a", a)
        .set("b", b)
        .set("wx", wx)
        .set("wy", wy)
        .set("declare", declare)
        .set("load", load)
        .set("add", add)
        .set("store", stores)
}
