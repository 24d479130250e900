//! Layer-wise relevance propagation through a layer with weights, whatever it looks like (Montavon et al. 2019, sec. 10.2): a
//! product with the weights, a division and a product with their transpose. The products are the device's.

use super::bound::Map;
use crate::engine::{Device, EngineError, Pace, Planes};
use crate::ops::values::{divided, fill, zip};
use crate::ops::{Rule, Share};

/// A layer, what it read, and how it is asked to share.
pub struct Layer<'a, D: Device> {
    /// Where it computes.
    pub device: &'a D,
    /// The layer.
    pub map: Map<D>,
    /// The same with every weight 1 and nothing added.
    pub ones: Option<Map<D>>,
    /// The values that the node read in the forward pass.
    pub a: &'a Planes,
}

/// One share: `factor * a * W'(R / z)`.
struct Part<'a, D: Device> {
    map: &'a Map<D>,
    a: &'a Planes,
    factor: f32,
}

/// Relevances of the layer's output, and what of them has been handed down.
struct Relevances<'a> {
    given: &'a [Planes],
    below: &'a mut [Planes],
}

impl<D: Device> Layer<'_, D> {
    /// The relevances of what the layer read, by `rule`, for those of what it wrote: each by itself.
    ///
    /// # Errors
    /// [`EngineError::Device`] when the device fails, or what `pace` returns.
    pub async fn hand_down(&self, rule: &Rule, given: &[Planes], pace: &dyn Pace) -> Result<Vec<Planes>, EngineError> {
        let mut below: Vec<Planes> = given.iter().map(|_| Planes::zeros(self.a.shape)).collect();
        self.by(rule, &mut Relevances { given, below: &mut below }, pace).await?;
        Ok(below)
    }

    async fn by(&self, rule: &Rule, all: &mut Relevances<'_>, pace: &dyn Pace) -> Result<(), EngineError> {
        let (device, map, a) = (self.device, &self.map, self.a);
        match &rule.share {
            Share::Epsilon(stabiliser) => {
                let z = map.apply(device, a, rule.bias).await?;
                self.share(&z, stabiliser.of(&z), &[Part { map, a, factor: 1.0 }], all, pace).await
            }
            Share::Gamma(gamma) => {
                let map = &map.reweighed(1.0 + gamma, 1.0);
                let z = map.apply(device, a, rule.bias).await?;
                self.share(&z, 0.0, &[Part { map, a, factor: 1.0 }], all, pace).await
            }
            Share::AlphaBeta(alpha, beta) => self.excited_and_inhibited(*alpha, *beta, rule.bias, all, pace).await,
            Share::Flat => {
                let Some(map) = &self.ones else { return Ok(()) };
                let ones = fill(a.shape, |_| 1.0);
                let z = map.apply(device, &ones, false).await?;
                self.share(&z, 0.0, &[Part { map, a: &ones, factor: 1.0 }], all, pace).await
            }
            Share::Box { low, high } => {
                let [plus, minus] = [map.reweighed(1.0, 0.0), map.reweighed(0.0, 1.0)];
                let [low, high] = [low, high].map(|bound| fill(a.shape, |c| bound.get(c).copied().unwrap_or_default()));
                let mut z = map.apply(device, a, false).await?;
                for (map, bound) in [(&plus, &low), (&minus, &high)] {
                    z = zip(z, &map.apply(device, bound, false).await?, |z, v| z - v);
                }
                let part = |map, a, factor| Part { map, a, factor };
                let parts = [part(map, a, 1.0), part(&plus, &low, -1.0), part(&minus, &high, -1.0)];
                self.share(&z, 0.0, &parts, all, pace).await
            }
        }
    }

    /// The rule with alpha and beta: a positive weight excites on a positive input, a negative one on a negative input.
    async fn excited_and_inhibited(
        &self,
        alpha: f32,
        beta: f32,
        bias: bool,
        all: &mut Relevances<'_>,
        pace: &dyn Pace,
    ) -> Result<(), EngineError> {
        let device = self.device;
        let [above, under] = [f32::max, f32::min].map(|f| zip(self.a.clone(), self.a, |v, _| f(v, 0.0)));
        let signed = under.data.iter().any(|v| *v < 0.0);
        let [plus, minus] = [(1.0, 0.0), (0.0, 1.0)];
        for (factor, [same, opposite]) in [(alpha, [plus, minus]), (-beta, [minus, plus])] {
            if factor == 0.0 {
                continue;
            }
            // one changed copy at a time where one is enough: each takes as much memory as the layer
            let map = &self.map.reweighed(same.0, same.1);
            let mut z = map.apply(device, &above, bias).await?;
            if !signed {
                self.share(&z, 0.0, &[Part { map, a: &above, factor }], all, pace).await?;
                continue;
            }
            let other = &self.map.reweighed(opposite.0, opposite.1);
            // the bias is counted once
            z = zip(z, &other.apply(device, &under, false).await?, |z, v| z + v);
            let parts = [Part { map, a: &above, factor }, Part { map: other, a: &under, factor }];
            self.share(&z, 0.0, &parts, all, pace).await?;
        }
        Ok(())
    }

    async fn share(
        &self,
        z: &Planes,
        epsilon: f32,
        parts: &[Part<'_, D>],
        all: &mut Relevances<'_>,
        pace: &dyn Pace,
    ) -> Result<(), EngineError> {
        for (given, below) in all.given.iter().zip(all.below.iter_mut()) {
            let t = divided(given, z, epsilon);
            for part in parts {
                let share = part.map.adjoint(self.device, &t, part.a.shape).await?;
                for ((below, share), a) in below.data.iter_mut().zip(&share.data).zip(&part.a.data) {
                    *below += part.factor * a * share;
                }
            }
            pace.breathe().await?;
        }
        Ok(())
    }
}
