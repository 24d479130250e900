//! TensorFlow.js layers models: `model.json`, and the numbers in the files that it names.

use std::rc::Rc;

use serde_json::Value;

use super::{Source, build};
use crate::NamedSource;
use crate::assemble::Read;
use crate::dict::Dict;
use crate::error::{Foreign, ReadError};
use crate::source::{self, Shared};
use crate::tensor::{Dtype, Numbers, Stored};

/// The files that a `model.json` names, without their folders; `None`: it is no such model.
pub fn paths(json: &Value) -> Option<Vec<String>> {
    let manifest = json.get("modelTopology").and(json["weightsManifest"].as_array())?;
    let paths = manifest.iter().flat_map(|group| group["paths"].as_array().into_iter().flatten());
    Some(paths.filter_map(|path| Some(file_name(path.as_str()?).to_owned())).collect())
}

fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// Several sources, one behind the other.
struct Chain {
    parts: Vec<Shared>,
}

impl source::Source for Chain {
    fn size(&self) -> u64 {
        self.parts.iter().map(|part| part.size()).sum()
    }

    fn read_at(&self, mut at: u64, mut into: &mut [u8]) -> Result<(), ReadError> {
        for part in &self.parts {
            if into.is_empty() {
                break;
            }
            if at >= part.size() {
                at -= part.size();
                continue;
            }
            let here = usize::try_from(part.size() - at).map_or(into.len(), |left| left.min(into.len()));
            let (now, later) = into.split_at_mut(here);
            part.read_at(at, now)?;
            (into, at) = (later, 0);
        }
        if into.is_empty() { Ok(()) } else { Err(ReadError::Truncated) }
    }
}

/// Whole numbers that stand for `min + scale n`.
struct Quantised {
    stored: Stored,
    min: f32,
    scale: f32,
}

impl Numbers for Quantised {
    fn slices(&self, each: &mut dyn FnMut(usize, &[f32])) -> Result<(), ReadError> {
        self.stored.slices(&mut |first, slice| {
            let values: Vec<f32> = slice.iter().map(|n| self.min + self.scale * n).collect();
            each(first, &values);
        })
    }
}

/// Reads a model whose arrays may take `memory` bytes. One file of weights under another name is taken for the one that is named.
///
/// # Errors
/// [`ReadError::Missing`] names a file that was not given.
pub fn read(json: &Value, files: &[NamedSource], memory: u64) -> Result<Read, ReadError> {
    const BAD: ReadError = ReadError::Damaged { what: "a TensorFlow.js model's description" };
    let topology = &json["modelTopology"];
    if json["format"] == "graph-model" || topology.get("node").is_some() {
        return Err(ReadError::Foreign(Foreign::TfjsGraph));
    }
    let config = topology.get("model_config").unwrap_or(topology);
    let version = topology["keras_version"].as_str().unwrap_or("2");
    let named = paths(json).ok_or(BAD)?;
    let others: Vec<&NamedSource> = files.iter().filter(|file| !file.name.ends_with(".json")).collect();
    let find = |name: &str| {
        let same = files.iter().find(|file| file_name(&file.name) == name);
        // saved under another name
        same.or_else(|| others.first().copied().filter(|_| named.len() == 1 && others.len() == 1))
    };
    let mut weights = Dict::default();
    for group in json["weightsManifest"].as_array().ok_or(BAD)? {
        let mut parts = Vec::new();
        for path in group["paths"].as_array().ok_or(BAD)? {
            let name = file_name(path.as_str().ok_or(BAD)?);
            let file = find(name).ok_or_else(|| ReadError::Missing { file: name.to_owned() })?;
            parts.push(Rc::clone(&file.source));
        }
        let chain: Shared = Rc::new(Chain { parts });
        let mut at = 0_u64;
        for weight in group["weights"].as_array().ok_or(BAD)? {
            let name = weight["name"].as_str().ok_or(BAD)?;
            let (stored, bytes) = tensor(&chain, at, name, weight)?;
            at += bytes;
            weights.put(name.trim_end_matches(":0").to_owned(), stored);
        }
    }
    build(&Source { config: config.clone(), weights, third: version.starts_with('3') }, memory)
}

/// A tensor at byte `at`, and how many bytes it takes.
fn tensor(chain: &Shared, at: u64, name: &str, weight: &Value) -> Result<(Stored, u64), ReadError> {
    const BAD: ReadError = ReadError::Damaged { what: "a TensorFlow.js model's list of weights" };
    let sides = weight["shape"].as_array().ok_or(BAD)?;
    let shape: Option<Vec<usize>> = sides.iter().map(|side| side.as_u64()?.try_into().ok()).collect();
    let shape = shape.ok_or(BAD)?;
    let packed = &weight["quantization"];
    let kind = packed["dtype"].as_str().or_else(|| weight["dtype"].as_str()).unwrap_or("float32");
    let dtype = match kind {
        "float32" => Dtype::F32,
        "float16" => Dtype::F16,
        "int32" => Dtype::I32,
        "uint8" => Dtype::U8,
        "uint16" => Dtype::U16,
        "bool" => Dtype::Bool,
        _ => return Err(ReadError::Numbers { tensor: name.to_owned(), kind: kind.to_owned() }),
    };
    let stored = Stored::in_file(chain, at, dtype, shape.clone())?;
    let bytes = stored.count() as u64 * dtype.size();
    Ok(match (packed["min"].as_f64(), packed["scale"].as_f64()) {
        (Some(min), Some(scale)) => {
            let numbers = Quantised { stored, min: min as f32, scale: scale as f32 };
            (Stored::of(shape, Rc::new(numbers)), bytes)
        }
        _ => (stored, bytes),
    })
}
