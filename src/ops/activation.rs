//! Functions of one value.

#[cfg(feature = "engine")]
use std::rc::Rc;

use super::{BadField, Dims, Fields, Misfit, Operator, Read};
#[cfg(feature = "engine")]
use super::{Module, Pass, values};
#[cfg(feature = "engine")]
use cnn_lens_simd::{Gate, Planes, finish};

/// Which function.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Activation {
    /// `max(0, x)`.
    Relu {},
    /// `min(max(0, x), 6)`.
    Relu6 {},
    /// `min(max(min, x), max)`.
    Clip {
        /// The lowest output.
        min: f32,
        /// The highest output.
        max: f32,
    },
    /// `x` above 0, `alpha x` below.
    LeakyRelu {
        /// The slope below 0.
        alpha: f32,
    },
    /// `x` above 0, `alpha (e^x - 1)` below (Clevert et al. 2016).
    Elu {
        /// Minus the limit far below 0.
        alpha: f32,
    },
    /// `1 / (1 + e^-x)`.
    Sigmoid {},
    /// `x sigmoid(x)`, also called swish (Ramachandran et al. 2017).
    Silu {},
    /// `min(max(0, alpha x + beta), 1)`.
    HardSigmoid {
        /// The slope in the middle.
        alpha: f32,
        /// The value at 0.
        beta: f32,
    },
    /// `x min(max(0, x / 6 + 1 / 2), 1)` (Howard et al. 2019).
    HardSwish {},
    /// The hyperbolic tangent.
    Tanh {},
    /// `x` times the normal distribution's probability below `x` (Hendrycks & Gimpel 2016).
    Gelu {
        /// Whether by the paper's approximation with a hyperbolic tangent.
        tanh: bool,
    },
}

impl Read for Activation {
    fn read(fields: &mut Fields) -> Result<Self, BadField> {
        let kind = fields.text("kind")?;
        Ok(match kind.as_str() {
            "relu" => Self::Relu {},
            "relu6" => Self::Relu6 {},
            "clip" => Self::Clip { min: fields.number("min")?, max: fields.number("max")? },
            "leaky_relu" => Self::LeakyRelu { alpha: fields.number("alpha")? },
            "elu" => Self::Elu { alpha: fields.number("alpha")? },
            "sigmoid" => Self::Sigmoid {},
            "silu" => Self::Silu {},
            "hard_sigmoid" => Self::HardSigmoid { alpha: fields.number("alpha")?, beta: fields.number("beta")? },
            "hard_swish" => Self::HardSwish {},
            "tanh" => Self::Tanh {},
            "gelu" => Self::Gelu { tanh: fields.flag_or("tanh", false)? },
            _ => return Err(BadField::Value { field: "kind", value: kind.into(), takes: "the name of an activation" }),
        })
    }
}

impl Activation {
    /// Whether it is a ReLU: what rules and fusions are defined for.
    pub const fn is_relu(&self) -> bool {
        matches!(self, Self::Relu {})
    }
}

impl Operator for Activation {
    fn shape(&self, inputs: &[Dims]) -> Result<Dims, Misfit> {
        Ok(inputs[0])
    }

    /// Passed on as it is (Bach et al. 2015, sec. 2.3).
    #[cfg(feature = "engine")]
    fn passes_relevance_on(&self) -> bool {
        true
    }

    #[cfg(feature = "engine")]
    fn bind(&self, _: &[Dims], _: &[&[f32]]) -> Rc<dyn Module> {
        Rc::new(*self)
    }
}

#[cfg(feature = "engine")]
impl Activation {
    fn value(self, x: f32) -> f32 {
        match self {
            Self::Relu {} => x.max(0.0),
            Self::Relu6 {} => x.clamp(0.0, 6.0),
            // not clamp, which panics when a card's min is above its max: like PyTorch's, max wins
            Self::Clip { min, max } => x.max(min).min(max),
            Self::LeakyRelu { alpha } => {
                if x > 0.0 {
                    x
                } else {
                    alpha * x
                }
            }
            Self::Elu { alpha } => {
                if x > 0.0 {
                    x
                } else {
                    alpha * x.exp_m1()
                }
            }
            Self::Sigmoid {} => sigmoid(x),
            Self::Silu {} => x * sigmoid(x),
            Self::HardSigmoid { alpha, beta } => (alpha * x + beta).clamp(0.0, 1.0),
            Self::HardSwish {} => x * (x / 6.0 + 0.5).clamp(0.0, 1.0),
            Self::Tanh {} => x.tanh(),
            Self::Gelu { tanh: true } => 0.5 * x * (1.0 + inner(x).tanh()),
            Self::Gelu { tanh: false } => x * below(x),
        }
    }

