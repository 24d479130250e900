//! The values of a forward pass.

use std::rc::Rc;

use crate::engine::planes::Planes;

/// What the nodes wrote for one input (or batch). A convolution that was computed together with its ReLU has no value here.
#[derive(Clone)]
pub struct Tape {
    values: Vec<Option<Rc<Planes>>>,
}

impl Tape {
    /// Nothing computed yet, for a graph of `nodes` nodes.
    pub(super) fn new(nodes: usize, input: Rc<Planes>) -> Self {
        let mut values = vec![None; nodes.max(1)];
        values[0] = Some(input);
        Self { values }
    }

    /// What node `at` wrote, if it is kept.
    pub fn value(&self, at: usize) -> Option<&Rc<Planes>> {
        self.values[at].as_ref()
    }

    pub(super) fn put(&mut self, at: usize, value: Rc<Planes>) {
        self.values[at] = Some(value);
    }

    pub(super) fn take(&mut self, at: usize) -> Option<Rc<Planes>> {
        self.values[at].take()
    }
}
