//! The hot loops: safe SIMD, one thread, one source for wasm and natively.
//!
//! A crate of its own so that it alone is compiled for speed: everything else is glue, and is compiled for size.

pub mod dft;
pub mod direct;
pub mod filter;
pub mod finish;
mod gate;
pub mod gram;
mod lanes;
pub mod pack;
pub mod planes;
pub mod pool;
pub mod winograd;

pub use gate::{Gate, Reweigh};
pub use lanes::{axpy, dot};
pub use planes::{Planes, Shape};
