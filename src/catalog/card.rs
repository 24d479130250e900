//! A network's card: `weights/<id>/card.json` says all of it but its numbers.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::graph::{Graph, GraphError, NamedNode};
use super::labels::label_in;
use super::picture::SIDES;
use super::text::{Lang, Text, text as plain_text};
use crate::fields::{BadField, Fields, object, text, word};
use crate::ops::{Dims, Op};

/// What a network's id begins with that was opened from the visitor's own files.
pub const LOCAL: &str = "local:";

/// The part of such an id that names the file: `local:<12 hexadecimal digits of its SHA-256>:<name>`. Behind a semicolon follows how
/// pictures are prepared for it.
pub fn file(id: &str) -> &str {
    id.split(';').next().unwrap_or(id)
}

/// Where a network was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paper {
    /// Authors and year, as texts cite it: `Iandola et al. 2016`.
    pub cite: String,
    /// The title of the publication.
    pub title: String,
    /// Where to find it: `arXiv:1602.07360`.
    pub at: String,
}

/// The pictures that a network takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Channels: 3, or 1 for grey.
    pub channels: usize,
    /// Rows and columns that it was trained on.
    pub size: usize,
    /// Whether it takes other sizes.
    pub any_size: bool,
}

/// In which order a pixel's colours are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelOrder {
    /// Red, green, blue.
    Rgb,
    /// Blue, green, red, as OpenCV and Caffe have it.
    Bgr,
}

/// What becomes of a value in 0..255 before the network reads it: `x = (value / 255 * scale - mean) / std`.
#[derive(Clone, Debug, PartialEq)]
pub struct Preprocessing {
    /// Subtracted, one number a channel in the order below.
    pub mean: Vec<f32>,
    /// Divided by, one number a channel in the order below.
    pub std: Vec<f32>,
    /// The value of white before the mean is subtracted.
    pub scale: f32,
    /// The order of the channels.
    pub order: ChannelOrder,
}

/// Which classes the logits stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LabelSet {
    /// The 1000 classes of ILSVRC 2012, in the order of their WordNet numbers.
    Imagenet,
    /// Names that came with the network, one a class, in whatever language they are; or none at all.
    Own(Vec<String>),
}

impl LabelSet {
    fn read(value: Value) -> Result<Self, BadField> {
        match value {
            Value::Array(names) => {
                let names = names.into_iter().map(|name| text("labels", name));
                names.collect::<Result<_, _>>().map(Self::Own)
            }
            other => word("labels", other, LABELS).map(|()| Self::Imagenet),
        }
    }

    /// The name of `class` in `lang`; its number where it has none.
    pub fn label(&self, class: usize, lang: Lang) -> String {
        match self {
            Self::Imagenet => label_in(class, lang).to_owned(),
            Self::Own(names) => {
                let name = names.get(class).filter(|name| !name.is_empty());
                name.cloned().unwrap_or_else(|| NUMBER.get(lang).replace("{n}", &class.to_string()))
            }
        }
    }
}

/// A class without a name.
const NUMBER: Text = plain_text!("class {n}", "类别 {n}");

/// What a network can come with beside its arrays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extra {
    /// Linear probes for its convolutions.
    Probes,
    /// A second, linear head on a layer of its trunk.
    TeachingHead,
    /// Pictures of what its channels want to see (`www/catalogue/`).
    Catalogue,
    /// First screens of the examples that were computed when the page was built (`www/examples/`).
    FirstScreens,
}

/// A network, all but its arrays.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// The name in links and folders: `vgg16`.
    pub id: String,
    /// The name that people use: `VGG16`.
    pub name: String,
    /// Where it was published, if it was.
    pub paper: Option<Paper>,
    /// The licence of its arrays.
    pub licence: String,
    /// Where its arrays come from.
    pub source: String,
    /// In how many bits its arrays are shipped, in words; `None`: as float32.
    pub precision: Option<String>,
    /// The size and the channels of the picture that it reads.
    pub input: Picture,
    /// How a picture is made ready for it.
    pub preprocessing: Preprocessing,
    /// The classes that it tells apart.
    pub labels: LabelSet,
    /// Its operations, and how they are joined.
    pub graph: Graph,
    /// The number of the last node that counts as one of the network's layers; what stands behind is its head.
    pub trunk: usize,
    /// The number of the node that writes the teaching head's logits: a second output of the same graph.
    pub teaching: Option<usize>,
    /// What there is for this network alone: a catalogue of units, probes, first screens ...
    pub extras: Vec<Extra>,
}

