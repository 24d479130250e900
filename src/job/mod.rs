//! Runs what a message asks for, with progress and cancel; knows no browser.

mod answer;
pub mod gif;
pub mod raw;
pub mod report;
mod session;

pub use answer::{Buffer, answer};
pub use session::{Answer, Session};

use crate::catalog::ProblemKind;
use crate::engine::EngineError;
use crate::methods::MethodError;
use crate::protocol::Problem;

/// A method's error as one of the problems that the page explains.
fn problem(error: impl Into<MethodError>) -> Problem {
    let error = error.into();
    let kind = match &error {
        MethodError::Unknown(_) => ProblemKind::UnknownMethod,
        MethodError::Parameter(_)
        | MethodError::Engine(EngineError::BadSize { .. } | EngineError::Graph(_) | EngineError::NotComputed(_)) => {
            ProblemKind::BadParameter
        }
        MethodError::Lacks(_) => ProblemKind::OtherNetwork,
        MethodError::NoImage => ProblemKind::NoImage,
        MethodError::NoSecond => ProblemKind::NoSecond,
        MethodError::NoGallery(_) => ProblemKind::NoGallery,
        MethodError::Engine(EngineError::Cancelled) => ProblemKind::Cancelled,
        MethodError::Engine(EngineError::NotLoaded(_)) => ProblemKind::WeightsMissing,
        MethodError::Engine(EngineError::BadArray(_)) => ProblemKind::WeightsDamaged,
        MethodError::Engine(EngineError::Device(_)) => ProblemKind::DeviceLost,
    };
    Problem::new(kind, error)
}
