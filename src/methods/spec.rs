//! What a method can be asked: every parameter's description beside the type in which the method gets its value.
//!
//! A method writes its parameters down once, with [`params!`](crate::methods): the field's name is the key of links and of the API,
//! its type is what the method works with, and the value is the form's label with the values that are taken.

use std::marker::PhantomData;

use crate::catalog::choice::{Words, words};
use crate::catalog::text::text;
use crate::catalog::{LayerRole, ParamKind, ParamSpec, Region, Score, Text, Unit};

/// A parameter whose value a method gets as a `T`; its key is the field's name in [`params!`](crate::methods).
pub struct Param<T> {
    /// The key, of a parameter that the page knows; else empty.
    pub id: &'static str,
    label: Text,
    kind: ParamKind,
    value: PhantomData<T>,
}

impl<T> Param<T> {
    const fn new(label: Text, kind: ParamKind) -> Self {
        Self { id: "", label, kind, value: PhantomData }
    }

    /// A parameter that several methods have, and that the page knows by its key.
    const fn known(id: &'static str, label: Text, kind: ParamKind) -> Self {
        Self { id, ..Self::new(label, kind) }
    }

    /// Its description under the key `id`.
    ///
    /// # Panics
    /// While compiling, when a known parameter stands in a field that is not called by its key.
    pub const fn spec(&self, id: &'static str) -> ParamSpec {
        assert!(self.id.is_empty() || same(self.id, id), "the field of a known parameter has the parameter's own name");
        ParamSpec { id, label: self.label, kind: self.kind }
    }
}

const fn same(a: &str, b: &str) -> bool {
    let (a, b, mut i) = (a.as_bytes(), b.as_bytes(), 0);
    while i < a.len() && i < b.len() && a[i] == b[i] {
        i += 1;
    }
    i == a.len() && i == b.len()
}

/// A layer: its node's number in the network's graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layer(pub usize);

/// What is to be explained: a class, where the most probable one stands for none, or a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// A class; `None`: the most probable one.
    Class(Option<usize>),
    /// A channel or a neuron.
    Unit(Unit),
}

/// The key of a climb that can be continued: its parameters but for `start` and `steps`, which say how far it goes.
macro_rules! climbs {
    () => {
        impl Params {
            #[cfg(feature = "engine")]
            fn key(&self) -> Self {
                Self { start: $crate::methods::spec::Start::New, steps: 0, ..self.clone() }
            }
        }
    };
}

/// A choice; the first of the words is the default.
pub const fn choice<T: Words>(label: Text) -> Param<T> {
    choice_from(label, 0)
}

/// A choice with another default: the word at this place.
pub const fn choice_from<T: Words>(label: Text, default: usize) -> Param<T> {
    Param::new(label, ParamKind::Choice { default: T::WORDS[default], options: T::WORDS })
}

/// A number: default, smallest, largest, step.
pub const fn number<T: Number>(label: Text, [default, min, max, step]: [f64; 4]) -> Param<T> {
    Param::new(label, ParamKind::Number { default, min, max, step })
}

/// A number of channels, at most as many as any layer of the network has: default, smallest.
pub const fn count(label: Text, [default, min]: [f64; 2]) -> Param<usize> {
    Param::new(label, ParamKind::Count { default, min })
}

/// Rows and columns of a picture that the method makes: default, smallest, largest. A network that takes one size only has its own.
pub const fn side([default, min, max]: [f64; 3]) -> Param<usize> {
    Param::new(text!("Side", "边长"), ParamKind::Side { default, min, max })
}

/// What a number is decoded to.
pub trait Number: Sized {
    /// The nearest value towards 0.
    fn of(v: f64) -> Self;
}

macro_rules! number {
    ($($of:ty),*) => {
        $(impl Number for $of {
            fn of(v: f64) -> Self {
                v as Self
            }
        })*
    };
}

number!(f32, f64, usize, u64, i32);

/// A layer; the one in this part of the network when none is given.
pub const fn layer(label: Text, default: LayerRole) -> Param<Layer> {
    Param::new(label, ParamKind::Layer { default, vectors: false })
}

/// As [`layer`], or one without maps.
pub const fn any_layer(label: Text, default: LayerRole) -> Param<Layer> {
    Param::new(label, ParamKind::Layer { default, vectors: true })
}

/// A channel of the chosen layer; `None`: the strongest one.
pub const fn channel(label: Text) -> Param<Option<usize>> {
    Param::new(label, ParamKind::Channel)
}

/// Channels of any layers; none when none is named.
pub const fn channels(label: Text) -> Param<Vec<Unit>> {
    Param::new(label, ParamKind::Channels)
}

/// A short text.
pub const fn short_text(label: Text, default: &'static str) -> Param<String> {
    Param::new(label, ParamKind::Text { default })
}

/// The name of one of the gallery's groups, or of one that is built in; the first of these is the default.
pub const fn group(label: Text, built_in: &'static [&'static str]) -> Param<String> {
    Param::new(label, ParamKind::Group { built_in })
}

/// Methods that explain a class; `default` are ids between commas.
pub const fn methods(label: Text, default: &'static str) -> Param<Vec<&'static str>> {
    Param::new(label, ParamKind::Methods { default })
}

/// The class that is explained; `None`: the most probable one.
pub const CLASS: Param<Option<usize>> = Param::known("class", text!("Class", "类别"), ParamKind::Class);
/// The same, for methods that can explain a channel or a neuron too.
pub const TARGET: Param<Chosen> = Param::known("class", text!("Target", "目标"), ParamKind::Target);
/// The layer at which a map is made.
pub const LAYER: Param<Layer> =
    Param::known("layer", text!("Layer", "层"), ParamKind::Layer { default: LayerRole::Last, vectors: false });
/// Which score of the class is explained: its logit or its probability.
pub const SCORE: Param<Score> = Param { id: "score", ..choice(text!("Score", "得分")) };
/// The seed of all random numbers of a run: the same seed gives the same figure.
pub const SEED: Param<u64> = number(text!("Seed", "随机种子"), [0.0, 0.0, 999_999.0, 1.0]);
/// A part of the picture, marked by the visitor; without marks when none was marked.
pub const REGION: Param<Region> = Param::known("region", text!("Region", "区域"), ParamKind::Region);
/// The attribution methods that are judged, or compared on the board.
pub const METHODS: Param<Vec<&'static str>> =
    Param { id: "methods", ..methods(text!("Methods", "方法"), "grad_cam, lrp, saliency") };
/// Whether a picture begins anew, or goes on where the last one of the same parameters stopped.
pub const START: Param<Start> = Param { id: "start", ..choice(text!("Start", "起点")) };
/// The second picture of a method that can use one.
pub const SECOND: Param<()> =
    Param::known("second", text!("Second picture", "第二张图片"), ParamKind::Picture { needed: false });
/// The second picture of a method that needs two.
pub const NEEDED_SECOND: Param<()> = Param { kind: ParamKind::Picture { needed: true }, ..SECOND };
/// The gallery (the visitor's pictures in groups), for a method that can use it.
pub const GALLERY: Param<()> =
    Param::known("gallery", text!("Pictures", "图片集"), ParamKind::Gallery { needed: false });
/// The gallery, for a method that needs it.
pub const NEEDED_GALLERY: Param<()> = Param { kind: ParamKind::Gallery { needed: true }, ..GALLERY };

words! {
    /// Where a climb begins.
    Start {
        /// With a picture of its own.
        New = "new",
        /// Where the last one of the same parameters stopped.
        Last = "last",
    }
}
