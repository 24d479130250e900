//! The network's arithmetic: no browser, and no tensor leaves it but as plain numbers.

pub mod attack;
pub mod change;
pub mod concept;
pub mod device;
pub mod error;
pub mod graph;
pub mod image;
pub mod kernels;
pub mod lens;
pub mod metrics;
pub mod network;
pub mod noise;
pub mod pace;
pub mod probe;
pub mod ridge;
pub mod rule;
pub mod scenes;
pub mod score;
pub mod scramble;
pub mod synthesis;
mod unit;

pub use cnn_lens_simd::planes::{self, Planes};
pub use device::Device;
pub use error::EngineError;
pub use graph::{GraphNetwork, Tape};
pub use network::Network;
pub use pace::{Pace, Silent};
pub use probe::{Alone, Helpers, Portion};

pub use crate::weights::{Array, Arrays, Numbers};
