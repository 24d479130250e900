//! A part of the picture, marked with boxes and a brush; the text beside it does the same without a pointer.

use wasm_bindgen::JsCast;
use yew::prelude::*;

use super::controls::Field;
use super::photo::Photo;
use super::pointer::place;
use crate::catalog::Region;
use crate::catalog::region::Mark;
use crate::methods::spec::REGION;
use crate::ui::{texts, use_store};

/// Radius of the brush, per cent of the side.
const RADIUS: f32 = 5.0;

/// The marks that a [`RegionBox`] edits.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The id of its text.
    #[prop_or(REGION.id)]
    pub id: &'static str,
    /// What is marked, as [`Region`] reads it.
    pub text: String,
    /// Hears the new marks when they change.
    pub set: Callback<String>,
}

/// The picture with its marks, the tools to draw them, and their text.
#[component]
pub fn RegionBox(props: &Props) -> Html {
    let store = use_store();
    let (s, lang) = (&store.0, store.0.lang);
    let brush = use_state(|| false);
    let drawing = use_state(|| None::<Mark>);
    let (text, set) = (props.text.clone(), props.set.clone());
    let region: Region = text.parse().unwrap_or_default();
    let at = |e: &PointerEvent| place(e).map(|(x, y)| [x, y].map(|v| ((v * 1000.0).round() / 10.0) as f32));
    let down = {
        let (drawing, brush) = (drawing.clone(), *brush);
        move |e: PointerEvent| {
            let Some([x, y]) = at(&e) else { return };
            // a pointer that cannot be captured still draws inside the picture
            let _ = e
                .target()
                .and_then(|t| t.dyn_into::<web_sys::Element>().ok())
                .map(|t| t.set_pointer_capture(e.pointer_id()));
            drawing.set(Some(if brush { Mark::Brush(RADIUS, vec![[x, y]]) } else { Mark::Box([x, y, 0.0, 0.0]) }));
        }
    };
    let moved = {
        let drawing = drawing.clone();
        move |e: PointerEvent| {
            let (Some(mark), Some([x, y])) = ((*drawing).clone(), at(&e)) else { return };
            drawing.set(Some(match mark {
                Mark::Box([left, top, ..]) => Mark::Box([left, top, x - left, y - top]),
                Mark::Brush(radius, mut points) => {
                    if points.last().is_none_or(|[a, b]| (x - a).hypot(y - b) > 1.0) {
                        points.push([x, y]);
                    }
                    Mark::Brush(radius, points)
                }
            }));
        }
    };
    let up = {
        let (drawing, region, set) = (drawing.clone(), region.clone(), set.clone());
        move |_: PointerEvent| {
            let mark = match (*drawing).clone() {
                Some(Mark::Box([x, y, w, h])) => {
                    Some(upright([x, y, w, h])).filter(|b| b[2] > 0.5 && b[3] > 0.5).map(Mark::Box)
                }
                other => other,
            };
            drawing.set(None);
            if let Some(mark) = mark {
                let mut region = region.clone();
                region.0.push(mark);
                set.emit(region.to_string());
            }
        }
    };
    let tool = |on: bool, words: &'static str| {
        let brush = brush.clone();
        html! { <button aria-pressed={(*brush == on).to_string()} onclick={move |_| brush.set(on)}>{ words }</button> }
    };
    html! {
        <div class="region" role="group" aria-label={texts::REGION.get(lang)}>
            <div class="frame pick">
                if let Some(picture) = s.picture.clone() { <Photo {picture} /> }
                <svg viewBox="0 0 100 100" id={format!("{}-draw", props.id)} aria-hidden="true" onpointerdown={down} onpointermove={moved} onpointerup={up.clone()} onpointercancel={up}>
                    { for region.0.iter().chain((*drawing).iter()).map(shape) }
                </svg>
            </div>
            <div class="side">
                <p class="hint">{ texts::REGION_HINT.get(lang) }</p>
                <div class="modes">{ tool(false, texts::BOX.get(lang)) }{ tool(true, texts::BRUSH.get(lang)) }
                    <button disabled={text.is_empty()} onclick={move |_| set.emit(String::new())}>{ texts::CLEAR.get(lang) }</button>
                </div>
                <label class="control">{ texts::REGION.get(lang) }
                    <Field id={props.id} value={text} placeholder="box 20 20 50 60; brush 5 30 30 60 40" set={props.set.clone()} />
                </label>
            </div>
        </div>
    }
}

/// A box that was drawn in any direction.
fn upright([x, y, w, h]: [f32; 4]) -> [f32; 4] {
    let short = |v: f32| (v * 10.0).round() / 10.0;
    [x.min(x + w), y.min(y + h), w.abs(), h.abs()].map(short)
}

fn shape(mark: &Mark) -> Html {
    match mark {
        Mark::Box(b) => {
            let [x, y, w, h] = upright(*b).map(|v| v.to_string());
            html! { <rect {x} {y} width={w} height={h} /> }
        }
        Mark::Brush(radius, points) => {
            let [first, ..] = points.as_slice() else { return html! {} };
            let all =
                std::iter::once(first).chain(points).map(|[x, y]| format!("{x},{y}")).collect::<Vec<_>>().join(" ");
            html! { <polyline points={all} stroke-width={(2.0 * radius).to_string()} /> }
        }
    }
}
