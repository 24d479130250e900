//! The story: the reading column beside the stage.

use wasm_bindgen::prelude::*;
use web_sys::Element;
use yew::prelude::*;

use super::controls::Select;
use super::prediction::Predict;
use super::sheet::Sheet;
use crate::methods::sentence::fill;
use crate::state::tale::{Chapter, Tale};
use crate::state::{Action, Reading, Turn};
use crate::ui::{keys, story, texts, use_store};

/// The column; empty while there is no story to read.
#[component]
pub fn Story() -> Html {
    let store = use_store();
    let (s, dispatch) = (&store.0, store.dispatcher());
    let printing = use_state(|| false);
    let (at, here) = (s.reading(), s.chapter().is_some());
    use_effect_with(here, {
        let dispatch = dispatch.clone();
        move |here| {
            if *here {
                story::follow(&dispatch);
            }
            story::unfollow
        }
    });
    // where the reader went without scrolling comes into sight
    use_effect_with((s.story.jumps, here), move |_| {
        if let Some(at) = at.filter(|_| here) {
            story::reveal(at.paragraph as u32);
        }
    });
    let Some(at) = at else { return html! {} };
    let turn = |turn: fn() -> Turn| {
        let dispatch = dispatch.clone();
        move |_: MouseEvent| dispatch.dispatch(Action::Story(turn()))
    };
    let (Some(tale), Some(chapter)) = (s.story.tale.clone(), s.chapter()) else {
        let again = {
            let dispatch = dispatch.clone();
            move |_| dispatch.dispatch(Action::Story(Turn::To(at.chapter, at.paragraph)))
        };
        return html! {
            <section class="tale" id="story" aria-busy={(!s.story.missing).to_string()}>
                if s.story.missing {
                    <p class="hint" role="alert">{ texts::STORY_MISSING.get(s.lang) }</p>
                    <p class="row"><button onclick={again}>{ texts::RETRY.get(s.lang) }</button><button onclick={turn(|| Turn::Close)}>{ texts::CLOSE.get(s.lang) }</button></p>
                }
            </section>
        };
    };
    let go = {
        let dispatch = dispatch.clone();
        Callback::from(move |(chapter, paragraph)| dispatch.dispatch(Action::Story(Turn::To(chapter, paragraph))))
    };
    let [before, behind] = around(&tale, at);
    let arrows = {
        let go = go.clone();
        move |e: KeyboardEvent| {
            let field = e.target().and_then(|t| t.dyn_into::<Element>().ok()).is_some_and(|t| keys::editable(&t));
            let to = match keys::key(&e).unwrap_or_default().as_str() {
                "ArrowLeft" => before,
                "ArrowRight" => behind,
                _ => None,
            };
            if let Some(to) = to.filter(|_| !field) {
                e.prevent_default();
                go.emit(to);
            }
        }
    };
    let step = |id: &'static str, to: Option<(usize, usize)>, words: &str| {
        let go = go.clone();
        let click = move |_| to.into_iter().for_each(|to| go.emit(to));
        html! { <button {id} disabled={to.is_none()} onclick={click}>{ words }</button> }
    };
    let print = {
        let printing = printing.setter();
        move |_| printing.set(true)
    };
    let numbers = [at.chapter + 1, at.paragraph + 1, chapter.paragraphs.len()].map(|n| n.to_string());
    let [number, now, all] = &numbers;
    let place = fill(tale.word("place"), &[("chapter", number), ("now", now), ("all", all)]);
    html! {
        <section class="tale" id="story" aria-labelledby="chapter" onkeydown={arrows}>
            <div class="row tale-head">
                <Select id="chapters" name={tale.word("chapter").to_owned()} options={titles(&tale)} chosen={at.chapter} choose={go.reform(|i| (i, 0))} />
                <button class="quiet" id="story-print" onclick={print}>{ tale.word("print").to_owned() }</button>
                <button class="quiet" id="story-close" onclick={turn(|| Turn::Close)} aria-label={tale.word("close").to_owned()} title={tale.word("close").to_owned()}>{ "×" }</button>
            </div>
            <h2 id="chapter" tabindex="-1">{ format!("{}. {}", at.chapter + 1, chapter.title) }</h2>
            { for (0..chapter.paragraphs.len()).map(|i| html! {
                <>
                    { paragraph(&tale, chapter, Reading { paragraph: i, paused: false, ..at }, i == at.paragraph) }
                    if i + 1 == chapter.question.after { <Predict key={at.chapter} /> }
                </>
            }) }
            <details class="teacher" key={at.chapter}><summary>{ tale.word("teacher").to_owned() }</summary><p>{ chapter.teacher.clone() }</p></details>
            <nav class="tale-foot" aria-label={tale.word("title").to_owned()}>
                if at.paused {
                    <span role="status">{ tale.word("paused").to_owned() }</span>
                    <button class="primary" id="story-back" onclick={turn(|| Turn::Back)}>{ tale.word("back").to_owned() }</button>
                } else {
                    { step("story-previous", before, tale.word("previous")) }
                    <span aria-live="polite">{ place }</span>
                    { step("story-next", behind, tale.word("next")) }
                }
            </nav>
            if *printing { <Sheet {tale} done={let printing = printing.setter(); Callback::from(move |()| printing.set(false))} /> }
        </section>
    }
}

fn titles(tale: &Tale) -> Vec<AttrValue> {
    tale.chapters.iter().enumerate().map(|(i, c)| format!("{}. {}", i + 1, c.title).into()).collect()
}

/// The places before and behind one, across chapters.
fn around(tale: &Tale, at: Reading) -> [Option<(usize, usize)>; 2] {
    let count = |chapter: usize| tale.chapters.get(chapter).map_or(0, |c| c.paragraphs.len());
    let before = match at {
        Reading { chapter: 0, paragraph: 0, .. } => None,
        Reading { chapter, paragraph: 0, .. } => Some((chapter - 1, count(chapter - 1).saturating_sub(1))),
        Reading { chapter, paragraph, .. } => Some((chapter, paragraph - 1)),
    };
    let behind = match at.paragraph + 1 < count(at.chapter) {
        true => Some((at.chapter, at.paragraph + 1)),
        false => Some((at.chapter + 1, 0)).filter(|_| at.chapter + 1 < tale.chapters.len()),
    };
    [before, behind]
}

fn paragraph(tale: &Tale, chapter: &Chapter, place: Reading, now: bool) -> Html {
    let text = chapter.paragraphs[place.paragraph].text.clone();
    html! {
        <p class={classes!("paragraph", now.then_some("now"))} data-paragraph={place.paragraph.to_string()} tabindex="-1">
            { text }{ " " }<a class="anchor" href={format!("#story={}", place.print())} aria-label={tale.word("link").to_owned()} title={tale.word("link").to_owned()}>{ "¶" }</a>
        </p>
    }
}
