//! From the files of a visitor to a card and its arrays.

use std::collections::BTreeMap;

use cnn_lens::catalog::Card;
use cnn_lens::catalog::card::{ChannelOrder, LabelSet, Picture, Preprocessing};
use cnn_lens::catalog::graph::{Graph, NamedNode};
use cnn_lens::ops::{Conv, Dims, Op};
use serde_json::Value;

use crate::draft::Draft;
use crate::error::{Foreign, ReadError};
use crate::format::{Format, sniff};
use crate::known::Clue;
use crate::labels::Labels;
use crate::note::Note;
use crate::source::{Shared, bytes};
use crate::tensor::Tensor;
use crate::zip::Archive;
use crate::{Limits, NamedSource, Network, keras, known, onnx, safetensors, tidy, torch};

/// How networks of a family have their pictures prepared, unless told otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// ImageNet's mean and deviation, as torchvision has them.
    Torchvision,
    /// From 0 to 1.
    ZeroToOne,
    /// From -1 to 1.
    MinusOneToOne,
    /// From 0 to 255, as pixels are.
    Pixels,
    /// As Caffe: from 0 to 255, blue first, ImageNet's mean subtracted.
    Caffe,
}

impl Preset {
    /// It for pictures of so many channels.
    pub fn preprocessing(self, channels: usize) -> Preprocessing {
        let same = |v: f32| vec![v; channels];
        let (mean, std, scale) = match self {
            Self::Torchvision if channels == 3 => (vec![0.485, 0.456, 0.406], vec![0.229, 0.224, 0.225], 1.0),
            Self::Torchvision | Self::ZeroToOne => (same(0.0), same(1.0), 1.0),
            Self::MinusOneToOne => (same(0.5), same(0.5), 1.0),
            Self::Caffe if channels == 3 => (vec![103.939, 116.779, 123.68], same(1.0), 255.0),
            Self::Pixels | Self::Caffe => (same(0.0), same(1.0), 255.0),
        };
        let order = if self == Self::Caffe { ChannelOrder::Bgr } else { ChannelOrder::Rgb };
        Preprocessing { mean, std, scale, order }
    }
}

/// What a format's reader found.
pub struct Read {
    /// The network as the file has it.
    pub draft: Draft,
    /// The node that writes its scores.
    pub output: usize,
    /// How its pictures are prepared, as far as the file tells.
    pub preset: Preset,
}

/// No configuration or list of labels is longer.
const LONGEST: u64 = 16 << 20;

/// What is dropped beside a model.
#[derive(Default)]
struct Beside {
    labels: Option<Labels>,
    /// The architecture that a configuration names, in lower case.
    words: String,
}

impl Beside {
    fn take(&mut self, file: &NamedSource, format: Format) -> Result<(), ReadError> {
        let source = file.source.as_ref();
        let text = bytes(source, 0, source.size().min(LONGEST))?;
        let text = String::from_utf8_lossy(&text);
        let found = match format {
            Format::Json => {
                let json: Value = serde_json::from_str(&text).map_err(|_| ReadError::Damaged { what: "JSON" })?;
                if json["class_name"].is_string() && json["config"].is_object() {
                    return Err(ReadError::NoWeights); // Keras's model.to_json()
                }
                for field in ["architecture", "model_type", "architectures"] {
                    self.words.push_str(&json[field].to_string().to_lowercase());
                }
                Labels::from_json(&file.name, &json)
            }
            _ => Labels::from_text(&file.name, &text),
        };
        self.labels = self.labels.take().or(found);
        Ok(())
    }
}

