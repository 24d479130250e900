//! SqueezeNet 1.0 and 1.1 (Iandola et al. 2016) as torchvision has them.

use cnn_lens::ops::MaxPool;

use super::net::Net;
use super::{Clue, Known};
use crate::assemble::Preset;
use crate::dict::Dict;
use crate::draft::{Slide, pool};
use crate::error::ReadError;

/// Recognises it.
pub fn read<'a>(dict: &'a Dict, clue: &Clue<'_>) -> Option<Result<Known<'a>, ReadError>> {
    if !dict.has("features.3.squeeze.weight") {
        return None;
    }
    match dict.shape("features.0.weight") {
        [96, 3, 7, 7] => Some(build(dict, clue, "SqueezeNet 1.0", &[2, 6, 11])),
        [64, 3, 3, 3] => Some(build(dict, clue, "SqueezeNet 1.1", &[2, 5, 8])),
        _ => None,
    }
}

fn build<'a>(dict: &'a Dict, clue: &Clue<'_>, name: &str, pools: &[usize]) -> Result<Known<'a>, ReadError> {
    let mut net = Net::new(dict, 3, 224, clue.memory);
    let x = net.conv("conv1", "features.0", 0, Slide::new(2, 0))?;
    let mut x = net.relu("relu_conv1", x)?;
    let (mut fire, mut pooled) = (2, 1);
    for i in 2..=12 {
        if pools.contains(&i) {
            x = net.draft.max_pool(&format!("pool{pooled}"), x, MaxPool { ceil: true, ..pool(3, 2) })?;
            pooled = fire;
            continue;
        }
        let (module, called) = (format!("features.{i}"), format!("fire{fire}"));
        let branch = |net: &mut Net<'_>, from: usize, part: &str, pad: usize| {
            let y = net.conv(&format!("{called}/{part}"), &format!("{module}.{part}"), from, Slide::new(1, pad))?;
            net.relu(&format!("{called}/relu_{part}"), y)
        };
        let squeezed = branch(&mut net, x, "squeeze", 0)?;
        let (one, three) = (branch(&mut net, squeezed, "expand1x1", 0)?, branch(&mut net, squeezed, "expand3x3", 1)?);
        x = net.concat(&format!("{called}/concat"), vec![one, three])?;
        fire += 1;
    }
    let x = net.conv("conv10", "classifier.1", x, Slide::PLAIN)?;
    let x = net.relu("relu_conv10", x)?;
    let output = net.draft.global_avg_pool("pool10", x)?;
    Ok(Known { name: name.into(), net, output, preset: Preset::Torchvision })
}
