//! What cannot live in the pure state: the engine, the visitor's files, the jobs' abort switches.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use gloo::file::ObjectUrl;
use wasm_bindgen::prelude::*;
use web_sys::{AbortController, Blob};

use super::api::{self, CnnLens, object};
use super::hear::{News, picture};
use super::{files, page, prefs};
use crate::catalog::picture::{Crop, Fit};
use crate::protocol::VERSION;
use crate::state::{Ask, ClassScore, JobId, Reply, Seen, Source};

/// What cannot live in the pure state: the engine, the files, the jobs' abort switches.
#[derive(Clone, Default)]
pub struct Outside {
    pub(super) engine: Rc<RefCell<Option<CnnLens>>>,
    files: Rc<RefCell<BTreeMap<u32, files::Kept>>>,
    next_file: Rc<Cell<u32>>,
    /// The id of the network that the engine is to run.
    pub(super) net: Rc<RefCell<String>>,
    /// The files of networks that wait to be read.
    pub(super) unread: Rc<RefCell<BTreeMap<u32, JsValue>>>,
    /// The visitor's own networks as `openNetwork` takes them, by their ids.
    pub(super) own: Rc<RefCell<BTreeMap<String, JsValue>>>,
    /// The engine is started, or being started.
    pub(super) started: Rc<Cell<bool>>,
    /// Another network than the one in use was asked, so that an engine may have to be given its own back.
    other: Rc<Cell<bool>>,
    /// An abort switch for every job that the engine has.
    pub(super) aborts: Rc<RefCell<BTreeMap<JobId, AbortController>>>,
}

impl PartialEq for Outside {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.engine, &other.engine)
    }
}

/// What a job takes along: its abort switch and where its news goes.
pub struct Job {
    /// The job's number.
    pub id: JobId,
    /// Where its progress and partial figures go.
    pub news: News,
    /// The API's third argument: `{ signal, onProgress }`.
    pub extra: JsValue,
}

impl Outside {
    /// Keeps a file or blob and returns the [`Source`] that names it.
    pub fn keep(&self, file: files::Kept, name: String) -> Source {
        let id = self.numbered();
        self.files.borrow_mut().insert(id, file);
        Source::File(id, name)
    }

    /// A number of its own for what is kept.
    fn numbered(&self) -> u32 {
        let id = self.next_file.get() + 1;
        self.next_file.set(id);
        id
    }

    /// Keeps the files of a network, as a list, until they are read; the answer names them.
    pub fn keep_network(&self, files: JsValue) -> u32 {
        let id = self.numbered();
        self.unread.borrow_mut().insert(id, files);
        id
    }

    /// An address under which the browser shows a kept file, for as long as it is held.
    pub async fn url(&self, id: u32) -> Option<ObjectUrl> {
        let kept = self.files.borrow().get(&id).cloned()?;
        Some(gloo::file::Blob::from(kept.blob().await.ok()?).into())
    }

    /// Lets go of the files that nothing refers to any more.
    pub fn let_go(&self, used: &[u32]) {
        self.files.borrow_mut().retain(|id, _| used.contains(id));
    }

    /// No file was given so far: the page can be loaded anew without a loss.
    pub fn untouched(&self) -> bool {
        self.next_file.get() == 0
    }

    /// Gives the engine a picture, and waits until it has taken it.
    pub async fn take(&self, engine: &CnnLens, source: Source, options: &JsValue, job: &Job) -> Result<Reply, JsValue> {
        let given = self.given(&source).await?;
        let answer = engine.set_image(&given, options, &job.extra).await?;
        Ok(Reply::Picture(picture(source, &answer)))
    }

    /// The engine that does a job, with the network and the picture that it is about; `main` is the page's own.
    ///
    /// # Errors
    /// What the engine is rejected with, when it does not come up, or does not get its weights or the picture.
    pub(super) async fn engine_for(&self, main: CnnLens, ask: &Ask, job: &Job) -> Result<CnnLens, JsValue> {
        let own = self.net.borrow().clone();
        let net = ask.net().map_or(own.as_str(), |net| net.id());
        if net == own && !self.other.get() {
            return Ok(main);
        }
        self.other.set(true);
        let picture = match ask.seen().filter(|_| !matches!(ask, Ask::Picture(_))) {
            Some(seen) => object([("given", self.given(&seen.source).await?), ("options", options(seen))]),
            None => JsValue::NULL,
        };
        let load = object([
            ("device", JsValue::from_str(&prefs::device())),
            ("base", JsValue::from_str("./")),
            ("version", JsValue::from_str(VERSION)),
        ]);
        let read = self.own.borrow().get(net).cloned().unwrap_or_default();
        let about = object([("read", read), ("picture", picture), ("extra", job.extra.clone()), ("load", load)]);
        Ok(page::engine_for(&main, &own, net, &about).await?.unchecked_into())
    }

    /// The class of a photo of a folder, and the photo made small.
    pub(super) async fn sort(&self, engine: &CnnLens, seen: Seen, job: &Job) -> Result<Reply, JsValue> {
        let given = self.given(&seen.source).await?;
        let told = page::class_of(engine, &given, &seen.net.mean, &seen.net.std, &job.extra).await?;
        let number = |id| api::number(&told, id);
        let [logit, probability] = ["logit", "probability"].map(|id| number(id) as f32);
        let score = ClassScore { index: number("index") as usize, logit, probability };
        Ok(Reply::Sorted(picture(seen.source, &told), score))
    }

    /// The picture as `setImage` takes it: an address or a blob; undefined for a file that is no longer kept.
    pub(super) async fn given(&self, source: &Source) -> Result<JsValue, JsValue> {
        match source {
            Source::Url(url) => Ok(JsValue::from_str(url)),
            Source::Example(id) => Ok(JsValue::from_str(&prefs::absolute(&format!("examples/{id}.jpg")))),
            Source::File(id, _) => {
                let kept = self.files.borrow().get(id).cloned();
                match kept {
                    Some(kept) => kept.blob().await.map(Blob::into),
                    None => Ok(JsValue::UNDEFINED),
                }
            }
        }
    }
}

/// How the engine is to take a picture.
pub fn options(seen: &Seen) -> JsValue {
    let head = if seen.taught { "linear" } else { "default" };
    let (fit, crop) = match seen.fit {
        Fit::Crop(crop) if crop == Crop::MIDDLE => ("crop", JsValue::UNDEFINED),
        Fit::Crop(c) => ("crop", object([("x", c.x.into()), ("y", c.y.into()), ("side", c.side.into())])),
        Fit::Contain => ("contain", JsValue::UNDEFINED),
        Fit::Stretch => ("stretch", JsValue::UNDEFINED),
    };
    object([("head", head.into()), ("fit", fit.into()), ("crop", crop)])
}
