//! The planned run against the unfused walk, and what may be asked of a tape.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::json;

use super::{drawn, graph, input, logits_and_gradient, off, one_hot};
use cnn_lens::catalog::Graph;
use cnn_lens::engine::graph::ByNode;
use cnn_lens::engine::kernels::Gate;
use cnn_lens::engine::pace::Local;
use cnn_lens::engine::planes::{Planes, Shape};
use cnn_lens::engine::{EngineError, GraphNetwork, Pace, Silent};
use cnn_lens::ops::Dims;
use pollster::block_on;

/// A fire module, a residual block, a convolution that two nodes read, one of every kernel.
pub fn mixed() -> Graph {
    let conv = |name: &str, from: &str, out: usize, kernel: usize, stride: usize| {
        let pad = kernel / 2;
        json!({"name": name, "op": "conv", "inputs": [from], "out": out, "kernel": [kernel, kernel], "stride": [stride, stride],
            "pad": [pad, pad, pad, pad]})
    };
    let relu =
        |from: &str| json!({"name": format!("{from}_relu"), "op": "activation", "kind": "relu", "inputs": [from]});
    let nodes = json!([
        conv("conv1", "input", 8, 3, 1),
        relu("conv1"),
        json!({"name": "pool1", "op": "max_pool", "kernel": [3, 3], "stride": [2, 2], "ceil": true, "inputs": ["conv1_relu"]}),
        conv("squeeze", "pool1", 4, 1, 1),
        relu("squeeze"),
        conv("one", "squeeze_relu", 8, 1, 1),
        relu("one"),
        conv("three", "squeeze_relu", 8, 3, 1),
        relu("three"),
        json!({"name": "concat", "op": "concat", "inputs": ["one_relu", "three_relu"]}),
        conv("strided", "concat", 16, 3, 2),
        relu("strided"),
        json!({"name": "depthwise", "op": "conv", "inputs": ["strided_relu"], "out": 16, "kernel": [3, 3], "pad": [1, 1, 1, 1],
            "groups": 16}),
        json!({"name": "scaled", "op": "affine", "inputs": ["depthwise"]}),
        relu("scaled"),
        conv("branch", "scaled_relu", 16, 3, 1),
        json!({"name": "sum", "op": "add", "inputs": ["branch", "strided_relu"]}),
        relu("sum"),
        // read by its ReLU and by the sum below: must not be fused
        conv("read_twice", "sum_relu", 16, 1, 1),
        relu("read_twice"),
        json!({"name": "both", "op": "add", "inputs": ["read_twice", "read_twice_relu"]}),
        json!({"name": "average", "op": "avg_pool", "kernel": [2, 2], "inputs": ["both"]}),
        json!({"name": "mean", "op": "global_avg_pool", "inputs": ["average"]}),
        json!({"name": "logits", "op": "linear", "inputs": ["mean"], "out": 10}),
    ]);
    graph(Dims::new(3, 36, 33), &nodes, "logits")
}

const PICTURE: Shape = Shape::new(3, 36, 33);

fn both() -> [GraphNetwork; 2] {
    let graph = mixed();
    let arrays = drawn(&graph);
    [GraphNetwork::new(graph.clone()), GraphNetwork::unfused(graph)].map(|network| {
        network.load(&arrays).unwrap();
        network
    })
}

/// The same operations in the same order but for the ReLU's place: only the sums of Winograd's output transform may be rounded
/// otherwise, hence 1e-5.
#[test]
fn the_planned_run_is_the_unfused_walk() {
    let [planned, unfused] = both();
    let x = input(PICTURE.batch(2), 1.0);
    let output = planned.graph().output();
    let [fused, plain] = [&planned, &unfused].map(|network| block_on(network.forward(&x, output, &Silent)).unwrap());
    for at in 0..=output {
        let name = &planned.graph().nodes()[at].name;
        let want = plain.value(at).unwrap().dense();
        let mut got = fused.clone();
        let kept = got.value(at).is_some();
        let alone = ["conv1", "squeeze", "one", "three", "strided"].contains(&name.as_str());
        assert_eq!(kept, !alone, "{name}");
        block_on(planned.extend(&mut got, at, &Silent)).unwrap();
        assert!(off(&got.value(at).unwrap().dense(), &want) <= 1e-5, "{name}");
    }
    for class in [0, 7] {
        let (a, b) = (logits_and_gradient(&planned, &x, class), logits_and_gradient(&unfused, &x, class));
        assert!(off(&a.0, &b.0) <= 1e-5 && off(&a.1.dense(), &b.1.dense()) <= 1e-5, "class {class}");
    }
    let kept = block_on(planned.infer(&x, output, &Silent)).unwrap();
    assert_eq!(kept.dense(), fused.value(output).unwrap().dense());
}

#[test]
fn each_image_of_a_batch_is_computed_as_alone() {
    let [network, _] = both();
    let x = input(PICTURE.batch(3), 1.0);
    let (logits, gradient) = logits_and_gradient(&network, &x, 4);
    for (i, (image, gradient)) in x.images().zip(gradient.images()).enumerate() {
        let (alone, below) = logits_and_gradient(&network, &image, 4);
        assert!(off(&logits[i * 10..(i + 1) * 10], &alone) <= 1e-5, "image {i}");
        assert!(off(&gradient.dense(), &below.dense()) <= 1e-5, "image {i}");
    }
}

