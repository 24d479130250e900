//! State dicts of torchvision's architectures, by names and shapes alone (`tests/golden/reader_small.py`): each is recognised, with all of
//! its weights and its own number of classes.
#![allow(missing_docs, reason = "a test")]

mod support;

use std::io::Read;

use cnn_lens_reader::dict::Dict;
use cnn_lens_reader::draft::Draft;
use cnn_lens_reader::known::{self, Clue};
use cnn_lens_reader::tensor::Stored;
use cnn_lens_reader::{Note, ReadError, tidy};
use support::bytes;

/// `(architecture, weights, state dict)`.
fn listed() -> Vec<(String, usize, Dict)> {
    let mut text = String::new();
    flate2::read::GzDecoder::new(bytes("shapes.txt.gz").as_slice()).read_to_string(&mut text).unwrap();
    let mut all = Vec::<(String, usize, Dict)>::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        if words[0] == "#" {
            all.push((words[1].into(), words[2].parse().unwrap(), Dict::default()));
        } else {
            let shape = words[1..].iter().map(|side| side.parse().unwrap()).collect();
            all.last_mut().unwrap().2.put(words[0].into(), Stored::same(shape, 0.5));
        }
    }
    all
}

fn clue() -> Clue<'static> {
    Clue { words: "", memory: 1 << 30 }
}

/// The architecture that the visitor is told of.
fn recognised(draft: &Draft) -> Option<&str> {
    draft.notes.iter().find_map(|note| match note {
        Note::Recognised { architecture } => Some(architecture.as_str()),
        _ => None,
    })
}

#[test]
fn an_architecture_is_told_by_names_and_shapes() {
    let told = [
        ("alexnet", "AlexNet", 5 + 3),
        ("squeezenet1_0", "SqueezeNet 1.0", 26),
        ("squeezenet1_1", "SqueezeNet 1.1", 26),
        ("vgg11", "VGG11", 8 + 3),
        ("vgg13_bn", "VGG13 with batch normalisation", 10 + 3),
        ("vgg19", "VGG19", 16 + 3),
        ("resnet18", "ResNet-18", 1 + 16 + 3 + 1),
        ("resnet50", "ResNet-50", 1 + 48 + 4 + 1),
        ("resnext50_32x4d", "ResNeXt-50", 1 + 48 + 4 + 1),
        ("wide_resnet50_2", "Wide ResNet-50", 1 + 48 + 4 + 1),
        ("mobilenet_v2", "MobileNet V2", 1 + 2 + 16 * 3 + 1 + 1),
        // its second and third stage are of the same width
        ("mobilenet_v2_half", "MobileNet V2", 1 + 2 + 16 * 3 + 1 + 1),
        ("efficientnet_lite0", "EfficientNet-Lite0", 1 + 2 + 15 * 3 + 1 + 1),
        ("densenet121", "DenseNet-121", 1 + 58 * 2 + 3 + 1),
        ("densenet169", "DenseNet-169", 1 + 82 * 2 + 3 + 1),
    ];
    let listed = listed();
    assert_eq!(listed.len(), told.len());
    for ((name, weights, dict), (of, architecture, layers)) in listed.into_iter().zip(told) {
        assert_eq!(name, of);
        let mut read = known::read(&dict, &clue()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(recognised(&read.draft), Some(architecture));
        // before anything is folded, every weight is there once; batch normalisations have two numbers a channel, as in PyTorch
        let all: usize = read.draft.nodes.iter().flat_map(|node| &node.arrays).map(|array| array.count()).sum();
        assert_eq!(all, weights, "{name}");
        let output = tidy::tidy(&mut read.draft, read.output).unwrap();
        assert_eq!(read.draft.dims(output), cnn_lens::ops::Dims::vector(7), "{name}");
        let weighted = read
            .draft
            .nodes
            .iter()
            .filter(|node| node.op.as_ref().is_some_and(|op| ["Conv", "Linear"].contains(&op.name())));
        assert_eq!(weighted.count(), layers, "{name}");
        // all that end in a mean halve 224 pixels five times; SqueezeNet four times, without padding
        let pooled =
            read.draft.nodes.iter().find(|node| node.op.as_ref().is_some_and(|op| op.name() == "GlobalAvgPool"));
        let side = pooled.map(|node| read.draft.dims(node.inputs[0]).h);
        let sides = if name.starts_with("squeezenet") { [Some(13), Some(13)] } else { [Some(7), None] };
        assert!(sides.contains(&side), "{name}: {side:?}");
    }
}

/// timm's EfficientNet-Lite and its port of TensorFlow's weights differ in nothing but their padding and an epsilon.
#[test]
fn what_names_and_shapes_leave_open_is_told() {
    let (_, _, dict) = listed().into_iter().find(|(name, ..)| name == "efficientnet_lite0").unwrap();
    let of = |words: &str| known::read(&dict, &Clue { words, memory: 1 << 30 }).unwrap();
    assert!(of("model.safetensors").draft.notes.contains(&Note::Padding));
    for words in ["efficientnet_lite0.pth", "tf_efficientnet_lite0", "model.safetensors \"tf_efficientnet_lite0\""] {
        assert!(!of(words).draft.notes.contains(&Note::Padding), "{words}");
    }
}

#[test]
fn a_tensor_too_many_or_too_few_is_another_architecture() {
    let (_, _, whole) = listed().into_iter().find(|(name, ..)| name == "resnet18").unwrap();
    let without = |gone: &str| {
        let mut dict = Dict::default();
        whole
            .names()
            .filter(|name| *name != gone)
            .for_each(|name| dict.put(name.into(), whole.get(name).unwrap().clone()));
        dict
    };
    let refused = |dict: &Dict| known::read(dict, &clue()).err().unwrap();
    assert_eq!(
        refused(&without("layer2.0.bn1.running_var")),
        ReadError::NoTensor { tensor: "layer2.0.bn1.running_var".into() }
    );
    assert_eq!(refused(&without("fc.weight")), ReadError::Headless);
    let mut more = without("");
    more.put("layer1.0.se.fc1.weight".into(), Stored::same(vec![4, 64, 1, 1], 0.5));
    assert!(matches!(refused(&more), ReadError::NoGraph { .. }));
    // whatever somebody wrapped it in
    let mut wrapped = Dict::default();
    whole.names().for_each(|name| wrapped.put(format!("module.model.{name}"), whole.get(name).unwrap().clone()));
    assert_eq!(recognised(&known::read(&wrapped, &clue()).unwrap().draft), Some("ResNet-18"));
}
