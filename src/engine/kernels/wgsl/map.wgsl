// The body of each.wgsl for padded planes: a value at each place, 0 in the border.
    let plane = i / PLANE;
    let row = i % PLANE / PITCH;
    let column = i % PLANE % PITCH;
    var v = 0.0;
    if (row >= 1u && row <= H && column >= 1u && column <= W) {
        let at = vec2<i32>(i32(row) - 1, i32(column) - 1);
        let g = {{value}};
        {{keep}}
    }
    y[i] = v;
