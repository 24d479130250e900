//! From the bytes of a shard to named `f32` arrays, and back. No tensors, no browser.

pub mod manifest;
pub mod quant;
pub mod shard;

pub use cnn_lens_simd::Rounded;
pub use manifest::{Manifest, Part, ShardInfo, TensorInfo};
pub use shard::{Array, Arrays, Numbers, WeightsError, hex, unpack};
