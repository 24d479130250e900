//! The objective of activation maximisation and its kin, against the number of steps.

use serde_json::Value;
use yew::prelude::*;

use crate::catalog::Lang;
use crate::figure::told::short;
use crate::ui::texts;

const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 120.0;

/// The line `curve`, and the dots `shown`, every 16 steps; nothing without a curve.
pub fn curve(lang: Lang, facts: &Value) -> Html {
    let list = |id: &str| facts[id].as_array().into_iter().flatten().filter_map(Value::as_f64).collect::<Vec<_>>();
    let (line, dots) = (list("curve"), list("shown"));
    if line.is_empty() {
        return html! {};
    }
    let all = || line.iter().chain(&dots).copied();
    let (low, high) = (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max));
    let x = |step: f64| 4.0 + step / line.len() as f64 * (WIDTH - 8.0);
    let y = |v: f64| 4.0 + (high - v) / (high - low).max(1e-9) * (HEIGHT - 8.0);
    let points = line.iter().enumerate().map(|(i, v)| format!("{:.1},{:.1}", x(i as f64), y(*v))).collect::<Vec<_>>();
    // the last look is at the end, wherever that is
    let at = |i: usize| (16.0 * i as f64).min(line.len() as f64);
    html! {
        <div class="depth" id="curve">
            <p class="hint">{ texts::CURVE.get(lang) }</p>
            <svg viewBox={format!("0 0 {WIDTH} {HEIGHT}")} role="img" aria-label={texts::CURVE.get(lang)}>
                <polyline class="usual" points={points.join(" ")} />
                { for dots.iter().enumerate().map(|(i, v)| html! { <circle cx={format!("{:.1}", x(at(i)))} cy={format!("{:.1}", y(*v))} r="2.5" /> }) }
            </svg>
            <div class="ends"><span>{ short(low as f32) }</span><span>{ short(high as f32) }</span></div>
        </div>
    }
}
