//! The feature maps of the chosen layer.

use std::rc::Rc;

use yew::functional::Hook;
use yew::prelude::*;

use super::busy::{Panel, busy};
use super::controls::select;
use super::paper::{caveat, explained};
use super::part::part;
use super::tile::{Tile, range};
use crate::catalog::Text;
use crate::figure::scale::{Normalise, percentile};
use crate::methods::feature_maps;
use crate::state::{Action, Ask, Maps, Order, Slot, State};
use crate::ui::{Store, keys, texts, use_store};

/// The grid with its controls.
pub fn grid() -> Html {
    part("grid", |ctx| use_grid().run(ctx))
}

#[hook]
fn use_grid() -> Html {
    let store = use_store();
    let s = &store.0;
    let reading = use_state(|| None::<String>);
    let layer_scale = use_memo(s.maps.as_ref().map(|m| Rc::as_ptr(&m.figure)), |_| s.maps.as_ref().map_or(1.0, scale));
    let name = s.net.name(s.layer);
    let Some(maps) = s.layer_maps() else {
        let size = s.picture.as_ref().map_or(s.net.card().input.size, |p| p.size);
        let [c, h, w] = s.net.shape(s.layer, size, size);
        return html! {
            <section class="grid" aria-busy="true">
                { heading(&store, None, title(s, name, c, h, w)) }
                { busy(&store, Panel::Grid) }
                { waits(&store) }
                <div class="tiles placeholder" aria-hidden="true">{ for (0..c.min(State::PAGE)).map(|_| html! { <span class="cell" /> }) }</div>
            </section>
        };
    };
    let info = &maps.figure.info;
    let order = maps.ordered(s.order);
    let pages = order.len().div_ceil(State::PAGE);
    let page = s.page.min(pages.saturating_sub(1));
    let cells = order.iter().skip(page * State::PAGE).take(State::PAGE);
    html! {
        <section class="grid">
            { heading(&store, Some("grid-title"), title(s, name, info.channels, info.height, info.width)) }
            { busy(&store, Panel::Grid) }
            { controls(&store) }
            <p class="hint" aria-live="off">{ reading.as_deref().unwrap_or(texts::GRID_HINT.get(s.lang)) }</p>
            <div class="tiles" id="tiles" role="group" aria-labelledby="grid-title" onkeydown={keys::arrows}>
                { for cells.enumerate().map(|(at, c)| cell(&store, maps, (at, *c), *layer_scale, &reading)) }
            </div>
            if pages > 1 { { pager(&store, page, pages) } }
            <details class="look">
                <summary>{ texts::READ.get(s.lang) }</summary>
                { explained(&feature_maps::INFO, s.lang) }
                { caveat(&feature_maps::INFO, s.lang) }
            </details>
        </section>
    }
}

/// What stands there while there are no maps: a word that they come, or a button that asks again after a failure.
fn waits(store: &Store) -> Html {
    let s = &store.0;
    if s.live.as_ref().is_some_and(|l| s.jobs.gave_up(&Ask::run(s.maps_question(l.clone()), Slot::Maps))) {
        let (dispatch, layer) = (store.dispatcher(), s.layer);
        return html! { <p class="row"><button onclick={move |_| dispatch.dispatch(Action::Layer(layer))}>{ texts::RETRY.get(s.lang) }</button></p> };
    }
    let words = match () {
        // nothing comes before the visitor has agreed to the download
        () if s.offer.is_some() => return html! { <p class="hint">{ texts::AFTER_OFFER.get(s.lang) }</p> },
        () if s.weights.loaded => texts::COMPUTING,
        () => texts::WAITING,
    };
    // one text: of two, the second one would move when the first one changes
    html! { <p class="hint">{ format!("{}…", words.get(s.lang)) }</p> }
}

/// The layer's name; of one with a ReLU behind it also what that lets through; the way back from the layers.
fn heading(store: &Store, id: Option<&'static str>, title: String) -> Html {
    let s = &store.0;
    let below = s.net.node(s.layer).inputs.first().copied();
    let rectified = |at: usize| Some((at, s.net.relu(at)?));
    // a ReLU that is shown, or the one of the layer that is shown
    let pair = below.and_then(rectified).filter(|(_, relu)| *relu == s.layer).or_else(|| rectified(s.layer));
    let side = |index: usize, words: Text| {
        let dispatch = store.dispatcher();
        html! {
            <button data-layer={s.net.name(index).to_owned()} aria-pressed={(index == s.layer).to_string()}
                onclick={move |_| dispatch.dispatch(Action::Layer(index))}>{ words.get(s.lang) }</button>
        }
    };
    let dispatch = store.dispatcher();
    html! {
        <div class="head">
            <h2 {id}>{ title }</h2>
            if let Some((before, after)) = pair {
                <div class="modes" role="group">{ side(before, texts::BEFORE_RELU) }{ side(after, texts::AFTER_RELU) }</div>
            }
            if s.layers_opened() { <button id="layers-close" onclick={move |_| dispatch.dispatch(Action::Back)}>{ texts::BACK.get(s.lang) }</button> }
        </div>
    }
}

