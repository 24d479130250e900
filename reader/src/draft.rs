//! A network while it is read: nodes with their arrays, in an order in which each stands behind what it reads. Every node is
//! checked when it is added, so that nothing that comes later has to doubt a shape.

use std::collections::BTreeMap;

use cnn_lens::ops::{Activation, Affine, AvgPool, Conv, Dims, Flatten, GlobalAvgPool, Linear, MaxPool, Op};

use crate::error::ReadError;
use crate::note::Note;
use crate::tensor::{Matrix, Stored, Tensor, Values};

/// A node.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its name, one of a kind.
    pub name: String,
    /// What it computes; `None` for the picture.
    pub op: Option<Op>,
    /// The nodes that it reads, all before it.
    pub inputs: Vec<usize>,
    /// The arrays that its operation needs, in its order.
    pub arrays: Vec<Tensor>,
    /// What it writes.
    pub dims: Dims,
}

/// A network while it is read. Node 0 is the picture.
#[derive(Debug)]
pub struct Draft {
    /// The nodes.
    pub nodes: Vec<Node>,
    /// What was decided on the way.
    pub notes: Vec<Note>,
    /// Bytes of the arrays, and how many there may be.
    memory: (u64, u64),
    /// The names that are taken, each with the last number that was put behind it.
    names: BTreeMap<String, usize>,
}

/// No network for pictures has more nodes, once it is cleaned up.
pub const MOST: usize = 4096;
/// No value of one has more numbers.
const LARGEST: usize = 1 << 28;

/// A convolution's parameters, without those that its weights tell.
#[derive(Clone, Copy, Debug)]
pub struct Slide {
    /// From one window to the next.
    pub stride: [usize; 2],
    /// From one tap to the next.
    pub dilation: [usize; 2],
    /// `[top, left, bottom, right]`.
    pub pad: [usize; 4],
    /// Groups of channels.
    pub groups: usize,
}

impl Slide {
    /// Stride 1 without padding.
    pub const PLAIN: Self = Self { stride: [1, 1], dilation: [1, 1], pad: [0; 4], groups: 1 };

    /// This stride and padding on all sides.
    pub const fn new(stride: usize, pad: usize) -> Self {
        Self { stride: [stride, stride], pad: [pad; 4], ..Self::PLAIN }
    }

    /// With groups.
    pub const fn groups(self, groups: usize) -> Self {
        Self { groups, ..self }
    }
}

/// Padding that gives as many windows as the stride steps over `size` places, TensorFlow's SAME: `[before, after]`, an odd place
/// after.
pub const fn same(size: usize, kernel: usize, stride: usize, dilation: usize) -> [usize; 2] {
    let (kernel, stride) = (if kernel == 0 { 1 } else { kernel }, if stride == 0 { 1 } else { stride });
    let needed = (size.div_ceil(stride).saturating_sub(1))
        .saturating_mul(stride)
        .saturating_add((kernel - 1).saturating_mul(dilation).saturating_add(1));
    let total = needed.saturating_sub(size);
    [total / 2, total - total / 2]
}

impl Draft {
    /// Nothing but the picture; the arrays may take `memory` bytes.
    pub fn new(input: Dims, memory: u64) -> Self {
        let picture = Node { name: "input".into(), op: None, inputs: Vec::new(), arrays: Vec::new(), dims: input };
        Self {
            nodes: vec![picture],
            notes: Vec::new(),
            memory: (0, memory),
            names: BTreeMap::from([("input".into(), 0)]),
        }
    }

    /// What node `at` writes.
    pub fn dims(&self, at: usize) -> Dims {
        self.nodes[at].dims
    }

    /// `wanted`, or with a number behind it where it is taken; shortened, on one line.
    fn named(&mut self, wanted: &str) -> String {
        let plain: String =
            wanted.trim_matches('/').chars().map(|c| if c.is_control() || c == ' ' { '_' } else { c }).collect();
        let short: String = plain.chars().rev().take(60).collect::<Vec<_>>().into_iter().rev().collect();
        let short = if short.is_empty() { "node".to_owned() } else { short };
        let mut number = self.names.get(&short).copied().unwrap_or_default();
        let mut name = short.clone();
        while self.names.contains_key(&name) {
            number = number.max(1) + 1;
            name = format!("{short}_{number}");
        }
        self.names.insert(short, number);
        self.names.insert(name.clone(), 0);
        name
    }

