//! The engine's side of the browser: a dedicated worker that can be thrown away at any time.

mod crew;
mod fetch;
#[cfg(feature = "worker-gpu")]
pub mod log;
mod pace;
mod port;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use js_sys::ArrayBuffer;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::catalog::ProblemKind;
use crate::catalog::networks::VGG16;
use crate::engine::{EngineError, Helpers, Kernels, Network};
use crate::job::{Answer, Session, gif, raw, report};
use crate::protocol::{DeviceReport, FromWorker, JobId, Problem, ToWorker};
use crate::weights::Array;
use crew::Crew;
use pace::{Cancelled, Load, Loading, WorkerPace};
use port::post;

type Inbox = Rc<RefCell<VecDeque<(ToWorker, Vec<ArrayBuffer>)>>>;

/// Installs the message handler, says `Ready`, brings up the device, and serves jobs one after another.
pub fn serve<K: Kernels + 'static>(device: impl Future<Output = Result<(K, DeviceReport), EngineError>> + 'static) {
    console_error_panic_hook::set_once();
    let (inbox, cancelled) = (Inbox::default(), Cancelled::default());
    let wake = Rc::new(RefCell::new(None::<js_sys::Function>));
    let on_message = {
        let (inbox, cancelled, wake) = (Rc::clone(&inbox), Rc::clone(&cancelled), Rc::clone(&wake));
        Closure::<dyn FnMut(web_sys::MessageEvent)>::new(move |event: web_sys::MessageEvent| {
            match port::read(&event) {
                // a cancel must not wait in the queue behind the job it cancels
                Ok((ToWorker::Cancel { job }, _)) => drop(cancelled.borrow_mut().insert(job)),
                Ok(message) => inbox.borrow_mut().push_back(message),
                Err(detail) => web_sys::console::error_1(&JsValue::from_str(&detail)),
            }
            if let Some(wake) = wake.borrow_mut().take() {
                // resolving a promise cannot throw
                let _ = wake.call0(&JsValue::NULL);
            }
        })
    };
    port::scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    post(&FromWorker::ready(), &[]);
    spawn_local(async move {
        match device.await {
            Ok((kernels, report)) => {
                let spreads = report.kind == "cpu";
                post(&FromWorker::Device(report), &[]);
                run(kernels, spreads, inbox, cancelled, wake).await;
            }
            Err(e) => post(&FromWorker::LoadFailed(Problem::new(ProblemKind::NoWebgpu, e)), &[]),
        }
    });
}

async fn run<K: Kernels + 'static>(
    kernels: K,
    spreads: bool,
    inbox: Inbox,
    cancelled: Cancelled,
    wake: Rc<RefCell<Option<js_sys::Function>>>,
) {
    let network = Rc::new(Network::new(VGG16, kernels));
    let crew = Rc::new(Crew::default());
    let mut session = Session::new(Rc::clone(&network), Rc::clone(&crew) as Rc<dyn Helpers>);
    let loading = Loading::default();
    let base = Rc::new(RefCell::new(String::new()));
    let more: Rc<dyn Fn()> = {
        let (network, base, loading) = (Rc::clone(&network), Rc::clone(&base), Rc::clone(&loading));
        Rc::new(move || {
            *loading.borrow_mut() = Load::Coming;
            spawn_local(load(Rc::clone(&network), base.borrow().clone(), Rc::clone(&loading), true));
        })
    };
    loop {
        let Some((message, buffers)) = inbox.borrow_mut().pop_front() else {
            let slept = js_sys::Promise::new(&mut |resolve, _| *wake.borrow_mut() = Some(resolve));
            // a message that came before the promise was made is in the queue already
            if inbox.borrow().is_empty() {
                let _ = wasm_bindgen_futures::JsFuture::from(slept).await;
            }
            continue;
        };
        if let ToWorker::Load { base: folder } = message {
            *loading.borrow_mut() = Load::Coming;
            // a GPU is shared already: its helpers would only wait for it
            crew.set_weights(spreads.then(|| folder.clone()));
            *base.borrow_mut() = folder.clone();
            spawn_local(load(Rc::clone(&network), folder, Rc::clone(&loading), false));
            continue;
        }
        let Some(job) = job_of(&message) else { continue };
        if let ToWorker::Arrays { .. } = message {
            crew.set_weights(None);
        }
        let pace = WorkerPace::new(job, Rc::clone(&cancelled), Rc::clone(&loading), Rc::clone(&more));
        let start = port::now();
        let answer = answer(&mut session, message, &buffers, &pace).await;
        cancelled.borrow_mut().remove(&job);
        crew.drop_tasks();
        match answer {
            Ok(answer) => done(job, answer, port::now() - start),
            Err(problem) => post(&FromWorker::Failed { job, problem: reason(problem, &loading.borrow()) }, &[]),
        }
    }
}

