//! The kernels against plain loops in float64, on shapes that fit nothing; adjoints by their definition `<Ax, y> = <x, A'y>`.

use cnn_lens::engine::kernels::cpu::Cpu;
use cnn_lens::engine::kernels::{Adam, Gate, Reweigh};
use cnn_lens::engine::planes::Shape;
use cnn_lens::engine::{Device, Planes};
use cnn_lens::ops::{Activation, Conv, Dims, MaxPool, Op, Pass};
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

async fn check<D: Device>(device: &D) {
    for [n, cin, cout, h, w] in CASES {
        let s = Shape::new(cin, h, w).batch(n);
        let out = s.channels(cout);
        let (x, weights, bias, g) = (noise(s.len(), 1), noise(cout * cin * 9, 2), noise(cout, 3), noise(out.len(), 4));
        let op = Op::Conv(Conv {
            out: cout,
            kernel: [3, 3],
            stride: [1, 1],
            dilation: [1, 1],
            groups: 1,
            pad: [1; 4],
            bias: true,
        });
        let bind = |weights: &[f32], bias: &[f32]| device.bind(&op, &[Dims::new(cin, h, w)], &[weights, bias]).unwrap();
        let conv = bind(&weights, &bias);
        let input = device.upload(&Planes::from_dense(s, &x));
        let want: Vec<f64> = x.chunks(s.len() / n).flat_map(|x| naive(x, s, &weights, &bias)).collect();
        let read = async |b: D::Buf| device.read(&b).await.unwrap();
        let scale = want.iter().fold(1.0_f64, |m, v| m.max(v.abs()));
        for relu in [false, true] {
            let y = if relu { conv.rectified(&[&input]).unwrap() } else { conv.forward(&[&input]) };
            let got = read(y).await;
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
        let gradient = device.upload(&Planes::from_dense(out, &g));
        let y = conv.forward(&[&input]);
        let pass = Pass { x: &[&input], y: &y };
        let back = read(conv.adjoint(&pass, &gradient, Gate::Relu).remove(0)).await;
        let (left, right) = (dot(&linear, &g), dot(&x, &back.dense()));
        assert!((left - right).abs() <= 1e-4 * scale * (1.0 + left.abs()), "{s:?}: {left} {right}");
        // without biases, and with changed weights, it is the convolution that was bound so, in both directions
        let map = conv.clone().linear().unwrap();
        let bare = bind(&weights, &vec![0.0; cout]).clone().linear().unwrap();
        let how = Reweigh { positive: 1.5, negative: -0.5, bias: true };
        let changed: Vec<f32> = weights.iter().map(|w| how.weight(*w)).collect();
        let bound = bind(&changed, &bias.iter().map(|b| how.bias(*b)).collect::<Vec<_>>()).linear().unwrap();
        for (a, b) in [
            (map.apply(&input, false), bare.apply(&input, true)),
            (map.reweighed(how).apply(&input, true), bound.apply(&input, true)),
            (map.reweighed(how).adjoint(&gradient, s), bound.adjoint(&gradient, s)),
        ] {
            let (a, b) = (read(a).await.dense(), read(b).await.dense());
            let largest = b.iter().fold(1e-3_f32, |m, v| m.max(v.abs()));
            assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() <= 1e-5 * largest), "{s:?}");
        }
        let relu = device.bind(&Op::Activation(Activation::Relu {}), &[Dims::new(cin, h, w)], &[]).unwrap();
        let gated =
            |g: &Planes, gate: Gate| relu.adjoint(&Pass { x: &[&input], y: &input }, &device.upload(g), gate).remove(0);
        for gate in [Gate::Relu, Gate::Guided, Gate::Deconvnet] {
            // the fused gate is the separate one
            let fused = read(conv.adjoint_and_relu(&pass, &gradient, gate).unwrap()).await;
            assert_eq!(fused, read(gated(&back, gate)).await, "{s:?} {gate:?}");
        }
        if h >= 2 && w >= 2 {
            let pool = device.bind(&HALVING, &[Dims::new(cin, h, w)], &[]).unwrap();
            let y = pool.forward(&[&input]);
            let pass = Pass { x: &[&input], y: &y };
            let pooled = device.read(&y).await.unwrap();
            let p = pooled.shape;
            assert_eq!(p, s.halved());
            // max is linear along its own winners: <pool(x), g> = <x, pool'(g)>
            let g = noise(p.len(), 5);
            let gradient = device.upload(&Planes::from_dense(p, &g));
            let back = read(pool.adjoint(&pass, &gradient, Gate::Relu).remove(0)).await;
            let (left, right) = (dot(&pooled.dense(), &g), dot(&x, &back.dense()));
            assert!((left - right).abs() <= 1e-4 * (1.0 + left.abs()), "{s:?}: {left} {right}");
            let fused = read(pool.adjoint_and_relu(&pass, &gradient, Gate::Guided).unwrap()).await;
            assert_eq!(fused, read(gated(&back, Gate::Guided)).await, "{s:?}");
        }
    }
}

const HALVING: Op = Op::MaxPool(MaxPool { kernel: [2, 2], stride: [2, 2], dilation: [1, 1], pad: [0; 4], ceil: false });

async fn adam<D: Device>(device: &D) {
    // with constant gradients Adam's bias-corrected step is lr * sign(g), whatever their size
    let s = Shape::new(2, 3, 4);
    let g = device.upload(&Planes::from_dense(s, &noise(s.len(), 7)));
    let zeros = Planes::zeros(s);
    let (mut x, mut m, mut v) = (device.upload(&zeros), device.upload(&zeros), device.upload(&zeros));
    let step = Adam { lr: 0.05, b1: 0.9, b2: 0.999, eps: 1e-12, corrections: [1.0; 2] };
    for t in 1..=3 {
        device.adam(&mut x, &g, &mut m, &mut v, &step.at(t));
    }
    let got = device.read(&x).await.unwrap();
    for (x, g) in got.dense().iter().zip(noise(s.len(), 7)) {
        assert!((x - 0.15 * g.signum()).abs() < 1e-5, "{x} {g}");
    }
    let channel = device.read_plane(&x, 1).await.unwrap();
    assert_eq!(channel.dense(), got.channel(1));
}

async fn ties<D: Device>(device: &D) {
    // equal values, and a window of zeros: the first in scan order wins, as in PyTorch
    let s = Shape::new(1, 2, 4);
    let x = device.upload(&Planes::from_dense(s, &[0.0, 0.0, 1.0, 2.0, 0.0, 0.0, 2.0, 1.0]));
    let g = device.upload(&Planes::from_dense(Shape::new(1, 1, 2), &[5.0, 7.0]));
    let pool = device.bind(&HALVING, &[Dims::new(1, 2, 4)], &[]).unwrap();
    let y = pool.forward(&[&x]);
    let back = pool.adjoint(&Pass { x: &[&x], y: &y }, &g, Gate::Relu).remove(0);
    assert_eq!(device.read(&back).await.unwrap().dense(), [5.0, 0.0, 0.0, 7.0, 0.0, 0.0, 0.0, 0.0]);
    let relu = device.bind(&Op::Activation(Activation::Relu {}), &[Dims::new(1, 2, 4)], &[]).unwrap();
    let ones = device.upload(&Planes::from_dense(s, &[1.0; 8]));
    let masked = relu.adjoint(&Pass { x: &[&x], y: &x }, &ones, Gate::Relu).remove(0);
    assert_eq!(device.read(&masked).await.unwrap().dense(), [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0]);
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
