//! safetensors: eight bytes of the header's length, a JSON header, and the numbers as they are.

use serde_json::{Map, Value};

use crate::dict::Dict;
use crate::error::ReadError;
use crate::source::{Shared, bytes};
use crate::tensor::{Dtype, Stored};

/// No header of a model is longer.
const LONGEST: u64 = 32 << 20;

/// The tensors of a file.
///
/// # Errors
/// [`ReadError`]: the header is none, or names places that are not in the file.
pub fn read(source: &Shared) -> Result<Dict, ReadError> {
    const BAD: ReadError = ReadError::Damaged { what: "safetensors header" };
    let length: [u8; 8] = bytes(source.as_ref(), 0, 8)?.try_into().map_err(|_| BAD)?;
    let length = u64::from_le_bytes(length);
    if length > LONGEST {
        return Err(ReadError::Hostile { what: "a header of more than 32 MB" });
    }
    let header = bytes(source.as_ref(), 8, length)?;
    let header: Map<String, Value> = serde_json::from_slice(&header).map_err(|_| BAD)?;
    let mut dict = Dict::default();
    let mut ends = Vec::new();
    // the file has them in the order of their letters: layer 10 before layer 2
    let mut entries: Vec<(&String, &Value)> = header.iter().filter(|(name, _)| *name != "__metadata__").collect();
    entries.sort_by_cached_key(|(name, _)| counted(name));
    for (name, tensor) in entries {
        let wholes =
            |field: &str| -> Option<Vec<u64>> { tensor[field].as_array()?.iter().map(Value::as_u64).collect() };
        let (Some(shape), Some(place)) = (wholes("shape"), wholes("data_offsets")) else { return Err(BAD) };
        let &[from, to] = place.as_slice() else { return Err(BAD) };
        let kind = tensor["dtype"].as_str().unwrap_or_default();
        let dtype = dtype(kind).ok_or_else(|| ReadError::Numbers { tensor: name.clone(), kind: kind.to_owned() })?;
        let shape: Option<Vec<usize>> = shape.iter().map(|side| usize::try_from(*side).ok()).collect();
        let at = from.checked_add(8 + length).ok_or(BAD)?;
        let stored = Stored::in_file(source, at, dtype, shape.ok_or(BAD)?)?;
        if to.checked_sub(from) != Some(stored.count() as u64 * dtype.size()) {
            return Err(ReadError::Damaged { what: "a tensor's place of another size than its shape" });
        }
        ends.push((from, to));
        dict.put(name.clone(), stored);
    }
    ends.sort_unstable();
    if ends.windows(2).any(|pair| pair[1].0 < pair[0].1) {
        return Err(ReadError::Damaged { what: "tensors that overlap" });
    }
    Ok(dict)
}

/// A name's parts between dots, numbers as numbers.
fn counted(name: &str) -> Vec<(Option<u64>, String)> {
    name.split('.').map(|part| (part.parse().ok(), part.to_owned())).collect()
}

fn dtype(name: &str) -> Option<Dtype> {
    Some(match name {
        "F16" => Dtype::F16,
        "BF16" => Dtype::Bf16,
        "F32" => Dtype::F32,
        "F64" => Dtype::F64,
        "I8" => Dtype::I8,
        "U8" => Dtype::U8,
        "I16" => Dtype::I16,
        "I32" => Dtype::I32,
        "I64" => Dtype::I64,
        "BOOL" => Dtype::Bool,
        _ => return None,
    })
}
