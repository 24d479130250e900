//! What can go wrong in the engine.

/// Why the engine could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A layer's weights have not arrived (yet).
    #[error("the weights of {0} are not loaded")]
    NotLoaded(String),
    /// An array is missing from the shards or has the wrong shape.
    #[error("array {0} is missing or has the wrong shape")]
    BadArray(String),
    /// The input is larger than the engine takes, or of another size than the network's.
    #[error("the input is {height} x {width}; this network takes sides of {most} at most")]
    BadSize {
        /// Rows asked for.
        height: usize,
        /// Columns asked for.
        width: usize,
        /// The longest side that is taken; the only one, where the network takes no other.
        most: usize,
    },
    /// A graph does not take an input of this shape.
    #[error(transparent)]
    Graph(#[from] crate::catalog::graph::GraphError),
    /// A forward pass did not come as far as somebody asks about.
    #[error("node {0} was not computed")]
    NotComputed(String),
    /// The GPU failed: lost, out of memory, or a shader was refused.
    #[error("device: {0}")]
    Device(String),
    /// The visitor pressed Cancel.
    #[error("cancelled")]
    Cancelled,
}
