//! The picture chooser: drop, paste, file, camera, examples.

use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::crop::crop;
use crate::catalog::Lang;
use crate::catalog::examples::{EXAMPLES, example};
use crate::catalog::picture::Fit;
use crate::state::{Action, Source};
use crate::ui::{Store, keys, texts};

/// The chooser and what is known of the picture; `open` takes a file, `camera` opens the camera.
pub fn picture(store: &Store, open: &Callback<web_sys::Blob>, camera: &Callback<bool>) -> Html {
    let s = &store.0;
    let pick = {
        let open = open.clone();
        move |e: Event| {
            let input: Option<HtmlInputElement> = e.target().and_then(|t| t.dyn_into().ok());
            if let Some(input) = input {
                if let Some(file) = input.files().and_then(|f| f.get(0)) {
                    open.emit(file.into());
                }
                // the same file can be chosen again
                input.set_value("");
            }
        }
    };
    let camera = camera.reform(|_: MouseEvent| true);
    let shown = s.opening.as_ref().or(s.picture.as_ref().map(|p| &p.source));
    let name = shown.map(|source| named(source, s.lang)).unwrap_or_default();
    let chosen = |id: &str| matches!(shown, Some(Source::Example(e)) if *e == id);
    let any = matches!(shown, Some(Source::Example(_)));
    let square = s.picture.as_ref().is_some_and(|p| p.original.0 == p.original.1) && s.fit == Fit::default();
    html! {
        <section class="picture">
            <h2>{ texts::IMAGE.get(s.lang) }</h2>
            <label class="drop">
                <input type="file" accept="image/*" onchange={pick} />
                <strong>{ texts::CHOOSE.get(s.lang) }</strong>
                <span>{ texts::DROP.get(s.lang) }</span>
            </label>
            <button class="wide" onclick={camera}>{ texts::CAMERA.get(s.lang) }</button>
            <p class="name" id="picture-name" aria-busy={s.opening.is_some().to_string()}><span title={name.clone()}>{ name }</span>
                if let Some(p) = s.picture.as_ref().filter(|_| s.opening.is_none()) { <small>{ format!(" {} × {}", p.original.0, p.original.1) }</small> }
            </p>
            // its place is kept; of a square photo all is read
            <details class={classes!("more", square.then_some("needless"))} id="crop-open"><summary>{ texts::CROP.get(s.lang) }</summary>{ crop() }</details>
            if let Some(p) = &s.picture {
                { for p.notes.iter().map(|n| html! { <p class="note">{ note(n).get(s.lang) }</p> }) }
            }
            <div class="examples" role="group" aria-label={texts::EXAMPLES.get(s.lang)} onkeydown={keys::arrows}>
                { for EXAMPLES.iter().enumerate().map(|(at, e)| {
                    let dispatch = store.dispatcher();
                    let click = move |_| dispatch.dispatch(Action::Open(Source::Example(e.id)));
                    html! {
                        <button onclick={click} tabindex={keys::stop(if any { chosen(e.id) } else { at == 0 })} aria-pressed={chosen(e.id).to_string()} title={format!("{} ({})", e.title.get(s.lang), e.licence)}>
                            <img src={format!("examples/{}.jpg", e.id)} alt={e.title.get(s.lang)} width="64" height="64" loading="lazy" />
                        </button>
                    }
                }) }
            </div>
        </section>
    }
}

fn note(id: &str) -> crate::catalog::Text {
    match id {
        "first_frame" => texts::FIRST_FRAME,
        "alpha_on_white" => texts::ALPHA_ON_WHITE,
        "converted" => texts::CONVERTED,
        "profile_ignored" => texts::PROFILE_IGNORED,
        "decoded_by_browser" => texts::DECODED_BY_BROWSER,
        "damaged" => texts::DAMAGED,
        _ => texts::ORIENTED,
    }
}

/// A picture's name: an example's title, a file's name, or an address.
pub fn named(source: &Source, lang: Lang) -> String {
    match source {
        Source::Example(id) => example(id).map(|e| e.title.get(lang).to_owned()).unwrap_or_default(),
        Source::File(_, name) | Source::Url(name) => name.clone(),
    }
}
