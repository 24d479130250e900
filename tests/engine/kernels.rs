//! The kernels against plain loops in float64, on shapes that fit nothing; adjoints by their definition `<Ax, y> = <x, A'y>`.

use cnn_lens::engine::kernels::cpu::Cpu;
use cnn_lens::engine::kernels::{Adam, Gate, REWEIGHED, Reweigh};
use cnn_lens::engine::planes::Shape;
use cnn_lens::engine::{Kernels, Planes};
use pollster::block_on;

/// Reproducible numbers in -1..1.
fn noise(n: usize, mut seed: u32) -> Vec<f32> {
    let mut next = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) as f32 / 8_388_608.0 - 1.0
    };
    (0..n).map(|_| next()).collect()
}

fn naive(x: &[f32], s: Shape, w: &[f32], bias: &[f32]) -> Vec<f64> {
    let mut out = Vec::new();
    for (co, b) in bias.iter().enumerate() {
        for y in 0..s.h as isize {
            for column in 0..s.w as isize {
                let mut sum = f64::from(*b);
                for ci in 0..s.c {
                    for (tap, (dy, dx)) in (-1..=1).flat_map(|dy| (-1..=1).map(move |dx| (dy, dx))).enumerate() {
                        let (yy, xx) = (y + dy, column + dx);
                        if (0..s.h as isize).contains(&yy) && (0..s.w as isize).contains(&xx) {
                            let v = x[(ci * s.h + yy as usize) * s.w + xx as usize];
                            sum += f64::from(v) * f64::from(w[(co * s.c + ci) * 9 + tap]);
                        }
                    }
                }
                out.push(sum);
            }
        }
    }
    out
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
}

/// Images, channels in and out, rows, columns: odd, tiny, wider than a block, more channels than a cache block; multiples of
/// four take Winograd's path, with tiles that hang over the edges and panels that hold tiles of two images.
const CASES: [[usize; 5]; 11] = [
    [1, 3, 5, 7, 9],
    [1, 1, 1, 1, 1],
    [2, 6, 4, 2, 33],
    [1, 70, 9, 5, 6],
    [2, 3, 64, 33, 47],
    [1, 2, 3, 3, 300],
    [1, 4, 8, 14, 14],
    [3, 8, 4, 5, 7],
    [2, 20, 12, 1, 1],
    [1, 64, 64, 17, 40],
    [5, 12, 16, 4, 3],
];

async fn check<K: Kernels>(kernels: &K) {
    for (layer, [n, cin, cout, h, w]) in CASES.into_iter().enumerate() {
        let s = Shape::new(cin, h, w).batch(n);
        let out = s.channels(cout);
        let (x, weights, bias, g) = (noise(s.len(), 1), noise(cout * cin * 9, 2), noise(cout, 3), noise(out.len(), 4));
        kernels.load(layer, cout, cin, &weights, &bias);
        let input = kernels.upload(&Planes::from_dense(s, &x));
        let want: Vec<f64> = x.chunks(s.len() / n).flat_map(|x| naive(x, s, &weights, &bias)).collect();
        let read = async |b: K::Buf| kernels.read(&b).await.unwrap();
        let scale = want.iter().fold(1.0_f64, |m, v| m.max(v.abs()));
        for relu in [false, true] {
            let got = read(kernels.conv(&input, layer, relu)).await;
            let mut clean = got.clone();
            clean.clear_border();
            assert_eq!(got, clean, "{s:?}: the border is zero");
            for (a, b) in got.dense().iter().zip(&want) {
                let b = if relu { b.max(0.0) } else { *b };
                assert!((f64::from(*a) - b).abs() <= 1e-5 * scale, "{s:?}: {a} {b}");
            }
        }
        // the convolution is affine: without its bias <Ax, g> = <x, A'g>
        let linear: Vec<f32> =
            want.iter().enumerate().map(|(k, v)| (v - f64::from(bias[k / (h * w) % cout])) as f32).collect();
        let gradient = kernels.upload(&Planes::from_dense(out, &g));
        let back = read(kernels.conv_adjoint(&gradient, layer, None)).await;
        let (left, right) = (dot(&linear, &g), dot(&x, &back.dense()));
        assert!((left - right).abs() <= 1e-4 * scale * (1.0 + left.abs()), "{s:?}: {left} {right}");
        // changed weights are those of a convolution that was loaded changed, in both directions
        let how = Reweigh { positive: 1.5, negative: -0.5, bias: true };
        let changed: Vec<f32> = weights.iter().map(|w| how.weight(*w)).collect();
        kernels.load(99, cout, cin, &changed, &bias.iter().map(|b| how.bias(*b)).collect::<Vec<_>>());
        kernels.reweigh(layer, how);
        for (a, b) in [
            (kernels.conv(&input, REWEIGHED, false), kernels.conv(&input, 99, false)),
            (kernels.conv_adjoint(&gradient, REWEIGHED, None), kernels.conv_adjoint(&gradient, 99, None)),
        ] {
            let (a, b) = (read(a).await.dense(), read(b).await.dense());
            let largest = b.iter().fold(1e-3_f32, |m, v| m.max(v.abs()));
            assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() <= 1e-5 * largest), "{s:?}");
        }
        for gate in [Gate::Relu, Gate::Guided, Gate::Deconvnet] {
            // the fused gate is the separate one
            let fused = read(kernels.conv_adjoint(&gradient, layer, Some((gate, &input)))).await;
            let apart = read(kernels.relu_adjoint(&input, &kernels.upload(&back), gate)).await;
            assert_eq!(fused, apart, "{s:?} {gate:?}");
        }
        if h >= 2 && w >= 2 {
            let pooled = read(kernels.pool(&input)).await;
            let p = pooled.shape;
            assert_eq!(p, s.halved());
            // max is linear along its own winners: <pool(x), g> = <x, pool'(g)>
            let g = noise(p.len(), 5);
            let gradient = kernels.upload(&Planes::from_dense(p, &g));
            let back = read(kernels.pool_adjoint(&input, &gradient, None)).await;
            let (left, right) = (dot(&pooled.dense(), &g), dot(&x, &back.dense()));
            assert!((left - right).abs() <= 1e-4 * (1.0 + left.abs()), "{s:?}: {left} {right}");
            let fused = read(kernels.pool_adjoint(&input, &gradient, Some(Gate::Guided))).await;
            let apart = read(kernels.relu_adjoint(&input, &kernels.upload(&back), Gate::Guided)).await;
            assert_eq!(fused, apart, "{s:?}");
        }
    }
}

