//! The numbers that a method printed: lines, a legend, bars, and tables.

use serde_json::Value;
use yew::prelude::*;

use crate::catalog::{Lang, NetworkSpec};
use crate::figure::told::short;
use crate::methods::names::single;
use crate::ui::{paint, texts};

/// Everything that `facts` hold but the cascade's flows and the single numbers.
pub fn facts(net: &NetworkSpec, lang: Lang, facts: &Value) -> Html {
    html! {
        <>
            if facts["no_evidence"] == true { <p class="note" id="no-evidence">{ texts::NO_EVIDENCE.get(lang) }</p> }
            { legend(net, lang, facts) }
            { super::tables::tables(net, lang, facts) }
            { super::charts::charts(net, lang, facts) }
            { bars(lang, facts) }
            { super::curve::curve(lang, facts) }
            { layers(lang, facts) }
            { strip(lang, facts) }
            { super::depth::depth(net, lang, list(facts, "lens")) }
            { classes(net, lang, facts) }
        </>
    }
}

/// The single numbers, for those who look for them.
pub fn numbers(net: &NetworkSpec, lang: Lang, facts: &Value) -> Html {
    html! { <ul class="facts">{ for lines(net, lang, facts).into_iter().map(|f| html! { <li>{ f }</li> }) }</ul> }
}

fn list<'a>(facts: &'a Value, id: &str) -> &'a [Value] {
    facts[id].as_array().map_or(&[], Vec::as_slice)
}

fn number(value: &Value, id: &str) -> f64 {
    value[id].as_f64().unwrap_or_default()
}

fn class(net: &NetworkSpec, lang: Lang, value: &Value) -> Option<String> {
    value["class"].as_u64().map(|c| net.label(c as usize, lang))
}

fn lines(net: &NetworkSpec, lang: Lang, facts: &Value) -> Vec<String> {
    let mut lines = single(facts, lang);
    if let (Some(r), Some(other)) = (facts["class_swap"].as_f64(), facts["other_class"].as_u64()) {
        lines.push(format!("{} {}{}{r:.3}", texts::FACT_SWAP.get(lang), net.label(other as usize, lang), lang.colon()));
    }
    if let Some(channel) = facts["channel"].as_u64() {
        let places =
            list(facts, "places").iter().map(|p| format!("({}, {}) {:.1}", p["x"], p["y"], number(p, "activation")));
        lines.push(format!("{} {channel}: {}", texts::CHANNEL.get(lang), places.collect::<Vec<_>>().join(", ")));
    }
    lines
}

/// Colours of a figure of labels: class or part, and its share of the places.
fn legend(net: &NetworkSpec, lang: Lang, facts: &Value) -> Html {
    let entries = list(facts, "legend").iter().enumerate().map(|(i, e)| {
        let [r, g, b] = paint::label_colour(i);
        let name = class(net, lang, e).unwrap_or_else(|| format!("{}", number(e, "value") + 1.0));
        html! { <li><span class="swatch" style={format!("background: rgb({r} {g} {b})")} />{ format!("{name} {}", texts::percent(number(e, "share"), 0, lang)) }</li> }
    });
    html! { <ul class="legend-list">{ for entries }</ul> }
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

/// What single channels add to the score.
fn bars(lang: Lang, facts: &Value) -> Html {
    let mut rows: Vec<(String, f64)> =
        list(facts, "bars").iter().map(|b| (format!("#{}", b["channel"]), number(b, "value"))).collect();
    if !rows.is_empty() {
        rows.push((texts::REST.get(lang).to_owned(), number(facts, "rest")));
    }
    let most = rows.iter().fold(1e-9_f64, |m, r| m.max(r.1.abs()));
    table(None, &[], rows.into_iter().map(|(name, v)| (name, v / most, vec![short(v as f32)])).collect())
}

/// How much of the score stands in each layer's activations, and how much in the biases above it.
fn layers(lang: Lang, facts: &Value) -> Html {
    let score = number(facts, "score");
    let rows = list(facts, "layers").iter().map(|l| {
        let [sum, biases] = ["sum", "biases"].map(|id| number(l, id));
        (word(l, "layer"), sum / score, vec![short(sum as f32), short(biases as f32)])
    });
    table(None, &[texts::LAYER, texts::ACTIVATIONS, texts::BIASES].map(|t| t.get(lang)), rows.collect())
}

/// How far every layer's inversion is from its code, and from the pixels.
fn strip(lang: Lang, facts: &Value) -> Html {
    let rows = list(facts, "strip").iter().map(|l| {
        let [error, correlation] = ["error", "correlation"].map(|id| number(l, id));
        (word(l, "layer"), correlation, vec![texts::percent(error, 1, lang), format!("{correlation:.2}")])
    });
    table(Some("strip"), &[texts::LAYER, texts::CODE_ERROR, texts::PIXEL_LIKENESS].map(|t| t.get(lang)), rows.collect())
}

/// A table of the most probable classes, before the change and after.
fn classes(net: &NetworkSpec, lang: Lang, facts: &Value) -> Html {
    let percent = |v: f64| texts::percent(v, 1, lang);
    let rows = list(facts, "classes").iter().map(|c| {
        let [before, after] = ["before", "after"].map(|id| number(c, id));
        (class(net, lang, c).unwrap_or_default(), after - before, vec![percent(before), percent(after)])
    });
    table(Some("ablated"), &[texts::CLASS, texts::BEFORE, texts::AFTER].map(|t| t.get(lang)), rows.collect())
}

fn word(value: &Value, id: &str) -> String {
    value[id].as_str().unwrap_or_default().to_owned()
}

/// A table of rows with a name, a bar of this share, and numbers, under `heads` for the name and the numbers; nothing without rows.
fn table(id: Option<&'static str>, heads: &[&'static str], rows: Vec<(String, f64, Vec<String>)>) -> Html {
    if rows.is_empty() {
        return html! {};
    }
    html! {
        <table class="bars" {id}>
            if let Some((name, numbers)) = heads.split_first() {
                <thead><tr><th>{ *name }</th><th />{ for numbers.iter().map(|n| html! { <th>{ *n }</th> }) }</tr></thead>
            }
            <tbody>{ for rows.into_iter().map(|(name, share, numbers)| html! {
                <tr><th scope="row">{ name }</th><td>{ bar(share) }</td>{ for numbers.into_iter().map(|n| html! { <td>{ n }</td> }) }</tr>
            }) }</tbody>
        </table>
    }
}
