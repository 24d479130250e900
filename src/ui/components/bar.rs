//! The bar at the foot of a phone's screen: the four places of the page, where a thumb reaches them.

use gloo::utils::document;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

use super::story::STORY;
use crate::state::Action;
use crate::ui::page::SHEET;
use crate::ui::{Store, texts};

/// The bar. It stands in the page always; the style sheet hides it on wider screens.
pub fn bar(store: &Store) -> Html {
    let lang = store.0.lang;
    let photo = move |_| {
        let chooser = document().query_selector(".picture input[type=file]").ok().flatten();
        chooser.and_then(|e| e.dyn_into::<HtmlElement>().ok()).iter().for_each(HtmlElement::click);
    };
    let layers = {
        let (dispatch, layer) = (store.dispatcher(), store.0.layer);
        move |_| dispatch.dispatch(Action::Layers(layer))
    };
    html! {
        <nav class="places" aria-label={texts::PLACES.get(lang)}>
            <button onclick={photo}>{ texts::PHOTO.get(lang) }</button>
            <button popovertarget={SHEET}>{ texts::ASK.get(lang) }</button>
            <button onclick={layers}>{ texts::LAYERS_BUTTON.get(lang) }</button>
            <a href={STORY}>{ texts::STORY_SHORT.get(lang) }</a>
        </nav>
    }
}
