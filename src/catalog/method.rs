//! What a method tells about itself: menus, forms, the JavaScript API, links and the README's table are made from it.

use serde::Serialize;

use super::need::Need;
use super::role::LayerRole;
use super::text::Text;

/// The publication that a method comes from.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Paper {
    /// Author and year, as cited.
    pub cite: &'static str,
    /// The title of the publication.
    pub title: &'static str,
    /// Where the title is found: `arXiv:1610.02391` or `doi:10.…`; empty where it has neither.
    pub at: &'static str,
}

impl Paper {
    /// The web address of [`Paper::at`]; `None` where it is empty.
    pub fn url(&self) -> Option<String> {
        match self.at.split_once(':')? {
            ("arXiv", id) => Some(format!("https://arxiv.org/abs/{id}")),
            ("doi", id) => Some(format!("https://doi.org/{id}")),
            _ => None,
        }
    }
}

/// The kind of a parameter, with its default and range.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ParamKind {
    /// A layer by name, such as `conv4_2`.
    Layer {
        /// The part of the layer that is taken when none is given.
        default: LayerRole,
        /// Whether a layer without maps will do, such as the fully connected `fc6` of VGG16.
        vectors: bool,
    },
    /// A class index, or `"top"` for the most probable class.
    Class,
    /// What is explained: as [`ParamKind::Class`], or a channel (`"conv5_3:63"`, its mean) or a neuron
    /// (`"conv5_3:63@7,3"`, column and row).
    Target,
    /// A channel of the chosen layer, or `"strongest"`.
    Channel,
    /// Channels, as `relu5_3:63, relu4_3:10`; may be empty.
    Channels,
    /// Free text of at most 24 characters, such as the letters of a stamp.
    Text {
        /// The text that is taken when none is given.
        default: &'static str,
    },
    /// Methods that explain a class, as `grad_cam, lrp`.
    Methods {
        /// Ids of the methods that are taken when none are given, between commas.
        default: &'static str,
    },
    /// A part of the picture, as [`Region`](super::Region) reads it; may be empty.
    Region,
    /// Pictures in groups, which are set as pictures are: nothing to be given here.
    Gallery {
        /// Whether the method refuses to run without them.
        needed: bool,
    },
    /// The name of one of the gallery's groups, or of one that is built in.
    Group {
        /// Built-in ones; the first is the default.
        built_in: &'static [&'static str],
    },
    /// The second picture, which is set as pictures are: nothing to be given here.
    Picture {
        /// Whether the method refuses to run without it.
        needed: bool,
    },
    /// A number; a whole one when the step is whole.
    Number {
        /// The value that is taken when none is given.
        default: f64,
        /// The smallest value that is accepted.
        min: f64,
        /// The largest value that is accepted.
        max: f64,
        /// The distance between two neighbouring values of the form's control.
        step: f64,
    },
    /// A number of a layer's channels: at most as many as any layer of the network has.
    Count {
        /// The number that is taken when none is given.
        default: f64,
        /// The smallest number that is accepted.
        min: f64,
    },
    /// Rows and columns of a picture that the method makes: a number, or the only one that the network takes.
    Side {
        /// The number that is taken when none is given.
        default: f64,
        /// The smallest number that is accepted.
        min: f64,
        /// The largest number that is accepted.
        max: f64,
    },
    /// One of several words.
    Choice {
        /// The word that is taken when none is given.
        default: &'static str,
        /// All words that are accepted.
        options: &'static [&'static str],
    },
}

/// One parameter of a method.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ParamSpec {
    /// The key in the API and in links.
    pub id: &'static str,
    /// The name that the form shows.
    pub label: Text,
    /// What values it takes, and which one when none is given.
    #[serde(flatten)]
    pub kind: ParamKind,
}

/// The value that a preset gives to a parameter.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(untagged)]
pub enum PresetValue {
    /// A word.
    Word(&'static str),
    /// A number; of the class, its index.
    Number(f64),
    /// A channel, of what a ReLU of this part of the network reads ([`channel_of`](super::NetworkSpec::channel_of)).
    Channel(LayerRole, usize),
}

/// Parameters that belong together, under one name.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Preset {
    /// The preset's name on its button.
    pub name: Text,
    /// The values that the button sets, by parameter id.
    pub params: &'static [(&'static str, PresetValue)],
}

/// Groups of methods that answer the same kind of question; the menu has a tab for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// What a small change of a pixel does.
    Gradient,
    /// Which places of a layer speak for the class.
    Cam,
    /// How the score is shared out, layer by layer.
    Relevance,
    /// What the network answers when something is hidden from it.
    Perturbation,
    /// What units and layers see.
    Unit,
    /// Pictures made by ascent.
    Synthesis,
    /// What breaks the decision.
    Robustness,
    /// What the decision leans on.
    Bias,
    /// Whether an explanation can be trusted.
    Trust,
    /// What concepts the network knows.
    Concepts,
}

/// Everything that the page, the API and the README say about a method.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct MethodInfo {
    /// The key in the API and in links.
    pub id: &'static str,
    /// The menu's tab that lists it.
    pub family: Family,
    /// The name that the literature uses.
    pub name: Text,
    /// One paragraph: what is shown and how to read it.
    pub summary: Text,
    /// What is computed, as a formula in plain text.
    pub formula: &'static str,
    /// What the figure does not show, or how it misleads.
    pub caveat: Text,
    /// The publication that it comes from.
    pub paper: Paper,
    /// What a network must have.
    pub needs: &'static [Need],
    /// Sets of parameters that have a name.
    pub presets: &'static [Preset],
    /// Its parameters, in the order of the form.
    pub params: &'static [ParamSpec],
}
