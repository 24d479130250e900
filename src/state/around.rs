//! The page around this one, and what it may learn. Examples are anybody's; of a picture of the visitor's own nothing leaves
//! before the visitor has agreed here, to that page's origin, for as long as this page is open.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value;

use super::look::Look;
use super::picture::Picture;
use crate::catalog::NetworkSpec;
use crate::figure::Figure;

/// In which form the page around can ask for what is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The figure as it is drawn, as a PNG.
    Png,
    /// The method's numbers: `{ params, facts, target, ms }`.
    Json,
}

/// What the origin of a page without one is called (a sandbox). Nobody else can be told from it: it is never trusted.
pub const NO_ORIGIN: &str = "null";

/// What a figure is drawn from.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// The network that it is of.
    pub net: Rc<NetworkSpec>,
    /// The photo beneath.
    pub picture: Picture,
    /// The figure over it; `None`: the photo alone.
    pub figure: Option<Rc<Figure>>,
    /// Palette, opacity and mode.
    pub look: Look,
    /// The values of a [`crate::figure::Kind::Labels`] figure in the order of their colours.
    pub legend: Vec<u64>,
}

/// An answer, for one origin alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Export {
    /// The origin that asked, such as `https://example.org`; nobody else gets the answer.
    pub to: String,
    /// In which form it asked.
    pub format: Format,
    /// For a PNG: the figure to be drawn.
    pub shown: Option<Shown>,
    /// For JSON: what the method told.
    pub meta: Option<Value>,
}

/// What was asked from around, and what the visitor said to it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Around {
    /// Requests that wait for the visitor's word: who asked, and for what.
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
