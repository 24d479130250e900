//! Why a run can fail.

use crate::catalog::{Lang, Need};
use crate::engine::EngineError;

/// Why a method gave no figures.
#[derive(Debug, thiserror::Error)]
pub enum MethodError {
    /// No method has this id.
    #[error("there is no method {0}")]
    Unknown(String),
    /// A parameter was refused; this says which, and what it takes.
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
    /// The network has not got what the method needs.
    #[error("{}", .0.sentence().get(Lang::En))]
    Lacks(Need),
    /// The engine stopped: the device failed, weights are missing, or the visitor cancelled.
    #[error(transparent)]
    Engine(#[from] EngineError),
}
