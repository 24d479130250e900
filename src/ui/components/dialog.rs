//! A dialog: focus goes into it, Esc and the button close it, focus goes back.

use gloo::utils::document;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::ui::{texts, use_store};

/// See the fields.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Its id.
    pub id: AttrValue,
    /// Its title.
    pub title: AttrValue,
    /// Closes it.
    pub close: Callback<()>,
    /// What it holds.
    pub children: Html,
}

/// The frame of every dialog.
#[component]
pub fn Dialog(props: &Props) -> Html {
    let lang = use_store().0.lang;
    let dialog = use_node_ref();
    {
        let dialog = dialog.clone();
        use_effect_with((), move |()| {
            let before = document().active_element().and_then(|e| e.dyn_into::<HtmlElement>().ok());
            // an element that cannot be focused leaves the focus where it is
            let _ = dialog.cast::<HtmlElement>().map(|d| d.focus());
            move || drop(before.map(|b| b.focus()))
        });
    }
    let close = props.close.reform(|_: MouseEvent| ());
    let escape = {
        let close = props.close.clone();
        move |e: KeyboardEvent| {
            if e.key() == "Escape" {
                e.stop_propagation();
                close.emit(());
            }
        }
    };
    html! {
        <div class="dialog" id={props.id.clone()} role="dialog" aria-modal="true" aria-label={props.title.clone()} tabindex="-1" ref={dialog} onkeydown={escape}>
            <h2>{ &props.title }</h2>
            { props.children.clone() }
            <div class="row"><button onclick={close}>{ texts::CLOSE.get(lang) }</button></div>
        </div>
    }
}
