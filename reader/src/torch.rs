//! PyTorch's files: `torch.save`'s zip (since 1.6) and its older sequence of pickles, as named tensors. Whole pickled modules are
//! walked as PyTorch lays them out, without their code.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::dict::Dict;
use crate::error::{Foreign, ReadError};
use crate::numpy::{array, bytes};
use crate::pickle::{Item, Pickle, Value};
use crate::source::{Cursor, Shared};
use crate::tensor::{Dtype, Stored};
use crate::zip::Archive;

/// The low 64 bits of the number that older files begin with, `0x1950a86a20f9469cfc6c`.
const MAGIC: i64 = 0xa86a_20f9_469c_fc6c_u64.cast_signed();
/// How deep models are nested in models.
const DEEPEST: usize = 40;
/// No model has more tensors and modules.
const MOST: usize = 1_000_000;

/// The tensors of a zip.
///
/// # Errors
/// [`ReadError`]: it is TorchScript or another program, or holds no tensors.
pub fn zipped(archive: &Archive) -> Result<Dict, ReadError> {
    let names = || archive.members().iter().map(|member| member.name.as_str());
    if names().any(|name| name.ends_with("/constants.pkl") || name.contains("/code/")) {
        return Err(ReadError::Foreign(Foreign::TorchScript));
    }
    if names().any(|name| {
        name.ends_with("serialized_exported_program.json")
            || name.ends_with("/archive_format")
            || name.contains("models/model.json")
    }) {
        return Err(ReadError::Foreign(Foreign::ExportedProgram));
    }
    let pickled = names().find(|name| *name == "data.pkl" || name.ends_with("/data.pkl"));
    let pickled = pickled.ok_or(ReadError::Foreign(Foreign::Archive))?.to_owned();
    let folder = pickled.trim_end_matches("data.pkl").to_owned();
    let find = |name: &str| archive.members().iter().find(|member| member.name == name);
    if let Some(order) = find(&format!("{folder}byteorder"))
        && archive.read(order)? != b"little"
    {
        return Err(ReadError::Damaged { what: "numbers with their highest byte first" });
    }
    let member = find(&pickled).ok_or(ReadError::Truncated)?;
    let pickle = Pickle::read(&mut Cursor::new(archive.open_member(member)?, 0))?;
    let places: BTreeMap<&str, usize> =
        archive.members().iter().enumerate().map(|(i, m)| (m.name.as_str(), i)).collect();
    let mut open = BTreeMap::<String, Shared>::new();
    let storage = |key: &str| {
        if let Some(source) = open.get(key) {
            return Ok((Rc::clone(source), 0));
        }
        let name = format!("{folder}data/{key}");
        let at = places.get(name.as_str()).ok_or(ReadError::NoTensor { tensor: name.clone() })?;
        let source = archive.open_member(&archive.members()[*at])?;
        open.insert(key.to_owned(), Rc::clone(&source));
        Ok((source, 0))
    };
    tensors(&pickle, storage)
}

/// The tensors of an older file.
///
/// # Errors
/// [`ReadError`]: it holds no tensors, or ends early.
pub fn legacy(source: &Shared) -> Result<Dict, ReadError> {
    let mut cursor = Cursor::new(Rc::clone(source), 0);
    let first = Pickle::read(&mut cursor)?;
    if first.root != Value::Int(MAGIC) {
        // a plain pickle, of arrays or of tensors that carry their numbers with them
        return tensors(&first, |key| Err(ReadError::NoTensor { tensor: format!("storage {key}") }));
    }
    let (pickle, places) = sequence(&mut cursor)?;
    tensors(&pickle, |key| {
        let at = places.get(key).ok_or_else(|| ReadError::NoTensor { tensor: format!("storage {key}") })?;
        Ok((Rc::clone(source), *at))
    })
}

/// What stands behind an older file's first number: what was saved, and where the numbers of each storage are.
fn sequence(cursor: &mut Cursor) -> Result<(Pickle, BTreeMap<String, u64>), ReadError> {
    for _ in 0..2 {
        Pickle::read(cursor)?; // the protocol's version; sizes of numbers
    }
    let pickle = Pickle::read(cursor)?;
    let keys = Pickle::read(cursor)?;
    let keys = keys.list(&keys.root).ok_or(ReadError::Damaged { what: "list of storages" })?.to_vec();
    // of which kind each storage is says the pickle alone
    let kinds = storages(&pickle);
    let mut places = BTreeMap::new();
    for key in keys {
        let Value::Text(key) = key else { return Err(ReadError::Damaged { what: "list of storages" }) };
        let count = i64::from_le_bytes(cursor.array()?);
        let size = kinds.get(&key).map_or(0, |dtype| dtype.size());
        let bytes = u64::try_from(count).ok().and_then(|count| count.checked_mul(size)).filter(|_| size > 0);
        let bytes = bytes.ok_or(ReadError::Damaged { what: "size of a storage" })?;
        if bytes > cursor.left() {
            return Err(ReadError::Truncated);
        }
        places.insert(key.to_string(), cursor.at());
        cursor.go(cursor.at() + bytes);
    }
    Ok((pickle, places))
}

