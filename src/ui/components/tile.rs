//! One channel of a layer on a small canvas.

use std::rc::Rc;

use web_sys::HtmlCanvasElement;
use yew::prelude::*;

use super::pointer::place;
use crate::figure::Figure;
use crate::figure::scale::{Normalise, Range};
use crate::state::{Maps, Palette, State};
use crate::ui::paint;

/// The channel that a [`Tile`] draws, and its range.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// All maps of the layer, `[C, H, W]`.
    pub figure: Rc<Figure>,
    /// The channel's number.
    pub channel: usize,
    /// The value that the darkest colour stands for.
    pub low: f32,
    /// The value that the brightest colour stands for.
    pub high: f32,
    /// Whether values have both signs: then 0 is the middle of the palette.
    pub signed: bool,
    /// Hears where the pointer is, 0..1.
    #[prop_or_default]
    pub onplace: Callback<Option<(f64, f64)>>,
}

/// A canvas of the map's size with the channel's values in colours.
#[component]
pub fn Tile(props: &Props) -> Html {
    let canvas = use_node_ref();
    {
        let canvas = canvas.clone();
        let key = (Rc::as_ptr(&props.figure), props.channel, props.low.to_bits(), props.high.to_bits());
        let (figure, signed) = (Rc::clone(&props.figure), props.signed);
        use_effect_with(key, move |(_, channel, low, high)| {
            let palette = if signed { Palette::Signed } else { Palette::Inferno };
            let range = Range { low: f32::from_bits(*low), high: f32::from_bits(*high) };
            if let Some(canvas) = canvas.cast::<HtmlCanvasElement>() {
                let rgba = paint::plane(figure.plane(*channel), range, &paint::table(palette));
                // an empty canvas when there is no 2D context
                let _ = paint::draw(&canvas, figure.info.width, figure.info.height, &rgba);
            }
        });
    }
    let pointer = props.onplace.reform(|e: PointerEvent| place(&e));
    let down = pointer.clone();
    let leave = {
        let told = props.onplace.clone();
        // a finger is lifted to see what it touched
        move |e: PointerEvent| {
            if e.pointer_type() != "touch" {
                told.emit(None);
            }
        }
    };
    html! { <canvas ref={canvas} class="tile" aria-hidden="true" onpointerdown={down} onpointermove={pointer} onpointerleave={leave} /> }
}

/// The range of a channel under the chosen normalisation. `layer` is the 99.5 % of the layer.
pub fn range(s: &State, maps: &Maps, channel: usize, layer: f32) -> Range {
    let signed = maps.signed;
    match s.normalise {
        Normalise::Channel => {
            let stats = maps.stats.get(channel).copied().unwrap_or_default();
            if signed {
                Range::of(stats.max.abs().max(stats.min.abs()), true)
            } else {
                Range { low: stats.min, high: stats.max }
            }
        }
        Normalise::Layer => Range::of(layer, signed),
        Normalise::Model => Range::of(s.model_scale.unwrap_or(layer), signed),
    }
}
