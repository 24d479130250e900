//! A network as page, worker and engine know it: its card, and what is asked of it often.

use std::cell::RefCell;
use std::rc::Rc;

use super::card::{Card, ChannelOrder, Extra, LOCAL, LabelSet};
use super::graph::{Graph, HeadKind, Node};
use super::method::{MethodInfo, ParamKind};
use super::need::Need;
use super::role::LayerRole;
use super::text::Lang;
use super::want::Unit;
use crate::ops::{Dims, Field, Op};

/// A network without its arrays. A layer is given by its node's number in the graph, on the outside by its name; node 0 is the
/// picture.
pub struct NetworkSpec {
    card: Card,
    /// The mean that is subtracted of R, G and B in 0..1.
    pub mean: [f32; 3],
    /// The standard deviation of R, G and B in 0..1 that is divided by.
    pub std: [f32; 3],
    teaching: Option<Graph>,
    fields: Vec<Field>,
    layers: Vec<usize>,
    vectors: Vec<usize>,
    stages: Vec<usize>,
    /// For the picture that was asked about last: a strip asks for all its layers at once.
    shapes: RefCell<Option<Shapes>>,
    /// Of each block the stages that are no pools.
    blocks: Vec<Vec<usize>>,
}

impl std::fmt::Debug for NetworkSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("NetworkSpec").field(&self.id()).finish()
    }
}

/// What every node writes for a picture of `size` (rows, columns); `None`: the network takes no such picture.
#[derive(Debug)]
struct Shapes {
    size: [usize; 2],
    dims: Option<Vec<Dims>>,
}

/// Two are the same if they have the same id.
impl PartialEq for NetworkSpec {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

/// Why a card is not one for this page.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// No stage of it has maps: there is nothing to be shown.
    #[error("{0} has no layer with maps that every path to the logits passes")]
    NoMaps(String),
    /// It reads pictures of other channels.
    #[error("{0} reads pictures of {1} channels; 3 are needed")]
    Channels(String, usize),
}

impl NetworkSpec {
    /// The network of a card.
    ///
    /// # Errors
    /// [`Unfit`]: it has no maps, or reads no colour pictures.
    pub fn new(card: Card) -> Result<Rc<Self>, Unfit> {
        let graph = &card.graph;
        let maps = |at: &usize| *at > 0 && *at <= card.trunk && graph.dims()[*at].places() > 1;
        let stages: Vec<usize> = graph.stages().into_iter().filter(maps).collect();
        let (fields, mut blocks) = (graph.fields(), Vec::<Vec<usize>>::new());
        for at in stages.iter().copied().filter(|at| !is_pool(graph, *at)) {
            match blocks.last_mut().filter(|block| fields[block[0]].halvings() == fields[at].halvings()) {
                Some(block) => block.push(at),
                None => blocks.push(vec![at]),
            }
        }
        if blocks.is_empty() {
            return Err(Unfit::NoMaps(card.id));
        }
        let preprocessing = &card.preprocessing;
        let rgb = |of: &[f32]| match (<[f32; 3]>::try_from(of), preprocessing.order) {
            (Ok([r, g, b]), ChannelOrder::Rgb) | (Ok([b, g, r]), ChannelOrder::Bgr) => {
                Ok([r, g, b].map(|v| v / preprocessing.scale))
            }
            (Err(_), _) => Err(Unfit::Channels(card.id.clone(), of.len())),
        };
        let (mean, std) = (rgb(&preprocessing.mean)?, rgb(&preprocessing.std)?);
        let layers = (0..graph.nodes().len()).filter(maps).collect();
        // what only changes a shape is the layer before it
        let computes = |at: &usize| !matches!(graph.nodes()[*at].op, None | Some(Op::Flatten(_) | Op::Softmax(_)));
        let vector = |at: &usize| *at <= card.trunk && graph.dims()[*at].places() == 1 && graph.feeds(*at);
        let vectors = (1..graph.nodes().len()).filter(|at| vector(at) && computes(at)).collect();
        // the card was checked: this node writes logits
        let teaching = card.teaching.and_then(|at| graph.towards(&graph.nodes()[at].name).ok());
        Ok(Rc::new(Self {
            teaching,
            mean,
            std,
            fields,
            layers,
            vectors,
            stages,
            blocks,
            shapes: RefCell::default(),
            card,
        }))
    }

