//! A dialog: the browser's own, so that nothing behind it can be reached; Esc and the button close it, focus goes back.

use gloo::utils::document;
use wasm_bindgen::JsCast;
use web_sys::{HtmlDialogElement, HtmlElement};
use yew::prelude::*;

use crate::ui::{texts, use_store};

/// A dialog's title and content, and who closes it.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Its id, by which links and tests find it.
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
            // it is in the document and closed: it can be shown
            let shown = dialog.cast::<HtmlDialogElement>();
            let _ = shown.as_ref().map(HtmlDialogElement::show_modal);
            move || {
                // while it is open, nothing behind it can have the focus
                let _ = shown.map(|d| d.close());
                drop(before.map(|b| b.focus()));
            }
        });
    }
    let close = props.close.reform(|_: MouseEvent| ());
    let escape = {
        let close = props.close.clone();
        move |e: Event| {
            // it goes with the state that shows it
            e.prevent_default();
            close.emit(());
        }
    };
    html! {
        <dialog class="dialog" id={props.id.clone()} aria-label={props.title.clone()} ref={dialog} oncancel={escape}>
            <h2>{ &props.title }</h2>
            { props.children.clone() }
            <div class="row"><button onclick={close}>{ texts::CLOSE.get(lang) }</button></div>
        </dialog>
    }
}
