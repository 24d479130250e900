//! Presets of rules for layer-wise relevance propagation (Bach et al. 2015; Montavon et al. 2019): one rule for every node.

use crate::catalog::NetworkSpec;
use crate::catalog::choice::Rules;
use crate::ops::{Rule, Share, Stabiliser};

/// The rule of the layers that read the picture, whose values have both signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum First {
    /// `z^B`: between the darkest and the brightest pixel.
    Box,
    /// Flat: every input pixel that an output reads gets the same share.
    Flat,
    /// The rule of the layers that follow ([`Composite::early`]).
    Same,
}

/// A rule for every part of the network.
#[derive(Clone, Debug, PartialEq)]
pub struct Composite {
    /// The rule of what reads the pixels.
    pub first: First,
    /// Layers with weights whose units stand at most [`EARLY`] halvings below the picture.
    pub early: Share,
    /// Layers with weights above those.
    pub late: Share,
    /// The head's layers but the last.
    pub hidden: Share,
    /// The layer that writes the logits.
    pub output: Share,
    /// Max pools as average pools; otherwise the winner takes all.
    pub average: bool,
    /// Biases take their share (which is then missing below); otherwise they are left out.
    pub bias: bool,
}

/// How often the picture has been halved at most where layers count as early: VGG16's up to `conv3_3`.
pub const EARLY: u32 = 2;

impl Composite {
    /// What the rules of this name are, with their gamma and epsilon.
    pub fn new(rules: Rules, gamma: f32, epsilon: f32, bias: bool) -> Self {
        const PLUS: Share = Share::Z_PLUS;
        const EXACT: Share = Share::Epsilon(Stabiliser::Rms(1e-9));
        let (early, late) = (Share::Gamma(gamma), Share::Epsilon(Stabiliser::Rms(epsilon)));
        // Montavon et al. 2019, sec. 10.3, the network of their tutorial
        let base = Self {
            first: First::Box,
            early: early.clone(),
            late: late.clone(),
            hidden: EXACT,
            output: EXACT,
            average: true,
            bias,
        };
        match rules {
            Rules::Tutorial => base,
            Rules::GammaBox => Self { late: early, average: false, ..base },
            Rules::EpsilonPlus => Self { first: First::Same, early: PLUS, late: PLUS, average: false, ..base },
            Rules::Alpha2Beta1Flat => {
                let rule = Share::AlphaBeta(2.0, 1.0);
                Self { first: First::Flat, early: rule.clone(), late: rule, average: false, ..base }
            }
            Rules::Excitation | Rules::ExcitationContrast => {
                let output = if rules == Rules::Excitation { PLUS } else { Share::AlphaBeta(1.0, 1.0) };
                Self { first: First::Same, early: PLUS, late: PLUS, hidden: PLUS, output, average: false, bias: false }
            }
            Rules::Epsilon => {
                Self { first: First::Same, early: late.clone(), hidden: late, output: EXACT, average: false, ..base }
            }
        }
    }

    /// The rule of node `at` of a network whose logits come, last, from the weights of node `output`.
    pub fn rule(&self, spec: &NetworkSpec, output: usize, at: usize) -> Rule {
        let graph = spec.graph();
        let weighted = !graph.arrays(at, graph.dims()).is_empty();
        let share = match (graph.nodes()[at].inputs.as_slice(), graph.block(at)) {
            // what has no weights shares by contribution alone
            _ if !weighted => Share::Epsilon(Stabiliser::Absolute(0.0)),
            _ if at == output => self.output.clone(),
            ([0], _) if self.first == First::Box => {
                let [low, high] = [0.0, 1.0].map(|v| (0..3).map(|c| (v - spec.mean[c]) / spec.std[c]).collect());
                Share::Box { low, high }
            }
            ([0], _) if self.first == First::Flat => Share::Flat,
            (_, Some(halvings)) if at <= spec.card().trunk => {
                if halvings <= EARLY {
                    self.early.clone()
                } else {
                    self.late.clone()
                }
            }
            _ => self.hidden.clone(),
        };
        Rule { share, bias: self.bias, average: self.average }
    }
}
