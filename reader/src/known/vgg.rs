//! VGG 11 to 19 (Simonyan & Zisserman 2015), with and without batch normalisation, as torchvision and timm number their layers.

use super::net::{EPSILON, Net, numbered};
use super::{Clue, Known};
use crate::assemble::Preset;
use crate::dict::Dict;
use crate::draft::{Slide, pool};
use crate::error::ReadError;

/// Recognises it: 3 x 3 convolutions under `features`, whose numbers tell where a pool stands between them.
pub fn read<'a>(dict: &'a Dict, clue: &Clue<'_>) -> Option<Result<Known<'a>, ReadError>> {
    let convs: Vec<usize> = numbered(dict, "features")
        .into_iter()
        .filter(|i| dict.shape(&format!("features.{i}.weight")).len() == 4)
        .collect();
    let square = |i: &usize| matches!(dict.shape(&format!("features.{i}.weight")), [_, _, 3, 3]);
    let known = [8, 10, 13, 16].contains(&convs.len()) && convs[0] == 0 && convs.iter().all(square);
    (known && matches!(dict.shape("features.0.weight"), [64, 3, ..])).then(|| build(dict, clue, &convs))
}

fn build<'a>(dict: &'a Dict, clue: &Clue<'_>, convs: &[usize]) -> Result<Known<'a>, ReadError> {
    let normalised = dict.has("features.1.running_mean");
    let width = if normalised { 3 } else { 2 };
    // a number left free before the next convolution is a pool's
    let pooled = |at: usize| convs.get(at + 1).is_none_or(|next| *next > convs[at] + width);
    let pools = (0..convs.len()).filter(|at| pooled(*at)).count();
    let last = dict.shape(&format!("features.{}.weight", convs[convs.len() - 1]))[0];
    let side = side(dict, last).ok_or(ReadError::Headless)?;
    let mut net = Net::new(dict, 3, side << pools, clue.memory);
    let (mut x, mut block, mut number) = (0, 1, 1);
    for (at, i) in convs.iter().enumerate() {
        let name = format!("features.{i}");
        x = net.conv(&format!("conv{block}_{number}"), &name, x, Slide::new(1, 1))?;
        if normalised {
            x = net.norm(&format!("features.{}", i + 1), x, EPSILON)?;
        }
        x = net.relu(&format!("relu{block}_{number}"), x)?;
        number += 1;
        if pooled(at) {
            x = net.draft.max_pool(&format!("pool{block}"), x, pool(2, 2))?;
            (block, number) = (block + 1, 1);
        }
    }
    let output = if dict.has("pre_logits.fc1.weight") {
        // timm's fully connected layers are convolutions over the whole map
        let x = net.whole("fc6", "pre_logits.fc1", x)?;
        let x = net.relu("relu6", x)?;
        let x = net.whole("fc7", "pre_logits.fc2", x)?;
        let x = net.relu("relu7", x)?;
        net.head("head.fc", x)?
    } else {
        classifier(&mut net, dict, x)?
    };
    let suffix = if normalised { " with batch normalisation" } else { "" };
    let name = format!("VGG{}{suffix}", convs.len() + 3);
    Ok(Known { name, net, output, preset: Preset::Torchvision })
}

/// Rows and columns of the last pool's maps, by what the classifier reads.
fn side(dict: &Dict, channels: usize) -> Option<usize> {
    if let [_, _, side, _] = dict.shape("pre_logits.fc1.weight") {
        return Some(*side);
    }
    let first = numbered(dict, "classifier").into_iter().map(|i| format!("classifier.{i}.weight"));
    let first = first.chain(["classifier.weight".to_owned()]).find(|name| dict.shape(name).len() == 2)?;
    let places = dict.shape(&first)[1].checked_div(channels)?;
    (1..=14).find(|side| side * side == places)
}

/// fc6, fc7, fc8 under their numbers; whatever else somebody put in their place keeps its name.
fn classifier(net: &mut Net<'_>, dict: &Dict, mut x: usize) -> Result<usize, ReadError> {
    if numbered(dict, "classifier") != [0, 3, 6] {
        return net.head("classifier", x);
    }
    for (i, name) in [(0, "fc6"), (3, "fc7"), (6, "fc8")] {
        x = net.linear(name, &format!("classifier.{i}"), x)?;
        if i < 6 {
            x = net.relu(&name.replace("fc", "relu"), x)?;
        }
    }
    Ok(x)
}
