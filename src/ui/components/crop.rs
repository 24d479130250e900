//! The whole photo with the square that the network reads drawn on it: moved, sized, or given up for the whole.

use std::cell::Cell;
use std::rc::Rc;

use gloo::file::ObjectUrl;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, HtmlInputElement, PointerEvent};
use yew::functional::Hook;
use yew::prelude::*;

use super::controls::select;
use super::part::part;
use super::pointer::place;
use crate::catalog::picture::{Crop, Fit};
use crate::state::{Action, Source};
use crate::ui::{Open, Store, keys, page, prefs, texts, use_store};

/// Thousandths that an arrow key moves.
const STEP: i32 = 20;

/// Says on a photo of the visitor's own that not all of it is read, and leads to where that is chosen.
pub fn cropped(store: &Store) -> Html {
    let s = &store.0;
    let Some(p) = s.picture.as_ref().filter(|p| !matches!(p.source, Source::Example(_))) else { return html! {} };
    let (w, h) = (f64::from(p.original.0), f64::from(p.original.1));
    if s.fit != Fit::default() || w.max(h) < 1.1 * w.min(h) {
        return html! {};
    }
    let open = |_| {
        let tool = gloo::utils::document().get_element_by_id("crop-open");
        // what cannot be opened is shown as it is
        let _ = tool.map(|t| t.set_attribute("open", ""));
        page::show("#crop-open");
    };
    html! { <button class="tag cropped" onclick={open}>{ texts::CROPPED.get(s.lang) }</button> }
}

/// The whole photo and its square; nothing when the browser cannot show the file itself.
pub fn crop() -> Html {
    part("crop", |ctx| use_crop().run(ctx))
}

#[hook]
fn use_crop() -> Html {
    let store = use_store();
    let s = &store.0;
    let outside = use_context::<Open>();
    // of a kept file: its address, which lives as long as the photo stands here
    let address = use_state(|| None::<(u32, ObjectUrl)>);
    let source = s.picture.as_ref().map(|p| p.source.clone());
    {
        let address = address.setter();
        use_effect_with(source.clone(), move |source| {
            let gone = Rc::new(Cell::new(false));
            if let (Some(Source::File(id, _)), Some(outside)) = (source, outside) {
                let (id, gone) = (*id, Rc::clone(&gone));
                spawn_local(async move {
                    let url = outside.0.url(id).await;
                    // another photo may have come meanwhile
                    if !gone.get() {
                        address.set(url.map(|url| (id, url)));
                    }
                });
            } else {
                address.set(None);
            }
            move || gone.set(true)
        });
    }
    let address = match source {
        Some(Source::Example(id)) => Some(prefs::absolute(&format!("examples/{id}.jpg"))),
        Some(Source::File(id, _)) => address.as_ref().filter(|a| a.0 == id).map(|a| a.1.to_string()),
        _ => None,
    };
    // while it is drawn, before the network reads it
    let drawn = use_state(|| None::<Crop>);
    let (Some(p), Some(url)) = (&s.picture, address) else { return html! {} };
    let (width, height) = p.original;
    let set = {
        let (dispatch, drawn) = (store.dispatcher(), drawn.setter());
        move |fit: Fit| {
            drawn.set(None);
            dispatch.dispatch(Action::Fit(fit));
        }
    };
    let crop = drawn.unwrap_or(if let Fit::Crop(crop) = s.fit { crop } else { Crop::MIDDLE });
    let square = matches!(s.fit, Fit::Crop(_)) || drawn.is_some();
    let at = move |e: &PointerEvent| {
        let (x, y) = place(e)?;
        Some(Crop { x: (x * 1000.0).round() as u16, y: (y * 1000.0).round() as u16, ..crop })
    };
    let down = {
        let drawn = drawn.setter();
        move |e: PointerEvent| {
            if let (Some(crop), Some(photo)) = (at(&e), e.target().and_then(|t| t.dyn_into::<Element>().ok())) {
                // a pointer that is gone cannot be followed
                let _ = photo.set_pointer_capture(e.pointer_id());
                drawn.set(Some(crop));
            }
        }
    };
    let moved = {
        let (drawn, dragging) = (drawn.setter(), drawn.is_some());
        move |e: PointerEvent| {
            if let Some(crop) = at(&e).filter(|_| dragging) {
                drawn.set(Some(crop));
            }
        }
    };
    let up = {
        let (set, drawn) = (set.clone(), *drawn);
        move |_: PointerEvent| drawn.into_iter().for_each(|crop| set(Fit::Crop(crop)))
    };
    let walk = {
        let set = set.clone();
        move |e: KeyboardEvent| {
            let Some((right, down)) = keys::arrow(&e) else { return };
            e.prevent_default();
            let to = |v: u16, steps: i32| (i32::from(v) + STEP * steps).clamp(0, 1000) as u16;
            set(Fit::Crop(Crop { x: to(crop.x, right), y: to(crop.y, down), ..crop }));
        }
    };
    let side = {
        let set = set.clone();
        move |e: Event| {
            let input: Option<HtmlInputElement> = e.target().and_then(|t| t.dyn_into().ok());
            if let Some(side) = input.and_then(|i| i.value().parse::<u16>().ok()) {
                set(Fit::Crop(Crop { side, ..crop }));
            }
        }
    };
    let (left, top, pixels) = crop.square(width, height);
    let fits = [
        (Fit::Crop(crop), texts::FIT_CROP.get(s.lang)),
        (Fit::Contain, texts::FIT_CONTAIN.get(s.lang)),
        (Fit::Stretch, texts::FIT_STRETCH.get(s.lang)),
    ];
    let chosen = if square { Fit::Crop(crop) } else { s.fit };
    html! {
        <div class="crop" id="crop">
            <div class="whole-photo" tabindex="0" role="group" aria-label={texts::CROP_HINT.get(s.lang)} onkeydown={walk}>
                <img src={url} alt="" draggable="false" />
                <svg viewBox={format!("0 0 {width} {height}")} id="crop-draw" aria-hidden="true" onpointerdown={down} onpointermove={moved} onpointerup={up.clone()} onpointercancel={up}>
                    if square {
                        <path fill-rule="evenodd" d={format!("M0 0H{width}V{height}H0ZM{left} {top}h{pixels}v{pixels}h-{pixels}Z")} />
                        <rect x={left.to_string()} y={top.to_string()} width={pixels.to_string()} height={pixels.to_string()} />
                    }
                </svg>
            </div>
            <p class="hint">{ texts::CROP_HINT.get(s.lang) }</p>
            if square {
                <label class="control">{ texts::CROP_SIDE.get(s.lang) }
                    <input type="range" id="crop-side" min={Crop::SIDES.start().to_string()} max={Crop::SIDES.end().to_string()} step="25" value={crop.side.to_string()} onchange={side} />
                </label>
            }
            { select(texts::FIT.get(s.lang), "fit", chosen, &fits, set) }
        </div>
    }
}
