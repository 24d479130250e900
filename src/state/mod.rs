//! The page's brain, without a browser: a state, actions, and what each action asks the outside to do.

pub mod action;
mod answer;
pub mod around;
pub mod board;
pub mod catalogue;
pub mod explain;
pub mod frame;
mod gallery;
mod go;
pub mod job;
pub mod link;
pub mod look;
mod maps;
pub mod model;
pub mod question;
pub mod reduce;
pub mod story;
pub mod tale;

pub use action::{Action, Effect, Reply};
pub use around::{Around, Export, Format, Shown};
pub use board::{Aim, By};
pub use catalogue::{Catalogue, grown};
pub use explain::{Explain, Explained, Given, MANY, Told, given};
pub use frame::{Chrome, Frame, View, Wanted};
pub use job::{Ask, Job, JobId, Jobs, Place, Stop};
pub use look::{Look, Mode, Order, Palette, Theme};
pub use maps::{Maps, Strongest};
pub use model::{ClassScore, Picture, Source, State, Weights};
pub use question::{Answer, Difference, Question, Seen};
pub use story::{Guess, Reading, Story, Turn, Verdict};
pub use tale::Tale;