    /// The name by which files and links call the network: `vgg16`.
    pub fn id(&self) -> &str {
        &self.card.id
    }

    /// Whether it was opened from the visitor's own files.
    pub fn own(&self) -> bool {
        self.id().starts_with(LOCAL)
    }

    /// The file that the page saves of one of the visitor's own; `None` for one that is shipped.
    pub fn saved_as(&self) -> Option<String> {
        let name = || self.card.name.replace(|c: char| !c.is_alphanumeric() && !matches!(c, '-' | '_' | '.'), "-");
        self.own().then(|| format!("{}.safetensors", name()))
    }

    /// The card: what is known of the network beside its weights.
    pub const fn card(&self) -> &Card {
        &self.card
    }

    /// The graph that computes the logits.
    pub const fn graph(&self) -> &Graph {
        &self.card.graph
    }

    /// The layers that only the teaching head has.
    pub fn taught_layers(&self) -> impl Iterator<Item = &str> {
        let own = self.graph();
        let taught = self.teaching().map(move |taught| {
            let only = move |at: &usize| taught.feeds(*at) && !own.feeds(*at);
            (0..taught.nodes().len()).filter(only)
        });
        taught.into_iter().flatten().map(|at| self.name(at))
    }

    /// The same nodes with the logits of the teaching head, if there is one.
    pub const fn teaching(&self) -> Option<&Graph> {
        self.teaching.as_ref()
    }

    /// The node `at`.
    pub fn node(&self, at: usize) -> &Node {
        &self.card.graph.nodes()[at]
    }

    /// The name of node `at`.
    pub fn name(&self, at: usize) -> &str {
        &self.node(at).name
    }

    /// The layer called `name`, if it is one of [`NetworkSpec::layers`] or [`NetworkSpec::vectors`].
    pub fn index(&self, name: &str) -> Option<usize> {
        self.layers.iter().chain(&self.vectors).copied().find(|at| self.name(*at) == name)
    }

    /// The layers that can be chosen: all nodes that have maps, up to the trunk's last ([`Card::trunk`]), in order.
    pub fn layers(&self) -> &[usize] {
        &self.layers
    }

    /// The layers without maps on the way from the last maps to the logits, in order: one number a channel. Of a trunk that ends
    /// before them there are none.
    pub fn vectors(&self) -> &[usize] {
        &self.vectors
    }

