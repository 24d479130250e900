//! The rules of layer-wise relevance propagation, as data (Bach et al. 2015; Montavon et al. 2019, table 1).

use cnn_lens_simd::Planes;

/// What keeps a denominator from 0; added with the denominator's sign.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Stabiliser {
    /// A number.
    Absolute(f32),
    /// A share of the root mean square of all denominators.
    Rms(f32),
}

impl Stabiliser {
    /// The number for the denominators `z`.
    pub fn of(self, z: &Planes) -> f32 {
        match self {
            Self::Absolute(epsilon) => epsilon,
            Self::Rms(share) => share * rms(z),
        }
    }
}

/// How a layer `z = W a + b` shares the relevance `R` of its outputs among its inputs `a`.
#[derive(Clone, Debug, PartialEq)]
pub enum Share {
    /// `R_in = a W' (R / (z + e))`, `e` with the sign of `z`.
    Epsilon(Stabiliser),
    /// As epsilon 0 with `W + gamma max(W, 0)`, biases alike.
    Gamma(f32),
    /// `alpha` times the share of what excites less `beta` times the share of what inhibits. A positive weight excites on a
    /// positive input, a negative one on a negative input.
    AlphaBeta(f32, f32),
    /// `w^2` without weights: evenly to everything that the output reads.
    Flat,
    /// `z^B`, for inputs with bounds: the lowest and the highest value of each channel.
    Box {
        /// One number per channel.
        low: Vec<f32>,
        /// One number per channel.
        high: Vec<f32>,
    },
}

impl Share {
    /// The `z+` rule: alpha 1, beta 0.
    pub const Z_PLUS: Self = Self::AlphaBeta(1.0, 0.0);
}

/// The rule of one node.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// How it shares, where it has weights. What has none (an addition, an average) shares by contribution.
    pub share: Share,
    /// Whether its biases take their share (which is then missing below); otherwise they are left out.
    pub bias: bool,
    /// Whether a max pool shares like an average pool; otherwise the winner takes all.
    pub average: bool,
}

impl Rule {
    /// A rule with biases, where max pools' winners take all.
    pub const fn new(share: Share) -> Self {
        Self { share, bias: true, average: false }
    }

    /// What keeps the denominators of a node without weights from 0.
    pub(super) fn stabiliser(&self, z: &Planes) -> f32 {
        if let Share::Epsilon(stabiliser) = self.share { stabiliser.of(z) } else { 0.0 }
    }
}

/// `R / z`, 0 where there is nothing to hand down; `z` is kept from 0 by `epsilon`.
pub fn quotient(r: f32, z: f32, epsilon: f32) -> f32 {
    if r == 0.0 { 0.0 } else { r / (z + (epsilon + 1e-9).copysign(z)) }
}

/// The root of the mean square of all values.
pub fn rms(z: &Planes) -> f32 {
    let sum: f64 = z.data.iter().map(|v| f64::from(*v).powi(2)).sum();
    (sum / z.shape.len().max(1) as f64).sqrt() as f32
}
