//! The compare board: two to six maps side by side, with one pointer, one palette and one rule for their scales.

use std::rc::Rc;

use yew::functional::Hook;
use yew::prelude::*;

use super::busy::{Panel, busy};
use super::controls::Select;
use super::explain::target;
use super::form::form;
use super::pair;
use super::part::part;
use super::picture::named as photo_name;
use super::plot::Plot;
use crate::catalog::NetworkSpec;
use crate::catalog::{Lang, Text};
use crate::figure::Kind;
use crate::methods::explainers::EXPLAINERS;
use crate::methods::spec::METHODS;
use crate::methods::{cam, find};
use crate::state::board::{self, SIZES, takes_layer};
use crate::state::{Action, Aim, By, Look, Palette, Question, Settings, State};
use crate::ui::{Store, keys, paint, texts, use_store};

/// The board with its controls; empty where it is not in use.
pub fn board() -> Html {
    part("board", |ctx| use_board().run(ctx))
}

#[hook]
fn use_board() -> Html {
    let store = use_store();
    let (s, lang) = (&store.0, store.0.lang);
    let hover = use_state(|| None::<(f64, f64)>);
    let on = |action: fn() -> Action| {
        let dispatch = store.dispatcher();
        move |_| dispatch.dispatch(action())
    };
    let judge = {
        let (dispatch, methods) = (store.dispatcher(), s.board.methods.join(", "));
        move |_| {
            dispatch.dispatch(Action::Param(METHODS.id, methods.clone().into()));
            dispatch.dispatch(Action::Method("faithfulness"));
            dispatch.dispatch(Action::Explain);
        }
    };
    let cells = s.board.params.as_ref().map(|params| s.board_cells(params)).unwrap_or_default();
    let networks = s.board.by == By::Networks;
    // the other network's classes did not come
    let stuck = networks && s.pair.other.is_some() && cells.len() < 2 && s.jobs.running.is_none();
    let place = {
        let set = hover.setter();
        Callback::from(move |at| set.set(at))
    };
    let look = look(s, &cells);
    let scale = if look.high.is_some() { texts::ONE_SCALE } else { texts::OWN_SCALE };
    html! {
        <section class="explain board" id="board">
            <div class="head">
                <h2>{ texts::BOARD.get(lang) }</h2>
                if matches!(s.board.by, By::Methods | By::Layers) { { target(&store) } }
                <div class="controls compare-set">{ settings(&store) }</div>
                if stuck || s.board.params.as_ref() != Some(&s.explain.params) || cells.iter().any(|q| !answered(s, q) && !coming(s, q)) {
                    <button id="compare" class="primary compare-set" onclick={on(|| Action::BoardRun)}>{ texts::COMPARE.get(lang) }</button>
                }
                if s.board.by == By::Methods { <button id="judge" class="compare-set" onclick={judge}>{ texts::JUDGE.get(lang) }</button> }
                if s.comparing() && s.reading().is_none() { <button id="board-close" onclick={on(|| Action::Back)}>{ texts::BACK.get(lang) }</button> }
            </div>
            <p class="row">{ busy(&store, Panel::Board) }</p>
            if let Some(params) = &s.board.params {
                if networks { { pair::sentence(s, &cells) } }
                <div class={classes!("cells", format!("of-{}", cells.len() + usize::from(networks)))} id="board-maps">
                    { for cells.iter().enumerate().map(|(at, q)| cell(&store, params, (at, q), look, &hover)) }
                    if networks { { pair::third(s, &cells, *hover, place) } }
                </div>
                <p class="hint">{ scale.get(lang) }if s.board.by == By::Photos { { " " }{ texts::MORE_PHOTOS.get(lang) } }</p>
                if let Some(info) = find(s.explain.method).filter(|i| cells.iter().any(|q| q.method == i.id)) {
                    { form(&store, info) }
                }
                if cells.len() > 1 { { likeness(s, &cells) } }
                if networks { { pair::folder() } }
            }
        </section>
    }
}

