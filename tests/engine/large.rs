//! What serves networks that are too large in float32: matrices in 16 bits, and convolutions whose transforms are not kept.

use std::rc::Rc;

use cnn_lens::engine::device::Device;
use cnn_lens::engine::kernels::cpu::Cpu;
use cnn_lens::engine::kernels::{Gate, Reweigh};
use cnn_lens::engine::noise::Noise;
use cnn_lens::engine::planes::{Planes, Shape};
use cnn_lens::ops::{Conv, Dims, Linear, LinearMap, Module, Op, Operator, Pass};
use cnn_lens::weights::Rounded;

fn drawn(count: usize, seed: u64) -> Vec<f32> {
    let noise = Noise::new(seed, 0);
    (0..count as u64).map(|i| noise.normal(i)).collect()
}

fn planes(shape: Shape, seed: u64) -> Planes {
    Planes::from_dense(shape, &drawn(shape.len(), seed))
}

fn pass<'a>(x: &'a [&'a Planes], y: &'a Planes) -> Pass<'a> {
    Pass { x, y }
}

const OUT: usize = 7;
const IN: usize = 19;

/// A layer in 16 bits, and one in float32 with exactly its weights.
fn both() -> [Rc<dyn Module>; 2] {
    let (weight, bias) = (drawn(OUT * IN, 1), drawn(OUT, 2));
    let rounded = Rounded::from_rows(OUT, IN, |row, into| into.copy_from_slice(&weight[row * IN..][..IN]));
    let mut unfolded = vec![0.0; OUT * IN];
    (0..OUT).for_each(|row| rounded.unfold(row, &Reweigh::NONE, &mut unfolded[row * IN..][..IN]));
    assert_ne!(unfolded, weight);
    let linear = Linear { out: OUT, bias: true };
    [linear.bind_rounded(rounded, Some(&bias)), linear.bind(&[Dims::vector(IN)], &[&unfolded, &bias])]
}

#[test]
fn a_layer_in_16_bits_computes_what_its_weights_in_float32_do() {
    let [rounded, exact] = both();
    let (x, mut g) = (planes(Shape::new(IN, 1, 1).batch(2), 3), planes(Shape::new(OUT, 1, 1).batch(2), 4));
    g.row_mut(1, 0)[0] = 0.0;
    g.row_mut(OUT + 1, 0)[0] = 0.0;
    let y = rounded.forward(&[&x]);
    assert_eq!(y, exact.forward(&[&x]));
    assert_eq!(y.shape, g.shape);
    let gradient = |module: &Rc<dyn Module>| module.adjoint(&pass(&[&x], &y), &g, Gate::Relu);
    assert_eq!(gradient(&rounded), gradient(&exact));
}

#[test]
fn a_layer_in_16_bits_is_reweighed_as_one_in_float32() {
    let (x, g) = (planes(Shape::new(IN, 1, 1), 5), planes(Shape::new(OUT, 1, 1), 6));
    let near = |a: Planes, b: Planes| {
        let most = a.data.iter().zip(&b.data).fold(0.0_f32, |most, (a, b)| most.max((a - b).abs()));
        assert!(most < 1e-5, "{most}");
    };
    let factors =
        [(1.25, 1.0), (1.0, 0.0), (0.0, 1.0)].map(|(positive, negative)| Reweigh { positive, negative, bias: true });
    for how in factors {
        let [rounded, exact] = both().map(|module| module.linear().unwrap().reweighed(how));
        near(rounded.apply(&x, true), exact.apply(&x, true));
        near(LinearMap::adjoint(rounded.as_ref(), &g, x.shape), LinearMap::adjoint(exact.as_ref(), &g, x.shape));
        // and once more
        let [rounded, exact] = [rounded, exact].map(|map| map.reweighed(factors[0]));
        near(rounded.apply(&x, true), exact.apply(&x, true));
    }
}

#[test]
fn a_layer_of_ones_sums() {
    let ones = Linear { out: 3, bias: true }.bind_ones().linear().unwrap();
    let x = Planes::from_dense(Shape::new(4, 1, 1), &[1.0, 2.0, 3.0, 4.0]);
    let y = ones.apply(&x, true);
    assert_eq!(y.dense(), [10.0; 3]);
    assert_eq!(LinearMap::adjoint(ones.as_ref(), &y, x.shape).dense(), [30.0; 4]);
}

#[test]
fn transforms_that_are_not_kept_give_the_same_bits() {
    let conv = Conv { out: 8, kernel: [3, 3], stride: [1, 1], dilation: [1, 1], groups: 1, pad: [1; 4], bias: true };
    let (op, below) = (Op::Conv(conv), [Dims::new(4, 9, 7)]);
    let (weight, bias) = (drawn(8 * 4 * 9, 7), drawn(8, 8));
    let arrays = [weight.as_slice(), bias.as_slice()];
    let (kept, small) =
        (Cpu::default().bind(&op, &below, &arrays).unwrap(), Cpu::default().bind_small(&op, &below, &arrays).unwrap());
    let (x, g) = (planes(Shape::new(4, 9, 7), 9), planes(Shape::new(8, 9, 7), 10));
    assert_eq!(kept.rectified(&[&x]), small.rectified(&[&x]));
    let y = kept.forward(&[&x]);
    assert_eq!(y, small.forward(&[&x]));
    let down = |module: &Rc<dyn Module>| module.adjoint_and_relu(&pass(&[&x], &y), &g, Gate::Relu).unwrap();
    assert_eq!(down(&kept), down(&small));
    assert_eq!(kept.adjoint(&pass(&[&x], &y), &g, Gate::Relu), small.adjoint(&pass(&[&x], &y), &g, Gate::Relu));
    let how = Reweigh { positive: 1.0, negative: 0.0, bias: true };
    let [kept, small] = [kept, small].map(|module| module.linear().unwrap().reweighed(how).apply(&x, true));
    let most = kept.data.iter().zip(&small.data).fold(0.0_f32, |most, (a, b)| most.max((a - b).abs()));
    assert!(most < 1e-4, "{most}");
}
