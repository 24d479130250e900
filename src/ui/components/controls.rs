//! A select for a small set of values.

use wasm_bindgen::JsCast;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

/// A labelled select: `options` are (value, words); `choose` gets the chosen value.
pub fn select<T: Copy + PartialEq + 'static>(
    label: &'static str,
    id: &'static str,
    chosen: T,
    options: &[(T, &'static str)],
    choose: impl Fn(T) + 'static,
) -> Html {
    let values: Vec<T> = options.iter().map(|o| o.0).collect();
    let change = move |e: Event| {
        let select: Option<HtmlSelectElement> = e.target().and_then(|t| t.dyn_into().ok());
        if let Some(value) = select.and_then(|s| values.get(s.selected_index() as usize).copied()) {
            choose(value);
        }
    };
    html! {
        <label class="control">{ label }
            <select {id} onchange={change}>
                { for options.iter().map(|(v, words)| html! { <option selected={*v == chosen}>{ *words }</option> }) }
            </select>
        </label>
    }
}
