//! The strip of the network: of every layer the channel that answers most to this photo, and the way to all of its channels.

use std::rc::Rc;

use yew::prelude::*;

use super::photo::Photo;
use super::tile::Tile;
use crate::catalog::NetworkSpec;
use crate::state::{Action, State};
use crate::ui::{Store, keys, texts};

/// The strip: the photo, the network's layers block by block, and the class.
pub fn strip(store: &Store) -> Html {
    let s = &store.0;
    let marked = s.layer_on_stage();
    html! {
        <nav class="strip" aria-label={texts::LAYERS_BUTTON.get(s.lang)}>
            <div class="layers" role="group" aria-label={texts::LAYERS.get(s.lang)} onkeydown={keys::arrows}>
                { photo(store) }
                { for s.net.strip().iter().map(|block| html! { <div class="block">{ for block.iter().map(|i| stage(store, *i, marked)) }</div> }) }
                { class(s) }
            </div>
        </nav>
    }
}

/// A stage, and before it the ways that lead to it, one under the other, where there are several; one that skips is a line.
fn stage(store: &Store, index: usize, marked: Option<usize>) -> Html {
    let lanes = store.0.net.lanes(index);
    if lanes.is_empty() {
        return layer(store, index, marked, false);
    }
    html! {
        <>
            <div class="lanes">
                { for lanes.iter().map(|lane| html! {
                    <div class={classes!("lane", lane.is_empty().then_some("skip"))}>{ for lane.iter().map(|i| layer(store, *i, marked, true)) }</div>
                }) }
            </div>
            { layer(store, index, marked, false) }
        </>
    }
}

/// The photo, which is also the way back from the layers.
fn photo(store: &Store) -> Html {
    let (s, dispatch) = (&store.0, store.dispatcher());
    let asking = s.asking();
    let back = move |_| {
        if asking {
            return dispatch.dispatch(Action::Method(""));
        }
        dispatch.dispatch(Action::Channel(None));
        dispatch.dispatch(Action::Back);
    };
    html! {
        <button class="layer" id="strip-photo" tabindex={keys::stop(false)} onclick={back} aria-label={texts::BACK.get(s.lang)} title={texts::BACK.get(s.lang)}>
            if let Some(picture) = s.picture.clone() { <Photo {picture} /> } else { <span class="tile" /> }
            <span aria-hidden="true">{ texts::PHOTO.get(s.lang) }</span>
        </button>
    }
}

/// The least side of a drawing of a layer's shape, of a box of 32.
const SEEN: f32 = 2.0;

/// One layer: its strongest channel, or, until the engine has told, a drawing of its shape.
fn layer(store: &Store, index: usize, marked: Option<usize>, lane: bool) -> Html {
    let (s, dispatch) = (&store.0, store.dispatcher());
    let name = s.net.name(index).to_owned();
    let label = short(&s.net, index, lane).to_owned();
    let size = s.picture.as_ref().map_or(s.net.card().input.size, |p| p.size);
    let shape = |side| s.net.shape(index, side, side);
    // a picture that was made for another network may be none for this one
    let [c, h, w] = Some(shape(size)).filter(|shape| shape[1] > 0).unwrap_or_else(|| shape(s.net.card().input.size));
    let told = s.strip.as_ref().and_then(|a| a.own().1.iter().find(|t| t.figure.info.name == name));
    let shape = format!("{name}: {c} × {h} × {w}");
    let title =
        told.map_or_else(|| shape.clone(), |t| format!("{shape} · {} {}", texts::CHANNEL.get(s.lang), t.channel));
    // a convolution and its ReLU are one place of the strip
    let is = |now: usize| index == now || s.net.relu(now) == Some(index);
    let chosen = marked.is_some_and(is);
    html! {
        <button class="layer" data-layer={name.clone()} tabindex={keys::stop(is(s.layer))} aria-pressed={chosen.to_string()} aria-label={title.clone()} {title}
            onclick={move |_| dispatch.dispatch(Action::Layers(index))}>
            if let Some(t) = told {
                <Tile figure={Rc::clone(&t.figure)} channel={0} low={0.0} high={t.largest} signed={false} />
            } else {
                <svg class="tile" viewBox="0 0 32 32" aria-hidden="true">{ block(c, h) }</svg>
            }
            <span class={(label.len() > 8).then_some("long")} aria-hidden="true">{ label }</span>
        </button>
    }
}

/// What of a layer's name has room: of `relu_conv1` `conv1`; of `fire2/relu_expand3x3` in a lane `3x3`, else `expand`; where the
/// lanes of a module meet, the module's name.
pub fn short(net: &NetworkSpec, at: usize, lane: bool) -> &str {
    let name = net.name(at);
    let Some((module, part)) = name.split_once('/') else { return name.strip_prefix("relu_").unwrap_or(name) };
    if net.node(at).inputs.len() > 1 {
        return module;
    }
    let part = part.rsplit('_').next().unwrap_or(part);
    let (word, size) = part.split_at(part.find(|c: char| c.is_ascii_digit()).unwrap_or(part.len()));
    if lane && !size.is_empty() { size } else { word }
}

/// The strip's end: the chosen class and its probability.
fn class(s: &State) -> Html {
    let chosen = s.classes.iter().find(|c| s.class() == Some(c.index) && !s.leaving());
    html! {
        <p class="end" aria-hidden="true">
            if let Some(c) = chosen { <strong>{ s.net.label(c.index, s.lang) }</strong><span>{ texts::percent(c.probability.into(), 0, s.lang) }</span> }
        </p>
    }
}

/// Height: the map's side; width: the number of channels (both on a logarithmic scale, and wide enough to be seen).
fn block(channels: usize, side: usize) -> Html {
    let height = ((side as f32).log2() * 4.0 - 4.0).max(SEEN);
    let width = ((channels as f32).log2() * 4.0 - 20.0).max(SEEN);
    html! { <rect x={format!("{:.1}", 16.0 - width / 2.0)} y={format!("{:.1}", 16.0 - height / 2.0)} width={format!("{width:.1}")} height={format!("{height:.1}")} rx="1" /> }
}
