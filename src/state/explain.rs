//! The method that the visitor chose beside the two standing views, its parameters, and its last result.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value;

use crate::catalog::Unit;
use crate::figure::Figure;

/// A method's parameters that differ from their defaults.
pub type Given = BTreeMap<&'static str, Value>;

/// What a method gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Explained {
    /// The method.
    pub method: &'static str,
    /// Its figures.
    pub figures: Vec<Rc<Figure>>,
    /// `{ params, facts, target, ms }` as the engine told them.
    pub meta: Value,
    /// Another picture has come since.
    pub stale: bool,
}

/// Where a result is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// As the result of the chosen method.
    Main,
    /// Beside it: what a node of the cascade or a place of a feature map was asked.
    Beside,
}

/// The chosen method and what it gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Explain {
    /// The method's id; empty before one was chosen.
    pub method: &'static str,
    /// Kept while other methods are looked at.
    pub params: Given,
    /// The channel or neuron that is explained instead of the class.
    pub unit: Option<Unit>,
    /// What the running method's figures look like so far.
    pub partial: Vec<Rc<Figure>>,
    /// Its facts so far.
    pub told: Value,
    /// It runs, or waits for its turn.
    pub running: bool,
    /// It was stopped to be continued: what there is so far stays.
    pub paused: bool,
    /// The last result.
    pub result: Option<Explained>,
    /// What was asked beside it.
    pub beside: Option<Explained>,
}
