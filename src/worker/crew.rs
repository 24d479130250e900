//! Helpers: more workers of the same binary with the same weights, for passes that do not depend on each other.
//!
//! Started at the first job that has use for them, at most three, and only on the CPU: a GPU is shared anyway. A worker that
//! is terminated takes its helpers with it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Array, ArrayBuffer, Float32Array, Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{MessageEvent, Worker, WorkerOptions, WorkerType};

use super::port::scope;
use crate::catalog::Want;
use crate::engine::pace::Local;
use crate::engine::{Helpers, Planes};
use crate::protocol::{FromWorker, ToWorker};

/// Engines in all, this one included: more do not fit the memory of a page (0.3 GB each).
const MOST: usize = 4;

/// What the helpers' handlers share with the job that waits for them.
#[derive(Default)]
struct Mail {
    answers: RefCell<Vec<(usize, Option<Vec<Vec<f32>>>)>>,
    wake: RefCell<Option<Function>>,
}

struct Helper {
    worker: Worker,
    /// Its weights have arrived and it has nothing to do.
    idle: Rc<Cell<bool>>,
    /// The first input of what it computes, and how many.
    task: Rc<Cell<Option<(usize, usize)>>>,
    _handlers: [Closure<dyn FnMut(MessageEvent)>; 2],
}

/// The helpers of one worker.
#[derive(Default)]
pub struct Crew {
    base: RefCell<Option<String>>,
    helpers: RefCell<Vec<Helper>>,
    mail: Rc<Mail>,
}

impl Crew {
    /// The folder of the weights; `None` when they came from elsewhere, so that a helper would have others.
    pub fn set_weights(&self, base: Option<String>) {
        *self.base.borrow_mut() = base;
    }

    /// Forgets what was under way: its answers will not be taken.
    pub fn drop_tasks(&self) {
        self.mail.answers.borrow_mut().clear();
        self.helpers.borrow().iter().for_each(|h| h.task.set(None));
    }
}

fn helper(base: &str, mail: &Rc<Mail>) -> Option<Helper> {
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    let worker = Worker::new_with_options(&scope().location().href(), &options).ok()?;
    let (idle, task) = (Rc::new(Cell::new(false)), Rc::new(Cell::new(None)));
    let on_message = {
        let (idle, task, mail) = (Rc::clone(&idle), Rc::clone(&task), Rc::clone(mail));
        Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let Some((message, buffers)) = read(&event) else { return };
            let answers = match message {
                FromWorker::Loaded { .. } => {
                    idle.set(true);
                    None
                }
                FromWorker::Done { .. } => Some(buffers.iter().map(|b| Float32Array::new(b).to_vec()).collect()),
                FromWorker::Failed { .. } => None,
                _ => return,
            };
            finished(&task, &mail, answers, &idle);
        })
    };
    let on_error = {
        let (idle, task, mail) = (Rc::clone(&idle), Rc::clone(&task), Rc::clone(mail));
        Closure::<dyn FnMut(MessageEvent)>::new(move |_: MessageEvent| {
            idle.set(false);
            finished(&task, &mail, None, &idle);
        })
    };
    worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    post(&worker, &ToWorker::Load { base: base.to_owned() }, &[])?;
    Some(Helper { worker, idle, task, _handlers: [on_message, on_error] })
}

/// The task is over: its answers, or the news that it has none.
fn finished(task: &Cell<Option<(usize, usize)>>, mail: &Mail, answers: Option<Vec<Vec<f32>>>, idle: &Cell<bool>) {
    let answers = match task.take() {
        Some((first, n)) => {
            let answers = answers.filter(|a| a.len() == n);
            let good = answers.is_some();
            mail.answers.borrow_mut().push((first, answers));
            good
        }
        None => answers.is_some(), // of a job that is over
    };
    // one that fails is not asked again
    idle.set(idle.get() || answers);
    if let Some(wake) = mail.wake.borrow_mut().take() {
        // resolving a promise cannot throw
        let _ = wake.call0(&JsValue::NULL);
    }
}

fn read(event: &MessageEvent) -> Option<(FromWorker, Vec<ArrayBuffer>)> {
    let field = |name: &str| Reflect::get(&event.data(), &JsValue::from_str(name)).ok();
    let message = serde_json::from_str(&field("header")?.as_string()?).ok()?;
    Some((message, Array::from(&field("buffers")?).iter().filter_map(|b| b.dyn_into().ok()).collect()))
}

fn post(worker: &Worker, message: &ToWorker, buffers: &[ArrayBuffer]) -> Option<()> {
    let (data, list) = (Object::new(), buffers.iter().collect::<Array>());
    let header = JsValue::from_str(&serde_json::to_string(message).ok()?);
    Reflect::set(&data, &JsValue::from_str("header"), &header).ok()?;
    Reflect::set(&data, &JsValue::from_str("buffers"), &list).ok()?;
    worker.post_message_with_transfer(&data, &list).ok()
}

impl Helpers for Crew {
    fn start(&self) {
        let base = self.base.borrow();
        let Some(base) = base.as_ref().filter(|_| self.helpers.borrow().is_empty()) else { return };
        let navigator = scope().navigator();
        let cores = (navigator.hardware_concurrency() as usize).clamp(1, MOST);
        // phones report their memory: helpers only where there is plenty
        let memory = Reflect::get(&navigator, &JsValue::from_str("deviceMemory")).ok().and_then(|m| m.as_f64());
        if memory.is_none_or(|gigabytes| gigabytes >= 4.0) {
            self.helpers.borrow_mut().extend((1..cores).filter_map(|_| helper(base, &self.mail)));
        }
    }

    fn idle(&self) -> Option<usize> {
        self.helpers.borrow().iter().position(|h| h.idle.get())
    }

    fn send(&self, helper: usize, first: usize, inputs: &Planes, want: &Want) {
        let helpers = self.helpers.borrow();
        let Some(helper) = helpers.get(helper) else { return };
        helper.idle.set(false);
        helper.task.set(Some((first, inputs.shape.n)));
        let (height, width) = (inputs.shape.h, inputs.shape.w);
        let message = ToWorker::Probe { job: 1, want: want.clone(), height, width, alone: true };
        let values = Float32Array::from(inputs.dense().as_slice()).buffer();
        if post(&helper.worker, &message, &[values]).is_none() {
            finished(&helper.task, &self.mail, None, &helper.idle);
        }
    }

    fn answers(&self) -> Vec<(usize, Option<Vec<Vec<f32>>>)> {
        std::mem::take(&mut self.mail.answers.borrow_mut())
    }

    fn wait(&self) -> Local<'_, ()> {
        let nothing = self.mail.answers.borrow().is_empty();
        let busy = self.helpers.borrow().iter().any(|h| h.task.get().is_some());
        let slept = Promise::new(&mut |resolve, _| *self.mail.wake.borrow_mut() = Some(resolve));
        Box::pin(async move {
            if nothing && busy {
                // rejected or resolved: the caller looks again
                let _ = JsFuture::from(slept).await;
            }
        })
    }
}
