//! `story.js`: the story's text, where the reader is on the page, and paper.

use std::rc::Rc;

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use yew::Callback;

use super::{Dispatch, lens};
use crate::catalog::text::Lang;
use crate::state::tale::Tale;
use crate::state::{Action, Turn};

#[wasm_bindgen(raw_module = "./story.js")]
extern "C" {
    /// A language's file; null when it cannot be had.
    async fn told(lang: &str) -> JsValue;
    /// Calls back with the number of the paragraph that is read, whenever the reader has scrolled to another one.
    #[wasm_bindgen(js_name = follow)]
    fn hear(back: &JsValue);
    /// Brings a paragraph into sight, and the focus there.
    pub fn reveal(paragraph: u32);
    #[wasm_bindgen(js_name = print)]
    fn press(sheet: &web_sys::Element, done: &JsValue);
}

/// Fetches the story in a language.
pub fn fetch(lang: Lang, dispatch: Dispatch) {
    spawn_local(async move {
        let file = told(if lang == Lang::Zh { "zh" } else { "en" }).await;
        dispatch.dispatch(Action::Story(match file.is_object() {
            true => Turn::Told(Rc::new(Tale::read(lang, &lens::json(&file)))),
            false => Turn::Missing,
        }));
    });
}

/// Tells the page which paragraph is read.
pub fn follow(dispatch: &Dispatch) {
    let dispatch = dispatch.clone();
    let back = move |paragraph: u32| dispatch.dispatch(Action::Story(Turn::Scrolled(paragraph as usize)));
    hear(&Closure::<dyn Fn(u32)>::new(back).into_js_value());
}

/// And does so no more.
pub fn unfollow() {
    hear(&JsValue::NULL);
}

/// Prints what is on the sheet.
pub fn print(sheet: &web_sys::Element, done: Callback<()>) {
    press(sheet, &Closure::once_into_js(move || done.emit(())));
}
