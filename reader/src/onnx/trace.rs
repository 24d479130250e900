//! Follows a graph's values from the picture to the scores, and adds a node of ours for every operation that computes something.

use std::collections::HashMap;

use cnn_lens::ops::{Activation, Add, AvgPool, Concat, Lrn, MaxPool, Mul, Op, Softmax};

use super::fold::{at, axis_of, computes, fold, ints};
use super::proto::{Attribute, Constant, Model, Node};
use super::transformer;
use crate::draft::{Draft, Slide, normalisation, same};
use crate::error::ReadError;
use crate::tensor::{Matrix, Tensor};
use crate::view::{Axis, View};

/// A value of the graph.
#[derive(Clone)]
enum Known {
    /// What depends on the picture.
    View(View),
    /// What does not.
    Constant(Constant),
}

/// The walk through a graph.
pub struct Trace<'a> {
    model: &'a Model,
    draft: &'a mut Draft,
    values: HashMap<&'a str, Known>,
    /// Numbers of constants that were computed.
    computed: usize,
}

/// No model's constants that are to be computed have more numbers together.
const MOST: usize = 1 << 24;

impl<'a> Trace<'a> {
    /// Before the first node.
    pub fn new(model: &'a Model, draft: &'a mut Draft) -> Self {
        Self { model, draft, values: HashMap::new(), computed: 0 }
    }

    /// The picture.
    pub fn start(&mut self, name: &'a str, view: View) {
        self.values.insert(name, Known::View(view));
    }

    /// The node that writes the value `output`.
    ///
    /// # Errors
    /// [`ReadError`]: it is not computed, or not in the order in which classes would be.
    pub fn finish(self, output: &str) -> Result<usize, ReadError> {
        let Some(Known::View(view)) = self.values.get(output) else {
            return Err(ReadError::NoTensor { tensor: output.to_owned() });
        };
        let view = view.settled(self.draft, "pad")?;
        let dims = self.draft.dims(view.node);
        match view.order.is_some() || (dims.places() > 1 && view.groups.len() != 2) {
            true => Err(ReadError::NoClasses { writes: dims }),
            false => self.draft.flatten(view.node),
        }
    }

    fn constant(&self, name: &str) -> Option<&Constant> {
        match self.values.get(name) {
            Some(Known::Constant(constant)) => Some(constant),
            Some(Known::View(_)) => None,
            None => self.model.initializers.get(name),
        }
    }

    fn view(&self, name: &str) -> Option<&View> {
        match self.values.get(name) {
            Some(Known::View(view)) => Some(view),
            _ => None,
        }
    }

    /// Adds what a node computes.
    ///
    /// # Errors
    /// [`ReadError`]: it cannot be said, or its values do not fit.
    pub fn node(&mut self, node: &'a Node) -> Result<(), ReadError> {
        let Some(output) = node.outputs.first() else { return Ok(()) };
        let known = node.inputs.iter().any(|name| self.view(name).is_some());
        let value = if known {
            let step = Step { name: if node.name.is_empty() { output } else { &node.name }, node };
            Known::View(match self.operation(&step)? {
                Answer::View(view) => view,
                Answer::Constant(constant) => {
                    self.values.insert(output, Known::Constant(constant));
                    return Ok(());
                }
            })
        } else {
            let inputs: Vec<Option<&Constant>> = node.inputs.iter().map(|name| self.constant(name)).collect();
            match fold(node, &inputs)? {
                Some(constant) => {
                    if computes(node) {
                        self.computed += constant.count();
                    }
                    if self.computed > MOST {
                        return Err(ReadError::Hostile { what: "constants that are computed without end" });
                    }
                    Known::Constant(constant)
                }
                // what is not known is an error only where it is needed
                None => return Ok(()),
            }
        };
        self.values.insert(output, value);
        Ok(())
    }

