//! The messages between page and worker.
//!
//! One message is `{ header: string, buffers: ArrayBuffer[] }`: the header is JSON (so that `cnn-lens.js`, which any blog
//! post can use, reads it without a decoder of its own), numbers travel beside it as transferred buffers. Weights never
//! cross. The worker speaks first; every result carries its job's number.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::catalog::networks::VGG16;
use crate::catalog::{ProblemKind, Text};
use crate::figure::FigureInfo;

/// Both sides must have the same.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A job's number, given by the page.
pub type JobId = u32;

/// From page to worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToWorker {
    /// Start fetching the weights in the folder `base` (an absolute URL ending in `/`).
    Load {
        /// The folder.
        base: String,
    },
    /// Decode the file in buffer 0, or take its RGBA pixels when `pixels` gives width and height.
    SetImage {
        /// Job.
        job: JobId,
        /// `{ size, fit }`, see `engine::image::Options`.
        #[serde(default)]
        options: Value,
        /// Width and height of raw RGBA.
        #[serde(default)]
        pixels: Option<[u32; 2]>,
    },
    /// The most probable classes.
    Classify {
        /// Job.
        job: JobId,
        /// How many.
        top: usize,
    },
    /// Run a method of the registry.
    Run {
        /// Job.
        job: JobId,
        /// Its id.
        method: String,
        /// Its parameters.
        #[serde(default)]
        params: Value,
    },
    /// The network alone on the normalised `[3, height, width]` input in buffer 0 (benchmarks, notebooks).
    Raw {
        /// Job.
        job: JobId,
        /// What to compute.
        op: RawOp,
        /// Rows.
        height: usize,
        /// Columns.
        width: usize,
    },
    /// Stop a job at its next step.
    Cancel {
        /// Job.
        job: JobId,
    },
}

/// What [`ToWorker::Raw`] computes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
        /// Number of steps.
        steps: usize,
        /// Learning rate.
        lr: f32,
        /// First moment's decay.
        b1: f32,
        /// Second moment's decay.
        b2: f32,
        /// Added to the root.
        eps: f32,
    },
}

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
    /// The weights could not be loaded.
    LoadFailed(Problem),
    /// A step of a job is done.
    Progress {
        /// Job.
        job: JobId,
        /// Steps done.
        done: usize,
        /// Steps in all.
        total: usize,
    },
    /// A job's result; figures' numbers are the buffers.
    Done {
        /// Job.
        job: JobId,
        /// Milliseconds in the worker.
        ms: f64,
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
            json!({ "name": l.name, "op": format!("{:?}", l.op).to_lowercase(), "channels": l.cout, "stride": rf.stride,
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
        }
    }
}

/// Which device the engine runs on, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceReport {
    /// `cpu` or `webgpu`.
    pub kind: String,
    /// The adapter, or how the CPU is used.
    pub name: String,
    /// A CPU pretending to be a GPU.
    pub software: bool,
    /// Why this one was chosen; filled in by the page's ladder.
    #[serde(default)]
    pub reason: String,
}

/// Something went wrong: kind, sentence and action in both languages, and the detail.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// Kind.
    pub kind: ProblemKind,
    /// In English, for a report.
    pub detail: String,
}

impl Problem {
    /// A problem with its detail.
    pub fn new(kind: ProblemKind, detail: impl ToString) -> Self {
        Self { kind, detail: detail.to_string() }
    }

    /// With the texts, for JavaScript.
    pub fn told(&self) -> Value {
        let both = |t: Text| json!({ "en": t.en, "zh": t.zh });
        json!({
            "kind": self.kind, "detail": self.detail,
            "sentence": both(self.kind.sentence()), "action": both(self.kind.action()),
        })
    }
}
