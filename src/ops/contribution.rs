//! Relevance of what is summed with fixed positive weights.

use cnn_lens_simd::Planes;

use super::rule::Rule;
use super::values::{divided, times};

/// The relevance of the inputs `a` of an average or a sum `z`: every input by its contribution to `z`.
pub fn by_contribution(a: &Planes, z: &Planes, r: &Planes, rule: &Rule, adjoint: impl Fn(&Planes) -> Planes) -> Planes {
    times(adjoint(&divided(r, z, rule.stabiliser(z))), a)
}