    fn refused(&self, step: &Step<'_>, what: &str) -> ReadError {
        let op = &step.node.op;
        if transformer(self.model, op) {
            return ReadError::Transformer { found: step.name.to_owned() };
        }
        let op = match step.node.domain.as_str() {
            "" | "ai.onnx" => op.clone(),
            domain => format!("{domain}.{op}"),
        };
        let op = if what.is_empty() { op } else { format!("{op} ({what})") };
        ReadError::Op { op, node: step.name.to_owned() }
    }

    /// The view that is the `i`th input.
    fn input(&self, step: &Step<'_>, i: usize) -> Result<View, ReadError> {
        let name = step.node.inputs.get(i).map_or("", String::as_str);
        match self.view(name) {
            Some(view) => Ok(view.clone()),
            None => Err(self.refused(step, if i == 0 { "of a constant" } else { "" })),
        }
    }

    /// The constant that is the `i`th input; `None` where it is left out.
    fn given(&self, step: &Step<'_>, i: usize) -> Result<Option<&Constant>, ReadError> {
        match step.node.inputs.get(i).map(String::as_str) {
            None | Some("") => Ok(None),
            Some(name) => self.constant(name).map(Some).ok_or_else(|| self.refused(step, "weights that are computed")),
        }
    }

    fn needed(&self, step: &Step<'_>, i: usize) -> Result<&Constant, ReadError> {
        self.given(step, i)?.ok_or_else(|| self.refused(step, "an input is missing"))
    }

    fn numbers(&self, step: &Step<'_>, i: usize) -> Result<Vec<f32>, ReadError> {
        self.needed(step, i)?.stored().values()
    }

    /// A number of an input that was a parameter in older versions.
    fn number(&self, step: &Step<'_>, i: usize, name: &str, default: f32) -> Result<f32, ReadError> {
        match self.given(step, i)? {
            Some(constant) if constant.count() == 1 => Ok(constant.stored().values()?[0]),
            Some(_) => Err(self.refused(step, name)),
            None => Ok(step.float(name, default)),
        }
    }

    /// Whole numbers of an input that was a parameter in older versions.
    fn list(&self, step: &Step<'_>, i: usize, name: &str) -> Result<Option<Vec<i64>>, ReadError> {
        Ok(match self.given(step, i)? {
            Some(constant) => Some(ints(constant).ok_or_else(|| self.refused(step, name))?.to_vec()),
            None => step.ints(name),
        })
    }

    /// Maps `[N, C, H, W]`; what is to be padded before is not yet.
    fn maps(&self, step: &Step<'_>) -> Result<View, ReadError> {
        let view = self.input(step, 0)?;
        match view.is_channels_first(self.draft) {
            true => Ok(view),
            false => Err(self.refused(step, "of values in another order")),
        }
    }

    /// Maps with their zeros around.
    fn settled(&mut self, step: &Step<'_>) -> Result<View, ReadError> {
        self.maps(step)?.settled(self.draft, &format!("{}_pad", step.name))
    }

    fn first(&self, node: usize) -> Answer {
        Answer::View(View::channels_first(node, self.draft.dims(node)))
    }

    fn activation(&mut self, step: &Step<'_>, kind: Activation) -> Result<Answer, ReadError> {
        let x = self.input(step, 0)?.settled(self.draft, &format!("{}_pad", step.name))?;
        Ok(Answer::View(x.with(self.draft.activation(step.name, x.node, kind)?)))
    }

