//! What is kept of a picture between two runs, and why a run can fail.

use super::ascent::Run;
use crate::engine::head::HeadTrace;
use crate::engine::{EngineError, Kernels, Planes, Trace};

/// Why a method gave no figures.
#[derive(Debug, thiserror::Error)]
pub enum MethodError {
    /// No such method.
    #[error("there is no method {0}")]
    Unknown(String),
    /// A parameter was refused.
    #[error("{0}")]
    Parameter(String),
    /// No picture was set.
    #[error("no image was set")]
    NoImage,
    /// A method that takes two pictures has only one.
    #[error("no second image was set")]
    NoSecond,
    /// A method that takes groups of pictures has none.
    #[error("no gallery pictures of the group {0} were set")]
    NoGallery(String),
    /// The engine's error.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

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
