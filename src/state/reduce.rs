//! `reduce(state, action)`: the only place where the page's state changes.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value;

use super::explain::Explained;
use super::maps::Maps;
use super::model::{ClassScore, Mode, Order, Palette, Picture, Source, State, Theme, Weights};
use crate::catalog::ProblemKind;
use crate::catalog::text::Lang;
use crate::figure::Figure;
use crate::figure::scale::Normalise;
use crate::protocol::{DeviceReport, Problem};

/// What happened.
#[derive(Clone, Debug)]
pub enum Action {
    /// Language chosen.
    Lang(Lang),
    /// Theme chosen.
    Theme(Theme),
    /// A picture was dropped, picked, pasted, photographed or clicked.
    Open(Source),
    /// Results computed when the page was built.
    Precomputed(Picture, Vec<ClassScore>, Figure),
    /// The engine took the picture.
    Opened(Picture),
    /// Classes.
    Classes(Vec<ClassScore>),
    /// Class activation map, its class, and its milliseconds.
    Cam(Figure, usize, f64),
    /// Feature maps, with the scale of all layers when it was asked for.
    Maps(Figure, Option<f32>),
    /// The map is there: the feature maps of the chosen layer come next.
    MapsWanted,
    /// A class to explain.
    Target(usize),
    /// A layer to look at.
    Layer(usize),
    /// A channel to open; `None` closes.
    Channel(Option<usize>),
    /// The unit under the pointer.
    Unit(Option<(usize, usize)>),
    /// Normalisation.
    Normalise(Normalise),
    /// Order.
    Order(Order),
    /// Page.
    Page(usize),
    /// Colours.
    Palette(Palette),
    /// 0..1.
    Opacity(f32),
    /// What is drawn.
    Mode(Mode),
    /// A method was chosen.
    Method(&'static str),
    /// One of its parameters.
    Param(&'static str, Value),
    /// Run pressed.
    Explain,
    /// Its result.
    Explained(Explained),
    /// The engine is up.
    Device(DeviceReport),
    /// Weights.
    Weights(Weights),
    /// A job's step.
    Progress(usize, usize),
    /// No job runs.
    Idle,
    /// Cancel pressed.
    Cancel,
    /// Something went wrong.
    Problem(Problem),
    /// The message was closed.
    Dismiss,
    /// Try the weights again.
    Retry,
    /// The engine was replaced.
    Restarted(DeviceReport),
}

/// What the outside is to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Show an example's precomputed results.
    Precomputed(&'static str),
    /// Give the picture to the engine, then classes, map and feature maps.
    Open(Source),
    /// The class activation map of a class (`None`: the most probable).
    Cam(Option<usize>),
    /// A layer's feature maps; `true`: with the scale of all layers.
    Maps(usize, bool),
    /// Run a method; the class is the one explained.
    Explain(&'static str, BTreeMap<&'static str, Value>, Option<usize>),
    /// Stop what runs.
    Cancel,
    /// Fetch the weights again.
    Retry,
}

impl State {
    /// The next state. Its `effects` are what this action asks for.
    pub fn reduce(&self, action: Action) -> Self {
        let mut s = self.clone();
        let mut effects = Vec::new();
        match action {
            Action::Lang(lang) => s.lang = lang,
            Action::Theme(theme) => s.theme = theme,
            Action::Open(source) => {
                if let Source::Example(id) = source {
                    effects.push(Effect::Precomputed(id));
                }
                effects.push(Effect::Open(source.clone()));
                s.opening = Some(source);
                s.problem = None;
            }
            // too late when the engine was faster, or when another picture was asked for meanwhile
            Action::Precomputed(picture, ..) if s.opening.as_ref() != Some(&picture.source) => {}
            Action::Precomputed(picture, classes, cam) => {
                s.take(picture);
                (s.cam, s.cam_class) = (Some(Rc::new(cam)), classes.first().map(|c| c.index));
                s.classes = classes;
                s.precomputed = true;
            }
            Action::Opened(picture) => {
                s.opening = None;
                // the same example is on the screen already: keep its results until the live ones come
                if !(s.precomputed && s.picture.as_ref().is_some_and(|p| p.source == picture.source)) {
                    s.take(picture);
                }
            }
            Action::Classes(classes) => s.classes = classes,
            Action::Cam(figure, class, ms) => {
                (s.cam, s.cam_class) = (Some(Rc::new(figure)), Some(class));
                s.cam_ms = Some(ms);
                s.precomputed = false;
            }
            Action::Maps(figure, scale) => {
                let maps = Maps::new(figure);
                if maps.layer == s.layer {
                    s.maps = Some(maps);
                }
                s.model_scale = scale.or(s.model_scale);
            }
            Action::MapsWanted => effects.push(s.maps_effect()),
            Action::Target(class) => {
                s.target = Some(class);
                effects.push(Effect::Cam(Some(class)));
            }
            Action::Layer(layer) => {
                (s.layer, s.page, s.channel, s.unit) = (layer, 0, None, None);
                effects.push(s.maps_effect());
            }
            Action::Channel(channel) => (s.channel, s.unit) = (channel, None),
            Action::Unit(unit) => s.unit = unit,
            Action::Normalise(normalise) => {
                s.normalise = normalise;
                if normalise == Normalise::Model && s.model_scale.is_none() {
                    effects.push(s.maps_effect());
                }
            }
            Action::Order(order) => (s.order, s.page) = (order, 0),
            Action::Page(page) => s.page = page,
            Action::Palette(palette) => s.look.palette = palette,
            Action::Opacity(opacity) => s.look.opacity = opacity.clamp(0.0, 1.0),
            Action::Mode(mode) => s.look.mode = mode,
            Action::Method(method) => s.explain.method = method,
            Action::Param(id, value) => drop(s.explain.params.insert(id, value)),
            Action::Explain => effects.push(Effect::Explain(s.explain.method, s.explain.params.clone(), s.class())),
            Action::Explained(result) => s.explain.result = Some(result),
            Action::Device(report) => s.device = Some(report),
            Action::Weights(weights) => s.weights = weights,
            Action::Progress(done, total) => s.busy = Some((done, total)),
            Action::Idle => s.busy = None,
            Action::Cancel => effects.push(Effect::Cancel),
            Action::Problem(problem) => {
                s.busy = None;
                if problem.kind != ProblemKind::Cancelled {
                    s.opening = None;
                    s.problem = Some(problem);
                }
            }
            Action::Dismiss => (s.problem, s.restarted) = (None, false),
            Action::Retry => {
                s.problem = None;
                effects.push(Effect::Retry);
                // what waited for the weights is asked for again
                effects.extend(s.picture.as_ref().map(|p| Effect::Open(p.source.clone())));
            }
            Action::Restarted(report) => {
                (s.device, s.restarted) = (Some(report), true);
                effects.push(s.maps_effect());
            }
        }
        for effect in effects {
            let number = s.effects.back().map_or(1, |(n, _)| n + 1);
            s.effects.push_back((number, effect));
        }
        // far more than come between two looks
        while s.effects.len() > 32 {
            s.effects.pop_front();
        }
        s
    }

    fn take(&mut self, picture: Picture) {
        self.picture = Some(picture);
        if let Some(result) = &mut self.explain.result {
            result.stale = true;
        }
        (self.classes, self.target) = (Vec::new(), None);
        (self.cam, self.cam_class, self.cam_ms) = (None, None, None);
        (self.maps, self.model_scale, self.unit, self.precomputed) = (None, None, None, false);
    }

    fn maps_effect(&self) -> Effect {
        Effect::Maps(self.layer, self.normalise == Normalise::Model && self.model_scale.is_none())
    }
}
