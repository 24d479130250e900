//! Networks of the visitor's own: asked about, known to the page, and given to the engine.

use std::rc::Rc;

use js_sys::JSON;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::outside::Outside;
use super::store::Dispatch;
use super::{api, page, save};
use crate::catalog::card::Card;
use crate::catalog::{Lang, NetworkSpec, ProblemKind, networks};
use crate::protocol::Problem;
use crate::state::{Action, Source};

impl Outside {
    /// Opens the network in the files that were kept as `id`: asks what they do not say, and lets the page use it. Without an
    /// answer nothing changes.
    pub fn open_network(&self, id: u32, photo: Option<Source>, lang: Lang, wanted: Option<String>, dispatch: Dispatch) {
        let Some(files) = self.unread.borrow_mut().remove(&id) else { return };
        let outside = self.clone();
        spawn_local(async move {
            let photo = match photo {
                Some(photo) => outside.given(&photo).await.unwrap_or(JsValue::UNDEFINED),
                None => JsValue::UNDEFINED,
            };
            let read = page::open_network(&files, lang.id(), &photo, wanted.as_deref().unwrap_or_default()).await;
            if !read.is_object() {
                return;
            }
            match outside.know(read) {
                Some(net) => dispatch.dispatch(Action::Opened(net)),
                None => dispatch
                    .dispatch(Action::Problem(Problem::new(ProblemKind::BadParameter, "the network's card is none"))),
            }
            // the dialog may have kept it
            outside.kept(&dispatch).await;
        });
    }

    /// Tells the page which networks are kept in this browser, and makes them known that are not.
    pub async fn kept(&self, dispatch: &Dispatch) {
        let mut ids = Vec::new();
        for read in js_sys::Array::from(&page::kept_networks().await).iter() {
            let id = api::text(&api::field(&read, "card"), "id");
            if self.own.borrow().contains_key(&id) || self.know(read).is_some() {
                ids.push(id);
            }
        }
        dispatch.dispatch(Action::Kept(ids));
    }

    /// Keeps one of the visitor's own networks in this browser.
    pub fn keep_own(&self, net: &NetworkSpec, dispatch: Dispatch) {
        let (outside, read) = (self.clone(), self.own.borrow().get(net.id()).cloned());
        spawn_local(async move {
            let done = page::keep_network(&read.unwrap_or_default()).await;
            if !done.is_truthy() {
                dispatch.dispatch(Action::Problem(Problem::new(ProblemKind::NotKept, "")));
            }
            outside.kept(&dispatch).await;
        });
    }

    /// Saves one of the visitor's own networks as the file that its scripts read.
    pub fn save_own(&self, net: &NetworkSpec) {
        let (read, name) = (self.own.borrow().get(net.id()).cloned(), net.saved_as());
        spawn_local(async move {
            let file = page::network_file(&read.unwrap_or_default()).await;
            if let Some(name) = name.filter(|_| file.is_object()) {
                // a browser that refuses to save says so itself
                drop(save::bytes(&file, "application/octet-stream", &name));
            }
        });
    }

    /// Deletes one of the visitor's own networks: from the browser's store, the page and the engine.
    pub fn delete_own(&self, net: &NetworkSpec, dispatch: Dispatch) {
        self.own.borrow_mut().remove(net.id());
        networks::close(net);
        let (outside, id) = (self.clone(), net.id().to_owned());
        spawn_local(async move {
            page::forget_network(&id).await;
            outside.kept(&dispatch).await;
        });
    }

    /// Makes what was read of a network one of those that the page and the engine know.
    fn know(&self, read: JsValue) -> Option<Rc<NetworkSpec>> {
        let card = JSON::stringify(&api::field(&read, "card")).map(String::from).unwrap_or_default();
        // the reader has said what is wrong with a file; to tell it once more would be code that no visitor needs
        let net = Card::parse(&card).ok().and_then(|card| NetworkSpec::new(card).ok())?;
        let shards = js_sys::Array::from(&api::field(&read, "shards"));
        let bytes = shards.iter().map(|shard| api::number(&shard, "size")).sum::<f64>();
        networks::open(Rc::clone(&net), bytes as u64);
        self.own.borrow_mut().insert(net.id().to_owned(), read);
        Some(net)
    }
}
