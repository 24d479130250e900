//! What a forward pass leaves behind for views and for the backward walk.

use super::kernels::Kernels;

/// The recorded activations of one input (or batch): after every ReLU and every pool.
///
/// Values before a ReLU are not kept (54 MB at 224 x 224); [`super::Network::stage`] recomputes one layer's from its input.
pub struct Trace<K: Kernels> {
    /// The first stage that ran on `input`: 1 for a picture.
    first: usize,
    input: K::Buf,
    /// Output of stage `first + i`; `None` for a convolution whose ReLU was fused.
    stages: Vec<Option<K::Buf>>,
}

impl<K: Kernels> Trace<K> {
    /// A trace in which no stage has run yet; `input` is what stage `first` reads.
    pub fn new(first: usize, input: K::Buf) -> Self {
        Self { first, input, stages: Vec::new() }
    }

    /// The stage that runs next.
    pub fn end(&self) -> usize {
        self.first + self.stages.len()
    }

    /// The newest activation.
    pub fn top(&self) -> &K::Buf {
        self.input_of(self.end())
    }

    /// What stage `index` reads.
    pub fn input_of(&self, index: usize) -> &K::Buf {
        self.stages[..index - self.first].iter().rev().flatten().next().unwrap_or(&self.input)
    }

    /// What stage `index` (a ReLU or a pool) wrote.
    pub fn output(&self, index: usize) -> &K::Buf {
        self.input_of(index + 1)
    }

    /// Records a pool's output as that of the next stage.
    pub(super) fn push(&mut self, y: K::Buf) {
        self.stages.push(Some(y));
    }

    /// Records the output of a convolution with its fused ReLU as that of the next two stages.
    pub(super) fn push_conv_relu(&mut self, y: K::Buf) {
        self.stages.extend([None, Some(y)]);
    }
}
