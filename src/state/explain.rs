//! The method that the visitor chose beside the two standing views, its parameters, and its last result.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value;

use crate::figure::Figure;

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

/// The chosen method and what it gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Explain {
    /// The method's id; empty before one was chosen.
    pub method: &'static str,
    /// Parameters that differ from their defaults, kept while other methods are looked at.
    pub params: BTreeMap<&'static str, Value>,
    /// The last result.
    pub result: Option<Explained>,
}
