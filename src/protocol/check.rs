//! What a message may ask for. The types say what can be read; here stands what of it can be done.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::{ArrayInfo, Problem, RawOp, ToWorker};
use crate::catalog::labels::CLASSES;
use crate::catalog::networks::VGG16;
use crate::catalog::{Op, ProblemKind, Target, Unit, Want};

/// Rows and columns that an input may have.
const SIDES: RangeInclusive<usize> = 32..=512;
/// Steps of an ascent: minutes of work.
const STEPS: RangeInclusive<usize> = 1..=100_000;
/// What a GIF's delay can hold, in milliseconds.
const LONGEST: f64 = 655_350.0;
/// Channels of a head's hidden layer.
const HIDDEN: RangeInclusive<usize> = 1..=8192;
/// Channels of what a head reads.
const READ: usize = 512;

type Checked = Result<(), String>;

impl ToWorker {
    /// Checks every number against the others and against the sizes of the buffers that came along, in bytes.
    ///
    /// # Errors
    /// [`ProblemKind::BadParameter`] names the field, its value, and what it takes.
    pub fn check(&self, buffers: &[usize]) -> Result<(), Problem> {
        self.checked(buffers).map_err(|why| Problem::new(ProblemKind::BadParameter, why))
    }

    fn checked(&self, buffers: &[usize]) -> Checked {
        let expected = match self {
            Self::SetImage { .. } | Self::Raw { .. } | Self::Probe { .. } | Self::Gif { .. } => 1,
            Self::Arrays { arrays, .. } => arrays.len(),
            _ => 0,
        };
        if buffers.len() != expected {
            return Err(format!("{} buffers came along, not {expected}", buffers.len()));
        }
        let first = buffers.first().copied().unwrap_or_default();
        match self {
            Self::SetImage { pixels: Some([w, h]), .. } => {
                let needed = 4 * u64::from(*w) * u64::from(*h);
                if first as u64 == needed {
                    Ok(())
                } else {
                    Err(format!("pixels: {w} x {h} are {needed} bytes, not {first}"))
                }
            }
            Self::Classify { top, .. } => within("top", *top, 1..=CLASSES),
            Self::Raw { op, height, width, .. } => {
                let one = input(*height, *width)?;
                if first != one {
                    return Err(format!("the input has {first} bytes; float32 [3, {height}, {width}] has {one}"));
                }
                raw(op)
            }
            Self::Probe { want, height, width, .. } => {
                let one = input(*height, *width)?;
                if !first.is_multiple_of(one) {
                    return Err(format!(
                        "the inputs have {first} bytes, no whole number of float32 [3, {height}, {width}] ({one} bytes each)"
                    ));
                }
                want_of(want, [*height, *width])
            }
            Self::Arrays { arrays, .. } => own(arrays, buffers),
            Self::Gif { width, height, delay, .. } => {
                let frame = 3 * u64::from(*width) * u64::from(*height);
                if frame == 0 || first == 0 || !(first as u64).is_multiple_of(frame) {
                    return Err(format!("gif: {first} bytes are no frames of 3 x {height} x {width}"));
                }
                if (0.0..=LONGEST).contains(delay) {
                    Ok(())
                } else {
                    Err(format!("delay = {delay}: takes 0 to {LONGEST} ms"))
                }
            }
            _ => Ok(()),
        }
    }
}

fn within(name: &str, value: usize, range: RangeInclusive<usize>) -> Checked {
    if range.contains(&value) {
        Ok(())
    } else {
        Err(format!("{name} = {value}: takes {} to {}", range.start(), range.end()))
    }
}

/// Bytes of one float32 input `[3, height, width]`.
fn input(height: usize, width: usize) -> Result<usize, String> {
    within("height", height, SIDES)?;
    within("width", width, SIDES)?;
    Ok(size_of::<f32>() * 3 * height * width)
}

fn raw(op: &RawOp) -> Checked {
    let (RawOp::Forward { layer } | RawOp::Gradient { layer, .. } | RawOp::Ascend { layer, .. }) = op;
    let Some(index) = VGG16.index(layer) else { return Err(format!("there is no layer {layer}")) };
    match op {
        RawOp::Forward { .. } => Ok(()),
        RawOp::Gradient { channel, .. } => channel_of(index, *channel),
        RawOp::Ascend { channel, steps, lr, b1, b2, eps, .. } => {
            channel_of(index, *channel)?;
            within("steps", *steps, STEPS)?;
            for (name, decay) in [("b1", b1), ("b2", b2)] {
                if !(0.0..1.0).contains(decay) {
                    return Err(format!("{name} = {decay}: takes 0 to less than 1"));
                }
            }
            if !lr.is_finite() || !(f32::MIN_POSITIVE..1.0).contains(eps) {
                return Err(format!("lr = {lr}, eps = {eps}: takes a number, and one between 0 and 1"));
            }
            Ok(())
        }
    }
}

