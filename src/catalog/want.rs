//! What is asked of one pass through the network; the page names it, the engine computes it.

use serde::{Deserialize, Serialize};

/// What a pass that stands alone gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "want", rename_all = "snake_case")]
pub enum Want {
    /// The logits, `[classes]`.
    Logits,
    /// The score of a class, then its gradient at the input, `[3, H, W]`.
    Gradient {
        /// The class.
        class: usize,
        /// Which score.
        #[serde(default)]
        score: Score,
    },
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
