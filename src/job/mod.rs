//! Runs what a message asks for, with progress and cancel; knows no browser.

pub mod gif;
pub mod raw;
pub mod report;
mod session;

pub use session::{Answer, Session};
