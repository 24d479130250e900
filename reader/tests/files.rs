//! Small files of every format, through the engine, beside what their own runtimes made of them (`tests/golden/reader_small.py`);
//! and the same files cut off, or with bytes that lie.
#![allow(missing_docs, reason = "a test")]

mod support;

use cnn_lens::catalog::{Card, NetworkSpec};
use cnn_lens::engine::kernels::cpu::Cpu;
use cnn_lens::engine::planes::{Planes, Shape};
use cnn_lens::engine::{Arrays, GraphNetwork, Silent};
use cnn_lens_reader::{Limits, Network, Note, ReadError, read, write};
use pollster::block_on;
use serde_json::Value;
use support::{bytes, cases, given, named};

#[path = "support/loaded.rs"]
mod loaded;

fn arrays(network: &Network) -> Arrays {
    loaded::arrays(network.tensors.clone())
}

/// Value `i` is (7919 i mod 2003) / 1000 - 1.
/// A grey one has it in all three colours, as a network that was trained on grey pictures takes it here.
fn input(shape: &[usize]) -> Planes {
    let values = (0..shape.iter().product::<usize>()).map(|i| ((i * 7919 % 2003) as f64 / 1000.0 - 1.0) as f32);
    let times = if shape[0] == 1 { 3 } else { 1 };
    Planes::from_dense(Shape::new(times * shape[0], shape[1], shape[2]), &values.collect::<Vec<_>>().repeat(times))
}

/// The logits of an input that is normalised already, through the graph and through the engine's network.
fn logits(network: &Network, x: &Planes) -> Vec<f32> {
    let output = network.card.graph.output();
    let graph = GraphNetwork::new(network.card.graph.clone());
    graph.load(&arrays(network)).unwrap();
    let of_graph = block_on(graph.infer(x, output, &Silent)).unwrap().dense();
    let spec = NetworkSpec::new(network.card.clone()).unwrap();
    let whole = cnn_lens::engine::Network::new(spec, Cpu::default());
    whole.load(&arrays(network)).unwrap();
    assert_eq!(block_on(whole.infer(x, output, &Silent)).unwrap().dense(), of_graph);
    of_graph
}

