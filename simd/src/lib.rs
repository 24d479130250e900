//! The hot loops: safe SIMD, one thread, one source for wasm and natively.
//!
//! A crate of its own so that it alone is compiled for speed: everything else is glue, and is compiled for size.

pub mod depthwise;
pub mod dft;
pub mod direct;
pub mod filter;
pub mod finish;
mod gate;
pub mod gram;
pub mod im2row;
mod lanes;
pub mod matrix;
pub mod pack;
pub mod planes;
pub mod pool;
mod pool_three;
pub mod pool_window;
pub mod rounded;
pub mod window;
pub mod winograd;

pub use gate::{Gate, Reweigh};
pub use lanes::{add, axpy, dot, finite, sum};
pub use planes::{Planes, Shape};
pub use rounded::Rounded;
pub use window::{Axis, Window};
