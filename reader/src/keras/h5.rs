//! Keras's HDF5 files: the configuration is an attribute, the weights are data sets in a group for each layer.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use hdf5_pure::{Dataset, Error, File, FormatError, Group};
use serde_json::Value;

use super::{Source, build};
use crate::assemble::Read;
use crate::dict::Dict;
use crate::error::{Foreign, ReadError};
use crate::source::Shared;
use crate::tensor::{Numbers, Stored, count};

thread_local! {
    /// The files that are open. The HDF5 crate wants what it reads to be sendable to other threads, which a browser's file is not:
    /// it gets a number instead, under which the file stands here.
    static OPEN: RefCell<BTreeMap<u64, Shared>> = const { RefCell::new(BTreeMap::new()) };
}

/// The number of a file in [`OPEN`].
struct Handle {
    number: u64,
    size: u64,
}

impl Handle {
    fn new(source: &Shared) -> Self {
        OPEN.with_borrow_mut(|open| {
            let number = open.last_key_value().map_or(0, |(last, _)| last + 1);
            open.insert(number, Rc::clone(source));
            Self { number, size: source.size() }
        })
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // a thread that ends has let go of its files already
        let _ = OPEN.try_with(|open| open.try_borrow_mut().map(|mut open| open.remove(&self.number)));
    }
}

impl hdf5_pure::Source for Handle {
    fn len(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), FormatError> {
        let source = OPEN.with_borrow(|open| open.get(&self.number).cloned());
        let source = source.ok_or_else(|| FormatError::Source("not open".into()))?;
        source.read_at(offset, buf).map_err(|error| match error {
            ReadError::Truncated => FormatError::UnexpectedEof {
                expected: buf.len(),
                available: usize::try_from(self.size.saturating_sub(offset)).unwrap_or(usize::MAX),
            },
            _ => FormatError::Source("unreadable".into()),
        })
    }
}

/// What an error of the HDF5 crate is here.
pub fn failure(error: &Error) -> ReadError {
    match error {
        Error::Format(FormatError::UnexpectedEof { .. }) => ReadError::Truncated,
        Error::Format(FormatError::Source(_)) => ReadError::Unreadable,
        _ => ReadError::Damaged { what: "HDF5" },
    }
}

/// A data set's numbers, read some rows at a time.
struct Rows {
    data: Dataset,
    rows: usize,
    /// Numbers of a row.
    row: usize,
}

/// Numbers that are read of a data set at a time.
const SLICE: usize = 1 << 20;

impl Numbers for Rows {
    fn slices(&self, each: &mut dyn FnMut(usize, &[f32])) -> Result<(), ReadError> {
        let step = (SLICE / self.row.max(1)).max(1);
        for first in (0..self.rows).step_by(step) {
            let now = step.min(self.rows - first);
            let slice = self.data.read_f32_rows(first as u64, now as u64).map_err(|error| failure(&error))?;
            if slice.len() != now * self.row {
                return Err(ReadError::Damaged { what: "HDF5 data set" });
            }
            each(first * self.row, &slice);
        }
        Ok(())
    }
}

/// A data set as a tensor; `None` for one that is no array of numbers.
///
/// # Errors
/// [`ReadError`].
pub fn tensor(data: Dataset, left: u64) -> Result<Option<Stored>, ReadError> {
    let shape = data.shape().map_err(|error| failure(&error))?;
    let shape: Option<Vec<usize>> = shape.iter().map(|side| usize::try_from(*side).ok()).collect();
    let shape = shape
        .filter(|shape| count(shape).is_some())
        .ok_or(ReadError::Damaged { what: "a shape larger than any file" })?;
    let numbers = count(&shape).unwrap_or_default();
    if numbers == 0 {
        return Ok(None); // however many rows of no numbers it says it has
    }
    // compressed weights take at least a hundredth of their size
    if numbers as u64 > left.saturating_mul(100) {
        return Err(ReadError::Hostile { what: "a data set far larger than its file" });
    }
    let Some((rows, rest)) = shape.split_first() else { return Ok(None) };
    let row = rest.iter().product();
    Ok(Some(Stored::of(shape.clone(), Rc::new(Rows { data, rows: *rows, row }))))
}

