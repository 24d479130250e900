//! The shipped weights from a folder: for native tools and tests.

use std::path::Path;

use anyhow::{Context, Result};

use crate::catalog::networks::VGG16;
use crate::engine::{Kernels, Network};
use crate::weights::{Manifest, unpack};

/// VGG16 on `kernels` with every shard of `folder`.
///
/// # Errors
/// Names the file that is missing or damaged.
pub fn network<K: Kernels>(kernels: K, folder: &Path) -> Result<Network<K>> {
    let read = |name: &str| std::fs::read(folder.join(name)).with_context(|| folder.join(name).display().to_string());
    let manifest: Manifest = serde_json::from_slice(&read("manifest.json")?)?;
    let network = Network::new(VGG16, kernels);
    for shard in manifest.shards.iter().chain(&manifest.extras) {
        network.load(&unpack(shard, &read(&shard.file)?)?)?;
    }
    Ok(network)
}
