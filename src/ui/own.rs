//! Networks of the visitor's own: asked about, known to the page, and given to the engine.

use std::rc::Rc;

use js_sys::JSON;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::outside::Outside;
use super::store::Dispatch;
use super::{api, page};
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
            dispatch.dispatch(match outside.know(read) {
                Some(net) => Action::Opened(net),
                None => Action::Problem(Problem::new(ProblemKind::BadParameter, "the network's card is none")),
            });
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
