//! The method that the visitor chose beside the two standing views, its parameters, and its last result.

use std::rc::Rc;

use serde_json::Value;

use super::picture::Picture;
use super::question::{Answer, Question, Settings};
use crate::catalog::Unit;
use crate::figure::Figure;

/// More figures than this are drawn small, without the photo beneath.
pub const MANY: usize = 6;

/// What a method gave, or what it has so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// The method's figures, in its order.
    pub figures: Vec<Rc<Figure>>,
    /// `{ params, facts, target, ms }` as the engine told them; of a running method the facts alone.
    pub meta: Value,
    /// The picture that was explained, which lies beneath the figures.
    pub over: Option<Picture>,
}

/// A method's result with its question.
pub type Explained = Answer<Outcome>;

/// The chosen method and what it gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Explain {
    /// The method's id; empty before one was chosen.
    pub method: &'static str,
    /// Whether the method was chosen and nothing of it was set or started since.
    pub untouched: bool,
    /// Whether it was chosen or run here; a method that a link only names waits beneath the class activation map.
    pub staged: bool,
    /// Kept while other methods are looked at.
    pub params: Settings,
    /// The channel or neuron that is explained instead of the class.
    pub unit: Option<Unit>,
    /// What the running method's figures look like so far, or what they looked like when it was paused.
    pub partial: Option<Answer<Outcome>>,
    /// Whether it was stopped to be continued: the figures so far stay.
    pub paused: bool,
    /// What the engine can go on with: the question of its last climb, finished or stopped on its way.
    pub kept: Option<Question>,
    /// The last result of a method, maybe of another one than the chosen.
    pub result: Option<Explained>,
    /// The answer to what was asked from a figure: of a node of the cascade, or a place of a feature map.
    pub beside: Option<Explained>,
}
