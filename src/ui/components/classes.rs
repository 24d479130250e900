//! The most probable classes; a click explains another one.

use yew::prelude::*;

use crate::catalog::labels::label_in;
use crate::state::Action;
use crate::ui::{texts, use_store};

/// The list.
#[component]
pub fn Classes() -> Html {
    let store = use_store();
    let s = &store.0;
    html! {
        <section class="classes" aria-live="polite">
            <h2>{ texts::CLASSES.get(s.lang) }</h2>
            <p class="hint">{ texts::CLASSES_HINT.get(s.lang) }</p>
            <ol id="classes">
                { for s.classes.iter().map(|c| {
                    let (dispatch, index) = (store.dispatcher(), c.index);
                    let percent = c.probability * 100.0;
                    html! {
                        <li>
                            <button onclick={move |_| dispatch.dispatch(Action::Target(index))} aria-pressed={(s.class() == Some(index)).to_string()} data-class={index.to_string()}>
                                <span class="label">{ label_in(index, s.lang) }</span>
                                <span class="percent">{ format!("{percent:.1} %") }</span>
                                <svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect width={format!("{percent:.2}")} height="4" /></svg>
                            </button>
                        </li>
                    }
                }) }
            </ol>
        </section>
    }
}