    fn operation(&mut self, step: &Step<'_>) -> Result<Answer, ReadError> {
        if !matches!(step.node.domain.as_str(), "" | "ai.onnx") {
            return Err(self.refused(step, ""));
        }
        match step.node.op.as_str() {
            "Identity" | "Cast" | "Dropout" => Ok(Answer::View(self.input(step, 0)?)),
            "Shape" => {
                let shape = self.input(step, 0)?.shape(self.draft);
                let end = |name: &str, default: i64| match step.int(name, default) {
                    n if n < 0 => (n + shape.len() as i64).max(0) as usize,
                    n => (n as usize).min(shape.len()),
                };
                let (from, to) = (end("start", 0), end("end", i64::MAX));
                Ok(Answer::Constant(Constant::ints(shape[from..to.max(from)].iter().map(|n| *n as i64).collect())))
            }
            "Reshape" | "Flatten" | "Transpose" | "Squeeze" | "Unsqueeze" => self.moved(step),
            "Conv" => self.conv(step),
            "Gemm" | "MatMul" => self.matrix(step),
            "BatchNormalization" => self.normalised(step),
            "MaxPool" | "AveragePool" => self.pooled(step),
            "GlobalAveragePool" => {
                let x = self.settled(step)?;
                let node = self.draft.global_avg_pool(step.name, x.node)?;
                Ok(self.first(node))
            }
            "GlobalMaxPool" => {
                let x = self.settled(step)?;
                let dims = self.draft.dims(x.node);
                let pool =
                    MaxPool { kernel: [dims.h, dims.w], stride: [1, 1], dilation: [1, 1], pad: [0; 4], ceil: false };
                let node = self.draft.max_pool(step.name, x.node, pool)?;
                Ok(self.first(node))
            }
            "ReduceMean" => self.mean(step),
            "Pad" => self.padded(step),
            "LRN" => {
                let x = self.settled(step)?;
                let lrn = Lrn {
                    size: usize::try_from(step.int("size", 0)).unwrap_or_default(),
                    alpha: step.float("alpha", 1e-4),
                    beta: step.float("beta", 0.75),
                    k: step.float("bias", 1.0),
                };
                let node = self.draft.push(step.name, Op::Lrn(lrn), vec![x.node], Vec::new())?;
                Ok(self.first(node))
            }
            "Concat" => self.concat(step),
            "Add" | "Sub" | "Mul" | "Div" | "Sum" | "Max" | "Min" => self.binary(step),
            "Softmax" | "LogSoftmax" => {
                let x = self.input(step, 0)?;
                let node = self.draft.push(step.name, Op::Softmax(Softmax {}), vec![x.node], Vec::new())?;
                Ok(Answer::View(x.with(node)))
            }
            _ => {
                let kind = self.kind(step)?;
                self.activation(step, kind)
            }
        }
    }

    /// Functions of one value.
    fn kind(&self, step: &Step<'_>) -> Result<Activation, ReadError> {
        const NONE: f32 = f32::MAX;
        Ok(match step.node.op.as_str() {
            "Relu" => Activation::Relu {},
            "Sigmoid" => Activation::Sigmoid {},
            "Tanh" => Activation::Tanh {},
            "HardSwish" => Activation::HardSwish {},
            "LeakyRelu" => Activation::LeakyRelu { alpha: step.float("alpha", 0.01) },
            "Elu" => Activation::Elu { alpha: step.float("alpha", 1.0) },
            "HardSigmoid" => Activation::HardSigmoid { alpha: step.float("alpha", 0.2), beta: step.float("beta", 0.5) },
            "Swish" if step.float("alpha", 1.0) == 1.0 => Activation::Silu {},
            "Gelu" => Activation::Gelu {
                tanh: matches!(step.node.attributes.get("approximate"), Some(Attribute::Text(t)) if t == "tanh"),
            },
            "Clip" => match (self.number(step, 1, "min", -NONE)?, self.number(step, 2, "max", NONE)?) {
                (0.0, 6.0) => Activation::Relu6 {},
                (0.0, max) if max >= NONE => Activation::Relu {},
                (min, max) => Activation::Clip { min, max },
            },
            "PRelu" => {
                let slopes = self.numbers(step, 1)?;
                match slopes.first() {
                    Some(alpha) if slopes.iter().all(|slope| slope == alpha) => Activation::LeakyRelu { alpha: *alpha },
                    _ => return Err(self.refused(step, "a slope for every channel")),
                }
            }
            _ => return Err(self.refused(step, "")),
        })
    }