/// Reads one network from these files.
pub fn read(files: &[NamedSource], limits: Limits) -> Result<Network, ReadError> {
    let mut models = Vec::new();
    let mut beside = Beside::default();
    let described: Vec<(&NamedSource, Value)> =
        files.iter().filter_map(|file| Some((file, described(file)?))).collect();
    let parts: Vec<String> = described.iter().filter_map(|(_, json)| keras::tfjs_paths(json)).flatten().collect();
    for file in files {
        // what a description names is part of that model, whatever it looks like
        if described.iter().any(|(of, _)| of.name == file.name) || parts.contains(&file.name) {
            continue;
        }
        match sniff(file)? {
            format @ (Format::Text | Format::Json) => beside.take(file, format)?,
            Format::Raw => {}
            format => models.push((file, format)),
        }
    }
    if let [(file, json)] = described.as_slice() {
        return finish(keras::tfjs(json, files, limits.memory)?, beside.labels, &file.name);
    }
    let (file, format) = match models.as_slice() {
        _ if !described.is_empty() => return Err(ReadError::Several),
        [model] => *model,
        [] if files.is_empty() => return Err(ReadError::NoFile),
        [] => return Err(ReadError::NotAModel),
        _ => return Err(ReadError::Several),
    };
    beside.words.push_str(&file.name.to_lowercase());
    let clue = Clue { words: &beside.words, memory: limits.memory };
    let read = match format {
        Format::Zip => zipped(&file.source, &clue)?,
        Format::Pickle => known::read(&torch::legacy(&file.source)?, &clue)?,
        Format::Safetensors => known::read(&safetensors::read(&file.source)?, &clue)?,
        Format::Hdf5 => keras::hdf5(&file.source, limits.memory)?,
        Format::Onnx => onnx::read(&file.source, limits.memory)?,
        _ => return Err(ReadError::NotAModel),
    };
    finish(read, beside.labels, &file.name)
}

/// The description of a TensorFlow.js model, if a file is one.
fn described(file: &NamedSource) -> Option<Value> {
    let source = file.source.as_ref();
    let first = bytes(source, 0, source.size().min(64)).ok()?;
    if first.trim_ascii_start().first() != Some(&b'{') || source.size() > LONGEST {
        return None;
    }
    let json: Value = serde_json::from_slice(&bytes(source, 0, source.size()).ok()?).ok()?;
    json.get("modelTopology").is_some().then_some(json)
}

fn zipped(source: &Shared, clue: &Clue<'_>) -> Result<Read, ReadError> {
    let archive = Archive::open(source)?;
    if let Some(read) = keras::zipped(&archive, clue.memory) {
        return read;
    }
    if archive.members().iter().any(|member| member.name.ends_with(".npy")) {
        return Err(ReadError::Foreign(Foreign::Numpy));
    }
    known::read(&torch::zipped(&archive)?, clue)
}

