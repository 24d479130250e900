//! The charts that a method printed: lines over one axis.

use serde_json::Value;
use yew::prelude::*;

use crate::catalog::{Lang, NetworkSpec};
use crate::figure::told::{Chart, about, short};
use crate::ui::{paint, texts};

const WIDTH: f32 = 480.0;
const HEIGHT: f32 = 160.0;

/// Every chart that the method printed, each with its legend.
pub fn charts(net: &NetworkSpec, lang: Lang, facts: &Value) -> Html {
    let list: Vec<Chart> =
        facts["charts"].as_array().into_iter().flatten().filter_map(|c| Chart::read(c.clone()).ok()).collect();
    if list.is_empty() {
        return html! {};
    }
    html! { <div class="charts">{ for list.iter().filter(|c| !c.lines.is_empty()).map(|c| chart(net, lang, c)) }</div> }
}

/// The colour and dashes of line `i`: eight lines are told apart by colour, further ones by dashes too.
fn stroke(i: usize) -> (String, &'static str) {
    let [r, g, b] = paint::label_colour(i % 7);
    (
        format!("rgb({r},{g},{b})"),
        if i < 7 {
            ""
        } else if i < 14 {
            "6 3"
        } else {
            "2 2"
        },
    )
}

fn chart(net: &NetworkSpec, lang: Lang, c: &Chart) -> Html {
    let layout = c.layout(WIDTH, HEIGHT);
    let name = texts::figure(net, &c.name, lang);
    let ends = |[low, high]: [f32; 2]| format!("{} … {}", short(low), short(high));
    let label =
        format!("{name}: {}", c.lines.iter().map(|l| texts::figure(net, &l.name, lang)).collect::<Vec<_>>().join(", "));
    html! {
        <figure class="chart" data-chart={c.name.clone()}>
            <p class="hint">{ name }{ format!(" ({})", ends(layout.y)) }</p>
            <svg viewBox={format!("0 0 {WIDTH} {HEIGHT}")} role="img" aria-label={label}>
                { for layout.points.into_iter().enumerate().map(|(i, points)| {
                    let (colour, dash) = stroke(i);
                    html! { <polyline {points} stroke={colour} stroke-dasharray={dash}><title>{ texts::figure(net, &c.lines[i].name, lang) }</title></polyline> }
                }) }
            </svg>
            <p class="hint">{ texts::figure(net, &c.x, lang) }{ lang.colon() }{ ends(layout.x) }</p>
            <ul class="legend-list">{ for c.lines.iter().enumerate().map(|(i, line)| {
                let (colour, dash) = stroke(i);
                let last = line.points.last().map(|p| about(p[1])).unwrap_or_default();
                html! { <li>
                    <svg class="key" viewBox="0 0 20 6" aria-hidden="true"><line x1="0" x2="20" y1="3" y2="3" stroke={colour} stroke-dasharray={dash} /></svg>
                    { texts::figure(net, &line.name, lang) }{ format!(" {last}") }
                </li> }
            }) }</ul>
        </figure>
    }
}
