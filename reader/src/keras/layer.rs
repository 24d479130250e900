//! What each class of layer computes.

use cnn_lens::ops::{Add, AvgPool, Concat, MaxPool, Mul, Op, Softmax};
use serde_json::Value;

use super::Source;
use super::activation::{Kind, layer as activation_layer, named};
use super::operator::{Arithmetic, Operator, numbers, operator, turns};
use crate::draft::{Draft, Slide, normalisation, same};
use crate::error::ReadError;
use crate::note::Note;
use crate::tensor::{Matrix, Stored, Tensor};
use crate::view::View;

/// A layer that is called.
pub struct Call<'a> {
    /// `Conv2D`.
    pub class: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Its parameters.
    pub config: &'a Value,
    /// The models around it.
    pub path: &'a [String],
    /// Where its weights are.
    pub source: &'a Source,
    /// What it is called with; null within a Sequential.
    pub node: &'a Value,
}

/// Layers that do nothing when a network is used: regularisation, and changes of training pictures.
const NOTHING: [&str; 33] = [
    "InputLayer",
    "Dropout",
    "SpatialDropout2D",
    "GaussianDropout",
    "GaussianNoise",
    "AlphaDropout",
    "ActivityRegularization",
    "RandomFlip",
    "RandomRotation",
    "RandomZoom",
    "RandomTranslation",
    "RandomContrast",
    "RandomBrightness",
    "RandomHeight",
    "RandomWidth",
    "Identity",
    "RandomErasing",
    "RandomHue",
    "RandomSaturation",
    "RandomGrayscale",
    "RandomColorJitter",
    "RandomColorDegeneration",
    "RandomSharpness",
    "RandomGaussianBlur",
    "RandomPosterization",
    "RandomShear",
    "RandomPerspective",
    "RandomElasticTransform",
    "RandomInvert",
    "AugMix",
    "RandAugment",
    "CutMix",
    "MixUp",
];

