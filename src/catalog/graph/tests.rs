use super::*;
use crate::catalog::card::Card;
use crate::fields::Fields;
use crate::ops::{Op, Span};
use serde_json::{Map, Value};

/// A graph written as `name op inputs...`, for pictures of 3 x 32 x 32.
fn graph(lines: &[(&str, &str, &[&str])], output: &str) -> Result<Graph, GraphError> {
    let named = lines.iter().map(|(name, op, inputs)| NamedNode {
        name: (*name).into(),
        op: Op::read(&mut Fields::from(serde_json::from_str::<Map<String, Value>>(op).unwrap())).unwrap(),
        arrays: (*name).into(),
        inputs: inputs.iter().map(|name| (*name).into()).collect(),
    });
    Graph::new(Dims::new(3, 32, 32), named.collect(), output)
}

const CONV: &str = r#"{"op": "conv", "out": 8, "kernel": [3, 3], "pad": [1, 1, 1, 1]}"#;
const STRIDED: &str = r#"{"op": "conv", "out": 8, "kernel": [1, 1], "stride": [2, 2]}"#;
const HALVED: &str = r#"{"op": "conv", "out": 8, "kernel": [3, 3], "stride": [2, 2], "pad": [1, 1, 1, 1]}"#;
const RELU: &str = r#"{"op": "activation", "kind": "relu"}"#;
const POOL: &str = r#"{"op": "max_pool", "kernel": [2, 2], "stride": [2, 2]}"#;
const ADD: &str = r#"{"op": "add"}"#;
const CONCAT: &str = r#"{"op": "concat"}"#;
const MEAN: &str = r#"{"op": "global_avg_pool"}"#;
const FLATTEN: &str = r#"{"op": "flatten"}"#;
const LINEAR: &str = r#"{"op": "linear", "out": 5}"#;
const SOFTMAX: &str = r#"{"op": "softmax"}"#;

fn residual() -> Graph {
    let lines: [(&str, &str, &[&str]); 11] = [
        ("stem", CONV, &["input"]),
        ("stem_relu", RELU, &["stem"]),
        ("a", HALVED, &["stem_relu"]),
        ("a_relu", RELU, &["a"]),
        ("b", CONV, &["a_relu"]),
        ("skip", STRIDED, &["stem_relu"]),
        ("sum", ADD, &["b", "skip"]),
        ("sum_relu", RELU, &["sum"]),
        ("mean", MEAN, &["sum_relu"]),
        ("logits", LINEAR, &["mean"]),
        ("probabilities", SOFTMAX, &["logits"]),
    ];
    graph(&lines, "logits").unwrap()
}

fn names<'a>(graph: &'a Graph, at: &[usize]) -> Vec<&'a str> {
    at.iter().map(|at| graph.nodes()[*at].name.as_str()).collect()
}

fn square(first: isize, size: usize, stride: usize) -> Field {
    let span = Span { first, size, stride };
    Field::Window { y: span, x: span }
}

#[test]
fn a_residual_graph_has_the_stages_that_no_skip_passes() {
    let graph = residual();
    assert_eq!(names(&graph, &graph.stages()), ["stem_relu", "sum_relu"]);
    assert_eq!(graph.last_spatial(), graph.find("sum_relu"));
    assert_eq!(graph.head(), HeadKind::Pooled);
    assert_eq!(names(&graph, &graph.weights()), ["logits", "skip", "b", "a", "stem"]);
    assert_eq!(names(&graph, graph.consumers(graph.find("stem_relu").unwrap())), ["a", "skip"]);
    let sum = graph.find("sum").unwrap();
    assert_eq!((graph.dims()[sum], graph.shapes(17, 32).unwrap()[sum]), (Dims::new(8, 16, 16), Dims::new(8, 9, 16)));
    // the skip sees 3 pixels, the branch 3 + 2 + 2 * 2 = 9
    assert_eq!(graph.fields()[graph.find("skip").unwrap()], square(-1, 3, 2));
    assert_eq!(graph.fields()[sum], square(-4, 9, 2));
    let block = |name| graph.block(graph.find(name).unwrap());
    assert_eq!([block("stem"), block("sum"), block("mean")], [Some(0), Some(1), None]);
}

