//! What happens to a convolution's sums on their way to memory: bias and ReLU forward, the gate of the ReLU below backward.

use wide::f32x4;

use super::lanes::load4;
use super::{Gate, Planes};

/// What is done to each sum of a convolution before it is stored.
#[derive(Clone, Copy, Default)]
pub struct Finish<'a> {
    /// One number per written channel, added to its sums; `None` adds nothing (the backward pass).
    pub bias: Option<&'a [f32]>,
    /// Whether `max(0, .)` follows.
    pub relu: bool,
    /// The gate and the ReLU's output, which has the written shape.
    pub gate: Option<(Gate, &'a Planes)>,
}

/// [`Finish`] for the values of one written channel.
pub struct Channel<'a> {
    bias: f32x4,
    relu: bool,
    gate: Option<(Gate, &'a [f32])>,
}

impl<'a> Finish<'a> {
    /// What to do to the sums of channel `c`.
    pub fn channel(&self, c: usize) -> Channel<'a> {
        let gate = self.gate.map(|(gate, y)| (gate, y.data.as_slice()));
        Channel { bias: f32x4::splat(self.bias_of(c)), relu: self.relu, gate }
    }

    /// The bias of channel `c`, 0 where there is none.
    pub fn bias_of(&self, c: usize) -> f32 {
        self.bias.and_then(|b| b.get(c)).copied().unwrap_or_default()
    }
}

impl Channel<'_> {
    /// The four values whose first is written to `at`.
    #[inline(always)]
    pub fn apply(&self, v: f32x4, at: usize) -> f32x4 {
        let mut v = v + self.bias;
        if self.relu {
            v = v.max(f32x4::ZERO);
        }
        match self.gate {
            None => v,
            Some((gate, y)) => gate4(gate, load4(y, at), v),
        }
    }
}

/// `gate` at a ReLU with output `y`, for the gradient `g`.
pub fn relu_adjoint(gate: Gate, y: &Planes, g: &Planes) -> Planes {
    let mut out = g.clone();
    pass(gate, &y.data, &mut out.data);
    out
}

/// [`Gate::pass`] on every value of `g`, as many as there are of `y`: whole planes.
pub(crate) fn pass(gate: Gate, y: &[f32], g: &mut [f32]) {
    for (v, y) in g.as_chunks_mut::<4>().0.iter_mut().zip(y.as_chunks::<4>().0) {
        *v = gate4(gate, f32x4::new(*y), f32x4::new(*v)).to_array();
    }
}

/// [`Gate::pass`] on four values at once.
#[inline(always)]
fn gate4(gate: Gate, y: f32x4, g: f32x4) -> f32x4 {
    match gate {
        Gate::Relu => y.simd_gt(f32x4::ZERO) & g,
        Gate::Guided => y.simd_gt(f32x4::ZERO) & g.max(f32x4::ZERO),
        Gate::Deconvnet => g.max(f32x4::ZERO),
    }
}
