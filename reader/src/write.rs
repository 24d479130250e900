//! A network as files: `card.json` and safetensors, float32 or (for what is kept in 16 bits) integers with a scale for
//! every row.

use std::collections::BTreeMap;

use cnn_lens::catalog::Card;
use cnn_lens::catalog::card::{ChannelOrder, LabelSet};
use cnn_lens::ops::{Activation, Op};
use serde_json::{Map, Value, json};

use crate::{Tensor, Values};

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

/// How an array is kept: what a manifest calls its scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// In float32.
    F32,
    /// In 16 bits, with a scale for each row.
    I16,
}

impl Scheme {
    /// As a manifest writes it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::I16 => "i16",
        }
    }

    const fn of(tensor: &Tensor) -> Self {
        match tensor.values {
            Values::F32(_) => Self::F32,
            Values::Int16 { .. } => Self::I16,
        }
    }
}

/// An array of a shard.
pub struct Stored {
    /// Its name.
    pub name: String,
    /// Its shape, outermost first.
    pub shape: Vec<usize>,
    /// How it is kept.
    pub scheme: Scheme,
}

/// Some of a network's arrays, which make one file of safetensors. What is kept in 16 bits has its integers under the array's name
/// and its scales under `.scale`, as in the shipped shards.
pub struct Shard {
    tensors: BTreeMap<String, Tensor>,
}

/// Numbers that become bytes at a time.
const STEP: usize = 1 << 20;

impl Shard {
    /// What is in it.
    pub fn stored(&self) -> Vec<Stored> {
        let stored = |(name, tensor): (&String, &Tensor)| Stored {
            name: name.clone(),
            shape: tensor.shape.clone(),
            scheme: Scheme::of(tensor),
        };
        self.tensors.iter().map(stored).collect()
    }

    /// The file, piece by piece: all of it would be as large as the arrays once more.
    ///
    /// # Errors
    /// The first of `each`.
    pub fn pieces<E>(&self, each: &mut dyn FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        let mut header = Map::new();
        let mut length = 0;
        let mut put = |name: String, kind: &str, shape: &[usize], size: usize| {
            let from = length;
            length += size * shape.iter().product::<usize>();
            header.insert(name, json!({ "dtype": kind, "shape": shape, "data_offsets": [from, length] }));
        };
        // aligned: all numbers of four bytes before those of two
        for (name, tensor) in &self.tensors {
            match &tensor.values {
                Values::F32(_) => put(name.clone(), "F32", &tensor.shape, 4),
                Values::Int16 { scales, .. } => put(format!("{name}.scale"), "F32", &[scales.len()], 4),
            }
        }
        for (name, tensor) in self.tensors.iter().filter(|(_, tensor)| Scheme::of(tensor) == Scheme::I16) {
            put(name.clone(), "I16", &tensor.shape, 2);
        }
        let mut header = Value::Object(header).to_string().into_bytes();
        header.resize(header.len().next_multiple_of(8), b' ');
        each(&(header.len() as u64).to_le_bytes())?;
        each(&header)?;
        for tensor in self.tensors.values() {
            let (Values::F32(numbers) | Values::Int16 { scales: numbers, .. }) = &tensor.values;
            for some in numbers.chunks(STEP) {
                each(&some.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>())?;
            }
        }
        for tensor in self.tensors.values() {
            if let Values::Int16 { q, .. } = &tensor.values {
                for some in q.chunks(STEP) {
                    each(&some.iter().flat_map(|q| q.to_le_bytes()).collect::<Vec<u8>>())?;
                }
            }
        }
        Ok(())
    }
}

/// The arrays as shards of about `most` bytes each; a shard's arrays are let go of with it, so that a large network is not in memory
/// twice.
pub fn shards(tensors: BTreeMap<String, Tensor>, most: u64) -> impl Iterator<Item = Shard> {
    let mut left = tensors.into_iter().peekable();
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
        (!tensors.is_empty()).then_some(Shard { tensors })
    })
}
