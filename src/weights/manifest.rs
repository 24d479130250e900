//! `weights/manifest.json`: which shards there are, what is in them, and how to know that they arrived whole.

use serde::{Deserialize, Serialize};

/// What the page can do once a shard is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// The convolutions: feature maps and everything that needs no class.
    Features,
    /// The classifier head: the thousand classes.
    Head,
    /// What is fetched only when somebody asks for it.
    Extra,
}

/// One array of a shard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TensorInfo {
    /// torchvision's key, such as `features.0.weight`.
    pub name: String,
    /// Its shape, outermost first.
    pub shape: Vec<usize>,
    /// How it is stored: see [`super::quant::Scheme`].
    pub scheme: super::quant::Scheme,
}

/// One shard: a file of weights.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardInfo {
    /// File name beside the manifest: gzipped safetensors.
    pub file: String,
    /// What the page can do once it is here.
    pub part: Part,
    /// Size of the file in bytes, for the progress bar.
    pub bytes: u64,
    /// SHA-256 of the safetensors bytes (after gunzip), in hex.
    pub sha256: String,
    /// The arrays in it.
    pub tensors: Vec<TensorInfo>,
}

/// The manifest: everything that is known of the weights before they are fetched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Format version, 1.
    pub version: u32,
    /// The network's id, such as `vgg16`.
    pub network: String,
    /// Licence of the convolution weights and of the head.
    pub licence: String,
    /// Where the numbers come from.
    pub source: String,
    /// The files, in the order in which a forward pass needs them.
    pub shards: Vec<ShardInfo>,
    /// What is fetched only when somebody asks for it: the teaching head.
    #[serde(default)]
    pub extras: Vec<ShardInfo>,
}

impl Manifest {
    /// Total download in bytes, without the extras.
    pub fn bytes(&self) -> u64 {
        self.shards.iter().fold(0, |sum, s| sum.saturating_add(s.bytes))
    }
}
