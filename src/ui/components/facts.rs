//! The numbers that a method printed: lines, a legend, bars, and tables.

use serde_json::Value;
use yew::prelude::*;

use crate::catalog::Lang;
use crate::catalog::labels::label_in;
use crate::figure::told::short;
use crate::methods::names::single;
use crate::ui::{paint, texts};

/// Everything that `facts` hold but the cascade's flows and the single numbers.
pub fn facts(lang: Lang, facts: &Value) -> Html {
    html! {
        <>
            if facts["no_evidence"] == true { <p class="note" id="no-evidence">{ texts::NO_EVIDENCE.get(lang) }</p> }
            { legend(lang, facts) }
            { super::tables::tables(lang, facts) }
            { super::charts::charts(lang, facts) }
            { bars(lang, facts) }
            { super::curve::curve(lang, facts) }
            { layers(lang, facts) }
            { strip(lang, facts) }
            { super::depth::depth(lang, list(facts, "lens")) }
            { classes(lang, facts) }
        </>
    }
}

/// The single numbers, for those who look for them.
pub fn numbers(lang: Lang, facts: &Value) -> Html {
    html! { <ul class="facts">{ for lines(lang, facts).into_iter().map(|f| html! { <li>{ f }</li> }) }</ul> }
}

fn list<'a>(facts: &'a Value, id: &str) -> &'a [Value] {
    facts[id].as_array().map_or(&[], Vec::as_slice)
}

fn number(value: &Value, id: &str) -> f64 {
    value[id].as_f64().unwrap_or_default()
}

fn class(lang: Lang, value: &Value) -> Option<&'static str> {
    value["class"].as_u64().map(|c| label_in(c as usize, lang))
}

fn lines(lang: Lang, facts: &Value) -> Vec<String> {
    let mut lines = single(facts, lang);
    if let (Some(r), Some(other)) = (facts["class_swap"].as_f64(), facts["other_class"].as_u64()) {
        lines.push(format!("{} {}{}{r:.3}", texts::FACT_SWAP.get(lang), label_in(other as usize, lang), lang.colon()));
    }
    if let Some(channel) = facts["channel"].as_u64() {
        let places =
            list(facts, "places").iter().map(|p| format!("({}, {}) {:.1}", p["x"], p["y"], number(p, "activation")));
        lines.push(format!("{} {channel}: {}", texts::CHANNEL.get(lang), places.collect::<Vec<_>>().join(", ")));
    }
    lines
}

/// Colours of a figure of labels: class or part, and its share of the places.
fn legend(lang: Lang, facts: &Value) -> Html {
    let entries = list(facts, "legend").iter().enumerate().map(|(i, e)| {
        let [r, g, b] = paint::label_colour(i);
        let name = class(lang, e).map_or_else(|| format!("{}", number(e, "value") + 1.0), str::to_owned);
        html! { <li><span class="swatch" style={format!("background: rgb({r} {g} {b})")} />{ format!("{name} {}", texts::percent(number(e, "share"), 0, lang)) }</li> }
    });
    html! { <ul class="legend-list">{ for entries }</ul> }
}

/// What single channels add to the score.
fn bars(lang: Lang, facts: &Value) -> Html {
    let mut rows: Vec<(String, f64)> =
        list(facts, "bars").iter().map(|b| (format!("#{}", b["channel"]), number(b, "value"))).collect();
    if rows.is_empty() {
        return html! {};
    }
    rows.push((texts::REST.get(lang).to_owned(), number(facts, "rest")));
    let most = rows.iter().fold(1e-9_f64, |m, r| m.max(r.1.abs()));
    html! {
        <table class="bars"><tbody>{ for rows.iter().map(|(name, v)| html! {
            <tr><th scope="row">{ name }</th><td>{ bar(*v / most) }</td><td>{ short(*v as f32) }</td></tr>
        }) }</tbody></table>
    }
}

/// A bar from the middle: to the right for evidence for the class, to the left against it.
fn bar(share: f64) -> Html {
    let (x, width) = if share < 0.0 { (50.0 + share * 50.0, -share * 50.0) } else { (50.0, share * 50.0) };
    let side = if share < 0.0 { "against" } else { "for" };
    html! {
        <svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
            <rect class={side} x={format!("{x:.2}")} width={format!("{width:.2}")} height="6" />
        </svg>
    }
}

/// How much of the score stands in each layer's activations, and how much in the biases above it.
fn layers(lang: Lang, facts: &Value) -> Html {
    let rows = list(facts, "layers");
    if rows.is_empty() {
        return html! {};
    }
    let score = number(facts, "score");
    html! {
        <table class="bars">
            <thead><tr><th>{ texts::LAYER.get(lang) }</th><th /><th>{ texts::ACTIVATIONS.get(lang) }</th><th>{ texts::BIASES.get(lang) }</th></tr></thead>
            <tbody>{ for rows.iter().map(|l| html! {
                <tr>
                    <th scope="row">{ l["layer"].as_str().unwrap_or_default() }</th>
                    <td>{ bar(number(l, "sum") / score) }</td>
                    <td>{ short(number(l, "sum") as f32) }</td>
                    <td>{ short(number(l, "biases") as f32) }</td>
                </tr>
            }) }</tbody>
        </table>
    }
}

/// How far every layer's inversion is from its code, and from the pixels.
fn strip(lang: Lang, facts: &Value) -> Html {
    let rows = list(facts, "strip");
    if rows.is_empty() {
        return html! {};
    }
    html! {
        <table class="bars" id="strip">
            <thead><tr><th>{ texts::LAYER.get(lang) }</th><th /><th>{ texts::CODE_ERROR.get(lang) }</th><th>{ texts::PIXEL_LIKENESS.get(lang) }</th></tr></thead>
            <tbody>{ for rows.iter().map(|l| html! {
                <tr>
                    <th scope="row">{ l["layer"].as_str().unwrap_or_default() }</th>
                    <td>{ bar(number(l, "correlation")) }</td>
                    <td>{ texts::percent(number(l, "error"), 1, lang) }</td>
                    <td>{ format!("{:.2}", number(l, "correlation")) }</td>
                </tr>
            }) }</tbody>
        </table>
    }
}

/// A table of the most probable classes, before the change and after.
fn classes(lang: Lang, facts: &Value) -> Html {
    let rows = list(facts, "classes");
    if rows.is_empty() {
        return html! {};
    }
    let percent = |v: f64| texts::percent(v, 1, lang);
    html! {
        <table class="bars" id="ablated">
            <thead><tr><th>{ texts::CLASS.get(lang) }</th><th /><th>{ texts::BEFORE.get(lang) }</th><th>{ texts::AFTER.get(lang) }</th></tr></thead>
            <tbody>{ for rows.iter().map(|c| html! {
                <tr>
                    <th scope="row">{ class(lang, c).unwrap_or_default() }</th>
                    <td>{ bar(number(c, "after") - number(c, "before")) }</td>
                    <td>{ percent(number(c, "before")) }</td>
                    <td>{ percent(number(c, "after")) }</td>
                </tr>
            }) }</tbody>
        </table>
    }
}