#[test]
fn every_file_is_what_its_own_runtime_makes_of_it() {
    for case in cases() {
        let name = case["name"].as_str().unwrap();
        let network = read(&given(&case), Limits::default()).unwrap_or_else(|error| panic!("{name}: {error}"));
        let wholes = |value: &Value| -> Vec<usize> {
            value.as_array().unwrap().iter().map(|n| n.as_u64().unwrap() as usize).collect()
        };
        let want: Vec<f64> = case["logits"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
        let found = logits(&network, &input(&wholes(&case["shape"])));
        assert_eq!(found.len(), want.len(), "{name}");
        let (mut off, mut all) = (0.0, 0.0);
        for (a, b) in found.iter().zip(&want) {
            off += (f64::from(*a) - b).powi(2);
            all += b.powi(2);
        }
        let d = (off / all).sqrt();
        println!("{name:14} {d:.1e} {:?}", network.notes);
        assert!(d <= 1e-4, "{name}: {d}");
        assert_eq!(Card::parse(&write::card(&network.card)).unwrap(), network.card, "{name}");
        // what is folded, cancelled or cut off leaves nothing behind
        let names: Vec<&str> =
            network.card.graph.nodes().iter().filter_map(|node| Some(node.op.as_ref()?.name())).collect();
        assert!(!names.contains(&"Softmax"), "{name}");
    }
}

#[test]
fn a_graph_is_tidied() {
    let count = |name: &str, op: &str| {
        let case = cases().into_iter().find(|case| case["name"] == name).unwrap();
        let network = read(&given(&case), Limits::default()).unwrap();
        network.card.graph.nodes().iter().filter(|node| node.op.as_ref().is_some_and(|o| o.name() == op)).count()
    };
    // the bias and the scale behind it, the transposes, the computed shape: all gone
    assert_eq!(["Affine", "Conv", "Linear", "Flatten"].map(|op| count("channels_last", op)), [0, 2, 1, 1]);
    assert_eq!(["Affine", "Conv"].map(|op| count("lightning", op)), [0, 1 + 2 * 4 + 3]);
    // one normalisation stands before its convolution; hard swish, silu and the gates are one operation each
    assert_eq!(["Affine", "Mul", "Conv"].map(|op| count("mixed", op)), [1, 1, 5]);
}

/// Cats and dogs, as tutorials make them: one sigmoid is two classes, scaling within the network is left to it, and the two names fit.
#[test]
fn one_sigmoid_is_two_classes() {
    for name in ["cats_tutorial.keras", "cats_tutorial.h5", "cats_transfer.keras", "cats_transfer.h5"] {
        let files = [named(name, bytes(name)), named("names.txt", b"cat\ndog\n".to_vec())];
        let network = read(&files, Limits::default()).unwrap();
        assert_eq!(network.notes, [Note::TwoClasses, Note::OwnRange], "{name}");
        assert_eq!(network.labels.unwrap().names, ["cat", "dog"]);
        let preprocessing = &network.card.preprocessing;
        assert_eq!((&preprocessing.mean[..], preprocessing.scale), (&[0.0; 3][..], 255.0), "{name}");
    }
}

#[test]
fn what_stands_beside_a_network_is_told() {
    let notes = |name: &str| read(&[named(name, bytes(name))], Limits::default()).unwrap().notes;
    let unused = Note::Unused { tensors: 2, example: "loss.weight".into() };
    assert!(notes("beside.ckpt").contains(&unused));
    for name in ["among_numbers.pth", "averaged.pth", "turned.pth", "tensors.pkl", "arrays.pkl"] {
        assert!(!notes(name).iter().any(|note| matches!(note, Note::Unused { .. })), "{name}");
    }
}

#[test]
fn labels_and_notes_come_with_a_network() {
    let case = cases().into_iter().find(|case| case["name"] == "lightning").unwrap();
    let network = read(&given(&case), Limits::default()).unwrap();
    assert_eq!(network.labels.unwrap().names, ["ant", "bee", "cat", "dog", "eel"]);
    assert_eq!(network.notes, [Note::Recognised { architecture: "ResNet-10".into() }]);
    let mut files = given(&case);
    files[1] = named("labels.txt", b"cat\ndog\n".to_vec());
    let network = read(&files, Limits::default()).unwrap();
    assert_eq!((network.labels, network.notes.last()), (None, Some(&Note::LabelCount { labels: 2, classes: 5 })));
    files[1] = named("config.json", br#"{"id2label": {"0": "a", "1": "b", "2": "c", "3": "d", "4": "e"}}"#.to_vec());
    assert_eq!(read(&files, Limits::default()).unwrap().labels.unwrap().names[4], "e");
    let mixed = read(&[named("mixed.onnx", bytes("mixed.onnx"))], Limits::default()).unwrap();
    assert_eq!(mixed.notes, [Note::TwoClasses]);
}

/// Whatever the length, no panic; and never silently another network.
#[test]
fn a_file_that_ends_early_is_refused() {
    for name in [
        "chain.pth",
        "chain_legacy.pth",
        "chain_half.safetensors",
        "channels_last.onnx",
        "mixed.onnx",
        "sequential.keras",
        "sequential.h5",
        "operators.h5",
        "arrays.pkl",
        "tensors.pkl",
        "averaged.pth",
    ] {
        let whole = bytes(name);
        let want = read(&[named(name, whole.clone())], Limits::default()).unwrap();
        for length in 0..whole.len() {
            match read(&[named(name, whole[..length].to_vec())], Limits::default()) {
                Ok(network) => {
                    assert!(network.card == want.card && network.tensors == want.tensors, "{name} cut at {length}")
                }
                Err(error) => {
                    assert!(error.sentence().en.ends_with('.') && !error.action().zh.is_ascii(), "{name}: {error}")
                }
            }
        }
    }
    let case = cases().into_iter().find(|case| case["name"] == "tfjs").unwrap();
    for file in 0..3 {
        let whole = bytes(case["files"][file].as_str().unwrap());
        for length in 0..whole.len() {
            let mut files = given(&case);
            files[file] = named(&files[file].name.clone(), whole[..length].to_vec());
            assert!(read(&files, Limits::default()).is_err(), "file {file} cut at {length}");
        }
    }
}

#[test]
fn a_file_with_one_byte_changed_does_not_panic() {
    for name in [
        "chain.pth",
        "chain_legacy.pth",
        "chain_half.safetensors",
        "channels_last.onnx",
        "mixed.onnx",
        "sequential.keras",
        "sequential.h5",
        "model.json",
        "operators.h5",
        "arrays.pkl",
        "tensors.pkl",
        "averaged.pth",
    ] {
        let whole = bytes(name);
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= [0xff, 0x80, 0x01][at % 3];
            let _ = read(&[named(name, changed)], Limits::default());
        }
    }
}

#[test]
fn a_file_that_is_missing_is_named() {
    let case = cases().into_iter().find(|case| case["name"] == "tfjs").unwrap();
    let mut files = given(&case);
    files.truncate(2);
    assert_eq!(
        read(&files, Limits::default()).unwrap_err(),
        ReadError::Missing { file: "group1-shard2of2.bin".into() }
    );
}
