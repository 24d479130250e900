//! SqueezeNet 1.0 and 1.1 (Iandola et al. 2016) as torchvision has them, and under the names of the authors' own files (Caffe).

use cnn_lens::ops::MaxPool;

use super::net::Net;
use super::{Clue, Known};
use crate::assemble::Preset;
use crate::dict::Dict;
use crate::draft::{Slide, pool};
use crate::error::ReadError;
use crate::tensor::Stored;

/// Recognises it.
pub fn read<'a>(dict: &'a Dict, clue: &Clue<'_>) -> Option<Result<Known<'a>, ReadError>> {
    let caffe = dict.has("fire2/squeeze1x1.weight");
    if !caffe && !dict.has("features.3.squeeze.weight") {
        return None;
    }
    match dict.shape(if caffe { "conv1.weight" } else { "features.0.weight" }) {
        [96, 3, 7, 7] => Some(build(dict, clue, caffe, "SqueezeNet 1.0", &[2, 6, 11])),
        [64, 3, 3, 3] => Some(build(dict, clue, caffe, "SqueezeNet 1.1", &[2, 5, 8])),
        _ => None,
    }
}

/// The tensors under the names that are read here, if they are lists of NumPy arrays under Caffe's names, as ports to TensorFlow have
/// them: `{ "conv1": [[rows, columns, in, out], [out]], ... }`.
///
/// # Errors
/// [`ReadError`]: the file does not give the numbers.
pub fn of_caffe(dict: &Dict) -> Result<Dict, ReadError> {
    if !dict.has("fire2/squeeze1x1.0") {
        return Ok(dict.clone());
    }
    let mut named = Dict::default();
    for name in dict.names() {
        let stored = dict.need(name)?;
        match (name.rsplit_once('.'), stored.shape.as_slice()) {
            (Some((layer, "0")), &[h, w, takes, out]) => {
                let kernel = Stored::in_memory(vec![out, takes, h, w], stored.permuted(&[3, 2, 0, 1])?);
                named.put(format!("{layer}.weight"), kernel);
            }
            (Some((layer, "1")), [_]) => named.put(format!("{layer}.bias"), stored.clone()),
            _ => named.put(name.to_owned(), stored.clone()),
        }
    }
    Ok(named)
}

fn build<'a>(
    dict: &'a Dict,
    clue: &Clue<'_>,
    caffe: bool,
    name: &str,
    pools: &[usize],
) -> Result<Known<'a>, ReadError> {
    let mut net = Net::new(dict, 3, 224, clue.memory);
    let named = |caffes: &str, torchvisions: &str| if caffe { caffes.to_owned() } else { torchvisions.to_owned() };
    let x = net.conv("conv1", &named("conv1", "features.0"), 0, Slide::new(2, 0))?;
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
            let caffes = format!("{called}/{}", if part == "squeeze" { "squeeze1x1" } else { part });
            let from_file = named(&caffes, &format!("{module}.{part}"));
            let y = net.conv(&format!("{called}/{part}"), &from_file, from, Slide::new(1, pad))?;
            net.relu(&format!("{called}/relu_{part}"), y)
        };
        let squeezed = branch(&mut net, x, "squeeze", 0)?;
        let (one, three) = (branch(&mut net, squeezed, "expand1x1", 0)?, branch(&mut net, squeezed, "expand3x3", 1)?);
        x = net.concat(&format!("{called}/concat"), vec![one, three])?;
        fire += 1;
    }
    let x = net.conv("conv10", &named("conv10", "classifier.1"), x, Slide::PLAIN)?;
    let x = net.relu("relu_conv10", x)?;
    let output = net.draft.global_avg_pool("pool10", x)?;
    let preset = if caffe { Preset::Caffe } else { Preset::Torchvision };
    Ok(Known { name: name.into(), net, output, preset })
}