/// What a layer writes.
///
/// # Errors
/// [`ReadError`]: it cannot be said, or its weights do not fit.
pub fn apply(call: &Call<'_>, draft: &mut Draft, views: Vec<View>) -> Result<View, ReadError> {
    if NOTHING.contains(&call.class) {
        return views.into_iter().next().ok_or_else(|| call.refused("of nothing"));
    }
    if call.config["data_format"] == "channels_first" {
        return Err(call.refused("channels first"));
    }
    if let Some(kind) = activation_layer(call.class, call.config, call.source.third) {
        let view = call.one(views)?;
        return call.activated(draft, view, kind);
    }
    let called =
        if call.path.is_empty() { call.name.to_owned() } else { format!("{}/{}", call.path.join("/"), call.name) };
    if let Some(operator) = operator(call.class, call.config) {
        return call.operated(draft, &called, views, operator);
    }
    let node = match call.class {
        "Average" | "Concatenate" | "Merge" => return call.merged(draft, &called, views),
        "Resizing" | "CenterCrop" | "RandomCrop" => return call.resized(draft, views),
        "Dense" => call.dense(draft, &called, views)?,
        "Conv2D" | "Convolution2D" => call.conv(draft, &called, views)?,
        "DepthwiseConv2D" => call.depthwise(draft, &called, views, "depthwise_kernel", true)?,
        "SeparableConv2D" => {
            let x = call.depthwise(draft, &format!("{called}/depthwise"), views, "depthwise_kernel", false)?;
            let weight = call.need("pointwise_kernel")?;
            let bias = call.perhaps("bias").map(Stored::values).transpose()?;
            let weight = call.kernel(weight)?;
            let node = draft.conv(&called, x.node, Slide::PLAIN, weight, bias)?;
            View::channels_last(node, draft.dims(node))
        }
        "BatchNormalization" | "BatchNormalizationV1" => return call.normalised(draft, &called, views),
        "Rescaling" => {
            let view = call.one(views)?.settled(draft, "pad")?;
            let channels = draft.dims(view.node).c;
            let numbers = |field: &str, default: f32| -> Option<Vec<f32>> {
                match &call.config[field] {
                    Value::Null => Some(vec![default; channels]),
                    Value::Array(list) if list.len() == channels => {
                        list.iter().map(|v| Some(v.as_f64()? as f32)).collect()
                    }
                    value => Some(vec![value.as_f64()? as f32; channels]),
                }
            };
            let (scale, shift) =
                numbers("scale", 1.0).zip(numbers("offset", 0.0)).ok_or_else(|| call.refused("scale"))?;
            view.with(draft.affine(&called, view.node, scale, shift)?)
        }
        "Normalization" => call.standardised(draft, &called, views)?,
        "MaxPooling2D" | "MaxPool2D" | "AveragePooling2D" | "AvgPool2D" => call.pooled(draft, &called, views)?,
        "GlobalAveragePooling2D" | "GlobalAvgPool2D" | "GlobalMaxPooling2D" | "GlobalMaxPool2D" => {
            let view = call.maps(draft, views)?.settled(draft, "pad")?;
            let dims = draft.dims(view.node);
            let node = match call.class.contains("Max") {
                true => {
                    let pool = MaxPool {
                        kernel: [dims.h, dims.w],
                        stride: [1, 1],
                        dilation: [1, 1],
                        pad: [0; 4],
                        ceil: false,
                    };
                    draft.max_pool(&called, view.node, pool)?
                }
                false => draft.global_avg_pool(&called, view.node)?,
            };
            return Ok(match call.config["keepdims"].as_bool() {
                Some(true) => View::channels_last(node, draft.dims(node)),
                _ => View::vector(node, draft.dims(node)),
            });
        }
        "ZeroPadding2D" => return call.padded(draft, views),
        "Flatten" | "Reshape" => {
            let view = call.one(views)?;
            let wholes = |list: &Vec<Value>| list.iter().map(Value::as_i64).collect::<Option<Vec<_>>>();
            let target = match call.class {
                "Flatten" => Some(vec![-1]),
                _ => call.config["target_shape"].as_array().and_then(wholes),
            };
            let target = target.map(|target| std::iter::once(1).chain(target).collect::<Vec<_>>());
            let moved = target.and_then(|target| view.reshaped(draft, &target));
            return moved.ok_or_else(|| call.refused("of these dimensions"));
        }
        _ => return Err(call.refused("")),
    };
    call.activated(draft, node, named(&call.config["activation"], call.source.third))
}

