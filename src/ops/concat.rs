//! Channels of several inputs, one after another: fire modules, inception modules, dense blocks.

use std::ops::RangeInclusive;
#[cfg(feature = "engine")]
use std::rc::Rc;

use super::{BadField, Dims, Fields, Misfit, Operator, Read};
#[cfg(feature = "engine")]
use super::{Module, Pass, Rule};
#[cfg(feature = "engine")]
use cnn_lens_simd::{Gate, Planes};

/// The channels of its inputs in their order; rows and columns are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Concat {}

impl Read for Concat {
    fn read(_: &mut Fields) -> Result<Self, BadField> {
        Ok(Self {})
    }
}

impl Operator for Concat {
    fn arity(&self) -> RangeInclusive<usize> {
        1..=usize::MAX
    }

    fn shape(&self, inputs: &[Dims]) -> Result<Dims, Misfit> {
        let first = inputs[0];
        match inputs.iter().find(|dims| (dims.h, dims.w) != (first.h, first.w)) {
            Some(other) => Err(Misfit::Different(first, *other)),
            None => Ok(Dims { c: inputs.iter().map(|dims| dims.c).sum(), ..first }),
        }
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
impl Module for Concat {
    fn forward(&self, x: &[&Planes]) -> Planes {
        let shape = x[0].shape.channels(x.iter().map(|x| x.shape.c).sum());
        let mut data = Vec::with_capacity(shape.padded_len());
        for image in 0..shape.n {
            for x in x {
                let size = x.shape.batch(1).padded_len();
                data.extend_from_slice(&x.data[image * size..(image + 1) * size]);
            }
        }
        Planes { shape, data }
    }

    /// Every input's channels.
    fn adjoint(&self, at: &Pass<'_>, g: &Planes, _: Gate) -> Vec<Planes> {
        let image = g.shape.batch(1).padded_len();
        let mut from = 0;
        let part = |x: &&Planes| {
            let size = x.shape.batch(1).padded_len();
            let parts: Vec<&[f32]> = g.data.chunks_exact(image).map(|image| &image[from..from + size]).collect();
            from += size;
            Planes { shape: x.shape, data: parts.concat() }
        };
        at.x.iter().map(part).collect()
    }
}
