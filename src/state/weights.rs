//! How much of the network's weights has arrived.

/// How much of the weights has arrived.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Weights {
    /// Bytes received.
    pub bytes: u64,
    /// Bytes in all; 0 before that is known.
    pub total: u64,
    /// Whether all of them are in the network.
    pub loaded: bool,
}
