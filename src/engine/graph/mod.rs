//! Any feed-forward network on the CPU: the graph of a card, run forward and walked backward.
//!
//! * `plan`: which nodes are computed together, and when a value is let go of.
//! * `tape`: the values of one forward pass, by node.
//! * `walk`: the one backward walk, for gradients and for relevance.

mod network;
mod plan;
mod tape;
mod walk;

pub use network::GraphNetwork;
pub use tape::Tape;
pub use walk::ByNode;
