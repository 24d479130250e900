//! What the page has asked for, and which of it was cancelled.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use js_sys::{ArrayBuffer, Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::protocol::{JobId, ToWorker};

type Message = (ToWorker, Vec<ArrayBuffer>);

/// The messages that wait, and the job that runs.
#[derive(Default)]
pub struct Inbox {
    waiting: RefCell<VecDeque<Message>>,
    running: Cell<Option<JobId>>,
    cancelled: Cell<bool>,
    wake: RefCell<Option<Function>>,
}

impl Inbox {
    /// Adds a message to those that wait.
    pub fn push(&self, message: Message) {
        self.waiting.borrow_mut().push_back(message);
        if let Some(wake) = self.wake.borrow_mut().take() {
            // resolving a promise cannot throw
            let _ = wake.call0(&JsValue::NULL);
        }
    }

    /// The next one, as soon as there is one; a job runs from here on.
    pub async fn next(&self) -> Message {
        loop {
            let first = self.waiting.borrow_mut().pop_front();
            if let Some(message) = first {
                self.running.set(message.0.job());
                self.cancelled.set(false);
                return message;
            }
            let slept = Promise::new(&mut |resolve, _| *self.wake.borrow_mut() = Some(resolve));
            // a message that came before the promise was made is in the queue already
            if self.waiting.borrow().is_empty() {
                let _ = JsFuture::from(slept).await;
            }
        }
    }

    /// The running job has ended.
    pub fn finished(&self) {
        self.running.set(None);
    }

    /// Cancels exactly `job`: the one that runs hears of it at its next step. True for one that waited: it is gone.
    pub fn cancel(&self, job: JobId) -> bool {
        if self.running.get() == Some(job) {
            self.cancelled.set(true);
            return false;
        }
        let mut waiting = self.waiting.borrow_mut();
        let before = waiting.len();
        waiting.retain(|(message, _)| message.job() != Some(job));
        waiting.len() < before
    }

    /// Whether the running job was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.get()
    }
}
