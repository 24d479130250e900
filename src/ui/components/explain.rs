//! The method that runs on demand: parameters, figures, numbers, and what it does not show.

use std::rc::Rc;

use serde_json::Value;
use web_sys::HtmlElement;
use yew::functional::Hook;
use yew::prelude::*;

use super::busy::{Panel, busy};
use super::facts::{facts, numbers};
use super::film::Film;
use super::form::form;
use super::heat::compare;
use super::paper::{caveat, paper};
use super::part::part;
use super::photo::Photo;
use super::plot::Plot;
use super::sankey::Sankey;
use super::torch::Torch;
use crate::catalog::MethodInfo;
use crate::catalog::text::Text;
use crate::figure::told::SCALE;
use crate::figure::{Figure, Kind};
use crate::methods::explainers::EXPLAINERS;
use crate::methods::find;
use crate::methods::names::parameters;
use crate::state::around::legend;
use crate::state::{Action, Chrome, Difference, Explained, Look, MANY, Outcome, Picture, Question, State};
use crate::ui::{Store, page, texts, use_store};

/// The panel of the chosen method; empty before one was chosen.
pub fn explain() -> Html {
    part("explain", |ctx| use_explain().run(ctx))
}

#[hook]
fn use_explain() -> Html {
    let store = use_store();
    let s = &store.0;
    let run = {
        let dispatch = store.dispatcher();
        move |_| dispatch.dispatch(Action::Explain)
    };
    let chosen = use_node_ref();
    {
        let (chosen, here) = (chosen.clone(), s.explain.untouched);
        // in a frame it is all there is, and the page around keeps its place; in the story the reader scrolls
        let whole = s.frame.chrome == Chrome::Full && s.reading().is_none();
        use_effect_with((s.explain.method, whole, s.asking()), move |(_, whole, asking)| {
            let Some(title) = chosen.cast::<HtmlElement>().filter(|_| *whole) else { return };
            match asking {
                true => page::top(),
                false => title.scroll_into_view(),
            }
            if here {
                // whoever chose it here goes on from its name; a title that cannot take the focus leaves it where it is
                let _ = title.focus();
            }
        });
    }
    let close = {
        let dispatch = store.dispatcher();
        move |_| dispatch.dispatch(Action::Method(""))
    };
    let info = find(s.explain.method);
    let answered = s.is_answered() || s.shown_job().is_some();
    // what a link runs begins with the download, which the visitor is asked for above
    let asked_first = s.offer.is_some() && s.wanted.run;
    // in a frame what is seen comes first: title, picture and sentence
    let framed = s.frame.chrome == Chrome::Min;
    let settings = |info| html! { <>{ form(&store, info) }{ caveat(info, s.lang) }</> };
    html! {
        <section class="explain" id="explain">
            if let Some(info) = info {
                <div class="title">
                    <h2 id="chosen" ref={chosen} tabindex="-1">{ info.name.get(s.lang) }</h2>
                    { target(&store) }
                    if s.asking() { <button id="method-close" onclick={close}>{ texts::BACK.get(s.lang) }</button> }
                </div>
                <p class="summary">{ info.summary.get(s.lang) }</p>
                <p class="row">
                    if !asked_first { <button id="run" class={(!answered && s.has_pictures()).then_some("primary")} onclick={run}>{ run_words(s, info) }</button> }
                    { go_on(&store, info) }
                    if EXPLAINERS.contains(&info.id) { { compare(&store, None) } }
                    { busy(&store, Panel::Explain) }
                </p>
                { answer(&store, info).unwrap_or_else(|| waiting(s)) }
                if !framed { { settings(info) } }
                <details class="more" id="details">
                    <summary>{ if framed { texts::SETTINGS } else { texts::DETAILS }.get(s.lang) }</summary>
                    if framed { { settings(info) } }
                    <pre class="formula" translate="no">{ info.formula }</pre>
                    { paper(&info.paper, s.lang) }
                    <p class="row"><Torch method={info.id} params={s.question(info.id).map(|q| q.params(false)).unwrap_or_default()} /></p>
                    { report(&store) }
                </details>
            }
        </section>
    }
}

