//! What `cnn-lens.js` tells, as actions and parts of the state.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::timers::callback::Timeout;
use wasm_bindgen::prelude::*;

use super::api;
use super::store::Dispatch;
use crate::protocol::DeviceReport;
use crate::state::{Action, JobId, Picture, Source, Weights};

/// Milliseconds from one look at a job's news to the next: the page is drawn no more often for it.
const BEAT: u32 = 50;

/// A function for JavaScript that dispatches what `action` makes of its argument.
pub fn listen(dispatch: &Dispatch, action: impl Fn(&JsValue) -> Option<Action> + 'static) -> JsValue {
    let dispatch = dispatch.clone();
    Closure::<dyn Fn(JsValue)>::new(move |detail: JsValue| {
        if let Some(action) = action(&detail) {
            dispatch.dispatch(action);
        }
    })
    .into_js_value()
}

/// A job's news: only the last of each kind is looked at, and only from time to time.
#[derive(Clone)]
pub struct News(Rc<Latest>);

struct Latest {
    job: JobId,
    dispatch: Dispatch,
    progress: RefCell<Option<JsValue>>,
    partial: RefCell<Option<(JsValue, JsValue)>>,
    look: RefCell<Option<Timeout>>,
}

impl News {
    /// News of this job, which is dispatched as actions.
    pub fn new(job: JobId, dispatch: &Dispatch) -> Self {
        let dispatch = dispatch.clone();
        Self(Rc::new(Latest {
            job,
            dispatch,
            progress: RefCell::default(),
            partial: RefCell::default(),
            look: RefCell::default(),
        }))
    }

    /// A function for JavaScript that hears `{ done, total }`.
    pub fn progress(&self) -> JsValue {
        let news = self.clone();
        Closure::<dyn Fn(JsValue)>::new(move |progress| {
            *news.0.progress.borrow_mut() = Some(progress);
            news.look_later();
        })
        .into_js_value()
    }

    /// A function for JavaScript that hears the figures and facts so far.
    pub fn partial(&self) -> JsValue {
        let news = self.clone();
        Closure::<dyn Fn(JsValue, JsValue)>::new(move |figures, facts| {
            *news.0.partial.borrow_mut() = Some((figures, facts));
            news.look_later();
        })
        .into_js_value()
    }

    fn look_later(&self) {
        let news = self.clone();
        self.0.look.borrow_mut().get_or_insert_with(|| Timeout::new(BEAT, move || news.look()));
    }

    /// Tells what came since the last look. A job that has ended meanwhile is no longer known to the state.
    fn look(&self) {
        let Latest { job, dispatch, progress, partial, look } = &*self.0;
        // it has rung
        drop(look.borrow_mut().take().map(Timeout::forget));
        let (progress, partial) = (progress.borrow_mut().take(), partial.borrow_mut().take());
        if let Some((figures, facts)) = partial {
            let figures = api::list(&figures).into_iter().map(Rc::new).collect();
            dispatch.dispatch(Action::Partial(*job, figures, api::json(&facts)));
        }
        if let Some(p) = progress {
            let [done, total] = ["done", "total"].map(|id| api::number(&p, id) as usize);
            dispatch.dispatch(Action::Progress(*job, done, total));
        }
    }

    /// The job has ended: what was not looked at is not news any more.
    pub fn close(&self) {
        self.0.look.borrow_mut().take();
    }
}

/// The device that `cnn-lens.js` tells of.
pub fn report(detail: &JsValue) -> DeviceReport {
    let text = |name| api::text(detail, name);
    DeviceReport {
        kind: text("kind"),
        name: text("name"),
        software: api::field(detail, "software").is_truthy(),
        network: text("network"),
        reason: text("reason"),
    }
}

/// The weights' progress that `cnn-lens.js` tells of.
pub fn weights(detail: &JsValue, loaded: bool) -> Option<Action> {
    let (bytes, total) = (api::number(detail, "bytes") as u64, api::number(detail, "total") as u64);
    Some(Action::Weights(Weights { bytes, total, loaded }))
}

/// A picture as the engine took it.
pub fn picture(source: Source, answer: &JsValue) -> Picture {
    Picture {
        source,
        original: (api::number(answer, "width") as u32, api::number(answer, "height") as u32),
        size: api::number(answer, "size") as usize,
        rgba: Rc::new(api::bytes(answer, "rgba")),
        notes: js_sys::Array::from(&api::field(answer, "notes")).iter().filter_map(|n| n.as_string()).collect(),
    }
}
