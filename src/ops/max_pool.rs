//! Maximum of a window.

#[cfg(feature = "engine")]
use std::rc::Rc;

use super::{BadField, Dims, Field, Fields, Misfit, Operator, Read, Window};
#[cfg(feature = "engine")]
use super::{Module, Pass, Rule, contribution::by_contribution};
#[cfg(feature = "engine")]
use cnn_lens_simd::{Gate, Planes, pool, pool_window};

/// The maximum of each window; padding never wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxPool {
    /// `[rows, columns]` of the window.
    pub kernel: [usize; 2],
    /// From one window to the next.
    pub stride: [usize; 2],
    /// From one tap to the next.
    pub dilation: [usize; 2],
    /// `[top, left, bottom, right]`.
    pub pad: [usize; 4],
    /// Whether a last window that lies only partly inside counts.
    pub ceil: bool,
}

impl Read for MaxPool {
    fn read(fields: &mut Fields) -> Result<Self, BadField> {
        Ok(Self {
            kernel: fields.wholes("kernel")?,
            stride: fields.wholes_or("stride", 1)?,
            dilation: fields.wholes_or("dilation", 1)?,
            pad: fields.wholes_or("pad", 0)?,
            ceil: fields.flag_or("ceil", false)?,
        })
    }
}

impl MaxPool {
    /// The window of which it keeps the largest value.
    pub const fn window(&self) -> Window {
        let Self { kernel, stride, dilation, pad, ceil } = *self;
        Window { kernel, stride, dilation, pad, ceil }
    }
}

impl Operator for MaxPool {
    fn shape(&self, inputs: &[Dims]) -> Result<Dims, Misfit> {
        let [h, w] = self.window().pooled(inputs[0])?;
        Ok(Dims::new(inputs[0].c, h, w))
    }

    fn field(&self, below: Field) -> Field {
        self.window().field(below)
    }

    /// The winner takes all, or every value of the window takes its share.
    #[cfg(feature = "engine")]
    fn relevance(&self, at: &Pass<'_>, r: &Planes, rule: &Rule) -> Vec<Planes> {
        if !rule.average {
            return Module::adjoint(self, at, r, Gate::Relu);
        }
        let (window, x) = (self.window().geometry(), at.x[0]);
        let z = pool_window::sum_pool(x, &window, [r.shape.h, r.shape.w]);
        vec![by_contribution(x, &z, r, rule, |t| pool_window::sum_pool_adjoint(t, &window, x.shape))]
    }

    #[cfg(feature = "engine")]
    fn bind(&self, _: &[Dims], _: &[&[f32]]) -> Rc<dyn Module> {
        Rc::new(*self)
    }
}

#[cfg(feature = "engine")]
impl MaxPool {
    /// Whether the kernel for 2x2 windows, stride 2, serves.
    fn halves(&self, x: &Planes) -> bool {
        let plain = Self { kernel: [2, 2], stride: [2, 2], dilation: [1, 1], pad: [0; 4], ceil: self.ceil };
        let even = x.shape.h.is_multiple_of(2) && x.shape.w.is_multiple_of(2);
        *self == plain && (even || !self.ceil)
    }
}

#[cfg(feature = "engine")]
impl Module for MaxPool {
    fn forward(&self, x: &[&Planes]) -> Planes {
        if self.halves(x[0]) {
            return pool::max_pool(x[0]);
        }
        // checked when the graph was: the window fits
        let places = self.window().places(super::values::dims(x[0])).unwrap_or_default();
        pool_window::max_pool(x[0], &self.window().geometry(), places)
    }

    fn adjoint(&self, at: &Pass<'_>, g: &Planes, _: Gate) -> Vec<Planes> {
        vec![if self.halves(at.x[0]) {
            pool::max_pool_adjoint(at.x[0], g, None)
        } else {
            pool_window::max_pool_adjoint(at.x[0], at.y, &self.window().geometry(), g, None)
        }]
    }

    fn adjoint_and_relu(&self, at: &Pass<'_>, g: &Planes, gate: Gate) -> Option<Planes> {
        Some(if self.halves(at.x[0]) {
            pool::max_pool_adjoint(at.x[0], g, Some(gate))
        } else {
            pool_window::max_pool_adjoint(at.x[0], at.y, &self.window().geometry(), g, Some(gate))
        })
    }
}
