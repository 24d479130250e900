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
use crate::catalog::Lang;
use crate::state::{Action, Source};
use crate::ui::files::Kept;
use crate::ui::{Open, api, texts, use_store};

#[wasm_bindgen(raw_module = "./files.js")]
extern "C" {
    fn chosen(files: &JsValue, group: &str) -> js_sys::Array;
    #[wasm_bindgen(catch)]
    async fn dropped(transfer: &JsValue, group: &str) -> Result<JsValue, JsValue>;
}

/// What takes files and folders: two fields, and what hears of a drop. `ids`: the fields' ids; `group`: that of single files.
pub fn takes(
    lang: Lang,
    ids: [&'static str; 2],
    group: &str,
    keep: Option<Open>,
    take: Callback<Vec<(String, Source)>>,
) -> (Html, Callback<DragEvent>) {
    let took = Callback::from(move |list: js_sys::Array| {
        let Some(keep) = &keep else { return };
        let one = |item: JsValue| {
            let file: web_sys::File = api::field(&item, "file").dyn_into().ok()?;
            let name = file.name();
            let group = api::field(&item, "group").as_string().unwrap_or_default();
            Some((group, keep.0.keep(Kept::Named(Rc::new(file.into())), name)))
        };
        take.emit(list.iter().filter_map(one).collect());
    });
    let pick = {
        let (took, group) = (took.clone(), group.to_owned());
        Callback::from(move |e: Event| {
            let input: Option<HtmlInputElement> = e.target().and_then(|t| t.dyn_into().ok());
            if let Some(input) = input {
                took.emit(chosen(&input.files().map_or(JsValue::NULL, JsValue::from), &group));
                // the same files can be chosen again
                input.set_value("");
            }
        })
    };
    let drop = {
        let group = group.to_owned();
        Callback::from(move |e: DragEvent| {
            let (took, group) = (took.clone(), group.clone());
            let Some(transfer) = e.data_transfer() else { return };
            // the call itself takes the entries; only the walk through folders waits
            spawn_local(async move {
                if let Ok(list) = dropped(&transfer, &group).await {
                    took.emit(js_sys::Array::from(&list));
                }
            });
        })
    };
    let fields = html! {
        <>
            <label class="drop small"><input type="file" accept="image/*" multiple=true id={ids[0]} onchange={pick.clone()} /><strong>{ texts::ADD_FILES.get(lang) }</strong></label>
            <label class="drop small"><input type="file" webkitdirectory=true id={ids[1]} onchange={pick} /><strong>{ texts::ADD_FOLDER.get(lang) }</strong></label>
        </>
    };
    (fields, drop)
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
        let dispatch = store.dispatcher();
        Callback::from(move |list| dispatch.dispatch(Action::OpenMany(list)))
    };
    let (fields, drop) = takes(lang, ["gallery-files", "gallery-folder"], &group, keep, take);
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
                { fields }
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
