//! What went wrong, in a sentence, with what to do next.

use yew::prelude::*;

use crate::state::Action;
use crate::ui::{Store, texts};

/// The card; nothing when all is well.
pub fn problem(store: &Store) -> Html {
    let s = &store.0;
    let send = |action: fn() -> Action| {
        let d = store.dispatcher();
        move |_| d.dispatch(action())
    };
    if let Some(p) = &s.problem {
        return html! {
            <div class="problem" role="alert" id="problem" data-kind={p.kind.id()}>
                <p><strong>{ p.kind.sentence().get(s.lang) }</strong>{ " " }{ p.kind.action().get(s.lang) }</p>
                if !p.detail.is_empty() { <details><summary>{ texts::DETAIL.get(s.lang) }</summary><code>{ &p.detail }</code></details> }
                <div class="row">
                    if p.kind.of_weights() { <button class="primary" onclick={send(|| Action::Retry)}>{ texts::RETRY.get(s.lang) }</button> }
                    <button onclick={send(|| Action::Dismiss)}>{ texts::DISMISS.get(s.lang) }</button>
                </div>
            </div>
        };
    }
    if s.restarted {
        return html! {
            <div class="problem mild" role="status" id="restarted">
                <p>{ texts::RESTARTED.get(s.lang) }</p>
                <button onclick={send(|| Action::Dismiss)}>{ texts::DISMISS.get(s.lang) }</button>
            </div>
        };
    }
    html! {}
}
