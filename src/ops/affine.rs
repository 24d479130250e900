//! A batch normalisation that could not be folded into a convolution (DenseNet's stand before the ReLU).

#[cfg(feature = "engine")]
use std::rc::Rc;

use super::{ArraySpec, BadField, Dims, Fields, Misfit, Operator, Read};
#[cfg(feature = "engine")]
use super::{LinearMap, Module, Pass, Rule, Share, Stabiliser};
#[cfg(feature = "engine")]
use cnn_lens_simd::{Gate, Planes, Reweigh, Shape};

/// `y = scale x + shift`, one of each a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Affine {}

impl Read for Affine {
    fn read(_: &mut Fields) -> Result<Self, BadField> {
        Ok(Self {})
    }
}

impl Operator for Affine {
    fn shape(&self, inputs: &[Dims]) -> Result<Dims, Misfit> {
        Ok(inputs[0])
    }

    fn arrays(&self, inputs: &[Dims]) -> Vec<ArraySpec> {
        ["scale", "shift"].map(|suffix| ArraySpec { suffix, shape: vec![inputs[0].c] }).into()
    }

    /// Every output reads one input, so there is nothing to share but with the shift.
    #[cfg(feature = "engine")]
    fn rule(&self, rule: Rule) -> Rule {
        match rule.share {
            Share::Epsilon(_) => rule,
            _ => Rule { share: Share::Epsilon(Stabiliser::Absolute(0.0)), ..rule },
        }
    }

    #[cfg(feature = "engine")]
    fn bind(&self, _: &[Dims], arrays: &[&[f32]]) -> Rc<dyn Module> {
        Rc::new(Scale { scale: arrays[0].to_vec(), shift: arrays[1].to_vec() })
    }
}

#[cfg(feature = "engine")]
struct Scale {
    scale: Vec<f32>,
    shift: Vec<f32>,
}

#[cfg(feature = "engine")]
impl LinearMap for Scale {
    fn apply(&self, x: &Planes, bias: bool) -> Planes {
        let mut out = x.clone();
        for plane in 0..x.shape.planes() {
            let c = plane % x.shape.c;
            let (scale, shift) = (self.scale[c], if bias { self.shift[c] } else { 0.0 });
            (0..x.shape.h).for_each(|y| out.row_mut(plane, y).iter_mut().for_each(|v| *v = scale * *v + shift));
        }
        out
    }

    fn adjoint(&self, g: &Planes, _: Shape) -> Planes {
        self.apply(g, false)
    }

    fn reweighed(&self, how: Reweigh) -> Rc<dyn LinearMap> {
        Rc::new(Self {
            scale: self.scale.iter().map(|w| how.weight(*w)).collect(),
            shift: self.shift.iter().map(|b| how.bias(*b)).collect(),
        })
    }
}

#[cfg(feature = "engine")]
impl Module for Scale {
    fn forward(&self, x: &[&Planes]) -> Planes {
        self.apply(x[0], true)
    }

    fn adjoint(&self, _: &Pass<'_>, g: &Planes, _: Gate) -> Vec<Planes> {
        vec![self.apply(g, false)]
    }

    fn linear(self: Rc<Self>) -> Option<Rc<dyn LinearMap>> {
        Some(self)
    }
}
