//! What is dropped and pasted, anywhere on the page.

use std::rc::Rc;

use gloo::events::{EventListener, EventListenerOptions};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, ClipboardEvent, DataTransfer, DragEvent, Element, Event};
use yew::prelude::*;

use super::files::Kept;
use super::outside::Outside;
use super::{Dispatch, api, keys, prefs};
use crate::catalog::ProblemKind;
use crate::catalog::examples::EXAMPLES;
use crate::protocol::Problem;
use crate::state::{Action, Source};

#[wasm_bindgen(raw_module = "./files.js")]
extern "C" {
    async fn received(transfer: &DataTransfer, group: &str) -> JsValue;
}

/// Where what is dropped or pasted goes.
#[derive(Clone)]
pub struct Drops {
    /// Takes a picture.
    pub open: Callback<Blob>,
    /// Whether something is dragged over the page.
    pub dragging: UseStateSetter<bool>,
    /// Keeps the files.
    pub outside: Outside,
    /// Hears what was dropped or pasted.
    pub dispatch: Dispatch,
    /// The group of single files.
    pub group: &'static str,
}

/// Hears drops and pastes.
pub fn listen(drops: &Drops) -> Vec<EventListener> {
    let active = EventListenerOptions::enable_prevent_default();
    let on = |name: &'static str, f: fn(&Drops, &Event)| {
        let drops = drops.clone();
        EventListener::new_with_options(&gloo::utils::document(), name, active, move |e| f(&drops, e))
    };
    vec![on("dragover", over), on("dragleave", leave), on("drop", drop_on), on("paste", paste)]
}

fn target(e: &Event) -> Option<Element> {
    e.target()?.dyn_into().ok()
}

fn transfer(e: &Event) -> Option<DataTransfer> {
    e.dyn_ref::<DragEvent>()?.data_transfer()
}

/// A text that is dragged into a field is the field's.
fn for_field(e: &Event) -> bool {
    let files = transfer(e).is_some_and(|t| t.types().includes(&"Files".into(), 0));
    !files && target(e).is_some_and(|t| keys::editable(&t))
}

fn over(drops: &Drops, e: &Event) {
    if !for_field(e) {
        e.prevent_default();
        drops.dragging.set(true);
    }
}

fn leave(drops: &Drops, e: &Event) {
    if e.dyn_ref::<DragEvent>().is_some_and(|e| e.related_target().is_none()) {
        drops.dragging.set(false);
    }
}

fn drop_on(drops: &Drops, e: &Event) {
    drops.dragging.set(false);
    if for_field(e) {
        return;
    }
    e.prevent_default();
    // the gallery takes what is dropped there
    if target(e).is_some_and(|t| t.closest(".gallery").is_ok_and(|g| g.is_some())) {
        return;
    }
    let Some(transfer) = transfer(e) else { return };
    let drops = drops.clone();
    // the call itself takes everything; only the walk through folders waits
    spawn_local(async move {
        let got = received(&transfer, drops.group).await;
        drops.take(&got);
    });
}

fn paste(drops: &Drops, e: &Event) {
    // spreadsheets put a picture of the cells beside their text: in a field, the text is meant
    if keys::in_dialog() || target(e).is_some_and(|t| keys::editable(&t)) {
        return;
    }
    let data = e.dyn_ref::<ClipboardEvent>().and_then(ClipboardEvent::clipboard_data);
    let files = data.and_then(|d| d.files()).map_or_else(js_sys::Array::new, |f| js_sys::Array::from(&f));
    let files: Vec<Blob> = files.iter().filter_map(|f| f.dyn_into().ok()).collect();
    let picture = files.iter().find(|f| f.type_().starts_with("image/")).or(files.first());
    if let Some(file) = picture {
        e.prevent_default();
        drops.open.emit(file.clone());
    }
}

impl Drops {
    /// The first picture is opened, more of them are offered to the gallery.
    fn take(&self, got: &JsValue) {
        let network = api::field(got, "network");
        if network.is_object() {
            return self.dispatch.dispatch(Action::OpenNetwork(self.outside.keep_network(network)));
        }
        let files = js_sys::Array::from(&api::field(got, "files"));
        let mut files = files.iter().map(|f| (api::field(&f, "group"), api::field(&f, "file")));
        if let Some((_, file)) = files.next() {
            self.open.emit(file.unchecked_into());
            let rest = files.map(|(group, file)| {
                let name = api::field(&file, "name").as_string().unwrap_or_default();
                let kept = Kept::Named(Rc::new(file.unchecked_into()));
                (group.as_string().unwrap_or_default(), self.outside.keep(kept, name))
            });
            self.dispatch.dispatch(Action::OfferMany(rest.collect()));
            return;
        }
        self.dispatch.dispatch(match api::field(got, "url").as_string() {
            Some(url) => elsewhere(&url),
            None => Action::Problem(Problem::new(ProblemKind::NoPicture, "")),
        });
    }
}

/// A picture at an address: this site's own is opened, another site is asked once the visitor agrees.
fn elsewhere(url: &str) -> Action {
    let url = prefs::absolute(url);
    let name = url.strip_prefix(&prefs::absolute("examples/")).and_then(|name| name.strip_suffix(".jpg"));
    match EXAMPLES.iter().find(|e| Some(e.id) == name) {
        Some(example) => Action::Open(Source::Example(example.id)),
        None if url.starts_with(&prefs::absolute("/")) => Action::Open(Source::Url(url)),
        None if url.starts_with("https://") => Action::Elsewhere(url),
        None => Action::Problem(Problem::new(ProblemKind::ImageMissing, url)),
    }
}
