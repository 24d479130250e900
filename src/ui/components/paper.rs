//! What a method shows and does not show, and where its paper is found.

use yew::prelude::*;

use crate::catalog::method::Paper;
use crate::catalog::{Lang, MethodInfo};
use crate::ui::texts;

/// What a method does not show.
pub fn caveat(info: &MethodInfo, lang: Lang) -> Html {
    html! { <p class="caveat"><strong>{ texts::CAVEAT.get(lang) }{ lang.colon() }</strong>{ info.caveat.get(lang) }</p> }
}

/// A method: what it shows, its formula, its source.
pub fn explained(info: &MethodInfo, lang: Lang) -> Html {
    html! {
        <>
            <p>{ info.summary.get(lang) }</p>
            <pre class="formula" translate="no">{ info.formula }</pre>
            { paper(&info.paper, lang) }
        </>
    }
}

/// A method's source, as a link where it has an address.
pub fn paper(paper: &Paper, lang: Lang) -> Html {
    html! {
        <p class="paper">{ texts::PAPER.get(lang) }{ lang.colon() }
            if let Some(url) = paper.url() {
                <a href={url} target="_blank" rel="noopener">{ paper.cite }</a>
            } else {
                { paper.cite }
            }
            { ", " }<cite>{ paper.title }</cite>
        </p>
    }
}
