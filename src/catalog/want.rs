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
}

/// A unit, or a whole channel, of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// Index in the layer table; a convolution's value is the one before its ReLU.
    pub layer: usize,
    /// Channel.
    pub channel: usize,
    /// Column and row in the layer's map; `None`: the mean of the channel.
    #[serde(default)]
    pub place: Option<(usize, usize)>,
}

/// What is explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Target {
    /// A class.
    Class {
        /// 0..=999.
        class: usize,
        /// Which of its scores.
        #[serde(default)]
        score: Score,
    },
    /// A channel or a neuron.
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
}
