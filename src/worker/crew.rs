//! Helpers: more workers of the same binary with the same weights, for passes that do not depend on each other.
//!
//! Started at the first job that has use for them, at most three, and only on the CPU: a GPU is shared anyway. A worker that
//! is terminated takes its helpers with it.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use js_sys::{Array, ArrayBuffer, Float32Array, Function, Object, Promise, Reflect};
use serde_json::Value;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{MessageEvent, Worker, WorkerOptions, WorkerType};

use super::port::scope;
use crate::catalog::Want;
use crate::engine::pace::Local;
use crate::engine::{Helpers, Planes, Portion};
use crate::protocol::{JobId, ToWorker};

/// Engines in all, this one included: more do not fit the memory of a page (0.3 GB each).
const MOST: usize = 4;

/// Portions that a helper holds: one that it computes and one that waits, so that it never waits itself.
const DEPTH: usize = 2;

/// What the helpers' handlers share with the job that waits for them.
#[derive(Default)]
struct Mail {
    answers: RefCell<Vec<Portion>>,
    wake: RefCell<Option<Function>>,
}

/// What a helper has and does at the moment.
#[derive(Default)]
struct Desk {
    /// The identifier of its weights, once they have arrived and as long as it has not failed.
    weights: RefCell<Option<String>>,
    /// Job, first input and number of inputs of what it holds.
    tasks: RefCell<VecDeque<(JobId, usize, usize)>>,
    /// Jobs that nobody waits for any more.
    dropped: Cell<usize>,
}

struct Helper {
    worker: Worker,
    desk: Rc<Desk>,
    _handlers: [Closure<dyn FnMut(MessageEvent)>; 2],
}

/// The helpers of one worker.
#[derive(Default)]
pub struct Crew {
    base: RefCell<Option<String>>,
    /// The identifier of this worker's own weights: helpers with others are of no use.
    weights: RefCell<Option<String>>,
    helpers: RefCell<Vec<Helper>>,
    mail: Rc<Mail>,
    jobs: Cell<JobId>,
}

impl Crew {
    /// The folder of the weights; `None` where there shall be no helpers.
    pub fn set_weights(&self, base: Option<String>) {
        *self.base.borrow_mut() = base;
    }

    /// This worker's own weights are here.
    pub fn loaded(&self, weights: &str) {
        *self.weights.borrow_mut() = Some(weights.to_owned());
    }

    /// Lets the job that waits for an answer look whether it was cancelled.
    pub fn wake(&self) {
        self.mail.wake();
    }

    /// Cancels what is under way: its answers will not be taken.
    pub fn drop_tasks(&self) {
        self.mail.answers.borrow_mut().clear();
        for helper in self.helpers.borrow().iter() {
            for (job, ..) in helper.desk.tasks.take() {
                helper.desk.dropped.set(helper.desk.dropped.get() + 1);
                // a helper that cannot be reached has failed, and its handler will say so
                let _ = post(&helper.worker, &ToWorker::Cancel { job }, &[]);
            }
        }
    }
}

fn helper(base: &str, mail: &Rc<Mail>) -> Option<Helper> {
    let (options, address) = (WorkerOptions::new(), scope().location().href());
    // in a sandboxed frame cnn-lens.js started this worker from a small classic script
    options.set_type(if address.starts_with("blob:") { WorkerType::Classic } else { WorkerType::Module });
    options.set_name(&scope().name());
    let worker = Worker::new_with_options(&address, &options).ok()?;
    let desk = Rc::new(Desk::default());
    let on_message = {
        let (desk, mail, base) = (Rc::clone(&desk), Rc::clone(mail), base.to_owned());
        Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let Some((message, buffers)) = read(&event) else { return };
            match message.kind.as_str() {
                // what is posted before its handler is in place can be lost
                "ready" => {
                    let worker = event.target().and_then(|t| t.dyn_into::<Worker>().ok());
                    let sent =
                        worker.and_then(|w| post(&w, &ToWorker::Load { base: base.clone(), helpers: false }, &[]));
                    if sent.is_some() {
                        return;
                    }
                    desk.failed(&mail);
                }
                "loaded" => *desk.weights.borrow_mut() = Some(message.weights),
                "done" => {
                    desk.finished(
                        &mail,
                        message.job,
                        Some(buffers.iter().map(|b| Float32Array::new(b).to_vec()).collect()),
                    );
                }
                "failed" => desk.finished(&mail, message.job, None),
                _ => return,
            }
            mail.wake();
        })
    };
    let on_error = {
        let (desk, mail) = (Rc::clone(&desk), Rc::clone(mail));
        Closure::<dyn FnMut(MessageEvent)>::new(move |_: MessageEvent| {
            desk.failed(&mail);
            mail.wake();
        })
    };
    worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    Some(Helper { worker, desk, _handlers: [on_message, on_error] })
}

