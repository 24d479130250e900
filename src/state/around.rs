//! The page around this one, and what it may learn. Examples are anybody's; of a picture of the visitor's own nothing leaves
//! before the visitor has agreed here, to that page's origin, for as long as this page is open.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value;

use super::action::Effect;
use super::frame::{Chrome, View};
use super::look::Look;
use super::model::{Picture, Source, State};
use crate::figure::Figure;

/// What can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The figure as it is drawn.
    Png,
    /// What the method told.
    Json,
}

/// What the origin of a page without one is called (a sandbox). Nobody else can be told from it: it is never trusted.
pub const NO_ORIGIN: &str = "null";

/// What a figure is drawn from.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// What lies beneath.
    pub picture: Picture,
    /// What lies over it.
    pub figure: Option<Rc<Figure>>,
    /// How.
    pub look: Look,
    /// The values of a [`crate::figure::Kind::Labels`] figure in the order of their colours.
    pub legend: Vec<u64>,
}

/// An answer, for one origin alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Export {
    /// The origin that asked.
    pub to: String,
    /// What it asked for.
    pub format: Format,
    /// The figure, for a PNG.
    pub shown: Option<Shown>,
    /// What the method told, for JSON.
    pub told: Option<Value>,
}

/// What was asked from around, and what the visitor said to it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Around {
    /// Waits for the visitor's word.
    waiting: Vec<(String, Format)>,
    /// The visitor's word for an origin. Kept nowhere else.
    words: BTreeMap<String, bool>,
    /// A picture of the visitor's own has been here: what is chosen may come from it.
    own_before: bool,
    /// The last problem came while one was here.
    own_problem: bool,
}

impl Around {
    /// The origin that the visitor is asked about.
    pub fn asking(&self) -> Option<&str> {
        self.waiting.first().map(|(origin, _)| origin.as_str())
    }

    /// The origins that the visitor has agreed to.
    pub fn allowed(&self) -> Vec<&str> {
        self.words.iter().filter(|(_, yes)| **yes).map(|(origin, _)| origin.as_str()).collect()
    }

    /// Whether the last problem may say something of a picture of the visitor's own.
    pub fn own_problem(&self) -> bool {
        self.own_problem
    }

    /// Whether what is chosen (a class, a channel, a region) may come from a picture of the visitor's own.
    pub fn own_before(&self) -> bool {
        self.own_before
    }

    /// A problem has come, while a picture of the visitor's own was here or not.
    pub(super) fn problem(&mut self, own: bool) {
        self.own_problem = own;
    }
}

/// Anything but an example is the visitor's own: nobody else can know what the page gets at an address.
pub(super) fn own(source: &Source) -> bool {
    !matches!(source, Source::Example(_))
}

impl State {
    /// Whether what is shown, or about to be, comes from a picture of the visitor's own.
    pub fn own(&self) -> bool {
        self.own_pictures() || self.explain.result.as_ref().is_some_and(|r| r.question().own())
    }

    /// Whether a picture of the visitor's own is here: what is computed now may come from it.
    pub(super) fn own_pictures(&self) -> bool {
        let here = [&self.picture, &self.second].into_iter().flatten().map(|p| &p.source);
        // what the engine answers comes from the picture that it has, whatever is on the screen already
        here.chain(&self.opening).chain(self.live.as_ref().map(|l| &l.source)).any(own)
            || self.wanted.url.is_some()
            || !self.gallery.groups.is_empty()
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
        let (shown, told) = match format {
            Format::Png => (self.figure_shown(), None),
            Format::Json => (None, self.explain.result.as_ref().map(|r| r.own().1.meta.clone())),
        };
        Effect::Export(Export { to, format, shown, told })
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
        let told = result.map(|r| r.own().1).and_then(|told| Some((told, told.figures.first()?)));
        Some(match told {
            Some((told, figure)) => Shown {
                picture: told.over.clone().unwrap_or(picture),
                look: self.look.over(figure.info.kind, told.figures.len() > super::explain::MANY),
                figure: Some(Rc::clone(figure)),
                legend: legend(&told.meta["facts"]),
            },
            None => {
                let figure = self.cam.as_ref().map(|c| Rc::clone(&c.own().1.0));
                Shown { picture, figure, look: self.look, legend: Vec::new() }
            }
        })
    }
}

/// The values of the fact `legend`, in its order.
pub fn legend(facts: &Value) -> Vec<u64> {
    facts["legend"].as_array().into_iter().flatten().filter_map(|e| e["value"].as_u64()).collect()
}
