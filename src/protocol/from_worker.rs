//! What the worker says.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{DeviceReport, JobId, Problem, VERSION};
use crate::catalog::ProblemKind;
use crate::catalog::networks::VGG16;
use crate::catalog::picture::{LIMITS, Limits};
use crate::figure::FigureInfo;

/// From worker to page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FromWorker {
    /// The worker's handler is in place; first message. Carries what JavaScript cannot know otherwise.
    Ready {
        /// [`VERSION`].
        version: String,
        /// The methods' registry.
        methods: Value,
        /// The layer table.
        layers: Value,
        /// Every problem's sentence and action.
        problems: Value,
        /// The largest and the smallest picture, so that JavaScript refuses one before it is copied.
        limits: Limits,
    },
    /// Which device was brought up.
    Device(DeviceReport),
    /// Bytes of weights so far.
    Loading {
        /// Received.
        bytes: u64,
        /// To receive.
        total: u64,
        /// All of them came from the browser's cache.
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
        /// Its facts so far.
        #[serde(default)]
        facts: Value,
    },
    /// A job's result; figures' numbers are the buffers.
    Done {
        /// Job.
        job: JobId,
        /// Milliseconds in the worker.
        ms: f64,
        /// Bytes of the worker's memory, which never shrinks: the peak so far.
        memory: f64,
        /// The figures.
        figures: Vec<FigureInfo>,
        /// Anything else, by kind of job.
        result: Value,
    },
    /// A job's error.
    Failed {
        /// Job.
        job: JobId,
        /// What happened.
        problem: Problem,
    },
}

impl FromWorker {
    /// The first message.
    pub fn ready() -> Self {
        let layer = |(i, l): (usize, &crate::catalog::Layer)| {
            let rf = VGG16.receptive_field(i);
            json!({ "name": l.name, "op": format!("{:?}", l.op).to_ascii_lowercase(), "channels": l.cout, "stride": rf.stride,
                "receptive_field": rf.size, "offset": rf.offset })
        };
        let problems = ProblemKind::ALL.iter().map(|kind| {
            let told = Problem::new(*kind, "").told();
            (told["kind"].as_str().unwrap_or_default().to_owned(), told)
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
