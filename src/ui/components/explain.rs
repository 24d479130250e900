//! The methods that run on demand: menu, parameters, figures, numbers, and what they do not show.

use std::rc::Rc;

use serde_json::Value;
use yew::prelude::*;

use super::facts::facts;
use super::film::Film;
use super::form::form;
use super::heat::busy;
use super::menu::Menu;
use super::plot::{Plot, legend};
use super::sankey::Sankey;
use super::torch::Torch;
use crate::catalog::MethodInfo;
use crate::catalog::labels::label_in;
use crate::catalog::method::START;
use crate::catalog::text::{Lang, Text};
use crate::figure::{Figure, Kind};
use crate::methods::find;
use crate::state::{Action, Aim, Explained, State};
use crate::ui::lens::chosen;
use crate::ui::{Store, texts, use_store};

/// The panel.
#[component]
pub fn Explain() -> Html {
    let store = use_store();
    let s = &store.0;
    let run = {
        let dispatch = store.dispatcher();
        move |_| dispatch.dispatch(Action::Explain)
    };
    html! {
        <section class="explain" id="explain">
            <h2>{ texts::EXPLAIN.get(s.lang) }</h2>
            <p class="row hint">{ texts::EXPLAIN_HINT.get(s.lang) }{ target(&store) }</p>
            <Menu />
            if let Some(info) = find(s.explain.method) {
                <p>{ info.summary.get(s.lang) }</p>
                { form(&store, info) }
                <p class="row">
                    <button id="run" class="primary" onclick={run}>{ texts::RUN.get(s.lang) }</button>
                    { go_on(&store, info) }
                    { busy(&store) }
                </p>
                if !s.explain.partial.is_empty() {
                    <figure class="result" id="partial">
                        <em class="tag">{ if s.explain.paused { texts::PAUSED } else { texts::SO_FAR }.get(s.lang) }</em>
                        { figures(&s.explain.partial, &Value::Null, &[]) }
                        { facts(s.lang, &s.explain.told) }
                    </figure>
                } else if let Some(result) = s.explain.result.as_ref().filter(|r| r.method == info.id) {
                    { shown(s, result, "result") }
                    { concept(&store, result) }
                    if let Some(beside) = &s.explain.beside { { shown(s, beside, "beside") } }
                }
                <pre class="formula">{ info.formula }</pre>
                <p class="caveat"><strong>{ texts::CAVEAT.get(s.lang) }{ ": " }</strong>{ info.caveat.get(s.lang) }</p>
                <p class="paper">{ texts::PAPER.get(s.lang) }{ ": " }{ info.paper.cite }{ ", " }<cite>{ info.paper.title }</cite></p>
                <p class="row"><Torch method={info.id} params={chosen(info.id, &s.explain.params, s.aim().map(Aim::value).as_ref())} /></p>
                { report(&store) }
            }
        </section>
    }
}

/// A concept that was found can be grown.
fn concept(store: &Store, result: &Explained) -> Html {
    let rows = result.meta["facts"]["tables"][0]["rows"].as_array().into_iter().flatten();
    if result.method != "tcav" || result.stale || !rows.map(|r| &r[1][4]).any(|verdict| verdict == "significant") {
        return html! {};
    }
    let dispatch = store.dispatcher();
    let grow = move |_| {
        dispatch.dispatch(Action::Param("objective", "concept".into()));
        dispatch.dispatch(Action::Method("maximise"));
        dispatch.dispatch(Action::Explain);
    };
    html! { <p class="row"><button id="grow-concept" onclick={grow}>{ texts::GROW_CONCEPT.get(store.0.lang) }</button></p> }
}

/// What is to be taken along.
fn report(store: &Store) -> Html {
    let lang = store.0.lang;
    let save = |json: bool| {
        let dispatch = store.dispatcher();
        move |_| dispatch.dispatch(Action::Report(json))
    };
    html! {
        <p class="row" id="report"><strong>{ texts::REPORT.get(lang) }</strong>
            <button onclick={save(false)}>{ "HTML" }</button><button onclick={save(true)}>{ "JSON" }</button>
            <span class="hint">{ texts::REPORT_HINT.get(lang) }</span>
        </p>
    }
}

