//! Does what the reducer asks for.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::AbortController;
use yew::prelude::*;

use super::hear::{listen, listen_two, picture, report, weights};
use super::lens::{self, CnnLens, object};
use super::{page, paint, prefs};
use crate::catalog::ProblemKind;
use crate::state::{Action, ClassScore, Effect, Explained, Place, Source};

type Dispatch = UseReducerDispatcher<super::Model>;

/// What cannot live in the pure state: the engine, the files, the running job's abort switch.
#[derive(Clone, Default)]
pub struct Outside {
    lens: Rc<RefCell<Option<CnnLens>>>,
    files: Rc<RefCell<BTreeMap<u32, JsValue>>>,
    /// Files for the gallery, until the engine has them.
    pub(super) held: Rc<RefCell<BTreeMap<u32, JsValue>>>,
    pub(super) next_file: Rc<Cell<u32>>,
    abort: Rc<RefCell<Option<AbortController>>>,
    /// Asked for before the engine was up.
    waiting: Rc<RefCell<Vec<Effect>>>,
    /// Number of the last effect done.
    done: Rc<Cell<u32>>,
}

impl PartialEq for Outside {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.lens, &other.lens)
    }
}

impl Outside {
    /// Keeps a file or blob and returns the [`Source`] that names it.
    pub fn keep(&self, file: JsValue, name: String) -> Source {
        let id = self.next_file.get() + 1;
        self.next_file.set(id);
        let mut files = self.files.borrow_mut();
        // the newest are enough: the one shown, the one asked for, and those tried as the second
        files.retain(|k, _| *k + 7 >= id);
        files.insert(id, file);
        Source::File(id, name)
    }

    /// Starts the engine; `wish` is `auto`, `cpu` or `webgpu`.
    pub fn start(&self, wish: &str, dispatch: Dispatch) {
        let on = object([
            ("device", listen(&dispatch, |d| Some(Action::Device(report(d))))),
            ("restart", listen(&dispatch, |d| Some(Action::Restarted(report(&lens::field(d, "device")))))),
            ("problem", listen(&dispatch, |d| Some(Action::Problem(lens::problem(d))))),
            ("weights", listen(&dispatch, |d| weights(d, false))),
            ("loaded", listen(&dispatch, |d| weights(d, true))),
        ]);
        let options = object([
            ("device", JsValue::from_str(wish)),
            ("base", JsValue::from_str("./")),
            ("lazy", JsValue::TRUE),
            ("on", on),
        ]);
        let outside = self.clone();
        spawn_local(async move {
            match CnnLens::load(&options).await {
                Ok(lens) => {
                    let engine = lens::field(&lens, "engine").as_string().unwrap_or_default();
                    let loaded = lens::field(&lens, "loaded");
                    *outside.lens.borrow_mut() = Some(lens.unchecked_into());
                    spawn_local(async move {
                        // not before the weights are here: they are what the visitor waits for
                        if JsFuture::from(js_sys::Promise::resolve(&loaded)).await.is_ok() {
                            page::offline(&engine).await;
                        }
                    });
                    let waiting: Vec<Effect> = outside.waiting.borrow_mut().drain(..).collect();
                    waiting.into_iter().for_each(|e| outside.perform(e, &dispatch));
                }
                Err(e) => dispatch.dispatch(Action::Problem(lens::problem(&e))),
            }
        });
    }

    /// Does the effects that have not been done yet.
    pub fn perform_new(&self, effects: &VecDeque<(u32, Effect)>, dispatch: &Dispatch) {
        for (number, effect) in effects {
            if *number > self.done.get() {
                self.done.set(*number);
                self.perform(effect.clone(), dispatch);
            }
        }
    }

    fn perform(&self, effect: Effect, dispatch: &Dispatch) {
        let (outside, dispatch) = (self.clone(), dispatch.clone());
        match effect {
            Effect::Precomputed(id) => spawn_local(async move {
                // without it the live result comes a little later
                if let Ok((picture, classes, cam)) = paint::precomputed(id).await {
                    dispatch.dispatch(Action::Precomputed(picture, classes, cam));
                }
            }),
            Effect::Cancel => outside.cancel(),
            Effect::Start => outside.start(&prefs::device(), dispatch),
            Effect::Export(format, told) => super::extra::export(&format, told),
            Effect::Catalogue => spawn_local(async move {
                let fetched = gloo::net::http::Request::get(&prefs::absolute("catalogue/index.json")).send().await;
                // without it every picture is grown when it is asked for
                if let Ok(answer) = fetched
                    && let Ok(catalogue) = answer.json().await
                {
                    dispatch.dispatch(Action::Catalogue(Rc::new(catalogue)));
                }
            }),
            effect => {
                let lens = outside.lens.borrow().clone();
                let Some(lens) = lens else {
                    outside.waiting.borrow_mut().push(effect);
                    return;
                };
                spawn_local(async move {
                    if let Err(e) = outside.ask(&lens, effect, &dispatch).await {
                        dispatch.dispatch(Action::Problem(lens::problem(&e)));
                    }
                    dispatch.dispatch(Action::Idle);
                });
            }
        }
    }