impl Call<'_> {
    fn refused(&self, what: &str) -> ReadError {
        if ["MultiHeadAttention", "Attention", "AdditiveAttention", "GroupedQueryAttention"].contains(&self.class) {
            return ReadError::Transformer { found: format!("{} {}", self.class, self.name) };
        }
        let op = if what.is_empty() { self.class.to_owned() } else { format!("{} ({what})", self.class) };
        ReadError::Op { op, node: self.name.to_owned() }
    }

    fn one(&self, views: Vec<View>) -> Result<View, ReadError> {
        let mut views = views.into_iter();
        match (views.next(), views.next()) {
            (Some(view), None) => Ok(view),
            _ => Err(self.refused("of several inputs")),
        }
    }

    fn maps(&self, draft: &Draft, views: Vec<View>) -> Result<View, ReadError> {
        let view = self.one(views)?;
        match view.is_channels_last(draft) {
            true => Ok(view),
            false => Err(self.refused("of no maps")),
        }
    }

    /// The layer's tensor of that role: under its own name, or under the names of the models around it.
    fn perhaps(&self, role: &str) -> Option<&Stored> {
        self.find(role).or_else(|| self.find(&self.number(role)?.to_string()))
    }

    /// The place of a variable among its layer's, in files that only number them.
    fn number(&self, role: &str) -> Option<usize> {
        let off = |field: &str| self.config[field] == false;
        let roles: &[&str] = match self.class {
            "SeparableConv2D" => &["depthwise_kernel", "pointwise_kernel", "bias"],
            "DepthwiseConv2D" => &["depthwise_kernel", "bias"],
            "BatchNormalization" => &["gamma", "beta", "moving_mean", "moving_variance"],
            "Normalization" => &["mean", "variance"],
            _ => &["kernel", "bias"],
        };
        let there = |name: &&&str| {
            !((**name == "gamma" && off("scale"))
                || (**name == "beta" && off("center"))
                || (**name == "bias" && off("use_bias")))
        };
        roles.iter().filter(there).position(|name| *name == role)
    }

    fn find(&self, role: &str) -> Option<&Stored> {
        let weights = &self.source.weights;
        let whole = self.path.iter().map(String::as_str).chain([self.name, role]).collect::<Vec<_>>().join("/");
        let outer = self.path.first().map(|outer| format!("{outer}/{}/{role}", self.name));
        let own = format!("{}/{role}", self.name);
        weights.get(&whole).or_else(|| weights.get(&outer?)).or_else(|| weights.get(&own))
    }

    fn need(&self, role: &str) -> Result<&Stored, ReadError> {
        self.perhaps(role).ok_or_else(|| ReadError::NoTensor { tensor: format!("{}/{role}", self.name) })
    }

    fn activated(&self, draft: &mut Draft, view: View, kind: Kind) -> Result<View, ReadError> {
        let own = self.class == "Activation" || activation_layer(self.class, self.config, false).is_some();
        let name = if own { self.name.to_owned() } else { format!("{}_activation", self.name) };
        let view = view.settled(draft, "pad")?;
        Ok(match kind {
            Kind::Linear => view,
            Kind::Of(kind) => view.with(draft.activation(&name, view.node, kind)?),
            Kind::Softmax => view.with(draft.push(&name, Op::Softmax(Softmax {}), vec![view.node], Vec::new())?),
            Kind::Unknown(activation) => return Err(self.refused(&format!("activation {activation}"))),
        })
    }

    /// A pair of a field, `[1, 1]` where it is left out.
    fn pair(&self, field: &str) -> Result<[usize; 2], ReadError> {
        let whole = |value: &Value| value.as_u64().and_then(|n| usize::try_from(n).ok());
        let pair = match &self.config[field] {
            Value::Null => Some([1, 1]),
            Value::Array(list) => {
                list.iter().map(whole).collect::<Option<Vec<_>>>().and_then(|list| list.try_into().ok())
            }
            value => whole(value).map(|n| [n, n]),
        };
        pair.ok_or_else(|| self.refused(field))
    }

    /// How a window of this kernel slides: what was to be padded before is taken in, where the layer itself pads nothing.
    fn slide(
        &self,
        draft: &mut Draft,
        x: View,
        kernel: [usize; 2],
        stride: [usize; 2],
        dilation: [usize; 2],
    ) -> Result<(View, Slide), ReadError> {
        match self.config["padding"].as_str().or_else(|| self.config["border_mode"].as_str()).unwrap_or("valid") {
            "valid" => {
                let pad = x.pad;
                Ok((View { pad: [0; 4], ..x }, Slide { stride, dilation, pad, groups: 1 }))
            }
            "same" => {
                let x = x.settled(draft, "pad")?;
                let dims = draft.dims(x.node);
                let ([top, bottom], [left, right]) =
                    (same(dims.h, kernel[0], stride[0], dilation[0]), same(dims.w, kernel[1], stride[1], dilation[1]));
                Ok((x, Slide { stride, dilation, pad: [top, left, bottom, right], groups: 1 }))
            }
            padding => Err(self.refused(padding)),
        }
    }

    /// `[rows, columns, in, out]` as `[out, in, rows, columns]`.
    fn kernel(&self, stored: &Stored) -> Result<Tensor, ReadError> {
        let &[h, w, takes, out] = stored.shape.as_slice() else {
            return Err(ReadError::TensorShape { tensor: self.name.to_owned() });
        };
        Ok(Tensor::new(vec![out, takes, h, w], stored.permuted(&[3, 2, 0, 1])?))
    }

    fn conv(&self, draft: &mut Draft, called: &str, views: Vec<View>) -> Result<View, ReadError> {
        let x = self.maps(draft, views)?;
        let weight = self.kernel(self.need("kernel")?)?;
        let kernel = [weight.shape[2], weight.shape[3]];
        let (stride, dilation) = (self.pair("strides")?, self.pair("dilation_rate")?);
        let (x, slide) = self.slide(draft, x, kernel, stride, dilation)?;
        let groups = self.config["groups"].as_u64().unwrap_or(1) as usize;
        let bias = self.perhaps("bias").map(Stored::values).transpose()?;
        let node = draft.conv(called, x.node, slide.groups(groups), weight, bias)?;
        Ok(View::channels_last(node, draft.dims(node)))
    }

    /// `[rows, columns, in, multiplier]`: every channel by itself.
    fn depthwise(
        &self,
        draft: &mut Draft,
        called: &str,
        views: Vec<View>,
        role: &str,
        bias: bool,
    ) -> Result<View, ReadError> {
        let x = self.maps(draft, views)?;
        let stored = self.perhaps(role).or_else(|| self.perhaps("kernel"));
        let stored = stored.ok_or_else(|| ReadError::NoTensor { tensor: format!("{}/{role}", self.name) })?;
        let &[h, w, takes, times] = stored.shape.as_slice() else {
            return Err(ReadError::TensorShape { tensor: self.name.to_owned() });
        };
        let out = takes.checked_mul(times).ok_or_else(|| self.refused("so many channels"))?;
        let weight = Tensor::new(vec![out, 1, h, w], stored.permuted(&[2, 3, 0, 1])?);
        let (stride, dilation) = (self.pair("strides")?, self.pair("dilation_rate")?);
        let (x, slide) = self.slide(draft, x, [h, w], stride, dilation)?;
        let bias = if bias { self.perhaps("bias").map(Stored::values).transpose()? } else { None };
        let node = draft.conv(called, x.node, slide.groups(takes), weight, bias)?;
        Ok(View::channels_last(node, draft.dims(node)))
    }

    fn dense(&self, draft: &mut Draft, called: &str, views: Vec<View>) -> Result<View, ReadError> {
        let x = self.one(views)?;
        let stored = self.need("kernel")?;
        let bias = self.perhaps("bias").map(Stored::values).transpose()?;
        if x.groups.len() == 4 && x.is_channels_last(draft) {
            // at every place: a convolution of one tap
            let matrix = Matrix { transposed: true, order: None }.read(stored)?;
            let weight = Tensor::new(vec![matrix.shape[0], matrix.shape[1], 1, 1], matrix.to_f32());
            let x = x.settled(draft, "pad")?;
            let node = draft.conv(called, x.node, Slide::PLAIN, weight, bias)?;
            return Ok(View::channels_last(node, draft.dims(node)));
        }
        let Some(x) = x.flattened(draft)? else { return Err(self.refused("of these dimensions")) };
        let how = Matrix { transposed: true, order: x.order.as_deref() };
        let node = draft.linear(called, x.node, stored, how, bias)?;
        Ok(View::vector(node, draft.dims(node)))
    }

    /// A view whose dimensions a scale of every channel fits: maps, or a vector.
    fn by_channel(&self, draft: &mut Draft, views: Vec<View>) -> Result<View, ReadError> {
        let x = self.one(views)?;
        match x.is_channels_last(draft) {
            true => x.settled(draft, "pad"),
            false => x.flattened(draft)?.ok_or_else(|| self.refused("of these dimensions")),
        }
    }

    fn normalised(&self, draft: &mut Draft, called: &str, views: Vec<View>) -> Result<View, ReadError> {
        let x = self.by_channel(draft, views)?;
        let rank = x.groups.len() as i64;
        let axis = match &self.config["axis"] {
            Value::Array(list) => list.first().and_then(Value::as_i64),
            value => value.as_i64(),
        };
        if axis.is_some_and(|axis| axis != -1 && axis != rank - 1) {
            return Err(self.refused("along another axis"));
        }
        let (mean, variance) = (self.need("moving_mean")?.values()?, self.need("moving_variance")?.values()?);
        let or = |role: &str, default: f32| match self.perhaps(role) {
            Some(stored) => stored.values(),
            None => Ok(vec![default; mean.len()]),
        };
        let (gamma, beta) = (or("gamma", 1.0)?, or("beta", 0.0)?);
        let epsilon = self.config["epsilon"].as_f64().unwrap_or(1e-3);
        let (scale, shift) = normalisation(called, [&gamma, &beta, &mean, &variance], epsilon)?;
        let (scale, shift) = (x.ordered(scale), x.ordered(shift));
        Ok(x.with(draft.affine(called, x.node, scale, shift)?))
    }

    /// The mean subtracted and the deviation divided by, which stand in the configuration or among the weights.
    fn standardised(&self, draft: &mut Draft, called: &str, views: Vec<View>) -> Result<View, ReadError> {
        let x = self.by_channel(draft, views)?;
        let channels = draft.dims(x.node).c;
        let numbers = |role: &str| -> Result<Vec<f32>, ReadError> {
            let mut found = Vec::new();
            flat(&self.config[role], 0, &mut found);
            if let (true, Some(stored)) = (found.is_empty(), self.perhaps(role)) {
                found = stored.values()?;
            }
            if found.len() == 1 {
                found.resize(channels, found[0]);
            }
            if found.len() == channels { Ok(found) } else { Err(self.refused(role)) }
        };
        let (mean, variance) = (numbers("mean")?, numbers("variance")?);
        let scale: Vec<f32> = variance.iter().map(|v| 1.0 / v.sqrt().max(1e-7)).collect();
        let shift = mean.iter().zip(&scale).map(|(m, s)| -m * s).collect();
        Ok(x.with(draft.affine(called, x.node, scale, shift)?))
    }

    fn pooled(&self, draft: &mut Draft, called: &str, views: Vec<View>) -> Result<View, ReadError> {
        let x = self.maps(draft, views)?;
        let kernel = match self.config["pool_size"].is_null() {
            true => [2, 2],
            false => self.pair("pool_size")?,
        };
        let stride = if self.config["strides"].is_null() { kernel } else { self.pair("strides")? };
        let max = self.class.starts_with("Max");
        let within = x.pad.iter().zip([kernel[0], kernel[1], kernel[0], kernel[1]]).all(|(pad, kernel)| *pad < kernel);
        // zeros never win over what is not negative, just as padding does not
        let x = match max && within && crate::onnx::never_negative(draft, x.node, 8) {
            true => x,
            false => x.settled(draft, "pad")?,
        };
        let (x, Slide { pad, .. }) = self.slide(draft, x, kernel, stride, [1, 1])?;
        let node = match max {
            true => draft.max_pool(called, x.node, MaxPool { kernel, stride, dilation: [1, 1], pad, ceil: false })?,
            false => {
                draft.avg_pool(called, x.node, AvgPool { kernel, stride, pad, ceil: false, include_pad: false })?
            }
        };
        Ok(View::channels_last(node, draft.dims(node)))
    }

    fn padded(&self, draft: &Draft, views: Vec<View>) -> Result<View, ReadError> {
        let mut x = self.maps(draft, views)?;
        let whole = |value: &Value| value.as_u64().and_then(|n| usize::try_from(n).ok()).filter(|n| *n < 1 << 12);
        let pair = |value: &Value| match value.as_array() {
            Some(list) => whole(list.first()?).zip(whole(list.get(1)?)),
            None => whole(value).map(|n| (n, n)),
        };
        let padding = &self.config["padding"];
        let sides = match padding.as_array().map(Vec::as_slice) {
            None => pair(padding).map(|(n, _)| ((n, n), (n, n))),
            Some([rows, columns]) => pair(rows).zip(pair(columns)),
            Some(_) => None,
        };
        let ((top, bottom), (left, right)) = sides.ok_or_else(|| self.refused("padding"))?;
        x.pad.iter_mut().zip([top, left, bottom, right]).for_each(|(pad, more)| *pad += more);
        Ok(x)
    }

    fn merged(&self, draft: &mut Draft, called: &str, views: Vec<View>) -> Result<View, ReadError> {
        let mut settled = Vec::new();
        for view in views {
            settled.push(view.settled(draft, "pad")?);
        }
        let full = settled.iter().max_by_key(|view| draft.dims(view.node).places()).cloned();
        let full = full.filter(|_| settled.len() > 1).ok_or_else(|| self.refused("of one input"))?;
        let rank = full.groups.len();
        if self.class == "Concatenate" {
            let axis = self.config["axis"].as_i64().unwrap_or(-1);
            let maps = settled.iter().all(|view| view.is_channels_last(draft)) && rank == 4;
            if axis != -1 && axis != rank as i64 - 1 {
                return Err(self.refused("along another axis"));
            }
            if !maps {
                for view in &mut settled {
                    let flat = view.flattened(draft)?.filter(|view| view.order.is_none());
                    *view = flat.ok_or_else(|| self.refused("of values in another order"))?;
                }
            }
            let nodes = settled.iter().map(|view| view.node).collect();
            let node = draft.push(called, Op::Concat(Concat {}), nodes, Vec::new())?;
            let dims = draft.dims(node);
            return Ok(if maps { View::channels_last(node, dims) } else { View::vector(node, dims) });
        }
        let fits = |view: &View| {
            view.order == full.order
                && view.groups.len() == rank
                && view.groups.iter().zip(&full.groups).all(|(a, b)| a == b || a.is_empty())
        };
        if !settled.iter().all(fits) {
            return Err(self.refused("of values in different orders"));
        }
        let nodes: Vec<usize> = settled.iter().map(|view| view.node).collect();
        if self.class == "Merge" && self.config["mode"] != "sum" {
            return Err(self.refused("mode"));
        }
        let many = nodes.len() as f32;
        let op = match operator(self.class, self.config) {
            Some(Operator::Arithmetic(Arithmetic::Multiply)) => Op::Mul(Mul {}),
            Some(Operator::Arithmetic(Arithmetic::Divide)) => return Err(self.refused("of two values")),
            _ => Op::Add(Add {}),
        };
        let node = draft.push(called, op, nodes, Vec::new())?;
        let channels = draft.dims(node).c;
        Ok(full.with(match self.class {
            "Average" => draft.affine(called, node, vec![1.0 / many; channels], vec![0.0; channels])?,
            _ => node,
        }))
    }

    /// An operator between values, or between values and numbers.
    fn operated(
        &self,
        draft: &mut Draft,
        called: &str,
        mut views: Vec<View>,
        operator: Operator<'_>,
    ) -> Result<View, ReadError> {
        let kind = match operator {
            Operator::Cast => return self.one(views),
            Operator::Function(name) => {
                return self.activated(draft, self.one(views)?, named(&Value::from(name), true));
            }
            Operator::Item => return self.turned(draft, called, views),
            Operator::Arithmetic(kind) => kind,
        };
        if views.len() > 1 {
            if let (Arithmetic::Subtract, Some(second)) = (kind, views.get_mut(1)) {
                let minus = second.settled(draft, "pad")?;
                let channels = draft.dims(minus.node).c;
                let node = draft.affine(called, minus.node, vec![-1.0; channels], vec![0.0; channels])?;
                *second = minus.with(node);
            }
            return self.merged(draft, called, views);
        }
        let Some((mut numbers, first)) = numbers(self.node) else { return Err(self.refused("of one input")) };
        let x = self.by_channel(draft, views)?;
        let channels = draft.dims(x.node).c;
        if let [one] = *numbers {
            numbers.resize(channels, one);
        }
        if numbers.len() != channels {
            return Err(self.refused("of these dimensions"));
        }
        let of = |each: fn(f32) -> f32| numbers.iter().map(|n| each(*n)).collect::<Vec<_>>();
        let (one, zero) = (vec![1.0; channels], vec![0.0; channels]);
        let (scale, shift) = match (kind, first) {
            (Arithmetic::Add, _) => (one, numbers),
            (Arithmetic::Subtract, false) => (one, of(|n| -n)),
            (Arithmetic::Subtract, true) => (vec![-1.0; channels], numbers),
            (Arithmetic::Multiply, _) => (numbers, zero),
            (Arithmetic::Divide, false) => (of(|n| 1.0 / n), zero),
            (Arithmetic::Divide, true) => return Err(self.refused("by a value")),
        };
        let (scale, shift) = (x.ordered(scale), x.ordered(shift));
        Ok(x.with(draft.affine(called, x.node, scale, shift)?))
    }

    /// `x[..., ::-1]`: red and blue change places, as Caffe's networks have them.
    fn turned(&self, draft: &mut Draft, called: &str, views: Vec<View>) -> Result<View, ReadError> {
        let x = self.maps(draft, views)?.settled(draft, "pad")?;
        let channels = draft.dims(x.node).c;
        if !turns(self.node) || channels > 4 {
            return Err(self.refused("of these dimensions"));
        }
        if x.node == 0 {
            // whoever does this brings pixels into the network's range within it
            draft.notes.push(Note::OwnRange);
        }
        let taps =
            (0..channels * channels).map(|i| if i / channels + i % channels + 1 == channels { 1.0 } else { 0.0 });
        let weight = Tensor::new(vec![channels, channels, 1, 1], taps.collect());
        Ok(x.with(draft.conv(called, x.node, Slide::PLAIN, weight, None)?))
    }

    /// A picture that is brought to another size before anything looks at its places: pictures of that size are asked for instead.
    fn resized(&self, draft: &mut Draft, views: Vec<View>) -> Result<View, ReadError> {
        let view = self.maps(draft, views)?;
        let whole = |field: &str| self.config[field].as_u64().and_then(|n| usize::try_from(n).ok());
        let sides =
            whole("height").zip(whole("width")).filter(|(h, w)| (1..=4096).contains(h) && (1..=4096).contains(w));
        let (h, w) = sides.ok_or_else(|| self.refused("height"))?;
        let pointwise = |node: &crate::draft::Node| node.op.as_ref().is_none_or(|op| op.name() == "Affine");
        let dims = draft.dims(view.node);
        if (dims.h, dims.w) != (h, w) {
            if view.pad != [0; 4] || !draft.nodes.iter().all(pointwise) {
                return Err(self.refused("of maps"));
            }
            for node in &mut draft.nodes {
                (node.dims.h, node.dims.w) = (h, w);
            }
        }
        Ok(View::channels_last(view.node, draft.dims(view.node)))
    }
}

/// The numbers of lists in lists.
fn flat(value: &Value, depth: usize, into: &mut Vec<f32>) {
    match value {
        Value::Array(list) if depth < 8 => list.iter().for_each(|value| flat(value, depth + 1, into)),
        value => into.extend(value.as_f64().map(|v| v as f32)),
    }
}
