//! The compare board: several methods on the same picture and target.

use std::collections::VecDeque;
use std::rc::Rc;

use serde_json::Value;

use super::explain::Given;
use super::question::Question;
use crate::catalog::Unit;
use crate::figure::Figure;
use crate::figure::scale::{correlation, resize};

/// Methods at most.
pub const MOST: usize = 6;

/// What is explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aim {
    /// A class.
    Class(usize),
    /// A channel or a neuron.
    Unit(Unit),
}

impl Aim {
    /// As the API takes it.
    pub fn value(self) -> Value {
        match self {
            Self::Class(class) => class.into(),
            Self::Unit(unit) => unit.to_string().into(),
        }
    }
}

/// The board's methods and their maps.
#[derive(Clone, Debug, PartialEq)]
pub struct Board {
    /// In the order shown.
    pub methods: Vec<&'static str>,
    /// The parameters that Compare was pressed with; `None`: the board is not in use.
    pub params: Option<Given>,
    /// What is still to be computed, in order.
    pub todo: VecDeque<Question>,
    /// By question; `None`: the method cannot explain it.
    maps: Vec<(Question, Option<Rc<Figure>>)>,
}

impl Default for Board {
    fn default() -> Self {
        Self {
            methods: vec!["cam", "grad_cam", "layer_cam", "lrp", "occlusion", "guided_backprop"],
            params: None,
            todo: VecDeque::new(),
            maps: Vec::new(),
        }
    }
}

impl Board {
    /// Takes a method in or out.
    pub fn toggle(&mut self, method: &'static str) {
        if let Some(at) = self.methods.iter().position(|m| *m == method) {
            self.methods.remove(at);
        } else if self.methods.len() < MOST {
            self.methods.push(method);
        }
    }

    /// Another picture: another board.
    pub fn clear(&mut self) {
        *self = Self { methods: std::mem::take(&mut self.methods), ..Self::default() };
    }

    /// An answer: nothing that was computed is computed again.
    pub fn put(&mut self, question: Question, figure: Option<Rc<Figure>>) {
        self.maps.retain(|(q, _)| *q != question);
        self.maps.push((question, figure));
    }

    /// What a method answered to a question; `Some(None)`: it cannot explain that.
    pub fn answer(&self, question: &Question) -> Option<Option<&Rc<Figure>>> {
        self.maps.iter().find(|(q, _)| q == question).map(|(_, figure)| figure.as_ref())
    }

    /// The map that answers a question.
    pub fn map(&self, question: &Question) -> Option<&Rc<Figure>> {
        self.answer(question)?
    }
}

/// How alike a method's maps of two targets are (Pearson).
pub fn swap(a: &Figure, b: &Figure) -> f32 {
    correlation(&a.data, &b.data)
}

/// How alike the maps of two methods are: Pearson at a common resolution.
pub fn alike(a: &Figure, b: &Figure) -> Option<f32> {
    let side = |f: &Figure| (f.info.channels == 1).then(|| resize(&f.data, f.info.width, f.info.height, 56, 56));
    Some(correlation(&side(a)?, &side(b)?))
}