/// What Run does and how long that takes: as the answer to another question did, else as the settings that it has at first do.
fn run_words(s: &State, info: &'static MethodInfo) -> String {
    let now = s.question(info.id);
    let old = now.as_ref().and_then(|now| s.explain.result.as_ref()?.under(now));
    let (does, seconds) = match old {
        Some((outcome, Some(_))) => (texts::UPDATE, outcome.meta["ms"].as_f64().map(|ms| ms / 1000.0)),
        Some(_) => (texts::RUN_AGAIN, None),
        None => (texts::RUN, now.filter(Question::plain).and_then(|_| s.takes(info.id))),
    };
    let about = seconds.map(|seconds| format!(" · {}", texts::expected(s.lang, seconds)));
    format!("{}{}", does.get(s.lang), about.unwrap_or_default())
}

/// What there is under the question that the page asks now: so far, or at last.
fn answer(store: &Store, info: &'static MethodInfo) -> Option<Html> {
    let s = &store.0;
    let now = s.question(info.id)?;
    if let Some((so_far, differs)) = s.explain.partial.as_ref().and_then(|p| p.under(&now)) {
        return Some(html! {
            <figure class={classes!("result", differs.map(|_| "stale"))} id="partial">
                <em class="tag">{ if s.explain.paused { texts::PAUSED } else { texts::SO_FAR }.get(s.lang) }</em>
                if let Some(d) = differs { <em class="tag">{ said(d).get(s.lang) }</em> }
                { figures(s.look, &so_far.figures, &Value::Null, &[], so_far.over.as_ref(), html! {}) }
                { facts(&s.net, s.lang, &so_far.meta["facts"]) }
                { numbers(&s.net, s.lang, &so_far.meta["facts"]) }
            </figure>
        });
    }
    let result = s.explain.result.as_ref().filter(|r| r.question().method == info.id)?;
    Some(html! {
        <>
            { shown(s, result, &now, "result") }
            { concept(store, result, &now) }
            if let Some(beside) = &s.explain.beside { { shown(s, beside, &beside.question().of(&now), "beside") } }
        </>
    })
}

/// The photo, where the answer will stand; not beneath the class activation map, which shows it already.
fn waiting(s: &State) -> Html {
    let alone = s.asking() || s.reading().is_some() || s.frame.chrome != Chrome::Full;
    let picture = s.picture.clone().filter(|_| alone);
    html! { if let Some(picture) = picture { <div class="row" id="waiting"><div class="plot"><Photo {picture} name={texts::PHOTO.get(s.lang)} /></div></div> } }
}

/// In what an answer's question is not the one that is asked now.
fn said(difference: Difference) -> Text {
    match difference {
        Difference::Picture => texts::STALE,
        Difference::Target => texts::STALE_TARGET,
        Difference::Parameters => texts::STALE_PARAMETERS,
    }
}