    /// Adds a node and returns its number.
    ///
    /// # Errors
    /// [`ReadError`]: its inputs do not fit it, its arrays are of other shapes than it needs, or there is no memory for them.
    pub fn push(&mut self, name: &str, op: Op, inputs: Vec<usize>, arrays: Vec<Tensor>) -> Result<usize, ReadError> {
        if self.nodes.len() > MOST {
            return Err(ReadError::Nodes { nodes: self.nodes.len(), most: MOST });
        }
        let misfit = |what: String| ReadError::Op { op: format!("{} ({what})", op.name()), node: name.to_owned() };
        let below: Vec<Dims> = inputs.iter().map(|from| self.nodes[*from].dims).collect();
        if !op.arity().contains(&below.len()) {
            return Err(misfit(format!("{} inputs", below.len())));
        }
        let sum = below.iter().try_fold(0_usize, |sum, dims| sum.checked_add(dims.c));
        if sum.is_none_or(|sum| sum > LARGEST) {
            return Err(misfit("too many channels".into()));
        }
        let dims = op.shape(&below).map_err(|error| misfit(error.to_string()))?;
        let size = dims.c.checked_mul(dims.h).and_then(|n| n.checked_mul(dims.w));
        if size.is_none_or(|size| size > LARGEST || size == 0) {
            return Err(misfit(format!("writes {dims}")));
        }
        let needs = op.arrays(&below);
        let fits = needs.len() == arrays.len()
            && needs.iter().zip(&arrays).all(|(spec, array)| {
                spec.shape == array.shape && array.count() == spec.shape.iter().product::<usize>()
            });
        if !fits {
            return Err(ReadError::TensorShape { tensor: name.to_owned() });
        }
        self.memory.0 += arrays.iter().map(Tensor::bytes).sum::<u64>();
        if self.memory.0 > self.memory.1 {
            return Err(ReadError::Memory { needs: self.memory.0, most: self.memory.1 });
        }
        let name = self.named(name);
        self.nodes.push(Node { name, op: Some(op), inputs, arrays, dims });
        Ok(self.nodes.len() - 1)
    }

    /// A convolution with weights `[out, in / groups, rows, columns]`.
    ///
    /// # Errors
    /// As [`Draft::push`].
    pub fn conv(
        &mut self,
        name: &str,
        x: usize,
        slide: Slide,
        weight: Tensor,
        bias: Option<Vec<f32>>,
    ) -> Result<usize, ReadError> {
        let &[out, _, h, w] = weight.shape.as_slice() else {
            return Err(ReadError::TensorShape { tensor: name.to_owned() });
        };
        let Slide { stride, dilation, pad, groups } = slide;
        let conv = Conv { out, kernel: [h, w], stride, dilation, groups, pad, bias: bias.is_some() };
        let arrays = std::iter::once(weight).chain(bias.map(|bias| Tensor::new(vec![out], bias))).collect();
        self.push(name, Op::Conv(conv), vec![x], arrays)
    }

    /// A convolution as PyTorch keeps it.
    ///
    /// # Errors
    /// As [`Draft::push`].
    pub fn stored_conv(
        &mut self,
        name: &str,
        x: usize,
        slide: Slide,
        weight: &Stored,
        bias: Option<&Stored>,
    ) -> Result<usize, ReadError> {
        let bias = bias.map(Stored::values).transpose()?;
        self.conv(name, x, slide, Tensor::new(weight.shape.clone(), weight.values()?), bias)
    }

    /// A fully connected layer; maps are flattened for it.
    ///
    /// # Errors
    /// As [`Draft::push`].
    pub fn linear(
        &mut self,
        name: &str,
        x: usize,
        weight: &Stored,
        how: Matrix<'_>,
        bias: Option<Vec<f32>>,
    ) -> Result<usize, ReadError> {
        let x = self.flatten(x)?;
        let matrix = self.matrix(name, weight, how)?;
        let out = matrix.shape[0];
        let arrays = std::iter::once(matrix).chain(bias.map(|bias| Tensor::new(vec![out], bias))).collect::<Vec<_>>();
        self.push(name, Op::Linear(Linear { out, bias: arrays.len() > 1 }), vec![x], arrays)
    }

    /// Reads a matrix; says so where it was rounded to 16 bits.
    fn matrix(&mut self, name: &str, weight: &Stored, how: Matrix<'_>) -> Result<Tensor, ReadError> {
        let most = self.memory.1.saturating_sub(self.memory.0);
        let needs = 2 * weight.count() as u64;
        if needs > most {
            return Err(ReadError::Memory { needs: self.memory.0 + needs, most: self.memory.1 });
        }
        let matrix = how.read(weight)?;
        if matches!(matrix.values, Values::Int16 { .. }) {
            self.notes.push(Note::Quantised { node: name.to_owned(), weights: matrix.count() });
        }
        Ok(matrix)
    }

