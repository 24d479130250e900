//! The messages between page and worker.
//!
//! One message is `{ header: string, buffers: ArrayBuffer[] }`: the header is JSON (so that `cnn-lens.js`, which any blog
//! post can use, reads it without a decoder of its own), numbers travel beside it as transferred buffers. Weights never
//! cross. The worker speaks first; every result carries its job's number. [`ToWorker::read`] and [`ToWorker::check`] are the
//! boundary: what passes them traps nothing, and what does not gets its job's [`FromWorker::Failed`].

mod check;
mod from_worker;
mod read;
mod to_worker;

pub use from_worker::FromWorker;
pub use read::Unread;
pub use to_worker::{ArrayInfo, RawOp, ToWorker};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::catalog::ProblemKind;

/// The build's version (`build.rs`); both sides must have the same.
pub const VERSION: &str = env!("CNN_LENS_VERSION");

/// A job's number, given by the page.
pub type JobId = u32;

/// Which device the engine runs on, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceReport {
    /// The device's kind: `cpu` or `webgpu`.
    pub kind: String,
    /// The adapter, or how the CPU is used.
    pub name: String,
    /// A CPU pretending to be a GPU.
    pub software: bool,
    /// The id of the network that runs on it.
    #[serde(default)]
    pub network: String,
    /// Why this one was chosen; filled in by the page's ladder.
    #[serde(default)]
    pub reason: String,
}

/// Something went wrong: kind, sentence and action in both languages, and the detail.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// Which problem it is.
    pub kind: ProblemKind,
    /// What exactly happened, in English, for reports.
    pub detail: String,
}

impl Problem {
    /// A problem with its detail.
    pub fn new(kind: ProblemKind, detail: impl ToString) -> Self {
        Self { kind, detail: detail.to_string() }
    }

    /// The problem with its sentence and action in every language, as JavaScript gets it.
    pub fn with_texts(&self) -> Value {
        json!({
            "kind": self.kind, "detail": self.detail,
            "sentence": self.kind.sentence(), "action": self.kind.action(),
        })
    }
}
