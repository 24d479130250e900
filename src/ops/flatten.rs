//! A vector of all values.

#[cfg(feature = "engine")]
use std::rc::Rc;

use super::{BadField, Dims, Field, Fields, Misfit, Operator, Read};
#[cfg(feature = "engine")]
use super::{Module, Pass, Rule};
#[cfg(feature = "engine")]
use cnn_lens_simd::{Gate, Planes, Shape};

/// All values as channels of one place, in the order channel, row, column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flatten {}

impl Read for Flatten {
    fn read(_: &mut Fields) -> Result<Self, BadField> {
        Ok(Self {})
    }
}

impl Operator for Flatten {
    fn shape(&self, inputs: &[Dims]) -> Result<Dims, Misfit> {
        Ok(Dims::vector(inputs[0].c * inputs[0].places()))
    }

    /// A vector's units stand at no place of their own.
    fn field(&self, _: Field) -> Field {
        Field::Whole
    }

    #[cfg(feature = "engine")]
    fn relevance(&self, at: &Pass<'_>, r: &Planes, _: &Rule) -> Vec<Planes> {
        Module::adjoint(self, at, r, Gate::Relu)
    }

    #[cfg(feature = "engine")]
    fn bind(&self, _: &[Dims], _: &[&[f32]]) -> Rc<dyn Module> {
        Rc::new(*self)
    }
}

#[cfg(feature = "engine")]
impl Module for Flatten {
    fn forward(&self, x: &[&Planes]) -> Planes {
        let Shape { n, c, h, w } = x[0].shape;
        Planes::from_dense(Shape::new(c * h * w, 1, 1).batch(n), &x[0].dense())
    }

    fn adjoint(&self, at: &Pass<'_>, g: &Planes, _: Gate) -> Vec<Planes> {
        vec![Planes::from_dense(at.x[0].shape, &g.dense())]
    }
}
