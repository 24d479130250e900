//! The values of a forward pass.

use std::rc::Rc;

use crate::engine::planes::Planes;

/// What the nodes wrote for one input (or batch). A convolution that was computed together with its ReLU has no value here.
pub struct Tape<B = Planes> {
    values: Vec<Option<Rc<B>>>,
}

// not derived: that would ask the same of B
impl<B> Clone for Tape<B> {
    fn clone(&self) -> Self {
        Self { values: self.values.clone() }
    }
}

impl<B> Tape<B> {
    /// Nothing computed yet, for a graph of `nodes` nodes.
    pub(super) fn new(nodes: usize, input: Rc<B>) -> Self {
        let mut values: Vec<_> = (0..nodes.max(1)).map(|_| None).collect();
        values[0] = Some(input);
        Self { values }
    }

    /// What node `at` wrote, if it is kept.
    pub fn value(&self, at: usize) -> Option<&Rc<B>> {
        self.values[at].as_ref()
    }

    pub(super) fn put(&mut self, at: usize, value: Rc<B>) {
        self.values[at] = Some(value);
    }

    pub(super) fn take(&mut self, at: usize) -> Option<Rc<B>> {
        self.values[at].take()
    }
}
