//! The shipped weights from a folder: for native tools and tests.

use std::path::Path;

use anyhow::{Context, Result, anyhow};

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

/// A labelled photo: its file's name, its class, and its bytes.
pub type Labelled = (String, u64, Vec<u8>);

/// The labelled photos of a folder: `test_labels.csv` (file,label,...) and `test_jpg/`, read one by one.
///
/// # Errors
/// Names the file that is missing, or the line that is no label.
pub fn labelled(folder: &Path) -> Result<impl Iterator<Item = Result<Labelled>>> {
    let table = folder.join("test_labels.csv");
    let rows = std::fs::read_to_string(&table).with_context(|| table.display().to_string())?;
    let rows: Vec<String> = rows.lines().skip(1).map(str::to_owned).collect();
    let photos = folder.join("test_jpg");
    Ok(rows.into_iter().map(move |row| {
        let mut fields = row.split(',');
        let (file, label) = (fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
        let label = label.parse().map_err(|_| anyhow!("{row}: takes file,label"))?;
        let path = photos.join(file);
        Ok((file.to_owned(), label, std::fs::read(&path).with_context(|| path.display().to_string())?))
    }))
}