    /// The values of node `x` as a vector.
    ///
    /// # Errors
    /// As [`Draft::push`].
    pub fn flatten(&mut self, x: usize) -> Result<usize, ReadError> {
        if self.nodes[x].dims.places() == 1 {
            return Ok(x);
        }
        let done = self.nodes.iter().position(|node| matches!(node.op, Some(Op::Flatten(_))) && node.inputs == [x]);
        done.map_or_else(|| self.push("flatten", Op::Flatten(Flatten {}), vec![x], Vec::new()), Ok)
    }

    /// `scale x + shift`, a number of each a channel.
    ///
    /// # Errors
    /// As [`Draft::push`].
    pub fn affine(&mut self, name: &str, x: usize, scale: Vec<f32>, shift: Vec<f32>) -> Result<usize, ReadError> {
        let arrays = [scale, shift].map(|values| Tensor::new(vec![values.len()], values));
        self.push(name, Op::Affine(Affine {}), vec![x], arrays.into())
    }

    /// A function of every value.
    ///
    /// # Errors
    /// As [`Draft::push`].
    pub fn activation(&mut self, name: &str, x: usize, kind: Activation) -> Result<usize, ReadError> {
        self.push(name, Op::Activation(kind), vec![x], Vec::new())
    }

    /// Maxima of windows.
    ///
    /// # Errors
    /// As [`Draft::push`].
    pub fn max_pool(&mut self, name: &str, x: usize, pool: MaxPool) -> Result<usize, ReadError> {
        self.push(name, Op::MaxPool(pool), vec![x], Vec::new())
    }

    /// Means of windows; of all places, where that is one window.
    ///
    /// # Errors
    /// As [`Draft::push`].
    pub fn avg_pool(&mut self, name: &str, x: usize, pool: AvgPool) -> Result<usize, ReadError> {
        let Dims { h, w, .. } = self.nodes[x].dims;
        if pool.kernel == [h, w] && pool.pad == [0; 4] {
            return self.global_avg_pool(name, x);
        }
        self.push(name, Op::AvgPool(pool), vec![x], Vec::new())
    }

    /// Means of all places.
    ///
    /// # Errors
    /// As [`Draft::push`].
    pub fn global_avg_pool(&mut self, name: &str, x: usize) -> Result<usize, ReadError> {
        if self.nodes[x].dims.places() == 1 {
            return Ok(x);
        }
        self.push(name, Op::GlobalAvgPool(GlobalAvgPool {}), vec![x], Vec::new())
    }

    /// Zeros around the maps, where no operation behind them could take them in: a convolution of one tap a channel.
    ///
    /// # Errors
    /// As [`Draft::push`].
    pub fn padded(&mut self, name: &str, x: usize, pad: [usize; 4]) -> Result<usize, ReadError> {
        if pad == [0; 4] {
            return Ok(x);
        }
        let c = self.nodes[x].dims.c;
        let slide = Slide { pad, groups: c, ..Slide::PLAIN };
        self.conv(name, x, slide, Tensor::new(vec![c, 1, 1, 1], vec![1.0; c]), None)
    }
}

/// A max pool without padding, ceil mode or dilation.
pub const fn pool(kernel: usize, stride: usize) -> MaxPool {
    MaxPool { kernel: [kernel; 2], stride: [stride; 2], dilation: [1, 1], pad: [0; 4], ceil: false }
}

/// A batch normalisation as an affine map: `(scale, shift)` (Ioffe & Szegedy 2015, algorithm 2). Computed in float64, as the
/// frameworks' own folding has it.
///
/// # Errors
/// [`ReadError::TensorShape`]: not as many numbers of each.
pub fn normalisation(
    name: &str,
    [gamma, beta, mean, variance]: [&[f32]; 4],
    epsilon: f64,
) -> Result<(Vec<f32>, Vec<f32>), ReadError> {
    let n = mean.len();
    if [gamma, beta, variance].iter().any(|of| of.len() != n) {
        return Err(ReadError::TensorShape { tensor: name.to_owned() });
    }
    let scale: Vec<f64> =
        gamma.iter().zip(variance).map(|(g, v)| f64::from(*g) / (f64::from(*v) + epsilon).sqrt()).collect();
    let shift =
        beta.iter().zip(mean).zip(&scale).map(|((b, m), s)| (f64::from(*b) - f64::from(*m) * s) as f32).collect();
    Ok((scale.into_iter().map(|s| s as f32).collect(), shift))
}
