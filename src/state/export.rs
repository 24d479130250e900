//! What the page around this one asks for is handed out, refused, or waits for the visitor's word.

use std::rc::Rc;

use super::action::Effect;
use super::around::{Export, Format, NO_ORIGIN, Shown, legend};
use super::explain::MANY;
use super::frame::{Chrome, View};
use super::model::State;
use super::picture::own;

impl State {
    /// Whether what is shown, or about to be, comes from a picture or a network of the visitor's own.
    pub fn own(&self) -> bool {
        let nets = [Some(&self.net), self.pair.other.as_ref()];
        nets.into_iter().flatten().any(|net| net.own())
            || self.own_pictures()
            || self.explain.result.as_ref().is_some_and(|r| r.question().own())
    }

    /// Whether a picture of the visitor's own is here: what is computed now may come from it.
    pub(super) fn own_pictures(&self) -> bool {
        let here = [&self.picture, &self.second].into_iter().flatten().map(|p| &p.source);
        // what the engine answers comes from the picture that it has, whatever is on the screen already
        here.chain(&self.opening).chain(self.live.as_ref().map(|l| &l.source)).any(own)
            || self.wanted.url.is_some()
            || !self.gallery.groups.is_empty()
            || !self.pair.folder.photos.is_empty()
    }

    /// The page around asks for what is shown.
    pub(super) fn asked(&mut self, format: Format, origin: String) -> Option<Effect> {
        if !self.own() {
            return Some(self.export(format, origin));
        }
        match self.around.words.get(&origin) {
            Some(true) => Some(self.export(format, origin)),
            Some(false) => Some(Effect::Refuse(origin, format)),
            None if origin == NO_ORIGIN => Some(Effect::Refuse(origin, format)),
            None => {
                if !self.around.waiting.contains(&(origin.clone(), format)) {
                    self.around.waiting.push((origin, format));
                }
                None
            }
        }
    }

    /// The visitor's word for the origin that asks.
    pub(super) fn allow(&mut self, yes: bool) -> Vec<Effect> {
        let Some(origin) = self.around.asking().map(str::to_owned) else { return Vec::new() };
        self.around.words.insert(origin.clone(), yes);
        let (now, later) = std::mem::take(&mut self.around.waiting).into_iter().partition(|(o, _)| *o == origin);
        self.around.waiting = later;
        let now: Vec<(String, Format)> = now;
        now.into_iter().filter_map(|(origin, format)| self.asked(format, origin)).collect()
    }

    /// What is here after an action; what waited only because of a picture that has gone is answered.
    pub(super) fn look_around(&mut self) -> Vec<Effect> {
        if self.own() {
            self.around.own_before = true;
            return Vec::new();
        }
        let waiting = std::mem::take(&mut self.around.waiting);
        waiting.into_iter().map(|(origin, format)| self.export(format, origin)).collect()
    }

    fn export(&self, format: Format, to: String) -> Effect {
        let (shown, meta) = match format {
            Format::Png => (self.figure_shown(), None),
            Format::Json => (None, self.explain.result.as_ref().map(|r| r.own().1.meta.clone())),
        };
        Effect::Export(Export { to, format, shown, meta })
    }

    /// The figure that is meant: the chosen method's, else the class activation map.
    fn figure_shown(&self) -> Option<Shown> {
        let picture = self.picture.clone()?;
        let view = self.frame.shown(self.explain.method);
        if self.frame.chrome != Chrome::Full && matches!(view, View::Board | View::Maps) {
            return None;
        }
        let method = self.explain.method;
        let result = self.explain.result.as_ref().filter(|r| r.question().method == method && view != View::Cam);
        let outcome = result.map(|r| r.own().1).and_then(|outcome| Some((outcome, outcome.figures.first()?)));
        Some(match outcome {
            Some((outcome, figure)) => Shown {
                net: Rc::clone(&self.net),
                picture: outcome.over.clone().unwrap_or(picture),
                look: self.look.over(figure.info.kind, outcome.figures.len() > MANY),
                figure: Some(Rc::clone(figure)),
                legend: legend(&outcome.meta["facts"]),
            },
            None => {
                let figure = self.cam.as_ref().map(|c| Rc::clone(&c.own().1.0));
                Shown { net: Rc::clone(&self.net), picture, figure, look: self.look, legend: Vec::new() }
            }
        })
    }
}