/// A storage that a plain pickle has in itself, as the bytes of an older file: where its numbers are, and their kind.
fn embedded(bytes: &Shared) -> Option<(Shared, u64, Value)> {
    let mut cursor = Cursor::new(Rc::clone(bytes), 0);
    let first = Pickle::read(&mut cursor).ok()?;
    let (pickle, places) = sequence(&mut cursor).ok().filter(|_| first.root == Value::Int(MAGIC))?;
    let Some(Item::Persistent(id)) = pickle.item(&pickle.root) else { return None };
    let [_, kind, Value::Text(key), ..] = pickle.list(id)? else { return None };
    Some((Rc::clone(bytes), *places.get(&**key)?, kind.clone()))
}

/// The kind of numbers of every storage that a pickle names.
fn storages(pickle: &Pickle) -> BTreeMap<Rc<str>, Dtype> {
    let mut kinds = BTreeMap::new();
    let mut at = 0;
    while let Some(item) = pickle.item(&Value::At(at)) {
        if let Item::Persistent(name) = item
            && let Some([_, kind, Value::Text(key), ..]) = pickle.list(name)
            && let Some(dtype) = dtype(kind)
        {
            kinds.insert(Rc::clone(key), dtype);
        }
        at += 1;
    }
    kinds
}

/// The kind of a storage's or tensor's numbers: `torch.FloatStorage`, `torch.float32`.
fn dtype(kind: &Value) -> Option<Dtype> {
    let Value::Global(name) = kind else { return None };
    Some(match name.rsplit('.').next()? {
        "FloatStorage" | "float32" | "float" => Dtype::F32,
        "DoubleStorage" | "float64" | "double" => Dtype::F64,
        "HalfStorage" | "float16" | "half" => Dtype::F16,
        "BFloat16Storage" | "bfloat16" => Dtype::Bf16,
        "LongStorage" | "int64" | "long" => Dtype::I64,
        "IntStorage" | "int32" | "int" => Dtype::I32,
        "ShortStorage" | "int16" | "short" => Dtype::I16,
        "CharStorage" | "int8" => Dtype::I8,
        // a storage that does not say of what: the tensor does
        "ByteStorage" | "uint8" | "UntypedStorage" => Dtype::U8,
        "BoolStorage" | "bool" => Dtype::Bool,
        _ => return None,
    })
}

/// Where a storage's bytes are, by its key.
trait Storage: FnMut(&str) -> Result<(Shared, u64), ReadError> {}

impl<F: FnMut(&str) -> Result<(Shared, u64), ReadError>> Storage for F {}

/// All tensors of a pickle under the names that `state_dict` gives them.
fn tensors(pickle: &Pickle, storage: impl Storage) -> Result<Dict, ReadError> {
    let mut walk = Walk { pickle, storage, found: Dict::default(), visited: 0 };
    walk.value(&pickle.root, "", 0)?;
    match walk.found {
        // one tensor alone has no name
        found if found.is_empty() || found.get("").is_some() => Err(ReadError::Foreign(Foreign::Pickle)),
        found => Ok(found),
    }
}

struct Walk<'a, S> {
    pickle: &'a Pickle,
    storage: S,
    found: Dict,
    visited: usize,
}

/// Where training scripts keep the weights among other things.
const WEIGHTS: [&str; 11] = [
    "state_dict",
    "model_state_dict",
    "model_state",
    "model",
    "net",
    "network",
    "params",
    "state_dict_ema",
    "ema_state_dict",
    "model_ema",
    "ema",
];
/// What else they keep, which may hold tensors too.
const OTHER: [&str; 9] = [
    "optimizer",
    "optimizer_states",
    "optimizer_state_dict",
    "lr_schedulers",
    "scheduler",
    "callbacks",
    "loops",
    "hyper_parameters",
    "rng_state",
];

