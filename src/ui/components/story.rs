//! The story: the reading column beside the stage.

use wasm_bindgen::prelude::*;
use web_sys::Element;
use yew::functional::Hook;
use yew::prelude::*;

use super::controls::Select;
use super::part::part;
use super::prediction::prediction;
use crate::catalog::{Lang, networks};
use crate::methods::sentence::fill;
use crate::state::tale::{CHAPTERS, Chapter, Tale};
use crate::state::{Action, Reading, Turn};
use crate::ui::{keys, story, texts, use_store};

/// Where the story begins.
pub const STORY: &str = "#story=convolution";

/// The column; empty while there is no story to read.
pub fn story() -> Html {
    part("story", |ctx| use_story().run(ctx))
}

#[hook]
fn use_story() -> Html {
    let store = use_store();
    let (s, lang) = (&store.0, store.0.lang);
    let (at, here) = (s.reading(), s.chapter().is_some());
    {
        let dispatch = store.dispatcher();
        // where the reader went without scrolling comes into sight; from there on scrolling counts
        use_effect_with((s.story.jumps, here), move |_| {
            if let Some(at) = at.filter(|_| here) {
                story::follow(dispatch);
                story::reveal(at.paragraph as u32);
            }
        });
    }
    let turn = |turn: Turn| {
        let dispatch = store.dispatcher();
        move |_: MouseEvent| dispatch.dispatch(Action::Story(turn.clone()))
    };
    let Some(at) = at else { return html! {} };
    let (Some(tale), Some(chapter)) = (&s.story.tale, s.chapter()) else {
        return html! {
            <section class="tale" id="story">
                if s.story.missing {
                    <p role="alert">{ texts::STORY_MISSING.get(lang) }</p>
                    <button onclick={turn(Turn::To(at.chapter, at.paragraph))}>{ texts::RETRY.get(lang) }</button>
                }
            </section>
        };
    };
    let steps = around(tale, at);
    let arrows = {
        let dispatch = store.dispatcher();
        move |e: KeyboardEvent| {
            let field = e.target().and_then(|t| t.dyn_into::<Element>().ok()).is_some_and(|t| keys::editable(&t));
            let to = match keys::arrow(&e) {
                Some((-1, _)) => steps[0],
                Some((1, _)) => steps[1],
                _ => None,
            };
            if let Some([chapter, paragraph]) = to.filter(|_| !field) {
                e.prevent_default();
                dispatch.dispatch(Action::Story(Turn::To(chapter, paragraph)));
            }
        }
    };
    let step = |id: &'static str, to: Option<[usize; 2]>, words: &str| {
        let [chapter, paragraph] = to.unwrap_or_default();
        html! { <button {id} disabled={to.is_none()} onclick={turn(Turn::To(chapter, paragraph))}>{ words }</button> }
    };
    let choose = {
        let dispatch = store.dispatcher();
        Callback::from(move |chapter| dispatch.dispatch(Action::Story(Turn::To(chapter, 0))))
    };
    let titled = |i: usize| format!("{}. {}", i + 1, tale.chapter(i).title());
    let titles: Vec<AttrValue> = (0..CHAPTERS.len()).map(|i| titled(i).into()).collect();
    let numbers = [at.chapter + 1, at.paragraph + 1, chapter.len()].map(|n| n.to_string());
    let [number, now, all] = &numbers;
    let place = fill(tale.word("place"), &[("chapter", number), ("now", now), ("all", all)]);
    let link = tale.word("link");
    let paragraph = |i: usize| {
        let place = Reading { paragraph: i, paused: false, ..at };
        html! {
            <>
                <p class={classes!("paragraph", (i == at.paragraph).then_some("now"))} tabindex="-1">
                    { chapter.text(i) }{ " " }<a class="anchor" href={format!("#story={}", place.print())} aria-label={link.to_owned()} title={link.to_owned()}>{ "¶" }</a>
                </p>
                if i + 1 == chapter.question().after() { { prediction(&store, tale, chapter) } }
            </>
        }
    };
    html! {
        <section class="tale" id="story" aria-labelledby="chapter" onkeydown={arrows}>
            <div class="row tale-head">
                <Select id="chapters" name={tale.word("chapter").to_owned()} options={titles} chosen={at.chapter} {choose} />
                <button class="quiet" id="story-print" onclick={move |_| story::print(lang.id())}>{ tale.word("print") }</button>
                <button class="quiet" id="story-close" onclick={turn(Turn::Close)} aria-label={tale.word("close").to_owned()}>{ "×" }</button>
            </div>
            <p class="hint">{ tale.word("title") }</p>
            <h2 id="chapter" tabindex="-1">{ titled(at.chapter) }</h2>
            if s.offer.is_some() { { posters(chapter, lang) } }
            { for (0..chapter.len()).map(paragraph) }
            <details class="teacher" key={at.chapter}><summary>{ tale.word("teacher") }</summary><p>{ chapter.teacher() }</p></details>
            <nav class="tale-foot" aria-label={tale.word("title").to_owned()}>
                if at.paused {
                    <span role="status">{ tale.word(if s.net == networks::first() { "paused" } else { "other_network" }) }</span>
                    <button class="primary" id="story-back" onclick={turn(Turn::Back)}>{ tale.word("back") }</button>
                } else {
                    { step("story-previous", steps[0], tale.word("previous")) }
                    <span aria-live="polite">{ place }</span>
                    { step("story-next", steps[1], tale.word("next")) }
                }
            </nav>
        </section>
    }
}

/// The chapter's pictures for whoever has not agreed to the download yet.
fn posters(chapter: Chapter<'_>, lang: Lang) -> Html {
    let picture =
        |name: &str| html! { <img src={format!("{}{name}", story::posters(lang.id()))} alt="" loading="lazy" /> };
    html! {
        <figure class="posters">
            { for chapter.posters().map(picture) }
            <figcaption class="hint">{ texts::POSTER.get(lang) }</figcaption>
        </figure>
    }
}

/// The places before and behind one, across chapters: each a chapter and its paragraph.
fn around(tale: &Tale, at: Reading) -> [Option<[usize; 2]>; 2] {
    let before = match (at.chapter, at.paragraph) {
        (0, 0) => None,
        (chapter, 0) => Some([chapter - 1, tale.chapter(chapter - 1).len().saturating_sub(1)]),
        (chapter, paragraph) => Some([chapter, paragraph - 1]),
    };
    let next = [at.chapter + 1, 0];
    let behind = match at.paragraph + 1 < tale.chapter(at.chapter).len() {
        true => Some([at.chapter, at.paragraph + 1]),
        false => Some(next).filter(|n| n[0] < CHAPTERS.len()),
    };
    [before, behind]
}
