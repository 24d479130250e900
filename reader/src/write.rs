//! A network as files: `card.json` and safetensors, float32 or (for what is kept in 8 bits) integers with a scale for every block of a row.

use std::collections::BTreeMap;

use cnn_lens::catalog::Card;
use cnn_lens::catalog::card::{ChannelOrder, LabelSet};
use cnn_lens::ops::{Activation, Op};
use serde_json::{Map, Value, json};

use crate::{Network, Tensor, Values};

/// The card's text, as `Card::parse` reads it: a node a line. What no network of a visitor's has (a paper, a teaching head, extras)
/// is not written.
pub fn card(card: &Card) -> String {
    let nodes = card.graph.nodes();
    let lines: Vec<String> = nodes
        .iter()
        .filter_map(|node| {
            let op = node.op.as_ref()?;
            let mut fields = Map::new();
            fields.insert("name".into(), json!(node.name));
            fields.insert("op".into(), json!(snake_case(op.name())));
            fields.insert("inputs".into(), node.inputs.iter().map(|from| json!(nodes[*from].name)).collect());
            if node.arrays != node.name {
                fields.insert("arrays".into(), json!(node.arrays));
            }
            parameters(op, &mut fields);
            Some(Value::Object(fields).to_string())
        })
        .collect();
    let prepared = &card.preprocessing;
    let head = json!({
        "id": card.id, "name": card.name, "licence": card.licence, "source": card.source, "precision": card.precision,
        "input": { "channels": card.input.channels, "size": card.input.size, "any_size": card.input.any_size },
        "preprocessing": {
            "mean": prepared.mean, "std": prepared.std, "scale": prepared.scale,
            "order": match prepared.order { ChannelOrder::Rgb => "rgb", ChannelOrder::Bgr => "bgr" },
        },
        "labels": match &card.labels { LabelSet::Imagenet => json!("imagenet"), LabelSet::Own(names) => json!(names) },
        "output": nodes[card.graph.output()].name, "trunk": nodes[card.trunk].name,
    });
    // serde_json ends an object with one brace, which comes behind the nodes
    let head = head.to_string();
    let open = head.strip_suffix('}').unwrap_or(&head);
    format!("{open},\n\"nodes\": [\n{}\n]}}\n", lines.join(",\n"))
}

fn snake_case(name: &str) -> String {
    let mut words = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !words.is_empty() {
            words.push('_');
        }
        words.push(c.to_ascii_lowercase());
    }
    words
}

/// The operation's own fields.
fn parameters(op: &Op, fields: &mut Map<String, Value>) {
    let told = match op {
        Op::Conv(c) => json!({
            "out": c.out, "kernel": c.kernel, "stride": c.stride, "dilation": c.dilation, "groups": c.groups, "pad": c.pad,
            "bias": c.bias,
        }),
        Op::Linear(l) => json!({ "out": l.out, "bias": l.bias }),
        Op::MaxPool(p) => {
            json!({ "kernel": p.kernel, "stride": p.stride, "dilation": p.dilation, "pad": p.pad, "ceil": p.ceil })
        }
        Op::AvgPool(p) => json!({
            "kernel": p.kernel, "stride": p.stride, "pad": p.pad, "ceil": p.ceil, "include_pad": p.include_pad,
        }),
        Op::Lrn(l) => json!({ "size": l.size, "alpha": l.alpha, "beta": l.beta, "k": l.k }),
        Op::Activation(kind) => match *kind {
            Activation::Relu {} => json!({ "kind": "relu" }),
            Activation::Relu6 {} => json!({ "kind": "relu6" }),
            Activation::Clip { min, max } => json!({ "kind": "clip", "min": min, "max": max }),
            Activation::LeakyRelu { alpha } => json!({ "kind": "leaky_relu", "alpha": alpha }),
            Activation::Elu { alpha } => json!({ "kind": "elu", "alpha": alpha }),
            Activation::Sigmoid {} => json!({ "kind": "sigmoid" }),
            Activation::Silu {} => json!({ "kind": "silu" }),
            Activation::HardSigmoid { alpha, beta } => json!({ "kind": "hard_sigmoid", "alpha": alpha, "beta": beta }),
            Activation::HardSwish {} => json!({ "kind": "hard_swish" }),
            Activation::Tanh {} => json!({ "kind": "tanh" }),
            Activation::Gelu { tanh } => json!({ "kind": "gelu", "tanh": tanh }),
        },
        Op::Affine(_)
        | Op::GlobalAvgPool(_)
        | Op::Add(_)
        | Op::Mul(_)
        | Op::Concat(_)
        | Op::Flatten(_)
        | Op::Softmax(_) => {
            json!({})
        }
    };
    if let Value::Object(told) = told {
        fields.extend(told);
    }
}