impl<S: Storage> Walk<'_, S> {
    fn value(&mut self, value: &Value, name: &str, depth: usize) -> Result<(), ReadError> {
        self.visited += 1;
        if depth > DEEPEST || self.visited > MOST {
            return Err(ReadError::Hostile { what: "objects nested deeper than any model's" });
        }
        if let Some(tensor) = self.tensor(value, name, 0)?.map_or_else(|| array(self.pickle, value), |t| Ok(Some(t)))? {
            self.found.put(name.to_owned(), tensor);
            return Ok(());
        }
        let join = |key: &str| if name.is_empty() { key.to_owned() } else { format!("{name}.{key}") };
        if let Some(entries) = self.pickle.entries(value) {
            if name.is_empty()
                && let Some(weights) = WEIGHTS.iter().find_map(|key| self.pickle.get(value, key))
                && self.pickle.item(weights).is_some()
            {
                return self.value(weights, "", depth + 1);
            }
            for (key, value) in entries {
                let key = match key {
                    Value::Text(text) => text.to_string(),
                    Value::Int(n) => n.to_string(),
                    _ => continue,
                };
                if !(name.is_empty() && OTHER.contains(&key.as_str())) && self.pickle.item(value).is_some() {
                    self.value(value, &join(&key), depth + 1)?;
                }
            }
        } else if let Some(list) = self.pickle.list(value) {
            for (i, value) in list.iter().enumerate().filter(|(_, value)| self.pickle.item(value).is_some()) {
                self.value(value, &join(&i.to_string()), depth + 1)?;
            }
        } else if let Some(object) = self.pickle.object(value) {
            // a module: its own tensors, then those of the modules in it
            for kind in ["_parameters", "_buffers", "_modules"] {
                if let Some(part) = self.pickle.get(&object.state, kind) {
                    self.value(part, name, depth + 1)?;
                }
            }
        }
        Ok(())
    }

    /// The tensor that a value is, if it is one.
    fn tensor(&mut self, value: &Value, name: &str, depth: usize) -> Result<Option<Stored>, ReadError> {
        let pickle = self.pickle;
        let Some(object) = pickle.object(value).filter(|_| depth < 4) else { return Ok(None) };
        let (Value::Global(class), Some(args)) = (&object.class, pickle.list(&object.args)) else { return Ok(None) };
        match (class.as_ref(), args) {
            ("torch._utils._rebuild_parameter" | "torch._utils._rebuild_parameter_with_state", [data, ..]) => {
                self.tensor(data, name, depth + 1)
            }
            ("torch._tensor._rebuild_from_type_v2", [function, _, args, ..]) => {
                let (Value::Global(class), Some(args)) = (function, pickle.list(args)) else { return Ok(None) };
                self.rebuilt(class, args, name).map(Some)
            }
            (class, args) if class.starts_with("torch._utils._rebuild_tensor") => {
                self.rebuilt(class, args, name).map(Some)
            }
            (class, _) if class.starts_with("torch._utils._rebuild_") => Err(ReadError::Numbers {
                tensor: name.to_owned(),
                kind: class.trim_start_matches("torch._utils.").to_owned(),
            }),
            _ => Ok(None),
        }
    }

    /// `_rebuild_tensor(storage, offset, size, stride)`, and the later ones, which have more behind.
    fn rebuilt(&mut self, class: &str, args: &[Value], name: &str) -> Result<Stored, ReadError> {
        const BAD: ReadError = ReadError::Damaged { what: "description of a tensor" };
        let pickle = self.pickle;
        let [storage, offset, shape, strides, ..] = args else { return Err(BAD) };
        let carried = match pickle.object(storage) {
            Some(object) if matches!(&object.class, Value::Global(name) if name.ends_with("._load_from_bytes")) => {
                let first = pickle.list(&object.args).and_then(|args| args.first()).ok_or(BAD)?;
                Some(bytes(pickle, first)?.as_ref().and_then(embedded).ok_or(BAD)?)
            }
            _ => None,
        };
        let (kind, key) = match (&carried, pickle.item(storage)) {
            (Some((_, _, kind)), _) => (kind, ""),
            (None, Some(Item::Persistent(id))) => match pickle.list(id) {
                Some([_, kind, Value::Text(key), ..]) => (kind, &**key),
                _ => return Err(BAD),
            },
            _ => return Err(BAD),
        };
        let named = if class.ends_with("_v3") { args.get(6).unwrap_or(kind) } else { kind };
        let kind = match named {
            Value::Global(kind) => kind.trim_start_matches("torch.").to_owned(),
            _ => return Err(BAD),
        };
        let dtype = dtype(named).ok_or(ReadError::Numbers { tensor: name.to_owned(), kind })?;
        let wholes = |value: &Value| -> Option<Vec<usize>> { pickle.list(value)?.iter().map(Value::whole).collect() };
        let (shape, strides) = wholes(shape).zip(wholes(strides)).filter(|(a, b)| a.len() == b.len()).ok_or(BAD)?;
        let offset = offset.whole().and_then(|n| (n as u64).checked_mul(dtype.size())).ok_or(BAD)?;
        let (source, at) = match &carried {
            Some((source, at, _)) => (Rc::clone(source), *at),
            None => (self.storage)(key)?,
        };
        let at = at.checked_add(offset).ok_or(BAD)?;
        Stored::strided(&source, at, dtype, shape, strides)
    }
}
