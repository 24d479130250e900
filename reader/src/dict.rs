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

    /// The same tensors without the word that most names begin with, where somebody put the network into something else. What stands
    /// beside it (a loss's weights, a metric's counts) is left out, if it is no kernel, matrix or normalisation: its names come
    /// second.
    pub fn without_prefix(&self) -> Option<(Self, Vec<&str>)> {
        let first = |name: &str| name.split_once('.').map(|(word, _)| word.to_owned());
        let mut counts = BTreeMap::<String, usize>::new();
        self.names.iter().filter_map(|name| first(name)).for_each(|word| *counts.entry(word).or_default() += 1);
        let (prefix, _) = counts.into_iter().max_by_key(|(_, count)| *count)?;
        let (mut bare, mut others) = (Self::default(), Vec::new());
        for name in &self.names {
            match name.strip_prefix(&prefix).and_then(|rest| rest.strip_prefix('.')) {
                Some(rest) => bare.put(rest.to_owned(), self.tensors[name].clone()),
                None if name.ends_with("running_mean") => return None,
                None if self.shape(name).iter().filter(|side| **side > 1).count() > 1 => return None,
                None => others.push(name.as_str()),
            }
        }
        Some((bare, others))
    }

    /// The same tensors without what PyTorch's wrappers put into their names: `_orig_mod` (a compiled module), and the number of models
    /// that an average is of.
    pub fn unwrapped(&self) -> Self {
        let mut bare = Self::default();
        for name in self.names.iter().filter(|name| *name != "n_averaged" && !name.ends_with(".n_averaged")) {
            let words: Vec<&str> = name.split('.').filter(|word| *word != "_orig_mod").collect();
            bare.put(words.join("."), self.tensors[name].clone());
        }
        bare
    }

    /// Bytes in float32 of all of them.
    pub fn bytes(&self) -> u64 {
        self.tensors.values().map(|tensor| 4 * tensor.count() as u64).sum()
    }
}
