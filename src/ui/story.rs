//! `story.js`: the story's text, where the reader is on the page, and paper.

use std::rc::Rc;

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::api;
use super::store::Dispatch;
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
    /// Prints the whole story in a language: every chapter with its pictures and question, and the answer key.
    pub fn print(lang: &str);
    /// The folder of the chapters' pictures with words of a language, with a slash at its end.
    pub fn posters(lang: &str) -> String;
}

/// Fetches the story in a language.
pub fn fetch(lang: Lang, dispatch: Dispatch) {
    spawn_local(async move {
        let file = told(lang.id()).await;
        dispatch.dispatch(Action::Story(match file.is_object() {
            true => Turn::Fetched(Rc::new(Tale::new(lang, api::json(&file)))),
            false => Turn::Missing,
        }));
    });
}

/// Tells the page which paragraph is read, while there is one.
pub fn follow(dispatch: Dispatch) {
    let back = move |paragraph: u32| dispatch.dispatch(Action::Story(Turn::Scrolled(paragraph as usize)));
    hear(&Closure::<dyn Fn(u32)>::new(back).into_js_value());
}
