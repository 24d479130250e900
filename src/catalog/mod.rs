//! Pure data: no tensors, no browser.

pub mod card;
pub mod choice;
pub mod examples;
pub mod facts;
pub mod graph;
pub mod labels;
pub mod method;
pub mod need;
pub mod network;
pub mod networks;
pub mod picture;
pub mod posters;
pub mod problem;
pub mod region;
pub mod role;
pub mod sixteen;
pub mod terms;
pub mod text;
pub mod want;
pub mod words;

pub use crate::ops::Field;
pub use card::Card;
pub use graph::Graph;
pub use method::{MethodInfo, ParamKind, ParamSpec};
pub use need::Need;
pub use network::NetworkSpec;
pub use problem::ProblemKind;
pub use region::Region;
pub use role::LayerRole;
pub use text::{Lang, Text};
pub use want::{Score, Target, Unit, Want};
