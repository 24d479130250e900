//! Scores: what of the logits is explained.

use std::collections::BTreeMap;

use super::planes::Planes;
use crate::catalog::{Score, Target};
use crate::figure::scale::largest_first;

impl Target {
    /// Its value, from the answer to [`Target::want`].
    pub fn value(&self, answer: &[f32]) -> f32 {
        match self {
            Self::Class { class, score } => score.value(answer, *class),
            Self::Unit(_) => answer.first().copied().unwrap_or_default(),
        }
    }

    /// Its value, from what its node ([`Target::node`]) writes.
    pub fn value_of(&self, y: &Planes) -> f32 {
        match self {
            Self::Class { class, score } => score.value(&y.dense(), *class),
            Self::Unit(unit) => unit.value(y),
        }
    }

    /// The gradient of its value at what its node writes.
    pub fn seed(&self, y: &Planes) -> Planes {
        match self {
            Self::Class { class, score } => {
                let mut seed = Planes::zeros(y.shape);
                score.seed(&y.dense(), *class).into_iter().for_each(|(c, v)| seed.row_mut(c, 0)[0] = v);
                seed
            }
            Self::Unit(unit) => unit.seed(y.shape),
        }
    }

    /// The same target; a class by its probability.
    pub fn probability(self) -> Self {
        match self {
            Self::Class { class, .. } => Self::Class { class, score: Score::Probability },
            unit => unit,
        }
    }
}

impl Score {
    /// The value of this score for `class`, from the logits of all classes.
    pub fn value(self, logits: &[f32], class: usize) -> f32 {
        let values = match self {
            Self::Logit => return logits.get(class).copied().unwrap_or_default(),
            Self::Probability => softmax(logits),
            Self::LogProbability => log_softmax(logits),
        };
        values.get(class).copied().unwrap_or_default()
    }

    /// Its derivative with respect to the logits: `1` at the class, `p_c (delta - p)`, or `delta - p`.
    pub fn seed(self, logits: &[f32], class: usize) -> Vec<(usize, f32)> {
        match self {
            Self::Logit => vec![(class, 1.0)],
            Self::Probability | Self::LogProbability => {
                let p = softmax(logits);
                let own = if self == Self::Probability { p.get(class).copied().unwrap_or_default() } else { 1.0 };
                p.iter().enumerate().map(|(i, p)| (i, own * (f32::from(u8::from(i == class)) - p))).collect()
            }
        }
    }
}

/// The softmax: probabilities that add up to 1.
pub fn softmax(logits: &[f32]) -> Vec<f32> {
    let max = logits.iter().fold(f32::NEG_INFINITY, |m, v| m.max(*v));
    let exp: Vec<f32> = logits.iter().map(|v| (v - max).exp()).collect();
    let sum: f32 = exp.iter().sum();
    exp.iter().map(|v| v / sum).collect()
}

/// Logarithms of the probabilities of logits.
pub fn log_softmax(logits: &[f32]) -> Vec<f32> {
    let max = logits.iter().fold(f32::NEG_INFINITY, |m, v| m.max(*v));
    let sum: f32 = logits.iter().map(|v| (v - max).exp()).sum();
    logits.iter().map(|v| v - max - sum.ln()).collect()
}

/// How often each class occurs, the most frequent first; ties by class.
pub fn frequent(classes: impl Iterator<Item = usize>) -> Vec<(usize, usize)> {
    let mut counts = BTreeMap::<usize, usize>::new();
    classes.for_each(|c| *counts.entry(c).or_default() += 1);
    let counts: Vec<(usize, usize)> = counts.into_iter().collect();
    largest_first(&counts.iter().map(|c| c.1 as f32).collect::<Vec<_>>()).into_iter().map(|i| counts[i]).collect()
}

/// The indices of the `top` largest values, largest first; ties by index.
pub fn top(values: &[f32], top: usize) -> Vec<usize> {
    let mut order = largest_first(values);
    order.truncate(top);
    order
}