/// What is compared, and in how many cells.
fn settings(store: &Store) -> Html {
    let (s, lang) = (&store.0, store.0.lang);
    let by = |(by, words): (By, Text)| {
        let (dispatch, on) = (store.dispatcher(), s.board.by == by);
        html! { <button data-by={format!("{by:?}")} tabindex={keys::stop(on)} aria-pressed={on.to_string()} onclick={move |_| dispatch.dispatch(Action::BoardBy(by))}>{ words.get(lang) }</button> }
    };
    let shown = if s.board.by == By::Methods { s.board.methods.len() } else { s.board.size };
    let size = |size: usize| {
        let (dispatch, on) = (store.dispatcher(), shown == size);
        // one of them is a stop of the tabulator, whatever is set
        let stop = on || (size == SIZES[0] && !SIZES.contains(&shown));
        html! { <button data-size={size.to_string()} tabindex={keys::stop(stop)} aria-pressed={on.to_string()} onclick={move |_| dispatch.dispatch(Action::BoardSize(size))}>{ size }</button> }
    };
    let all = [
        (By::Methods, texts::BY_METHODS),
        (By::Classes, texts::BY_CLASSES),
        (By::Layers, texts::BY_LAYERS),
        (By::Photos, texts::BY_PHOTOS),
        (By::Networks, texts::BY_NETWORKS),
    ];
    html! {
        <>
            <div class="modes" role="group" aria-label={texts::BY.get(lang)} onkeydown={keys::arrows}>{ for all.map(by) }</div>
            if s.board.by == By::Networks { { pair::other(store) } } else {
            <div class="modes" role="group" aria-label={texts::CELLS.get(lang)} onkeydown={keys::arrows}>{ for SIZES.map(size) }</div>
            }
            if s.board.by != By::Methods {
                { method(store, 0, s.board.method()) }
            }
        </>
    }
}

/// Whether there is nothing to wait for: its map, or the word that there can be none.
fn answered(s: &State, question: &Question) -> bool {
    !s.board_explains(question) || s.board.answer(question).is_some()
}

/// Whether the question's answer is being computed or waits for its turn.
fn coming(s: &State, question: &Question) -> bool {
    s.board.todo.contains(question) || s.jobs.all().any(|j| j.ask.question().is_some_and(|(q, _)| q == question))
}

/// One palette for all maps, and one scale where their values are of one kind: the same method's, at the same layer.
fn look(s: &State, cells: &[Question]) -> Look {
    let maps: Vec<_> = cells.iter().filter_map(|q| s.board_map(q)).collect();
    // the class activation map is drawn as on the page, unless another one has colours for and against
    let signed = |q: &Question| q.method != cam::INFO.id && s.board_map(q).is_some_and(|m| m.info.kind == Kind::Heat);
    let signed = cells.iter().any(signed);
    let look = Look { palette: if signed { Palette::Signed } else { s.look.palette }, ..s.look };
    let alike = matches!(s.board.by, By::Classes | By::Photos) && !maps.is_empty();
    let high = || maps.iter().map(|m| paint::heat_range(m, look).high).fold(0.0, f32::max);
    Look { high: alike.then(high), ..look }
}

/// What sets a cell apart from the others.
fn title(s: &State, question: &Question) -> String {
    let target = question.target.map(|t| named(&question.seen.net, t, s.lang)).unwrap_or_default();
    match s.board.by {
        By::Methods => find(question.method).map(|i| i.name.get(s.lang).to_owned()).unwrap_or_default(),
        By::Classes => target,
        By::Layers => question.layer().unwrap_or_default().to_owned(),
        By::Networks => format!("{} · {target}", question.seen.net.card().name),
        By::Photos => format!("{} · {target}", photo_name(&question.seen.source, s.lang)),
    }
}

