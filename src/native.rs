//! The shipped weights from a folder: for native tools and tests.

use std::path::Path;
use std::rc::Rc;

use anyhow::{Context, Result, anyhow};

use crate::catalog::{NetworkSpec, networks};
use crate::engine::{Device, Network};
use crate::weights::{Arrays, Manifest, unpack};

/// The network that is taken where none is named, on `device`, with every shard; `root` is the folder `weights`.
///
/// # Errors
/// Names the file that is missing or damaged.
pub fn network<D: Device>(device: D, root: &Path) -> Result<Network<D>> {
    load(networks::first(), device, root)
}

/// The shipped network called `id`, as [`network`].
///
/// # Errors
/// There is no such network; or names the file that is missing or damaged.
pub fn named<D: Device>(id: &str, device: D, root: &Path) -> Result<Network<D>> {
    let spec = networks::get(id).with_context(|| format!("{id}: takes one of {}", networks::ids().join(", ")))?;
    load(spec, device, root)
}

fn load<D: Device>(spec: Rc<NetworkSpec>, device: D, root: &Path) -> Result<Network<D>> {
    let folder = root.join(networks::folder(spec.id()).unwrap_or_default());
    let network = Network::new(spec, device);
    for arrays in shards(&folder)? {
        network.load(&arrays?)?;
    }
    Ok(network)
}

/// The arrays of every shard of `folder`, shard by shard.
///
/// # Errors
/// Names the file that is missing or damaged.
pub fn shards(folder: &Path) -> Result<impl Iterator<Item = Result<Arrays>>> {
    let manifest = Manifest::read(&read(&folder.join("manifest.json"))?)?;
    let all = manifest.shards.into_iter().chain(manifest.extras);
    Ok(all.map(move |shard| Ok(unpack(&shard, read(&folder.join(&shard.file))?)?)))
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