/// Pause and continue, for methods that can.
fn go_on(store: &Store, info: &'static MethodInfo) -> Html {
    let s = &store.0;
    let button = |id: &'static str, words: Text, action: fn() -> Action| {
        let dispatch = store.dispatcher();
        html! { <button {id} onclick={move |_| dispatch.dispatch(action())}>{ words.get(s.lang) }</button> }
    };
    let done = s.explain.result.as_ref().is_some_and(|r| r.method == info.id && !r.stale);
    match info.params.iter().any(|p| p.id == START.id) {
        // what else is computed cannot be continued
        true if s.busy.is_some() && s.explain.running => button("pause", texts::PAUSE, || Action::Pause),
        true if s.explain.paused || done => button("continue", texts::CONTINUE, || Action::Resume),
        _ => html! {},
    }
}

/// What is explained; a unit can be given up for the class again.
fn target(store: &Store) -> Html {
    let s = &store.0;
    let Some(unit) = s.explain.unit else {
        return html! { <span class="chip" id="target">{ s.class().map_or("\u{a0}", |c| label_in(c, s.lang)) }</span> };
    };
    let dispatch = store.dispatcher();
    html! {
        <span class="chip" id="target">{ unit.to_string() }
            <button class="quiet" onclick={move |_| dispatch.dispatch(Action::Aim(None))} aria-label={texts::BACK_TO_CLASS.get(s.lang)} title={texts::BACK_TO_CLASS.get(s.lang)}>{ "×" }</button>
        </span>
    }
}

fn figures(figures: &[Rc<Figure>], facts: &Value, caption: &[String]) -> Html {
    let many = figures.len() > 6;
    html! {
        <div class={classes!("row", many.then_some("thumbs"), (figures.len() > 2 && !many).then_some("several"))}>
            { for figures.iter().map(|f| match f.info.kind {
                Kind::Film => html! { <Film figure={Rc::clone(f)} steps={steps(facts)} /> },
                _ => html! { <Plot figure={Rc::clone(f)} legend={legend(facts)} bare={many} caption={caption.to_vec()} /> },
            }) }
        </div>
    }
}

/// The steps of a film's frames.
fn steps(facts: &Value) -> Vec<u64> {
    facts["frames"].as_array().into_iter().flatten().filter_map(Value::as_u64).collect()
}

fn shown(s: &State, result: &Explained, id: &'static str) -> Html {
    let told = &result.meta["facts"];
    html! {
        <figure class={classes!("result", result.stale.then_some("stale"))} {id} aria-live="polite">
            if id == "beside" { <h3>{ find(result.method).map(|i| i.name.get(s.lang)).unwrap_or_default() }</h3> }
            if result.stale { <em class="tag">{ texts::STALE.get(s.lang) }</em> }
            { figures(&result.figures, told, &[find(result.method).map(|i| i.name.get(s.lang).to_owned()).unwrap_or_default(), honesty(s, result)]) }
            if told["columns"].is_array() { <Sankey facts={Rc::new(told.clone())} /> }
            { facts(s.lang, told) }
            <p class="honesty">{ honesty(s, result) }</p>
        </figure>
    }
}

/// Network, weights, precision, device, target, parameters, time: what is needed to get the same figure again.
fn honesty(s: &State, result: &Explained) -> String {
    let meta = &result.meta;
    let device = s.device.as_ref().map(|d| format!("{} ({})", d.kind, d.name)).unwrap_or_default();
    let params =
        meta["params"].as_object().into_iter().flatten().filter(|(k, v)| *k != "class" && !v.is_null() && *v != "");
    let params = params.map(|(k, v)| format!("{k} {}", plain(v))).collect::<Vec<_>>().join(" · ");
    let label = if s.lang == Lang::Zh { "label_zh" } else { "label" };
    let target = meta["target"][label].as_str().or(meta["target"]["unit"].as_str());
    let weights = meta["weights"].as_str().map(|w| w.chars().take(8).collect::<String>()).unwrap_or_default();
    let ms = meta["ms"].as_f64().unwrap_or_default();
    let parts = [
        format!("vgg16 {weights}"),
        "8/9 bit".into(),
        device,
        target.unwrap_or_default().into(),
        params,
        format!("{ms:.0} ms"),
    ];
    parts.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" · ")
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
