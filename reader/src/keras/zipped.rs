//! `.keras` archives (Keras 3): `config.json`, and the weights in an HDF5 file of their own, where a layer's variables are numbered.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::h5::{names, open, tensor, walk};
use super::{Source, build};
use crate::assemble::Read;
use crate::dict::Dict;
use crate::error::ReadError;
use crate::zip::Archive;

/// Reads a model whose arrays may take `memory` bytes; `None`: the archive is none of Keras's.
///
/// # Errors
/// [`ReadError`].
pub fn read(archive: &Archive, memory: u64) -> Option<Result<Read, ReadError>> {
    let (config, weights) = (archive.find("config.json")?, archive.find("model.weights.h5")?);
    let read = || {
        let config: Value = serde_json::from_slice(&archive.read(config)?)
            .map_err(|_| ReadError::Damaged { what: "a Keras model's description" })?;
        let source = archive.open_member(weights)?;
        let file = open(&source)?;
        let root = file.root();
        let mut layers = BTreeMap::new();
        names(&root, &mut Vec::new(), &mut layers, &mut BTreeSet::new())?;
        let mut dict = Dict::default();
        walk(&root, &mut Vec::new(), &mut 0, &mut |path, data| {
            let Some(stored) = tensor(data, source.size())? else { return Ok(()) };
            let Some((number, layer)) = path.split_last() else { return Ok(()) };
            // layers/sequential/layers/conv2d/vars/0: what the layers on the way are called, without "layers" and "vars"
            let mut parts = Vec::new();
            for depth in 1..=layer.len() {
                let part = &layer[depth - 1];
                if part == "layers" || part == "vars" {
                    continue;
                }
                parts.push(layers.get(&layer[..depth]).cloned().unwrap_or_else(|| part.clone()));
            }
            parts.push(number.clone());
            dict.put(parts.join("/"), stored);
            Ok(())
        })?;
        build(&Source { config, weights: dict, third: true }, memory)
    };
    Some(read())
}