    /// The names of [`NetworkSpec::layers`].
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.layers.iter().map(|at| self.name(*at))
    }

    /// The layer's place among [`NetworkSpec::layers`]: a chart's axis, for example.
    pub fn depth(&self, at: usize) -> usize {
        self.layers.partition_point(|layer| *layer < at)
    }

    /// The layers that every path from the picture to the logits passes, in order, of the trunk. A layer that is read by an
    /// activation alone is left out: the activation stands for both.
    pub fn stages(&self) -> &[usize] {
        &self.stages
    }

    /// The stages that are no pools, block by block: a block ends where the picture is halved.
    pub fn blocks(&self) -> &[Vec<usize>] {
        &self.blocks
    }

    /// The layer that plays this part here.
    pub fn role(&self, role: LayerRole) -> usize {
        let from_end =
            |n: usize| self.blocks[self.blocks.len().saturating_sub(n).min(self.blocks.len() - 1)].as_slice();
        let (last, before) = (from_end(1), from_end(2));
        match role {
            LayerRole::First => self.stages[0],
            LayerRole::MiddleBeforeLast => before[before.len() / 2],
            LayerRole::EndBeforeLast => before[before.len() - 1],
            LayerRole::StartOfLast => last[0],
            LayerRole::Last => last[last.len() - 1],
        }
    }

    /// The stages as a strip shows them, in blocks: one ends with its pool, or before what halves the picture otherwise.
    pub fn strip(&self) -> Vec<Vec<usize>> {
        let mut strip = Vec::<Vec<usize>>::new();
        for at in self.stages.iter().copied() {
            let joins =
                |before: usize| !self.is_pool(before) && (self.is_pool(at) || self.block(before) == self.block(at));
            match strip.last_mut().filter(|block| block.last().is_some_and(|before| joins(*before))) {
                Some(block) => block.push(at),
                None => strip.push(vec![at]),
            }
        }
        strip
    }

    /// The ways from the stage before to stage `at`, where there are several: of each the layers on it, in order, without those
    /// that an activation stands for. An empty one is a connection that skips the others.
    pub fn lanes(&self, at: usize) -> Vec<Vec<usize>> {
        let stands_for = |at: &usize| !self.rectified(*at);
        let lane = |input: &usize| {
            let mut lane = Vec::new();
            let mut node = *input;
            // of a join on the way the first input is followed
            while node > 0 && self.stages.binary_search(&node).is_err() {
                lane.push(node);
                node = self.node(node).inputs[0];
            }
            lane.reverse();
            lane.into_iter().filter(stands_for).collect()
        };
        // of a stage that is an activation, what stands before it
        let activation = matches!(self.node(at).op, Some(Op::Activation(_)));
        let joins = if activation { self.node(at).inputs[0] } else { at };
        match self.node(joins).inputs.as_slice() {
            [] | [_] => Vec::new(),
            inputs => inputs.iter().map(lane).collect(),
        }
    }

    /// Channels of layer `at`.
    pub fn channels(&self, at: usize) -> usize {
        self.card.graph.dims()[at].c
    }

    /// The most channels that a layer has.
    pub fn most_channels(&self) -> usize {
        self.layers.iter().map(|at| self.channels(*at)).max().unwrap_or_default()
    }

    /// `[C, H, W]` of layer `at` for a picture of `height` x `width`; no rows and columns where the network takes no such picture.
    pub fn shape(&self, at: usize, height: usize, width: usize) -> [usize; 3] {
        let (size, mut shapes) = ([height, width], self.shapes.borrow_mut());
        let kept = shapes.take().filter(|shapes| shapes.size == size);
        let dims = || self.card.graph.shapes(height, width).ok();
        match &shapes.insert(kept.unwrap_or_else(|| Shapes { size, dims: dims() })).dims {
            Some(dims) => [dims[at].c, dims[at].h, dims[at].w],
            None => [self.channels(at), 0, 0],
        }
    }

    /// What a unit of layer `at` sees of the picture.
    pub fn receptive_field(&self, at: usize) -> Field {
        self.fields[at]
    }

    /// How often the picture was halved on the way to layer `at`; `None` where its units stand at no place of the picture.
    pub fn block(&self, at: usize) -> Option<u32> {
        self.fields[at].halvings()
    }

    /// How often the picture was halved before layer `at`: a pool's own halving is not counted.
    pub fn halvings(&self, at: usize) -> u32 {
        let from = if self.is_pool(at) { self.node(at).inputs[0] } else { at };
        self.block(from).unwrap_or_default()
    }

    /// The layer that layer `at` reads; of an activation, what stands before it reads; of a layer with several inputs, the last
    /// stage before it. `None` for what reads the picture.
    pub fn below(&self, at: usize) -> Option<usize> {
        let activation = matches!(self.node(at).op, Some(Op::Activation(_)));
        let first = if activation { *self.node(at).inputs.first()? } else { at };
        match self.node(first).inputs[..] {
            [below] => (below > 0).then_some(below),
            _ => self.stages.iter().copied().rfind(|stage| *stage < first),
        }
    }

    /// The ReLU that is all that reads layer `at`.
    pub fn relu(&self, at: usize) -> Option<usize> {
        match *self.card.graph.consumers(at) {
            [reader] if self.is_relu(reader) => Some(reader),
            _ => None,
        }
    }

    /// Whether all that reads layer `at` is one ReLU.
    pub fn rectified(&self, at: usize) -> bool {
        self.relu(at).is_some()
    }

    /// What layer `at` computes, in a word: `conv`, `relu`, `maxpool`; empty for the picture.
    pub fn kind(&self, at: usize) -> String {
        let name = self.node(at).op.as_ref().map_or("", |op| op.name());
        if self.is_relu(at) { "relu".into() } else { name.to_ascii_lowercase() }
    }

    /// Whether layer `at` is a ReLU.
    pub fn is_relu(&self, at: usize) -> bool {
        matches!(&self.node(at).op, Some(Op::Activation(kind)) if kind.is_relu())
    }

    /// Whether layer `at` is a convolution.
    pub fn is_conv(&self, at: usize) -> bool {
        matches!(self.node(at).op, Some(Op::Conv(_)))
    }

    /// Whether layer `at` takes the largest or the mean value of windows.
    pub fn is_pool(&self, at: usize) -> bool {
        is_pool(&self.card.graph, at)
    }

    /// Whether values of layer `at` can be below 0: what it writes has passed no ReLU.
    pub fn signed(&self, at: usize) -> bool {
        match &self.node(at).op {
            Some(Op::Activation(kind)) => !kind.is_relu(),
            Some(Op::MaxPool(_) | Op::AvgPool(_) | Op::Concat(_) | Op::Add(_) | Op::Mul(_)) => {
                self.node(at).inputs.iter().any(|below| self.signed(*below))
            }
            _ => true,
        }
    }

    /// The convolutions among the layers, in order.
    pub fn convs(&self) -> impl Iterator<Item = usize> {
        self.layers.iter().copied().filter(|at| self.is_conv(*at))
    }

    /// The nodes that have arrays, from the logits down.
    pub fn weights(&self) -> Vec<usize> {
        self.card.graph.weights()
    }

    /// How the logits come from the last maps.
    pub fn head(&self) -> HeadKind {
        self.card.graph.head()
    }

    /// How many classes it tells apart.
    pub fn classes(&self) -> usize {
        self.card.graph.dims()[self.card.graph.output()].c
    }

    /// Whether this comes with it.
    pub fn has(&self, extra: Extra) -> bool {
        self.card.extras.contains(&extra)
    }

    /// Rows and columns of its pictures, where it takes no others.
    pub fn only_side(&self) -> Option<usize> {
        (!self.card.input.any_size).then_some(self.card.input.size)
    }

    /// A parameter's kind as it is for this network: a count of channels and a picture's side become numbers with the network's
    /// own limits.
    pub fn takes(&self, kind: ParamKind) -> ParamKind {
        match kind {
            ParamKind::Count { default, min } => {
                let max = self.most_channels() as f64;
                ParamKind::Number { default: default.min(max), min: min.min(max), max, step: 1.0 }
            }
            ParamKind::Side { default, min, max } => {
                let [default, min, max] = self.only_side().map_or([default, min, max], |side| [side as f64; 3]);
                ParamKind::Number { default, min, max, step: 1.0 }
            }
            other => other,
        }
    }

    /// The channel of this number, or the last one, of the convolution that the layer of a role stands for.
    pub fn channel_of(&self, role: LayerRole, channel: usize) -> Unit {
        let layer = self.role(role);
        self.grown(Unit { layer, channel: channel.min(self.channels(layer).saturating_sub(1)), place: None })
    }

    /// What the method needs and this network has not got; the first, if there are several.
    pub fn lacks(&self, info: &MethodInfo) -> Option<Need> {
        info.needs.iter().copied().find(|need| !self.meets(*need))
    }

    fn meets(&self, need: Need) -> bool {
        let activations = || {
            self.card.graph.nodes().iter().filter_map(|node| match &node.op {
                Some(Op::Activation(kind)) => Some(kind),
                _ => None,
            })
        };
        match need {
            Need::Relu => self.layers.iter().any(|at| self.is_relu(*at)),
            Need::PooledHead => self.head() == HeadKind::Pooled,
            Need::PiecewiseLinear => {
                let smooth = |op: &Op| matches!(op, Op::Lrn(_) | Op::Mul(_));
                activations().all(|kind| kind.is_relu())
                    && !self.card.graph.nodes().iter().filter_map(|node| node.op.as_ref()).any(smooth)
            }
            Need::ImageNetLabels => self.card.labels == LabelSet::Imagenet,
            Need::Probes => self.has(Extra::Probes),
            Need::Spatial => self.stages.len() > 1,
        }
    }

    /// The channel of the convolution or of the fully connected layer that a unit of any layer comes from, as a whole: what is grown for it. A unit that comes from no
    /// single channel (a sum's, or the picture's) is grown itself.
    pub fn grown(&self, unit: Unit) -> Unit {
        let (mut layer, mut channel) = (unit.layer, unit.channel);
        loop {
            let node = self.node(layer);
            match &node.op {
                Some(Op::Conv(_) | Op::Linear(_)) => return Unit { layer, channel, place: None },
                Some(Op::Concat(_)) => {
                    for input in &node.inputs {
                        layer = *input;
                        match channel.checked_sub(self.channels(layer)) {
                            Some(rest) => channel = rest,
                            None => break,
                        }
                    }
                }
                Some(Op::Activation(_) | Op::MaxPool(_) | Op::AvgPool(_) | Op::Affine(_)) => layer = node.inputs[0],
                _ => return Unit { place: None, ..unit },
            }
        }
    }

    /// Two units as [`NetworkSpec::unit`] reads them, for hints.
    pub fn examples(&self) -> String {
        let unit = |role, channel| self.text(Unit { layer: self.role(role), channel, place: None });
        format!("{}, {}", unit(LayerRole::Last, 63), unit(LayerRole::EndBeforeLast, 10))
    }

    /// The name of `class` in `lang`.
    pub fn label(&self, class: usize, lang: Lang) -> String {
        self.card.labels.label(class, lang)
    }

    /// In how many bits its arrays are shipped, in words.
    pub fn precision(&self) -> &str {
        self.card.precision.as_deref().unwrap_or("32 bit")
    }

    /// `layer:channel` or `layer:channel@column,row`; `None` when there is no such channel.
    pub fn unit(&self, text: &str) -> Option<Unit> {
        let (layer, rest) = text.split_once(':')?;
        let layer = self.index(layer)?;
        let (channel, place) = match rest.split_once('@') {
            None => (rest, None),
            Some((channel, place)) => {
                let (x, y) = place.split_once(',')?;
                (channel, Some((x.parse().ok()?, y.parse().ok()?)))
            }
        };
        let channel = channel.parse().ok()?;
        (channel < self.channels(layer)).then_some(Unit { layer, channel, place })
    }

    /// The unit as [`NetworkSpec::unit`] reads it.
    pub fn text(&self, unit: Unit) -> String {
        let name = self.name(unit.layer);
        match unit.place {
            None => format!("{name}:{}", unit.channel),
            Some((x, y)) => format!("{name}:{}@{x},{y}", unit.channel),
        }
    }
}