async fn load<K: Kernels + 'static>(network: Rc<Network<K>>, base: String, loading: Loading, extras: bool) {
    match fetch::weights(&network, &base, extras).await {
        Ok(weights) => {
            *loading.borrow_mut() = Load::Settled;
            if !extras {
                post(&FromWorker::Loaded { weights }, &[]);
            }
        }
        Err(problem) => {
            *loading.borrow_mut() = Load::Failed(problem.clone());
            post(&FromWorker::LoadFailed(problem), &[]);
        }
    }
}

/// A job that lacks weights failed for the reason for which the weights did.
fn reason(problem: Problem, loading: &Load) -> Problem {
    match loading {
        Load::Failed(why) if problem.kind == ProblemKind::WeightsMissing => why.clone(),
        _ => problem,
    }
}

fn job_of(message: &ToWorker) -> Option<JobId> {
    match message {
        ToWorker::SetImage { job, .. }
        | ToWorker::Classify { job, .. }
        | ToWorker::Run { job, .. }
        | ToWorker::Arrays { job, .. }
        | ToWorker::Probe { job, .. }
        | ToWorker::Gif { job, .. }
        | ToWorker::Forget { job, .. }
        | ToWorker::Report { job, .. }
        | ToWorker::Raw { job, .. } => Some(*job),
        ToWorker::Load { .. } | ToWorker::Cancel { .. } => None,
    }
}

async fn answer<K: Kernels>(
    session: &mut Session<K>,
    message: ToWorker,
    buffers: &[ArrayBuffer],
    pace: &WorkerPace,
) -> Result<Answer, Problem> {
    let floats = |b: &ArrayBuffer| js_sys::Float32Array::new(b).to_vec();
    let first = || buffers.first().cloned().unwrap_or_else(|| ArrayBuffer::new(0));
    match message {
        ToWorker::SetImage { options, pixels, .. } => {
            session.set_image(js_sys::Uint8Array::new(&first()).to_vec(), pixels, &options)
        }
        ToWorker::Classify { top, .. } => session.classify(top, pace).await,
        ToWorker::Run { method, params, .. } => session.run(&method, &params, pace).await,
        ToWorker::Raw { op, height, width, .. } => {
            raw::run(&session.network, &op, [height, width], &floats(&first()), pace).await
        }
        ToWorker::Arrays { arrays, .. } => {
            let named = arrays.into_iter().zip(buffers);
            session.set_arrays(&named.map(|(a, b)| (a.name, Array { shape: a.shape, data: floats(b) })).collect())
        }
        ToWorker::Probe { want, height, width, alone, .. } => {
            session.probe(&floats(&first()), [height, width], &want, alone, pace).await
        }
        ToWorker::Gif { width, height, delay, .. } => {
            gif::encode(&js_sys::Uint8Array::new(&first()).to_vec(), [width, height], delay, pace).await
        }
        ToWorker::Forget { group, .. } => Ok(session.forget(group.as_deref())),
        ToWorker::Report { lang, about, .. } => report::make(session, lang, &about),
        ToWorker::Load { .. } | ToWorker::Cancel { .. } => Ok(Answer::default()),
    }
}

fn done(job: JobId, answer: Answer, ms: f64) {
    let (figures, mut buffers) = port::taken(answer.figures);
    buffers.extend(answer.pixels.iter().map(|p| js_sys::Uint8Array::from(p.as_slice()).buffer()));
    post(&FromWorker::Done { job, ms, memory: port::memory(), figures, result: answer.result }, &buffers);
}
