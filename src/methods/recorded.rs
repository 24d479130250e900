//! What is kept of a picture between two runs.

use super::ascent_run::Run;
use crate::engine::head::HeadTrace;
use crate::engine::{Kernels, Planes, Trace};

/// The forward pass of one picture, as far as it was needed.
pub struct Recorded<K: Kernels> {
    /// What the network reads instead of the picture.
    pub(crate) input: Option<Planes>,
    pub(crate) trace: Option<Trace<K>>,
    pub(crate) head: Option<HeadTrace>,
    /// The layer and direction of the last concept that was found.
    pub(crate) concept: Option<(usize, Vec<f32>)>,
    /// The last climb, to be continued.
    pub(crate) kept: Option<Run>,
}

impl<K: Kernels> Default for Recorded<K> {
    fn default() -> Self {
        Self { input: None, trace: None, head: None, concept: None, kept: None }
    }
}