/// Which method stands in a cell; where layers are compared, only those that can be made at any.
fn method(store: &Store, at: usize, now: &'static str) -> Html {
    let (s, dispatch) = (&store.0, store.dispatcher());
    // an old link may name one that is offered no more
    let old = Some(now).filter(|m| !EXPLAINERS.contains(m));
    let all: Vec<&'static str> =
        EXPLAINERS.iter().copied().filter(|m| s.board.by != By::Layers || takes_layer(m)).chain(old).collect();
    let options: Vec<AttrValue> = all.iter().filter_map(|m| Some(find(m)?.name.get(s.lang).into())).collect();
    let chosen = all.iter().position(|m| *m == now).unwrap_or_default();
    let choose = Callback::from(move |i: usize| dispatch.dispatch(Action::BoardMethod(at, all[i])));
    html! { <Select class="compare-set" name={texts::METHOD.get(s.lang)} {options} {chosen} {choose} /> }
}

fn cell(
    store: &Store,
    params: &Settings,
    (at, question): (usize, &Question),
    look: Look,
    hover: &UseStateHandle<Option<(f64, f64)>>,
) -> Html {
    let (s, lang) = (&store.0, store.0.lang);
    let name = title(s, question);
    let chosen = match s.board.by {
        By::Methods => Some(method(store, at, question.method)),
        By::Networks => Some(pair::answers(s, question)),
        _ => None,
    };
    let key = format!("{at} {name}");
    let Some(figure) = s.board_map(question) else {
        let words = match () {
            () if answered(s, question) => format!("{name}: {}", texts::NOT_THIS_TARGET.get(lang)),
            () if coming(s, question) => format!("{name} …"),
            () => format!("{name} –"),
        };
        return html! { <div class="compared waiting" {key} data-method={question.method}>{ for chosen }<div class="plot"><div class="frame" /><p class="readout">{ words }</p></div></div> };
    };
    let other = s.other().filter(|_| s.board.by == By::Methods);
    let swap = other.and_then(|other| {
        let second = s.board.map(&s.board_question(question.method, other, params)?)?;
        Some((board::swap(figure, second), other))
    });
    // it stays under the parameters that it was made with
    let differs = s.explain.params != *params && !s.board_cells(&s.explain.params).contains(question);
    let set = hover.setter();
    html! {
        <div class={classes!("compared", differs.then_some("stale"))} {key} data-method={question.method}>
            { for chosen }
            <Plot figure={Rc::clone(figure)} title={name} over={s.board.picture(question).cloned()} look={Some(look)} cross={**hover} onplace={Callback::from(move |at| set.set(at))} />
            if differs { <em class="tag">{ texts::STALE_PARAMETERS.get(lang) }</em> }
            if let Some((r, other)) = swap {
                <p class="readout swap">{ format!("{} {}{}{r:.2}", texts::FACT_SWAP.get(lang), named(&s.net, other, lang), lang.colon()) }</p>
            }
        </div>
    }
}

fn named(net: &NetworkSpec, aim: Aim, lang: Lang) -> String {
    match aim {
        Aim::Class(class) => net.label(class, lang),
        Aim::Unit(unit) => net.text(unit),
    }
}

/// A table of how alike each two of the maps are (Pearson's correlation).
fn likeness(s: &State, cells: &[Question]) -> Html {
    let of = |q| s.board_map(q);
    let value = |a, b| {
        of(a).zip(of(b)).and_then(|(a, b)| board::alike(a, b)).map_or_else(|| "–".to_owned(), |r| format!("{r:.2}"))
    };
    html! {
        <details class="alike">
            <summary>{ texts::LIKENESS.get(s.lang) }</summary>
            <div class="scroll"><table class="matrix">
                <thead><tr><td />{ for cells.iter().map(|q| html! { <th scope="col">{ title(s, q) }</th> }) }</tr></thead>
                <tbody>{ for cells.iter().map(|a| html! {
                    <tr><th scope="row">{ title(s, a) }</th>{ for cells.iter().map(|b| html! { <td>{ value(a, b) }</td> }) }</tr>
                }) }</tbody>
            </table></div>
        </details>
    }
}
