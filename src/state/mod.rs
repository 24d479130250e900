//! The page's brain, without a browser: a state, actions, and what each action asks the outside to do.

pub mod model;
pub mod reduce;

pub use model::{ClassScore, Look, Maps, Mode, Order, Palette, Picture, Source, State, Theme, Weights};
pub use reduce::{Action, Effect};
