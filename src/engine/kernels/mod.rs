//! The devices: what of a network is computed where ([`super::Device`]).
//!
//! * [`cpu`]: SIMD in safe Rust, the same source for wasm and natively.
//! * [`gpu`]: WGSL on burn-wgpu's runtime (feature `gpu`).

pub mod cpu;
#[cfg(feature = "gpu")]
pub mod gpu;

pub use cnn_lens_simd::{Gate, Reweigh};

use super::error::EngineError;
use super::planes::{Planes, Shape};

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