/// Opens a file.
///
/// # Errors
/// [`ReadError`].
pub fn open(source: &Shared) -> Result<File, ReadError> {
    File::from_source(Handle::new(source)).map_err(|error| failure(&error))
}

/// No model's file has more groups and data sets.
const MOST: usize = 50_000;
/// No model's groups are nested deeper.
const DEEPEST: usize = 16;

/// What is done with every array, which is given with the names of the groups that it lies in.
type Visit<'a> = dyn FnMut(&[String], Dataset) -> Result<(), ReadError> + 'a;

/// Calls `each` with every data set below a group and its path.
///
/// # Errors
/// [`ReadError`]: the file is damaged, or made to be endless.
pub fn walk(group: &Group, path: &mut Vec<String>, visited: &mut usize, each: &mut Visit<'_>) -> Result<(), ReadError> {
    let mut next = |path: &[String]| {
        *visited += 1;
        match *visited > MOST || path.len() > DEEPEST {
            true => Err(ReadError::Hostile { what: "groups nested deeper than any model's" }),
            false => Ok(()),
        }
    };
    for name in group.datasets().map_err(|error| failure(&error))? {
        next(path)?;
        let data = group.dataset(&name).map_err(|error| failure(&error))?;
        path.push(name);
        each(path, data)?;
        path.pop();
    }
    for name in group.groups().map_err(|error| failure(&error))? {
        let inside = group.group(&name).map_err(|error| failure(&error))?;
        path.push(name);
        *visited += 1;
        if *visited > MOST || path.len() > DEEPEST {
            return Err(ReadError::Hostile { what: "groups nested deeper than any model's" });
        }
        walk(&inside, path, visited, each)?;
        path.pop();
    }
    Ok(())
}

/// Reads a model whose arrays may take `memory` bytes.
///
/// # Errors
/// [`ReadError`].
pub fn read(source: &Shared, memory: u64) -> Result<Read, ReadError> {
    let file = open(source)?;
    let root = file.root();
    let attributes = root.attrs().map_err(|error| failure(&error))?;
    let text = |name: &str| attributes.get(name).and_then(|value| value.as_str().map(str::to_owned));
    let config = text("model_config").ok_or(ReadError::Foreign(Foreign::Hdf5))?;
    let config: Value =
        serde_json::from_str(&config).map_err(|_| ReadError::Damaged { what: "a Keras model's description" })?;
    let third = text("keras_version").is_some_and(|version| version.starts_with('3'));
    let top = root.group("model_weights").map_err(|error| failure(&error))?;
    let mut weights = Dict::default();
    let size = source.size();
    walk(&top, &mut Vec::new(), &mut 0, &mut |path, data| {
        let Some(stored) = tensor(data, size)? else { return Ok(()) };
        // the layer of the model, perhaps the layer in it, and the role: conv2d / conv2d / kernel:0
        let (Some(outer), Some(role)) = (path.first(), path.last()) else { return Ok(()) };
        let role = role.split(':').next().unwrap_or(role);
        if let Some(inner) = path.len().checked_sub(2).and_then(|at| path.get(at)).filter(|inner| *inner != outer) {
            weights.put(format!("{outer}/{inner}/{role}"), stored.clone());
        }
        weights.put(format!("{outer}/{role}"), stored);
        Ok(())
    })?;
    build(&Source { config, weights, third }, memory)
}

/// The names of a group's layers, as Keras 3 writes them beside their weights: `{ path: name }`.
///
/// # Errors
/// [`ReadError`].
pub fn names(
    group: &Group,
    path: &mut Vec<String>,
    found: &mut BTreeMap<Vec<String>, String>,
    visited: &mut BTreeSet<Vec<String>>,
) -> Result<(), ReadError> {
    if path.len() > DEEPEST || visited.len() > MOST {
        return Err(ReadError::Hostile { what: "groups nested deeper than any model's" });
    }
    visited.insert(path.clone());
    for name in group.groups().map_err(|error| failure(&error))? {
        let inside = group.group(&name).map_err(|error| failure(&error))?;
        if name == "vars" {
            let attributes = inside.attrs().map_err(|error| failure(&error))?;
            if let Some(own) = attributes.get("name").and_then(|value| value.as_str()) {
                found.insert(path.clone(), own.to_owned());
            }
            continue;
        }
        path.push(name);
        names(&inside, path, found, visited)?;
        path.pop();
    }
    Ok(())
}
