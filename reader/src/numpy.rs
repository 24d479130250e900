//! NumPy's arrays as pickles have them.

use std::rc::Rc;

use crate::error::ReadError;
use crate::pickle::{Pickle, Value};
use crate::source::{Part, Shared};
use crate::tensor::{Dtype, Stored, count};

/// The array that a value is; `None`: it is none, or one of texts or objects.
///
/// # Errors
/// [`ReadError`]: its bytes are not as many as its shape says.
pub fn array(pickle: &Pickle, value: &Value) -> Result<Option<Stored>, ReadError> {
    let Some((shape, dtype, columns_first, data)) = parts(pickle, value) else { return Ok(None) };
    let shape: Option<Vec<usize>> = pickle.list(shape).and_then(|sides| sides.iter().map(Value::whole).collect());
    let (Some(shape), Some(dtype), Some(data)) = (shape, kind(pickle, dtype), bytes(pickle, data)?) else {
        return Ok(None);
    };
    if count(&shape).and_then(|count| (count as u64).checked_mul(dtype.size())) != Some(data.size()) {
        return Err(ReadError::Damaged { what: "a NumPy array of another size than its shape" });
    }
    let mut strides = vec![1; shape.len()];
    for axis in 1..shape.len() {
        match columns_first {
            true => strides[axis] = strides[axis - 1] * shape[axis - 1],
            false => strides[shape.len() - 1 - axis] = strides[shape.len() - axis] * shape[shape.len() - axis],
        }
    }
    Stored::strided(&data, 0, dtype, shape, strides).map(Some)
}

/// Shape, kind, whether the first index is the fastest, and bytes.
fn parts<'a>(pickle: &'a Pickle, value: &Value) -> Option<(&'a Value, &'a Value, bool, &'a Value)> {
    let object = pickle.object(value)?;
    let Value::Global(class) = &object.class else { return None };
    match class.rsplit('.').next()? {
        "_reconstruct" if class.starts_with("numpy") => match pickle.list(&object.state)? {
            [_, shape, dtype, columns_first, data] => Some((shape, dtype, *columns_first == Value::Bool(true), data)),
            _ => None,
        },
        "_frombuffer" if class.starts_with("numpy") => match pickle.list(&object.args)? {
            [data, dtype, shape, order] => {
                Some((shape, dtype, matches!(order, Value::Text(order) if &**order == "F"), data))
            }
            _ => None,
        },
        _ => None,
    }
}

/// `dtype("f4")`, whose state has the order of its bytes.
fn kind(pickle: &Pickle, dtype: &Value) -> Option<Dtype> {
    let object = pickle.object(dtype)?;
    let Value::Text(name) = pickle.list(&object.args)?.first()? else { return None };
    let order = pickle.list(&object.state).and_then(|state| state.get(1));
    let backwards = name.starts_with('>') || matches!(order, Some(Value::Text(order)) if &**order == ">");
    let dtype = match name.trim_start_matches(['<', '>', '=', '|']) {
        "f2" => Dtype::F16,
        "f4" => Dtype::F32,
        "f8" => Dtype::F64,
        "i1" => Dtype::I8,
        "u1" => Dtype::U8,
        "i2" => Dtype::I16,
        "u2" => Dtype::U16,
        "i4" => Dtype::I32,
        "i8" => Dtype::I64,
        "b1" => Dtype::Bool,
        _ => return None,
    };
    (!backwards || dtype.size() == 1).then_some(dtype)
}

/// Bytes of a pickle: as such, or (before protocol 3) as a text of the characters 0 to 255.
///
/// # Errors
/// [`ReadError`]: they are not there.
pub fn bytes(pickle: &Pickle, value: &Value) -> Result<Option<Shared>, ReadError> {
    let text = match value {
        Value::Bytes { at, size } => return Part::of(&pickle.source, *at, *size).map(Some),
        Value::Text(text) => text,
        value => match pickle.object(value) {
            Some(object) if matches!(&object.class, Value::Global(name) if &**name == "_codecs.encode") => {
                match pickle.list(&object.args) {
                    Some([Value::Text(text), ..]) => text,
                    _ => return Ok(None),
                }
            }
            _ => return Ok(None),
        },
    };
    let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    Ok(bytes.map(|bytes| Rc::new(bytes) as Shared))
}
