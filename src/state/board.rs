//! The compare board: several methods on the same picture and class.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::figure::Figure;
use crate::figure::scale::{correlation, resize};

/// Methods at most.
pub const MOST: usize = 6;

/// The board's methods and their maps.
#[derive(Clone, Debug, PartialEq)]
pub struct Board {
    /// In the order shown.
    pub methods: Vec<&'static str>,
    /// By method and class.
    pub maps: BTreeMap<(&'static str, usize), Rc<Figure>>,
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

    /// What is still to be computed for these classes: the first class of every method first.
    pub fn missing(&self, classes: &[usize]) -> Vec<(&'static str, usize)> {
        let all = classes.iter().flat_map(|c| self.methods.iter().map(|m| (*m, *c)));
        all.filter(|key| !self.maps.contains_key(key)).collect()
    }

    /// How alike a method's maps of two classes are (Pearson).
    pub fn swap(&self, method: &'static str, class: usize, other: usize) -> Option<f32> {
        let (a, b) = (self.maps.get(&(method, class))?, self.maps.get(&(method, other))?);
        Some(correlation(&a.data, &b.data))
    }

    /// How alike the maps of two methods are: Pearson at the picture's own resolution.
    pub fn alike(&self, a: &'static str, b: &'static str, class: usize) -> Option<f32> {
        let side = |m| {
            let f = self.maps.get(&(m, class))?;
            (f.info.channels == 1).then(|| resize(&f.data, f.info.width, f.info.height, 56, 56))
        };
        Some(correlation(&side(a)?, &side(b)?))
    }
}