    /// What only moves dimensions about.
    fn moved(&mut self, step: &Step<'_>) -> Result<Answer, ReadError> {
        let x = self.input(step, 0)?;
        let rank = x.groups.len();
        let shape = x.shape(self.draft);
        let moved = match step.node.op.as_str() {
            "Transpose" => {
                let order: Option<Vec<usize>> = match step.ints("perm") {
                    Some(order) => order.iter().map(|axis| axis_of(*axis, rank)).collect(),
                    None => Some((0..rank).rev().collect()),
                };
                order.and_then(|order| x.transposed(&order))
            }
            "Flatten" => {
                let axis = at(step.node, "axis", 1, rank + 1);
                axis.and_then(|axis| x.reshaped(self.draft, &[shape[..axis].iter().product::<usize>() as i64, -1]))
            }
            "Reshape" => {
                let target = self.list(step, 1, "shape")?.ok_or_else(|| self.refused(step, "its shape is missing"))?;
                let side = |(i, n): (usize, &i64)| match n {
                    0 => shape.get(i).map(|side| *side as i64),
                    n => Some(*n),
                };
                let target: Option<Vec<i64>> = target.iter().enumerate().map(side).collect();
                target.and_then(|target| x.reshaped(self.draft, &target))
            }
            kind => {
                let axes = self.list(step, 1, "axes")?.unwrap_or_default();
                let puts_in = kind == "Unsqueeze";
                let rank = rank + if puts_in { axes.len() } else { 0 };
                let places: Option<Vec<usize>> = axes.iter().map(|axis| axis_of(*axis, rank)).collect();
                places.and_then(|places| if puts_in { x.unsqueezed(&places) } else { x.squeezed(&places) })
            }
        };
        moved.map(Answer::View).ok_or_else(|| self.refused(step, "of these dimensions"))
    }

    fn window(&self, step: &Step<'_>, kernel: [usize; 2], x: &View) -> Result<Slide, ReadError> {
        let pair = |name: &str| -> Result<[usize; 2], ReadError> {
            match step.ints(name) {
                None => Ok([1, 1]),
                Some(list) => list
                    .iter()
                    .map(|n| usize::try_from(*n).ok())
                    .collect::<Option<Vec<_>>>()
                    .and_then(|list| list.try_into().ok())
                    .ok_or_else(|| self.refused(step, name)),
            }
        };
        let (stride, dilation) = (pair("strides")?, pair("dilations")?);
        let shape = x.shape(self.draft);
        let kind = match step.node.attributes.get("auto_pad") {
            Some(Attribute::Text(kind)) => kind.as_str(),
            _ => "NOTSET",
        };
        let pad = match kind {
            "SAME_UPPER" | "SAME_LOWER" => {
                let axis = |i: usize| same(shape[i + 2], kernel[i], stride[i], dilation[i]);
                let ([a, b], [c, d]) = (axis(0), axis(1));
                if kind == "SAME_UPPER" { [a, c, b, d] } else { [b, d, a, c] }
            }
            "VALID" => [0; 4],
            _ => match step.ints("pads") {
                None => [0; 4],
                Some(list) => list
                    .iter()
                    .map(|n| usize::try_from(*n).ok())
                    .collect::<Option<Vec<_>>>()
                    .and_then(|list| list.try_into().ok())
                    .ok_or_else(|| self.refused(step, "pads"))?,
            },
        };
        Ok(Slide { stride, dilation, pad, groups: 1 })
    }

    fn conv(&mut self, step: &Step<'_>) -> Result<Answer, ReadError> {
        let x = self.maps(step)?;
        let weight = self.needed(step, 1)?.stored();
        let &[_, _, h, w] = weight.shape.as_slice() else { return Err(self.refused(step, "not of two dimensions")) };
        let mut slide = self.window(step, [h, w], &x)?;
        slide.groups = usize::try_from(step.int("group", 1)).unwrap_or_default();
        slide.pad.iter_mut().zip(x.pad).for_each(|(pad, before)| *pad = pad.saturating_add(before));
        let bias = self.given(step, 2)?.map(|bias| bias.stored().values()).transpose()?;
        let weight = Tensor::new(weight.shape.clone(), weight.values()?);
        let node = self.draft.conv(step.name, x.node, slide, weight, bias)?;
        Ok(self.first(node))
    }