/// Why a text is no card.
#[derive(Debug, thiserror::Error)]
pub enum CardError {
    /// No JSON object.
    #[error("the card cannot be read: {0}")]
    Json(#[from] serde_json::Error),
    /// A node with an unknown operation, field or word.
    #[error("node {name}: {error}")]
    Node {
        /// The node, or its number where it has no name.
        name: String,
        /// Which field is wrong, and how.
        error: BadField,
    },
    /// A field that is no node's.
    #[error("the card: {0}")]
    Field(#[from] BadField),
    /// The nodes are no network.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// The trunk ends at a node that there is not.
    #[error("the trunk is to end at {0}, which is no node")]
    Trunk(String),
    /// There are names, but not one a class.
    #[error("the card has {names} labels for {classes} classes")]
    Labels {
        /// How many names there are.
        names: usize,
        /// How many logits the network writes.
        classes: usize,
    },
    /// The preprocessing has not one number a channel, or divides by 0.
    #[error("the card's mean and std need one number for each of {channels} channels, std's not 0")]
    Preprocessing {
        /// Channels of the input.
        channels: usize,
    },
}

impl Card {
    /// Reads and checks a card.
    ///
    /// # Errors
    /// [`CardError`] says which node or field is wrong.
    pub fn parse(json: &str) -> Result<Self, CardError> {
        let mut fields = Fields::from(serde_json::from_str::<Map<String, Value>>(json)?);
        let preprocessing = Preprocessing::read(fields.object("preprocessing")?)?;
        let input = Picture::read(fields.object("input")?)?;
        let Preprocessing { mean, std, .. } = &preprocessing;
        if mean.len() != input.channels || std.len() != input.channels || std.contains(&0.0) {
            return Err(CardError::Preprocessing { channels: input.channels });
        }
        let (mut nodes, output) = (fields.list("nodes")?, fields.text("output")?);
        let mut second = None;
        if let Some(mut head) = fields.perhaps_object("teaching")? {
            nodes.extend(head.list("nodes")?);
            second = Some(head.text("output")?);
            head.end()?;
        }
        let nodes = nodes.into_iter().enumerate().map(|(i, node)| NamedNode::parse(i, node));
        let dims = Dims::new(input.channels, input.size, input.size);
        let graph = Graph::new(dims, nodes.collect::<Result<_, _>>()?, &output)?;
        let teaching = match &second {
            Some(name) => Some(graph.towards(name)?.output()),
            None => None,
        };
        let trunk = fields.perhaps_text("trunk")?.unwrap_or(output);
        let trunk = graph.find(&trunk).ok_or(CardError::Trunk(trunk))?;
        let extras = fields.list("extras")?.into_iter().map(|value| word("extras", value, EXTRAS));
        let card = Self {
            id: fields.text("id")?,
            name: fields.text("name")?,
            paper: fields.perhaps_object("paper")?.map(Paper::read).transpose()?,
            licence: fields.text("licence")?,
            source: fields.text("source")?,
            precision: fields.perhaps_text("precision")?,
            input,
            preprocessing,
            labels: LabelSet::read(fields.value("labels")?)?,
            graph,
            trunk,
            teaching,
            extras: extras.collect::<Result<_, _>>()?,
        };
        fields.end()?;
        let classes = card.graph.dims()[card.graph.output()].c;
        match &card.labels {
            LabelSet::Own(names) if !names.is_empty() && names.len() != classes => {
                Err(CardError::Labels { names: names.len(), classes })
            }
            _ => Ok(card),
        }
    }
}

const EXTRAS: &[(&str, Extra)] = &[
    ("probes", Extra::Probes),
    ("teaching_head", Extra::TeachingHead),
    ("catalogue", Extra::Catalogue),
    ("first_screens", Extra::FirstScreens),
];
const LABELS: &[(&str, ())] = &[("imagenet", ())];
const ORDERS: &[(&str, ChannelOrder)] = &[("rgb", ChannelOrder::Rgb), ("bgr", ChannelOrder::Bgr)];

impl Paper {
    fn read(mut fields: Fields) -> Result<Self, BadField> {
        let paper = Self { cite: fields.text("cite")?, title: fields.text("title")?, at: fields.text("at")? };
        fields.end().map(|()| paper)
    }
}

impl Picture {
    /// Rows and columns that a picture may have for it: where it takes any, those of [`SIDES`] and what it was trained on.
    pub fn sides(&self) -> RangeInclusive<usize> {
        if self.any_size { self.size.min(*SIDES.start())..=*SIDES.end() } else { self.size..=self.size }
    }

    fn read(mut fields: Fields) -> Result<Self, BadField> {
        let (channels, size) = (fields.whole("channels")?, fields.whole("size")?);
        let picture = Self { channels, size, any_size: fields.flag_or("any_size", false)? };
        fields.end().map(|()| picture)
    }
}

impl Preprocessing {
    fn read(mut fields: Fields) -> Result<Self, BadField> {
        let (mean, std) = (fields.numbers("mean")?, fields.numbers("std")?);
        let preprocessing = Self { mean, std, scale: fields.number("scale")?, order: fields.word("order", ORDERS)? };
        fields.end().map(|()| preprocessing)
    }
}

impl NamedNode {
    /// Reads the `number`th node of a card: `name`, `inputs`, `op`, the parameters of that operation, and `arrays`: what the
    /// names of its arrays begin with in the shards, where that is not its own name.
    ///
    /// # Errors
    /// [`CardError::Node`].
    pub fn parse(number: usize, node: Value) -> Result<Self, CardError> {
        let name = node["name"].as_str().map_or_else(|| number.to_string(), str::to_owned);
        Self::read(node).map_err(|error| CardError::Node { name, error })
    }

    fn read(node: Value) -> Result<Self, BadField> {
        let mut fields = object("nodes", node)?;
        let (name, arrays) = (fields.text("name")?, fields.perhaps_text("arrays")?);
        let inputs = fields.list("inputs")?.into_iter().map(|input| text("inputs", input));
        let inputs = inputs.collect::<Result<_, _>>()?;
        let op = Op::read(&mut fields)?;
        fields.end()?;
        Ok(Self { arrays: arrays.unwrap_or_else(|| name.clone()), name, op, inputs })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODES: &str = r#"[
        {"name": "conv1", "op": "conv", "inputs": ["input"], "out": 4, "kernel": [3, 3], "stride": [2, 2]},
        {"name": "relu1", "op": "activation", "kind": "leaky_relu", "alpha": 0.1, "inputs": ["conv1"]},
        {"name": "pool1", "op": "global_avg_pool", "inputs": ["relu1"]}
    ]"#;

    fn card(nodes: &str, std: &str) -> Result<Card, CardError> {
        Card::parse(&format!(
            r#"{{
                "id": "tiny", "name": "Tiny", "licence": "MIT", "source": "none",
                "paper": {{"cite": "Nobody 2016", "title": "A", "at": "arXiv:0"}},
                "input": {{"channels": 3, "size": 32, "any_size": true}},
                "preprocessing": {{"mean": [0, 0, 0], "std": {std}, "scale": 1.0, "order": "rgb"}},
                "labels": "imagenet", "nodes": {nodes}, "output": "pool1"
            }}"#
        ))
    }