/// A concept that was found can be grown.
fn concept(store: &Store, result: &Explained, now: &Question) -> Html {
    let Some((outcome, None)) = result.under(now) else { return html! {} };
    let rows = outcome.meta["facts"]["tables"][0]["rows"].as_array().into_iter().flatten();
    if now.method != "tcav" || !rows.map(|r| &r[1][4]).any(|verdict| verdict == "significant") {
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
    match s.question(info.id).as_ref().is_some_and(Question::continues) {
        // what else is computed cannot be continued
        true if s.shown_job().is_some() => button("pause", texts::PAUSE, || Action::Pause),
        true if s.explain.paused || s.is_answered() => button("continue", texts::CONTINUE, || Action::Resume),
        _ => html! {},
    }
}

/// What is explained; a unit can be given up for the class again.
pub fn target(store: &Store) -> Html {
    let s = &store.0;
    let Some(unit) = s.explain.unit else {
        let name = s.class().map(|c| s.net.label(c, s.lang));
        // its place is kept while there is no class
        let class = classes!("chip", name.is_none().then_some("needless"));
        return html! { <span {class} id="target">{ name.unwrap_or_else(|| "\u{a0}".into()) }</span> };
    };
    let dispatch = store.dispatcher();
    html! {
        <span class="chip" id="target">{ store.0.net.text(unit) }
            <button class="quiet" onclick={move |_| dispatch.dispatch(Action::Aim(None))} aria-label={texts::BACK_TO_CLASS.get(s.lang)} title={texts::BACK_TO_CLASS.get(s.lang)}>{ "×" }</button>
        </span>
    }
}

/// The figures in a row, after `first`.
fn figures(
    look: Look,
    figures: &[Rc<Figure>],
    facts: &Value,
    caption: &[String],
    over: Option<&Picture>,
    first: Html,
) -> Html {
    let many = figures.len() > MANY;
    let scale = facts[SCALE].as_f64().map(|v| v as f32);
    let look = |kind: Kind| scale.filter(|_| kind == Kind::Heat).map(|_| Look { high: scale, ..look.over(kind, many) });
    html! {
        <div class={classes!("row", many.then_some("thumbs"), (figures.len() > 2 && !many).then_some("several"))}>
            { first }
            { for figures.iter().map(|f| match f.info.kind {
                Kind::Film => html! { <Film figure={Rc::clone(f)} steps={steps(facts)} /> },
                _ => html! { <Plot figure={Rc::clone(f)} look={look(f.info.kind)} legend={legend(facts)} bare={many} caption={caption.to_vec()} over={over.cloned()} /> },
            }) }
        </div>
    }
}

/// The steps of a film's frames.
fn steps(facts: &Value) -> Vec<u64> {
    facts["frames"].as_array().into_iter().flatten().filter_map(Value::as_u64).collect()
}

/// The photo as it was, before the figures of a method that changed it.
fn original(s: &State, outcome: &Outcome) -> Html {
    let changed = outcome.figures.first().is_some_and(|f| f.info.name == "adversarial");
    let name = texts::PHOTO.get(s.lang);
    let picture = s.picture.clone().filter(|_| changed);
    html! { if let Some(picture) = picture { <div class="plot"><Photo {picture} {name} /><p class="readout" aria-hidden="true">{ name }</p></div> } }
}

fn shown(s: &State, result: &Explained, now: &Question, id: &'static str) -> Html {
    let Some((outcome, differs)) = result.under(now) else { return html! {} };
    // while another photo is opened nothing is said of it
    let differs = differs.or(s.leaving().then_some(Difference::Picture));
    let Some(info) = find(now.method) else { return html! {} };
    let name = info.name.get(s.lang);
    let made = honesty(s, info, &outcome.meta);
    let printed = &outcome.meta["facts"];
    let sentence = outcome.meta["sentence"][s.lang.id()].as_str().map(str::to_owned);
    html! {
        <figure class={classes!("result", differs.map(|_| "stale"))} {id} aria-live="polite">
            if id == "beside" { <h3>{ name }</h3> }
            if let Some(d) = differs { <em class="tag">{ said(d).get(s.lang) }</em> }
            if let Some(sentence) = sentence { <p class="sentence">{ texts::unbroken(&sentence) }</p> }
            if printed["columns"].is_array() { <Sankey facts={Rc::new(printed.clone())} /> }
            { figures(s.look, &outcome.figures, printed, &[name.to_owned(), made.clone()], outcome.over.as_ref(), original(s, outcome)) }
            { facts(&s.net, s.lang, printed) }
            <details class="more"><summary>{ texts::COMPUTED.get(s.lang) }</summary>{ numbers(&s.net, s.lang, printed) }<p class="honesty">{ made }</p></details>
        </figure>
    }
}

/// Network, weights, precision, device, target, parameters, time: what is needed to get the same figure again.
fn honesty(s: &State, info: &MethodInfo, meta: &Value) -> String {
    let device = s.device.as_ref().map(|d| format!("{} ({})", d.kind, d.name)).unwrap_or_default();
    let params = parameters(info, &meta["params"], s.lang).join(" · ");
    let class = meta["target"]["index"].as_u64().map(|class| s.net.label(class as usize, s.lang));
    let target = class.or_else(|| meta["target"]["unit"].as_str().map(str::to_owned));
    let weights = meta["weights"].as_str().map(|w| w.chars().take(8).collect::<String>()).unwrap_or_default();
    let ms = meta["ms"].as_f64().unwrap_or_default();
    let parts = [
        s.net.card().name.clone(),
        format!("{} {weights} ({})", texts::WEIGHTS.get(s.lang), s.net.precision()),
        device,
        target.unwrap_or_default(),
        params,
        format!("{ms:.0} ms"),
    ];
    parts.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" · ")
}
