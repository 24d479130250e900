//! What a unit wants to see: its picture from a sprite sheet at once, or grown on request.

use yew::prelude::*;

use crate::catalog::{Unit, networks};
use crate::state::Action;
use crate::ui::{page, texts, use_store};

/// The unit that a [`Sprite`] shows.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// A channel of any stage.
    pub unit: Unit,
}

/// The picture, and a button that grows one.
#[component]
pub fn Sprite(props: &Props) -> Html {
    let store = use_store();
    let (lang, unit) = (store.0.lang, store.0.net.grown(props.unit));
    {
        let dispatch = store.dispatcher();
        use_effect_with(store.0.net.id().to_owned(), move |_| dispatch.dispatch(Action::SpritesWanted));
    }
    let sprites = store.0.sprites.clone().unwrap_or_default();
    let folder = networks::folder(store.0.net.id()).unwrap_or_default();
    let found = sprites.find(&store.0.net, unit).map(|(layer, rows, [x, y])| {
        let (cell, width, height) = (sprites.cell, sprites.columns * sprites.cell, rows * sprites.cell);
        format!(
            "width: {cell}px; height: {cell}px; background: url(catalogue/{folder}{layer}.jpg) -{}px -{}px / {width}px {height}px",
            x * cell,
            y * cell
        )
    });
    let grow = {
        let dispatch = store.dispatcher();
        move |_| {
            dispatch.dispatch(Action::Aim(Some(unit)));
            dispatch.dispatch(Action::Method("maximise"));
            dispatch.dispatch(Action::Param("objective", "target".into()));
            dispatch.dispatch(Action::Explain);
            page::show(page::ANSWER);
        }
    };
    let words = format!("{} ({})", texts::WANTS.get(lang), store.0.net.text(unit));
    html! {
        <figure class="sprite">
            if let Some(style) = found { <div class="cell" {style} role="img" aria-label={words.clone()} /> }
            <figcaption><span class="hint">{ words }</span><button class="grow" onclick={grow}>{ texts::GROW.get(lang) }</button></figcaption>
        </figure>
    }
}
