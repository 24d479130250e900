//! How a gradient becomes a step uphill.

/// How the length and direction of a step follow from the gradient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Update {
    /// Adam (Kingma & Ba 2015, algorithm 1): 0.9 for the first moment and this, usually 0.999, for the second.
    Adam(f32),
    /// Keras's RMSprop with this decay; no momentum, no bias correction.
    RmsProp(f32),
    /// The gradient over its mean magnitude: every step is as long as any other (`DeepDream`; Yosinski et al. on a deep network).
    Even,
}

/// What is done to a gradient before the step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Tame {
    /// The gradient stays as it is.
    #[default]
    Plain,
    /// The gradient is shortened to this L2 norm where it is longer.
    Clip(f32),
    /// The gradient is divided by its L2 norm.
    Normalise,
}

impl Tame {
    /// Changes `g`; returns its L2 norm before.
    pub fn apply(self, g: &mut [f32]) -> f32 {
        let norm = g.iter().map(|g| g * g).sum::<f32>().sqrt();
        let factor = match self {
            Self::Clip(most) if norm > most => most / norm,
            Self::Normalise if norm > 0.0 => 1.0 / norm,
            _ => return norm,
        };
        g.iter_mut().for_each(|g| *g *= factor);
        norm
    }
}

/// A rule with its moments: what it remembers of earlier gradients.
#[derive(Clone, Debug)]
pub struct Optimiser {
    rule: Update,
    rate: f32,
    m: Vec<f32>,
    v: Vec<f32>,
    t: i32,
}

impl Optimiser {
    /// An optimiser of `length` parameters with step size `rate`, before its first step.
    pub fn new(rule: Update, rate: f32, length: usize) -> Self {
        let kept = |keeps: bool| vec![0.0; if keeps { length } else { 0 }];
        Self { rule, rate, m: kept(matches!(rule, Update::Adam(_))), v: kept(rule != Update::Even), t: 0 }
    }

    /// One step of `x` uphill along `g`.
    pub fn step(&mut self, x: &mut [f32], g: &[f32]) {
        self.t += 1;
        let pairs = x.iter_mut().zip(g);
        match self.rule {
            Update::Adam(b2) => {
                let b1 = 0.9_f32;
                let (c1, c2) = (1.0 - b1.powi(self.t), 1.0 - b2.powi(self.t));
                for ((x, g), (m, v)) in pairs.zip(self.m.iter_mut().zip(&mut self.v)) {
                    *m = b1 * *m + (1.0 - b1) * g;
                    *v = b2 * *v + (1.0 - b2) * g * g;
                    *x += self.rate * (*m / c1) / ((*v / c2).sqrt() + 1e-8);
                }
            }
            Update::RmsProp(rho) => {
                for ((x, g), v) in pairs.zip(&mut self.v) {
                    *v = rho * *v + (1.0 - rho) * g * g;
                    *x += self.rate * g / (v.sqrt() + 1e-7);
                }
            }
            Update::Even => {
                let mean = g.iter().map(|g| g.abs()).sum::<f32>() / g.len().max(1) as f32;
                pairs.for_each(|(x, g)| *x += self.rate * g / (mean + 1e-12));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_steps_are_those_of_the_papers() {
        let first = |rule| {
            let (mut x, mut o) = ([0.0; 2], Optimiser::new(rule, 0.1, 2));
            o.step(&mut x, &[3.0, -1.0]);
            x
        };
        let near =
            |a: [f32; 2], b: [f32; 2]| assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-4), "{a:?} {b:?}");
        // Adam's first step is the rate, whatever the gradient's size; RMSprop's is rate / sqrt(1 - rho)
        near(first(Update::Adam(0.999)), [0.1, -0.1]);
        near(first(Update::RmsProp(0.99)), [1.0, -1.0]);
        near(first(Update::Even), [0.15, -0.05]);
    }

    #[test]
    fn a_tamed_gradient_keeps_its_direction() {
        for (tame, want) in [(Tame::Clip(1.0), 1.0), (Tame::Clip(9.0), 5.0), (Tame::Normalise, 1.0)] {
            let mut g = [3.0, 4.0];
            assert_eq!(tame.apply(&mut g), 5.0);
            assert!((g[0].hypot(g[1]) - want).abs() < 1e-6 && (g[0] / g[1] - 0.75).abs() < 1e-6, "{tame:?}");
        }
    }
}