fn is_pool(graph: &Graph, at: usize) -> bool {
    matches!(graph.nodes()[at].op, Some(Op::MaxPool(_) | Op::AvgPool(_)))
}

#[cfg(test)]
mod tests {
    use super::super::networks;
    use super::*;

    #[test]
    fn only_the_visitors_own_is_saved() {
        let mut card = networks::first().card().clone();
        (card.id, card.name) = ("local:0123456789ab:a-b;unit".into(), "a b/c.v2".into());
        assert_eq!(NetworkSpec::new(card).unwrap().saved_as().as_deref(), Some("a-b-c.v2.safetensors"));
        assert_eq!(networks::first().saved_as(), None);
    }

    #[test]
    fn receptive_fields_are_those_of_the_literature() {
        let vgg16 = networks::first();
        let field = |name| {
            let Field::Window { x, y } = vgg16.receptive_field(vgg16.index(name).unwrap()) else { panic!("{name}") };
            assert_eq!(x, y);
            (x.size, x.stride, x.offset())
        };
        assert_eq!(field("conv1_1"), (3, 1, 0.0));
        assert_eq!(field("conv3_3"), (40, 4, 1.5));
        assert_eq!(field("relu5_3"), (196, 16, 7.5));
        assert_eq!(field("pool5"), (212, 32, 15.5));
    }

