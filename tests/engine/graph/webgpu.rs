//! Every op on WebGPU against the same op on the CPU: forward and adjoint, alone, with a ReLU, and with changed weights.

use std::rc::Rc;

use super::off;
use cnn_lens::engine::kernels::gpu::{Buf, Gpu};
use cnn_lens::engine::kernels::{Gate, Reweigh};
use cnn_lens::engine::noise::Noise;
use cnn_lens::engine::planes::Shape;
use cnn_lens::engine::{Device, Planes};
use cnn_lens::fields::Fields;
use cnn_lens::ops::{Dims, LinearMap, Module, Op, Pass};
use pollster::block_on;
use serde_json::{Value, json};

/// Sums of a few hundred products: each rounds by 6e-8 of itself, in an order of its own on each device, so that their relative
/// L2 distance stays below 1e-6. The rest is room for a device's `exp` and `tanh`, which WebGPU lets be off by some units in the
/// last place; a wrong tap or gate is off by more than 1e-2.
const TOLERANCE: f64 = 1e-5;

/// An op as a card has it, its inputs' shapes, and how many images.
struct Case {
    op: Value,
    inputs: Vec<[usize; 3]>,
    images: usize,
}

fn case(op: Value, inputs: &[[usize; 3]], images: usize) -> Case {
    Case { op, inputs: inputs.to_vec(), images }
}

/// Odd and non-square maps, channels that come in fours and that do not, gaps between windows, and batches.
fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = [
        // 1x1
        (json!({"out": 8, "kernel": [1, 1]}), [5, 7, 9], 2),
        (json!({"out": 7, "kernel": [1, 1], "bias": false}), [12, 3, 5], 1),
        (json!({"out": 32, "kernel": [1, 1]}), [64, 13, 13], 1),
        (json!({"out": 10, "kernel": [1, 1]}), [6, 1, 1], 2),
        (json!({"out": 6, "kernel": [1, 1], "stride": [2, 2]}), [4, 7, 8], 2),
        // strides, dilations, paddings
        (json!({"out": 64, "kernel": [3, 3], "stride": [2, 2]}), [3, 13, 15], 1),
        (json!({"out": 8, "kernel": [3, 3], "stride": [2, 2], "pad": [1, 1, 1, 1]}), [6, 9, 12], 2),
        (json!({"out": 8, "kernel": [7, 7], "stride": [2, 2], "pad": [3, 3, 3, 3]}), [3, 17, 14], 1),
        (
            json!({"out": 5, "kernel": [5, 3], "stride": [2, 1], "dilation": [1, 2], "pad": [0, 1, 2, 3]}),
            [4, 11, 10],
            2,
        ),
        (json!({"out": 4, "kernel": [3, 3], "dilation": [2, 2], "pad": [2, 2, 2, 2]}), [4, 9, 9], 2),
        (json!({"out": 4, "kernel": [2, 2], "stride": [3, 3]}), [3, 10, 11], 1),
        (json!({"out": 3, "kernel": [1, 5], "pad": [0, 2, 0, 2], "bias": false}), [2, 3, 70], 1),
        (json!({"out": 4, "kernel": [3, 3]}), [4, 6, 5], 1),
        // groups
        (json!({"out": 6, "kernel": [3, 3], "pad": [1, 1, 1, 1], "groups": 6}), [6, 7, 8], 2),
        (json!({"out": 8, "kernel": [3, 3], "stride": [2, 2], "pad": [1, 1, 1, 1], "groups": 8}), [8, 9, 7], 1),
        (json!({"out": 6, "kernel": [5, 5], "pad": [2, 2, 2, 2], "groups": 3}), [3, 8, 7], 2),
        (json!({"out": 8, "kernel": [3, 3], "pad": [1, 1, 1, 1], "groups": 2}), [8, 6, 5], 2),
        (json!({"out": 8, "kernel": [3, 3], "groups": 2}), [6, 6, 5], 1),
        (json!({"out": 9, "kernel": [1, 1], "groups": 3}), [6, 5, 5], 1),
        // 3x3 by Winograd, and without
        (json!({"out": 8, "kernel": [3, 3], "pad": [1, 1, 1, 1]}), [4, 14, 11], 2),
        (json!({"out": 5, "kernel": [3, 3], "pad": [1, 1, 1, 1]}), [3, 7, 9], 2),
        (json!({"out": 8, "kernel": [3, 3], "pad": [1, 1, 1, 1], "bias": false}), [4, 2, 2], 1),
    ]
    .into_iter()
    .map(|(op, input, images)| case(named("conv", op), &[input], images))
    .collect();
    for (kernel, stride, pad) in [([2, 2], [2, 2], [0; 4]), ([3, 3], [2, 2], [1; 4]), ([3, 2], [1, 3], [1, 0, 2, 1])] {
        for ceil in [false, true] {
            let window = json!({"kernel": kernel, "stride": stride, "pad": pad, "ceil": ceil});
            cases.push(case(named("max_pool", window.clone()), &[[3, 8, 11]], 2));
            for include_pad in [false, true] {
                let mut window = window.clone();
                window["include_pad"] = json!(include_pad);
                cases.push(case(named("avg_pool", window), &[[3, 8, 11]], 2));
            }
        }
    }
    let dilated = json!({"kernel": [2, 3], "dilation": [2, 1], "stride": [1, 2]});
    cases.push(case(named("max_pool", dilated), &[[2, 9, 8]], 1));
    for kind in ["relu", "relu6", "sigmoid", "silu", "hard_swish", "tanh", "gelu"] {
        cases.push(case(named("activation", json!({"kind": kind})), &[[3, 5, 7]], 2));
    }
    cases.extend(
        [
            json!({"kind": "gelu", "tanh": true}),
            json!({"kind": "clip", "min": -0.7, "max": 1.3}),
            json!({"kind": "leaky_relu", "alpha": 0.1}),
            json!({"kind": "elu", "alpha": 0.8}),
            json!({"kind": "hard_sigmoid", "alpha": 0.2, "beta": 0.5}),
        ]
        .map(|op| case(named("activation", op), &[[3, 5, 7]], 1)),
    );
    let (map, gate, none) = ([5, 4, 6], [5, 1, 1], || json!({}));
    cases.extend([
        case(named("linear", json!({"out": 10})), &[[137, 1, 1]], 2),
        case(named("linear", json!({"out": 7, "bias": false})), &[[5, 1, 1]], 1),
        case(named("affine", none()), &[map], 2),
        case(named("global_avg_pool", none()), &[[70, 7, 9]], 2),
        case(named("add", none()), &[map; 2], 2),
        case(named("add", none()), &[map; 3], 1),
        case(named("mul", none()), &[map; 2], 2),
        case(named("mul", none()), &[map, gate], 2),
        case(named("mul", none()), &[gate, map], 1),
        case(named("concat", none()), &[[3, 4, 6], [1, 4, 6], [6, 4, 6]], 2),
        case(named("flatten", none()), &[[3, 4, 5]], 2),
    ]);
    cases
}

