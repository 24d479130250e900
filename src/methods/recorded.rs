//! What is kept of a picture between two runs.

use super::ascent_run::Run;
use crate::engine::{Device, Planes, Tape};

/// The forward pass of one picture, as far as it was needed.
pub struct Recorded<D: Device> {
    /// What the network reads instead of the picture.
    pub(crate) input: Option<Planes>,
    pub(crate) tape: Option<Tape<D::Buf>>,
    /// The layer and direction of the last concept that was found.
    pub(crate) concept: Option<(usize, Vec<f32>)>,
    /// The last climb, to be continued.
    pub(crate) kept: Option<Run>,
}

impl<D: Device> Default for Recorded<D> {
    fn default() -> Self {
        Self { input: None, tape: None, concept: None, kept: None }
    }
}