    #[test]
    fn a_box_is_clipped_to_the_photo() {
        let vgg16 = networks::first();
        let field = vgg16.receptive_field(vgg16.index("conv1_1").unwrap());
        assert_eq!(field.clipped((0, 5), 224, 224), (0, 4, 2, 7));
        assert_eq!(field.clipped((223, 223), 224, 224), (222, 222, 224, 224));
    }

    #[test]
    fn a_convolution_stands_after_its_relu() {
        let vgg16 = networks::first();
        let names: Vec<_> = vgg16.stages().iter().map(|at| vgg16.name(*at)).collect();
        assert_eq!(names[..4], ["relu1_1", "relu1_2", "pool1", "relu2_1"]);
        assert_eq!((names.len(), names[17]), (18, "pool5"));
        let below = |name| vgg16.below(vgg16.index(name).unwrap()).map(|at| vgg16.name(at));
        assert_eq!(["relu4_3", "conv4_3", "pool4"].map(below), [Some("relu4_2"), Some("relu4_2"), Some("relu4_3")]);
        assert_eq!([below("conv1_1"), below("relu1_1")], [None; 2]);
    }

    #[test]
    fn odd_sides_lose_their_last_row_in_a_pool() {
        let vgg16 = networks::first();
        assert_eq!(vgg16.shape(31, 225, 63), [512, 7, 1]);
        assert_eq!(vgg16.shape(1, 225, 63), [64, 225, 63]);
        assert_eq!(vgg16.shape(31, 0, 63), [512, 0, 0]);
    }

