//! ResNet (He et al. 2016), ResNeXt (Xie et al. 2017) and Wide ResNet (Zagoruyko & Komodakis 2016) as torchvision and timm name
//! their layers.

use cnn_lens::ops::MaxPool;

use super::net::{EPSILON, Net};
use super::{Clue, Known};
use crate::assemble::Preset;
use crate::dict::Dict;
use crate::draft::{Slide, pool};
use crate::error::ReadError;

/// Recognises it.
pub fn read<'a>(dict: &'a Dict, clue: &Clue<'_>) -> Option<Result<Known<'a>, ReadError>> {
    let stem = matches!(dict.shape("conv1.weight"), [_, 1 | 3, 7, 7]);
    (stem && dict.has("layer1.0.conv1.weight") && dict.has("bn1.running_mean")).then(|| build(dict, clue))
}

fn build<'a>(dict: &'a Dict, clue: &Clue<'_>) -> Result<Known<'a>, ReadError> {
    let mut net = Net::new(dict, dict.shape("conv1.weight")[1], 224, clue.memory);
    let x = net.conv("conv1", "conv1", 0, Slide::new(2, 3))?;
    let x = net.norm("bn1", x, EPSILON)?;
    let x = net.relu("relu1", x)?;
    let mut x = net.draft.max_pool("maxpool", x, MaxPool { pad: [1; 4], ..pool(3, 2) })?;
    let bottleneck = dict.has("layer1.0.conv3.weight");
    let mut depth = 2;
    for stage in 1..=4 {
        for block in 0.. {
            let name = format!("layer{stage}.{block}");
            if !dict.has(&format!("{name}.conv1.weight")) {
                break;
            }
            let stride = if stage > 1 && block == 0 { 2 } else { 1 };
            x = residual(&mut net, dict, &name, x, stride, bottleneck)?;
            depth += if bottleneck { 3 } else { 2 };
        }
    }
    let x = net.draft.global_avg_pool("avgpool", x)?;
    let output = net.head("fc", x)?;
    let groups = dict.shape("layer1.0.conv2.weight");
    let wide = bottleneck && dict.shape("layer1.0.conv1.weight").first() != Some(&64);
    let name = match groups {
        [out, share, ..] if bottleneck && share < out => format!("ResNeXt-{depth}"),
        _ if wide => format!("Wide ResNet-{depth}"),
        _ => format!("ResNet-{depth}"),
    };
    Ok(Known { name, net, output, preset: Preset::Torchvision })
}

fn residual(
    net: &mut Net<'_>,
    dict: &Dict,
    name: &str,
    x: usize,
    stride: usize,
    bottleneck: bool,
) -> Result<usize, ReadError> {
    let part = |what: &str| format!("{name}.{what}");
    // torchvision's bottleneck strides in its 3 x 3 convolution
    let slides = match bottleneck {
        true => vec![Slide::new(1, 0), Slide::new(stride, 1), Slide::new(1, 0)],
        false => vec![Slide::new(stride, 1), Slide::new(1, 1)],
    };
    let last = slides.len();
    let mut y = x;
    for (i, slide) in (1..).zip(slides) {
        let conv = part(&format!("conv{i}"));
        let groups = match *dict.shape(&format!("{conv}.weight")) {
            [_, share, ..] if share > 0 => (net.draft.dims(y).c / share).max(1),
            _ => 1,
        };
        y = net.conv(&conv, &conv, y, slide.groups(groups))?;
        y = net.norm(&part(&format!("bn{i}")), y, EPSILON)?;
        if i < last {
            y = net.relu(&part(&format!("relu{i}")), y)?;
        }
    }
    let skip = match dict.has(&part("downsample.0.weight")) {
        true => {
            let skip = net.conv(&part("downsample"), &part("downsample.0"), x, Slide::new(stride, 0))?;
            net.norm(&part("downsample.1"), skip, EPSILON)?
        }
        false => x,
    };
    let sum = net.add(&part("add"), y, skip)?;
    net.relu(name, sum)
}
