//! Which engine does a job. The network that is compared with the one in use has a second one beside the page's; or, where the
//! memory is small, the page's own runs the two networks in turn.

use std::rc::Rc;

use gloo::utils::window;
use js_sys::{Array, Float32Array};
use wasm_bindgen::prelude::*;

use super::api::{self, CnnLens, object};
use super::hear::{listen, picture};
use super::outside::{Job, Outside, options};
use super::store::Dispatch;
use super::{paint, prefs};
use crate::catalog::NetworkSpec;
use crate::protocol::VERSION;
use crate::state::{Action, Ask, ClassScore, Picture, Reply, Seen};

/// The group of the engine's gallery in which a folder's photo is made ready; no visitor can type this name.
const FOLDER: &str = "\u{1}";

/// Side of a folder's photo as the page keeps it, in pixels.
const SMALL: usize = 96;

impl Outside {
    /// The engine that does a job, with the network and the picture that it is about. `main`: the page's own.
    ///
    /// # Errors
    /// What the engine is rejected with, when it does not come up, or does not get its weights or the picture.
    pub(super) async fn engine_for(
        &self,
        main: CnnLens,
        ask: &Ask,
        job: &Job,
        dispatch: &Dispatch,
    ) -> Result<CnnLens, JsValue> {
        let own = self.net.borrow().clone();
        let Some(net) = ask.net().filter(|net| net.id() != own) else {
            if self.other.lent.get() {
                self.give(&main, &own).await?;
                self.other.returned();
                // the other network's square of the picture is another one
                if let Some(seen) = ask.seen().filter(|_| !matches!(ask, Ask::Picture(_))) {
                    self.take(&main, seen.source.clone(), &options(seen), job).await?;
                }
            }
            return Ok(main);
        };
        self.other.job.set(job.id);
        let engine = if api::affords_helpers(&window().navigator()) {
            self.second(net, dispatch).await?
        } else {
            self.other.lent.set(true);
            main
        };
        self.give(&engine, net.id()).await?;
        if let Some(seen) = ask.seen().filter(|seen| self.other.has.borrow().as_ref() != Some(*seen)) {
            *self.other.has.borrow_mut() = None;
            self.take(&engine, seen.source.clone(), &options(seen), job).await?;
            *self.other.has.borrow_mut() = Some(seen.clone());
        }
        Ok(engine)
    }

    /// The second engine, which is started for `net` where there is none.
    async fn second(&self, net: &NetworkSpec, dispatch: &Dispatch) -> Result<CnnLens, JsValue> {
        if let Some(engine) = self.other.engine.borrow().clone() {
            return Ok(engine);
        }
        // the weights that are fetched are the progress of whatever waits for them
        let (other, told) = (Rc::clone(&self.other), |d: &JsValue, id| api::number(d, id) as usize);
        let weights = listen(dispatch, move |d| {
            Some(Action::Progress(other.job.get(), told(d, "bytes"), told(d, "total").max(1)))
        });
        let options = object([
            ("net", JsValue::from_str(net.id())),
            ("device", JsValue::from_str(&prefs::device())),
            ("base", JsValue::from_str("./")),
            ("lazy", JsValue::TRUE),
            ("helpers", JsValue::FALSE),
            ("version", JsValue::from_str(VERSION)),
            ("on", object([("weights", weights)])),
            ("networks", self.own.borrow().values().collect::<Array>().into()),
        ]);
        let engine: CnnLens = CnnLens::load(&options).await?.unchecked_into();
        *self.other.engine.borrow_mut() = Some(engine.clone());
        Ok(engine)
    }

    /// Lets an engine run the network `id`, and waits for its weights.
    async fn give(&self, engine: &CnnLens, id: &str) -> Result<(), JsValue> {
        if api::text(engine, "network") != id {
            *self.other.has.borrow_mut() = None;
        }
        let (own, at_once) = (self.own.borrow().get(id).cloned(), object([]));
        match own {
            Some(read) => engine.open_network(&read, &at_once).await?,
            None => engine.use_network(id, &at_once).await?,
        };
        // meanwhile another one may have been asked for
        if api::text(engine, "network") == id { Ok(()) } else { Err(object([("kind", "cancelled".into())])) }
    }

    /// The class of a photo, without a change of the picture that the engine has: it is made ready as one of the gallery's.
    pub(super) async fn sort(&self, engine: &CnnLens, seen: Seen, job: &Job) -> Result<Reply, JsValue> {
        let given = self.given(&seen.source).await?;
        let answer =
            engine.set_image(&given, &object([("role", "gallery".into()), ("group", FOLDER.into())]), &job.extra).await;
        // also one of an earlier job that was cancelled in between
        engine.forget(FOLDER).await?;
        let taken = picture(seen.source, &answer?);
        let side = taken.size as u32;
        let size = Array::of2(&side.into(), &side.into());
        let want = object([("want", "logits".into())]);
        let input = Float32Array::from(paint::normalised(&seen.net, &taken.rgba).as_slice());
        let logits = engine.probe(&want, &input, &size, &job.extra).await?;
        let logits = Float32Array::from(Array::from(&logits).get(0)).to_vec();
        let best = (0..logits.len()).reduce(|best, i| if logits[i] > logits[best] { i } else { best });
        let Some(index) = best else { return Err(JsValue::UNDEFINED) };
        let sum: f32 = logits.iter().map(|v| (v - logits[index]).exp()).sum();
        Ok(Reply::Sorted(small(taken), ClassScore { index, logit: logits[index], probability: 1.0 / sum }))
    }
}

/// A picture made small: the mean of what falls on each of its pixels.
fn small(picture: Picture) -> Picture {
    let (from, to) = (picture.size, SMALL.min(picture.size));
    let mut rgba = Vec::with_capacity(4 * to * to);
    let edge = |i: usize| i * from / to;
    for (y, x) in (0..to).flat_map(|y| (0..to).map(move |x| (y, x))) {
        for c in 0..4 {
            let rows = edge(y)..edge(y + 1);
            let all = rows.flat_map(|row| (edge(x)..edge(x + 1)).map(move |column| 4 * (row * from + column) + c));
            let (sum, n) = all.fold((0, 0), |(sum, n), i| (sum + u32::from(picture.rgba[i]), n + 1));
            rgba.push((sum / n.max(1)) as u8);
        }
    }
    Picture { size: to, rgba: Rc::new(rgba), ..picture }
}