    fn matrix(&mut self, step: &Step<'_>) -> Result<Answer, ReadError> {
        let x = self.input(step, 0)?;
        let gemm = step.node.op == "Gemm";
        let weight = self.needed(step, 1)?.stored();
        if weight.shape.len() != 2 || (gemm && step.int("transA", 0) != 0) {
            return Err(self.refused(step, "of these dimensions"));
        }
        let transposed = !gemm || step.int("transB", 0) == 0;
        let (alpha, beta) = if gemm { (step.float("alpha", 1.0), step.float("beta", 1.0)) } else { (1.0, 1.0) };
        let mut bias = if gemm { self.given(step, 2)?.map(|bias| bias.stored().values()).transpose()? } else { None };
        let out = weight.shape[usize::from(transposed)];
        if let Some(bias) = &mut bias {
            if bias.len() == 1 {
                bias.resize(out, bias[0]);
            }
            bias.iter_mut().for_each(|b| *b *= beta);
        }
        if !gemm && x.groups.len() == 4 && x.is_channels_last(self.draft) {
            // of the channels at every place: a convolution of one tap
            let matrix = Matrix { transposed, order: None }.read(&weight)?;
            let [out, takes] = [matrix.shape[0], matrix.shape[1]];
            let weight = Tensor::new(vec![out, takes, 1, 1], matrix.to_f32());
            let x = x.settled(self.draft, step.name)?;
            let node = self.draft.conv(step.name, x.node, Slide::PLAIN, weight, None)?;
            return Ok(Answer::View(View::channels_last(node, self.draft.dims(node))));
        }
        let Some(x) = x.flattened(self.draft)? else { return Err(self.refused(step, "of these dimensions")) };
        let how = Matrix { transposed, order: x.order.as_deref() };
        let node = self.draft.linear(step.name, x.node, &weight, how, bias)?;
        if alpha != 1.0 {
            self.draft.nodes[node].arrays[0].scale_rows(&vec![alpha; out]);
        }
        Ok(Answer::View(View::vector(node, self.draft.dims(node))))
    }

    fn normalised(&mut self, step: &Step<'_>) -> Result<Answer, ReadError> {
        let x = self.input(step, 0)?;
        let [gamma, beta, mean, variance] =
            [self.numbers(step, 1)?, self.numbers(step, 2)?, self.numbers(step, 3)?, self.numbers(step, 4)?];
        let epsilon = f64::from(step.float("epsilon", 1e-5));
        let (scale, shift) = normalisation(step.name, [&gamma, &beta, &mean, &variance], epsilon)?;
        let x = match x.is_channels_first(self.draft) {
            true => x.settled(self.draft, &format!("{}_pad", step.name))?,
            false => x.flattened(self.draft)?.ok_or_else(|| self.refused(step, "of values in another order"))?,
        };
        let (scale, shift) = (x.ordered(scale), x.ordered(shift));
        Ok(Answer::View(x.with(self.draft.affine(step.name, x.node, scale, shift)?)))
    }