fn channel_of(layer: usize, channel: usize) -> Checked {
    within("channel", channel, 0..=VGG16.layers[layer].cout - 1)
}

fn want_of(want: &Want, [height, width]: [usize; 2]) -> Checked {
    let stage = |stage: usize| within("stage", stage, 0..=VGG16.layers.len() - 1);
    let class = |class: usize| within("class", class, 0..=CLASSES - 1);
    let unit = |unit: &Unit| {
        within("layer", unit.layer, 0..=VGG16.layers.len() - 1)?;
        channel_of(unit.layer, unit.channel)?;
        let [_, h, w] = VGG16.shape(unit.layer, height, width);
        match unit.place {
            Some((x, y)) if x >= w || y >= h => Err(format!("place = ({x}, {y}): the layer has {w} x {h} places")),
            _ => Ok(()),
        }
    };
    match want {
        Want::Logits => Ok(()),
        Want::Unit(u) | Want::Gradient(Target::Unit(u)) => unit(u),
        Want::Gradient(Target::Class { class: c, .. }) => class(*c),
        Want::Means { stage: s } => stage(*s),
        Want::Slopes { stage: s, class: c } => stage(*s).and_then(|()| class(*c)),
    }
}

/// Arrays of one's own: known names, each once, weights with their biases, shapes that the network has.
fn own(arrays: &[ArrayInfo], buffers: &[usize]) -> Checked {
    let mut shapes = BTreeMap::new();
    for (ArrayInfo { name, shape }, bytes) in arrays.iter().zip(buffers) {
        let count = shape.iter().try_fold(size_of::<f32>(), |n, side| n.checked_mul(*side));
        if count != Some(*bytes) {
            return Err(format!("{name}: {} values for the shape {shape:?}", *bytes as f32 / 4.0));
        }
        if shapes.insert(name.as_str(), shape.as_slice()).is_some() {
            return Err(format!("{name} is there twice"));
        }
    }
    let shape = |name: &str| shapes.get(name).copied();
    // a head whose hidden layer changes comes as a whole, so that what was there before does not matter
    let hidden = shape("head.hidden.weight").and_then(|s| s.first()).copied();
    let features = hidden.unwrap_or(READ);
    for name in shapes.keys() {
        let Some((layer, part)) = name.rsplit_once('.') else { return Err(unknown(name)) };
        let weight: Vec<usize> = match layer {
            "head.hidden" => vec![features, READ],
            "head.output" => vec![CLASSES, features],
            "linear.output" => vec![CLASSES, READ],
            _ => conv(layer).ok_or_else(|| unknown(name))?,
        };
        let (takes, other) = match part {
            "weight" => (weight.clone(), "bias"),
            "bias" => (vec![weight[0]], "weight"),
            _ => return Err(unknown(name)),
        };
        if shapes[name] != takes {
            return Err(format!("{name}: the shape is {:?}, not {takes:?}", shapes[name]));
        }
        let mut others = vec![format!("{layer}.{other}")];
        if layer == "head.hidden" {
            others.push("head.output.weight".into());
        }
        if let Some(missing) = others.iter().find(|n| shape(n).is_none()) {
            return Err(format!("{name} comes without {missing}"));
        }
    }
    hidden.map_or(Ok(()), |n| within("head.hidden.weight: rows", n, HIDDEN))
}

fn conv(layer: &str) -> Option<Vec<usize>> {
    let index: usize = layer.strip_prefix("features.")?.parse().ok()?;
    let conv = VGG16.layers.get(index).filter(|l| l.op == Op::Conv && layer == format!("features.{index}"))?;
    Some(vec![conv.cout, conv.cin, 3, 3])
}

fn unknown(name: &str) -> String {
    format!(
        "there is no array {name}; known: features.0 … features.28 (torchvision's convolutions), head.hidden, head.output, \
         linear.output, each with .weight and .bias"
    )
}