fn named(op: &str, mut parameters: Value) -> Value {
    parameters["op"] = json!(op);
    parameters
}

/// Both devices' forms of one op, with what goes in.
struct Pair<'a> {
    gpu: &'a Gpu,
    name: String,
    cpu: Rc<dyn Module>,
    bound: Rc<dyn Module<Buf>>,
    wrong: Vec<String>,
}

impl Pair<'_> {
    fn check(&mut self, what: &str, got: &Buf, want: &Planes) {
        let got = match block_on(self.gpu.read(got)) {
            Ok(got) => got,
            Err(e) => return self.wrong.push(format!("{} {what}: {e}", self.name)),
        };
        let mut clean = got.clone();
        clean.clear_border();
        let distance = if got.shape == want.shape { off(&got.dense(), &want.dense()) } else { f64::INFINITY };
        // not `>`: NaN is wrong too
        let near = distance <= TOLERANCE;
        if !near || got != clean {
            self.wrong.push(format!("{} {what}: off by {distance:.1e}, clean border: {}", self.name, got == clean));
        }
    }

    fn linear(&mut self, cpu: &dyn LinearMap, bound: &dyn LinearMap<Buf>, x: &Planes, g: &Planes, what: &str) {
        for bias in [true, false] {
            let got = bound.apply(&self.gpu.upload(x), bias);
            self.check(&format!("{what} bias {bias}"), &got, &cpu.apply(x, bias));
        }
        let got = bound.adjoint(&self.gpu.upload(g), x.shape);
        self.check(&format!("{what} adjoint"), &got, &cpu.adjoint(g, x.shape));
    }
}

/// An operation as a card writes it.
fn op(written: serde_json::Value) -> Op {
    let serde_json::Value::Object(fields) = written else { panic!("an operation is an object") };
    Op::read(&mut Fields::from(fields)).unwrap()
}

