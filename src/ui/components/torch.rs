//! "The same in PyTorch": a button, and the dialog with the script.

use serde_json::{Map, Value};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::dialog::Dialog;
use crate::figure::png;
use crate::methods::find;
use crate::methods::script::fill;
use crate::state::Picture;
use crate::ui::{Open, fetch, page, prefs, save, texts, use_store};

/// What every script begins with.
const NETWORK: &str = "cnn_lens";

/// The run whose script [`Torch`] shows.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The method's id.
    pub method: &'static str,
    /// Its parameters, as a run gets them.
    pub params: Map<String, Value>,
}

/// The button, and the dialog once it was pressed.
#[component]
pub fn Torch(props: &Props) -> Html {
    let store = use_store();
    let lang = store.0.lang;
    let outside = use_context::<Open>();
    let (text, failed, copied) = (use_state(|| None::<String>), use_state(|| false), use_state(|| false));
    let open = {
        let (text, failed, method) = (text.setter(), failed.setter(), props.method);
        move |_| {
            let (text, failed) = (text.clone(), failed.clone());
            spawn_local(async move {
                let script = file(method).await;
                failed.set(script.is_none());
                text.set(script);
            });
        }
    };
    let button = html! {
        <>
            <button class="torch" onclick={open}>{ texts::TORCH.get(lang) }</button>
            if *failed { <span class="hint" role="alert">{ texts::TORCH_FAILED.get(lang) }</span> }
        </>
    };
    let (Some(raw), Some(info)) = (text.as_deref(), find(props.method)) else { return button };
    let script = fill(&store.0.net, info, raw, &props.params);
    let close = {
        let (text, copied) = (text.setter(), copied.setter());
        Callback::from(move |()| {
            copied.set(false);
            text.set(None);
        })
    };
    let copy = {
        let (copied, text) = (copied.setter(), script.text.clone());
        move |_| {
            let (copied, text) = (copied.clone(), text.clone());
            spawn_local(async move { copied.set(page::copy(&text).await.is_truthy()) });
        }
    };
    let keep = {
        let (text, name) = (script.text.clone(), format!("{}.py", props.method));
        // a browser that refuses to save says so itself
        move |_| drop(save::bytes(&text.as_str().into(), "text/x-python", &name))
    };
    let network = {
        let failed = failed.setter();
        move |_| {
            let failed = failed.clone();
            spawn_local(async move {
                let here = format!("weights = {:?}", prefs::absolute("./weights"));
                let text = file(NETWORK).await.map(|t| t.replacen("weights = \"weights\"", &here, 1));
                failed.set(text.is_none());
                let _ = text.map(|t| save::bytes(&t.into(), "text/x-python", "cnn_lens.py"));
            });
        }
    };
    // of the visitor's own network its file stands beside the script
    let own = {
        let (outside, net) = (outside, store.0.net.clone());
        move |_| outside.iter().for_each(|open| open.0.save_own(&net))
    };
    let photo = {
        let picture = store.0.picture.clone();
        move |_| drop(picture.as_ref().map(seen))
    };
    html! {
        <>
            { button }
            <Dialog id="torch" title={texts::TORCH.get(lang)} {close}>
                <p class="hint">{ if store.0.net.own() { texts::TORCH_OWN } else { texts::TORCH_HINT }.get(lang) }</p>
                if !script.left_out.is_empty() {
                    <p class="note">{ texts::TORCH_LEFT_OUT.get(lang) }{ " " }<code>{ script.left_out.join(", ") }</code></p>
                }
                if store.0.taught { <p class="note">{ texts::TORCH_HEAD.get(lang) }</p> }
                <textarea readonly=true rows="18" wrap="off" spellcheck="false" aria-label={texts::TORCH.get(lang)} value={script.text} />
                <p class="row">
                    <button onclick={copy}>{ if *copied { texts::COPIED } else { texts::COPY }.get(lang) }</button>
                    <button onclick={keep}>{ format!("{}.py", props.method) }</button>
                    <button onclick={network}>{ format!("{NETWORK}.py") }</button>
                    if let Some(name) = store.0.net.saved_as() { <button class="network" onclick={own}>{ name }</button> }
                    <button onclick={photo}>{ "photo.png" }</button>
                </p>
            </Dialog>
        </>
    }
}

/// Saves the picture as the network gets it.
fn seen(picture: &Picture) -> Result<(), JsValue> {
    let png = png::encode(picture.size, picture.size, &picture.rgba).ok_or(JsValue::NULL)?;
    save::bytes(&js_sys::Uint8Array::from(png.as_slice()).into(), "image/png", "photo.png")
}

/// A script of `torch/` as it lies on the site; `None` when it cannot be fetched.
async fn file(name: &str) -> Option<String> {
    fetch::text(&format!("./torch/{name}.py")).await.ok()
}