impl Mail {
    fn wake(&self) {
        if let Some(wake) = self.wake.borrow_mut().take() {
            // resolving a promise cannot throw
            let _ = wake.call0(&JsValue::NULL);
        }
    }
}

impl Desk {
    /// Jobs come back in the order in which they were given.
    fn finished(&self, mail: &Mail, job: JobId, answers: Option<Vec<Vec<f32>>>) {
        let own = self.tasks.borrow().front().is_some_and(|t| t.0 == job);
        if !own {
            self.dropped.set(self.dropped.get().saturating_sub(1));
            return;
        }
        let Some((_, first, count)) = self.tasks.borrow_mut().pop_front() else { return };
        let answers = answers.filter(|a| a.len() == count);
        let good = answers.is_some();
        mail.answers.borrow_mut().push(Portion { first, count, answers });
        if !good {
            self.failed(mail);
        }
    }

    /// A helper that fails is not asked again; others do what it held.
    fn failed(&self, mail: &Mail) {
        *self.weights.borrow_mut() = None;
        let held = self.tasks.take().into_iter();
        mail.answers.borrow_mut().extend(held.map(|(_, first, count)| Portion { first, count, answers: None }));
    }

    fn load(&self) -> usize {
        self.tasks.borrow().len() + self.dropped.get()
    }
}

/// What must be known of a helper's message.
struct Heard {
    kind: String,
    job: JobId,
    weights: String,
}

fn read(event: &MessageEvent) -> Option<(Heard, Vec<ArrayBuffer>)> {
    let field = |name: &str| Reflect::get(&event.data(), &JsValue::from_str(name)).ok();
    let header: Value = serde_json::from_str(&field("header")?.as_string()?).ok()?;
    let word = |name: &str| header[name].as_str().unwrap_or_default().to_owned();
    let job = header["job"].as_u64().and_then(|job| job.try_into().ok()).unwrap_or_default();
    let message = Heard { kind: word("type"), job, weights: word("weights") };
    Some((message, Array::from(&field("buffers")?).iter().filter_map(|b| b.dyn_into().ok()).collect()))
}

fn post(worker: &Worker, message: &ToWorker, buffers: &[ArrayBuffer]) -> Option<()> {
    let (data, list) = (Object::new(), buffers.iter().collect::<Array>());
    let header = JsValue::from_str(&serde_json::to_value(message).ok()?.to_string());
    Reflect::set(&data, &JsValue::from_str("header"), &header).ok()?;
    Reflect::set(&data, &JsValue::from_str("buffers"), &list).ok()?;
    worker.post_message_with_transfer(&data, &list).ok()
}

impl Helpers for Crew {
    fn start(&self) {
        let base = self.base.borrow();
        let Some(base) = base.as_ref().filter(|_| self.helpers.borrow().is_empty()) else { return };
        let cores = (scope().navigator().hardware_concurrency() as usize).clamp(1, MOST);
        self.helpers.borrow_mut().extend((1..cores).filter_map(|_| helper(base, &self.mail)));
    }

    fn engines(&self) -> usize {
        1 + self.helpers.borrow().len()
    }

    fn idle(&self) -> Option<usize> {
        let own = self.weights.borrow();
        let helpers = self.helpers.borrow();
        helpers.iter().position(|h| own.is_some() && *h.desk.weights.borrow() == *own && h.desk.load() < DEPTH)
    }

    fn send(&self, helper: usize, first: usize, inputs: &Planes, want: &Want) {
        let helpers = self.helpers.borrow();
        let Some(Helper { worker, desk, .. }) = helpers.get(helper) else { return };
        let job = self.jobs.get().wrapping_add(1);
        self.jobs.set(job);
        desk.tasks.borrow_mut().push_back((job, first, inputs.shape.n));
        let (height, width) = (inputs.shape.h, inputs.shape.w);
        let message = ToWorker::Probe { job, want: *want, height, width, alone: true };
        let values = Float32Array::from(inputs.dense().as_slice()).buffer();
        if post(worker, &message, &[values]).is_none() {
            desk.failed(&self.mail);
        }
    }

    fn answers(&self) -> Vec<Portion> {
        self.mail.answers.take()
    }

    fn wait(&self) -> Local<'_, ()> {
        let nothing = self.mail.answers.borrow().is_empty();
        let busy = self.helpers.borrow().iter().any(|h| !h.desk.tasks.borrow().is_empty());
        let slept = Promise::new(&mut |resolve, _| *self.mail.wake.borrow_mut() = Some(resolve));
        Box::pin(async move {
            if nothing && busy {
                // rejected or resolved: the caller looks again
                let _ = JsFuture::from(slept).await;
            }
        })
    }
}
