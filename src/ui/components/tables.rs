//! The tables that a method printed.

use serde_json::Value;
use yew::prelude::*;

use crate::catalog::text::Text;
use crate::catalog::{Lang, NetworkSpec};
use crate::figure::told::{Cell, Shade, Table, about, short};
use crate::ui::texts;

/// Every table that the method printed, each under its name.
pub fn tables(net: &NetworkSpec, lang: Lang, facts: &Value) -> Html {
    let list = facts["tables"].as_array().into_iter().flatten();
    let list: Vec<Table> = list.filter_map(|t| Table::read(t.clone()).ok()).collect();
    // a long one that is not the first can wait
    let one = |(i, t): (usize, &Table)| match i > 0 && t.rows.len() >= 10 {
        true => {
            html! { <details><summary>{ texts::figure(net, &t.name, lang) }</summary>{ table(net, lang, t) }</details> }
        }
        false => table(net, lang, t),
    };
    html! { if !list.is_empty() { <div class="tables">{ for list.iter().enumerate().map(one) }</div> } }
}

fn table(net: &NetworkSpec, lang: Lang, t: &Table) -> Html {
    let most = t.rows.iter().filter_map(|(_, cells)| number(cells.first()?)).fold(1e-9_f32, |m, v| m.max(v.abs()));
    html! {
        <div class="told" data-table={t.name.clone()}>
            <div class="scroll"><table>
                <caption>{ texts::figure(net, &t.name, lang) }</caption>
                <thead><tr><td />{ for t.columns.iter().map(|c| html! { <th scope="col">{ texts::figure(net, c, lang) }</th> }) }</tr></thead>
                <tbody>{ for t.rows.iter().map(|(name, cells)| html! {
                    <tr data-row={name.clone()}>
                        <th scope="row">{ texts::figure(net, name, lang) }
                            if t.shade == Shade::Bars { if let Some(v) = cells.first().and_then(number) { { bar(v / most) } } }
                        </th>
                        { for cells.iter().map(|c| cell(net, lang, c, t.shade)) }
                    </tr>
                }) }</tbody>
            </table></div>
            if let Some(hint) = hint(&t.name) { <p class="hint">{ hint.get(lang) }</p> }
        </div>
    }
}

fn number(cell: &Cell) -> Option<f32> {
    if let Cell::Number(v) = cell { Some(*v) } else { None }
}

fn cell(net: &NetworkSpec, lang: Lang, cell: &Cell, shade: Shade) -> Html {
    match cell {
        Cell::Number(v) if shade == Shade::Heat => {
            html! { <td class="shaded" style={format!("--v: {:.0}%", v.clamp(0.0, 1.0) * 70.0)}>{ short(*v) }</td> }
        }
        Cell::Number(v) => html! { <td>{ about(*v) }</td> },
        Cell::Word(word) => {
            html! { <td class={classes!("word", word.replace(' ', "-"))}>{ texts::figure(net, word, lang) }</td> }
        }
        Cell::Nothing => html! { <td class="nothing">{ "–" }</td> },
    }
}

fn bar(share: f32) -> Html {
    let side = if share < 0.0 { "against" } else { "for" };
    html! {
        <svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
            <rect class={side} width={format!("{:.1}", share.abs() * 100.0)} height="6" />
        </svg>
    }
}

/// What the words of the table called `table` mean; `None` where they need no explanation.
fn hint(table: &str) -> Option<Text> {
    match table {
        "verdict" => Some(texts::VERDICT),
        "concepts" => Some(texts::CONCEPTS_HINT),
        "metrics" => Some(texts::METRICS_HINT),
        _ => None,
    }
}
