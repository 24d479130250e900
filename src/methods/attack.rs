//! What attacks share: what they are after, and what they tell.

use super::facts::{Change, Sometimes, YesNo, facts, rows};
use crate::catalog::choice::words;

words! {
    /// What an attack is after.
    Wish {
        Away = "away",
        Towards = "towards",
    }
}

facts! {
    /// Whether the attack reached its aim, how large the change is, the classes before and after, and which method drew the maps.
    Facts { flipped: YesNo, linf: f32, classes: Vec<Change>, map: Sometimes<String> }
}

/// The row of the picture that was saved with whole grey levels.
pub const EIGHT_BIT: &str = "eight_bit";

rows! {
    /// What is answered when the changed picture was saved or softened, and both classes' probabilities.
    Survival in "survival" { answer: String, p_before_class: f32, p_new_class: f32 }
}
