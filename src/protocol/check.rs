//! What a message may ask for. The types say what can be read; here stands what of it can be done.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::{ArrayInfo, Problem, RawOp, ToWorker};
use crate::catalog::{NetworkSpec, ProblemKind, Target, Unit, Want};

/// Steps of an ascent: minutes of work.
const STEPS: RangeInclusive<usize> = 1..=100_000;
/// What a GIF's delay can hold, in milliseconds.
const LONGEST: f64 = 655_350.0;
/// Channels of a head's hidden layer.
const HIDDEN: RangeInclusive<usize> = 1..=8192;

type Checked = Result<(), String>;

impl ToWorker {
    /// Checks every number against the others, against the network that runs, and against the sizes of the buffers that came
    /// along, in bytes.
    ///
    /// # Errors
    /// [`ProblemKind::BadParameter`] names the field, its value, and what it takes.
    pub fn check(&self, net: &NetworkSpec, buffers: &[usize]) -> Result<(), Problem> {
        self.checked(net, buffers).map_err(|why| Problem::new(ProblemKind::BadParameter, why))
    }

    fn checked(&self, net: &NetworkSpec, buffers: &[usize]) -> Checked {
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
            Self::Classify { top, .. } => within("top", *top, 1..=net.classes()),
            Self::Raw { op, height, width, .. } => {
                let one = input(net, *height, *width)?;
                if first != one {
                    return Err(format!("the input has {first} bytes; float32 [3, {height}, {width}] has {one}"));
                }
                raw(net, op)
            }
            Self::Probe { want, height, width, .. } => {
                let one = input(net, *height, *width)?;
                if !first.is_multiple_of(one) {
                    return Err(format!(
                        "the inputs have {first} bytes, no whole number of float32 [3, {height}, {width}] ({one} bytes each)"
                    ));
                }
                want_of(net, want, [*height, *width])
            }
            Self::Arrays { arrays, .. } => own(net, arrays, buffers),
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
fn input(net: &NetworkSpec, height: usize, width: usize) -> Result<usize, String> {
    let takes = net.card().input;
    within("height", height, takes.sides())?;
    within("width", width, takes.sides())?;
    Ok(size_of::<f32>() * takes.channels * height * width)
}

fn raw(net: &NetworkSpec, op: &RawOp) -> Checked {
    let (RawOp::Forward { layer } | RawOp::Gradient { layer, .. } | RawOp::Ascend { layer, .. }) = op;
    let Some(index) = net.index(layer) else { return Err(format!("there is no layer {layer}")) };
    match op {
        RawOp::Forward { .. } => Ok(()),
        RawOp::Gradient { channel, .. } => channel_of(net, index, *channel),
        RawOp::Ascend { channel, steps, lr, b1, b2, eps, .. } => {
            channel_of(net, index, *channel)?;
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

fn channel_of(net: &NetworkSpec, layer: usize, channel: usize) -> Checked {
    within("channel", channel, 0..=net.channels(layer) - 1)
}

fn want_of(net: &NetworkSpec, want: &Want, [height, width]: [usize; 2]) -> Checked {
    let stage = |stage: usize| within("stage", stage, 1..=net.card().trunk);
    let class = |class: usize| within("class", class, 0..=net.classes() - 1);
    let unit = |unit: &Unit| {
        within("layer", unit.layer, 1..=net.card().trunk)?;
        channel_of(net, unit.layer, unit.channel)?;
        let [_, h, w] = net.shape(unit.layer, height, width);
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
fn own(net: &NetworkSpec, arrays: &[ArrayInfo], buffers: &[usize]) -> Checked {
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
    let known = known(net, &shape);
    for name in shapes.keys() {
        let Some((node, suffix)) = name.rsplit_once('.') else { return Err(unknown(net, name)) };
        let Some(own) = known.iter().find(|known| known.arrays == node) else { return Err(unknown(net, name)) };
        let takes = own.shapes.iter().find(|(other, _)| *other == suffix);
        let Some((_, takes)) = takes else { return Err(unknown(net, name)) };
        if shapes[name] != takes {
            return Err(format!("{name}: the shape is {:?}, not {takes:?}", shapes[name]));
        }
        let others = own.shapes.iter().map(|(other, _)| format!("{node}.{other}"));
        let readers = own.reader.iter().map(|reader| format!("{reader}.weight"));
        if let Some(missing) = others.chain(readers).find(|other| shape(other).is_none()) {
            return Err(format!("{name} comes without {missing}"));
        }
        if own.reader.is_some() {
            within(&format!("{node}.weight: rows"), own.shapes[0].1[0], HIDDEN)?;
        }
    }
    Ok(())
}

/// The arrays of a node, as one's own may come.
struct Known {
    /// What their names begin with.
    arrays: String,
    /// What follows a dot, and the shape.
    shapes: Vec<(&'static str, Vec<usize>)>,
    /// Of a layer whose number of channels may change: whose arrays have to come along, since they read it.
    reader: Option<String>,
}

/// All arrays of a network. A linear layer's weights, and those of a 1x1 convolution behind the trunk, are a matrix. The head's
/// hidden layer may have as many channels as `given` says; what stands on it comes along, so that what was there before does not
/// matter.
fn known<'a>(net: &NetworkSpec, given: &impl Fn(&str) -> Option<&'a [usize]>) -> Vec<Known> {
    let (graph, trunk) = (net.graph(), net.card().trunk);
    let mut known = Vec::<Known>::new();
    let mut widened = None::<usize>;
    for (at, node) in graph.nodes().iter().enumerate() {
        let specs = graph.arrays(at, graph.dims());
        if specs.is_empty() {
            continue;
        }
        let mut shapes: Vec<_> = specs.into_iter().map(|spec| (spec.suffix, spec.shape)).collect();
        let mut reader = None;
        if at > trunk {
            shapes.iter_mut().for_each(|(_, shape)| {
                while shape.len() > 2 && shape.ends_with(&[1]) {
                    shape.pop();
                }
            });
            if let Some(channels) = widened.take() {
                shapes[0].1[1] = channels;
            }
            let above = (at + 1..=graph.output()).find(|at| !graph.arrays(*at, graph.dims()).is_empty());
            reader = above.map(|above| graph.nodes()[above].arrays.clone());
            let rows = given(&format!("{}.weight", node.arrays)).and_then(|shape| shape.first()).copied();
            if reader.is_some() {
                // a head that comes without its hidden layer has none
                widened = Some(rows.unwrap_or(shapes[0].1[1]));
                rows.into_iter().for_each(|rows| shapes.iter_mut().for_each(|(_, shape)| shape[0] = rows));
            }
        }
        known.push(Known { arrays: node.arrays.clone(), shapes, reader });
    }
    known
}

fn unknown(net: &NetworkSpec, name: &str) -> String {
    let names: Vec<String> = known(net, &|_| None).into_iter().map(|known| known.arrays).collect();
    format!("there is no array {name}; known: {}, each with .weight and .bias", names.join(", "))
}
