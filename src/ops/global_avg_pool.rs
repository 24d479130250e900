//! Mean of every channel.

#[cfg(feature = "engine")]
use std::rc::Rc;

use super::{BadField, Dims, Field, Fields, Misfit, Operator, Read};
#[cfg(feature = "engine")]
use super::{Module, Pass, Rule, contribution::by_contribution};
#[cfg(feature = "engine")]
use cnn_lens_simd::{Gate, Planes, Shape, sum};

/// The mean over all places of each channel (Lin et al. 2014, "Network in network", sec. 3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GlobalAvgPool {}

impl Read for GlobalAvgPool {
    fn read(_: &mut Fields) -> Result<Self, BadField> {
        Ok(Self {})
    }
}

impl Operator for GlobalAvgPool {
    fn shape(&self, inputs: &[Dims]) -> Result<Dims, Misfit> {
        Ok(Dims::vector(inputs[0].c))
    }

    fn field(&self, _: Field) -> Field {
        Field::Whole
    }

    #[cfg(feature = "engine")]
    fn relevance(&self, at: &Pass<'_>, r: &Planes, rule: &Rule) -> Vec<Planes> {
        vec![by_contribution(at.x[0], at.y, r, rule, |t| spread(t, at.x[0].shape))]
    }

    #[cfg(feature = "engine")]
    fn bind(&self, _: &[Dims], _: &[&[f32]]) -> Rc<dyn Module> {
        Rc::new(*self)
    }
}

/// Every place's share of the gradient.
#[cfg(feature = "engine")]
fn spread(g: &Planes, below: Shape) -> Planes {
    let mut out = Planes::zeros(below);
    for plane in 0..below.planes() {
        let share = g.row(plane, 0)[0] / (below.h * below.w) as f32;
        (0..below.h).for_each(|y| out.row_mut(plane, y).fill(share));
    }
    out
}

#[cfg(feature = "engine")]
impl Module for GlobalAvgPool {
    fn forward(&self, x: &[&Planes]) -> Planes {
        let shape = x[0].shape;
        // the border is zero and adds nothing
        let mean = |plane: &[f32]| sum(plane) / (shape.h * shape.w) as f32;
        let means: Vec<f32> = x[0].data.chunks_exact(shape.plane()).map(mean).collect();
        Planes::from_dense(Shape { h: 1, w: 1, ..shape }, &means)
    }

    fn adjoint(&self, at: &Pass<'_>, g: &Planes, _: Gate) -> Vec<Planes> {
        vec![spread(g, at.x[0].shape)]
    }
}
