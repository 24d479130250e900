//! Convolutions and pools of any window against their definition, and their adjoints: `<A x, g> = <x, A' g>`.
#![allow(missing_docs, reason = "a test")]

use cnn_lens_simd::finish::{self, Finish};
use cnn_lens_simd::{Axis, Gate, Planes, Shape, Window, depthwise, im2row, pool_window};

/// Numbers of both signs without a pattern that a kernel could share.
fn values(n: usize, seed: u64) -> Vec<f32> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..n).map(|_| next()).collect()
}

fn planes(shape: Shape, seed: u64) -> Planes {
    Planes::from_dense(shape, &values(shape.len(), seed))
}

fn inner(a: &Planes, b: &Planes) -> f64 {
    a.dense().iter().zip(b.dense()).map(|(a, b)| f64::from(*a) * f64::from(b)).sum()
}

fn close(got: f32, want: f32, what: &str) {
    assert!((got - want).abs() <= 1e-4 * (1.0 + want.abs()), "{what}: {got}, not {want}");
}

struct Case {
    window: Window,
    x: Shape,
    cout: usize,
    groups: usize,
    out: [usize; 2],
}

fn cases() -> Vec<Case> {
    let axis = |kernel, stride, dilation, before| Axis { kernel, stride, dilation, before };
    let case = |y, x, [c, h, w]: [usize; 3], cout, groups, out| Case {
        window: Window { y, x },
        x: Shape::new(c, h, w).batch(2),
        cout,
        groups,
        out,
    };
    vec![
        case(axis(1, 1, 1, 0), axis(1, 1, 1, 0), [5, 7, 6], 9, 1, [7, 6]),
        case(axis(3, 2, 1, 0), axis(3, 2, 1, 1), [3, 9, 8], 6, 1, [4, 4]),
        case(axis(5, 1, 2, 3), axis(2, 3, 1, 0), [4, 12, 11], 8, 2, [9, 4]),
        case(axis(3, 2, 1, 1), axis(3, 1, 1, 1), [6, 8, 9], 6, 6, [4, 9]),
        case(axis(2, 2, 1, 1), axis(4, 2, 1, 2), [3, 5, 7], 6, 3, [3, 4]),
        // rows of several vectors
        case(axis(3, 2, 1, 0), axis(3, 2, 1, 0), [3, 9, 39], 6, 1, [4, 19]),
        case(axis(3, 1, 1, 1), axis(3, 1, 1, 1), [5, 6, 29], 7, 1, [6, 29]),
        case(axis(7, 2, 1, 3), axis(7, 2, 1, 3), [3, 11, 41], 8, 1, [6, 21]),
        // wider than it is: most taps read padding
        case(axis(7, 4, 1, 3), axis(7, 4, 1, 3), [2, 2, 3], 3, 1, [1, 1]),
    ]
}

/// The value of output channel `co` at (`i`, `j`), by the definition.
fn defined(case: &Case, x: &Planes, weight: &[f32], image: usize, co: usize, [i, j]: [usize; 2]) -> f32 {
    let (cin, taps) = (case.x.c / case.groups, case.window.taps());
    let first = co / (case.cout / case.groups) * cin;
    let mut sum = 0.0;
    for c in 0..cin {
        for tap in 0..taps {
            let (ky, kx) = (tap / case.window.x.kernel, tap % case.window.x.kernel);
            let place = (case.window.y.at(i, ky, case.x.h), case.window.x.at(j, kx, case.x.w));
            if let (Some(y), Some(column)) = place {
                sum += weight[(co * cin + c) * taps + tap] * x.row(image * case.x.c + first + c, y)[column];
            }
        }
    }
    sum
}

#[test]
fn convolutions_are_their_definition() {
    for (n, case) in cases().into_iter().enumerate() {
        let x = planes(case.x, 1);
        let weight = values(case.cout * case.x.c / case.groups * case.window.taps(), 2);
        let bias = values(case.cout, 3);
        let weights = im2row::Weights::new(case.window, case.cout, case.groups, &weight);
        let depthwise = case.groups == case.x.c;
        for relu in [false, true] {
            let finish = Finish { bias: Some(&bias), relu, gate: None };
            let mut made = vec![im2row::conv(&x, &weights, case.out, &finish)];
            if depthwise {
                made.push(depthwise::conv(&x, &case.window, &weight, case.out, &finish));
            }
            for y in &made {
                let [h, w] = case.out;
                for at in 0..y.shape.len() {
                    let (plane, i, j) = (at / (h * w), at / w % h, at % w);
                    let (image, co) = (plane / case.cout, plane % case.cout);
                    let sum = defined(&case, &x, &weight, image, co, [i, j]) + bias[co];
                    close(y.row(plane, i)[j], if relu { sum.max(0.0) } else { sum }, &format!("case {n}, {at}"));
                }
                let mut clean = y.clone();
                clean.clear_border();
                assert_eq!(&clean, y, "case {n}: the border is not zero");
            }
        }
        let y = im2row::conv(&x, &weights, case.out, &Finish::default());
        let g = planes(y.shape, 4);
        let want = inner(&y, &g);
        let mut back = vec![im2row::conv_adjoint(&g, &weights, case.x)];
        if depthwise {
            back.push(depthwise::conv_adjoint(&g, &case.window, &weight, case.x));
        }
        for below in back {
            assert!((inner(&x, &below) - want).abs() < 1e-3 * (1.0 + want.abs()), "case {n}: adjoint");
        }
    }
}

#[test]
fn pools_are_their_definition() {
    for (n, case) in cases().into_iter().enumerate() {
        let x = planes(case.x, 5);
        let (max, sum) =
            (pool_window::max_pool(&x, &case.window, case.out), pool_window::sum_pool(&x, &case.window, case.out));
        let g = planes(max.shape, 6);
        let mut winners = Planes::zeros(x.shape);
        for plane in 0..x.shape.planes() {
            for i in 0..case.out[0] {
                for j in 0..case.out[1] {
                    let rows = (0..case.window.y.kernel).filter_map(|k| case.window.y.at(i, k, case.x.h));
                    let places: Vec<(usize, usize)> = rows
                        .flat_map(|r| (0..case.window.x.kernel).map(move |k| (r, k)))
                        .filter_map(|(r, k)| Some((r, case.window.x.at(j, k, case.x.w)?)))
                        .collect();
                    let values: Vec<f32> = places.iter().map(|(r, c)| x.row(plane, *r)[*c]).collect();
                    let most = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                    close(max.row(plane, i)[j], most, &format!("case {n}: maximum"));
                    close(sum.row(plane, i)[j], values.iter().sum(), &format!("case {n}: sum"));
                    let (r, c) = places[values.iter().position(|v| *v == most).unwrap()];
                    winners.row_mut(plane, r)[c] += g.row(plane, i)[j];
                }
            }
        }
        let below = pool_window::max_pool_adjoint(&x, &max, &case.window, &g, None);
        below.dense().iter().zip(winners.dense()).for_each(|(a, b)| close(*a, b, "the winner's gradient"));
        for gate in [Gate::Relu, Gate::Guided, Gate::Deconvnet] {
            let through = pool_window::max_pool_adjoint(&x, &max, &case.window, &g, Some(gate));
            assert_eq!(through, finish::relu_adjoint(gate, &x, &below), "case {n}: {gate:?}");
        }
        let below = pool_window::sum_pool_adjoint(&g, &case.window, case.x);
        let want = inner(&sum, &g);
        assert!((inner(&x, &below) - want).abs() < 1e-3 * (1.0 + want.abs()), "case {n}: adjoint of the sum");
    }
}
