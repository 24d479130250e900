//! What a method tells about itself: menus, forms, the JavaScript API, links and the README's table are made from it.

use serde::Serialize;

use super::need::Need;
use super::role::LayerRole;
use super::text::{Text, text};

/// The publication that a method comes from.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Paper {
    /// Author and year, as cited.
    pub cite: &'static str,
    /// Its title.
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
    },
    /// A class index 0..=999, or `"top"` for the most probable class.
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
    /// Its name in the form.
    pub label: Text,
    /// What values it takes, and which one when none is given.
    #[serde(flatten)]
    pub kind: ParamKind,
}

/// The parameters that every method has which explains a class.
pub const CLASS: ParamSpec = ParamSpec { id: "class", label: text!("Class", "类别"), kind: ParamKind::Class };
/// The same, for methods that can explain a channel or a neuron too.
pub const TARGET: ParamSpec = ParamSpec { id: "class", label: text!("Target", "目标"), kind: ParamKind::Target };
/// The layer at which a map is made.
pub const LAYER: ParamSpec =
    ParamSpec { id: "layer", label: text!("Layer", "层"), kind: ParamKind::Layer { default: LayerRole::Last } };
/// Which score of the class is explained: its logit or its probability ([`super::Score`]).
pub const SCORE: ParamSpec = ParamSpec {
    id: "score",
    label: text!("Score", "得分"),
    kind: ParamKind::Choice { default: "logit", options: &["logit", "probability"] },
};
/// The seed of all random numbers of a run: the same seed gives the same figure.
pub const SEED: ParamSpec = ParamSpec {
    id: "seed",
    label: text!("Seed", "随机种子"),
    kind: ParamKind::Number { default: 0.0, min: 0.0, max: 999_999.0, step: 1.0 },
};

/// The second picture of a method that can use one.
pub const SECOND: ParamSpec = ParamSpec {
    id: "second",
    label: text!("Second picture", "第二张图片"),
    kind: ParamKind::Picture { needed: false },
};
/// The second picture of a method that needs two.
pub const NEEDED_SECOND: ParamSpec = ParamSpec { kind: ParamKind::Picture { needed: true }, ..SECOND };
/// Whether a picture begins anew, or goes on where the last one of the same parameters stopped.
pub const START: ParamSpec = choice("start", text!("Start", "起点"), &["new", "last"]);

/// A part of the picture, marked by the visitor.
pub const REGION: ParamSpec = ParamSpec { id: "region", label: text!("Region", "区域"), kind: ParamKind::Region };
/// The gallery (the visitor's pictures in groups), for a method that can use it.
pub const GALLERY: ParamSpec =
    ParamSpec { id: "gallery", label: text!("Pictures", "图片集"), kind: ParamKind::Gallery { needed: false } };
/// The gallery, for a method that needs it.
pub const NEEDED_GALLERY: ParamSpec = ParamSpec { kind: ParamKind::Gallery { needed: true }, ..GALLERY };
/// The attribution methods that are judged, or compared on the board.
pub const METHODS: ParamSpec = ParamSpec {
    id: "methods",
    label: text!("Methods", "方法"),
    kind: ParamKind::Methods { default: "grad_cam, lrp, saliency" },
};

/// A choice; the first word is the default.
pub const fn choice(id: &'static str, label: Text, options: &'static [&'static str]) -> ParamSpec {
    ParamSpec { id, label, kind: ParamKind::Choice { default: options[0], options } }
}

/// A number: default, smallest, largest, step.
pub const fn number(id: &'static str, label: Text, [default, min, max, step]: [f64; 4]) -> ParamSpec {
    ParamSpec { id, label, kind: ParamKind::Number { default, min, max, step } }
}

/// The value that a preset gives to a parameter.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(untagged)]
pub enum PresetValue {
    /// A word.
    Word(&'static str),
    /// A number; of the class, its index.
    Number(f64),
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