#[test]
fn the_gradient_in_the_middle_is_that_of_the_way_down() {
    let [network, unfused] = both();
    let (x, output) = (input(PICTURE, 1.0), network.graph().output());
    let find = |name: &str| network.graph().find(name).unwrap();
    // a convolution without a value of its own, a node that two read, and the input
    let wanted = [find("strided"), find("strided_relu"), find("sum_relu"), 0];
    let [found, want] = [&network, &unfused].map(|network| {
        let tape = block_on(network.forward(&x, output, &Silent)).unwrap();
        let seed = one_hot(tape.value(output).unwrap().shape, 2);
        let seeds = ByNode::from([(output, seed)]);
        block_on(network.backward(&tape, seeds, &wanted, Gate::Guided, &Silent)).unwrap()
    });
    for at in wanted {
        assert!(off(&found[&at].dense(), &want[&at].dense()) <= 1e-5, "{}", network.graph().nodes()[at].name);
    }
    // from there on down it is the same walk
    let tape = block_on(network.forward(&x, output, &Silent)).unwrap();
    let seeds = ByNode::from([(wanted[1], found[&wanted[1]].clone())]);
    let below = block_on(network.backward(&tape, seeds, &[0], Gate::Guided, &Silent)).unwrap();
    assert!(off(&below[&0].dense(), &found[&0].dense()) <= 1e-6);
}

#[test]
fn what_stands_behind_replaced_values_runs_again() {
    let [network, _] = both();
    let (x, output) = (input(PICTURE, 1.0), network.graph().output());
    let tape = block_on(network.forward(&x, output, &Silent)).unwrap();
    let run = |at: usize, value: Planes| {
        let values = BTreeMap::from([(at, Rc::new(value))]);
        block_on(network.run_from(&tape, values, output, &Silent)).unwrap().value(output).unwrap().dense()
    };
    let logits = tape.value(output).unwrap().dense();
    let mut whole = tape.clone();
    block_on(network.extend(&mut whole, network.graph().find("strided").unwrap(), &Silent)).unwrap();
    for name in ["conv1_relu", "one_relu", "strided", "strided_relu", "branch", "sum"] {
        let at = network.graph().find(name).unwrap();
        let value = Planes::clone(whole.value(at).unwrap());
        // its own values change nothing, silence does
        assert!(off(&run(at, value.clone()), &logits) <= 1e-5, "{name}");
        let silent = Planes::zeros(value.shape);
        let d = off(&run(at, silent.clone()), &logits);
        assert!(d > 1e-4, "{name}: {d}");
        // a batch of both is both
        let data = [value.data, silent.data.clone()].concat();
        let two = run(at, Planes { shape: silent.shape.batch(2), data });
        assert!(off(&two[..10], &logits) <= 1e-5 && off(&two[10..], &run(at, silent)) <= 1e-5, "{name}");
    }
}

#[test]
fn arrays_that_are_missing_or_of_another_shape_are_told() {
    let graph = mixed();
    let network = GraphNetwork::new(graph.clone());
    let mut arrays = drawn(&graph);
    let late = ["branch.weight", "branch.bias"].map(|name| (name.to_owned(), arrays.remove(name).unwrap()));
    network.load(&arrays).unwrap();
    let x = input(PICTURE, 1.0);
    let run = || block_on(network.infer(&x, graph.output(), &Silent));
    assert!(matches!(run(), Err(EngineError::NotLoaded(name)) if name == "branch"));
    let half = late[..1].iter().cloned().collect();
    assert!(matches!(network.load(&half), Err(EngineError::BadArray(name)) if name == "branch.bias"));
    let mut turned = late.clone();
    turned[0].1.shape = vec![16, 16, 9, 1];
    let turned = turned.into_iter().collect();
    assert!(matches!(network.load(&turned), Err(EngineError::BadArray(name)) if name == "branch.weight"));
    network.load(&late.into_iter().collect()).unwrap();
    assert_eq!(run().unwrap().shape, Shape::new(10, 1, 1));
}

#[test]
fn an_input_of_another_shape_is_refused() {
    let flat = json!([
        {"name": "flat", "op": "flatten", "inputs": ["input"]},
        {"name": "logits", "op": "linear", "inputs": ["flat"], "out": 2},
    ]);
    let graph = graph(Dims::new(3, 8, 8), &flat, "logits");
    let network = GraphNetwork::new(graph.clone());
    network.load(&drawn(&graph)).unwrap();
    let told =
        |c, h, w| block_on(network.forward(&input(Shape::new(c, h, w), 1.0), 2, &Silent)).err().map(|e| e.to_string());
    assert_eq!(told(3, 8, 8), None);
    assert!(told(3, 8, 9).unwrap().contains("node logits"));
    assert!(told(1, 8, 8).unwrap().contains("node input"));
}

/// Cancels after a number of steps.
struct Impatient(Cell<usize>);

impl Pace for Impatient {
    fn tick(&self, _: usize, _: usize) -> Local<'_, Result<(), EngineError>> {
        let left = self.0.get();
        self.0.set(left.saturating_sub(1));
        Box::pin(async move { if left == 0 { Err(EngineError::Cancelled) } else { Ok(()) } })
    }
}

#[test]
fn a_run_can_be_cancelled_between_any_two_steps() {
    let [network, _] = both();
    let (x, output) = (input(PICTURE, 1.0), network.graph().output());
    let cancelled = |result: Option<EngineError>| assert!(matches!(result, Some(EngineError::Cancelled)));
    for steps in [0, 3, 9] {
        cancelled(block_on(network.forward(&x, output, &Impatient(Cell::new(steps)))).err());
        let tape = block_on(network.forward(&x, output, &Silent)).unwrap();
        let seeds = || ByNode::from([(output, one_hot(Shape::new(10, 1, 1), 0))]);
        let pace = Impatient(Cell::new(steps));
        cancelled(block_on(network.backward(&tape, seeds(), &[0], Gate::Relu, &pace)).err());
    }
}
