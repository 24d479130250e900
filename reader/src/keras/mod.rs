//! Keras: a model's configuration (Sequential or functional) and its weights, out of HDF5, a `.keras` archive, or TensorFlow.js
//! layers files.

mod activation;
mod h5;
mod layer;
mod operator;
mod tfjs;
mod walk;
mod zipped;

pub use h5::read as hdf5;
pub use tfjs::{paths as tfjs_paths, read as tfjs};
pub use zipped::read as zipped;

use serde_json::Value;

use crate::assemble::{Preset, Read};
use crate::dict::Dict;
use crate::error::ReadError;

/// A model's description and weights.
pub struct Source {
    /// `{ "class_name": "Sequential" | "Functional" | "Model", "config": ... }`.
    pub config: Value,
    /// Tensors: `path/of/layers/role`, such as `conv2d/kernel`.
    pub weights: Dict,
    /// Keras 3 (whose hard sigmoid is another).
    pub third: bool,
}

/// Makes a network of it.
///
/// # Errors
/// [`ReadError`].
pub fn build(source: &Source, memory: u64) -> Result<Read, ReadError> {
    let needs = source.weights.bytes();
    if needs / 4 > memory {
        return Err(ReadError::Memory { needs, most: memory });
    }
    let (draft, output) = walk::network(source, memory)?;
    let name = source.config["config"]["name"].as_str().unwrap_or_default().to_owned();
    let words = source.config.to_string().to_lowercase();
    let preset = preset(&name, &words);
    Ok(Read { draft, output, preset })
}

/// How `keras.applications` prepares the pictures of a network that it has under this name, or that is part of this one.
fn preset(name: &str, words: &str) -> Preset {
    let has = |names: &[&str]| {
        names.iter().any(|of| name.to_lowercase().starts_with(of) || words.contains(&format!("\"name\":\"{of}")))
    };
    match () {
        () if has(&["vgg16", "vgg19", "resnet50\"", "resnet101\"", "resnet152\"", "resnet50_", "resnet101_"]) => {
            Preset::Caffe
        }
        () if has(&["mobilenet", "inception", "xception", "resnet50v2", "resnet101v2", "resnet152v2", "nasnet"]) => {
            Preset::MinusOneToOne
        }
        () if has(&["densenet"]) => Preset::Torchvision,
        () => Preset::ZeroToOne,
    }
}