    #[test]
    fn the_layers_to_choose_from_are_the_trunks_under_their_names() {
        let vgg16 = networks::first();
        let names: Vec<&str> = vgg16.names().collect();
        assert_eq!((names.len(), names[0], names[30]), (31, "conv1_1", "pool5"));
        assert_eq!(names.iter().filter(|n| n.starts_with("conv")).count(), vgg16.convs().count());
        for (depth, at) in vgg16.layers().iter().enumerate() {
            assert_eq!((vgg16.index(vgg16.name(*at)), vgg16.depth(*at)), (Some(*at), depth));
            assert_eq!(vgg16.signed(*at), vgg16.is_conv(*at), "{}", vgg16.name(*at));
        }
        assert_eq!(vgg16.index("head_conv"), None);
        assert_eq!((vgg16.classes(), vgg16.most_channels()), (1000, 512));
    }

    #[test]
    fn parts_are_played_by_the_layers_that_texts_name() {
        let parts = [
            LayerRole::First,
            LayerRole::MiddleBeforeLast,
            LayerRole::EndBeforeLast,
            LayerRole::StartOfLast,
            LayerRole::Last,
        ];
        let vgg16 = networks::first();
        let found = parts.map(|role| vgg16.name(vgg16.role(role)));
        assert_eq!(found, ["relu1_1", "relu4_2", "relu4_3", "relu5_1", "relu5_3"]);
        let squeezenet = networks::get("squeezenet").unwrap();
        let found = parts.map(|role| squeezenet.name(squeezenet.role(role)));
        let first = "fire6/relu_squeeze1x1";
        assert_eq!(found, ["relu_conv1", "fire5/relu_squeeze1x1", "fire5/concat", first, "relu_conv10"]);
    }

