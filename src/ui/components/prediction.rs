//! A chapter's question: predict, then see what the engine finds on the photo that is there.

use yew::prelude::*;

use super::region::RegionBox;
use crate::methods::sentence::{fill, percent};
use crate::state::story::OFFERED;
use crate::state::tale::{Chapter, Kind, Prediction, Tale};
use crate::state::{Action, Guess, State, Turn, Verdict};
use crate::ui::Store;

/// A share that is this much above or below chance is said to be.
const CLEARLY: f64 = 1.25;

/// A chapter's question with its answers, and the verdict once the reader has predicted.
pub fn prediction(store: &Store, tale: &Tale, chapter: Chapter<'_>) -> Html {
    let s = &store.0;
    let (question, guess, drawn) = (chapter.question(), s.story.guess.as_ref(), &s.story.drawn);
    let button = |turn: Turn, words: &str, off: bool| {
        let pressed = matches!(&turn, Turn::Guess(g) if guess == Some(g)).to_string();
        let dispatch = store.dispatcher();
        html! { <button aria-pressed={pressed} disabled={off} onclick={move |_| dispatch.dispatch(Action::Story(turn.clone()))}>{ words }</button> }
    };
    let option = |guess: Guess, words: &str| button(Turn::Guess(guess), words, s.story.guess.is_some());
    let classes = s.classes.iter().take(OFFERED).filter(|_| !s.leaving()).map(|c| c.index);
    let answers: Vec<Html> = match question.kind() {
        Kind::Draw => {
            let guess = Guess::Drawn(drawn.parse().unwrap_or_default());
            let off = drawn.is_empty() || s.story.guess.is_some();
            vec![button(Turn::Guess(guess), tale.word("check"), off)]
        }
        Kind::Class => {
            let listed = classes.map(|c| option(Guess::Class(Some(c)), &s.net.label(c, s.lang)));
            listed.chain([option(Guess::Class(None), tale.word("other_class"))]).collect()
        }
        Kind::Range => question.ranges().enumerate().map(|(i, (words, _))| option(Guess::Range(i), words)).collect(),
    };
    let dispatch = store.dispatcher();
    html! {
        <section class="predict" id="predict" aria-label={tale.word("question").to_owned()}>
            <h3>{ tale.word("question") }</h3>
            <p>{ question.ask() }</p>
            if question.kind() == Kind::Draw {
                <RegionBox id="story-region" text={drawn.clone()} set={Callback::from(move |text| dispatch.dispatch(Action::Story(Turn::Draw(text))))} />
            }
            <div class="answers">{ answers }</div>
            <p class="sentence" id="verdict" aria-live="polite">{ if guess.is_some() { said(s, tale, question) } else { String::new() } }</p>
            if guess.is_some() { { button(Turn::Again, tale.word("again"), false) } }
        </section>
    }
}

/// What came of the prediction; until then, that the network is at it.
fn said(s: &State, tale: &Tale, question: Prediction<'_>) -> String {
    let judged = |right: bool| tale.word(if right { "right" } else { "wrong" });
    match s.story.verdict {
        None => tale.word("wait").to_owned(),
        Some(Verdict::Inside { share: None, .. }) => tale.word("nothing").to_owned(),
        Some(Verdict::Inside { area, share: Some(share) }) => {
            let chance = match share {
                v if v > CLEARLY * area => "more_than_chance",
                v if v * CLEARLY < area => "less_than_chance",
                _ => "as_chance",
            };
            let [area, share] = [area, share].map(|v| percent(v, s.lang));
            fill(tale.word("inside"), &[("area", &area), ("share", &share), ("chance", tale.word(chance))])
        }
        Some(Verdict::Class { class, right }) => {
            let answer = ["“", &s.net.label(class, s.lang), "”"].concat();
            fill(judged(right), &[("answer", &answer)])
        }
        Some(Verdict::Range { value, range, right }) => {
            let value = match value {
                Some(v) if question.percent() => percent(v, s.lang),
                Some(v) if v.fract() == 0.0 => format!("{v:.0}"),
                Some(v) => format!("{v:.2}"),
                None => tale.word("no_number").to_owned(),
            };
            let answer = question.ranges().nth(range).map_or("", |r| r.0);
            [fill(question.said(), &[("value", &value)]), fill(judged(right), &[("answer", answer)])].join(" ")
        }
    }
}
