//! What a forward pass leaves behind for views and for the backward walk.

use super::kernels::Kernels;

/// The recorded activations of one input: after every ReLU and every pool.
///
/// Values before a ReLU are not kept (54 MB at 224 x 224); [`super::Network::stage`] recomputes one layer's from its input.
pub struct Trace<K: Kernels> {
    input: K::Buf,
    /// Stage `i`'s output; `None` for a convolution whose ReLU was fused.
    stages: Vec<Option<K::Buf>>,
}

impl<K: Kernels> Trace<K> {
    /// Nothing run yet.
    pub fn new(input: K::Buf) -> Self {
        Self { input, stages: Vec::new() }
    }

    /// Stages recorded.
    pub fn len(&self) -> usize {
        self.stages.len()
    }

    /// No stage recorded.
    pub fn is_empty(&self) -> bool {
        self.stages.is_empty()
    }

    /// The newest activation.
    pub fn top(&self) -> &K::Buf {
        self.input_of(self.stages.len())
    }

    /// What stage `index` reads.
    pub fn input_of(&self, index: usize) -> &K::Buf {
        self.stages[..index].iter().rev().flatten().next().unwrap_or(&self.input)
    }

    /// What stage `index` (a ReLU or a pool) wrote.
    pub fn output(&self, index: usize) -> &K::Buf {
        self.input_of(index + 1)
    }

    /// Records a pool.
    pub(super) fn push(&mut self, y: K::Buf) {
        self.stages.push(Some(y));
    }

    /// Records a convolution and the ReLU fused to it.
    pub(super) fn push_conv_relu(&mut self, y: K::Buf) {
        self.stages.extend([None, Some(y)]);
    }
}
