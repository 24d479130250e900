//! Every convolution of VGG16 at 224 x 224, and all of SqueezeNet, natively on one thread: `cargo bench --features native`.
//!
//! Items are floating-point operations of the plain convolution (2 per multiply-add), so `Gitem/s` reads as GFLOP/s and
//! Winograd may pass the limit, which is the multiply-add throughput of the vector units that `limit` measures.
#![allow(missing_docs, reason = "a benchmark")]

use std::path::Path;
use std::rc::Rc;

use cnn_lens::catalog::networks;
use cnn_lens::engine::Silent;
use cnn_lens::engine::graph::ByNode;
use cnn_lens::engine::kernels::cpu::Cpu;
use cnn_lens::engine::kernels::{Gate, Kernels};
use cnn_lens::engine::planes::{Planes, Shape};
use cnn_lens::native;
use divan::{Bencher, black_box, counter::ItemsCount};
use pollster::block_on;
use wide::f32x8;

fn main() {
    divan::main();
}

#[derive(Clone, Copy)]
struct Conv {
    index: usize,
    side: usize,
}

impl std::fmt::Display for Conv {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", networks::first().name(self.index))
    }
}

impl Conv {
    /// Out and in.
    fn channels(&self) -> [usize; 2] {
        let net = networks::first();
        [net.channels(self.index), net.channels(net.node(self.index).inputs[0])]
    }

    fn flops(&self) -> ItemsCount {
        let [cout, cin] = self.channels();
        ItemsCount::new(2 * 9 * cin * cout * self.side * self.side)
    }

    fn set_up(&self, cpu: &Cpu) -> (Rc<Planes>, Rc<Planes>) {
        let [cout, cin] = self.channels();
        let wave = |n: usize| (0..n).map(|i| (i as f32 * 0.37).sin()).collect::<Vec<_>>();
        cpu.load(self.index, cout, cin, &wave(cin * cout * 9), &wave(cout));
        let planes = |c: usize| {
            let shape = Shape::new(c, self.side, self.side);
            cpu.upload(&Planes::from_dense(shape, &wave(shape.len())))
        };
        (planes(cin), planes(cout))
    }
}

fn convs() -> impl Iterator<Item = Conv> {
    let net = networks::first();
    let side = |index| net.shape(index, 224, 224)[1];
    net.convs().map(|index| Conv { index, side: side(index) }).collect::<Vec<_>>().into_iter()
}

#[divan::bench(args = convs(), sample_count = 5)]
fn winograd_forward(bencher: Bencher, conv: Conv) {
    let cpu = Cpu::default();
    let (x, _) = conv.set_up(&cpu);
    bencher.counter(conv.flops()).bench_local(|| cpu.conv(&x, conv.index, true));
}

#[divan::bench(args = convs(), sample_count = 5)]
fn winograd_adjoint(bencher: Bencher, conv: Conv) {
    let cpu = Cpu::default();
    let (x, g) = conv.set_up(&cpu);
    bencher.counter(conv.flops()).bench_local(|| cpu.conv_adjoint(&g, conv.index, Some((Gate::Relu, &x))));
}

#[divan::bench(args = convs(), sample_count = 3)]
fn direct_forward(bencher: Bencher, conv: Conv) {
    let cpu = Cpu::direct();
    let (x, _) = conv.set_up(&cpu);
    bencher.counter(conv.flops()).bench_local(|| cpu.conv(&x, conv.index, true));
}

#[divan::bench(args = ["pool1", "pool1 adjoint"], sample_count = 5)]
fn pool(bencher: Bencher, which: &str) {
    let cpu = Cpu::default();
    let (x, _) = Conv { index: 2, side: 224 }.set_up(&cpu);
    let g = cpu.pool(&x);
    let bencher = bencher.counter(ItemsCount::new(x.shape.len()));
    match which {
        "pool1" => bencher.bench_local(|| cpu.pool(&x)),
        _ => bencher.bench_local(|| cpu.pool_adjoint(&x, &g, Some(Gate::Relu))),
    }
}

/// All of SqueezeNet 1.1 at 224 x 224 (0.35 G multiply-adds forward): the logits, or the gradient of one at the input, whose
/// forward pass is not counted.
#[divan::bench(args = ["forward", "gradient"], sample_count = 10)]
fn squeezenet(bencher: Bencher, which: &str) {
    let (card, network) = native::card(Path::new("weights/squeezenet")).unwrap();
    let output = card.graph.output();
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
