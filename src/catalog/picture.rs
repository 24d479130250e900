//! Which pictures are opened: the one place of the limits, for the engine, the page and `cnn-lens.js`.

use serde::{Deserialize, Serialize};

/// The largest and the smallest picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Most bytes of a file.
    pub bytes: usize,
    /// Most pixels.
    pub pixels: u64,
    /// Smallest side.
    pub side: u32,
}

/// The limits. Fuzzing (cargo-fuzz's cfg) tries more files in the time that large ones would take.
pub const LIMITS: Limits =
    Limits { bytes: 32 << 20, pixels: if cfg!(fuzzing) { 1 << 16 } else { 64_000_000 }, side: 16 };
