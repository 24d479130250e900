//! Local response normalisation.

#[cfg(feature = "engine")]
use std::rc::Rc;

use super::{BadField, Dims, Fields, Misfit, Operator, Read};
#[cfg(feature = "engine")]
use super::{Module, Pass, values};
#[cfg(feature = "engine")]
use cnn_lens_simd::{Gate, Planes};

/// `y_c = x_c / s_c^beta` with `s_c = k + alpha / size * sum of x^2` over the `size` channels around `c` (Krizhevsky et al. 2012,
/// sec. 3.3, with Caffe's, PyTorch's and ONNX's division by `size`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lrn {
    /// Channels of the window; an even one has its extra channel after `c`, as in ONNX.
    pub size: usize,
    /// Weight of the squares' mean.
    pub alpha: f32,
    /// Exponent.
    pub beta: f32,
    /// What is added to the mean.
    pub k: f32,
}

impl Read for Lrn {
    fn read(fields: &mut Fields) -> Result<Self, BadField> {
        Ok(Self {
            size: fields.whole("size")?,
            alpha: fields.number("alpha")?,
            beta: fields.number("beta")?,
            k: fields.number("k")?,
        })
    }
}

impl Operator for Lrn {
    fn shape(&self, inputs: &[Dims]) -> Result<Dims, Misfit> {
        Misfit::check("size", self.size).map(|()| inputs[0])
    }

    /// Passed on as it is, as at an activation: the identity is the usual choice for a normalisation (Binder et al. 2016 is the
    /// other).
    #[cfg(feature = "engine")]
    fn passes_relevance_on(&self) -> bool {
        true
    }

    #[cfg(feature = "engine")]
    fn bind(&self, _: &[Dims], _: &[&[f32]]) -> Rc<dyn Module> {
        Rc::new(*self)
    }
}

#[cfg(feature = "engine")]
impl Lrn {
    /// The sum of `x` over the channels that lie `before` before each to `after` after it.
    fn summed(x: &Planes, before: usize, after: usize) -> Planes {
        let (plane, channels) = (x.shape.plane(), x.shape.c);
        let mut out = Planes::zeros(x.shape);
        let images = x.data.chunks_exact(channels * plane).zip(out.data.chunks_exact_mut(channels * plane));
        for (image, out) in images {
            for (c, out) in out.chunks_exact_mut(plane).enumerate() {
                let window = c.saturating_sub(before)..(c + after + 1).min(channels);
                for x in image.chunks_exact(plane).skip(window.start).take(window.len()) {
                    out.iter_mut().zip(x).for_each(|(sum, x)| *sum += x);
                }
            }
        }
        out
    }

    /// `s`, also in the border (which no other value sees).
    fn scale(&self, x: &Planes) -> Planes {
        let (before, after) = self.reach();
        let squares = values::zip(x.clone(), x, |a, b| a * b);
        let by = self.alpha / self.size as f32;
        let mut s = Self::summed(&squares, before, after);
        s.data.iter_mut().for_each(|s| *s = self.k + by * *s);
        s
    }

    const fn reach(&self) -> (usize, usize) {
        ((self.size - 1) / 2, self.size / 2)
    }
}

#[cfg(feature = "engine")]
impl Module for Lrn {
    fn forward(&self, x: &[&Planes]) -> Planes {
        let s = self.scale(x[0]);
        let mut y = values::map(&s, |s| s.powf(-self.beta));
        y.data.iter_mut().zip(&x[0].data).for_each(|(y, x)| *y *= x);
        y
    }

    /// `g_c s_c^-beta - 2 alpha beta / size * x_c * sum of g x s^(-beta - 1)` over the channels whose window holds `c`.
    fn adjoint(&self, at: &Pass<'_>, g: &Planes, _: Gate) -> Vec<Planes> {
        let (x, (before, after)) = (at.x[0], self.reach());
        let s = self.scale(x);
        // the gradient is 0 in the border, so every product is
        let direct = values::zip(g.clone(), &s, |g, s| if g == 0.0 { 0.0 } else { g * s.powf(-self.beta) });
        let shared = values::zip(values::times(direct.clone(), x), &s, |v, s| if v == 0.0 { 0.0 } else { v / s });
        let by = 2.0 * self.alpha * self.beta / self.size as f32;
        let shared = values::times(Self::summed(&shared, after, before), x);
        vec![values::zip(direct, &shared, |direct, shared| direct - by * shared)]
    }
}
