//! The main figure: the photo with the evidence for a class, legend, and how to draw it.

use std::rc::Rc;

use serde_json::json;
use wasm_bindgen::JsCast;
use web_sys::{HtmlCanvasElement, HtmlInputElement};
use yew::functional::Hook;
use yew::prelude::*;

use super::busy::{Panel, busy};
use super::controls::select;
use super::crop::cropped;
use super::greeting::greeting;
use super::paper::{caveat, explained};
use super::part::part;
use super::plot::strongest;
use super::pointer::{field, mark, place};
use super::saves::Saves;
use super::torch::Torch;
use crate::catalog::Text;
use crate::fields::decimal;
use crate::figure::Figure;
use crate::figure::scale::resize;
use crate::methods::cam;
use crate::methods::sentence::Found;
use crate::state::{Action, Chrome, Mode, Palette, Shown, State};
use crate::ui::{keys, paint, texts, use_store};

/// The figure with its controls.
pub fn heat() -> Html {
    part("heat", |ctx| use_heat().run(ctx))
}

#[hook]
fn use_heat() -> Html {
    let store = use_store();
    let s = &store.0;
    let canvas = use_node_ref();
    let hover = use_state(|| None::<(f64, f64)>);
    {
        let canvas = canvas.clone();
        use_effect_with((s.picture.clone(), map(s).cloned(), s.look), move |(picture, cam, look)| {
            if let (Some(p), Some(canvas)) = (picture, canvas.cast::<HtmlCanvasElement>()) {
                // a canvas without a 2D context stays empty; the numbers beside it do not depend on it
                let _ = paint::draw(&canvas, p.size, p.size, &paint::overlay(&p.rgba, p.size, cam.as_deref(), *look));
            }
        });
    }
    let pointer = {
        let hover = hover.setter();
        move |e: PointerEvent| hover.set(place(&e))
    };
    let leave = {
        let hover = hover.setter();
        move |_: PointerEvent| hover.set(None)
    };
    let walked = use_state(|| false);
    let walk = {
        let (hover, walked) = (hover.clone(), walked.setter());
        let size = map(s).map_or([1, 1], |m| [m.info.width, m.info.height]);
        move |e: KeyboardEvent| {
            if let Some(to) = keys::walk(&e, *hover, size) {
                hover.set(Some(to));
                walked.set(true);
            }
        }
    };
    let left = {
        let (hover, walked) = (hover.setter(), walked.setter());
        move |_: FocusEvent| {
            hover.set(None);
            walked.set(false);
        }
    };
    let class = s.cam_class().map(|c| s.net.label(c, s.lang)).unwrap_or_default();
    // a frame has no room for it but under its settings
    let framed = s.frame.chrome != Chrome::Full;
    html! {
        <figure class={classes!("heat", (s.cam_class() != s.class() || s.leaving()).then_some("stale"))}>
            <figcaption>
                if s.look.mode == Mode::Photo {
                    <strong>{ texts::PHOTO.get(s.lang) }</strong>
                } else {
                    <><strong>{ s.overview().name.get(s.lang) }</strong>if !class.is_empty() { <span>{ format!("· {class}") }</span> }</>
                }
                { busy(&store, Panel::Heat) }
            </figcaption>
            <div class="stage">
                <div class="canvas">
                    <canvas ref={canvas.clone()} id="photo" width="224" height="224" role="img" tabindex="0" aria-label={summary(s)} onkeydown={walk} onblur={left} onpointermove={pointer} onpointerleave={leave} />
                    { greeting() }
                    { cropped(&store) }
                    { field(s) }
                    { (*hover).filter(|_| *walked).map(mark).unwrap_or_default() }
                    if s.precomputed { <em class="tag" id="precomputed">{ texts::PRECOMPUTED.get(s.lang) }</em> }
                </div>
                <div class="side">
                    <p class="sentence">{ texts::unbroken(&said(s)) }</p>
                    { modes(&store) }
                    { compare(&store, Some("compare")) }
                    { legend(s) }
                    <p class="readout" aria-live={if *walked { "polite" } else { "off" }}>{ readout(s, *hover) }</p>
                    if !framed { { caveat(s.overview(), s.lang) } }
                    <details class="look">
                        <summary>{ texts::SETTINGS.get(s.lang) }</summary>
                        { controls(&store) }
                        { explained(s.overview(), s.lang) }
                        if framed { { caveat(s.overview(), s.lang) } }
                        <p class="honesty">{ facts(s) }</p>
                        <div class="row takes">
                            if let (Some(map), Some(picture)) = (map(s), s.picture.clone()) {
                                <Saves shown={Shown { net: Rc::clone(&s.net), picture, figure: Some(Rc::clone(map)), look: s.look, legend: Vec::new() }} figure={Rc::clone(map)} caption={vec![format!("{} · {class}", s.overview().name.get(s.lang)), facts(s)]} />
                                <Torch method={s.overview().id} params={s.question(s.overview().id).map(|q| q.params(false)).unwrap_or_default()} />
                            }
                        </div>
                    </details>
                </div>
            </div>
        </figure>
    }
}

/// What the map says, in a sentence, where it is drawn; its place is kept.
fn said(s: &State) -> String {
    let meta = json!({ "target": { "index": s.cam_class() } });
    let found = |map| {
        cam::sentence(
            &Found { net: &s.net, figures: std::slice::from_ref(map), meta: &meta, name: texts::figure },
            s.lang,
        )
    };
    let map = map(s).filter(|_| s.look.mode != Mode::Photo);
    map.and_then(found).unwrap_or_else(|| "\u{a0}".into())
}

