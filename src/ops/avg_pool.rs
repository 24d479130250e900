//! Mean of a window.

#[cfg(feature = "engine")]
use std::rc::Rc;

use super::{BadField, Dims, Field, Fields, Misfit, Operator, Read, Window};
#[cfg(feature = "engine")]
use super::{Module, Pass, Rule, contribution::by_contribution};
#[cfg(feature = "engine")]
use cnn_lens_simd::{Gate, Planes, Shape, pool_window};

/// The mean of each window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AvgPool {
    /// `[rows, columns]` of the window.
    pub kernel: [usize; 2],
    /// From one window to the next.
    pub stride: [usize; 2],
    /// `[top, left, bottom, right]`.
    pub pad: [usize; 4],
    /// Whether a last window that lies only partly inside counts.
    pub ceil: bool,
    /// Whether the padding counts as zeros; otherwise only what lies inside is averaged.
    pub include_pad: bool,
}

impl Read for AvgPool {
    fn read(fields: &mut Fields) -> Result<Self, BadField> {
        Ok(Self {
            kernel: fields.wholes("kernel")?,
            stride: fields.wholes_or("stride", 1)?,
            pad: fields.wholes_or("pad", 0)?,
            ceil: fields.flag_or("ceil", false)?,
            include_pad: fields.flag_or("include_pad", false)?,
        })
    }
}

impl AvgPool {
    /// The window over which it averages.
    pub const fn window(&self) -> Window {
        let Self { kernel, stride, pad, ceil, .. } = *self;
        Window { kernel, stride, dilation: [1, 1], pad, ceil }
    }
}

impl Operator for AvgPool {
    fn shape(&self, inputs: &[Dims]) -> Result<Dims, Misfit> {
        let [h, w] = self.window().pooled(inputs[0])?;
        Ok(Dims::new(inputs[0].c, h, w))
    }

    fn field(&self, below: Field) -> Field {
        self.window().field(below)
    }

    #[cfg(feature = "engine")]
    fn relevance(&self, at: &Pass<'_>, r: &Planes, rule: &Rule) -> Vec<Planes> {
        let x = at.x[0];
        vec![by_contribution(x, at.y, r, rule, |t| self.below(t, x.shape))]
    }

    #[cfg(feature = "engine")]
    fn bind(&self, _: &[Dims], _: &[&[f32]]) -> Rc<dyn Module> {
        Rc::new(*self)
    }
}

#[cfg(feature = "engine")]
impl AvgPool {
    /// `sums`, each divided by how many values its window counts in an input of shape `below`.
    fn divide(&self, mut sums: Planes, below: Shape) -> Planes {
        let count = |axis: usize, n: usize, i: usize| {
            let (from, before) = (i * self.stride[axis], self.pad[axis]);
            let to = (from + self.kernel[axis]).min(n + before + self.pad[axis + 2]);
            let inside = if self.include_pad { from..to } else { from.max(before)..to.min(n + before) };
            inside.len() as f32
        };
        let across: Vec<f32> = (0..sums.shape.w).map(|x| count(1, below.w, x)).collect();
        for plane in 0..sums.shape.planes() {
            for y in 0..sums.shape.h {
                let down = count(0, below.h, y);
                sums.row_mut(plane, y).iter_mut().zip(&across).for_each(|(v, across)| *v /= down * across);
            }
        }
        sums
    }

    fn below(&self, g: &Planes, below: Shape) -> Planes {
        pool_window::sum_pool_adjoint(&self.divide(g.clone(), below), &self.window().geometry(), below)
    }
}

#[cfg(feature = "engine")]
impl Module for AvgPool {
    fn forward(&self, x: &[&Planes]) -> Planes {
        // checked when the graph was: the window fits
        let places = self.window().places(super::values::dims(x[0])).unwrap_or_default();
        self.divide(pool_window::sum_pool(x[0], &self.window().geometry(), places), x[0].shape)
    }

    fn adjoint(&self, at: &Pass<'_>, g: &Planes, _: Gate) -> Vec<Planes> {
        vec![self.below(g, at.x[0].shape)]
    }
}
