//! What is asked of one pass through the network; the page names it, the engine computes it.

use serde::{Deserialize, Serialize};

/// What a pass that stands alone gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "want", rename_all = "snake_case")]
pub enum Want {
    /// The logits, `[classes]`.
    Logits,
    /// A unit's value, `[1]`.
    Unit(Unit),
    /// The target's value, then its gradient at the input, `[3, H, W]`.
    Gradient(Target),
    /// The mean of every channel of a stage.
    Means {
        /// The stage's node number.
        stage: usize,
    },
    /// The gradient of a class's logit at a stage's output, summed over the places: one number per channel.
    Slopes {
        /// The stage's node number.
        stage: usize,
        /// The class, from 0.
        class: usize,
    },
}

/// A unit, or a whole channel, of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Unit {
    /// Its node's number; a convolution's value is the one before its ReLU.
    pub layer: usize,
    /// The channel's number in the layer, from 0.
    pub channel: usize,
    /// Column and row in the layer's map; `None`: the mean of the channel.
    #[serde(default)]
    pub place: Option<(usize, usize)>,
}

/// What an attribution explains: a number that the network computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "a class (0 to 999, a whole number) or a layer and a channel (whole numbers)")]
pub enum Target {
    /// The score of a class.
    Class {
        /// The class, from 0.
        class: usize,
        /// Logit, probability or its logarithm.
        #[serde(default)]
        score: Score,
    },
    /// A hidden unit: the mean of a channel, or the value of one neuron.
    Unit(Unit),
}

impl Target {
    /// What a pass must give so that the target's value can be told from it.
    pub const fn want(&self) -> Want {
        match self {
            Self::Class { .. } => Want::Logits,
            Self::Unit(unit) => Want::Unit(*unit),
        }
    }

    /// The node whose output it is a function of; `logits` is the one that writes those.
    pub const fn node(&self, logits: usize) -> usize {
        match self {
            Self::Class { .. } => logits,
            Self::Unit(unit) => unit.layer,
        }
    }

    /// The class, if it is one.
    pub const fn class(&self) -> Option<usize> {
        match self {
            Self::Class { class, .. } => Some(*class),
            Self::Unit(_) => None,
        }
    }
}

/// What is explained about a class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Score {
    /// The logit: what speaks for the class itself.
    #[default]
    Logit,
    /// The softmax: its gradient also holds what speaks against every other class, and fades where it is near 1.
    Probability,
    /// The logarithm of the softmax, minus the cross-entropy: its gradient does not fade. Attacks go along it.
    LogProbability,
}
