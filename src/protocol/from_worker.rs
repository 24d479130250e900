//! The messages from the worker to the page.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{DeviceReport, JobId, Problem, VERSION};
use crate::catalog::ProblemKind;
use crate::catalog::method::PresetValue;
use crate::catalog::picture::{LIMITS, Limits};
use crate::catalog::{Field, MethodInfo, NetworkSpec, ParamKind, ParamSpec, networks};
use crate::figure::FigureInfo;
use crate::methods::INFOS;

/// A message from the worker to the page; its figures' numbers travel beside it as buffers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FromWorker {
    /// The worker's handler is in place; first message. Carries what JavaScript cannot know otherwise.
    Ready {
        /// The worker's [`VERSION`]; the page refuses another one than its own.
        version: String,
        /// The id of the network that runs.
        network: String,
        /// What can be asked for instead: `{ id, name, classes, bytes, folder, precision, licence, paper }` of every network.
        networks: Value,
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
    /// The message [`FromWorker::Ready`] of this build, for a worker that runs `net`.
    pub fn ready(net: &NetworkSpec) -> Self {
        let layer = |at: &usize| {
            // what sees the whole picture stands at no place of it
            let field = match net.receptive_field(*at) {
                Field::Window { x, .. } => Some(x),
                Field::Whole => None,
            };
            json!({ "name": net.name(*at), "op": net.kind(*at), "channels": net.channels(*at), "stride": field.map(|f| f.stride),
                "receptive_field": field.map(|f| f.size), "offset": field.map(|f| f.offset()) })
        };
        let problems = ProblemKind::ALL.iter().map(|kind| {
            let texts = Problem::new(*kind, "").with_texts();
            (texts["kind"].as_str().unwrap_or_default().to_owned(), texts)
        });
        let shipped: Vec<_> = networks::ids().into_iter().filter_map(networks::get).collect();
        let own = shipped.iter().all(|other| **other != *net).then(|| network(net));
        Self::Ready {
            version: VERSION.into(),
            network: net.id().into(),
            networks: shipped.iter().map(|net| network(net)).chain(own).collect(),
            methods: INFOS.iter().map(|info| method(info, net)).collect(),
            layers: net.layers().iter().map(layer).collect(),
            problems: problems.collect::<serde_json::Map<_, _>>().into(),
            limits: LIMITS,
        }
    }
}

/// A network's description for JavaScript.
fn network(net: &NetworkSpec) -> Value {
    let card = net.card();
    let paper = card.paper.as_ref().map(|p| json!({ "cite": p.cite, "title": p.title, "at": p.at }));
    json!({ "id": card.id, "name": card.name, "classes": net.classes(), "bytes": networks::bytes(net.id()),
        "folder": networks::folder(net.id()), "precision": net.precision(), "licence": card.licence, "paper": paper })
}

/// A method's description for whoever runs `net`: layers, channels and their number are told as they are there; `lacks` says what the
/// method needs and `net` has not got, in both languages.
fn method(info: &MethodInfo, net: &NetworkSpec) -> Value {
    let mut told = json!(info);
    for (spec, told) in info.params.iter().zip(told["params"].as_array_mut().into_iter().flatten()) {
        match spec.kind {
            ParamKind::Layer { default, .. } => told["default"] = net.name(net.role(default)).into(),
            ParamKind::Count { .. } | ParamKind::Side { .. } => {
                *told = json!(ParamSpec { kind: net.takes(spec.kind), ..*spec })
            }
            _ => {}
        }
    }
    for (i, preset) in info.presets.iter().enumerate() {
        for (k, (_, value)) in preset.params.iter().enumerate() {
            if let PresetValue::Channel(role, channel) = value {
                told["presets"][i]["params"][k][1] = net.text(net.channel_of(*role, *channel)).into();
            }
        }
    }
    told["lacks"] = net.lacks(info).map(|need| json!(need.sentence())).into();
    told
}
