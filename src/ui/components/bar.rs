//! The bar at the foot of a phone's screen: the four places of the page, where a thumb reaches them.

use gloo::utils::document;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

use super::about::STORY;
use crate::ui::{page, texts, use_store};

/// The bar; wider screens do not show it.
#[component]
pub fn Bar() -> Html {
    let lang = use_store().0.lang;
    let photo = move |_| {
        let chooser = document().query_selector(".picture input[type=file]").ok().flatten();
        chooser.and_then(|e| e.dyn_into::<HtmlElement>().ok()).iter().for_each(HtmlElement::click);
    };
    let to = |selector: &'static str| move |_| page::show(selector);
    html! {
        <nav class="places" aria-label={texts::PLACES.get(lang)}>
            <button onclick={photo}>{ texts::PHOTO.get(lang) }</button>
            <button onclick={to("#explain")}>{ texts::ASK.get(lang) }</button>
            <button onclick={to(".grid")}>{ texts::LAYERS_BUTTON.get(lang) }</button>
            <a href={STORY}>{ texts::STORY_SHORT.get(lang) }</a>
        </nav>
    }
}
