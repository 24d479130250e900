//! The second picture of a method that takes two.

use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::functional::Hook;
use yew::prelude::*;

use super::part::part;
use super::photo::Photo;
use crate::catalog::examples::EXAMPLES;
use crate::state::{Action, Source};
use crate::ui::files::Kept;
use crate::ui::{Open, texts, use_store};

/// A file, or an example; and what was chosen.
pub fn second() -> Html {
    part("second", |ctx| use_second().run(ctx))
}

#[hook]
fn use_second() -> Html {
    let store = use_store();
    let s = &store.0;
    let keep = use_context::<Open>();
    let pick = {
        let dispatch = store.dispatcher();
        move |e: Event| {
            let input: Option<HtmlInputElement> = e.target().and_then(|t| t.dyn_into().ok());
            if let (Some(input), Some(keep)) = (input, &keep) {
                if let Some(file) = input.files().and_then(|f| f.get(0)) {
                    dispatch.dispatch(Action::OpenSecond(keep.0.keep(Kept::read(file.clone().into()), file.name())));
                }
                // the same file can be chosen again
                input.set_value("");
            }
        }
    };
    let source = s.second.as_ref().map(|p| &p.source);
    let chosen = |id: &str| matches!(source, Some(Source::Example(e)) if *e == id);
    html! {
        <div class="second" id="second" role="group" aria-label={texts::SECOND.get(s.lang)}>
            <label class="drop small"><input type="file" accept="image/*" onchange={pick} /><strong>{ texts::SECOND.get(s.lang) }</strong></label>
            if let Some(picture) = s.second.clone() { <Photo {picture} name={texts::SECOND.get(s.lang)} /> }
            <div class="examples">{ for EXAMPLES.iter().map(|e| {
                let dispatch = store.dispatcher();
                let click = move |_| dispatch.dispatch(Action::OpenSecond(Source::Example(e.id)));
                html! {
                    <button onclick={click} data-second={e.id} aria-pressed={chosen(e.id).to_string()} title={e.title.get(s.lang)}>
                        <img src={format!("examples/{}.jpg", e.id)} alt={e.title.get(s.lang)} width="40" height="40" loading="lazy" />
                    </button>
                }
            }) }</div>
        </div>
    }
}