    #[test]
    fn a_card_is_read_with_what_it_leaves_out() {
        let card = card(NODES, "[1, 1, 1]").unwrap();
        let Some(Op::Conv(conv)) = &card.graph.nodes()[1].op else { panic!("no convolution") };
        assert_eq!((conv.dilation, conv.groups, conv.pad, conv.bias), ([1, 1], 1, [0; 4], true));
        assert_eq!(card.graph.dims()[1], Dims::new(4, 15, 15));
    }

    #[test]
    fn a_wrong_word_or_field_is_told_with_its_node() {
        let told = |from: &str, to: &str| card(&NODES.replace(from, to), "[1, 1, 1]").unwrap_err().to_string();
        for (from, to, words) in [
            (r#""out": 4"#, r#""outs": 4"#, ["node conv1", "outs"]),
            (r#""out": 4"#, r#""out": 4, "groups": 0"#, ["node conv1", "groups"]),
            (r#""leaky_relu""#, r#""leaky""#, ["node relu1", "leaky"]),
            (r#""alpha": 0.1"#, r#""alpha": 0.1, "slope": 1"#, ["node relu1", "slope"]),
            (r#""kind": "leaky_relu", "alpha": 0.1"#, r#""kind": "relu", "alpha": 0.1"#, ["node relu1", "alpha"]),
            (r#""global_avg_pool""#, r#""dropout""#, ["node pool1", "dropout"]),
            (r#""global_avg_pool""#, r#""global_avg_pool", "ceil": true"#, ["node pool1", "ceil"]),
            (r#""name": "pool1", "#, "", ["node 2", "name is missing"]),
            (r#"["relu1"]"#, r#"["relu2"]"#, ["node pool1", "relu2"]),
        ] {
            let told = told(from, to);
            assert!(words.iter().all(|word| told.contains(word)), "{to}: {told}");
        }
    }

    #[test]
    fn a_card_may_name_its_own_classes_all_of_them_or_none() {
        let with = |labels: &str| {
            let text = format!(
                r#"{{
                    "id": "local:0123:tiny", "name": "Tiny", "licence": "unknown", "source": "tiny.pth",
                    "input": {{"channels": 3, "size": 32}},
                    "preprocessing": {{"mean": [0, 0, 0], "std": [1, 1, 1], "scale": 1.0, "order": "rgb"}},
                    "labels": {labels}, "nodes": {NODES}, "output": "pool1"
                }}"#
            );
            Card::parse(&text).map(|card| card.labels)
        };
        let named = with(r#"["cat", "dog", "", "frog"]"#).unwrap();
        assert_eq!(named.label(1, Lang::Zh), "dog");
        assert_eq!([named.label(2, Lang::En), with("[]").unwrap().label(3, Lang::Zh)], ["class 2", "类别 3"]);
        assert!(matches!(with(r#"["cat"]"#), Err(CardError::Labels { names: 1, classes: 4 })));
        assert!(with("[1, 2, 3, 4]").is_err() && with(r#""coco""#).is_err());
    }

    #[test]
    fn a_preprocessing_without_a_number_for_every_channel_is_refused() {
        for std in ["[1, 1]", "[1, 1, 0]"] {
            assert!(matches!(card(NODES, std), Err(CardError::Preprocessing { channels: 3 })), "{std}");
        }
    }
}