fn title(s: &State, name: &str, c: usize, h: usize, w: usize) -> String {
    format!("{name} · {c} {} · {w} × {h}", texts::CHANNELS.get(s.lang))
}

/// 99.5 % of a layer's magnitudes, from at most a million values.
fn scale(maps: &Maps) -> f32 {
    let step = (maps.figure.data.len() / 1_000_000).max(1);
    let magnitudes: Vec<f32> = maps.figure.data.iter().step_by(step).map(|v| v.abs()).collect();
    percentile(&magnitudes, 0.995)
}

fn controls(store: &Store) -> Html {
    let (s, lang) = (&store.0, store.0.lang);
    let (normalise, order) = (store.dispatcher(), store.dispatcher());
    html! {
        <div class="controls">
            { select(texts::NORMALISE.get(lang), "normalise", s.normalise, &[
                (Normalise::Channel, texts::PER_CHANNEL.get(lang)), (Normalise::Layer, texts::PER_LAYER.get(lang)),
                (Normalise::Model, texts::PER_MODEL.get(lang)),
            ], move |n| normalise.dispatch(Action::Normalise(n))) }
            { select(texts::ORDER.get(lang), "order", s.order, &[
                (Order::Mean, texts::BY_MEAN.get(lang)), (Order::Max, texts::BY_MAX.get(lang)),
                (Order::Sparsity, texts::BY_SPARSITY.get(lang)), (Order::Index, texts::BY_INDEX.get(lang)),
            ], move |o| order.dispatch(Action::Order(o))) }
        </div>
    }
}

fn cell(
    store: &Store,
    maps: &Maps,
    (at, channel): (usize, usize),
    layer_scale: f32,
    reading: &UseStateHandle<Option<String>>,
) -> Html {
    let s = &store.0;
    let stats = maps.stats.get(channel).copied().unwrap_or_default();
    let range = range(s, maps, channel, layer_scale);
    let dead = !maps.signed && stats.max <= 0.0;
    let words = if dead {
        format!("#{channel}: {}", texts::DEAD.get(s.lang))
    } else {
        format!(
            "#{channel}: {} {:.2}, {} {:.2}",
            texts::MEAN.get(s.lang),
            stats.mean,
            texts::MAXIMUM.get(s.lang),
            stats.max
        )
    };
    let place = {
        let (dispatch, figure, reading, lang) = (store.dispatcher(), Rc::clone(&maps.figure), reading.setter(), s.lang);
        Callback::from(move |at: Option<(f64, f64)>| {
            let (w, h) = (figure.info.width, figure.info.height);
            let unit = at.map(|(x, y)| ((x * w as f64) as usize, (y * h as f64) as usize));
            dispatch.dispatch(Action::Unit(unit));
            reading.set(unit.map(|(x, y)| {
                let v = figure.plane(channel).get(y * w + x).copied().unwrap_or_default();
                format!("#{channel} ({x}, {y}) {} {v:.3}", texts::VALUE.get(lang))
            }));
        })
    };
    let dispatch = store.dispatcher();
    let open = move |_| dispatch.dispatch(Action::Channel(Some(channel)));
    html! {
        <button key={channel} class={classes!("cell", dead.then_some("dead"))} onclick={open} title={words.clone()} aria-label={words}
            tabindex={keys::stop(at == 0)} aria-pressed={(s.channel == Some(channel)).to_string()} data-channel={channel.to_string()}>
            <Tile figure={Rc::clone(&maps.figure)} {channel} low={range.low} high={range.high} signed={maps.signed} onplace={place} />
        </button>
    }
}

fn pager(store: &Store, page: usize, pages: usize) -> Html {
    let lang = store.0.lang;
    let to = |page: usize| {
        let dispatch = store.dispatcher();
        move |_| dispatch.dispatch(Action::Page(page))
    };
    html! {
        <div class="pager">
            <button disabled={page == 0} onclick={to(page.saturating_sub(1))} aria-label={texts::PREVIOUS.get(lang)}>{ "‹" }</button>
            <span>{ texts::PAGE.get(lang).replace("{at}", &(page + 1).to_string()).replace("{of}", &pages.to_string()) }</span>
            <button disabled={page + 1 >= pages} onclick={to(page + 1)} aria-label={texts::NEXT.get(lang)}>{ "›" }</button>
        </div>
    }
}
