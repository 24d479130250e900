//! The adjoint of every op against the difference quotient of its forward pass, along a random direction.
//!
//! Tolerance 2 %: the quotient itself is off where a value passes a kink (of a ReLU, of a maximum) between its two ends.

use serde_json::{Value, json};

use super::{drawn, graph, input, logits_and_gradient};
use cnn_lens::engine::kernels::Gate;
use cnn_lens::engine::planes::{Planes, Shape};
use cnn_lens::engine::{GraphNetwork, Silent};
use cnn_lens::ops::{Dims, Op, Pass, Softmax};
use pollster::block_on;

/// Between a convolution and a fully connected layer, so that every value differs and every one counts.
fn around(ops: &[Value]) -> GraphNetwork {
    let mut nodes = vec![json!({"name": "first", "op": "conv", "inputs": ["input"], "out": 6, "kernel": [3, 3]})];
    nodes.extend(ops.iter().cloned());
    let last = ops.last().unwrap()["name"].clone();
    nodes.push(json!({"name": "flat", "op": "flatten", "inputs": [last]}));
    nodes.push(json!({"name": "logits", "op": "linear", "inputs": ["flat"], "out": 5}));
    let graph = graph(Dims::new(3, 11, 10), &Value::Array(nodes), "logits");
    let arrays = drawn(&graph);
    let network = GraphNetwork::new(graph);
    network.load(&arrays).unwrap();
    network
}

fn check(what: &str, ops: &[Value]) {
    let network = around(ops);
    let shape = Shape::new(3, 11, 10).batch(2);
    let (x, direction) = (input(shape, 1.0), input(shape, 1.0).data.into_iter().rev().collect::<Vec<f32>>());
    let mut direction = Planes { shape, data: direction };
    direction.clear_border();
    let (_, gradient) = logits_and_gradient(&network, &x, 3);
    let slope: f64 = gradient.data.iter().zip(&direction.data).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
    let logit = |h: f32| {
        let data = x.data.iter().zip(&direction.data).map(|(x, d)| x + h * d).collect();
        let y = block_on(network.infer(&Planes { shape, data }, network.graph().output(), &Silent)).unwrap();
        (0..2).map(|image| f64::from(y.row(image * 5 + 3, 0)[0])).sum::<f64>()
    };
    let h = 2e-4;
    let quotient = (logit(h) - logit(-h)) / f64::from(2.0 * h);
    println!("{what:60} {slope:9.4} {quotient:9.4}");
    assert!(slope.abs() > 1e-3, "{what}: nothing to compare");
    assert!((slope - quotient).abs() <= 0.02 * quotient.abs().max(0.5), "{what}: {slope}, not {quotient}");
}

#[test]
fn every_adjoint_is_the_slope_of_its_op() {
    let one = |op: &str, more: Value| {
        let mut node = json!({"name": "op", "op": op, "inputs": ["first"]});
        node.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        check(&format!("{op} {more}"), &[node]);
    };
    one("conv", json!({"out": 8, "kernel": [3, 3], "pad": [1, 1, 1, 1]}));
    one("conv", json!({"out": 7, "kernel": [3, 3], "pad": [1, 1, 1, 1]}));
    one("conv", json!({"out": 8, "kernel": [1, 1], "bias": false}));
    one(
        "conv",
        json!({"out": 6, "kernel": [3, 2], "stride": [2, 1], "dilation": [1, 3], "pad": [0, 2, 1, 0], "groups": 2}),
    );
    one("conv", json!({"out": 12, "kernel": [3, 3], "stride": [2, 2], "pad": [0, 0, 1, 1], "groups": 6}));
    one("affine", json!({}));
    one("max_pool", json!({"kernel": [2, 2], "stride": [2, 2]}));
    one("max_pool", json!({"kernel": [3, 3], "stride": [2, 2], "ceil": true}));
    one("max_pool", json!({"kernel": [2, 3], "stride": [1, 2], "dilation": [2, 1], "pad": [1, 0, 1, 1]}));
    one("avg_pool", json!({"kernel": [3, 3], "stride": [2, 2], "pad": [1, 1, 1, 1], "ceil": true}));
    one("avg_pool", json!({"kernel": [3, 2], "stride": [3, 1], "pad": [0, 1, 2, 0], "include_pad": true}));
    one("global_avg_pool", json!({}));
    one("lrn", json!({"size": 3, "alpha": 0.5, "beta": 0.75, "k": 1.0}));
    one("lrn", json!({"size": 4, "alpha": 2.0, "beta": 0.5, "k": 2.0}));
    for kind in ["relu", "relu6", "sigmoid", "silu", "hard_swish", "tanh"] {
        one("activation", json!({"kind": kind}));
    }
    one("activation", json!({"kind": "clip", "min": -0.5, "max": 1.5}));
    one("activation", json!({"kind": "leaky_relu", "alpha": 0.1}));
    one("activation", json!({"kind": "elu", "alpha": 0.7}));
    one("activation", json!({"kind": "hard_sigmoid", "alpha": 0.2, "beta": 0.5}));
    one("activation", json!({"kind": "gelu", "tanh": true}));
    one("activation", json!({"kind": "gelu"}));
    let conv = json!({"name": "other", "op": "conv", "inputs": ["first"], "out": 6, "kernel": [1, 1]});
    let join = |op: &str| json!({"name": "op", "op": op, "inputs": ["first", "other"]});
    for op in ["add", "concat", "mul"] {
        check(op, &[conv.clone(), join(op)]);
    }
    let mean = json!({"name": "mean", "op": "global_avg_pool", "inputs": ["first"]});
    let gate = json!({"name": "other", "op": "activation", "kind": "sigmoid", "inputs": ["mean"]});
    check("mul by a gate", &[mean.clone(), gate.clone(), join("mul")]);
    let turned = json!({"name": "op", "op": "mul", "inputs": ["other", "first"]});
    check("a gate by mul", &[mean.clone(), gate, turned]);
    // one node twice: its gradient is the sum over both ways
    check("add to itself", &[json!({"name": "op", "op": "add", "inputs": ["first", "first", "first"]})]);
}

/// By itself: a graph allows it behind the logits alone.
#[test]
fn softmaxs_adjoint_is_its_slope() {
    let shape = Shape::new(4, 3, 2).batch(2);
    let softmax = Op::Softmax(Softmax {});
    let module = softmax.bind(&[Dims::new(4, 3, 2)], &[]);
    let (x, g) = (input(shape, 1.0), input(shape.batch(4), 1.0));
    let g = Planes { shape, data: g.data[x.data.len()..].to_vec() };
    let y = module.forward(&[&x]);
    let below = module.adjoint(&Pass { x: &[&x], y: &y }, &g, Gate::Relu).remove(0);
    let h = 1e-2;
    for (plane, i, j) in (0..8).flat_map(|plane| (0..6).map(move |at| (plane, at / 2, at % 2))) {
        let moved = |by: f32| {
            let mut x = x.clone();
            x.row_mut(plane, i)[j] += by;
            module.forward(&[&x]).data.iter().zip(&g.data).map(|(y, g)| y * g).sum::<f32>()
        };
        let (slope, quotient) = (below.row(plane, i)[j], (moved(h) - moved(-h)) / (2.0 * h));
        assert!((slope - quotient).abs() <= 1e-3, "{plane} {i} {j}: {slope}, not {quotient}");
    }
}
