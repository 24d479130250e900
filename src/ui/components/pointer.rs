//! Places on a picture: where the pointer or the arrow keys are, and what a unit sees.

use wasm_bindgen::JsCast;
use yew::prelude::*;

use crate::state::State;

/// Where in its element an event happened: from the left and from the top, 0..1.
pub fn place(e: &MouseEvent) -> Option<(f64, f64)> {
    let element: web_sys::Element = e.target()?.dyn_into().ok()?;
    let rect = element.get_bounding_client_rect();
    let unit = |v: i32, from: f64, n: f64| ((f64::from(v) - from) / n.max(1.0)).clamp(0.0, 0.999_999);
    Some((unit(e.client_x(), rect.left(), rect.width()), unit(e.client_y(), rect.top(), rect.height())))
}

/// A dot over a picture at a place 0..1: where the arrow keys are.
pub fn mark((x, y): (f64, f64)) -> Html {
    html! {
        <svg class="field" viewBox="0 0 100 100" aria-hidden="true">
            <circle cx={format!("{:.2}", x * 100.0)} cy={format!("{:.2}", y * 100.0)} r="2.5" />
        </svg>
    }
}

/// The box on the photo that the unit under the pointer sees.
pub fn field(s: &State) -> Html {
    let (Some((x, y)), Some(p)) = (s.unit, &s.picture) else { return html! {} };
    let (x0, y0, x1, y1) = s.net.receptive_field(s.layer).clipped((x, y), p.size, p.size);
    html! {
        <svg class="field" id="field" viewBox={format!("0 0 {0} {0}", p.size)} aria-hidden="true">
            <rect x={x0.to_string()} y={y0.to_string()} width={(x1 - x0).to_string()} height={(y1 - y0).to_string()} />
        </svg>
    }
}
