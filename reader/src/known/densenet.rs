//! DenseNet 121 to 201 (Huang et al. 2017) as torchvision and timm name their layers.

use cnn_lens::ops::{AvgPool, MaxPool};

use super::net::{EPSILON, Net};
use super::{Clue, Known};
use crate::assemble::Preset;
use crate::dict::Dict;
use crate::draft::{Slide, pool};
use crate::error::ReadError;

/// Recognises it.
pub fn read<'a>(dict: &'a Dict, clue: &Clue<'_>) -> Option<Result<Known<'a>, ReadError>> {
    let stem = matches!(dict.shape("features.conv0.weight"), [_, 3, 7, 7]);
    (stem && dict.has("features.denseblock1.denselayer1.")).then(|| build(dict, clue))
}

fn build<'a>(dict: &'a Dict, clue: &Clue<'_>) -> Result<Known<'a>, ReadError> {
    let mut net = Net::new(dict, 3, 224, clue.memory);
    // torchvision's first files have norm.1 for norm1
    let dot = if dict.has("features.denseblock1.denselayer1.norm.1.") { "." } else { "" };
    let x = net.conv("conv0", "features.conv0", 0, Slide::new(2, 3))?;
    let x = net.norm("features.norm0", x, EPSILON)?;
    let x = net.relu("relu0", x)?;
    let mut x = net.draft.max_pool("pool0", x, MaxPool { pad: [1; 4], ..pool(3, 2) })?;
    let mut depth = 2;
    let mut blocks = (1..).take_while(|block| dict.has(&format!("features.denseblock{block}."))).peekable();
    while let Some(block) = blocks.next() {
        for layer in (1..).take_while(|layer| dict.has(&format!("features.denseblock{block}.denselayer{layer}."))) {
            let (module, called) =
                (format!("features.denseblock{block}.denselayer{layer}"), format!("dense{block}_{layer}"));
            let mut y = x;
            for (i, pad) in [(1, 0), (2, 1)] {
                y = net.norm(&format!("{module}.norm{dot}{i}"), y, EPSILON)?;
                y = net.relu(&format!("{called}/relu{i}"), y)?;
                y = net.conv(&format!("{called}/conv{i}"), &format!("{module}.conv{dot}{i}"), y, Slide::new(1, pad))?;
            }
            x = net.concat(&format!("{called}/concat"), vec![x, y])?;
            depth += 2;
        }
        if blocks.peek().is_some() {
            let module = format!("features.transition{block}");
            let y = net.norm(&format!("{module}.norm"), x, EPSILON)?;
            let y = net.relu(&format!("transition{block}/relu"), y)?;
            let y = net.conv(&format!("transition{block}/conv"), &format!("{module}.conv"), y, Slide::PLAIN)?;
            let halves = AvgPool { kernel: [2, 2], stride: [2, 2], pad: [0; 4], ceil: false, include_pad: false };
            x = net.draft.avg_pool(&format!("transition{block}/pool"), y, halves)?;
            depth += 1;
        }
    }
    let x = net.norm("features.norm5", x, EPSILON)?;
    let x = net.relu("relu5", x)?;
    let x = net.draft.global_avg_pool("avgpool", x)?;
    let output = net.head("classifier", x)?;
    Ok(Known { name: format!("DenseNet-{depth}"), net, output, preset: Preset::Torchvision })
}
