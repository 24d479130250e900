//! The textbook panel: what is seen, its formula, what it does not show, its source.

use yew::prelude::*;

use super::about::paper;
use crate::catalog::MethodInfo;
use crate::methods::{cam, feature_maps};
use crate::ui::{texts, use_store};

/// Both figures explained.
#[component]
pub fn Reading() -> Html {
    let store = use_store();
    let lang = store.0.lang;
    let panel = |info: &MethodInfo| {
        html! {
            <article>
                <h3>{ info.name.get(lang) }</h3>
                <p>{ info.summary.get(lang) }</p>
                <pre class="formula" translate="no">{ info.formula }</pre>
                <p class="caveat"><strong>{ texts::CAVEAT.get(lang) }{ ": " }</strong>{ info.caveat.get(lang) }</p>
                { paper(&info.paper, lang) }
            </article>
        }
    };
    html! {
        <section class="reading">
            <h2>{ texts::READ.get(lang) }</h2>
            { panel(&cam::INFO) }
            { panel(&feature_maps::INFO) }
        </section>
    }
}
