//! The foot of the page: what it runs, its story, its licence, how to cite it; and where a paper is found.

use yew::prelude::*;

use super::controls::select;
use super::header::choices;
use crate::catalog::method::Paper;
use crate::catalog::{Lang, MethodInfo};
use crate::state::Action;
use crate::ui::{Store, prefs, texts};

/// The last lines of the page.
pub fn about(store: &Store, help: &Callback<()>) -> Html {
    let lang = store.0.lang;
    // empty where Cargo.toml names none
    let source = Some(env!("CARGO_PKG_REPOSITORY")).filter(|address| !address.is_empty());
    html! {
        <footer>
            <p>{ texts::HEAD_NOTE.get(lang) }</p>
            { head(store) }
            <p>{ texts::FOOTER.get(lang) }</p>
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

/// Where the story begins.
pub const STORY: &str = "#story=convolution";

/// The page, as a work that is cited.
pub fn citation(lang: Lang) -> String {
    let (version, site) = (env!("CARGO_PKG_VERSION"), prefs::absolute("./"));
    format!(
        "CNN Lens {version}: a VGG16 in the browser. {site}{}",
        if lang == Lang::En { String::new() } else { format!("#lang={}", lang.id()) }
    )
}

/// A method: what it shows, its formula, what it does not show, its source.
pub fn explained(info: &MethodInfo, lang: Lang) -> Html {
    html! {
        <>
            <p>{ info.summary.get(lang) }</p>
            <pre class="formula" translate="no">{ info.formula }</pre>
            <p class="caveat"><strong>{ texts::CAVEAT.get(lang) }{ ": " }</strong>{ info.caveat.get(lang) }</p>
            { paper(&info.paper, lang) }
        </>
    }
}

/// A method's source, as a link where it has an address.
pub fn paper(paper: &Paper, lang: Lang) -> Html {
    html! {
        <p class="paper">{ texts::PAPER.get(lang) }{ ": " }
            if let Some(url) = paper.url() {
                <a href={url} target="_blank" rel="noopener">{ paper.cite }</a>
            } else {
                { paper.cite }
            }
            { ", " }<cite>{ paper.title }</cite>
        </p>
    }
}
