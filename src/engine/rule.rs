//! The rules of layer-wise relevance propagation, as data (Bach et al. 2015; Montavon et al. 2019, table 1).

pub use crate::ops::{quotient, rms};

/// How a linear layer `z = W a + b` hands the relevance `R` of its outputs down to its inputs `a`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// `R_in = a W' (R / (z + e))`, `e` with the sign of `z` and this share of its root mean square.
    Epsilon(f32),
    /// As epsilon 0 with `W + gamma max(W, 0)`, biases alike.
    Gamma(f32),
    /// `alpha` times the share of the positive weights less `beta` times that of the negative; (1, 0) is `z+`.
    AlphaBeta(f32, f32),
}

/// The rule of the first convolution, whose inputs have both signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum First {
    /// `z^B`: between the darkest and the brightest pixel.
    Box,
    /// Flat: every input pixel that an output reads gets the same share.
    Flat,
    /// The rule of the convolutions that follow ([`Composite::early`]).
    Same,
}

/// A rule for every part of the network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Composite {
    /// The rule of conv1_1, which reads the pixels.
    pub first: First,
    /// Convolutions up to pool3.
    pub early: Rule,
    /// Convolutions above pool3.
    pub late: Rule,
    /// The head's 1x1 convolution.
    pub hidden: Rule,
    /// The head's linear layer.
    pub output: Rule,
    /// Max pools as average pools; otherwise the winner takes all.
    pub average: bool,
    /// Biases take their share (which is then missing below); otherwise they are left out.
    pub bias: bool,
}

impl Composite {
    /// By the preset's word in a method's parameters.
    pub fn named(word: &str, gamma: f32, epsilon: f32, bias: bool) -> Self {
        const PLUS: Rule = Rule::AlphaBeta(1.0, 0.0);
        const EXACT: Rule = Rule::Epsilon(1e-9);
        let (early, late) = (Rule::Gamma(gamma), Rule::Epsilon(epsilon));
        // Montavon et al. 2019, sec. 10.3, the network of their tutorial
        let base = Self { first: First::Box, early, late, hidden: EXACT, output: EXACT, average: true, bias };
        match word {
            "gamma_box" => Self { late: early, average: false, ..base },
            "epsilon_plus" => Self { first: First::Same, early: PLUS, late: PLUS, average: false, ..base },
            "alpha2_beta1_flat" => {
                let rule = Rule::AlphaBeta(2.0, 1.0);
                Self { first: First::Flat, early: rule, late: rule, average: false, ..base }
            }
            "excitation" | "excitation_contrast" => {
                let output = if word == "excitation" { PLUS } else { Rule::AlphaBeta(1.0, 1.0) };
                Self { first: First::Same, early: PLUS, late: PLUS, hidden: PLUS, output, average: false, bias: false }
            }
            "epsilon" => Self { first: First::Same, early: late, hidden: late, output: EXACT, average: false, ..base },
            _ => base,
        }
    }

    /// The rule of convolution `index`.
    pub fn conv(&self, index: usize) -> Rule {
        if index <= 17 { self.early } else { self.late }
    }
}
