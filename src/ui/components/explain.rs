//! The methods that run on demand: menu, parameters, figures, numbers, and what they do not show.

use std::rc::Rc;

use serde_json::Value;
use web_sys::HtmlCanvasElement;
use yew::prelude::*;

use super::form::form;
use super::heat::busy;
use crate::catalog::labels::label_in;
use crate::catalog::text::Lang;
use crate::figure::{Figure, Kind};
use crate::methods::{INFOS, cam, feature_maps, find};
use crate::state::{Action, Explained, Look, Palette, State};
use crate::ui::{paint, texts, use_store};

/// The panel.
#[component]
pub fn Explain() -> Html {
    let store = use_store();
    let s = &store.0;
    let methods = INFOS.iter().filter(|i| ![cam::INFO.id, feature_maps::INFO.id].contains(&i.id));
    let run = {
        let dispatch = store.dispatcher();
        move |_| dispatch.dispatch(Action::Explain)
    };
    html! {
        <section class="explain" id="explain">
            <h2>{ texts::EXPLAIN.get(s.lang) }</h2>
            <p class="hint">{ texts::EXPLAIN_HINT.get(s.lang) }</p>
            <div class="modes" role="group" aria-label={texts::EXPLAIN.get(s.lang)}>
                { for methods.map(|i| {
                    let (dispatch, id) = (store.dispatcher(), i.id);
                    html! { <button data-method={id} aria-pressed={(s.explain.method == id).to_string()} onclick={move |_| dispatch.dispatch(Action::Method(id))}>{ i.name.get(s.lang) }</button> }
                }) }
            </div>
            if let Some(info) = find(s.explain.method) {
                <p>{ info.summary.get(s.lang) }</p>
                { form(&store, info) }
                <p class="row"><button id="run" class="primary" onclick={run}>{ texts::RUN.get(s.lang) }</button>{ busy(&store) }</p>
                if let Some(result) = s.explain.result.as_ref().filter(|r| r.method == info.id) {
                    { shown(s, result) }
                }
                <pre class="formula">{ info.formula }</pre>
                <p class="caveat"><strong>{ texts::CAVEAT.get(s.lang) }{ ": " }</strong>{ info.caveat.get(s.lang) }</p>
                <p class="paper">{ texts::PAPER.get(s.lang) }{ ": " }{ info.paper.cite }{ ", " }<cite>{ info.paper.title }</cite></p>
            }
        </section>
    }
}

fn shown(s: &State, result: &Explained) -> Html {
    let facts = &result.meta["facts"];
    html! {
        <figure class={classes!("result", result.stale.then_some("stale"))} id="result" aria-live="polite">
            if result.stale { <em class="tag">{ texts::STALE.get(s.lang) }</em> }
            <div class="row">{ for result.figures.iter().map(|f| html! { <Canvas figure={Rc::clone(f)} /> }) }</div>
            if facts["no_evidence"] == true { <p class="note">{ texts::NO_EVIDENCE.get(s.lang) }</p> }
            <ul class="facts">{ for numbers(s.lang, facts).into_iter().map(|f| html! { <li>{ f }</li> }) }</ul>
            <p class="honesty">{ honesty(s, result) }</p>
        </figure>
    }
}

/// The numbers that the method printed.
fn numbers(lang: Lang, facts: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = |id: &str, text: crate::catalog::Text| {
        if let Some(v) = facts[id].as_f64() {
            let v = if v.fract() == 0.0 { format!("{v}") } else { format!("{v:.3}") };
            lines.push(format!("{}: {v}", text.get(lang)));
        }
    };
    line("sum", texts::FACT_SUM);
    line("difference", texts::FACT_DIFFERENCE);
    line("error", texts::FACT_ERROR);
    line("windows", texts::FACT_WINDOWS);
    line("halves", texts::FACT_HALVES);
    line("channels", texts::FACT_CHANNELS);
    if let (Some(r), Some(other)) = (facts["class_swap"].as_f64(), facts["other_class"].as_u64()) {
        lines.push(format!("{} {}: {r:.3}", texts::FACT_SWAP.get(lang), label_in(other as usize, lang)));
    }
    if let Some(channel) = facts["channel"].as_u64() {
        let places = facts["places"].as_array().into_iter().flatten();
        let places =
            places.map(|p| format!("({}, {}) {:.1}", p["x"], p["y"], p["activation"].as_f64().unwrap_or_default()));
        lines.push(format!("{} {channel}: {}", texts::CHANNEL.get(lang), places.collect::<Vec<_>>().join(", ")));
    }
    if let Some(winners) = facts["winners"].as_array() {
        let mut counts = std::collections::BTreeMap::<u64, usize>::new();
        winners.iter().filter_map(Value::as_u64).for_each(|w| *counts.entry(w).or_default() += 1);
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        let told = counts.iter().take(5).map(|(w, n)| format!("{} {n}", label_in(*w as usize, lang)));
        lines.push(format!("{}: {}", texts::FACT_WINNERS.get(lang), told.collect::<Vec<_>>().join(", ")));
    }
    lines
}

/// Network, precision, device, target, parameters, time: what is needed to get the same figure again.
fn honesty(s: &State, result: &Explained) -> String {
    let device = s.device.as_ref().map(|d| format!("{} ({})", d.kind, d.name)).unwrap_or_default();
    let params = result.meta["params"].as_object().into_iter().flatten().map(|(k, v)| format!("{k} {}", plain(v)));
    let label = if s.lang == Lang::Zh { "label_zh" } else { "label" };
    let target = result.meta["target"][label].as_str().map(|l| format!(" · {l}")).unwrap_or_default();
    let ms = result.meta["ms"].as_f64().unwrap_or_default();
    format!("vgg16 · 8/9 bit · {device}{target} · {} · {ms:.0} ms", params.collect::<Vec<_>>().join(" · "))
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[derive(Properties, PartialEq)]
struct CanvasProps {
    figure: Rc<Figure>,
}

/// One figure over the photo, or by itself, with its range.
#[component]
fn Canvas(props: &CanvasProps) -> Html {
    let store = use_store();
    let s = &store.0;
    let canvas = use_node_ref();
    let look =
        Look { palette: if props.figure.info.kind == Kind::Heat { Palette::Signed } else { s.look.palette }, ..s.look };
    {
        let canvas = canvas.clone();
        use_effect_with((Rc::clone(&props.figure), s.picture.clone(), look), move |(figure, picture, look)| {
            let (Some(canvas), Some(p)) = (canvas.cast::<HtmlCanvasElement>(), picture) else { return };
            let info = &figure.info;
            // a canvas without a 2D context stays empty; the numbers beside it do not depend on it
            let _ = match info.kind {
                Kind::Rgb => paint::draw(&canvas, info.width, info.height, &paint::rgb(figure)),
                Kind::Photo => paint::draw(&canvas, info.width, info.height, &paint::photo(figure)),
                _ => paint::draw(&canvas, p.size, p.size, &paint::overlay(&p.rgba, p.size, Some(figure), *look)),
            };
        });
    }
    let range = paint::heat_range(&props.figure, look.palette);
    let ends = (![Kind::Rgb, Kind::Photo].contains(&props.figure.info.kind))
        .then(|| format!("{:.3} … {:.3}", range.low, range.high));
    let label = format!("{} {}", props.figure.info.name, ends.clone().unwrap_or_default());
    html! {
        <div class="plot">
            <canvas ref={canvas} width="224" height="224" role="img" aria-label={label} />
            <p class="readout">{ &props.figure.info.name }{ " " }{ ends.unwrap_or_default() }</p>
        </div>
    }
}