    fn pooled(&mut self, step: &Step<'_>) -> Result<Answer, ReadError> {
        let mut x = self.maps(step)?;
        let kernel = step.ints("kernel_shape").unwrap_or_default();
        let kernel: Option<Vec<usize>> = kernel.iter().map(|n| usize::try_from(*n).ok()).collect();
        let kernel: Option<[usize; 2]> = kernel.and_then(|kernel| kernel.try_into().ok());
        let kernel = kernel.ok_or_else(|| self.refused(step, "not of two dimensions"))?;
        let slide = self.window(step, kernel, &x)?;
        let Slide { stride, dilation, mut pad, .. } = slide;
        let ceil = step.int("ceil_mode", 0) != 0;
        if step.node.op == "MaxPool" {
            // zeros never win over what is not negative, just as padding does not
            let within =
                x.pad.iter().zip([kernel[0], kernel[1], kernel[0], kernel[1]]).all(|(pad, kernel)| *pad < kernel);
            if pad == [0; 4] && within && !ceil && never_negative(self.draft, x.node, 8) {
                pad = x.pad;
                x.pad = [0; 4];
            }
            let x = x.settled(self.draft, &format!("{}_pad", step.name))?;
            let pool = MaxPool { kernel, stride, dilation, pad, ceil };
            let node = self.draft.max_pool(step.name, x.node, pool)?;
            return Ok(self.first(node));
        }
        if dilation != [1, 1] {
            return Err(self.refused(step, "dilated"));
        }
        let x = x.settled(self.draft, &format!("{}_pad", step.name))?;
        let include_pad = step.int("count_include_pad", 0) != 0;
        let node = self.draft.avg_pool(step.name, x.node, AvgPool { kernel, stride, pad, ceil, include_pad })?;
        Ok(self.first(node))
    }

    /// The mean over all places of each channel, wherever they stand.
    fn mean(&mut self, step: &Step<'_>) -> Result<Answer, ReadError> {
        let x = self.input(step, 0)?.settled(self.draft, &format!("{}_pad", step.name))?;
        let axes = self.list(step, 1, "axes")?.ok_or_else(|| self.refused(step, "over everything"))?;
        let axes: Option<Vec<usize>> = axes.iter().map(|axis| axis_of(*axis, x.groups.len())).collect();
        let axes = axes.ok_or_else(|| self.refused(step, "axes"))?;
        let gone: Vec<Axis> = axes.iter().flat_map(|at| x.groups[*at].iter().copied()).collect();
        let left = x.groups.iter().enumerate().filter(|(at, _)| !axes.contains(at)).flat_map(|(_, group)| group);
        if gone.contains(&Axis::C) || left.clone().any(|axis| *axis != Axis::C) || x.order.is_some() {
            return Err(self.refused(step, "over these dimensions"));
        }
        let node = self.draft.global_avg_pool(step.name, x.node)?;
        let keep = step.int("keepdims", 1) != 0;
        let groups = x.groups.iter().enumerate().filter(|(at, _)| keep || !axes.contains(at));
        let groups = groups.map(|(at, group)| if axes.contains(&at) { Vec::new() } else { group.clone() }).collect();
        Ok(Answer::View(View { groups, ..x.with(node) }))
    }

    fn padded(&mut self, step: &Step<'_>) -> Result<Answer, ReadError> {
        let mut x = self.input(step, 0)?;
        let mode = match step.node.attributes.get("mode") {
            Some(Attribute::Text(mode)) => mode.clone(),
            _ => "constant".to_owned(),
        };
        if mode != "constant" || self.number(step, 2, "value", 0.0)? != 0.0 {
            return Err(self.refused(step, &mode));
        }
        let pads = match self.list(step, 1, "pads")? {
            Some(pads) => Some(pads),
            None => step.ints("paddings"),
        };
        let pads = pads.unwrap_or_default();
        let (before, after) = pads.split_at(pads.len() / 2);
        let last = x.is_channels_last(self.draft);
        if before.len() != 4 || after.len() != 4 || !(last || x.is_channels_first(self.draft)) {
            return Err(self.refused(step, "of these dimensions"));
        }
        let [h, w, c] = if last { [1, 2, 3] } else { [2, 3, 1] };
        let zero = [0, c].iter().all(|at| before[*at] == 0 && after[*at] == 0);
        let sides = [before[h], before[w], after[h], after[w]];
        for (pad, more) in x.pad.iter_mut().zip(sides) {
            let more = usize::try_from(more).ok().filter(|more| zero && *more < 1 << 16);
            *pad += more.ok_or_else(|| self.refused(step, "of these dimensions"))?;
        }
        Ok(Answer::View(x))
    }