/// Tidies a network up and tells it as a card.
fn finish(read: Read, beside: Option<Labels>, file: &str) -> Result<Network, ReadError> {
    let Read { mut draft, output, preset } = read;
    let output = tidy::tidy(&mut draft, output)?;
    let picture = draft.dims(0);
    let classes = draft.dims(output).c;
    let preset = match draft.nodes.iter().find(|node| node.inputs == [0]) {
        // a layer that brings pixels into a range of its own
        Some(node)
            if matches!(node.op, Some(Op::Affine(_))) && node.arrays[0].to_f32().iter().all(|v| v.abs() < 0.1) =>
        {
            draft.notes.push(Note::OwnRange);
            Preset::Pixels
        }
        _ => preset,
    };
    let labels = fitting(beside, classes, &mut draft.notes);
    let set = match (&labels, classes) {
        (None, 1000) => LabelSet::Imagenet,
        _ => LabelSet::Own(labels.as_ref().map(|labels| labels.names.clone()).unwrap_or_default()),
    };
    let mut named = Vec::new();
    let mut tensors = BTreeMap::new();
    let output_name = draft.nodes[output].name.clone();
    let names: Vec<String> = draft.nodes.iter().map(|node| node.name.clone()).collect();
    let mut rounded = Vec::new();
    for node in draft.nodes {
        let Some(op) = node.op else { continue };
        let below: Vec<Dims> = node.inputs.iter().map(|from| dims_of(&named, picture, *from)).collect();
        for (spec, tensor) in op.arrays(&below).iter().zip(node.arrays) {
            if matches!(tensor.values, crate::Values::Int16 { .. }) {
                rounded.push(node.name.clone());
            }
            tensors.insert(format!("{}.{}", node.name, spec.suffix), tensor);
        }
        let inputs = node.inputs.iter().map(|from| names[*from].clone()).collect();
        named.push((NamedNode { arrays: node.name.clone(), name: node.name, op, inputs }, node.dims));
    }
    let mut nodes: Vec<NamedNode> = named.into_iter().map(|(node, _)| node).collect();
    let (mut picture, mut preprocessing) = (picture, preset.preprocessing(picture.c));
    if picture.c == 1 {
        for of in [&mut preprocessing.mean, &mut preprocessing.std] {
            of.resize(3, of[0]);
        }
        tensors.insert(format!("{GREY}.weight"), Tensor::new(vec![1, 3, 1, 1], LUMA.to_vec()));
        in_grey(&mut nodes, &names[0]);
        picture.c = 3;
        draft.notes.push(Note::Grey);
    }
    let graph = Graph::new(picture, nodes, &output_name)?;
    let other = [picture.h + 32, picture.h.saturating_sub(8).max(1)];
    let any_size = picture.h == picture.w && other.iter().all(|side| graph.shapes(*side, *side).is_ok());
    if picture.h != picture.w {
        return Err(ReadError::NoPicture { shape: picture.to_string() });
    }
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let card = Card {
        id: "local".into(),
        name: crate::sentence::shown(stem),
        paper: None,
        licence: "unknown".into(),
        source: crate::sentence::shown(file),
        precision: (!rounded.is_empty()).then(|| format!("32 bit; {}: 16 bit", rounded.join(", "))),
        input: Picture { channels: picture.c, size: picture.h, any_size },
        preprocessing,
        labels: set,
        trunk: graph.output(),
        graph,
        teaching: None,
        extras: Vec::new(),
    };
    Ok(Network { card, tensors, labels, notes: draft.notes })
}

/// The name of the layer that makes a colour picture grey.
const GREY: &str = "grey";
/// How much red, green and blue count for grey (ITU-R BT.601, as PIL's mode L).
const LUMA: [f32; 3] = [0.299, 0.587, 0.114];

/// Lets a network that reads grey pictures read colour ones, through a convolution of one pixel in front of it. Its weights sum to
/// 1, so that the mean and the deviation of grey are those of each colour.
fn in_grey(nodes: &mut Vec<NamedNode>, input: &str) {
    nodes
        .iter_mut()
        .flat_map(|node| &mut node.inputs)
        .filter(|from| *from == input)
        .for_each(|from| *from = GREY.into());
    let op = Op::Conv(Conv {
        out: 1,
        kernel: [1; 2],
        stride: [1; 2],
        dilation: [1; 2],
        groups: 1,
        pad: [0; 4],
        bias: false,
    });
    nodes.insert(0, NamedNode { name: GREY.into(), arrays: GREY.into(), op, inputs: vec![input.to_owned()] });
}

fn dims_of(named: &[(NamedNode, Dims)], picture: Dims, at: usize) -> Dims {
    // the picture is not among them
    at.checked_sub(1).and_then(|at| named.get(at)).map_or(picture, |(_, dims)| *dims)
}

/// The labels, if they are as many as the classes; with a background in front, if it is only that which is missing.
fn fitting(labels: Option<Labels>, classes: usize, notes: &mut Vec<Note>) -> Option<Labels> {
    let imagenet = || (0..1000).map(|class| cnn_lens::catalog::labels::label(class).to_owned());
    let background =
        |names: &mut dyn Iterator<Item = String>| std::iter::once("background".to_owned()).chain(names).collect();
    match labels {
        None if classes == 1001 => {
            notes.push(Note::Background);
            Some(Labels { names: background(&mut imagenet()), file: "ILSVRC 2012".into() })
        }
        Some(labels) if labels.names.len() + 1 == classes && classes == 1001 => {
            notes.push(Note::Background);
            Some(Labels { names: background(&mut labels.names.into_iter()), file: labels.file })
        }
        Some(labels) if labels.names.len() != classes => {
            notes.push(Note::LabelCount { labels: labels.names.len(), classes });
            None
        }
        labels => labels,
    }
}
