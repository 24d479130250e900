//! How a picture is held while it climbs: as a spectrum of decorrelated colours, or as pixels.

use super::Spectrum;
use crate::catalog::NetworkSpec;
use crate::engine::noise::Noise;

/// The map from parameters to a picture `[3, side, side]` (0..1 is what can be shown) and its adjoint.
#[derive(Clone, Debug)]
pub enum Canvas {
    /// A spectrum of decorrelated colours, as Lucid climbs in it.
    Spectrum(Spectrum),
    /// `x = scale theta + shift` per channel, without bounds of its own.
    Pixels {
        /// Rows and columns of the picture.
        side: usize,
        /// The factor of every channel.
        scale: [f32; 3],
        /// What is added to every channel.
        shift: [f32; 3],
    },
}

impl Canvas {
    /// A [`Canvas::Spectrum`] for pictures of `side` x `side`.
    pub fn spectrum(side: usize) -> Self {
        Self::Spectrum(Spectrum::new(side))
    }

    /// Parameters are the network's own normalised values.
    pub fn normalised(side: usize, spec: &NetworkSpec) -> Self {
        Self::Pixels { side, scale: spec.std, shift: spec.mean }
    }

    /// Parameters are grey levels, 0..255, after `shift` was taken off.
    pub const fn grey_levels(side: usize, shift: [f32; 3]) -> Self {
        Self::Pixels { side, scale: [1.0 / 255.0; 3], shift }
    }

    /// How many parameters one picture has.
    pub fn len(&self) -> usize {
        match self {
            Self::Spectrum(s) => s.len(),
            Self::Pixels { side, .. } => 3 * side * side,
        }
    }

    /// Whether there are no parameters: a picture without pixels.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Normal noise, the `picture`-th of a batch.
    pub fn noise(&self, seed: u64, picture: u64, deviation: f32) -> Vec<f32> {
        let noise = Noise::new(seed, picture << 32);
        (0..self.len() as u64).map(|i| deviation * noise.normal(i)).collect()
    }

    /// The picture `[3, side, side]` that the parameters `theta` stand for.
    pub fn picture(&self, theta: &[f32]) -> Vec<f32> {
        match self {
            Self::Spectrum(s) => s.picture(theta),
            Self::Pixels { side, scale, shift } => per_channel(theta, *side, |c, v| v * scale[c] + shift[c]),
        }
    }

    /// The gradient with respect to the parameters, from the gradient `g` with respect to the `picture` that they stand for.
    pub fn gradient(&self, picture: &[f32], g: &[f32]) -> Vec<f32> {
        match self {
            Self::Spectrum(s) => s.gradient(picture, g),
            Self::Pixels { side, scale, .. } => per_channel(g, *side, |c, v| v * scale[c]),
        }
    }

    /// Parameters whose picture is `x`; for pixels only, a spectrum keeps `theta`.
    pub fn held(&self, x: &[f32], theta: Vec<f32>) -> Vec<f32> {
        match self {
            Self::Spectrum(_) => theta,
            Self::Pixels { side, scale, shift } => per_channel(x, *side, |c, v| (v - shift[c]) / scale[c]),
        }
    }
}

/// `f(channel, value)` of every value of a `[3, side, side]` picture.
pub fn per_channel(x: &[f32], side: usize, f: impl Fn(usize, f32) -> f32) -> Vec<f32> {
    x.iter().enumerate().map(|(i, v)| f(i / (side * side), *v)).collect()
}
