//! One channel in large, with its numbers.

use std::rc::Rc;

use yew::functional::Hook;
use yew::prelude::*;

use super::part::part;
use super::pointer::place;
use super::sprite::Sprite;
use super::tile::{Tile, range};
use crate::catalog::{Field, Unit};
use crate::figure::scale::{Normalise, histogram};
use crate::state::{Action, State};
use crate::ui::page::ANSWER;
use crate::ui::page::SHEET;
use crate::ui::{Store, page, texts, use_store};

/// The opened channel.
pub fn detail() -> Html {
    part("detail", |ctx| use_detail().run(ctx))
}

#[hook]
fn use_detail() -> Html {
    let store = use_store();
    let s = &store.0;
    let (Some(channel), Some(maps)) = (s.channel, s.layer_maps()) else { return html! {} };
    let stats = maps.stats.get(channel).copied().unwrap_or_default();
    let info = &maps.figure.info;
    let own = State { normalise: Normalise::Channel, ..State::clone(s) };
    let range = range(&own, maps, channel, 1.0);
    let field = match s.net.receptive_field(s.layer) {
        Field::Window { y, x } => format!("{} × {} {}", x.size, y.size, texts::PIXELS.get(s.lang)),
        Field::Whole => texts::WHOLE_PHOTO.get(s.lang).to_owned(),
    };
    let onplace = {
        let (dispatch, w, h) = (store.dispatcher(), info.width as f64, info.height as f64);
        Callback::from(move |at: Option<(f64, f64)>| {
            dispatch.dispatch(Action::Unit(at.map(|(x, y)| ((x * w) as usize, (y * h) as usize))));
        })
    };
    let value = s.unit.map(|(x, y)| {
        let v = maps.figure.plane(channel).get(y * info.width + x).copied().unwrap_or_default();
        format!("({x}, {y}): {v:.3}")
    });
    let pin = use_state(|| None::<(usize, usize)>);
    {
        // another channel: another map
        let pin = pin.setter();
        use_effect_with((s.layer, channel), move |_| pin.set(None));
    }
    let click = {
        let (pin, w, h) = (pin.setter(), info.width as f64, info.height as f64);
        move |e: MouseEvent| pin.set(place(&e).map(|(x, y)| ((x * w) as usize, (y * h) as usize)))
    };
    let close = {
        let dispatch = store.dispatcher();
        move |_| dispatch.dispatch(Action::Channel(None))
    };
    let rows = [
        (texts::MEAN, format!("{:.3}", stats.mean)),
        (texts::STD, format!("{:.3}", stats.std)),
        (texts::MINIMUM, format!("{:.3}", stats.min)),
        (texts::MAXIMUM, format!("{:.3}", stats.max)),
        (texts::SPARSITY, texts::percent(stats.sparsity.into(), 1, s.lang)),
        (texts::FIELD, field),
    ];
    html! {
        <section class="detail" id="detail">
            <h2>{ format!("{} · {} {channel}", info.name, texts::CHANNEL.get(s.lang)) }
                <button class="quiet close" onclick={close} aria-label={texts::CLOSE.get(s.lang)}>{ "×" }</button>
            </h2>
            <div class="pick" onclick={click}><Tile figure={Rc::clone(&maps.figure)} {channel} low={range.low} high={range.high} signed={maps.signed} {onplace} /></div>
            <p class="readout">{ value.unwrap_or_else(|| "\u{a0}".into()) }</p>
            <Sprite unit={Unit { layer: maps.layer, channel, place: None }} />
            { ask(&store, Unit { layer: maps.layer, channel, place: *pin }) }
            { bars(maps.figure.plane(channel), texts::HISTOGRAM.get(s.lang)) }
            <table><tbody>{ for rows.iter().map(|(k, v)| html! { <tr><th scope="row">{ k.get(s.lang) }</th><td>{ v }</td></tr> }) }</tbody></table>
        </section>
    }
}

/// The deconvnet of the channel or of the place that was clicked, and either as the target.
fn ask(store: &Store, unit: Unit) -> Html {
    let lang = store.0.lang;
    let (deconvnet, aim) = (store.dispatcher(), store.dispatcher());
    // without a method the unit is asked about what the visitor chooses
    let asks = store.0.explain.method.is_empty();
    let params: Vec<(&'static str, serde_json::Value)> = match unit.place {
        Some((x, y)) => vec![("units", "place".into()), ("x", x.into()), ("y", y.into())],
        None => vec![("units", "strongest".into())],
    };
    let (net, layer) = (&store.0.net, store.0.net.name(unit.layer).to_owned());
    let show = move |_| {
        let channel = [("layer", layer.clone().into()), ("channel", unit.channel.into())];
        channel.into_iter().chain(params.clone()).for_each(|(id, v)| deconvnet.dispatch(Action::Param(id, v)));
        deconvnet.dispatch(Action::Method("deconvnet"));
        deconvnet.dispatch(Action::Explain);
        page::show(ANSWER);
    };
    let aim = move |_| {
        aim.dispatch(Action::Aim(Some(unit)));
        if asks { page::sheet(SHEET, true) } else { page::show(ANSWER) }
    };
    let words = if unit.place.is_some() { texts::EXPLAIN_PLACE } else { texts::EXPLAIN_UNIT };
    html! {
        <div class="row ask">
            <span class="hint">{ unit.place.map_or_else(|| texts::PLACE_HINT.get(lang).to_owned(), |_| net.text(unit)) }</span>
            <button id="unit-deconvnet" onclick={show}>{ texts::DECONVNET.get(lang) }</button>
            <button id="unit-target" onclick={aim}>{ words.get(lang) }</button>
        </div>
    }
}

/// 32 bins, heights on a square-root scale (most values of a late layer are 0).
fn bars(values: &[f32], label: &'static str) -> Html {
    let counts = histogram(values, 32);
    let most = counts.iter().copied().max().unwrap_or(1).max(1) as f32;
    html! {
        <svg class="histogram" viewBox="0 0 64 24" preserveAspectRatio="none" role="img" aria-label={label}>
            <title>{ label }</title>
            { for counts.iter().enumerate().map(|(i, n)| {
                let height = (*n as f32 / most).sqrt() * 24.0;
                html! { <rect x={(i * 2).to_string()} y={format!("{:.2}", 24.0 - height)} width="1.7" height={format!("{height:.2}")} /> }
            }) }
        </svg>
    }
}
