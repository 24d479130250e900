//! Fully connected layer.

#[cfg(feature = "engine")]
use std::rc::Rc;

use super::{ArraySpec, BadField, Dims, Field, Fields, Misfit, Operator, Read};
#[cfg(feature = "engine")]
use super::{LinearMap, Module, Pass};
#[cfg(feature = "engine")]
use cnn_lens_simd::{Gate, Planes, Reweigh, Rounded, Shape, axpy, dot};

/// `y = W x + b` of a vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Linear {
    /// Values written.
    pub out: usize,
    /// Whether a number is added to each.
    pub bias: bool,
}

impl Linear {
    /// A layer with more weights than this has them in 16 bits where they are a visitor's: VGG16's fc6 and fc7, AlexNet's.
    pub const LARGE: usize = 8_000_000;
}

impl Read for Linear {
    fn read(fields: &mut Fields) -> Result<Self, BadField> {
        Ok(Self { out: fields.whole("out")?, bias: fields.flag_or("bias", true)? })
    }
}

impl Operator for Linear {
    fn shape(&self, inputs: &[Dims]) -> Result<Dims, Misfit> {
        Misfit::check("out", self.out)?;
        if inputs[0].places() == 1 { Ok(Dims::vector(self.out)) } else { Err(Misfit::Places(inputs[0])) }
    }

    fn field(&self, _: Field) -> Field {
        Field::Whole
    }

    fn arrays(&self, inputs: &[Dims]) -> Vec<ArraySpec> {
        let weight = ArraySpec { suffix: "weight", shape: vec![self.out, inputs[0].c] };
        let bias = ArraySpec { suffix: "bias", shape: vec![self.out] };
        if self.bias { vec![weight, bias] } else { vec![weight] }
    }

    #[cfg(feature = "engine")]
    fn bind(&self, _: &[Dims], arrays: &[&[f32]]) -> Rc<dyn Module> {
        Rc::new(Matrix { weight: Weight::Exact(arrays[0].to_vec()), bias: self.bias(arrays.get(1).copied()) })
    }
}

#[cfg(feature = "engine")]
impl Linear {
    /// As [`Operator::bind`], with weights that stay in 16 bits: `[out, in]`.
    pub fn bind_rounded(&self, weight: Rounded, bias: Option<&[f32]>) -> Rc<dyn Module> {
        Rc::new(Matrix { weight: Weight::Rounded(weight, Reweigh::NONE), bias: self.bias(bias) })
    }

    /// The layer with every weight 1 and nothing added, which needs no memory for them.
    pub fn bind_ones(&self) -> Rc<dyn Module> {
        Rc::new(Matrix { weight: Weight::Ones, bias: vec![0.0; self.out] })
    }

    fn bias(&self, given: Option<&[f32]>) -> Vec<f32> {
        given.map_or_else(|| vec![0.0; self.out], <[f32]>::to_vec)
    }
}

/// Row-major `[out, in]`.
#[cfg(feature = "engine")]
enum Weight {
    Exact(Vec<f32>),
    /// Unfolded row by row, with this change, where they are used.
    Rounded(Rounded, Reweigh),
    /// 1 everywhere.
    Ones,
}

#[cfg(feature = "engine")]
impl Weight {
    /// Calls `each` with the number and the values of those of `rows` rows of `columns` values that are `wanted`.
    fn rows(&self, [rows, columns]: [usize; 2], wanted: impl Fn(usize) -> bool, mut each: impl FnMut(usize, &[f32])) {
        let wanted = (0..rows).filter(|row| wanted(*row));
        match self {
            Self::Exact(weight) => wanted.for_each(|row| each(row, &weight[row * columns..][..columns])),
            Self::Rounded(weight, how) => {
                let mut values = vec![0.0; columns];
                for row in wanted {
                    weight.unfold(row, how, &mut values);
                    each(row, &values);
                }
            }
            Self::Ones => {
                let values = vec![1.0; columns];
                wanted.for_each(|row| each(row, &values));
            }
        }
    }

    fn reweighed(&self, how: Reweigh) -> Self {
        match self {
            Self::Exact(weight) => Self::Exact(weight.iter().map(|w| how.weight(*w)).collect()),
            Self::Rounded(weight, before) => Self::Rounded(weight.clone(), before.then(&how)),
            Self::Ones => Self::Ones,
        }
    }
}

/// The weights, and one number an output.
#[cfg(feature = "engine")]
struct Matrix {
    weight: Weight,
    bias: Vec<f32>,
}

#[cfg(feature = "engine")]
impl LinearMap for Matrix {
    fn apply(&self, a: &Planes, bias: bool) -> Planes {
        let (rows, columns) = (self.bias.len(), a.shape.c);
        let (x, mut y) = (a.dense(), vec![0.0; a.shape.n * rows]);
        // a row serves all images before the next is unfolded
        self.weight.rows(
            [rows, columns],
            |_| true,
            |row, w| {
                for (x, y) in x.chunks_exact(columns).zip(y.chunks_exact_mut(rows)) {
                    y[row] = dot(w, x) + if bias { self.bias[row] } else { 0.0 };
                }
            },
        );
        Planes::from_dense(a.shape.channels(rows), &y)
    }

    fn adjoint(&self, g: &Planes, below: Shape) -> Planes {
        let (rows, columns) = (g.shape.c, below.c);
        let (g, mut x) = (g.dense(), vec![0.0; below.n * columns]);
        let needed = |row: usize| g.chunks_exact(rows).any(|g| g[row] != 0.0);
        self.weight.rows([rows, columns], needed, |row, w| {
            let images = g.chunks_exact(rows).zip(x.chunks_exact_mut(columns));
            images.filter(|(g, _)| g[row] != 0.0).for_each(|(g, x)| axpy(g[row], w, x));
        });
        Planes::from_dense(below, &x)
    }

    fn reweighed(&self, how: Reweigh) -> Rc<dyn LinearMap> {
        Rc::new(Self { weight: self.weight.reweighed(how), bias: self.bias.iter().map(|b| how.bias(*b)).collect() })
    }
}

#[cfg(feature = "engine")]
impl Module for Matrix {
    fn forward(&self, x: &[&Planes]) -> Planes {
        self.apply(x[0], true)
    }

    fn adjoint(&self, at: &Pass<'_>, g: &Planes, _: Gate) -> Vec<Planes> {
        vec![LinearMap::adjoint(self, g, at.x[0].shape)]
    }

    fn linear(self: Rc<Self>) -> Option<Rc<dyn LinearMap>> {
        Some(self)
    }
}
