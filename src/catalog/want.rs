//! What is asked of one pass through the network; the page names it, the engine computes it.

use serde::{Deserialize, Serialize};

/// What a pass that stands alone gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "want", rename_all = "snake_case")]
pub enum Want {
    /// The logits, `[classes]`.
    Logits,
    /// The logit of a class, then its gradient at the input, `[3, H, W]`.
    Gradient {
        /// The class.
        class: usize,
    },
}
