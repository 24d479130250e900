//! Fully connected layer.

#[cfg(feature = "engine")]
use std::rc::Rc;

use super::{ArraySpec, BadField, Dims, Field, Fields, Misfit, Operator, Read};
#[cfg(feature = "engine")]
use super::{LinearMap, Module, Pass};
#[cfg(feature = "engine")]
use cnn_lens_simd::{Gate, Planes, Reweigh, Shape, axpy, dot};

/// `y = W x + b` of a vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Linear {
    /// Values written.
    pub out: usize,
    /// Whether a number is added to each.
    pub bias: bool,
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
        let bias = arrays.get(1).map_or_else(|| vec![0.0; self.out], |bias| bias.to_vec());
        Rc::new(Matrix { weight: arrays[0].to_vec(), bias })
    }
}

/// Row-major `[out, in]`, and one number an output.
#[cfg(feature = "engine")]
struct Matrix {
    weight: Vec<f32>,
    bias: Vec<f32>,
}

#[cfg(feature = "engine")]
impl LinearMap for Matrix {
    fn apply(&self, a: &Planes, bias: bool) -> Planes {
        let shape = a.shape.channels(self.bias.len());
        let rows = |x: &[f32]| self.weight.chunks_exact(x.len()).map(|w| dot(w, x)).collect::<Vec<f32>>();
        let mut y: Vec<f32> = a.dense().chunks_exact(a.shape.c).flat_map(rows).collect();
        if bias {
            y.iter_mut().zip(self.bias.iter().cycle()).for_each(|(y, b)| *y += b);
        }
        Planes::from_dense(shape, &y)
    }

    fn adjoint(&self, g: &Planes, below: Shape) -> Planes {
        let columns = |g: &[f32]| {
            let mut x = vec![0.0; below.c];
            let rows = self.weight.chunks_exact(below.c).zip(g).filter(|(_, g)| **g != 0.0);
            rows.for_each(|(w, g)| axpy(*g, w, &mut x));
            x
        };
        let x: Vec<f32> = g.dense().chunks_exact(g.shape.c).flat_map(columns).collect();
        Planes::from_dense(below, &x)
    }

    fn reweighed(&self, how: Reweigh) -> Rc<dyn LinearMap> {
        Rc::new(Self {
            weight: self.weight.iter().map(|w| how.weight(*w)).collect(),
            bias: self.bias.iter().map(|b| how.bias(*b)).collect(),
        })
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
