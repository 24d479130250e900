//! The foot of the page: what it runs, its story, its licence, how to cite it.

use yew::prelude::*;

use super::choices::choices;
use super::controls::select;
use super::story::STORY;
use crate::catalog::Lang;
use crate::catalog::card::Extra;
use crate::state::{Action, State};
use crate::ui::{Store, prefs, texts};

/// The last lines of the page.
pub fn about(store: &Store, help: &Callback<()>) -> Html {
    let lang = store.0.lang;
    // empty where Cargo.toml names none
    let source = Some(env!("CARGO_PKG_REPOSITORY")).filter(|address| !address.is_empty());
    html! {
        <footer>
            if store.0.net.has(Extra::TeachingHead) {
                <p>{ texts::HEAD_NOTE.get(lang) }</p>
                { head(store) }
                <p>{ texts::FOOTER.get(lang) }</p>
            } else {
                <p>{ provenance(&store.0) }</p>
            }
            <div class="about">
                <a href={STORY}>{ texts::STORY.get(lang) }</a>
                if let Some(source) = source {
                    <a href={source} target="_blank" rel="noopener">{ texts::SOURCE_CODE.get(lang) }</a>
                }
                <span>{ texts::LICENCE.get(lang) }</span>
                <button class="quiet" id="keys" onclick={help.reform(|_: MouseEvent| ())}>{ texts::KEYBOARD.get(lang) }</button>
                { choices(store) }
                <details><summary>{ texts::HOW_TO_CITE.get(lang) }</summary><p translate="no">{ citation(lang) }</p></details>
            </div>
        </footer>
    }
}

/// Which of the classifier's heads answers.
fn head(store: &Store) -> Html {
    let (lang, dispatch) = (store.0.lang, store.dispatcher());
    let heads = [(false, texts::HEAD_DEFAULT.get(lang)), (true, texts::HEAD_LINEAR.get(lang))];
    select(texts::HEAD.get(lang), "head", store.0.taught, &heads, move |on| dispatch.dispatch(Action::Teach(on)))
}

/// The page, as a work that is cited.
pub fn citation(lang: Lang) -> String {
    let (version, site) = (env!("CARGO_PKG_VERSION"), prefs::absolute("./"));
    format!(
        "CNN Lens {version}: a CNN in the browser. {site}{}",
        if lang == Lang::En { String::new() } else { format!("#lang={}", lang.id()) }
    )
}

/// Where the network's arrays come from, under which licence, and in how many bits.
fn provenance(s: &State) -> String {
    let card = s.net.card();
    let paper = card.paper.as_ref().map(|paper| format!("{}, {}. ", paper.cite, paper.at)).unwrap_or_default();
    format!("{}: {paper}{}; {}. {}", card.name, card.source, s.net.precision(), card.licence)
}