    /// The derivative; PyTorch's choice where there is none.
    fn slope(self, x: f32) -> f32 {
        let within = |inside: bool, slope: f32| if inside { slope } else { 0.0 };
        match self {
            Self::Relu {} => within(x > 0.0, 1.0),
            Self::Relu6 {} => within(x > 0.0 && x < 6.0, 1.0),
            Self::Clip { min, max } => within((min..=max).contains(&x), 1.0),
            Self::LeakyRelu { alpha } => {
                if x > 0.0 {
                    1.0
                } else {
                    alpha
                }
            }
            Self::Elu { alpha } => {
                if x > 0.0 {
                    1.0
                } else {
                    alpha * x.exp()
                }
            }
            Self::Sigmoid {} => sigmoid(x) * sigmoid(-x),
            Self::Silu {} => sigmoid(x) * (1.0 + x * sigmoid(-x)),
            Self::HardSigmoid { alpha, beta } => {
                let y = alpha * x + beta;
                within(y > 0.0 && y < 1.0, alpha)
            }
            Self::HardSwish {} => {
                if x > 3.0 {
                    1.0
                } else {
                    within(x >= -3.0, x / 3.0 + 0.5)
                }
            }
            Self::Tanh {} => 1.0 - x.tanh().powi(2),
            Self::Gelu { tanh: true } => {
                let (t, steep) = (inner(x).tanh(), ROOT * (1.0 + 3.0 * CUBE * x * x));
                0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * steep
            }
            Self::Gelu { tanh: false } => below(x) + x * (-0.5 * x * x).exp() * DENSITY,
        }
    }
}

/// `sqrt(2 / pi)` and the cubic term's factor in GELU's approximation.
#[cfg(feature = "engine")]
const ROOT: f32 = 0.797_884_6;
#[cfg(feature = "engine")]
const CUBE: f32 = 0.044_715;
/// The normal distribution's density at 0, `1 / sqrt(2 pi)`.
#[cfg(feature = "engine")]
const DENSITY: f32 = 0.398_942_3;

#[cfg(feature = "engine")]
fn inner(x: f32) -> f32 {
    ROOT * (x + CUBE * x.powi(3))
}

#[cfg(feature = "engine")]
fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

/// The normal distribution's probability below `x`, with the error function of Abramowitz & Stegun 1964, 7.1.26 (error at most
/// 1.5e-7).
#[cfg(feature = "engine")]
fn below(x: f32) -> f32 {
    const TERMS: [f64; 5] = [0.254_829_592, -0.284_496_736, 1.421_413_741, -1.453_152_027, 1.061_405_429];
    let z = f64::from(x.abs()) * std::f64::consts::FRAC_1_SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * z);
    let tail = 0.5 * TERMS.iter().rev().fold(0.0, |sum, term| (sum + term) * t) * (-z * z).exp();
    (if x > 0.0 { 1.0 - tail } else { tail }) as f32
}

#[cfg(feature = "engine")]
impl Module for Activation {
    fn forward(&self, x: &[&Planes]) -> Planes {
        match self {
            Self::Relu {} => values::zip(x[0].clone(), x[0], |v, _| v.max(0.0)),
            _ => values::map(x[0], |v| self.value(v)),
        }
    }

    /// The rules of guided backpropagation and of the deconvnet are defined at ReLUs alone; the others hand down their gradient.
    fn adjoint(&self, at: &Pass<'_>, g: &Planes, gate: Gate) -> Vec<Planes> {
        vec![match self {
            Self::Relu {} => finish::relu_adjoint(gate, at.y, g),
            _ => values::times(values::map(at.x[0], |v| self.slope(v)), g),
        }]
    }
}

#[cfg(all(test, feature = "engine"))]
mod tests {
    use super::*;

    #[test]
    fn slopes_are_those_of_the_values() {
        use Activation::{Clip, Elu, Gelu, HardSigmoid, HardSwish, LeakyRelu, Relu, Relu6, Sigmoid, Silu, Tanh};
        for kind in [
            Relu {},
            Relu6 {},
            Clip { min: -0.7, max: 1.3 },
            LeakyRelu { alpha: 0.1 },
            Elu { alpha: 0.8 },
            Sigmoid {},
            Silu {},
            HardSigmoid { alpha: 0.2, beta: 0.5 },
            HardSwish {},
            Tanh {},
            Gelu { tanh: true },
            Gelu { tanh: false },
        ] {
            // no kink lies at a place of this lattice
            for x in (-80..80).map(|i| i as f32 * 0.1 + 0.05) {
                let h = 0.01;
                let slope = (f64::from(kind.value(x + h)) - f64::from(kind.value(x - h))) / 0.02;
                let got = f64::from(kind.slope(x));
                assert!((got - slope).abs() < 2e-3, "{kind:?} at {x}: {got}, not {slope}");
            }
        }
    }

    #[test]
    fn the_normal_distribution_is_that_of_the_tables() {
        for (x, p) in [(0.0, 0.5), (1.0, 0.841_344_7), (-1.96, 0.024_997_9), (3.0, 0.998_650_1)] {
            assert!((below(x) - p).abs() < 1e-6, "{x}: {}", below(x));
        }
    }
}
