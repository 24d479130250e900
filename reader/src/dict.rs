//! Tensors by name, in the file's order: what PyTorch calls a state dict.

use std::collections::BTreeMap;

use crate::error::ReadError;
use crate::tensor::Stored;

/// Named tensors.
#[derive(Clone, Debug, Default)]
pub struct Dict {
    names: Vec<String>,
    tensors: BTreeMap<String, Stored>,
}

impl Dict {
    /// Adds one; a second one of the same name is passed over.
    pub fn put(&mut self, name: String, tensor: Stored) {
        if !self.tensors.contains_key(&name) {
            self.names.push(name.clone());
            self.tensors.insert(name, tensor);
        }
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The names in the file's order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The tensor of that name.
    pub fn get(&self, name: &str) -> Option<&Stored> {
        self.tensors.get(name)
    }

    /// The tensor of that name, which must be there.
    ///
    /// # Errors
    /// [`ReadError::NoTensor`].
    pub fn need(&self, name: &str) -> Result<&Stored, ReadError> {
        self.get(name).ok_or_else(|| ReadError::NoTensor { tensor: name.to_owned() })
    }

    /// Its shape; an empty one where it is not there.
    pub fn shape(&self, name: &str) -> &[usize] {
        self.get(name).map_or(&[], |tensor| tensor.shape.as_slice())
    }

    /// Whether some name begins so.
    pub fn has(&self, beginning: &str) -> bool {
        self.tensors.range(beginning.to_owned()..).next().is_some_and(|(name, _)| name.starts_with(beginning))
    }

    /// The same tensors without the first word of their names, if that is one word for all.
    pub fn without_prefix(&self) -> Option<Self> {
        let prefix = self.names.first()?.split_once('.')?.0;
        let mut bare = Self::default();
        for name in &self.names {
            let rest = name.strip_prefix(prefix)?.strip_prefix('.')?;
            bare.put(rest.to_owned(), self.tensors[name].clone());
        }
        Some(bare)
    }

    /// Bytes in float32 of all of them.
    pub fn bytes(&self) -> u64 {
        self.tensors.values().map(|tensor| 4 * tensor.count() as u64).sum()
    }
}
