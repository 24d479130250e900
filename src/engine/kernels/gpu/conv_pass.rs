//! One pass of a convolution, forward or down: what every kernel for it is given, and how each stores its sums.

use cubecl::server::Handle;

use super::each::Keep;
use super::launch::{Source, declared};
use super::layer::Layer;
use super::{Buf, Gpu, Shape};

/// A convolution of `x`, or its adjoint.
#[derive(Clone, Copy)]
pub struct ConvPass<'a> {
    /// Where it is computed.
    pub gpu: &'a Gpu,
    /// The weights.
    pub layer: &'a Layer,
    /// The planes that the pass reads.
    pub x: &'a Buf,
    /// Whether `x` is a gradient, to be handed down.
    pub adjoint: bool,
    /// The bias of each output channel.
    pub bias: &'a Handle,
    /// The operation that is applied to the sums before they are written.
    pub keep: Keep<'a>,
}

impl ConvPass<'_> {
    /// Channels read and written.
    pub const fn channels(&self) -> [usize; 2] {
        self.layer.channels(self.adjoint)
    }

    /// The weights; `turned`: the adjoint's taps stand in reverse order.
    pub fn weights(&self, turned: bool) -> &Handle {
        self.layer.weights(self.gpu, self.adjoint, turned)
    }

    /// Launches the kernel that writes `y`. It knows what it reads by these names and types of elements, then `bias`, `y`, and `gate`
    /// where a gradient passes a ReLU.
    pub fn launch(&self, source: Source, count: [usize; 3], reads: &[(&str, &str, &Handle)], y: &Buf) {
        let rest = [("bias", "f32", self.bias), ("y", "f32", &y.handle)];
        let gate = self.keep.relu().map(|relu| ("gate", "f32", &relu.handle));
        let buffers: Vec<_> = reads.iter().copied().chain(rest).chain(gate).collect();
        let source = source
            .set("buffers", declared(buffers.iter().map(|(name, of, _)| (*name, *of))))
            .set("keep", self.keep.text("gate"));
        let handles: Vec<&Handle> = buffers.iter().map(|(.., handle)| *handle).collect();
        self.gpu.launch(source, count, &handles);
    }
}

/// The function `put`, which stores a sum in planes of this shape.
pub fn put(shape: Shape) -> Source {
    Source::new(include_str!("../wgsl/put.wgsl"))
        .set("written", shape.c)
        .set("h", shape.h)
        .set("w", shape.w)
        .set("plane", shape.plane())
}