async fn adam<K: Kernels>(kernels: &K) {
    // with constant gradients Adam's bias-corrected step is lr * sign(g), whatever their size
    let s = Shape::new(2, 3, 4);
    let g = kernels.upload(&Planes::from_dense(s, &noise(s.len(), 7)));
    let zeros = Planes::zeros(s);
    let (mut x, mut m, mut v) = (kernels.upload(&zeros), kernels.upload(&zeros), kernels.upload(&zeros));
    let step = Adam { lr: 0.05, b1: 0.9, b2: 0.999, eps: 1e-12, corrections: [1.0; 2] };
    for t in 1..=3 {
        kernels.adam(&mut x, &g, &mut m, &mut v, &step.at(t));
    }
    let got = kernels.read(&x).await.unwrap();
    for (x, g) in got.dense().iter().zip(noise(s.len(), 7)) {
        assert!((x - 0.15 * g.signum()).abs() < 1e-5, "{x} {g}");
    }
    let channel = kernels.read_plane(&x, 1).await.unwrap();
    assert_eq!(channel.dense(), got.channel(1));
}

async fn ties<K: Kernels>(kernels: &K) {
    // equal values, and a window of zeros: the first in scan order wins, as in PyTorch
    let s = Shape::new(1, 2, 4);
    let x = kernels.upload(&Planes::from_dense(s, &[0.0, 0.0, 1.0, 2.0, 0.0, 0.0, 2.0, 1.0]));
    let g = kernels.upload(&Planes::from_dense(Shape::new(1, 1, 2), &[5.0, 7.0]));
    let back = kernels.read(&kernels.pool_adjoint(&x, &g, None)).await.unwrap().dense();
    assert_eq!(back, [5.0, 0.0, 0.0, 7.0, 0.0, 0.0, 0.0, 0.0]);
    let masked = kernels.relu_adjoint(&x, &kernels.upload(&Planes::from_dense(s, &[1.0; 8])), Gate::Relu);
    assert_eq!(kernels.read(&masked).await.unwrap().dense(), [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0]);
}

#[test]
fn cpu_kernels() {
    let cpu = Cpu::default();
    block_on(check(&cpu));
    block_on(ties(&cpu));
    block_on(adam(&cpu));
}

/// The same checks on a WebGPU device; `webgpu.rs` calls them where there is one.
#[cfg(feature = "gpu")]
pub fn on_webgpu(gpu: &cnn_lens::engine::kernels::gpu::Gpu) {
    block_on(check(gpu));
    block_on(ties(gpu));
    block_on(adam(gpu));
}
