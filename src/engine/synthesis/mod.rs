//! Pictures made by ascent: how a picture is held, what it climbs towards, and how it is kept a picture.

pub mod canvas;
pub mod climb;
pub mod goal;
pub mod likeness;
pub mod looks;
pub mod optimiser;
pub mod recipe;
pub mod spectrum;
pub mod warp;

pub use canvas::{Canvas, per_channel};
pub use climb::{Climb, clipped, normalised};
pub use goal::{Goal, Look, Term};
pub use likeness::{Code, Diversity, Guide, Style};
pub use looks::{Direction, Energy, Of, OfClass};
pub use optimiser::{Optimiser, Tame, Update};
pub use recipe::{Penalty, Recipe, blur};
pub use spectrum::Spectrum;
pub use warp::{Shake, Warp};
