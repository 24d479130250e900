//! Relevance through a linear layer, whatever its weights look like (Montavon et al. 2019, sec. 10.2).

use cnn_lens_simd::{Planes, Reweigh, Shape};

use super::rule::{Rule, Share};
use super::values::{divided, fill, times, zip};

/// A layer `z = W a + b`.
pub trait LinearMap: Sized {
    /// `W a`, and `+ b` with `bias`.
    fn apply(&self, a: &Planes, bias: bool) -> Planes;

    /// `W' g`, for inputs of shape `below`.
    fn adjoint(&self, g: &Planes, below: Shape) -> Planes;

    /// The same layer with weights and biases changed.
    fn reweigh(&self, how: Reweigh) -> Self;

    /// The same layer with every weight 1.
    fn ones(&self) -> Self;
}

/// The positive weights (and biases) times one number, the negative times another.
const fn factors(positive: f32, negative: f32) -> Reweigh {
    Reweigh { positive, negative, bias: true }
}

/// One share: `factor * a * W'(R / z)`.
struct Part<'a, M> {
    map: &'a M,
    a: &'a Planes,
    factor: f32,
}

impl<M: LinearMap> Part<'_, M> {
    /// Adds to `below` what `t = R / z` hands down.
    fn hand_down(&self, t: &Planes, below: &mut Planes) {
        let share = self.map.adjoint(t, self.a.shape);
        for ((below, share), a) in below.data.iter_mut().zip(&share.data).zip(&self.a.data) {
            *below += self.factor * a * share;
        }
    }
}

/// The relevance of the inputs `a`, given that of the outputs.
pub fn relevance<M: LinearMap>(map: &M, a: &Planes, r: &Planes, rule: &Rule) -> Planes {
    let mut below = Planes::zeros(a.shape);
    let mut share = |z: &Planes, epsilon: f32, parts: &[Part<'_, M>]| {
        let t = divided(r, z, epsilon);
        parts.iter().for_each(|part| part.hand_down(&t, &mut below));
    };
    match &rule.share {
        Share::Epsilon(stabiliser) => {
            let z = map.apply(a, rule.bias);
            share(&z, stabiliser.of(&z), &[Part { map, a, factor: 1.0 }]);
        }
        Share::Gamma(gamma) => {
            let map = map.reweigh(factors(1.0 + gamma, 1.0));
            share(&map.apply(a, rule.bias), 0.0, &[Part { map: &map, a, factor: 1.0 }]);
        }
        Share::AlphaBeta(alpha, beta) => {
            let (plus, minus) = (map.reweigh(factors(1.0, 0.0)), map.reweigh(factors(0.0, 1.0)));
            let [above, under] = [f32::max, f32::min].map(|f| zip(a.clone(), a, |v, _| f(v, 0.0)));
            let signed = under.data.iter().any(|v| *v < 0.0);
            for (factor, [same, opposite]) in [(*alpha, [&plus, &minus]), (-beta, [&minus, &plus])] {
                if factor == 0.0 {
                    continue;
                }
                let mut z = same.apply(&above, rule.bias);
                let mut parts = vec![Part { map: same, a: &above, factor }];
                if signed {
                    // the bias is counted once
                    z = zip(z, &opposite.apply(&under, false), |z, v| z + v);
                    parts.push(Part { map: opposite, a: &under, factor });
                }
                share(&z, 0.0, &parts);
            }
        }
        Share::Flat => {
            let (map, ones) = (map.ones(), fill(a.shape, |_| 1.0));
            share(&map.apply(&ones, false), 0.0, &[Part { map: &map, a: &ones, factor: 1.0 }]);
        }
        Share::Box { low, high } => {
            let (plus, minus) = (map.reweigh(factors(1.0, 0.0)), map.reweigh(factors(0.0, 1.0)));
            let [low, high] = [low, high].map(|bound| fill(a.shape, |c| bound.get(c).copied().unwrap_or_default()));
            let mut z = map.apply(a, false);
            for (map, bound) in [(&plus, &low), (&minus, &high)] {
                z = zip(z, &map.apply(bound, false), |z, v| z - v);
            }
            let part = |map, a, factor| Part { map, a, factor };
            share(&z, 0.0, &[part(map, a, 1.0), part(&plus, &low, -1.0), part(&minus, &high, -1.0)]);
        }
    }
    below
}

/// The relevance of what is summed with fixed positive weights (an average): every input by its contribution to `z`.
pub fn by_contribution(a: &Planes, z: &Planes, r: &Planes, rule: &Rule, adjoint: impl Fn(&Planes) -> Planes) -> Planes {
    times(adjoint(&divided(r, z, rule.stabiliser(z))), a)
}
