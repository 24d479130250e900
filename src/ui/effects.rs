//! Does what the reducer asks for.

use std::rc::Rc;

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::AbortController;

use super::api::{self, CnnLens, object};
use super::hear::{News, listen, report, weights};
use super::outside::{Job, Outside, options};
use super::store::{Dispatch, Perform};
use super::{fetch, page, precomputed, prefs, story};
use crate::catalog::{ProblemKind, networks};
use crate::protocol::{Problem, VERSION};
use crate::state::{Action, Ask, ClassScore, Effect, Reply, Sprites, question};

impl Outside {
    /// Starts the engine with the network `net`; `wish` is `auto`, `cpu` or `webgpu`.
    pub fn start(&self, wish: &str, net: &str, dispatch: Dispatch) {
        *self.net.borrow_mut() = net.to_owned();
        if self.started.replace(true) {
            return;
        }
        let on = object([
            ("device", listen(&dispatch, |d| Some(Action::Device(report(d))))),
            ("restart", listen(&dispatch, |d| Some(Action::Restarted(report(&api::field(d, "device")))))),
            ("problem", {
                let outside = self.clone();
                listen(&dispatch, move |d| Some(Action::Problem(outside.checked(api::problem(d)))))
            }),
            ("weights", listen(&dispatch, |d| weights(d, false))),
            ("loaded", listen(&dispatch, |d| weights(d, true))),
        ]);
        let options = object([
            ("net", JsValue::from_str(net)),
            ("device", JsValue::from_str(wish)),
            ("base", JsValue::from_str("./")),
            ("lazy", JsValue::TRUE),
            ("version", JsValue::from_str(VERSION)),
            ("on", on),
            ("networks", self.own.borrow().values().collect::<js_sys::Array>().into()),
        ]);
        let outside = self.clone();
        spawn_local(async move {
            match CnnLens::load(&options).await {
                Ok(engine) => {
                    *outside.engine.borrow_mut() = Some(engine.unchecked_into());
                    outside.switch(&dispatch).await;
                }
                Err(e) => {
                    outside.started.set(false);
                    dispatch.dispatch(Action::Problem(outside.checked(api::problem(&e))));
                }
            }
        });
    }

    /// Lets the engine run the network that is wanted, if that is another one by now; then it takes jobs.
    async fn switch(&self, dispatch: &Dispatch) {
        let engine = self.engine.borrow().clone();
        let Some(engine) = engine else { return };
        loop {
            let wanted = self.net.borrow().clone();
            let (own, lazy) = (self.own.borrow().get(&wanted).cloned(), object([("lazy", JsValue::TRUE)]));
            let outcome = match own {
                Some(read) => engine.open_network(&read, &lazy).await,
                None => engine.use_network(&wanted, &lazy).await,
            };
            // meanwhile yet another one may have been chosen
            if *self.net.borrow() == wanted {
                let loaded = api::field(&engine, "loaded");
                let used = js_sys::Array::from(&api::field(&engine, "engines"));
                used.push(&wanted.into());
                spawn_local(async move {
                    // not before the weights are here: they are what the visitor waits for
                    if JsFuture::from(js_sys::Promise::resolve(&loaded)).await.is_ok() {
                        page::offline(&used).await;
                    }
                });
                dispatch.dispatch(match outcome {
                    Ok(_) => Action::Ready,
                    Err(e) => Action::Problem(self.checked(api::problem(&e))),
                });
                return;
            }
        }
    }

    /// A problem that may come from a piece of another version: the page is loaded anew, while nothing of the visitor's is lost.
    fn checked(&self, problem: Problem) -> Problem {
        let mixed = [ProblemKind::MixedVersions, ProblemKind::EngineMissing, ProblemKind::WeightsWrongHash];
        if mixed.contains(&problem.kind) && self.untouched() {
            page::mixed();
        }
        problem
    }

