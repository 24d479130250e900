//! What the backward walk does at a ReLU, and how a rule changes a convolution: one definition for both devices.

/// What the backward walk lets through a ReLU with output `y` when the gradient `g` arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// The derivative: `g` where `y > 0`.
    Relu,
    /// Guided backpropagation (Springenberg et al. 2015, fig. 1): `g` where `y > 0` and `g > 0`.
    Guided,
    /// Deconvnet (Zeiler & Fergus 2014, sec. 2.1): `g` where `g > 0`, whatever `y` was.
    Deconvnet,
}

impl Gate {
    /// What becomes of one gradient `g`.
    #[inline(always)]
    pub fn pass(self, y: f32, g: f32) -> f32 {
        let open = match self {
            Self::Relu => y > 0.0,
            Self::Guided => y > 0.0 && g > 0.0,
            Self::Deconvnet => g > 0.0,
        };
        if open { g } else { 0.0 }
    }
}

/// How a rule of relevance changes a convolution: factors of its positive and negative weights, and of its biases.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reweigh {
    /// Factor of the weights above 0.
    pub positive: f32,
    /// Factor of the weights below 0.
    pub negative: f32,
    /// Whether the biases are changed alike; otherwise they are dropped.
    pub bias: bool,
}

impl Reweigh {
    /// Nothing is changed.
    pub const NONE: Self = Self { positive: 1.0, negative: 1.0, bias: true };

    /// Changed so, and then as `next` says.
    pub fn then(&self, next: &Self) -> Self {
        // what becomes of 1 and of -1
        Self {
            positive: next.weight(self.positive),
            negative: -next.weight(-self.negative),
            bias: self.bias && next.bias,
        }
    }

    /// What the weight `w` becomes: times the factor of its sign.
    #[inline(always)]
    pub fn weight(&self, w: f32) -> f32 {
        if w > 0.0 { w * self.positive } else { w * self.negative }
    }

    /// What the bias `b` becomes: changed as a weight is, or 0.
    pub fn bias(&self, b: f32) -> f32 {
        if self.bias { self.weight(b) } else { 0.0 }
    }
}
