//! What is asked of one pass through the network; the page names it, the engine computes it.

use serde::Serialize;

use crate::fields::{BadField, Fields};

/// What a pass that stands alone gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
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

impl Want {
    /// Reads what is wanted: the word `want`, and what belongs to it.
    ///
    /// # Errors
    /// [`BadField`]: an unknown word; a field that is missing or of another kind.
    pub fn read(fields: &mut Fields) -> Result<Self, BadField> {
        let want = fields.value("want")?;
        Ok(match want.as_str().unwrap_or_default() {
            "logits" => Self::Logits,
            "unit" => Self::Unit(Unit::read(fields)?),
            "gradient" => Self::Gradient(Target::read(fields)?),
            "means" => Self::Means { stage: fields.whole("stage")? },
            "slopes" => Self::Slopes { stage: fields.whole("stage")?, class: fields.whole("class")? },
            _ => {
                let takes = "logits, unit, gradient, means or slopes";
                return Err(BadField::Value { field: "want", value: want, takes });
            }
        })
    }
}

/// A unit, or a whole channel, of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Unit {
    /// Its node's number; a convolution's value is the one before its ReLU.
    pub layer: usize,
    /// The channel's number in the layer, from 0.
    pub channel: usize,
    /// Column and row in the layer's map; `None`: the mean of the channel.
    pub place: Option<(usize, usize)>,
}

/// What an attribution explains: a number that the network computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Target {
    /// The score of a class.
    Class {
        /// The class, from 0.
        class: usize,
        /// Logit, probability or its logarithm.
        score: Score,
    },
    /// A hidden unit: the mean of a channel, or the value of one neuron.
    Unit(Unit),
}

impl Unit {
    fn read(fields: &mut Fields) -> Result<Self, BadField> {
        let place = fields.perhaps_wholes("place")?.map(|[x, y]| (x, y));
        Ok(Self { layer: fields.whole("layer")?, channel: fields.whole("channel")?, place })
    }
}

const SCORES: &[(&str, Score)] =
    &[("logit", Score::Logit), ("probability", Score::Probability), ("log_probability", Score::LogProbability)];

impl Target {
    fn read(fields: &mut Fields) -> Result<Self, BadField> {
        let Some(value) = fields.any("class") else { return Unit::read(fields).map(Self::Unit) };
        let class = value.as_u64().and_then(|class| class.try_into().ok());
        let takes = "a class (0 to 999, a whole number) or a layer and a channel (whole numbers)";
        let class = class.ok_or(BadField::Value { field: "class", value, takes })?;
        Ok(Self::Class { class, score: fields.word_or("score", SCORES, Score::Logit)? })
    }

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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
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
