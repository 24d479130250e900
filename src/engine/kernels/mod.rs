//! The hot operations behind one small interface; everything else in the engine is written once, on top of it.
//!
//! * [`cpu`]: SIMD in safe Rust, the same source for wasm and natively.
//! * [`gpu`]: WGSL on burn-wgpu's runtime (feature `gpu`).

pub mod cpu;
#[cfg(feature = "gpu")]
pub mod gpu;
pub mod pack;

use super::error::EngineError;
use super::planes::{Planes, Shape};

/// A device that can do what VGG16 needs. `layer` is the index of a convolution in the layer table.
///
/// No operation but [`Kernels::read`] waits for the device.
#[allow(async_fn_in_trait, reason = "single-threaded by design: a worker owns one engine")]
pub trait Kernels {
    /// Padded planes on the device ([`super::planes`]).
    type Buf: Clone;

    /// Hands over a convolution's weights, row-major `[cout, cin, 3, 3]`, and its bias.
    fn load(&self, layer: usize, cout: usize, cin: usize, weight: &[f32], bias: &[f32]);

    /// Whether [`Kernels::load`] was called for `layer`.
    fn loaded(&self, layer: usize) -> bool;

    /// To the device.
    fn upload(&self, planes: &Planes) -> Self::Buf;

    /// 3x3 convolution with bias, and ReLU fused when `relu`.
    fn conv(&self, x: &Self::Buf, layer: usize, relu: bool) -> Self::Buf;

    /// The adjoint of the convolution (no bias): the gradient with respect to its input.
    fn conv_adjoint(&self, g: &Self::Buf, layer: usize) -> Self::Buf;

    /// The adjoint of ReLU: `g` where the ReLU's output `y` is positive, else 0.
    fn relu_adjoint(&self, y: &Self::Buf, g: &Self::Buf) -> Self::Buf;

    /// 2x2 maximum, stride 2.
    fn pool(&self, x: &Self::Buf) -> Self::Buf;

    /// The adjoint of [`Kernels::pool`] at input `x`: to the first maximum of each window in scan order, as PyTorch does.
    fn pool_adjoint(&self, x: &Self::Buf, g: &Self::Buf) -> Self::Buf;

    /// Back to the CPU.
    ///
    /// # Errors
    /// [`EngineError::Device`] when the device is lost or refused a shader.
    async fn read(&self, buf: &Self::Buf) -> Result<Planes, EngineError>;

    /// Lets go of memory kept for reuse.
    fn tidy(&self) {}
}
