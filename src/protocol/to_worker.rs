//! The messages from the page to the worker.

use serde::Serialize;
use serde_json::Value;

use super::JobId;
use crate::catalog::{Lang, Want};

/// A message from the page to the worker; pictures and arrays travel beside it as buffers.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToWorker {
    /// Start fetching the weights in the folder `base` (an absolute URL ending in `/`), or go on after it failed.
    Load {
        /// The folder's address.
        base: String,
        /// Whether the device has the memory for more engines than this one.
        helpers: bool,
    },
    /// Decode the file in buffer 0, or take its RGBA pixels when `pixels` gives width and height.
    SetImage {
        /// Job.
        job: JobId,
        /// `{ size, fit }`, see `engine::image::Options`.
        options: Value,
        /// Width and height of raw RGBA.
        pixels: Option<[u32; 2]>,
    },
    /// Tell the most probable classes of the picture.
    Classify {
        /// Job.
        job: JobId,
        /// How many classes.
        top: usize,
    },
    /// Run a method of the registry.
    Run {
        /// Job.
        job: JobId,
        /// The method's id.
        method: String,
        /// The method's parameters by id; those left out are at their defaults.
        params: Value,
    },
    /// The network alone on the normalised `[3, height, width]` input in buffer 0 (benchmarks, notebooks).
    Raw {
        /// Job.
        job: JobId,
        /// What to compute.
        op: RawOp,
        /// Rows of the input.
        height: usize,
        /// Columns of the input.
        width: usize,
    },
    /// Take these weights instead of fetching any; the buffers are their float32 values.
    Arrays {
        /// Job.
        job: JobId,
        /// Names and shapes, in the buffers' order.
        arrays: Vec<ArrayInfo>,
    },
    /// Independent passes on the normalised `[N, 3, height, width]` inputs in buffer 0, spread over the helpers unless `alone`.
    Probe {
        /// Job.
        job: JobId,
        /// What to compute for each input: logits, gradients, means of a layer ...
        want: Want,
        /// Rows of every input.
        height: usize,
        /// Columns of every input.
        width: usize,
        /// Whether to compute all here, without helpers: so a worker asks its helpers.
        alone: bool,
    },
    /// A film as a GIF; buffer 0 holds its bytes, `[3 F, height, width]`.
    Gif {
        /// Job.
        job: JobId,
        /// Columns of every frame.
        width: u16,
        /// Rows of every frame.
        height: u16,
        /// Milliseconds from one frame to the next.
        delay: f64,
    },
    /// Forget the gallery's pictures of a group, or all of them.
    Forget {
        /// Job.
        job: JobId,
        /// The group's name; `None`: all groups.
        group: Option<String>,
    },
    /// What was computed for the picture so far, as one page and as JSON.
    Report {
        /// Job.
        job: JobId,
        /// The report's language.
        lang: Lang,
        /// What only the page knows: weights' hash, device, version, date.
        about: Value,
    },
    /// Stop a job at its next step.
    Cancel {
        /// Job.
        job: JobId,
    },
}

impl ToWorker {
    /// The job's number, where the message is one.
    pub const fn job(&self) -> Option<JobId> {
        match self {
            Self::SetImage { job, .. }
            | Self::Classify { job, .. }
            | Self::Run { job, .. }
            | Self::Arrays { job, .. }
            | Self::Probe { job, .. }
            | Self::Gif { job, .. }
            | Self::Forget { job, .. }
            | Self::Report { job, .. }
            | Self::Raw { job, .. } => Some(*job),
            Self::Load { .. } | Self::Cancel { .. } => None,
        }
    }
}

/// One array of [`ToWorker::Arrays`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ArrayInfo {
    /// torchvision's key (`features.0.weight`).
    pub name: String,
    /// Outermost dimension first.
    pub shape: Vec<usize>,
}

/// What [`ToWorker::Raw`] computes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum RawOp {
    /// The output of a stage, dense `[C, H, W]`.
    Forward {
        /// The stage's name.
        layer: String,
    },
    /// `mean(stage[channel])` and its gradient with respect to the input.
    Gradient {
        /// The stage's name.
        layer: String,
        /// The channel.
        channel: usize,
    },
    /// Adam ascent on `mean(stage[channel])`; progress carries the objective.
    Ascend {
        /// The stage's name.
        layer: String,
        /// The channel.
        channel: usize,
        /// How many steps of Adam.
        steps: usize,
        /// Learning rate.
        lr: f32,
        /// First moment's decay.
        b1: f32,
        /// Second moment's decay.
        b2: f32,
        /// Added to the root of the second moment.
        eps: f32,
    },
}