    async fn ask(&self, lens: &CnnLens, effect: Effect, dispatch: &Dispatch) -> Result<(), JsValue> {
        match effect {
            Effect::Open(source, taught) => {
                let given = self.given(&source);
                let head = if taught { "linear" } else { "default" };
                self.cancel();
                let extra = self.extra(dispatch);
                let answer = lens.set_image(&given, &object([("head", head.into())]), &extra).await?;
                dispatch.dispatch(Action::Opened(picture(source, &answer)));
                js_sys::Reflect::set(&extra, &"top".into(), &1000.into())?;
                let classes = lens.classify(&extra).await?;
                dispatch.dispatch(Action::Classes(serde_wasm_bindgen::from_value::<Vec<ClassScore>>(classes)?));
                self.cam(lens, None, &extra, dispatch).await?;
                // the reducer knows the layer
                dispatch.dispatch(Action::MapsWanted);
                Ok(())
            }
            Effect::Cam(class) => self.cam(lens, class, &self.extra(dispatch), dispatch).await,
            Effect::Maps(layer, model) => {
                let name = crate::catalog::networks::VGG16.layers[layer].name;
                let scale = if model { "model" } else { "layer" };
                let params = object([("layer", JsValue::from_str(name)), ("scale", JsValue::from_str(scale))]);
                let result = lens.run("feature_maps", &params, &self.extra(dispatch)).await?;
                if let Some((figure, _)) = lens::figure(&result) {
                    let scale = figure.info.model_scale;
                    dispatch.dispatch(Action::Maps(figure, scale));
                }
                Ok(())
            }
            Effect::Explain(method, params, target, place) => {
                let extra = self.extra(dispatch);
                if place == Place::Main {
                    let partial = listen_two(dispatch, |f, told| {
                        let told = js_sys::JSON::stringify(told).map(String::from).unwrap_or_default();
                        let figures = lens::list(f).into_iter().map(Rc::new).collect();
                        Action::Partial(figures, serde_json::from_str(&told).unwrap_or_default())
                    });
                    js_sys::Reflect::set(&extra, &"onPartial".into(), &partial)?;
                }
                let result = lens.run(method, &lens::given(method, &params, target.as_ref())?, &extra).await?;
                let meta = js_sys::JSON::stringify(&lens::field(&result, "meta"))?;
                let meta = serde_json::from_str(&String::from(meta)).unwrap_or_default();
                let figures = lens::figures(&result).into_iter().map(Rc::new).collect();
                dispatch.dispatch(Action::Explained(Explained { method, figures, meta, stale: false }, place));
                Ok(())
            }
            Effect::Board(tasks, mut params) => {
                // a board is an overview
                params.entry("detail").or_insert_with(|| "coarse".into());
                let extra = self.extra(dispatch);
                for (method, aim) in tasks {
                    // a refusal (a class only, a layer behind the unit) is an answer too
                    let figure = if lens::explains(method, aim) {
                        match lens.run(method, &lens::given(method, &params, Some(&aim.value()))?, &extra).await {
                            Ok(result) => lens::figure(&result).map(|(figure, _)| Rc::new(figure)),
                            Err(e) if lens::problem(&e).kind == ProblemKind::BadParameter => None,
                            Err(e) => return Err(e),
                        }
                    } else {
                        None
                    };
                    dispatch.dispatch(Action::BoardMap(method, aim, figure));
                }
                Ok(())
            }
            Effect::Second(source) => {
                let extra = self.extra(dispatch);
                let answer = lens.set_image(&self.given(&source), &object([("role", "second".into())]), &extra).await?;
                dispatch.dispatch(Action::Second(picture(source, &answer)));
                Ok(())
            }
            Effect::SaveFilm(film) => self.film(lens, &film, dispatch).await,
            Effect::Gather(list) => self.gather(lens, list, dispatch).await,
            Effect::Forget(group) => lens.forget(&group).await.map(drop),
            Effect::Report(lang, json) => self.report(lens, lang, json).await,
            Effect::Retry => lens.reload().await.map(drop),
            Effect::Precomputed(_) | Effect::Catalogue | Effect::Cancel | Effect::Start | Effect::Export(..) => Ok(()),
        }
    }

    async fn cam(
        &self,
        lens: &CnnLens,
        class: Option<usize>,
        extra: &JsValue,
        dispatch: &Dispatch,
    ) -> Result<(), JsValue> {
        let class = class.map_or(JsValue::from_str("top"), |c| JsValue::from_f64(c as f64));
        let result = lens.run("cam", &object([("class", class)]), extra).await?;
        let target = lens::number(&lens::field(&lens::field(&result, "meta"), "target"), "index") as usize;
        if let Some((figure, ms)) = lens::figure(&result) {
            dispatch.dispatch(Action::Cam(figure, target, ms));
        }
        Ok(())
    }

    /// What `setImage` takes.
    pub(super) fn given(&self, source: &Source) -> JsValue {
        match source {
            Source::Url(url) => JsValue::from_str(url),
            Source::Example(id) => JsValue::from_str(&prefs::absolute(&format!("examples/{id}.jpg"))),
            Source::File(id, _) => {
                let kept = self.files.borrow().get(id).or(self.held.borrow().get(id)).cloned();
                kept.unwrap_or(JsValue::UNDEFINED)
            }
        }
    }

    /// Progress into the state, and a fresh abort switch.
    pub(super) fn extra(&self, dispatch: &Dispatch) -> JsValue {
        let controller = AbortController::new().ok();
        let signal = controller.as_ref().map_or(JsValue::UNDEFINED, |c| c.signal().into());
        *self.abort.borrow_mut() = controller;
        let progress = listen(dispatch, |p| {
            Some(Action::Progress(lens::number(p, "done") as usize, lens::number(p, "total") as usize))
        });
        object([("signal", signal), ("onProgress", progress)])
    }

    fn cancel(&self) {
        if let Some(controller) = self.abort.borrow_mut().take() {
            controller.abort();
        }
    }
}
