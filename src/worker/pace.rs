//! Progress to the page, and a breath between steps in which a cancel can arrive.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::inbox::Inbox;
use super::port::{now, post, scope, taken};
use crate::catalog::{NetworkSpec, ProblemKind};
use crate::engine::pace::{Awaited, Local};
use crate::engine::{EngineError, Pace};
use crate::figure::Figure;
use crate::protocol::{FromWorker, JobId, Problem};

/// Where a part of the weights is.
#[derive(Default)]
pub enum Load {
    /// Nobody has asked for this part.
    #[default]
    Idle,
    /// On its way.
    Coming,
    /// All of it is in the network.
    Here,
    /// The part will not come, for this reason, until the page asks to load again.
    Failed(Problem),
}

/// Where the weights are, shared with the loader.
#[derive(Default)]
pub struct Weights {
    /// The layers of the teaching head alone, whose arrays are among the extras.
    pub teaching: Vec<String>,
    /// The address of the weights' folder.
    pub base: RefCell<String>,
    /// The shards without which no network runs.
    pub shards: RefCell<Load>,
    /// The teaching head and the lens, fetched when a job waits for them.
    pub extras: RefCell<Load>,
}

impl Weights {
    /// Where the weights of a network are, before any have been asked for.
    pub fn of(net: &NetworkSpec) -> Self {
        Self { teaching: net.taught_layers().map(str::to_owned).collect(), ..Self::default() }
    }

    /// Whether something is on its way.
    pub fn coming(&self) -> bool {
        [&self.shards, &self.extras].iter().any(|l| matches!(*l.borrow(), Load::Coming))
    }
}

/// Milliseconds between progress messages.
const QUIET: f64 = 40.0;
/// Milliseconds between previews.
const LOOK: f64 = 250.0;
/// Milliseconds of work between breaths: a breath costs as much as a small network's layer.
const WORK: f64 = 16.0;
/// Milliseconds after which work without progress of its own says that it lives: the page gives up a silent worker.
const HEARTBEAT: f64 = 2000.0;

/// The pace of one job.
pub struct WorkerPace {
    job: JobId,
    inbox: Rc<Inbox>,
    weights: Rc<Weights>,
    reported: Cell<f64>,
    breathed: Cell<f64>,
    last: Cell<(usize, usize)>,
    shown: Cell<f64>,
    /// Why the weights that it waited for will not come.
    missed: RefCell<Option<Problem>>,
    extras: Rc<dyn Fn(String)>,
}

impl WorkerPace {
    /// For `job`; `extras` starts to load the extras of a folder.
    pub fn new(job: JobId, inbox: Rc<Inbox>, weights: Rc<Weights>, extras: Rc<dyn Fn(String)>) -> Self {
        let [reported, breathed, shown] = [now(), now(), 0.0].map(Cell::new);
        let last = Cell::new((0, 1));
        Self { job, inbox, weights, reported, breathed, last, shown, missed: RefCell::default(), extras }
    }

    /// A job that lacks weights failed for the reason for which the weights did.
    pub fn reason(&self, problem: Problem) -> Problem {
        let missed = self.missed.take().filter(|_| problem.kind == ProblemKind::WeightsMissing);
        missed.unwrap_or(problem)
    }

    fn report(&self) {
        let (done, total) = self.last.get();
        self.reported.set(now());
        post(&FromWorker::Progress { job: self.job, done, total }, &[]);
    }

    fn check(&self) -> Result<(), EngineError> {
        if self.inbox.is_cancelled() { Err(EngineError::Cancelled) } else { Ok(()) }
    }
}

impl Pace for WorkerPace {
    fn tick(&self, done: usize, total: usize) -> Local<'_, Result<(), EngineError>> {
        self.last.set((done, total));
        if now() - self.reported.get() > QUIET || done == total {
            self.report();
        }
        self.breathe()
    }

    fn breathe(&self) -> Local<'_, Result<(), EngineError>> {
        if now() - self.reported.get() > HEARTBEAT {
            self.report();
        }
        Box::pin(async {
            if now() - self.breathed.get() > WORK {
                breathe().await;
                self.breathed.set(now());
            }
            self.check()
        })
    }

    fn due(&self) -> bool {
        now() - self.shown.get() > LOOK
    }

    fn preview_with(&self, figures: Vec<Figure>, facts: serde_json::Value) {
        self.shown.set(now());
        let (figures, buffers) = taken(figures);
        post(&FromWorker::Partial { job: self.job, figures, facts }, &buffers);
    }

    fn wait(&self, awaited: Awaited<'_>) -> Local<'_, Result<(), EngineError>> {
        let error = EngineError::NotLoaded(awaited.name().to_owned());
        let extra = match awaited {
            Awaited::Layer(name) => self.weights.teaching.iter().any(|own| own == name),
            Awaited::Probes => true,
        };
        let part = if extra { &self.weights.extras } else { &self.weights.shards };
        let base = self.weights.base.borrow().clone();
        // failed is not "not asked for yet"; without a folder there is nothing to ask
        if extra && !base.is_empty() && matches!(*part.borrow(), Load::Idle) {
            *part.borrow_mut() = Load::Coming;
            (self.extras)(base);
        }
        Box::pin(async move {
            let coming = match &*part.borrow() {
                Load::Coming => true,
                Load::Failed(why) => {
                    *self.missed.borrow_mut() = Some(why.clone());
                    false
                }
                Load::Idle | Load::Here => false,
            };
            if coming {
                sleep(20).await;
            }
            self.check()?;
            if coming { Ok(()) } else { Err(error) }
        })
    }
}

thread_local! {
    static CHANNEL: Option<web_sys::MessageChannel> = web_sys::MessageChannel::new().ok();
}

/// Back to the event loop and on at once (a timer would wait 4 ms).
async fn breathe() {
    let promise = CHANNEL.with(|channel| {
        channel.as_ref().map(|channel| {
            Promise::new(&mut |resolve: Function, _| {
                channel.port1().set_onmessage(Some(&resolve));
                if channel.port2().post_message(&JsValue::NULL).is_err() {
                    // then there is nothing to wait for
                    let _ = resolve.call0(&JsValue::NULL);
                }
            })
        })
    });
    match promise {
        Some(promise) => drop(JsFuture::from(promise).await),
        None => sleep(0).await,
    }
}

/// Waits so many milliseconds.
pub async fn sleep(ms: i32) {
    let promise = Promise::new(&mut |resolve: Function, _| {
        if scope().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, ms).is_err() {
            let _ = resolve.call0(&JsValue::NULL);
        }
    });
    drop(JsFuture::from(promise).await);
}
