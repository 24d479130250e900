//! The strip of all layers: overview, and the way to each one's feature maps.

use yew::prelude::*;

use crate::catalog::Op;
use crate::catalog::networks::VGG16;
use crate::state::Action;
use crate::ui::{page, texts, use_store};

/// All 31 stages.
#[component]
pub fn Strip() -> Html {
    let store = use_store();
    let s = &store.0;
    let size = s.picture.as_ref().map_or(224, |p| p.size);
    html! {
        <nav class="strip" aria-label={texts::LAYERS.get(s.lang)}>
            <h2>{ texts::LAYERS.get(s.lang) }</h2>
            <div class="layers">
                { for VGG16.layers.iter().enumerate().map(|(i, layer)| {
                    let dispatch = store.dispatcher();
                    let [c, h, w] = VGG16.shape(i, size, size);
                    let kind = match layer.op { Op::Conv => "conv", Op::Relu => "relu", Op::MaxPool => "pool" };
                    html! {
                        <button class={classes!("layer", kind)} data-layer={layer.name} aria-pressed={(i == s.layer).to_string()}
                            onclick={move |_| { dispatch.dispatch(Action::Layer(i)); page::show(".grid"); }} title={format!("features[{i}] · {c} × {h} × {w}")}>
                            <svg viewBox="0 0 24 32" aria-hidden="true">{ block(c, h) }</svg>
                            <span>{ layer.name }</span>
                        </button>
                    }
                }) }
            </div>
        </nav>
    }
}

/// Height: the map's side; width: the number of channels (both on a logarithmic scale).
fn block(channels: usize, side: usize) -> Html {
    let height = (side as f32).log2() * 4.0 - 4.0;
    let width = (channels as f32).log2() * 4.0 - 20.0;
    html! { <rect x={format!("{:.1}", 12.0 - width / 2.0)} y={format!("{:.1}", 32.0 - height)} width={format!("{width:.1}")} height={format!("{height:.1}")} rx="1" /> }
}
