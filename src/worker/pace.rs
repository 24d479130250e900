//! Progress to the page, and a breath between steps in which a cancel can arrive.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::port::{now, post, scope, taken};
use crate::engine::network::EXTRA;
use crate::engine::pace::Local;
use crate::engine::{EngineError, Pace};
use crate::figure::Figure;
use crate::protocol::{FromWorker, JobId, Problem};

/// Jobs that the page has cancelled.
pub type Cancelled = Rc<RefCell<BTreeSet<JobId>>>;
/// The weights' way, shared with the loader.
pub type Loading = Rc<RefCell<Load>>;

/// Where the weights are.
#[derive(Default)]
pub enum Load {
    /// Nobody asked for them, or all are there.
    #[default]
    Settled,
    /// On their way.
    Coming,
    /// They will not come, for this reason.
    Failed(Problem),
}

/// Milliseconds between progress messages.
const QUIET: f64 = 40.0;
/// Milliseconds between previews.
const LOOK: f64 = 250.0;
/// Milliseconds after which work without progress of its own says that it lives: the page gives up a silent worker.
const HEARTBEAT: f64 = 5000.0;

/// The pace of one job.
pub struct WorkerPace {
    job: JobId,
    cancelled: Cancelled,
    loading: Loading,
    reported: Cell<f64>,
    last: Cell<(usize, usize)>,
    shown: Cell<f64>,
    more: Rc<dyn Fn()>,
}

impl WorkerPace {
    /// For `job`; `more` starts to load the weights' extras.
    pub fn new(job: JobId, cancelled: Cancelled, loading: Loading, more: Rc<dyn Fn()>) -> Self {
        Self { job, cancelled, loading, reported: Cell::new(0.0), last: Cell::new((0, 1)), shown: Cell::new(0.0), more }
    }

    fn report(&self) {
        let (done, total) = self.last.get();
        self.reported.set(now());
        post(&FromWorker::Progress { job: self.job, done, total }, &[]);
    }

    fn check(&self) -> Result<(), EngineError> {
        if self.cancelled.borrow().contains(&self.job) { Err(EngineError::Cancelled) } else { Ok(()) }
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
            breathe().await;
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

    fn wait(&self, layer: &str) -> Local<'_, Result<(), EngineError>> {
        let error = EngineError::NotLoaded(layer.to_owned());
        if layer == EXTRA && !matches!(*self.loading.borrow(), Load::Coming) {
            (self.more)();
        }
        Box::pin(async move {
            let coming = matches!(*self.loading.borrow(), Load::Coming);
            sleep(20).await;
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

async fn sleep(ms: i32) {
    let promise = Promise::new(&mut |resolve: Function, _| {
        if scope().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, ms).is_err() {
            let _ = resolve.call0(&JsValue::NULL);
        }
    });
    drop(JsFuture::from(promise).await);
}
