//! Sum of several inputs: residual networks' skips.

use std::ops::RangeInclusive;
#[cfg(feature = "engine")]
use std::rc::Rc;

use super::{BadField, Dims, Fields, Misfit, Operator, Read};
#[cfg(feature = "engine")]
use super::{Module, Pass, Rule, contribution::by_contribution, values};
#[cfg(feature = "engine")]
use cnn_lens_simd::{Gate, Planes};

/// The sum of inputs of one shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Add {}

impl Read for Add {
    fn read(_: &mut Fields) -> Result<Self, BadField> {
        Ok(Self {})
    }
}

impl Operator for Add {
    fn arity(&self) -> RangeInclusive<usize> {
        2..=usize::MAX
    }

    fn shape(&self, inputs: &[Dims]) -> Result<Dims, Misfit> {
        let first = inputs[0];
        match inputs.iter().find(|dims| **dims != first) {
            Some(other) => Err(Misfit::Different(first, *other)),
            None => Ok(first),
        }
    }

    /// Every input by its share of the sum.
    #[cfg(feature = "engine")]
    fn relevance(&self, at: &Pass<'_>, r: &Planes, rule: &Rule) -> Vec<Planes> {
        at.x.iter().map(|x| by_contribution(x, at.y, r, rule, Clone::clone)).collect()
    }

    #[cfg(feature = "engine")]
    fn bind(&self, _: &[Dims], _: &[&[f32]]) -> Rc<dyn Module> {
        Rc::new(*self)
    }
}

#[cfg(feature = "engine")]
impl Module for Add {
    fn forward(&self, x: &[&Planes]) -> Planes {
        x[1..].iter().fold(x[0].clone(), |sum, x| values::zip(sum, x, |a, b| a + b))
    }

    fn adjoint(&self, at: &Pass<'_>, g: &Planes, _: Gate) -> Vec<Planes> {
        vec![g.clone(); at.x.len()]
    }
}
