//! A chapter's question: predict, then see what the engine finds on the photo that is there.

use yew::prelude::*;

use super::region::RegionBox;
use crate::catalog::labels::label_in;
use crate::methods::sentence::{fill, percent};
use crate::state::story::OFFERED;
use crate::state::tale::{Kind, Prediction, Tale};
use crate::state::{Action, Guess, State, Turn, Verdict};
use crate::ui::use_store;

/// A share that is this much above or below chance is said to be.
const CLEARLY: f64 = 1.25;

/// The question of the chapter that is read.
#[component]
pub fn Predict() -> Html {
    let store = use_store();
    let s = &store.0;
    let drawn = use_state(String::new);
    let (Some(tale), Some(chapter)) = (&s.story.tale, s.chapter()) else { return html! {} };
    let question = &chapter.question;
    let turn = |turn: Turn| {
        let dispatch = store.dispatcher();
        move |_: MouseEvent| dispatch.dispatch(Action::Story(turn.clone()))
    };
    let option = |guess: Guess, words: String| {
        let said = s.story.guess.as_ref();
        let pressed = (said == Some(&guess)).to_string();
        html! { <button aria-pressed={pressed} disabled={said.is_some()} onclick={turn(Turn::Guess(guess))}>{ words }</button> }
    };
    let answers = match &question.kind {
        Kind::Draw => {
            let set = {
                let drawn = drawn.setter();
                Callback::from(move |text| drawn.set(text))
            };
            let guess = Guess::Drawn(drawn.parse().unwrap_or_default());
            html! {
                <>
                    <RegionBox id="story-region" text={(*drawn).clone()} {set} />
                    <button class="primary" id="story-check" disabled={drawn.is_empty() || s.story.guess.is_some()} onclick={turn(Turn::Guess(guess))}>{ tale.word("check").to_owned() }</button>
                </>
            }
        }
        Kind::Class => {
            let classes = s.classes.iter().take(OFFERED).filter(|_| !s.leaving()).map(|c| c.index);
            html! {
                <div class="answers">
                    { for classes.map(|c| option(Guess::Class(Some(c)), label_in(c, s.lang).to_owned())) }
                    { option(Guess::Class(None), tale.word("other_class").to_owned()) }
                </div>
            }
        }
        Kind::Range { ranges, .. } => html! {
            <div class="answers">{ for ranges.iter().enumerate().map(|(i, r)| option(Guess::Range(i), r.text.clone())) }</div>
        },
    };
    html! {
        <section class="predict" id="predict" aria-labelledby="predict-title">
            <h3 id="predict-title">{ tale.word("question").to_owned() }</h3>
            <p>{ question.ask.clone() }</p>
            { answers }
            <div aria-live="polite" id="verdict">
                if s.story.guess.is_some() { <p class="sentence">{ said(s, tale, question) }</p> }
            </div>
            if s.story.guess.is_some() { <button id="story-again" onclick={turn(Turn::Again)}>{ tale.word("again").to_owned() }</button> }
        </section>
    }
}

/// What came of the prediction; until then, that the network is at it.
fn said(s: &State, tale: &Tale, question: &Prediction) -> String {
    match (&s.story.verdict, &question.kind) {
        (None, _) => tale.word("wait").to_owned(),
        (Some(Verdict::Inside { area, share: Some(share) }), _) => {
            let chance = match () {
                () if *share > CLEARLY * area => "more_than_chance",
                () if share * CLEARLY < *area => "less_than_chance",
                () => "as_chance",
            };
            let text =
                fill(tale.word("inside"), &[("area", &percent(*area, s.lang)), ("share", &percent(*share, s.lang))]);
            [text.as_str(), tale.word(chance)].join(" ")
        }
        (Some(Verdict::Inside { .. }), _) => tale.word("nothing").to_owned(),
        (Some(Verdict::Class { class, right }), _) => {
            let words = tale.word(if *right { "class_right" } else { "class_wrong" });
            fill(words, &[("class", label_in(*class, s.lang))])
        }
        (Some(Verdict::Range { value, range, right }), Kind::Range { ranges, said, percent: parts, .. }) => {
            let value = match value {
                Some(v) if *parts => percent(*v, s.lang),
                Some(v) if v.fract() == 0.0 => format!("{v:.0}"),
                Some(v) => format!("{v:.2}"),
                None => tale.word("no_number").to_owned(),
            };
            let judged = fill(
                tale.word(if *right { "right" } else { "wrong" }),
                &[("answer", ranges.get(*range).map_or("", |r| &r.text))],
            );
            [fill(said, &[("value", &value)]), judged].join(" ")
        }
        _ => String::new(),
    }
}
