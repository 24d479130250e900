//! What is the visitor's own stays here: the question whether the page around this one may have it.

use gloo::timers::callback::Timeout;
use wasm_bindgen::prelude::*;
use web_sys::Element;
use yew::functional::Hook;
use yew::prelude::*;

use super::part::part;
use crate::state::Action;
use crate::ui::{page, texts, use_store};

/// Long enough that no click meant for something else agrees.
const PAUSE: u32 = 800;

/// The question; nothing when nobody asks.
pub fn consent() -> Html {
    part("consent", |ctx| use_consent().run(ctx))
}

#[hook]
fn use_consent() -> Html {
    let store = use_store();
    let asking = store.0.around.asking().map(str::to_owned);
    let card = use_node_ref();
    // a page around could lay something over the button
    let (seen, waited) = (use_state(|| false), use_state(|| false));
    {
        let (card, seen, waited) = (card.clone(), seen.setter(), waited.setter());
        use_effect_with(asking.clone(), move |asking| {
            waited.set(false);
            let timer = asking.is_some().then(|| Timeout::new(PAUSE, move || waited.set(true)));
            if let Some(card) = card.cast::<Element>() {
                let back = Closure::<dyn Fn(bool)>::new(move |yes: bool| seen.set(yes));
                page::in_sight(&card, &back.into_js_value());
            }
            move || drop(timer)
        });
    }
    let Some(origin) = asking else { return html! {} };
    let answer = |yes: bool| {
        let dispatch = store.dispatcher();
        move |e: MouseEvent| {
            // no script's click
            if e.is_trusted() {
                dispatch.dispatch(Action::Allow(yes));
            }
        }
    };
    let lang = store.0.lang;
    html! {
        <div class="problem mild" role="alertdialog" aria-labelledby="around-words" id="around" key={origin.clone()} ref={card}>
            <p id="around-words">{ texts::AROUND.get(lang) }{ " " }<code translate="no">{ &origin }</code></p>
            <div class="row">
                <button id="around-no" onclick={answer(false)}>{ texts::REFUSE.get(lang) }</button>
                <button id="around-yes" disabled={!(*seen && *waited)} onclick={answer(true)}>{ texts::ALLOW.get(lang) }</button>
            </div>
        </div>
    }
}
