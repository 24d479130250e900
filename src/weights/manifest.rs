//! `weights/manifest.json`: which shards there are, what is in them, and how to know that they arrived whole.

use serde::Serialize;
use serde_json::Value;

use super::quant::Scheme;
use crate::fields::{BadField, object};

/// What the page can do once a shard is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TensorInfo {
    /// torchvision's key, such as `features.0.weight`.
    pub name: String,
    /// The array's shape, outermost dimension first.
    pub shape: Vec<usize>,
    /// How it is stored: see [`super::quant::Scheme`].
    pub scheme: Scheme,
}

/// One shard: a file of weights.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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

/// Why bytes are no manifest.
#[derive(Debug, thiserror::Error)]
pub enum BadManifest {
    /// No JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// A field is missing or of another kind.
    #[error(transparent)]
    Field(#[from] BadField),
}

/// The manifest: everything that is known of the weights before they are fetched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
    pub extras: Vec<ShardInfo>,
}

const PARTS: &[(&str, Part)] = &[("features", Part::Features), ("head", Part::Head), ("extra", Part::Extra)];

impl TensorInfo {
    fn read(value: Value) -> Result<Self, BadField> {
        let mut fields = object("tensors", value)?;
        let (name, shape) = (fields.text("name")?, fields.many_wholes("shape")?);
        Ok(Self { name, shape, scheme: fields.word("scheme", Scheme::WORDS)? })
    }
}

impl ShardInfo {
    fn read(value: Value) -> Result<Self, BadField> {
        let mut fields = object("shards", value)?;
        Ok(Self {
            file: fields.text("file")?,
            part: fields.word("part", PARTS)?,
            bytes: fields.whole("bytes")? as u64,
            sha256: fields.text("sha256")?,
            tensors: fields.list("tensors")?.into_iter().map(TensorInfo::read).collect::<Result<_, _>>()?,
        })
    }
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// No JSON; a field that is missing or of another kind.
    pub fn read(bytes: &[u8]) -> Result<Self, BadManifest> {
        let mut fields = object("manifest", serde_json::from_slice(bytes)?)?;
        let mut shards = |list| fields.list(list)?.into_iter().map(ShardInfo::read).collect::<Result<_, _>>();
        let (shards, extras) = (shards("shards")?, shards("extras")?);
        Ok(Self {
            version: fields.small("version")?,
            network: fields.text("network")?,
            licence: fields.text("licence")?,
            source: fields.text("source")?,
            shards,
            extras,
        })
    }

    /// Total download in bytes, without the extras.
    pub fn bytes(&self) -> u64 {
        self.shards.iter().fold(0, |sum, s| sum.saturating_add(s.bytes))
    }
}
