//! A small network with VGG16's own kind of classifier: what its fully connected layers can be asked.

use std::rc::Rc;

use crate::graph::drawn;
use crate::support::root;
use cnn_lens::catalog::graph::HeadKind;
use cnn_lens::catalog::{Card, NetworkSpec};
use cnn_lens::engine::kernels::cpu::Cpu;
use cnn_lens::engine::{Alone, Network, Silent};
use cnn_lens::job::Session;
use pollster::block_on;
use serde_json::{Value, json};

const SIDE: usize = 32;

fn card() -> Card {
    let conv = |name: &str, input: &str, out: usize| json!({ "name": name, "op": "conv", "inputs": [input], "out": out, "kernel": [3, 3], "pad": [1, 1, 1, 1] });
    let relu = |name: &str, input: &str| json!({ "name": name, "op": "activation", "kind": "relu", "inputs": [input] });
    let pool = |name: &str, input: &str| json!({ "name": name, "op": "max_pool", "inputs": [input], "kernel": [2, 2], "stride": [2, 2] });
    let linear =
        |name: &str, input: &str, out: usize| json!({ "name": name, "op": "linear", "inputs": [input], "out": out });
    let nodes = [
        conv("conv1_1", "input", 8),
        relu("relu1_1", "conv1_1"),
        pool("pool1", "relu1_1"),
        conv("conv2_1", "pool1", 12),
        relu("relu2_1", "conv2_1"),
        pool("pool2", "relu2_1"),
        json!({ "name": "flatten", "op": "flatten", "inputs": ["pool2"] }),
        linear("fc6", "flatten", 20),
        relu("relu6", "fc6"),
        linear("fc7", "relu6", 16),
        relu("relu7", "fc7"),
        linear("fc8", "relu7", 5),
    ];
    let card = json!({
        "id": "local:000000000000:small", "name": "small", "licence": "", "source": "",
        "input": { "channels": 3, "size": SIDE, "any_size": false },
        "preprocessing": { "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], "scale": 1.0, "order": "rgb" },
        "labels": [], "output": "fc8", "trunk": "fc8", "nodes": nodes,
    });
    Card::parse(&card.to_string()).unwrap()
}

fn session() -> Session<Cpu> {
    let spec = NetworkSpec::new(card()).unwrap();
    let network = Network::new(Rc::clone(&spec), Cpu::default());
    network.load(&drawn(spec.graph())).unwrap();
    let mut session = Session::new(Rc::new(network), Rc::new(Alone));
    let photo = std::fs::read(root().join("tests/golden/photo224.png")).unwrap();
    session.set_image(photo, None, &json!({ "size": SIDE })).unwrap();
    session
}

fn run(session: &mut Session<Cpu>, method: &str, params: Value) -> cnn_lens::job::Answer {
    block_on(session.run(method, &params, &Silent)).unwrap_or_else(|problem| panic!("{method} {params}: {problem:?}"))
}

#[test]
fn its_layers_without_maps_are_known_beside_those_with_maps() {
    let spec = NetworkSpec::new(card()).unwrap();
    let names = |of: &[usize]| of.iter().map(|at| spec.name(*at).to_owned()).collect::<Vec<_>>();
    assert_eq!(names(spec.vectors()), ["fc6", "relu6", "fc7", "relu7", "fc8"]);
    assert_eq!(names(spec.layers()), ["conv1_1", "relu1_1", "pool1", "conv2_1", "relu2_1", "pool2"]);
    assert_eq!(names(spec.stages()), ["relu1_1", "pool1", "relu2_1", "pool2"]);
    assert_eq!(spec.head(), HeadKind::Flat);
    // what is grown for a unit behind the ReLU is the one before it
    assert_eq!(spec.text(spec.grown(spec.unit("relu6:3").unwrap())), "fc6:3");
    assert!(spec.unit("fc6:20").is_none());
}

#[test]
fn they_are_looked_at() {
    let mut session = session();
    for (layer, channels) in [("fc6", 20), ("relu7", 16), ("fc8", 5)] {
        let answer = run(&mut session, "feature_maps", json!({ "layer": layer }));
        let figure = &answer.figures[0];
        assert_eq!([figure.info.channels, figure.info.height, figure.info.width], [channels, 1, 1], "{layer}");
        assert!(figure.data.iter().all(|v| v.is_finite()) && figure.data.iter().any(|v| *v != 0.0));
    }
}

#[test]
fn their_units_are_switched_off() {
    let mut session = session();
    let units = (0..16).map(|i| format!("relu7:{i}")).collect::<Vec<_>>().join(", ");
    let answer = run(&mut session, "ablation", json!({ "channels": units }));
    // nothing but fc8's biases is left
    let spec = NetworkSpec::new(card()).unwrap();
    let arrays = drawn(spec.graph());
    let biases = arrays["fc8.bias"].data.exact().unwrap();
    let classes = answer.result["facts"]["classes"].as_array().unwrap();
    assert!(!classes.is_empty());
    for told in classes {
        let class = told["class"].as_u64().unwrap() as usize;
        assert!((told["logit_after"].as_f64().unwrap() - f64::from(biases[class])).abs() < 1e-5, "{told}");
        assert!((told["logit_before"].as_f64().unwrap() - f64::from(biases[class])).abs() > 1e-3, "{told}");
    }
}

#[test]
fn their_units_are_explained_and_maximised() {
    let mut session = session();
    for unit in ["fc6:3", "fc7:2", "fc8:1"] {
        let map = run(&mut session, "grad_cam", json!({ "class": unit, "layer": "pool2" }));
        assert_eq!(map.result["target"]["unit"], unit);
        let grown = run(&mut session, "maximise", json!({ "class": unit, "side": 128, "steps": 16 }));
        assert!(grown.figures[0].data.iter().all(|v| v.is_finite()), "{unit}");
    }
}

#[test]
fn what_needs_maps_refuses_them() {
    let mut session = session();
    for method in ["grad_cam", "dff", "invert"] {
        let problem = block_on(session.run(method, &json!({ "layer": "fc6" }), &Silent)).err().unwrap();
        assert!(problem.detail.contains("layer"), "{method}: {}", problem.detail);
    }
}
