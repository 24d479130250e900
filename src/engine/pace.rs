//! How long work reports its progress, lets others run, and hears of a cancel.

use std::future::Future;
use std::pin::Pin;

use serde_json::Value;

use super::EngineError;
use crate::figure::Figure;

/// A future of the one thread that there is.
pub type Local<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// Called between the steps of long work.
pub trait Pace {
    /// `done` of `total` steps are finished: report, yield to the event loop, return.
    ///
    /// # Errors
    /// [`EngineError::Cancelled`] when the visitor cancelled.
    fn tick(&self, done: usize, total: usize) -> Local<'_, Result<(), EngineError>>;

    /// As [`Pace::tick`], without a report.
    ///
    /// # Errors
    /// As [`Pace::tick`].
    fn breathe(&self) -> Local<'_, Result<(), EngineError>> {
        Box::pin(async { Ok(()) })
    }

    /// Whether somebody would look at a preview now.
    fn due(&self) -> bool {
        false
    }

    /// Shows what a result looks like so far.
    fn preview(&self, figures: Vec<Figure>) {
        self.preview_with(figures, Value::Null);
    }

    /// As [`Pace::preview`], with its facts so far.
    fn preview_with(&self, _: Vec<Figure>, _: Value) {}

    /// Waits a moment for something outside (weights on their way) and returns.
    ///
    /// # Errors
    /// [`EngineError::Cancelled`] when the visitor cancelled or nothing will come.
    fn wait(&self, awaited: Awaited<'_>) -> Local<'_, Result<(), EngineError>> {
        let error = EngineError::NotLoaded(awaited.name().to_owned());
        Box::pin(async move { Err(error) })
    }
}

/// Arrays that something waits for.
#[derive(Clone, Copy, Debug)]
pub enum Awaited<'a> {
    /// Those of the layer of this name.
    Layer(&'a str),
    /// Those of the probes.
    Probes,
}

impl Awaited<'_> {
    /// What messages call it.
    pub const fn name(&self) -> &str {
        match self {
            Self::Layer(name) => name,
            Self::Probes => "probes",
        }
    }
}

/// No reports, no yields, no cancel: native tools and tests.
pub struct Silent;

impl Pace for Silent {
    fn tick(&self, _: usize, _: usize) -> Local<'_, Result<(), EngineError>> {
        Box::pin(async { Ok(()) })
    }
}

/// Yields and hears of a cancel, but leaves the progress to whoever counts the inputs.
pub struct Quiet<'a> {
    pace: &'a dyn Pace,
    feed: &'a dyn Fn(),
}

impl<'a> Quiet<'a> {
    /// A pace that passes `pace`'s cancel and yields on, and keeps progress to itself.
    pub fn new(pace: &'a dyn Pace) -> Self {
        Self { pace, feed: &|| () }
    }

    /// Around `pace`; calls `feed` at every step.
    pub const fn feeding(pace: &'a dyn Pace, feed: &'a dyn Fn()) -> Self {
        Self { pace, feed }
    }
}

impl Pace for Quiet<'_> {
    fn tick(&self, _: usize, _: usize) -> Local<'_, Result<(), EngineError>> {
        (self.feed)();
        self.pace.breathe()
    }

    fn wait(&self, awaited: Awaited<'_>) -> Local<'_, Result<(), EngineError>> {
        self.pace.wait(awaited)
    }
}