    fn concat(&mut self, step: &Step<'_>) -> Result<Answer, ReadError> {
        let mut views = Vec::new();
        for i in 0..step.node.inputs.len() {
            views.push(self.input(step, i)?.settled(self.draft, &format!("{}_pad", step.name))?);
        }
        let rank = views[0].groups.len();
        let axis = at(step.node, "axis", 1, rank).ok_or_else(|| self.refused(step, "axis"))?;
        let nodes = |views: &[View]| views.iter().map(|view| view.node).collect();
        let all = |f: fn(&View, &Draft) -> bool, draft: &Draft| views.iter().all(|view| f(view, draft));
        let (first, last) = (all(View::is_channels_first, self.draft), all(View::is_channels_last, self.draft));
        if rank == 4 && ((axis == 1 && first) || (axis == 3 && last)) {
            let node = self.draft.push(step.name, Op::Concat(Concat {}), nodes(&views), Vec::new())?;
            let dims = self.draft.dims(node);
            return Ok(Answer::View(if axis == 1 {
                View::channels_first(node, dims)
            } else {
                View::channels_last(node, dims)
            }));
        }
        if rank != 2 || axis != 1 {
            return Err(self.refused(step, "along this axis"));
        }
        let mut flat = Vec::new();
        for view in &views {
            match view.flattened(self.draft)? {
                Some(view) if view.order.is_none() => flat.push(view),
                _ => return Err(self.refused(step, "of values in another order")),
            }
        }
        let node = self.draft.push(step.name, Op::Concat(Concat {}), nodes(&flat), Vec::new())?;
        Ok(Answer::View(View::vector(node, self.draft.dims(node))))
    }

    fn binary(&mut self, step: &Step<'_>) -> Result<Answer, ReadError> {
        let op = step.node.op.as_str();
        let views: Vec<View> = step.node.inputs.iter().filter_map(|name| self.view(name).cloned()).collect();
        if views.len() == step.node.inputs.len() {
            return self.of_views(step, views);
        }
        if step.node.inputs.len() != 2 {
            return Err(self.refused(step, "of so many"));
        }
        let constant_first = self.view(&step.node.inputs[0]).is_none();
        let constant = self.needed(step, usize::from(!constant_first))?.clone();
        let x = views[0].settled(self.draft, &format!("{}_pad", step.name))?;
        let values = constant.stored().values()?;
        if let ("Max" | "Min", [bound]) = (op, values.as_slice()) {
            let kind = match (op, *bound) {
                ("Max", 0.0) => Activation::Relu {},
                ("Max", min) => Activation::Clip { min, max: f32::MAX },
                (_, max) => Activation::Clip { min: f32::MIN, max },
            };
            return Ok(Answer::View(x.with(self.draft.activation(step.name, x.node, kind)?)));
        }
        let (x, values) = self.by_channel(step, x, &constant.shape, values)?;
        let none = vec![0.0; values.len()];
        let one = vec![1.0; values.len()];
        let (scale, shift) = match (op, constant_first) {
            ("Add" | "Sum", _) => (one, values),
            ("Sub", false) => (one, values.iter().map(|v| -v).collect()),
            ("Sub", true) => (vec![-1.0; values.len()], values),
            ("Mul", _) => (values, none),
            ("Div", false) => (values.iter().map(|v| v.recip()).collect(), none),
            _ => return Err(self.refused(step, "of a constant")),
        };
        Ok(Answer::View(x.with(self.draft.affine(step.name, x.node, scale, shift)?)))
    }

