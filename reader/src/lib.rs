//! Reads the files that networks are kept in, and gives a card and its arrays: what the page's engine runs, natively and (in a
//! short-lived worker) in the browser. No engine, no file system, no threads; nothing of a file is ever executed.
//!
//! A file's bytes tell what it is ([`format`]). Some hold a graph (ONNX, Keras, TensorFlow.js layers), others only named tensors
//! (PyTorch's state dicts, safetensors), which are recognised by names and shapes ([`known`]). Both become a [`draft`], which is
//! tidied ([`tidy`]) and told as a [`Card`].

pub mod dict;
pub mod draft;
pub mod error;
pub mod format;
pub mod keras;
pub mod known;
pub mod labels;
pub mod note;
pub mod numpy;
pub mod onnx;
pub mod pickle;
pub mod safetensors;
pub mod sentence;
pub mod source;
pub mod tensor;
pub mod tidy;
pub mod torch;
pub mod view;
pub mod write;
pub mod zip;

mod assemble;

use std::collections::BTreeMap;

use cnn_lens::catalog::Card;

pub use assemble::Preset;
pub use error::ReadError;
pub use labels::Labels;
pub use note::Note;
pub use sentence::Sentence;
pub use source::{Shared, Source};
pub use tensor::{Tensor, Values};

/// A file with its name.
pub struct NamedSource {
    /// As the visitor's system calls it: `model.pth`.
    pub name: String,
    /// Its bytes.
    pub source: Shared,
}

/// What may be used up.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes that a network's arrays may take.
    pub memory: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory: 1 << 30 }
    }
}

/// A network that was read.
#[derive(Debug)]
pub struct Network {
    /// All but its arrays.
    pub card: Card,
    /// Its arrays, by the names that the card's graph gives them: `conv1.weight`.
    pub tensors: BTreeMap<String, Tensor>,
    /// Its classes' names, if a file had them.
    pub labels: Option<Labels>,
    /// What the visitor should know.
    pub notes: Vec<Note>,
}

/// Reads one network from these files: a model, and what may come with it (its weights' other files, its labels).
///
/// # Errors
/// [`ReadError`]: it has a sentence for the visitor, and what to do.
pub fn read(files: &[NamedSource], limits: Limits) -> Result<Network, ReadError> {
    assemble::read(files, limits)
}
