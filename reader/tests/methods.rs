//! Every method on networks of a visitor's own: a figure of finite numbers that are not all one, or a refusal that says what the
//! network lacks. The files are those of `tests/files`; `NETWORKS=folder` adds captum's and CNN Explainer's. The graphs below are
//! such as people train, with drawn weights.
#![allow(missing_docs, reason = "a test")]

#[path = "../../tests/engine/support/every_method.rs"]
mod every_method;
mod support;

use std::path::{Path, PathBuf};

use cnn_lens::catalog::{Card, NetworkSpec};
use cnn_lens::engine::kernels::cpu::Cpu;
use cnn_lens::engine::noise::Noise;
use cnn_lens::engine::{Array, Arrays, Network};
use cnn_lens_reader::{Limits, NamedSource, read};
use serde_json::{Value, json};
use support::{cases, given, named};

/// The largest side at which a network that takes any size is asked.
const SIDE: usize = 64;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn side(card: &Card) -> usize {
    if card.input.any_size { card.input.size.min(SIDE) } else { card.input.size }
}

/// What is wrong with any method on a network, as lines that name it; prints what is refused.
fn wrong(name: &str, card: Card, arrays: &Arrays) -> Vec<String> {
    let size = side(&card);
    let network = Network::new(NetworkSpec::new(card).unwrap(), Cpu::default());
    network.load(arrays).unwrap();
    let outcome = every_method::run(network, size, &root());
    println!("{name}: {size} px, refused: {}", outcome.refused.join(", "));
    outcome.wrong.into_iter().map(|why| format!("{name}: {why}")).collect()
}

fn of_files(name: &str, files: &[NamedSource]) -> Vec<String> {
    let network = read(files, Limits::default()).unwrap_or_else(|error| panic!("{name}: {error}"));
    let array = |tensor: &cnn_lens_reader::Tensor| Array::new(tensor.shape.clone(), tensor.to_f32());
    let arrays = network.tensors.iter().map(|(name, tensor)| (name.clone(), array(tensor))).collect();
    wrong(name, network.card, &arrays)
}