#[test]
fn a_concatenation_has_the_channels_and_the_fields_of_its_branches() {
    let lines: [(&str, &str, &[&str]); 7] = [
        ("squeeze", CONV, &["input"]),
        ("pool", POOL, &["squeeze"]),
        ("one", r#"{"op": "conv", "out": 4, "kernel": [1, 1]}"#, &["pool"]),
        ("three", r#"{"op": "conv", "out": 6, "kernel": [3, 1], "pad": [2, 0, 0, 0]}"#, &["pool"]),
        ("all", CONCAT, &["one", "three"]),
        ("flat", FLATTEN, &["all"]),
        ("logits", LINEAR, &["flat"]),
    ];
    let graph = graph(&lines, "logits").unwrap();
    let all = graph.find("all").unwrap();
    assert_eq!(graph.dims()[all], Dims::new(10, 16, 16));
    assert_eq!(
        graph.fields()[all],
        Field::Window { y: Span { first: -5, size: 8, stride: 2 }, x: Span { first: -1, size: 4, stride: 2 } }
    );
    assert_eq!(names(&graph, &graph.stages()), ["squeeze", "pool", "all"]);
    assert_eq!(graph.head(), HeadKind::Flat);
    let weight = &graph.arrays(graph.find("logits").unwrap(), graph.dims())[0];
    assert_eq!((weight.suffix, weight.shape.as_slice()), ("weight", &[5, 2560][..]));
    // its fully connected layer is made for one size
    assert_eq!(graph.shapes(32, 34).unwrap_err(), Fault::Size.of("logits"));
    let smaller = graph.resized(16, 8).unwrap();
    assert_eq!(smaller.arrays(smaller.output(), smaller.dims())[0].shape, [5, 10 * 8 * 4]);
}

#[test]
fn a_head_is_deep_when_something_bends_behind_the_average() {
    let lines: [(&str, &str, &[&str]); 5] = [
        ("map", CONV, &["input"]),
        ("mean", MEAN, &["map"]),
        ("hidden", LINEAR, &["mean"]),
        ("bent", RELU, &["hidden"]),
        ("logits", LINEAR, &["bent"]),
    ];
    assert_eq!(graph(&lines, "logits").unwrap().head(), HeadKind::Deep);
}

#[test]
fn what_is_no_network_is_refused_with_the_node_that_is_wrong() {
    let refused = |lines: &[(&str, &str, &[&str])], output: &str| {
        let error = graph(lines, output).unwrap_err();
        (error.node, error.fault)
    };
    let node = |fault: Fault, name: &str| (name.to_owned(), fault);
    let mean: (&str, &str, &[&str]) = ("mean", MEAN, &["a"]);
    assert_eq!(refused(&[("a", CONV, &["b"])], "a"), node(Fault::UnknownInput("b".into()), "a"));
    assert_eq!(refused(&[("a", CONV, &["input"]), ("a", RELU, &["a"])], "a"), node(Fault::Twice, "a"));
    assert_eq!(refused(&[("input", CONV, &["input"])], "input"), node(Fault::Twice, "input"));
    let circle: [(&str, &str, &[&str]); 3] = [("b", RELU, &["input"]), ("a", ADD, &["b", "c"]), ("c", RELU, &["a"])];
    assert_eq!(refused(&circle, "c"), node(Fault::Cycle, "a"));
    assert_eq!(refused(&[("a", CONV, &["input"]), mean], "logits"), node(Fault::NoOutput, "logits"));
    let map = Dims::new(8, 32, 32);
    assert_eq!(refused(&[("a", CONV, &["input"]), mean], "a"), node(Fault::NoLogits(map), "a"));
    let uneven: [(&str, &str, &[&str]); 3] = [("a", CONV, &["input"]), ("b", STRIDED, &["a"]), ("c", ADD, &["a", "b"])];
    assert_eq!(refused(&uneven, "c"), node(Misfit::Different(map, Dims::new(8, 16, 16)).into(), "c"));
    let alone: [(&str, &str, &[&str]); 1] = [("a", ADD, &["input"])];
    assert_eq!(refused(&alone, "a"), node(Misfit::Inputs { takes: 2, given: 1 }.into(), "a"));
    let inside: [(&str, &str, &[&str]); 3] = [("m", MEAN, &["input"]), ("s", SOFTMAX, &["m"]), ("l", LINEAR, &["s"])];
    assert_eq!(refused(&inside, "l"), node(Fault::Softmax, "s"));
    assert_eq!(refused(&[("l", LINEAR, &["input"])], "l"), node(Misfit::Places(Dims::new(3, 32, 32)).into(), "l"));
}

#[test]
fn nodes_may_be_written_in_any_order() {
    let lines: [(&str, &str, &[&str]); 3] = [("l", LINEAR, &["m"]), ("m", MEAN, &["c"]), ("c", CONV, &["input"])];
    let graph = graph(&lines, "l").unwrap();
    assert_eq!(names(&graph, &[0, 1, 2, 3]), ["input", "c", "m", "l"]);
    assert_eq!(graph.output(), 3);
}

/// The receptive fields of Araujo et al. 2019's appendix, and the shapes of torchvision, layer by layer.
#[test]
fn vgg16_is_what_the_literature_says() {
    let card = Card::parse(include_str!("../../../weights/vgg16/card.json")).unwrap();
    let graph = &card.graph;
    let (fields, at_odd_sides) = (graph.fields(), graph.shapes(225, 63).unwrap());
    let (mut size, mut stride, mut offset, mut channels) = (1, 1, 0.0, 3);
    for at in 1..=graph.find("pool5").unwrap() {
        let name = graph.nodes()[at].name.as_str();
        match name.get(..4) {
            Some("conv") => {
                size += 2 * stride;
                channels = [64, 128, 256, 512, 512][name[4..5].parse::<usize>().unwrap() - 1];
            }
            Some("pool") => {
                (size, offset, stride) = (size + stride, offset + stride as f32 / 2.0, 2 * stride);
            }
            _ => assert!(name.starts_with("relu"), "{name}"),
        }
        assert_eq!(at_odd_sides[at], Dims { c: channels, h: 225 / stride, w: 63 / stride }, "{name}");
        let Field::Window { y, x } = fields[at] else { panic!("{name}") };
        assert_eq!((y, (x.size, x.stride, x.offset())), (x, (size, stride, offset)), "{name}");
        assert_eq!(graph.block(at), Some(stride.ilog2()));
    }
    // the head: a convolution of one place, its ReLU, an average, a linear layer
    assert_eq!(names(graph, &graph.stages()[18..]), ["head_relu"]);
    assert_eq!((graph.head(), graph.dims()[graph.output()]), (HeadKind::Pooled, Dims::vector(1000)));
}
