//! What is asked of one pass through the network; the page names it, the engine computes it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::networks::VGG16;

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
        /// The stage's index in the layer table.
        stage: usize,
    },
    /// The gradient of a class's logit at a stage's output, summed over the places: one number per channel.
    Slopes {
        /// The stage's index in the layer table.
        stage: usize,
        /// The class, 0..=999.
        class: usize,
    },
}

/// A unit, or a whole channel, of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Unit {
    /// Index in the layer table; a convolution's value is the one before its ReLU.
    pub layer: usize,
    /// The channel's number in the layer, from 0.
    pub channel: usize,
    /// Column and row in the layer's map; `None`: the mean of the channel.
    #[serde(default)]
    pub place: Option<(usize, usize)>,
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}:{}", VGG16.layers[self.layer].name, self.channel)?;
        self.place.map_or(Ok(()), |(x, y)| write!(f, "@{x},{y}"))
    }
}

/// `layer:channel` or `layer:channel@column,row`.
impl FromStr for Unit {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (layer, rest) = text.split_once(':').ok_or(())?;
        let layer = VGG16.index(layer).ok_or(())?;
        let number = |n: &str| n.parse().map_err(drop);
        let (channel, place) = match rest.split_once('@') {
            None => (rest, None),
            Some((channel, place)) => {
                let (x, y) = place.split_once(',').ok_or(())?;
                (channel, Some((number(x)?, number(y)?)))
            }
        };
        let channel = number(channel)?;
        if channel < VGG16.layers[layer].cout { Ok(Self { layer, channel, place }) } else { Err(()) }
    }
}

/// What an attribution explains: a number that the network computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "a class (0 to 999, a whole number) or a layer and a channel (whole numbers)")]
pub enum Target {
    /// The score of a class.
    Class {
        /// The class, 0..=999.
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
