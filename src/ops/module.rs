//! What a node does once its arrays are there.

use cnn_lens_simd::{Gate, Planes, finish};

use super::rule::Rule;

/// What a node read and wrote in a forward pass.
#[derive(Clone, Copy)]
pub struct Pass<'a> {
    /// Its inputs.
    pub x: &'a [&'a Planes],
    /// Its output.
    pub y: &'a Planes,
}

/// An operation with its arrays, on the CPU. All shapes were checked before: [`super::Operator::shape`] accepted the inputs.
pub trait Module {
    /// The output.
    fn forward(&self, x: &[&Planes]) -> Planes;

    /// The output with a ReLU behind it.
    fn rectified(&self, x: &[&Planes]) -> Planes {
        let mut y = self.forward(x);
        y.data.iter_mut().for_each(|v| *v = v.max(0.0));
        y
    }

    /// The gradient at every input, given the one at the output; `gate` is what happens at a ReLU. Only what is a function of
    /// the output, or linear, may be asked about a node whose ReLU was fused to it: there `at.y` is the ReLU's output.
    fn adjoint(&self, at: &Pass<'_>, g: &Planes, gate: Gate) -> Vec<Planes>;

    /// The gradient before the ReLU whose output is this node's only input: as [`Module::adjoint`] and then that of the ReLU, in
    /// one pass where a kernel can.
    fn adjoint_and_relu(&self, at: &Pass<'_>, g: &Planes, gate: Gate) -> Planes {
        let below = self.adjoint(at, g, gate);
        finish::relu_adjoint(gate, at.x[0], &below[0])
    }

    /// The relevance of every input, given the output's (layer-wise relevance propagation, Bach et al. 2015).
    fn relevance(&self, at: &Pass<'_>, r: &Planes, rule: &Rule) -> Vec<Planes>;
}
