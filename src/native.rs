//! The shipped weights from a folder: for native tools and tests.

use std::path::Path;

use anyhow::{Context, Result, anyhow};

use crate::catalog::Card;
use crate::catalog::networks;
use crate::engine::{GraphNetwork, Kernels, Network};
use crate::weights::{Arrays, Manifest, unpack};

/// VGG16 on `kernels` with every shard of `folder`.
///
/// # Errors
/// Names the file that is missing or damaged.
pub fn network<K: Kernels>(kernels: K, folder: &Path) -> Result<Network<K>> {
    let network = Network::new(networks::first(), kernels);
    for arrays in shards(folder)? {
        network.load(&arrays?)?;
    }
    Ok(network)
}

/// The card of `folder`, and its network with every shard.
///
/// # Errors
/// Names the file that is missing or damaged, or the node that is wrong.
pub fn card(folder: &Path) -> Result<(Card, GraphNetwork)> {
    let path = folder.join("card.json");
    let card = Card::parse(&String::from_utf8(read(&path)?)?).with_context(|| path.display().to_string())?;
    let network = GraphNetwork::new(card.graph.clone());
    for arrays in shards(folder)? {
        network.load(&arrays?)?;
    }
    Ok((card, network))
}

/// The arrays of every shard of `folder`, shard by shard.
///
/// # Errors
/// Names the file that is missing or damaged.
pub fn shards(folder: &Path) -> Result<impl Iterator<Item = Result<Arrays>>> {
    let manifest: Manifest = serde_json::from_slice(&read(&folder.join("manifest.json"))?)?;
    let all = manifest.shards.into_iter().chain(manifest.extras);
    Ok(all.map(move |shard| Ok(unpack(&shard, &read(&folder.join(&shard.file))?)?)))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| path.display().to_string())
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
        Ok((file.to_owned(), label, read(&photos.join(file))?))
    }))
}
