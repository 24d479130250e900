//! Networks of inverted residuals: MobileNet V2 (Sandler et al. 2018; torchvision, timm) and EfficientNet-Lite (timm, and the port
//! of TensorFlow's files that names its layers `_conv_stem`, `_blocks`).

use cnn_lens::ops::Activation;

use super::net::{EPSILON, Net};
use super::{Clue, Known};
use crate::assemble::Preset;
use crate::dict::Dict;
use crate::draft::{Slide, same};
use crate::error::ReadError;
use crate::note::Note;

/// A convolution with its batch normalisation: their names.
type Layer = (String, String);

/// What a block's layers are called: its expansion, if it has one, its depthwise convolution, its projection.
struct Block {
    called: String,
    /// Whether a stage begins with it; the first of most stages halves the maps.
    first: bool,
    expand: Option<Layer>,
    depthwise: Layer,
    project: Layer,
}

/// A network's layers.
struct Layers {
    stem: Layer,
    blocks: Vec<Block>,
    head: Layer,
    classifier: &'static str,
    /// As TensorFlow pads and normalises.
    tensorflow: bool,
    /// Whether that is told by anything: timm has EfficientNet-Lite in both ways under the same names.
    told: bool,
}

/// Recognises one of them.
pub fn read<'a>(dict: &'a Dict, clue: &Clue<'_>) -> Option<Result<Known<'a>, ReadError>> {
    let layers = torchvision(dict).or_else(|| timm(dict, clue)).or_else(|| port(dict))?;
    Some(build(dict, clue, &layers))
}

fn layer(conv: impl Into<String>, norm: impl Into<String>) -> Layer {
    (conv.into(), norm.into())
}

/// The channels that a layer writes.
fn width(dict: &Dict, layer: &Layer) -> usize {
    dict.shape(&format!("{}.weight", layer.0)).first().copied().unwrap_or_default()
}

fn torchvision(dict: &Dict) -> Option<Layers> {
    if !dict.has("features.1.conv.0.0.weight") || !dict.has("features.0.1.running_mean") {
        return None;
    }
    /// Blocks of each stage; the narrower networks have stages of the same width.
    const DEPTHS: [usize; 7] = [1, 2, 3, 4, 3, 3, 1];
    let count = (1..).take_while(|i| dict.has(&format!("features.{i}.conv."))).count();
    let mut blocks = Vec::<Block>::new();
    for i in 1..=count {
        let begins = DEPTHS.iter().scan(1, |at, depth| Some(std::mem::replace(at, *at + depth))).any(|at| at == i);
        let part = |what: &str| format!("features.{i}.conv.{what}");
        let expands = dict.has(&part("3."));
        let (dw, project) = if expands { ("1", ["2", "3"]) } else { ("0", ["1", "2"]) };
        let project = layer(part(project[0]), part(project[1]));
        let wider = blocks.last().is_none_or(|last| width(dict, &last.project) != width(dict, &project));
        blocks.push(Block {
            called: format!("block{i}"),
            first: if count == DEPTHS.iter().sum::<usize>() { begins } else { wider },
            expand: expands.then(|| layer(part("0.0"), part("0.1"))),
            depthwise: layer(part(&format!("{dw}.0")), part(&format!("{dw}.1"))),
            project,
        });
    }
    let head = format!("features.{}", blocks.len() + 1);
    Some(Layers {
        stem: layer("features.0.0", "features.0.1"),
        blocks,
        head: layer(format!("{head}.0"), format!("{head}.1")),
        classifier: "classifier",
        tensorflow: false,
        told: true,
    })
}

fn timm(dict: &Dict, clue: &Clue<'_>) -> Option<Layers> {
    if !dict.has("conv_stem.weight") || !dict.has("blocks.0.0.conv_dw.weight") {
        return None;
    }
    let mut blocks = Vec::new();
    for stage in (0..).take_while(|stage| dict.has(&format!("blocks.{stage}."))) {
        for i in (0..).take_while(|i| dict.has(&format!("blocks.{stage}.{i}."))) {
            let part = |what: &str| format!("blocks.{stage}.{i}.{what}");
            let expands = dict.has(&part("conv_pwl."));
            blocks.push(Block {
                called: format!("block{}_{}", stage + 1, i + 1),
                first: i == 0,
                expand: expands.then(|| layer(part("conv_pw"), part("bn1"))),
                depthwise: layer(part("conv_dw"), part(if expands { "bn2" } else { "bn1" })),
                project: match expands {
                    true => layer(part("conv_pwl"), part("bn3")),
                    false => layer(part("conv_pw"), part("bn2")),
                },
            });
        }
    }
    let (stem, head) = (layer("conv_stem", "bn1"), layer("conv_head", "bn2"));
    let tensorflow = clue.words.contains("tf_");
    let told = tensorflow || clue.words.contains("efficientnet_lite");
    Some(Layers { stem, blocks, head, classifier: "classifier", tensorflow, told })
}

