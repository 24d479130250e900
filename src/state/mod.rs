//! The page's brain, without a browser: a state, actions, and what each action asks the outside to do.

pub mod action;
pub mod board;
pub mod catalogue;
pub mod explain;
pub mod frame;
mod gallery;
mod go;
pub mod link;
pub mod look;
mod maps;
pub mod model;
pub mod reduce;

pub use action::{Action, Effect};
pub use board::Aim;
pub use catalogue::{Catalogue, grown};
pub use explain::{Explain, Explained, Given, Place};
pub use frame::{Chrome, Frame, View, Wanted};
pub use look::{Look, Mode, Order, Palette, Theme};
pub use maps::Maps;
pub use model::{ClassScore, Picture, Source, State, Weights};