    /// A constant's numbers as one a channel, in the order of the view's node.
    fn by_channel(
        &mut self,
        step: &Step<'_>,
        x: View,
        shape: &[usize],
        values: Vec<f32>,
    ) -> Result<(View, Vec<f32>), ReadError> {
        let channels = self.draft.dims(x.node).c;
        if let [value] = values.as_slice() {
            return Ok((x, vec![*value; channels]));
        }
        // dimensions are counted from the last
        let rank = x.groups.len();
        let long =
            |(at, side): (usize, &usize)| (*side > 1).then_some(at + rank).and_then(|at| at.checked_sub(shape.len()));
        let places: Vec<usize> = shape.iter().enumerate().filter_map(long).collect();
        let misfit = "of a constant of this shape";
        let [place] = places.as_slice() else { return Err(self.refused(step, misfit)) };
        if shape.len() > rank {
            return Err(self.refused(step, misfit));
        }
        if x.groups.get(*place).is_some_and(|group| *group == [Axis::C]) && values.len() == channels {
            let values = x.ordered(values);
            return Ok((x, values));
        }
        match x.flattened(self.draft)? {
            Some(flat) if *place == 1 && self.draft.dims(flat.node).c == values.len() => {
                let values = flat.ordered(values);
                Ok((flat, values))
            }
            _ => Err(self.refused(step, misfit)),
        }
    }

    fn of_views(&mut self, step: &Step<'_>, views: Vec<View>) -> Result<Answer, ReadError> {
        let mut settled = Vec::new();
        for view in views {
            settled.push(view.settled(self.draft, &format!("{}_pad", step.name))?);
        }
        let rank = settled.iter().map(|view| view.groups.len()).max().unwrap_or_default();
        for view in &mut settled {
            let missing: Vec<usize> = (0..rank - view.groups.len()).collect();
            *view = view.unsqueezed(&missing).ok_or_else(|| self.refused(step, ""))?;
        }
        // the one with most places tells where the axes stand; another may only lack some
        let full = settled.iter().max_by_key(|view| self.draft.dims(view.node).places()).cloned();
        let full = full.ok_or_else(|| self.refused(step, "of nothing"))?;
        let fits = |view: &View| {
            view.order == full.order && view.groups.iter().zip(&full.groups).all(|(a, b)| a == b || a.is_empty())
        };
        if !settled.iter().all(fits) {
            return Err(self.refused(step, "of values in different orders"));
        }
        let nodes: Vec<usize> = settled.iter().map(|view| view.node).collect();
        let op = match step.node.op.as_str() {
            "Add" | "Sum" if nodes.len() == 1 => return Ok(Answer::View(full)),
            "Add" | "Sum" => Op::Add(Add {}),
            "Mul" => Op::Mul(Mul {}),
            _ => return Err(self.refused(step, "of two computed values")),
        };
        let node = self.draft.push(step.name, op, nodes, Vec::new())?;
        Ok(Answer::View(full.with(node)))
    }
}

/// What an operation gives.
enum Answer {
    View(View),
    Constant(Constant),
}

/// A node with a name to call it by.
struct Step<'a> {
    name: &'a str,
    node: &'a Node,
}

impl Step<'_> {
    fn int(&self, name: &str, default: i64) -> i64 {
        match self.node.attributes.get(name) {
            Some(Attribute::Int(value)) => *value,
            _ => default,
        }
    }

    fn float(&self, name: &str, default: f32) -> f32 {
        match self.node.attributes.get(name) {
            Some(Attribute::Float(value)) => *value,
            _ => default,
        }
    }

    fn ints(&self, name: &str) -> Option<Vec<i64>> {
        match self.node.attributes.get(name) {
            Some(Attribute::Ints(values)) => Some(values.clone()),
            _ => None,
        }
    }
}

/// Whether no value that a node writes is below 0, as far as the `deep` nodes before it tell.
pub fn never_negative(draft: &Draft, at: usize, deep: usize) -> bool {
    let node = &draft.nodes[at];
    match &node.op {
        Some(Op::Activation(kind)) => match kind {
            Activation::Relu {} | Activation::Relu6 {} | Activation::Sigmoid {} | Activation::HardSigmoid { .. } => {
                true
            }
            Activation::Clip { min, .. } => *min >= 0.0,
            _ => false,
        },
        Some(Op::MaxPool(_) | Op::AvgPool(_) | Op::Concat(_) | Op::Add(_)) => {
            deep > 0 && node.inputs.iter().all(|from| *from > 0 && never_negative(draft, *from, deep - 1))
        }
        _ => false,
    }
}
