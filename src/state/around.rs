//! The page around this one, and what it may learn. Examples are anybody's; of a picture of the visitor's own nothing leaves
//! before the visitor has agreed here, to that page's origin, for as long as this page is open.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value;

use super::look::Look;
use super::picture::Picture;
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
    pub(super) waiting: Vec<(String, Format)>,
    /// The visitor's word for an origin. Kept nowhere else.
    pub(super) words: BTreeMap<String, bool>,
    /// A picture of the visitor's own has been here: what is chosen may come from it.
    pub(super) own_before: bool,
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

/// The values of the fact `legend`, in its order.
pub fn legend(facts: &Value) -> Vec<u64> {
    facts["legend"].as_array().into_iter().flatten().filter_map(|e| e["value"].as_u64()).collect()
}
