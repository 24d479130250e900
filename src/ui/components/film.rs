//! Pictures one after another: to be scrubbed, played, and taken along as a GIF.

use std::rc::Rc;

use gloo::timers::callback::Interval;
use wasm_bindgen::JsCast;
use web_sys::{HtmlCanvasElement, HtmlInputElement};
use yew::prelude::*;

use crate::figure::Figure;
use crate::state::Action;
use crate::ui::{paint, texts, use_store};

/// Milliseconds from one frame to the next.
const BEAT: u32 = 100;

/// The frames of a [`Film`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// All frames: a [`crate::figure::Kind::Film`], `[3 F, H, W]`.
    pub figure: Rc<Figure>,
    /// The step of the climb at which each frame was taken.
    pub steps: Vec<u64>,
}

/// The film with its slider.
#[component]
pub fn Film(props: &Props) -> Html {
    let store = use_store();
    let lang = store.0.lang;
    let last = (props.figure.info.channels / 3).saturating_sub(1);
    let (canvas, at, playing) = (use_node_ref(), use_state(|| last), use_state(|| false));
    {
        let (at, playing) = (at.setter(), playing.setter());
        use_effect_with(Rc::as_ptr(&props.figure), move |_| {
            at.set(last);
            playing.set(false);
        });
    }
    {
        let canvas = canvas.clone();
        use_effect_with((Rc::clone(&props.figure), *at), move |(figure, at)| {
            if let Some(canvas) = canvas.cast::<HtmlCanvasElement>() {
                // a canvas without a 2D context stays empty
                let _ = paint::draw(&canvas, figure.info.width, figure.info.height, &paint::frame(figure, *at));
            }
        });
    }
    {
        let at = at.clone();
        use_effect_with((*playing, *at), move |(playing, now)| {
            let next = if *now >= last { 0 } else { *now + 1 };
            let beat = playing.then(|| Interval::new(BEAT, move || at.set(next)));
            move || drop(beat)
        });
    }
    let scrub = {
        let (at, playing) = (at.setter(), playing.setter());
        move |e: InputEvent| {
            let input: Option<HtmlInputElement> = e.target().and_then(|t| t.dyn_into().ok());
            if let Some(v) = input.and_then(|i| i.value().parse().ok()) {
                playing.set(false);
                at.set(v);
            }
        }
    };
    let play = {
        let playing = playing.clone();
        move |_| playing.set(!*playing)
    };
    let save = {
        let (dispatch, film) = (store.dispatcher(), Rc::clone(&props.figure));
        move |_| dispatch.dispatch(Action::SaveFilm(Rc::clone(&film)))
    };
    let step = props.steps.get(*at).copied().unwrap_or_default();
    html! {
        <div class="plot film" id="film">
            <div class="frame"><canvas ref={canvas} width="128" height="128" role="img" aria-label={format!("{} {step}", texts::STEP.get(lang))} /></div>
            <input type="range" min="0" max={last.to_string()} value={at.to_string()} oninput={scrub} aria-label={texts::STEP.get(lang)} />
            <p class="readout">{ texts::STEP.get(lang) }{ format!(" {step} ") }
                <button class="quiet" id="play" onclick={play} aria-pressed={playing.to_string()}>{ texts::PLAY.get(lang) }</button>
                <button class="quiet" id="save-gif" onclick={save}>{ "GIF" }</button>
            </p>
        </div>
    }
}
