//! Any network as a graph: the plan, the walk, and every op, against their definition, today's network, PyTorch, onnxruntime
//! and zennit (`tests/golden/` says how each file was made).

mod gradients;
mod nodes;
mod plan;
mod refilled;
mod relevance;
pub mod squeezenet;
mod vgg16;
#[cfg(feature = "gpu")]
pub mod webgpu;

use cnn_lens::catalog::Graph;
use cnn_lens::catalog::graph::NamedNode;
use cnn_lens::engine::graph::ByNode;
use cnn_lens::engine::kernels::Gate;
use cnn_lens::engine::noise::Noise;
use cnn_lens::engine::planes::{Planes, Shape};
use cnn_lens::engine::{Array, Arrays, GraphNetwork, Numbers, Silent};
use cnn_lens::ops::{Dims, Op, Rule, Share, Stabiliser};
use pollster::block_on;
use serde_json::Value;

/// A graph from a list of nodes as a card has it.
fn graph(input: Dims, nodes: &Value, output: &str) -> Graph {
    let nodes = nodes.as_array().unwrap().iter().enumerate();
    let nodes = nodes.map(|(i, node)| NamedNode::parse(i, node.clone()).unwrap());
    Graph::new(input, nodes.collect(), output).unwrap()
}

/// Weights of deviation `sqrt(2 / fan_in)` (He et al. 2015), biases and shifts of 0.1, scales around 1, all drawn from the
/// project's noise with seed 19: array number `a`, nodes in order and weight before bias, has the numbers from `a * 2^32` on.
pub fn drawn(graph: &Graph) -> Arrays {
    let noise = Noise::new(19, 0);
    let mut arrays = Arrays::new();
    for (at, node) in graph.nodes().iter().enumerate() {
        for spec in graph.arrays(at, graph.dims()) {
            let first = (arrays.len() as u64) << 32;
            let fan_in: usize = spec.shape[1..].iter().product();
            let value = |i: u64| match spec.suffix {
                "weight" => (2.0 / fan_in as f32).sqrt() * noise.normal(first + i),
                "scale" => 1.0 + 0.1 * noise.normal(first + i),
                _ => 0.1 * noise.normal(first + i),
            };
            let data = (0..spec.shape.iter().product::<usize>() as u64).map(value).collect();
            arrays.insert(format!("{}.{}", node.name, spec.suffix), Array::new(spec.shape.clone(), data));
        }
    }
    arrays
}

/// The same arrays, nothing added anywhere.
fn without_biases(mut arrays: Arrays) -> Arrays {
    let added = arrays.iter_mut().filter(|(name, _)| name.ends_with(".bias") || name.ends_with(".shift"));
    added.for_each(|(_, array)| array.data = Numbers::Exact(vec![0.0; array.data.len()]));
    arrays
}

/// An input of normal numbers with deviation `deviation`: array number 2^16 of [`drawn`]'s.
fn input(shape: Shape, deviation: f32) -> Planes {
    let noise = Noise::new(19, 0);
    let values = (0..shape.len() as u64).map(|i| deviation * noise.normal((1 << 48) + i));
    Planes::from_dense(shape, &values.collect::<Vec<f32>>())
}

/// One-hot in channel `class` of a vector's shape, in every image.
fn one_hot(shape: Shape, class: usize) -> Planes {
    let mut seed = Planes::zeros(shape);
    (0..shape.n).for_each(|image| seed.row_mut(image * shape.c + class, 0)[0] = 1.0);
    seed
}

/// The logits and the gradient of logit `class` at the input.
fn logits_and_gradient(network: &GraphNetwork, x: &Planes, class: usize) -> (Vec<f32>, Planes) {
    let output = network.graph().output();
    let tape = block_on(network.forward(x, output, &Silent)).unwrap();
    let logits = tape.value(output).unwrap();
    let seeds = ByNode::from([(output, one_hot(logits.shape, class))]);
    let mut found = block_on(network.backward(&tape, seeds, &[0], Gate::Relu, &Silent)).unwrap();
    (logits.dense(), found.remove(&0).unwrap())
}

/// Relative L2 distance.
fn off(got: &[f32], want: &[f32]) -> f64 {
    assert_eq!(got.len(), want.len());
    let square = |v: f32| f64::from(v).powi(2);
    let (d, n) = got.iter().zip(want).fold((0.0, 0.0), |(d, n), (a, b)| (d + square(a - b), n + square(*b)));
    (d / n.max(f64::MIN_POSITIVE)).sqrt()
}

/// The rule of node `at` in a preset of `tests/golden/relevance.py`: epsilon everywhere, or `z+` for convolutions.
fn zennits(graph: &Graph, preset: &str, at: usize) -> Rule {
    let conv = matches!(graph.nodes()[at].op, Some(Op::Conv(_)));
    let epsilon = Share::Epsilon(Stabiliser::Absolute(1e-6));
    Rule::new(if conv && preset == "zplus" { Share::Z_PLUS } else { epsilon })
}