    #[test]
    fn colours_are_given_as_red_green_and_blue_in_0_to_1() {
        let squeezenet = networks::get("squeezenet").unwrap();
        assert_eq!(squeezenet.mean.map(|m| m * 255.0), [123.0, 117.0, 104.0]);
        assert_eq!(squeezenet.std, [1.0 / 255.0; 3]);
        assert_eq!(networks::first().mean, [0.485, 0.456, 0.406]);
    }

    #[test]
    fn a_layer_of_several_inputs_stands_on_the_stage_before_it() {
        let net = networks::get("squeezenet").unwrap();
        let below = |name| net.below(net.index(name).unwrap()).map(|at| net.name(at));
        assert_eq!(below("fire2/concat"), Some("fire2/relu_squeeze1x1"));
        assert_eq!(
            [below("fire2/relu_expand3x3"), below("fire2/squeeze1x1")],
            [Some("fire2/relu_squeeze1x1"), Some("pool1")]
        );
        assert!(!net.signed(net.index("fire2/concat").unwrap()) && net.signed(net.index("conv10").unwrap()));
    }

    #[test]
    fn the_strip_shows_blocks_and_branches() {
        let names =
            |net: &NetworkSpec, list: &[usize]| list.iter().map(|at| net.name(*at).to_owned()).collect::<Vec<_>>();
        let vgg16 = networks::first();
        let blocks: Vec<_> = vgg16.strip().iter().map(|block| names(&vgg16, block).join(" ")).collect();
        let (first, fifth) = ("relu1_1 relu1_2 pool1", "relu5_1 relu5_2 relu5_3 pool5");
        assert_eq!((blocks.len(), blocks[0].as_str(), blocks[4].as_str()), (5, first, fifth));
        assert!(vgg16.stages().iter().all(|at| vgg16.lanes(*at).is_empty()));
        let net = networks::get("squeezenet").unwrap();
        let ends: Vec<_> = net.strip().iter().filter_map(|b| b.last().map(|at| net.name(*at).to_owned())).collect();
        assert_eq!(ends, ["pool1", "pool3", "pool5", "relu_conv10"]);
        let lanes = net.lanes(net.index("fire2/concat").unwrap());
        let lanes: Vec<_> = lanes.iter().map(|lane| names(&net, lane)).collect();
        assert_eq!(lanes, [["fire2/relu_expand1x1"], ["fire2/relu_expand3x3"]]);
    }

    #[test]
    fn a_unit_is_grown_as_the_channel_of_a_convolution_that_it_comes_from() {
        let grown = |net: &NetworkSpec, text: &str| net.text(net.grown(net.unit(text).unwrap()));
        let vgg16 = networks::first();
        assert_eq!(grown(&vgg16, "pool5:7@1,2"), "conv5_3:7");
        let net = networks::get("squeezenet").unwrap();
        assert_eq!(grown(&net, "fire2/concat:63"), "fire2/expand1x1:63");
        assert_eq!(grown(&net, "pool3:70"), "fire3/expand3x3:6");
    }

    #[test]
    fn a_unit_is_read_as_it_is_written() {
        let vgg16 = networks::first();
        for text in ["conv5_3:63@7,3", "relu4_2:511"] {
            assert_eq!(vgg16.text(vgg16.unit(text).unwrap()), text);
        }
        for text in ["conv5_3:512", "conv5_3", "conv5_3:1@2", "conv6_1:0", "input:0", "head_conv:0"] {
            assert_eq!(vgg16.unit(text), None, "{text}");
        }
    }
}
