//! Pictures made by ascent: how a picture is parametrised, and how it is shaken so that only what is robust grows.

pub mod adam;
pub mod spectrum;
pub mod warp;

pub use adam::Ascent;
pub use spectrum::Spectrum;
pub use warp::Warp;
