//! The compare board: up to six methods on the same picture and class, with one pointer.

use std::rc::Rc;

use yew::functional::Hook;
use yew::prelude::*;

use super::busy::{Panel, busy};
use super::part::part;
use super::plot::Plot;
use crate::catalog::Lang;
use crate::catalog::labels::label_in;
use crate::catalog::method::METHODS;
use crate::methods::explainers::EXPLAINERS;
use crate::methods::{INFOS, find};
use crate::state::board::{self, MOST};
use crate::state::{Action, Aim, Given};
use crate::ui::{Store, texts, use_store};

/// The panel.
pub fn board() -> Html {
    part("board", |ctx| use_board().run(ctx))
}

#[hook]
fn use_board() -> Html {
    let store = use_store();
    let (s, lang) = (&store.0, store.0.lang);
    let hover = use_state(|| None::<(f64, f64)>);
    let run = {
        let dispatch = store.dispatcher();
        move |_| dispatch.dispatch(Action::BoardRun)
    };
    // methods whose first figure is a map for a class
    let explains = |i: &&&crate::catalog::MethodInfo| EXPLAINERS.contains(&i.id);
    let judge = {
        let (dispatch, methods) = (store.dispatcher(), s.board.methods.join(", "));
        move |_| {
            dispatch.dispatch(Action::Param(METHODS.id, methods.clone().into()));
            dispatch.dispatch(Action::Method("faithfulness"));
            dispatch.dispatch(Action::Explain);
        }
    };
    html! {
        <section class="explain board" id="board">
            <h2>{ texts::BOARD.get(lang) }</h2>
            <p class="hint">{ texts::BOARD_HINT.get(lang) }</p>
            <div class="modes" role="group" aria-label={texts::BOARD.get(lang)}>
                { for INFOS.iter().filter(explains).map(|i| {
                    let (dispatch, id) = (store.dispatcher(), i.id);
                    let on = s.board.methods.contains(&id);
                    html! { <button data-method={id} aria-pressed={on.to_string()} disabled={!on && s.board.methods.len() >= MOST}
                        onclick={move |_| dispatch.dispatch(Action::BoardToggle(id))}>{ i.name.get(lang) }</button> }
                }) }
            </div>
            <p class="row"><button id="compare" class="primary" onclick={run}>{ texts::COMPARE.get(lang) }</button><button id="judge" onclick={judge}>{ texts::JUDGE.get(lang) }</button>{ busy(&store, Panel::Board) }</p>
            if let Some(params) = &s.board.params {
                { classes(&store) }
                <div class="row" id="board-maps">{ for s.board.methods.iter().map(|m| map(&store, params, m, &hover)) }</div>
                { likeness(&store, params) }
            }
        </section>
    }
}

/// One class for all maps.
fn classes(store: &Store) -> Html {
    let s = &store.0;
    let listed = s.classes.iter().take(5).map(|c| c.index);
    let extra = s.target.filter(|t| s.classes.iter().take(5).all(|c| c.index != *t));
    html! {
        <div class="modes" role="group" aria-label={texts::CLASS.get(s.lang)}>
            { for listed.chain(extra).map(|c| {
                let dispatch = store.dispatcher();
                html! { <button data-class={c.to_string()} aria-pressed={(s.aim() == Some(Aim::Class(c))).to_string()} onclick={move |_| dispatch.dispatch(Action::Target(c))}>{ label_in(c, s.lang) }</button> }
            }) }
            if let Some(unit) = s.explain.unit { <button aria-pressed="true">{ unit.to_string() }</button> }
        </div>
    }
}

fn map(store: &Store, params: &Given, method: &'static str, hover: &UseStateHandle<Option<(f64, f64)>>) -> Html {
    let (s, lang) = (&store.0, store.0.lang);
    let (Some(aim), Some(info)) = (s.aim(), find(method)) else { return html! {} };
    let name = info.name.get(lang);
    let Some(question) = s.board_question(method, aim, params) else { return html! {} };
    let Some(figure) = s.board.map(&question) else {
        let coming = s.board.todo.contains(&question)
            || s.jobs.all().any(|j| j.ask.question().is_some_and(|(q, _)| *q == question));
        let words = match s.board.answer(&question) {
            Some(_) => format!("{name}: {}", texts::NOT_THIS_TARGET.get(lang)),
            None if coming => format!("{name} …"),
            None => format!("{name} –"),
        };
        return html! { <div class="plot waiting" key={method}><div class="frame" /><p class="readout">{ words }</p></div> };
    };
    let swap = s.other().and_then(|other| {
        let second = s.board.map(&s.board_question(method, other, params)?)?;
        Some((board::swap(figure, second), other))
    });
    // it stays under the parameters that it was made with
    let differs = s.board_question(method, aim, &s.explain.params).as_ref() != Some(&question);
    let set = hover.setter();
    html! {
        <div class={classes!("compared", differs.then_some("stale"))} key={method} data-method={method}>
            <Plot figure={Rc::clone(figure)} title={name} cross={**hover} onplace={Callback::from(move |at| set.set(at))} />
            if differs { <em class="tag">{ texts::STALE_PARAMETERS.get(lang) }</em> }
            if let Some((r, other)) = swap {
                <p class="readout swap">{ format!("{} {}: {r:.2}", texts::FACT_SWAP.get(lang), named(other, lang)) }</p>
            }
        </div>
    }
}

fn named(aim: Aim, lang: Lang) -> String {
    match aim {
        Aim::Class(class) => label_in(class, lang).to_owned(),
        Aim::Unit(unit) => unit.to_string(),
    }
}

/// How alike the methods' maps are.
fn likeness(store: &Store, params: &Given) -> Html {
    let (s, lang) = (&store.0, store.0.lang);
    let Some(aim) = s.aim() else { return html! {} };
    let methods = &s.board.methods;
    let of = |method| s.board.map(&s.board_question(method, aim, params)?);
    let cell = |a, b| {
        of(a).zip(of(b)).and_then(|(a, b)| board::alike(a, b)).map_or_else(|| "–".to_owned(), |r| format!("{r:.2}"))
    };
    let name = |m: &&'static str| find(m).map(|i| i.name.get(lang)).unwrap_or_default();
    html! {
        <details>
            <summary>{ texts::LIKENESS.get(lang) }</summary>
            <div class="scroll"><table class="matrix">
                <thead><tr><td />{ for methods.iter().map(|m| html! { <th scope="col">{ name(m) }</th> }) }</tr></thead>
                <tbody>{ for methods.iter().map(|a| html! {
                    <tr><th scope="row">{ name(a) }</th>{ for methods.iter().map(|b| html! { <td>{ cell(a, b) }</td> }) }</tr>
                }) }</tbody>
            </table></div>
        </details>
    }
}
