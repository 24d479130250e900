//! `reduce(state, action)`: the only place where the page's state changes.

use std::rc::Rc;

use super::action::{Action, Effect};
use super::board::Aim;
use super::explain::{Given, Place};
use super::maps::Maps;
use super::model::{Picture, State};
use crate::catalog::ProblemKind;
use crate::figure::scale::Normalise;

impl State {
    /// The next state. Its `effects` are what this action asks for.
    pub fn reduce(&self, action: Action) -> Self {
        let mut s = self.clone();
        let mut effects = Vec::new();
        match action {
            Action::Go(hash) => effects.extend(s.go(&hash)),
            // a link that says the language or theme goes on saying it
            Action::Lang(lang) => (s.lang, s.frame.lang) = (lang, s.frame.lang.map(|_| lang)),
            Action::Theme(theme) => (s.theme, s.frame.theme) = (theme, s.frame.theme.map(|_| theme)),
            Action::Open(source) => effects.extend(s.open(source)),
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
                // the same example is on the screen already, as the browser scaled it: keep its results until the live ones come
                if s.precomputed && s.picture.as_ref().is_some_and(|p| p.source == picture.source) {
                    s.picture = Some(picture);
                } else {
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
            Action::MapsWanted => {
                effects.push(s.maps_effect());
                effects.extend(s.arrive());
            }
            Action::Teach(on) => {
                s.taught = on;
                // the same picture again, with the other head
                if let Some(picture) = &s.picture {
                    s.opening = Some(picture.source.clone());
                    effects.push(Effect::Open(picture.source.clone(), on));
                }
                s.precomputed = false;
            }
            Action::Target(class) => {
                (s.target, s.explain.unit) = (Some(class), None);
                effects.push(Effect::Cam(Some(class)));
                effects.extend(s.board_follows());
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
            Action::Method(method) => {
                (s.explain.method, s.explain.partial, s.explain.paused) = (method, Vec::new(), false)
            }
            Action::Param(id, value) => drop(s.explain.params.insert(id, value)),
            Action::Explain => effects.push(s.explain()),
            Action::Pause => {
                s.explain.paused = true;
                effects.push(Effect::Cancel);
            }
            Action::Resume => {
                (s.explain.paused, s.explain.running, s.busy) = (false, true, Some((0, 1)));
                let mut params = s.explain.params.clone();
                params.insert("start", "last".into());
                effects.push(s.explain_effect(params));
            }
            Action::OpenSecond(source) => effects.push(Effect::Second(source)),
            Action::Second(picture) => s.second = Some(picture),
            Action::CatalogueWanted if s.catalogue.is_some() => {}
            Action::CatalogueWanted => {
                // asked for once
                s.catalogue = Some(Rc::default());
                effects.push(Effect::Catalogue);
            }
            Action::Catalogue(catalogue) => s.catalogue = Some(catalogue),
            Action::SaveFilm(film) => effects.push(Effect::SaveFilm(film)),
            Action::OpenMany(list) if list.is_empty() => {}
            Action::OpenMany(list) => {
                (s.gallery.refused, s.busy) = (0, Some((0, list.len())));
                effects.push(Effect::Gather(list));
            }
            Action::Gathered(group, picture) => s.gallery.gather(group, picture),
            Action::Forget(group) => {
                s.gallery.groups.remove(&group);
                effects.push(Effect::Forget(group));
            }
            Action::Offer(bytes) => s.offer = Some(bytes),
            Action::Accept => {
                s.offer = None;
                effects.push(Effect::Start);
            }
            Action::Export(format) => {
                effects.push(Effect::Export(format, s.explain.result.as_ref().map(|r| r.meta.clone())));
            }
            Action::Report(json) => effects.push(Effect::Report(s.lang, json)),
            Action::Aim(unit) => {
                s.explain.unit = unit;
                effects.extend(s.board_follows());
            }
            Action::Beside(method, params) => {
                effects.push(Effect::Explain(method, params, s.aim().map(Aim::value), Place::Beside))
            }
            Action::Partial(figures, told) => (s.explain.partial, s.explain.told) = (figures, told),
            Action::Explained(result, Place::Main) => {
                (s.explain.partial, s.explain.paused, s.explain.running) = (Vec::new(), false, false);
                (s.explain.result, s.explain.beside) = (Some(result), None);
            }
            Action::Explained(result, Place::Beside) => s.explain.beside = Some(result),
            Action::BoardToggle(method) => s.board.toggle(method),
            Action::BoardRun => effects.extend(s.board_effect()),
            Action::BoardMap(method, class, figure) => drop(s.board.maps.insert((method, class), figure)),
            Action::Device(report) => s.device = Some(report),
            Action::Weights(weights) => s.weights = weights,
            Action::Progress(done, total) => s.busy = Some((done, total)),
            Action::Idle => {
                s.busy = None;
                if !s.explain.paused {
                    s.explain.partial.clear();
                }
            }
            Action::Cancel => effects.push(Effect::Cancel),
            Action::Problem(problem) => {
                (s.busy, s.explain.running) = (None, false);
                if problem.kind != ProblemKind::Cancelled {
                    s.opening = None;
                    s.problem = Some(problem);
                }
            }
            Action::Dismiss => (s.problem, s.restarted, s.refused) = (None, false, Vec::new()),
            Action::Retry => {
                s.problem = None;
                effects.push(Effect::Retry);
                // what waited for the weights is asked for again
                effects.extend(s.picture.as_ref().map(|p| Effect::Open(p.source.clone(), s.taught)));
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
        (self.explain.beside, self.explain.unit) = (None, None);
        (self.explain.partial, self.explain.paused) = (Vec::new(), false);
        self.board.maps.clear();
        (self.classes, self.target) = (Vec::new(), None);
        (self.cam, self.cam_class, self.cam_ms) = (None, None, None);
        (self.maps, self.model_scale, self.unit, self.precomputed) = (None, None, None, false);
    }

    /// Runs the chosen method.
    pub(super) fn explain(&mut self) -> Effect {
        (self.explain.partial, self.explain.paused) = (Vec::new(), false);
        // it can be stopped before its first step is done
        (self.busy, self.explain.running) = (Some((0, 1)), true);
        self.explain_effect(self.explain.params.clone())
    }

    /// The chosen method with these parameters, on what is explained.
    fn explain_effect(&self, params: Given) -> Effect {
        Effect::Explain(self.explain.method, params, self.aim().map(Aim::value), Place::Main)
    }

    /// A board in use follows the target.
    pub(super) fn board_follows(&self) -> Option<Effect> {
        if self.board.maps.is_empty() { None } else { self.board_effect() }
    }

    pub(super) fn board_effect(&self) -> Option<Effect> {
        let aims: Vec<_> = self.aim().into_iter().chain(self.other()).collect();
        let missing = self.board.missing(&aims);
        (!missing.is_empty()).then(|| Effect::Board(missing, self.explain.params.clone()))
    }

    pub(super) fn maps_effect(&self) -> Effect {
        Effect::Maps(self.layer, self.normalise == Normalise::Model && self.model_scale.is_none())
    }
}
