//! Every convolution of VGG16 at 224 x 224, and all of SqueezeNet, natively on one thread: `cargo bench --features native`.
//!
//! Items are floating-point operations of the plain convolution (2 per multiply-add), so `Gitem/s` reads as GFLOP/s and
//! Winograd may pass the limit, which is the multiply-add throughput of the vector units that `limit` measures.
#![allow(missing_docs, reason = "a benchmark")]

use std::path::Path;
use std::rc::Rc;

use cnn_lens::catalog::networks;
use cnn_lens::engine::graph::ByNode;
use cnn_lens::engine::kernels::Gate;
use cnn_lens::engine::kernels::cpu::Cpu;
use cnn_lens::engine::planes::{Planes, Shape};
use cnn_lens::engine::{Device, Silent};
use cnn_lens::native;
use cnn_lens::ops::{Dims, MaxPool, Module, Op, Pass};
use divan::{Bencher, black_box, counter::ItemsCount};
use pollster::block_on;
use wide::f32x8;

fn main() {
    divan::main();
}

/// A convolution of VGG16, by its node.
#[derive(Clone, Copy)]
struct Conv(usize);

impl std::fmt::Display for Conv {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(networks::first().name(self.0))
    }
}

fn wave(n: usize) -> Vec<f32> {
    (0..n).map(|i| (i as f32 * 0.37).sin()).collect()
}

fn planes(Dims { c, h, w }: Dims) -> Planes {
    let shape = Shape::new(c, h, w);
    Planes::from_dense(shape, &wave(shape.len()))
}

impl Conv {
    /// What it reads and what it writes at 224 x 224.
    fn dims(self) -> [Dims; 2] {
        let net = networks::first();
        [net.node(self.0).inputs[0], self.0].map(|at| net.graph().dims()[at])
    }

    fn flops(self) -> ItemsCount {
        let [x, y] = self.dims();
        ItemsCount::new(2 * 9 * x.c * y.c * y.places())
    }

    fn set_up(self, cpu: Cpu) -> (Rc<dyn Module>, Planes, Planes) {
        let ([x, y], net) = (self.dims(), networks::first());
        let op = net.node(self.0).op.as_ref().unwrap();
        (cpu.bind(op, &[x], &[&wave(x.c * y.c * 9), &wave(y.c)]).unwrap(), planes(x), planes(y))
    }
}

fn convs() -> impl Iterator<Item = Conv> {
    networks::first().convs().map(Conv).collect::<Vec<_>>().into_iter()
}

#[divan::bench(args = convs(), sample_count = 5)]
fn winograd_forward(bencher: Bencher, conv: Conv) {
    let (module, x, _) = conv.set_up(Cpu::default());
    bencher.counter(conv.flops()).bench_local(|| module.rectified(&[&x]));
}

#[divan::bench(args = convs(), sample_count = 5)]
fn winograd_adjoint(bencher: Bencher, conv: Conv) {
    let (module, x, g) = conv.set_up(Cpu::default());
    let pass = Pass { x: &[&x], y: &g };
    bencher.counter(conv.flops()).bench_local(|| module.adjoint_and_relu(&pass, &g, Gate::Relu));
}

#[divan::bench(args = convs(), sample_count = 3)]
fn direct_forward(bencher: Bencher, conv: Conv) {
    let (module, x, _) = conv.set_up(Cpu::direct());
    bencher.counter(conv.flops()).bench_local(|| module.rectified(&[&x]));
}

#[divan::bench(args = ["pool1", "pool1 adjoint"], sample_count = 5)]
fn pool(bencher: Bencher, which: &str) {
    let dims = Dims::new(64, 224, 224);
    let op = Op::MaxPool(MaxPool { kernel: [2, 2], stride: [2, 2], dilation: [1, 1], pad: [0; 4], ceil: false });
    let (pool, x) = (Cpu::default().bind(&op, &[dims], &[]).unwrap(), planes(dims));
    let y = pool.forward(&[&x]);
    let pass = Pass { x: &[&x], y: &y };
    let bencher = bencher.counter(ItemsCount::new(x.shape.len()));
    match which {
        "pool1" => bencher.bench_local(|| pool.forward(&[&x])),
        _ => bencher.bench_local(|| pool.adjoint_and_relu(&pass, &y, Gate::Relu)),
    }
}

/// All of SqueezeNet 1.1 at 224 x 224 (0.35 G multiply-adds forward): the logits, or the gradient of one at the input, whose
/// forward pass is not counted.
#[divan::bench(args = ["forward", "gradient"], sample_count = 10)]
fn squeezenet(bencher: Bencher, which: &str) {
    let network = native::named("squeezenet", Cpu::default(), Path::new("weights")).unwrap();
    let output = network.output();
    let shape = Shape::new(3, 224, 224);
    let x = Planes::from_dense(shape, &(0..shape.len()).map(|i| 90.0 * (i as f32 * 0.37).sin()).collect::<Vec<_>>());
    let tape = block_on(network.forward(&x, output, &Silent)).unwrap();
    let mut seed = Planes::zeros(tape.value(output).unwrap().shape);
    seed.row_mut(7, 0)[0] = 1.0;
    let bencher = bencher.counter(ItemsCount::new(2 * 349_000_000_usize));
    match which {
        "forward" => bencher.bench_local(|| block_on(network.infer(&x, output, &Silent)).unwrap()),
        _ => bencher.bench_local(|| {
            let seeds = ByNode::from([(output, seed.clone())]);
            block_on(network.backward(&tape, seeds, &[0], Gate::Relu, &Silent)).unwrap()
        }),
    }
}

/// Ten independent chains of fused multiply-adds: nothing can be faster on one thread.
#[divan::bench]
fn limit(bencher: Bencher) {
    const STEPS: usize = 100_000;
    bencher.counter(ItemsCount::new(STEPS * 10 * 8 * 2)).bench_local(|| {
        let (a, b) = (f32x8::splat(black_box(0.999)), f32x8::splat(black_box(0.001)));
        let mut sums = [f32x8::ZERO; 10];
        for _ in 0..STEPS {
            for sum in &mut sums {
                *sum = sum.mul_add(a, b);
            }
        }
        sums
    });
}
