//! Pictures in groups: a concept, a class, a folder. They stay in this browser.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlInputElement;
use yew::functional::Hook;
use yew::prelude::*;

use super::controls::Field;
use super::part::part;
use super::photo::Photo;
use crate::state::Action;
use crate::ui::files::Kept;
use crate::ui::{Open, api, texts, use_store};

#[wasm_bindgen(raw_module = "./files.js")]
extern "C" {
    /// The pictures among chosen files, as `[{ group, file }]`.
    pub fn chosen(files: &JsValue, group: &str) -> js_sys::Array;
    /// The pictures among what was dropped, also in folders, as `[{ group, file }]`.
    #[wasm_bindgen(catch)]
    pub async fn dropped(transfer: &JsValue, group: &str) -> Result<JsValue, JsValue>;
}

/// Drop zone, groups, and what to do with them.
pub fn gallery() -> Html {
    part("gallery", |ctx| use_gallery().run(ctx))
}

#[hook]
fn use_gallery() -> Html {
    let store = use_store();
    let (s, lang) = (&store.0, store.0.lang);
    let keep = use_context::<Open>();
    let group = use_state(|| texts::CONCEPT.get(lang).to_owned());
    let take = {
        let (dispatch, keep) = (store.dispatcher(), keep);
        move |list: &js_sys::Array| {
            let Some(keep) = &keep else { return };
            let one = |item: JsValue| {
                let file: web_sys::File = api::field(&item, "file").dyn_into().ok()?;
                let name = file.name();
                let group = api::field(&item, "group").as_string().unwrap_or_default();
                Some((group, keep.0.keep(Kept::Named(Rc::new(file.into())), name)))
            };
            dispatch.dispatch(Action::OpenMany(list.iter().filter_map(one).collect()));
        }
    };
    let pick = {
        let (take, group) = (take.clone(), (*group).clone());
        Callback::from(move |e: Event| {
            let input: Option<HtmlInputElement> = e.target().and_then(|t| t.dyn_into().ok());
            if let Some(input) = input {
                take(&chosen(&input.files().map_or(JsValue::NULL, JsValue::from), &group));
                // the same files can be chosen again
                input.set_value("");
            }
        })
    };
    let drop = {
        let group = (*group).clone();
        move |e: DragEvent| {
            let (take, group) = (take.clone(), group.clone());
            let Some(transfer) = e.data_transfer() else { return };
            // the call itself takes the entries; only the walk through folders waits
            spawn_local(async move {
                if let Ok(list) = dropped(&transfer, &group).await {
                    take(&js_sys::Array::from(&list));
                }
            });
        }
    };
    let rename = {
        let group = group.setter();
        Callback::from(move |name: String| group.set(name))
    };
    let forget = |name: String| {
        let dispatch = store.dispatcher();
        move |_| dispatch.dispatch(Action::Forget(name.clone()))
    };
    html! {
        <div class="gallery" id="gallery" role="group" aria-label={texts::GALLERY.get(lang)} ondrop={drop}>
            <div class="row">
                <label class="control">{ texts::GROUP.get(lang) }<Field id="group-name" value={(*group).clone()} set={rename} /></label>
                <label class="drop small"><input type="file" accept="image/*" multiple=true id="gallery-files" onchange={pick.clone()} /><strong>{ texts::ADD_FILES.get(lang) }</strong></label>
                <label class="drop small"><input type="file" webkitdirectory=true id="gallery-folder" onchange={pick} /><strong>{ texts::ADD_FOLDER.get(lang) }</strong></label>
            </div>
            <p class="hint">{ texts::GALLERY_HINT.get(lang) }</p>
            { for s.gallery.groups.iter().map(|(name, g)| html! {
                <div class="group" key={name.clone()}>
                    <span>{ name }{ format!(" ({})", g.count) }</span>
                    { for g.shown.iter().map(|p| html! { <Photo picture={p.clone()} /> }) }
                    <button class="quiet" onclick={forget(name.clone())} aria-label={format!("{} {name}", texts::REMOVE.get(lang))}>{ "×" }</button>
                </div>
            }) }
            if s.gallery.refused > 0 { <p class="note">{ texts::REFUSED.get(lang) }{ format!(" {}", s.gallery.refused) }</p> }
        </div>
    }
}
