//! The compare board: several methods on the same picture and target.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value;

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
    /// By method and target; `None`: the method cannot explain it.
    pub maps: BTreeMap<(&'static str, Aim), Option<Rc<Figure>>>,
}

impl Default for Board {
    fn default() -> Self {
        Self {
            methods: vec!["cam", "grad_cam", "layer_cam", "lrp", "occlusion", "guided_backprop"],
            maps: BTreeMap::new(),
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

    /// What is still to be computed for these targets: the first of every method first.
    pub fn missing(&self, aims: &[Aim]) -> Vec<(&'static str, Aim)> {
        let all = aims.iter().flat_map(|a| self.methods.iter().map(|m| (*m, *a)));
        all.filter(|key| !self.maps.contains_key(key)).collect()
    }

    /// A method's map.
    pub fn map(&self, method: &'static str, aim: Aim) -> Option<&Rc<Figure>> {
        self.maps.get(&(method, aim))?.as_ref()
    }

    /// How alike a method's maps of two targets are (Pearson).
    pub fn swap(&self, method: &'static str, aim: Aim, other: Aim) -> Option<f32> {
        let (a, b) = (self.map(method, aim)?, self.map(method, other)?);
        Some(correlation(&a.data, &b.data))
    }

    /// How alike the maps of two methods are: Pearson at a common resolution.
    pub fn alike(&self, a: &'static str, b: &'static str, aim: Aim) -> Option<f32> {
        let side = |m| {
            let f = self.map(m, aim)?;
            (f.info.channels == 1).then(|| resize(&f.data, f.info.width, f.info.height, 56, 56))
        };
        Some(correlation(&side(a)?, &side(b)?))
    }
}