fn port(dict: &Dict) -> Option<Layers> {
    if !dict.has("_conv_stem.weight") || !dict.has("_blocks.0._depthwise_conv.weight") {
        return None;
    }
    let blocks = (0..).take_while(|i| dict.has(&format!("_blocks.{i}."))).map(|i| {
        let part = |what: &str| format!("_blocks.{i}.{what}");
        let wide = |i: usize| width(dict, &layer(format!("_blocks.{i}._project_conv"), ""));
        Block {
            called: format!("block{}", i + 1),
            first: i == 0 || wide(i) != wide(i - 1),
            expand: dict.has(&part("_expand_conv.")).then(|| layer(part("_expand_conv"), part("_bn0"))),
            depthwise: layer(part("_depthwise_conv"), part("_bn1")),
            project: layer(part("_project_conv"), part("_bn2")),
        }
    });
    let (stem, head) = (layer("_conv_stem", "_bn0"), layer("_conv_head", "_bn1"));
    Some(Layers { stem, blocks: blocks.collect(), head, classifier: "_fc", tensorflow: true, told: true })
}

struct Builder<'a> {
    net: Net<'a>,
    dict: &'a Dict,
    tensorflow: bool,
}

impl Builder<'_> {
    fn conv(
        &mut self,
        called: &str,
        (conv, norm): &Layer,
        x: usize,
        stride: usize,
        depthwise: bool,
    ) -> Result<usize, ReadError> {
        let kernel = self.dict.shape(&format!("{conv}.weight")).get(2).copied().unwrap_or(1);
        let dims = self.net.draft.dims(x);
        let mut slide = Slide::new(stride, kernel / 2).groups(if depthwise { dims.c } else { 1 });
        if self.tensorflow {
            let ([top, bottom], [left, right]) = (same(dims.h, kernel, stride, 1), same(dims.w, kernel, stride, 1));
            slide.pad = [top, left, bottom, right];
        }
        let x = self.net.conv(called, conv, x, slide)?;
        self.net.norm(norm, x, if self.tensorflow { 1e-3 } else { EPSILON })
    }

    fn relu6(&mut self, called: &str, x: usize) -> Result<usize, ReadError> {
        self.net.draft.activation(called, x, Activation::Relu6 {})
    }
}

fn build<'a>(dict: &'a Dict, clue: &Clue<'_>, layers: &Layers) -> Result<Known<'a>, ReadError> {
    let lite =
        layers.blocks.iter().any(|block| dict.shape(&format!("{}.weight", block.depthwise.0)).get(2) == Some(&5));
    // how deep and wide it is tells EfficientNet-Lite's number, and that its size
    let (name, side) = match (lite, layers.blocks.len(), width(dict, &layers.blocks[layers.blocks.len() - 1].project)) {
        (false, ..) => ("MobileNet V2", 224),
        (true, ..=16, _) => ("EfficientNet-Lite0", 224),
        (true, ..=21, ..=320) => ("EfficientNet-Lite1", 240),
        (true, ..=21, _) => ("EfficientNet-Lite2", 260),
        (true, ..=24, _) => ("EfficientNet-Lite3", 280),
        (true, ..) => ("EfficientNet-Lite4", 300),
    };
    let mut make = Builder { net: Net::new(dict, 3, side, clue.memory), dict, tensorflow: layers.tensorflow };
    if lite && !layers.told {
        make.net.draft.notes.push(Note::Padding);
    }
    let x = make.conv("conv_stem", &layers.stem, 0, 2, false)?;
    let mut x = make.relu6("relu_stem", x)?;
    // both have seven stages, whose first blocks have these strides
    const STRIDES: [usize; 7] = [1, 2, 2, 2, 1, 2, 1];
    let mut strides = STRIDES.into_iter();
    for block in &layers.blocks {
        let from = x;
        let stride = if block.first { strides.next() } else { Some(1) };
        let stride = stride.ok_or_else(|| ReadError::TensorShape { tensor: block.project.0.clone() })?;
        let called = &block.called;
        let mut y = from;
        if let Some(expand) = &block.expand {
            y = make.conv(&format!("{called}/expand"), expand, y, 1, false)?;
            y = make.relu6(&format!("{called}/relu_expand"), y)?;
        }
        y = make.conv(&format!("{called}/depthwise"), &block.depthwise, y, stride, true)?;
        y = make.relu6(&format!("{called}/relu_depthwise"), y)?;
        y = make.conv(&format!("{called}/project"), &block.project, y, 1, false)?;
        let dims = [from, y].map(|at| make.net.draft.dims(at));
        x = if stride == 1 && dims[0] == dims[1] { make.net.add(called, y, from)? } else { y };
    }
    let x = make.conv("conv_head", &layers.head, x, 1, false)?;
    let x = make.relu6("relu_head", x)?;
    let x = make.net.draft.global_avg_pool("avgpool", x)?;
    let output = make.net.head(layers.classifier, x)?;
    let preset = if layers.tensorflow { Preset::MinusOneToOne } else { Preset::Torchvision };
    Ok(Known { name: name.into(), net: make.net, output, preset })
}
