//! A network that is put together from a state dict, layer by layer, under PyTorch's names.

use std::cell::RefCell;
use std::collections::BTreeSet;

use cnn_lens::ops::{Activation, Add, Concat, Dims, Op};

use crate::dict::Dict;
use crate::draft::{Draft, Slide, normalisation};
use crate::error::ReadError;
use crate::tensor::{Matrix, Stored};

/// PyTorch's own epsilon of batch normalisations.
pub const EPSILON: f64 = 1e-5;

/// A network in the making.
pub struct Net<'a> {
    dict: &'a Dict,
    /// What is made.
    pub draft: Draft,
    used: RefCell<BTreeSet<String>>,
}

impl<'a> Net<'a> {
    /// For pictures of `side` rows and columns.
    pub fn new(dict: &'a Dict, channels: usize, side: usize, memory: u64) -> Self {
        Self { dict, draft: Draft::new(Dims::new(channels, side, side), memory), used: RefCell::default() }
    }

    /// Names of tensors that were not asked for, without the counters that batch normalisations keep.
    pub fn unused(&self) -> impl Iterator<Item = &'a str> {
        let used = self.used.borrow().clone();
        self.dict.names().filter(move |name| !used.contains(*name) && !name.ends_with("num_batches_tracked"))
    }

    fn get(&self, name: &str) -> Option<&'a Stored> {
        let found = self.dict.get(name)?;
        self.used.borrow_mut().insert(name.to_owned());
        Some(found)
    }

    fn need(&self, name: &str) -> Result<&'a Stored, ReadError> {
        self.get(name).ok_or_else(|| ReadError::NoTensor { tensor: name.to_owned() })
    }

    /// The convolution `name`, called `called`.
    ///
    /// # Errors
    /// As [`Draft::push`], and [`ReadError::NoTensor`].
    pub fn conv(&mut self, called: &str, name: &str, x: usize, slide: Slide) -> Result<usize, ReadError> {
        let (weight, bias) = (self.need(&format!("{name}.weight"))?, self.get(&format!("{name}.bias")));
        self.draft.stored_conv(called, x, slide, weight, bias)
    }

    /// The batch normalisation `name`.
    ///
    /// # Errors
    /// As [`Net::conv`].
    pub fn norm(&mut self, name: &str, x: usize, epsilon: f64) -> Result<usize, ReadError> {
        let values = |what: &str| self.need(&format!("{name}.{what}"))?.values();
        let (mean, variance) = (values("running_mean")?, values("running_var")?);
        // without affine parameters: 1 and 0
        let or = |what: &str, default: f32| match self.get(&format!("{name}.{what}")) {
            Some(stored) => stored.values(),
            None => Ok(vec![default; mean.len()]),
        };
        let (gamma, beta) = (or("weight", 1.0)?, or("bias", 0.0)?);
        let (scale, shift) = normalisation(name, [&gamma, &beta, &mean, &variance], epsilon)?;
        self.draft.affine(name, x, scale, shift)
    }

    /// A ReLU.
    ///
    /// # Errors
    /// As [`Draft::push`].
    pub fn relu(&mut self, called: &str, x: usize) -> Result<usize, ReadError> {
        self.draft.activation(called, x, Activation::Relu {})
    }

    /// The convolution `name` over the whole map `x` (timm's fully connected layers) as the fully connected layer that it is, called
    /// `called`.
    ///
    /// # Errors
    /// As [`Draft::push`], and [`ReadError::NoTensor`].
    pub fn whole(&mut self, called: &str, name: &str, x: usize) -> Result<usize, ReadError> {
        let (weight, bias) = (self.need(&format!("{name}.weight"))?, self.get(&format!("{name}.bias")));
        let Dims { c, h, w } = self.draft.dims(x);
        match weight.shape[..] {
            [out, channels, rows, columns] if [channels, rows, columns] == [c, h, w] => {
                let matrix = weight.shaped(vec![out, c * h * w]);
                self.draft.linear(called, x, &matrix, Matrix::default(), bias.map(Stored::values).transpose()?)
            }
            _ => Err(ReadError::TensorShape { tensor: format!("{name}.weight") }),
        }
    }

    /// The fully connected layer `name`, called `called`.
    ///
    /// # Errors
    /// As [`Net::conv`].
    pub fn linear(&mut self, called: &str, name: &str, x: usize) -> Result<usize, ReadError> {
        let weight = self.need(&format!("{name}.weight"))?;
        let bias = self.get(&format!("{name}.bias")).map(Stored::values).transpose()?;
        self.draft.linear(called, x, weight, Matrix::default(), bias)
    }

    /// The sum of two nodes.
    ///
    /// # Errors
    /// As [`Draft::push`].
    pub fn add(&mut self, called: &str, a: usize, b: usize) -> Result<usize, ReadError> {
        self.draft.push(called, Op::Add(Add {}), vec![a, b], Vec::new())
    }

    /// The channels of several nodes.
    ///
    /// # Errors
    /// As [`Draft::push`].
    pub fn concat(&mut self, called: &str, inputs: Vec<usize>) -> Result<usize, ReadError> {
        self.draft.push(called, Op::Concat(Concat {}), inputs, Vec::new())
    }

    /// The classifier `name`: one fully connected layer, or several as a Sequential's `name.0`, `name.3`, with a ReLU between
    /// them.
    ///
    /// # Errors
    /// As [`Net::conv`]; [`ReadError::Headless`] when there is none.
    pub fn head(&mut self, name: &str, mut x: usize) -> Result<usize, ReadError> {
        if self.dict.get(&format!("{name}.weight")).is_some() {
            return self.linear(name, name, x);
        }
        let layers = numbered(self.dict, name);
        let layers: Vec<usize> =
            layers.into_iter().filter(|i| self.dict.shape(&format!("{name}.{i}.weight")).len() == 2).collect();
        let last = layers.last().copied().ok_or(ReadError::Headless)?;
        for i in layers {
            let layer = format!("{name}.{i}");
            x = self.linear(&layer, &layer, x)?;
            if i != last {
                x = self.relu(&format!("{layer}_relu"), x)?;
            }
        }
        Ok(x)
    }
}

/// The numbers `i` of all tensors `name.i.weight`, in order.
pub fn numbered(dict: &Dict, name: &str) -> Vec<usize> {
    let number = |tensor: &str| {
        let rest = if name.is_empty() { tensor } else { tensor.strip_prefix(name)?.strip_prefix('.')? };
        rest.strip_suffix(".weight")?.parse().ok()
    };
    let mut numbers: Vec<usize> = dict.names().filter_map(number).collect();
    numbers.sort_unstable();
    numbers
}
