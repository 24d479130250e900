//! The method that the visitor chose beside the two standing views, its parameters, and its last result.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value;

use super::model::{Picture, State};
use super::question::{Answer, Question};
use crate::catalog::Unit;
use crate::catalog::posters::poster;
use crate::figure::Figure;

/// A method's parameters that differ from their defaults.
pub type Given = BTreeMap<&'static str, Value>;

/// Them, from pairs. (Collecting would sort them first, which costs the page 3 kB of code.)
pub fn given(pairs: impl IntoIterator<Item = (&'static str, Value)>) -> Given {
    let mut all = Given::new();
    all.extend(pairs);
    all
}

/// More figures than this are drawn small, without the photo beneath.
pub const MANY: usize = 6;

/// What a method gave, or what it has so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    /// Its figures.
    pub figures: Vec<Rc<Figure>>,
    /// `{ params, facts, target, ms }` as the engine told them; of a running method the facts alone.
    pub meta: Value,
    /// The picture beneath.
    pub over: Option<Picture>,
}

/// A method's result with its question.
pub type Explained = Answer<Told>;

/// The chosen method and what it gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Explain {
    /// The method's id; empty before one was chosen.
    pub method: &'static str,
    /// It was chosen, and nothing of it was set or started since.
    pub untouched: bool,
    /// It was chosen or run here; what a link only names waits beneath the class activation map.
    pub staged: bool,
    /// Kept while other methods are looked at.
    pub params: Given,
    /// The channel or neuron that is explained instead of the class.
    pub unit: Option<Unit>,
    /// What the running method's figures look like so far, or what they looked like when it was paused.
    pub partial: Option<Answer<Told>>,
    /// It was stopped to be continued: what there is so far stays.
    pub paused: bool,
    /// What the engine can go on with: the question of its last climb, finished or stopped on its way.
    pub kept: Option<Question>,
    /// The last result.
    pub result: Option<Explained>,
    /// What was asked beside it.
    pub beside: Option<Explained>,
}

/// Maps from which on a method's time is its computation's and not the messages'.
const LONG: f64 = 5.0;

impl State {
    /// Seconds that a method takes on this engine with the settings that it has at first; `None` before the engine has shown its pace.
    pub fn takes(&self, method: &str) -> Option<f64> {
        // a map that came with the example took none
        let map = self.cam.as_ref().map(|c| c.own().1.1).filter(|ms| *ms >= 1.0);
        Some(poster(method)?.maps * self.pace.or(map)? / 1000.0)
    }

    /// What a method's time says of the engine's pace: of one that takes long enough, with the settings that it has at first.
    pub(super) fn paced(&mut self, question: &Question, ms: f64) {
        let maps = poster(question.method).map(|p| p.maps).filter(|p| question.plain() && *p >= LONG);
        self.pace = maps.map(|p| ms / p).or(self.pace);
    }
}
