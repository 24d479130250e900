//! Any feed-forward network: the graph of a card, run forward and walked backward on a device.
//!
//! * `bound`: a node that is ready to compute: on the device, or on the CPU where the device has no kernel for it.
//! * `plan`: which nodes are computed together, and when a value is let go of.
//! * `tape`: the values of one forward pass, by node.
//! * `walk`: the one backward walk, for gradients and for relevance.
//! * `relevance`: how a layer with weights shares relevance among its inputs.

mod bound;
mod network;
mod plan;
mod relevance;
mod tape;
mod walk;

pub(in crate::engine) use bound::Bound;
pub use network::GraphNetwork;
pub use tape::Tape;
pub use walk::ByNode;