/// An array of a shard.
pub struct Stored {
    /// Its name.
    pub name: String,
    /// Its shape, outermost first.
    pub shape: Vec<usize>,
    /// Whether it is kept in 8 bits.
    pub int8: bool,
}

/// The arrays as files of safetensors of about `most` bytes each, with what is in them; a file's arrays are let go once it is
/// written, so that a large network is not in memory twice.
pub fn shards(network: Network, most: u64) -> impl Iterator<Item = (Vec<u8>, Vec<Stored>)> {
    let mut left = network.tensors.into_iter().peekable();
    std::iter::from_fn(move || {
        let (mut tensors, mut bytes) = (BTreeMap::new(), 0_u64);
        let node = |name: &str| name.rsplit_once('.').map(|(node, _)| node.to_owned());
        while let Some((name, next)) = left.peek() {
            bytes += next.bytes();
            // a node's arrays stay together: the engine takes them at once
            let with = tensors.last_key_value().is_some_and(|(last, _): (&String, _)| node(last) == node(name));
            if bytes > most && !tensors.is_empty() && !with {
                break;
            }
            tensors.extend(left.next());
        }
        let stored = |(name, tensor): (&String, &Tensor)| Stored {
            name: name.clone(),
            shape: tensor.shape.clone(),
            int8: matches!(tensor.values, Values::Int8 { .. }),
        };
        (!tensors.is_empty()).then(|| (file(&tensors), tensors.iter().map(stored).collect()))
    })
}

/// The arrays as safetensors. What is kept in 8 bits has its integers under the array's name and its scales under `.scale`, as in
/// the shipped shards.
pub fn arrays(network: &Network) -> Vec<u8> {
    file(&network.tensors)
}

fn file(tensors: &BTreeMap<String, Tensor>) -> Vec<u8> {
    let mut header = Map::new();
    let mut body = Vec::<u8>::new();
    let mut put = |name: String, kind: &str, shape: &[usize], bytes: &mut dyn Iterator<Item = u8>| {
        let from = body.len();
        body.extend(bytes);
        header.insert(name, json!({ "dtype": kind, "shape": shape, "data_offsets": [from, body.len()] }));
    };
    // aligned: all numbers of four bytes before those of one
    for (name, tensor) in tensors {
        match &tensor.values {
            Values::F32(values) => {
                put(name.clone(), "F32", &tensor.shape, &mut values.iter().flat_map(|v| v.to_le_bytes()))
            }
            Values::Int8 { scales, .. } => {
                put(format!("{name}.scale"), "F32", &[scales.len()], &mut scales.iter().flat_map(|v| v.to_le_bytes()));
            }
        }
    }
    for (name, tensor) in tensors {
        if let Values::Int8 { q, .. } = &tensor.values {
            put(name.clone(), "I8", &tensor.shape, &mut q.iter().map(|q| q.cast_unsigned()));
        }
    }
    let mut header = Value::Object(header).to_string().into_bytes();
    header.resize(header.len().next_multiple_of(8), b' ');
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.append(&mut header);
    file.append(&mut body);
    file
}