/// The map, which stands under its own class's name.
fn map(s: &State) -> Option<&Rc<Figure>> {
    s.cam.as_ref().map(|c| &c.own().1.0)
}

/// The button that splits the stage.
pub fn compare(store: &crate::ui::Store, id: Option<&'static str>) -> Html {
    let dispatch = store.dispatcher();
    html! { <button {id} class="compare-open" onclick={move |_| dispatch.dispatch(Action::Compare)}>{ texts::COMPARE_OPEN.get(store.0.lang) }</button> }
}

/// What is drawn: the map on the photo, or one of them alone.
fn modes(store: &crate::ui::Store) -> Html {
    let mode = |(mode, words): (Mode, Text)| {
        let d = store.dispatcher();
        let pressed = store.0.look.mode == mode;
        html! { <button tabindex={keys::stop(pressed)} aria-pressed={pressed.to_string()} onclick={move |_| d.dispatch(Action::Mode(mode))}>{ words.get(store.0.lang) }</button> }
    };
    let all = [(Mode::Overlay, texts::OVERLAY), (Mode::Heat, texts::HEAT), (Mode::Photo, texts::PHOTO)];
    html! { <div class="modes" role="group" onkeydown={keys::arrows}>{ for all.map(mode) }</div> }
}

fn controls(store: &crate::ui::Store) -> Html {
    let (lang, look) = (store.0.lang, store.0.look);
    let dispatch = |f: fn(_) -> Action| {
        let d = store.dispatcher();
        move |v| d.dispatch(f(v))
    };
    let palette = {
        let d = store.dispatcher();
        move |p| d.dispatch(Action::Palette(p))
    };
    let opacity = {
        let d = dispatch(Action::Opacity);
        move |e: InputEvent| {
            let input: Option<HtmlInputElement> = e.target().and_then(|t| t.dyn_into().ok());
            if let Some(v) = input.and_then(|i| decimal(&i.value())) {
                d(v as f32)
            }
        }
    };
    html! {
        <div class="controls">
            { select(texts::PALETTE.get(lang), "palette", look.palette, &[
                (Palette::Turbo, "turbo"), (Palette::Inferno, "inferno"), (Palette::Viridis, "viridis"),
                (Palette::Cividis, "cividis"), (Palette::Signed, texts::SIGNED.get(lang)),
            ], palette) }
            <label class="control">{ texts::OPACITY.get(lang) }
                <input type="range" min="0" max="1" step="0.05" value={look.opacity.to_string()} oninput={opacity} />
            </label>
        </div>
    }
}

fn legend(s: &State) -> Html {
    // its place is kept
    let Some(cam) = map(s) else { return html! { <div class="legend" /> } };
    let range = paint::heat_range(cam, s.look);
    let stop = |i: u8| {
        let t = f32::from(i) / 8.0;
        let [r, g, b] = paint::colour(s.look.palette, t);
        html! { <stop offset={format!("{t}")} stop-color={format!("rgb({r},{g},{b})")} /> }
    };
    html! {
        <div class="legend" id="legend">
            <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
                <linearGradient id="heat-gradient">{ for (0..=8).map(stop) }</linearGradient>
                <rect width="100" height="6" fill="url(#heat-gradient)" />
            </svg>
            <div class="ends"><span>{ format!("{:.1}", range.low) }</span><span>{ texts::EVIDENCE.get(s.lang) }</span><span>{ format!("{:.1}", range.high) }</span></div>
        </div>
    }
}

fn readout(s: &State, hover: Option<(f64, f64)>) -> String {
    let (Some((x, y)), Some(cam), Some(p)) = (hover, map(s), &s.picture) else { return "\u{a0}".into() };
    let at = |v: f64| (v * p.size as f64) as usize;
    let values = resize(&cam.data, cam.info.width, cam.info.height, p.size, p.size);
    let v = values.get(at(y) * p.size + at(x)).copied().unwrap_or_default();
    format!("{} {v:.2} {} ({}, {})", texts::VALUE.get(s.lang), texts::AT.get(s.lang), at(x), at(y))
}

/// Network, precision, device, class, time; empty while the engine starts.
fn facts(s: &State) -> String {
    let Some(d) = &s.device else { return String::new() };
    let ms = s
        .cam
        .as_ref()
        .map(|c| c.own().1.1)
        .filter(|ms| *ms >= 1.0)
        .map(|ms| format!(" · {ms:.0} ms"))
        .unwrap_or_default();
    let class = s.cam_class().map(|c| format!(" · {}", s.net.label(c, s.lang))).unwrap_or_default();
    format!(
        "{} · {} · {} ({}){class} · {}{ms}",
        s.net.card().name,
        s.net.precision(),
        d.kind,
        d.name,
        s.net.name(s.net.card().trunk)
    )
}

/// The figure in words, for those who do not see it.
fn summary(s: &State) -> String {
    let name = s.overview().name.get(s.lang);
    let Some(map) = map(s) else { return name.into() };
    let class = s.cam_class().map(|c| s.net.label(c, s.lang)).unwrap_or_default();
    format!("{name}: {class}{}", strongest(map, s.lang))
}
