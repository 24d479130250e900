//! The hot operations behind one small interface; everything else in the engine is written once, on top of it.
//!
//! * [`cpu`]: SIMD in safe Rust, the same source for wasm and natively.
//! * [`gpu`]: WGSL on burn-wgpu's runtime (feature `gpu`).

pub mod cpu;
#[cfg(feature = "gpu")]
pub mod gpu;

pub use cnn_lens_simd::{Gate, Reweigh};

use std::collections::BTreeMap;

use super::error::EngineError;
use super::planes::{Planes, Shape};

/// The place of [`Kernels::reweigh`]'s convolution in the layer table.
pub const REWEIGHED: usize = usize::MAX;

/// Adam's coefficients for one step (Kingma & Ba 2015, algorithm 1): `lr`, `beta1`, `beta2`, `eps`, and the bias corrections
/// `1 / (1 - beta^t)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adam {
    /// Step size.
    pub lr: f32,
    /// Decay of the first moment.
    pub b1: f32,
    /// Decay of the second moment.
    pub b2: f32,
    /// Added to the root of the second moment, so that nothing is divided by 0.
    pub eps: f32,
    /// `1 / (1 - b1^t)`, `1 / (1 - b2^t)`.
    pub corrections: [f32; 2],
}

impl Adam {
    /// The same coefficients at step `t`, counted from 1.
    pub fn at(self, t: i32) -> Self {
        Self { corrections: [1.0 / (1.0 - self.b1.powi(t)), 1.0 / (1.0 - self.b2.powi(t))], ..self }
    }
}

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

    /// Puts a changed copy of convolution `layer` at [`REWEIGHED`]; the copy before it is forgotten.
    fn reweigh(&self, layer: usize, how: Reweigh);

    /// Exchanges the weights at two places of the layer table; either may be empty.
    fn exchange(&self, a: usize, b: usize);

    /// Lets go of the weights at a place.
    fn forget(&self, layer: usize);

    /// Copies planes to the device.
    fn upload(&self, planes: &Planes) -> Self::Buf;

    /// 3x3 convolution with bias, and ReLU fused when `relu`.
    fn conv(&self, x: &Self::Buf, layer: usize, relu: bool) -> Self::Buf;

    /// The adjoint of the convolution (no bias): the gradient with respect to its input, which passes `gate` at once when
    /// that input is a ReLU's output.
    fn conv_adjoint(&self, g: &Self::Buf, layer: usize, gate: Option<(Gate, &Self::Buf)>) -> Self::Buf;

    /// The backward pass of a ReLU with output `y`.
    fn relu_adjoint(&self, y: &Self::Buf, g: &Self::Buf, gate: Gate) -> Self::Buf;

    /// Max pooling: the largest of each 2x2 window, stride 2.
    fn pool(&self, x: &Self::Buf) -> Self::Buf;

    /// The adjoint of [`Kernels::pool`] at input `x`: to the first maximum of each window in scan order, as PyTorch does;
    /// then through `gate`, when `x` is a ReLU's output.
    fn pool_adjoint(&self, x: &Self::Buf, g: &Self::Buf, gate: Option<Gate>) -> Self::Buf;

    /// One step of Adam *ascent* on `x` along `g`; `m` and `v` are its moments.
    fn adam(&self, x: &mut Self::Buf, g: &Self::Buf, m: &mut Self::Buf, v: &mut Self::Buf, step: &Adam);

    /// Copies planes back to the CPU, and waits until the device has computed them.
    ///
    /// # Errors
    /// [`EngineError::Device`] when the device is lost or refused a shader.
    async fn read(&self, buf: &Self::Buf) -> Result<Planes, EngineError>;

    /// One plane (`image * C + channel`) back to the CPU.
    ///
    /// # Errors
    /// As [`Kernels::read`].
    async fn read_plane(&self, buf: &Self::Buf, plane: usize) -> Result<Planes, EngineError>;

    /// Lets go of memory kept for reuse, and of the copy at [`REWEIGHED`].
    fn tidy(&self) {}
}

/// Exchanges the entries at two keys, of which either may be missing.
fn exchange<T>(layers: &mut BTreeMap<usize, T>, a: usize, b: usize) {
    let (at_a, at_b) = (layers.remove(&a), layers.remove(&b));
    layers.extend(at_a.map(|l| (b, l)).into_iter().chain(at_b.map(|l| (a, l))));
}
