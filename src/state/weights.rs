//! How much of the network's weights has arrived.

/// The weights' progress.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Weights {
    /// Received.
    pub bytes: u64,
    /// To receive.
    pub total: u64,
    /// All in place.
    pub loaded: bool,
}
