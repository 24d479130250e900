//! What a node does once its arrays are there.

use std::rc::Rc;

use cnn_lens_simd::{Gate, Planes, Reweigh, Shape};

/// What a node read and wrote in a forward pass.
#[derive(Clone, Copy)]
pub struct Pass<'a, B = Planes> {
    /// The values that the node reads, in order.
    pub x: &'a [&'a B],
    /// The value that the node writes.
    pub y: &'a B,
}

/// An operation with its arrays, on a device whose planes are `B`: [`Planes`] on the CPU. All shapes were checked before:
/// [`super::Operator::shape`] accepted the inputs.
pub trait Module<B = Planes> {
    /// The output.
    fn forward(&self, x: &[&B]) -> B;

    /// The output with a ReLU behind it, where a kernel does both at once.
    fn rectified(&self, _x: &[&B]) -> Option<B> {
        None
    }

    /// The gradient at every input, given the one at the output; `gate` is what happens at a ReLU. Only what is a function of
    /// the output, or linear, may be asked about a node whose ReLU was fused to it: there `at.y` is the ReLU's output.
    fn adjoint(&self, at: &Pass<'_, B>, g: &B, gate: Gate) -> Vec<B>;

    /// The gradient before the ReLU whose output is this node's only input, where a kernel hands down through both at once.
    fn adjoint_and_relu(&self, _at: &Pass<'_, B>, _g: &B, _gate: Gate) -> Option<B> {
        None
    }

    /// The same as a linear map, if it is a layer with weights: what relevance goes by.
    fn linear(self: Rc<Self>) -> Option<Rc<dyn LinearMap<B>>> {
        None
    }
}

/// A layer `z = W a + b` with its arrays.
pub trait LinearMap<B = Planes> {
    /// `W a`, and `+ b` with `bias`.
    fn apply(&self, a: &B, bias: bool) -> B;

    /// `W' g`, for inputs of shape `below`.
    fn adjoint(&self, g: &B, below: Shape) -> B;

    /// The same layer with weights and biases changed.
    fn reweighed(&self, how: Reweigh) -> Rc<dyn LinearMap<B>>;
}
