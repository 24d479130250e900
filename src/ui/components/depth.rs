//! The layer lens as a curve: the rank of the class against depth, 1 on top, on a logarithmic scale.

use serde_json::Value;
use yew::prelude::*;

use crate::catalog::{Lang, NetworkSpec};
use crate::ui::texts;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 170.0;

/// The curve, what is usual, and each probe's best guess; nothing without probes.
pub fn depth(net: &NetworkSpec, lang: Lang, probes: &[Value]) -> Html {
    if probes.is_empty() {
        return html! {};
    }
    let x = |i: usize| 34.0 + i as f64 * (WIDTH - 60.0) / (probes.len() as f64 - 1.0).max(1.0);
    let y = |rank: f64| 10.0 + rank.max(1.0).log10() / 3.0 * (HEIGHT - 20.0);
    let value = |p: &Value, id: &str| p[id].as_f64().unwrap_or(1000.0);
    let line = |id: &str| {
        probes
            .iter()
            .enumerate()
            .map(|(i, p)| format!("{:.1},{:.1}", x(i), y(value(p, id))))
            .collect::<Vec<_>>()
            .join(" ")
    };
    html! {
        <div class="depth" id="lens">
            <p class="hint">{ texts::LENS.get(lang) }</p>
            <div class="scroll"><svg viewBox={format!("0 0 {WIDTH} {}", HEIGHT + 26.0)} role="img" aria-label={texts::LENS.get(lang)}>
                { for [1, 10, 100, 1000].map(|r| html! {
                    <><line class="rule" x1="30" x2={WIDTH.to_string()} y1={format!("{:.1}", y(f64::from(r)))} y2={format!("{:.1}", y(f64::from(r)))} />
                    <text x="26" y={format!("{:.1}", y(f64::from(r)) + 3.0)} text-anchor="end">{ r }</text></>
                }) }
                <polyline class="usual" points={line("usual")} />
                <polyline class="rank" points={line("rank")} />
                { for probes.iter().enumerate().map(|(i, p)| html! {
                    <><circle cx={format!("{:.1}", x(i))} cy={format!("{:.1}", y(value(p, "rank")))} r="3.5"><title>{ guess(net, lang, p) }</title></circle>
                    <text x={format!("{:.1}", x(i))} y={format!("{}", HEIGHT + 18.0)} text-anchor="middle">{ p["layer"].as_str().unwrap_or_default() }</text></>
                }) }
            </svg></div>
            <details><summary>{ texts::GUESSES.get(lang) }</summary><ol class="facts">{ for probes.iter().map(|p| html! { <li>{ guess(net, lang, p) }</li> }) }</ol></details>
        </div>
    }
}

fn guess(net: &NetworkSpec, lang: Lang, p: &Value) -> String {
    let class = p["class"].as_u64().map(|c| net.label(c as usize, lang)).unwrap_or_default();
    format!("{}: {} {} · {class}", p["layer"].as_str().unwrap_or_default(), texts::RANK.get(lang), p["rank"])
}