    async fn ask(&self, engine: &CnnLens, ask: Ask, job: &Job, dispatch: &Dispatch) -> Result<Reply, JsValue> {
        match ask {
            Ask::Picture(seen) => {
                let options = options(&seen);
                self.take(engine, seen.source, &options, job).await
            }
            Ask::Second(source) => self.take(engine, source, &object([("role", "second".into())]), job).await,
            Ask::Sort(seen) => self.sort(engine, seen, job).await,
            Ask::Classes(seen) | Ask::Other(seen) => {
                js_sys::Reflect::set(&job.extra, &"top".into(), &(seen.net.classes() as u32).into())?;
                let classes = api::json(&engine.classify(&job.extra).await?);
                let classes = classes.as_array().into_iter().flatten().cloned().map(ClassScore::read);
                Ok(Reply::Classes(classes.collect::<Result<_, _>>().map_err(|e| JsValue::from_str(&e.to_string()))?))
            }
            Ask::Run { question, resume, .. } => {
                // what it cannot explain at all is not asked
                if question.target.is_some_and(|t| !question::explains(question.method, t)) {
                    return Err(object([("kind", "bad_parameter".into())]));
                }
                js_sys::Reflect::set(&job.extra, &"onPartial".into(), &job.news.partial())?;
                let result =
                    engine.run(question.method, &api::parameters(question.params(resume))?, &job.extra).await?;
                let figures = api::list(&api::field(&result, "figures")).into_iter().map(Rc::new).collect();
                Ok(Reply::Ran(figures, api::json(&api::field(&result, "meta"))))
            }
            Ask::Gather(list) => self.gather(engine, list, job, dispatch).await,
            Ask::SaveFilm(film) => self.film(engine, &film, job).await,
            Ask::Forget(group) => engine.forget(&group).await.map(|_| Reply::Done),
            Ask::Report(lang, json) => self.report(engine, lang, json, job).await,
        }
    }
}

impl Perform for Outside {
    /// Does what an action asks for.
    fn perform(&self, effect: Effect, dispatch: &Dispatch) {
        let (outside, dispatch) = (self.clone(), dispatch.clone());
        match effect {
            Effect::Precomputed(net, id) => spawn_local(async move {
                // without it the live result comes a little later
                if let Ok((picture, classes, maps)) = precomputed::precomputed(&net, id).await {
                    dispatch.dispatch(Action::Precomputed(net, picture, classes, maps));
                }
            }),
            Effect::Ask(id, ask) => {
                let controller = AbortController::new().ok();
                let signal = controller.as_ref().map_or(JsValue::UNDEFINED, |c| c.signal().into());
                outside.aborts.borrow_mut().extend(controller.map(|c| (id, c)));
                let news = News::new(id, &dispatch);
                let extra = object([("signal", signal), ("onProgress", news.progress())]);
                let job = Job { id, news, extra };
                spawn_local(async move {
                    let engine = outside.engine.borrow().clone();
                    let answer = match engine {
                        Some(engine) => match outside.engine_for(engine, &ask, &job).await {
                            Ok(engine) => outside.ask(&engine, ask, &job, &dispatch).await,
                            Err(e) => Err(e),
                        },
                        None => Err(JsValue::UNDEFINED),
                    };
                    job.news.close();
                    outside.aborts.borrow_mut().remove(&id);
                    dispatch.dispatch(match answer {
                        Ok(reply) => Action::Answered(id, reply),
                        Err(e) => Action::Failed(id, api::problem(&e)),
                    });
                });
            }
            Effect::Cancel(id) => {
                let controller = outside.aborts.borrow().get(&id).cloned();
                controller.iter().for_each(AbortController::abort);
            }
            Effect::Start(net) => outside.start(&prefs::device(), net.id(), dispatch),
            Effect::Network(net) => {
                *outside.net.borrow_mut() = net.id().to_owned();
                spawn_local(async move { outside.switch(&dispatch).await });
            }
            Effect::Release => spawn_local(page::release()),
            Effect::Retry => {
                let engine = outside.engine.borrow().clone();
                spawn_local(async move {
                    // what goes wrong is told as an event
                    if let Some(engine) = engine {
                        let _ = engine.reload().await;
                    }
                });
            }
            Effect::Export(asked) => page::export(&asked),
            Effect::Story(lang) => story::fetch(lang, dispatch),
            Effect::OpenNetwork { files, photo, lang, wanted } => {
                outside.open_network(files, photo, lang, wanted, dispatch);
            }
            Effect::Keep(net) => outside.keep_own(&net, dispatch),
            Effect::Delete(net) => outside.delete_own(&net, dispatch),
            Effect::Refuse(origin, format) => page::refuse(&origin, format),
            Effect::Sprites(net) => spawn_local(async move {
                let folder = networks::folder(net.id()).unwrap_or_default();
                // without it every picture is grown when it is asked for
                if let Ok(file) = fetch::json(&format!("catalogue/{folder}index.json")).await
                    && let Ok(sprites) = Sprites::read(file)
                {
                    dispatch.dispatch(Action::Sprites(net, Rc::new(sprites)));
                }
            }),
        }
    }

    fn retain(&self, used: &[u32]) {
        self.let_go(used);
    }
}
