//! The messages from the worker to the page.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{DeviceReport, JobId, Problem, VERSION};
use crate::catalog::ProblemKind;
use crate::catalog::networks::VGG16;
use crate::catalog::picture::{LIMITS, Limits};
use crate::figure::FigureInfo;

/// A message from the worker to the page; its figures' numbers travel beside it as buffers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FromWorker {
    /// The worker's handler is in place; first message. Carries what JavaScript cannot know otherwise.
    Ready {
        /// The worker's [`VERSION`]; the page refuses another one than its own.
        version: String,
        /// The description of every method ([`crate::methods::INFOS`]).
        methods: Value,
        /// Name, operation, channels and receptive field of every layer.
        layers: Value,
        /// Every problem's sentence and action.
        problems: Value,
        /// The largest and the smallest picture, so that JavaScript refuses one before it is copied.
        limits: Limits,
    },
    /// Which device was brought up.
    Device(DeviceReport),
    /// How much of the weights has arrived.
    Loading {
        /// Bytes received.
        bytes: u64,
        /// Bytes in all.
        total: u64,
        /// All of them came from the browser's cache, not from the network.
        cached: bool,
    },
    /// All weights are in place.
    Loaded {
        /// SHA-256 of the manifest: identifies the weights in exports.
        weights: String,
    },
    /// The device could not be brought up, or the weights could not be loaded.
    LoadFailed(Problem),
    /// Nothing new, but the worker lives: now and then while it waits for the network.
    Alive,
    /// A step of a job is done.
    Progress {
        /// Job.
        job: JobId,
        /// Steps done.
        done: usize,
        /// Steps in all.
        total: usize,
    },
    /// What a job's figures look like so far; their numbers are the buffers.
    Partial {
        /// Job.
        job: JobId,
        /// The figures.
        figures: Vec<FigureInfo>,
        /// The numbers that the method has printed so far.
        #[serde(default)]
        facts: Value,
    },
    /// A job's result; figures' numbers are the buffers.
    Done {
        /// Job.
        job: JobId,
        /// Milliseconds from the job's start to its end in the worker.
        ms: f64,
        /// Bytes of the worker's memory, which never shrinks: the peak so far.
        memory: f64,
        /// The figures.
        figures: Vec<FigureInfo>,
        /// Anything else, by kind of job.
        result: Value,
    },
    /// A job came to nothing.
    Failed {
        /// Job.
        job: JobId,
        /// Why, as the page explains it.
        problem: Problem,
    },
}

impl FromWorker {
    /// The message [`FromWorker::Ready`] of this build.
    pub fn ready() -> Self {
        let layer = |(i, l): (usize, &crate::catalog::Layer)| {
            let rf = VGG16.receptive_field(i);
            json!({ "name": l.name, "op": format!("{:?}", l.op).to_ascii_lowercase(), "channels": l.cout, "stride": rf.stride,
                "receptive_field": rf.size, "offset": rf.offset })
        };
        let problems = ProblemKind::ALL.iter().map(|kind| {
            let texts = Problem::new(*kind, "").with_texts();
            (texts["kind"].as_str().unwrap_or_default().to_owned(), texts)
        });
        Self::Ready {
            version: VERSION.into(),
            methods: json!(crate::methods::INFOS),
            layers: VGG16.layers.iter().enumerate().map(layer).collect(),
            problems: problems.collect::<serde_json::Map<_, _>>().into(),
            limits: LIMITS,
        }
    }
}
