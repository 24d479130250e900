//! The engine's side of the browser: a dedicated worker that can be thrown away at any time.

mod crew;
mod fetch;
mod inbox;
#[cfg(feature = "worker-gpu")]
pub mod log;
mod pace;
mod port;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use js_sys::ArrayBuffer;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::catalog::card::Card;
use crate::catalog::{NetworkSpec, ProblemKind, networks};
use crate::engine::{Device, EngineError, Helpers, Network};
use crate::job::{self, Answer, Session};
use crate::protocol::{DeviceReport, FromWorker, JobId, Problem, ToWorker};
use crew::Crew;
use inbox::Inbox;
use pace::{Load, Weights, WorkerPace, sleep};
use port::post;

/// Milliseconds before each attempt to load: a hiccup is forgiven, and what is missing is not asked for without end.
const ATTEMPTS: [i32; 3] = [0, 500, 1500];
/// Milliseconds after which a worker that waits for the network says that it lives.
const HEARTBEAT: i32 = 1000;

/// Installs the message handler, says `Ready`, brings up the device, and serves jobs one after another.
pub fn serve<D: Device + 'static>(device: impl Future<Output = Result<(D, DeviceReport), EngineError>> + 'static) {
    console_error_panic_hook::set_once();
    let (inbox, crew) = (Rc::<Inbox>::default(), Rc::<Crew>::default());
    let on_message = {
        let (inbox, crew) = (Rc::clone(&inbox), Rc::clone(&crew));
        Closure::<dyn FnMut(web_sys::MessageEvent)>::new(move |event: web_sys::MessageEvent| {
            match port::read(&event) {
                // a cancel must not wait in the queue behind the job it cancels
                Ok((ToWorker::Cancel { job }, _)) => {
                    if inbox.cancel(job) {
                        let problem = Problem::new(ProblemKind::Cancelled, "before it began");
                        post(&FromWorker::Failed { job, problem }, &[]);
                    }
                    crew.wake();
                }
                Ok(message) => inbox.push(message),
                Err(unread) => match unread.job {
                    Some(job) => post(&FromWorker::Failed { job, problem: unread.problem }, &[]),
                    None => web_sys::console::error_1(&JsValue::from_str(&unread.problem.detail)),
                },
            }
        })
    };
    port::scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    let net = match network() {
        Ok(net) => net,
        Err(why) => return post(&FromWorker::LoadFailed(Problem::new(ProblemKind::BadParameter, why)), &[]),
    };
    post(&FromWorker::ready(&net), &[]);
    spawn_local(async move {
        match device.await {
            Ok((device, report)) => {
                let spreads = report.kind == "cpu";
                post(&FromWorker::Device(DeviceReport { network: net.id().to_owned(), ..report }), &[]);
                run(net, device, spreads, inbox, crew).await;
            }
            Err(e) => post(&FromWorker::LoadFailed(Problem::new(ProblemKind::NoWebgpu, e)), &[]),
        }
    });
}

/// The network that this worker's address asks for.
fn network() -> Result<Rc<NetworkSpec>, String> {
    let (asked, card) = (port::network(), port::card());
    if !card.is_empty() {
        // the reader says what is wrong with a file; to tell it once more would be code that no visitor needs
        let net = Card::parse(&card).ok().and_then(|card| NetworkSpec::new(card).ok());
        return net.ok_or_else(|| "the network's card is none".into());
    }
    if asked.is_empty() {
        return Ok(networks::first());
    }
    networks::get(&asked).ok_or_else(|| format!("net = {asked}: takes {}", networks::ids().join(", ")))
}

async fn run<D: Device + 'static>(net: Rc<NetworkSpec>, device: D, spreads: bool, inbox: Rc<Inbox>, crew: Rc<Crew>) {
    let weights = Rc::new(Weights::of(&net));
    let network = Rc::new(Network::new(net, device));
    let mut session = Session::new(Rc::clone(&network), Rc::clone(&crew) as Rc<dyn Helpers>);
    let loader = Rc::new(Loader { network, crew: Rc::clone(&crew), weights, had: RefCell::default() });
    let extras: Rc<dyn Fn(String)> = {
        let loader = Rc::clone(&loader);
        Rc::new(move |base| spawn_local(Rc::clone(&loader).load(base, true)))
    };
    loop {
        let (message, buffers) = inbox.next().await;
        if let ToWorker::Load { base, helpers } = message {
            // a GPU is shared already: its helpers would only wait for it
            crew.set_weights((spreads && helpers).then(|| base.clone()));
            *loader.weights.base.borrow_mut() = base.clone();
            // what failed may be asked for again
            *loader.weights.extras.borrow_mut() = Load::Idle;
            *loader.weights.shards.borrow_mut() = Load::Coming;
            spawn_local(Rc::clone(&loader).load(base, false));
            continue;
        }
        let Some(job) = message.job() else { continue };
        let pace = WorkerPace::new(job, Rc::clone(&inbox), Rc::clone(&loader.weights), Rc::clone(&extras));
        let start = port::now();
        let answer = job::answer(&mut session, message, &buffers, &pace).await;
        inbox.finished();
        crew.drop_tasks();
        match answer {
            Ok(answer) => done(job, answer, port::now() - start),
            Err(problem) => post(&FromWorker::Failed { job, problem: pace.reason(problem) }, &[]),
        }
    }
}

/// Brings the weights into the network while jobs go on.
struct Loader<D: Device> {
    network: Rc<Network<D>>,
    crew: Rc<Crew>,
    weights: Rc<Weights>,
    /// The shards that have arrived, by their hash.
    had: RefCell<BTreeSet<String>>,
}

impl<D: Device + 'static> Loader<D> {
    async fn load(self: Rc<Self>, base: String, extras: bool) {
        let place = |weights: &Rc<Weights>, load: Load| {
            *(if extras { &weights.extras } else { &weights.shards }).borrow_mut() = load;
        };
        place(&self.weights, Load::Coming);
        let weights = Rc::clone(&self.weights);
        spawn_local(async move {
            while weights.coming() {
                post(&FromWorker::Alive, &[]);
                sleep(HEARTBEAT).await;
            }
        });
        let mut outcome = Err(Problem::new(ProblemKind::WeightsMissing, ""));
        for pause in ATTEMPTS {
            sleep(pause).await;
            outcome = fetch::weights(&self.network, &base, extras, &self.had).await;
            if outcome.is_ok() {
                break;
            }
        }
        match outcome {
            Ok(weights) => {
                place(&self.weights, Load::Here);
                if !extras {
                    self.crew.loaded(&weights);
                    post(&FromWorker::Loaded { weights }, &[]);
                }
            }
            Err(problem) => {
                place(&self.weights, Load::Failed(problem.clone()));
                // the job that waits for the extras tells of theirs
                if !extras {
                    post(&FromWorker::LoadFailed(problem), &[]);
                }
            }
        }
    }
}

fn done(job: JobId, answer: Answer, ms: f64) {
    let (figures, mut buffers) = port::taken(answer.figures);
    buffers.extend(answer.pixels.iter().map(|p| js_sys::Uint8Array::from(p.as_slice()).buffer()));
    post(&FromWorker::Done { job, ms, memory: port::memory(), figures, result: answer.result }, &buffers);
}

impl job::Buffer for ArrayBuffer {
    fn size(&self) -> usize {
        self.byte_length() as usize
    }

    fn bytes(&self) -> Vec<u8> {
        js_sys::Uint8Array::new(self).to_vec()
    }

    fn floats(&self) -> Vec<f32> {
        js_sys::Float32Array::new(self).to_vec()
    }
}