#[test]
fn files_of_every_format_serve_every_method_or_say_what_they_lack() {
    let mut wrong = Vec::new();
    for case in cases() {
        let name = case["name"].as_str().unwrap();
        // the others hold the same networks in another format
        if !["chain_half", "chain_legacy", "keras_h5", "sequential_h5"].contains(&name) {
            wrong.extend(of_files(name, &given(&case)));
        }
    }
    if let Some(folder) = std::env::var_os("NETWORKS") {
        for files in [&["captum_cifar_torchvision.pt"][..], &["tinyvgg.json", "tinyvgg.bin"]] {
            let file = |name: &&str| named(name, std::fs::read(Path::new(&folder).join(name)).unwrap());
            wrong.extend(of_files(files[0], &files.iter().map(file).collect::<Vec<_>>()));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// A chain of nodes: each reads the one before, unless it says what it reads.
fn chain(id: &str, channels: usize, size: usize, classes: usize, nodes: &[Value]) -> Card {
    let mut named: Vec<Value> = Vec::new();
    for (i, node) in nodes.iter().enumerate() {
        let mut node = node.clone();
        node["name"] = format!("n{i}").into();
        if node["inputs"].is_null() {
            node["inputs"] = json!([if i == 0 { "input".to_owned() } else { format!("n{}", i - 1) }]);
        }
        named.push(node);
    }
    let labels: Vec<String> = (0..classes).map(|k| format!("kind {k}")).collect();
    let card = json!({
        "id": format!("local:0123456789ab:{id}"), "name": id, "licence": "", "source": "",
        "input": { "channels": channels, "size": size, "any_size": false },
        "preprocessing": { "mean": vec![0.5; channels], "std": vec![0.25; channels], "scale": 1.0, "order": "rgb" },
        "labels": labels, "output": format!("n{}", nodes.len() - 1), "nodes": named,
    });
    Card::parse(&card.to_string()).unwrap_or_else(|error| panic!("{id}: {error}"))
}

fn conv(out: usize, side: usize) -> Value {
    let pad = vec![side / 2; 4];
    json!({ "op": "conv", "out": out, "kernel": [side, side], "pad": pad })
}

fn relu() -> Value {
    json!({ "op": "activation", "kind": "relu" })
}

fn pool() -> Value {
    json!({ "op": "max_pool", "kernel": [2, 2], "stride": [2, 2] })
}

fn plain(op: &str) -> Value {
    json!({ "op": op })
}

fn linear(out: usize) -> Value {
    json!({ "op": "linear", "out": out })
}

/// Weights of deviation `sqrt(2 / fan_in)`, all else of 0.1.
fn drawn(card: &Card) -> Arrays {
    let (noise, graph) = (Noise::new(5, 0), &card.graph);
    let mut arrays = Arrays::new();
    for (at, node) in graph.nodes().iter().enumerate() {
        for spec in graph.arrays(at, graph.dims()) {
            let (first, fan_in) = ((arrays.len() as u64) << 32, spec.shape[1..].iter().product::<usize>());
            let deviation = if spec.suffix == "weight" { (2.0 / fan_in as f32).sqrt() } else { 0.1 };
            let mean = if spec.suffix == "scale" { 1.0 } else { 0.0 };
            let value = |i: u64| mean + deviation * noise.normal(first + i);
            let data = (0..spec.shape.iter().product::<usize>() as u64).map(value).collect();
            arrays.insert(format!("{}.{}", node.name, spec.suffix), Array::new(spec.shape.clone(), data));
        }
    }
    arrays
}

#[test]
fn graphs_of_all_shapes_serve_every_method_or_say_what_they_lack() {
    let sigmoid = || json!({ "op": "activation", "kind": "sigmoid" });
    let networks = [
        // digits: one stage, then nothing but a few linear layers
        chain("one_stage", 3, 28, 10, &[conv(8, 5), relu(), pool(), plain("flatten"), linear(32), relu(), linear(10)]),
        // no pool at all
        chain("no_pool", 3, 16, 4, &[conv(6, 3), relu(), plain("flatten"), linear(4)]),
        // no ReLU, and a convolution that the head reads as it is
        chain("bare", 3, 16, 3, &[conv(6, 3), plain("flatten"), linear(3)]),
        // LeNet, with sigmoids
        chain(
            "lenet",
            3,
            32,
            10,
            &[
                conv(6, 5),
                sigmoid(),
                pool(),
                conv(16, 5),
                sigmoid(),
                pool(),
                plain("flatten"),
                linear(24),
                sigmoid(),
                linear(10),
            ],
        ),
        // a classifier of two, over the mean of each channel
        chain(
            "two",
            3,
            32,
            2,
            &[
                conv(8, 3),
                relu(),
                pool(),
                conv(16, 3),
                relu(),
                pool(),
                plain("global_avg_pool"),
                plain("flatten"),
                linear(2),
            ],
        ),
        // fully convolutional, and its maps are a single place at the end
        chain(
            "shrunk",
            3,
            8,
            5,
            &[
                conv(8, 3),
                relu(),
                pool(),
                conv(8, 3),
                relu(),
                pool(),
                conv(8, 3),
                relu(),
                pool(),
                plain("flatten"),
                linear(5),
            ],
        ),
        // a skip, a normalisation of its own, an average
        chain(
            "skip",
            3,
            32,
            6,
            &[
                conv(8, 3),
                plain("affine"),
                relu(),
                conv(8, 3),
                json!({ "op": "add", "inputs": ["n2", "n3"] }),
                relu(),
                json!({ "op": "avg_pool", "kernel": [4, 4], "stride": [4, 4] }),
                plain("flatten"),
                linear(6),
            ],
        ),
    ];
    let mut found = Vec::new();
    for card in networks {
        let (name, arrays) = (card.name.clone(), drawn(&card));
        match std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| wrong(&name, card, &arrays))) {
            Ok(lines) => found.extend(lines),
            Err(_) => found.push(format!("{name}: a panic before any method")),
        }
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}