/// What of one case differs.
fn differences(gpu: &Gpu, seed: u64, case: &Case) -> Vec<String> {
    let op = op(case.op.clone());
    let dims: Vec<Dims> = case.inputs.iter().map(|[c, h, w]| Dims::new(*c, *h, *w)).collect();
    let noise = Noise::new(seed, 0);
    let drawn = |from: u64, n: usize| (0..n as u64).map(|i| noise.normal((from << 32) + i)).collect::<Vec<f32>>();
    let arrays = op.arrays(&dims).into_iter().enumerate();
    let arrays: Vec<Vec<f32>> = arrays.map(|(i, spec)| drawn(i as u64, spec.shape.iter().product())).collect();
    let arrays: Vec<&[f32]> = arrays.iter().map(Vec::as_slice).collect();
    // quarters, so that pools meet equal values; half of them 0 and none below, as behind a ReLU
    let after_relu = matches!(op, Op::MaxPool(_) | Op::Conv(_));
    let rounded = |v: f32| if after_relu { ((4.0 * v).round() / 4.0).max(0.0) } else { 2.0 * v };
    let x: Vec<Planes> = dims
        .iter()
        .enumerate()
        .map(|(i, dims)| {
            let shape = Shape::new(dims.c, dims.h, dims.w).batch(case.images);
            Planes::from_dense(shape, &drawn(10 + i as u64, shape.len()).into_iter().map(rounded).collect::<Vec<f32>>())
        })
        .collect();
    let x: Vec<&Planes> = x.iter().collect();
    let bound = gpu.bind(&op, &dims, &arrays).unwrap_or_else(|| panic!("no kernel for {}", case.op));
    let mut pair = Pair {
        gpu,
        name: format!("{} of {:?}", case.op, case.inputs),
        cpu: op.bind(&dims, &arrays),
        bound,
        wrong: Vec::new(),
    };
    let up: Vec<Buf> = x.iter().map(|x| gpu.upload(x)).collect();
    let up: Vec<&Buf> = up.iter().collect();
    let (y, on_gpu) = (pair.cpu.forward(&x), pair.bound.forward(&up));
    pair.check("forward", &on_gpu, &y);
    let mut relu = y.clone();
    relu.data.iter_mut().for_each(|v| *v = v.max(0.0));
    if let Some(got) = pair.bound.rectified(&up) {
        pair.check("rectified", &got, &relu);
    }
    if case.images > 1 {
        // a batch has the bits of its pictures
        let first: Vec<Buf> = x.iter().filter_map(|x| x.images().next()).map(|x| gpu.upload(&x)).collect();
        let alone = block_on(gpu.read(&pair.bound.forward(&first.iter().collect::<Vec<_>>())));
        let batch = block_on(gpu.read(&on_gpu));
        if !matches!((&alone, &batch), (Ok(alone), Ok(batch)) if batch.images().next().as_ref() == Some(alone)) {
            pair.wrong.push(format!("{}: not the bits of its pictures", pair.name));
        }
    }
    let g = Planes::from_dense(y.shape, &drawn(20, y.shape.len()));
    let (at, at_gpu) = (Pass { x: &x, y: &y }, Pass { x: &up, y: &on_gpu });
    let relu = matches!(op, Op::Activation(kind) if kind.is_relu());
    // the guided gate asks for both of what the others ask for; each is a shader of its own, which takes a second to compile
    let gates: &[Gate] = if relu { &[Gate::Relu, Gate::Guided, Gate::Deconvnet] } else { &[Gate::Guided] };
    for gate in gates.iter().copied() {
        let want = pair.cpu.adjoint(&at, &g, gate);
        let got = pair.bound.adjoint(&at_gpu, &gpu.upload(&g), gate);
        assert_eq!(got.len(), want.len(), "{}", pair.name);
        for (i, (got, want)) in got.iter().zip(&want).enumerate() {
            pair.check(&format!("adjoint {i} {gate:?}"), got, want);
        }
        if let Some(got) = pair.bound.adjoint_and_relu(&at_gpu, &gpu.upload(&g), gate) {
            let mut want = want[0].clone();
            want.data.iter_mut().zip(&x[0].data).for_each(|(g, y)| *g = gate.pass(*y, *g));
            pair.check(&format!("adjoint and ReLU {gate:?}"), &got, &want);
        }
    }
    if let (Some(cpu), Some(bound)) = (Rc::clone(&pair.cpu).linear(), Rc::clone(&pair.bound).linear()) {
        pair.linear(&*cpu, &*bound, x[0], &g, "linear");
        for bias in [true, false] {
            let how = Reweigh { positive: 1.5, negative: -0.5, bias };
            pair.linear(&*cpu.reweighed(how), &*bound.reweighed(how), x[0], &g, &format!("reweighed, bias {bias}"));
        }
    }
    pair.wrong
}

/// Every op with a kernel computes what it does on the CPU, and what has no kernel is left to the CPU. See `webgpu.rs`.
pub fn on_webgpu(gpu: &Gpu) {
    let wrong: Vec<String> =
        cases().iter().enumerate().flat_map(|(i, case)| differences(gpu, i as u64, case)).collect();
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
    // both inputs the same: WebGPU binds a buffer to one name only
    let values: Vec<f32> = (0..24).map(|i| Noise::new(3, 0).normal(i)).collect();
    let x = Planes::from_dense(Shape::new(2, 3, 4), &values);
    let up = gpu.upload(&x);
    for (op, want) in [("add", (|v| v + v) as fn(f32) -> f32), ("mul", |v| v * v)] {
        let op = self::op(json!({ "op": op }));
        let dims = [Dims::new(2, 3, 4); 2];
        let got = block_on(gpu.read(&gpu.bind(&op, &dims, &[]).unwrap().forward(&[&up, &up]))).unwrap();
        assert_eq!(got.dense(), x.dense().into_iter().map(want).collect::<Vec<f32>>());
    }
    for op in [json!({"op": "lrn", "size": 5, "alpha": 1e-4, "beta": 0.75, "k": 1.0}), json!({"op": "softmax"})] {
        let op = self::op(op);
        assert!(gpu.bind(&op, &[Dims::new(4, 1, 1)], &[]).is_none());
    }
}
