//! ONNX: its graph, with the shapes that exporters compute worked out, and its layout changes cancelled.

mod fold;
mod proto;
mod trace;

use cnn_lens::ops::Dims;

use crate::assemble::{Preset, Read};
use crate::draft::Draft;
use crate::error::ReadError;
use crate::source::Shared;
use crate::view::View;
use proto::{Info, Model, Side};
use trace::Trace;
pub use trace::never_negative;

/// No file of more operations is read: the largest export of a network for pictures has some thousands.
const MOST: usize = 8192;

/// Reads a model whose arrays may take `memory` bytes.
///
/// # Errors
/// [`ReadError`].
pub fn read(source: &Shared, memory: u64) -> Result<Read, ReadError> {
    let model = proto::read(source)?;
    if model.nodes.len() > MOST {
        return Err(ReadError::Nodes { nodes: model.nodes.len(), most: MOST });
    }
    let inputs: Vec<&Info> =
        model.inputs.iter().filter(|input| !model.initializers.contains_key(&input.name)).collect();
    let ([input], [output]) = (inputs.as_slice(), model.outputs.as_slice()) else {
        return Err(ReadError::Ends { inputs: inputs.len(), outputs: model.outputs.len() });
    };
    let needs: u64 = model.initializers.values().map(|constant| constant.count() as u64).sum();
    if needs > memory {
        return Err(ReadError::Memory { needs: 4 * needs, most: memory });
    }
    let (dims, last) = picture(input)?;
    let mut draft = Draft::new(dims, memory);
    let view = if last { View::channels_last(0, dims) } else { View::channels_first(0, dims) };
    let mut trace = Trace::new(&model, &mut draft);
    trace.start(&input.name, view);
    for node in &model.nodes {
        trace.node(node)?;
    }
    let found = trace.finish(&output.name)?;
    let preset = if last { Preset::ZeroToOne } else { Preset::Torchvision };
    Ok(Read { draft, output: found, preset })
}

/// The picture's shape, and whether its channels come last.
fn picture(input: &Info) -> Result<(Dims, bool), ReadError> {
    let Some(sides) = &input.shape else { return Err(ReadError::InputShape { shape: input.name.clone() }) };
    let told = || {
        let side = |side: &Side| match side {
            Side::Of(n) => n.to_string(),
            Side::Open(name) if name.is_empty() => "?".to_owned(),
            Side::Open(name) => name.clone(),
        };
        sides.iter().map(side).collect::<Vec<_>>().join(" x ")
    };
    let [batch, a, b, c] = sides.as_slice() else { return Err(ReadError::NoPicture { shape: told() }) };
    if matches!(batch, Side::Of(n) if *n > 1) {
        return Err(ReadError::InputShape { shape: told() });
    }
    let few = |side: &Side| matches!(side, Side::Of(1 | 3));
    let (last, [channels, height, width]) = match (few(a), few(c)) {
        (true, _) => (false, [a, b, c]),
        (false, true) => (true, [c, a, b]),
        _ if [a, b, c].iter().any(|side| !matches!(side, Side::Of(1..))) => {
            return Err(ReadError::InputShape { shape: told() });
        }
        _ => return Err(ReadError::NoPicture { shape: told() }),
    };
    let size = |side: &Side| match side {
        Side::Of(n @ 1..=4096) => Ok(*n as usize),
        _ => Err(ReadError::InputShape { shape: told() }),
    };
    Ok((Dims::new(size(channels)?, size(height)?, size(width)?), last))
}

/// Whether a graph with this operation is a transformer's.
fn transformer(model: &Model, op: &str) -> bool {
    let has = |ops: &[&str]| model.nodes.iter().any(|node| ops.contains(&node.op.as_str()));
    let of_one = [
        "MatMul",
        "Einsum",
        "Attention",
        "MultiHeadAttention",
        "LayerNormalization",
        "Softmax",
        "Gather",
        "Split",
        "Expand",
        "Reshape",
        "Transpose",
        "Erf",
        "ReduceMean",
        "Concat",
        "Slice",
        "Add",
    ];
    of_one.contains(&op)
        && (has(&["Attention", "MultiHeadAttention"])
            || (has(&["Softmax"]) && has(&["MatMul", "Einsum"]) && has(&["LayerNormalization", "ReduceMean"])))
}
