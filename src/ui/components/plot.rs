//! One figure over the photo, or by itself, with its range.

use std::rc::Rc;

use web_sys::HtmlCanvasElement;
use yew::prelude::*;

use super::pointer::{mark, place};
use super::saves::Saves;
use crate::catalog::{Lang, Text};
use crate::figure::told::short;
use crate::figure::{Figure, Kind};
use crate::methods::sentence::concentrated;
use crate::state::{Look, Palette, Picture, Shown};
use crate::ui::{keys, paint, texts, use_store};

/// What a [`Plot`] draws, over what, and in which look.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What is drawn.
    pub figure: Rc<Figure>,
    /// The figure's name on the page, when its own says too little.
    #[prop_or_default]
    pub title: Option<AttrValue>,
    /// The values of a [`Kind::Labels`] figure in the order of their colours.
    #[prop_or_default]
    pub legend: Vec<u64>,
    /// The picture beneath, when it is not the page's.
    #[prop_or_default]
    pub over: Option<Picture>,
    /// Whether the figure is drawn alone, without the photo beneath.
    #[prop_or_default]
    pub bare: bool,
    /// How it is drawn, when not as figures of its kind are.
    #[prop_or_default]
    pub look: Option<Look>,
    /// What a caption says beneath the name.
    #[prop_or_default]
    pub caption: Vec<String>,
    /// A place to mark, 0..1.
    #[prop_or_default]
    pub cross: Option<(f64, f64)>,
    /// Hears where the pointer is, 0..1.
    #[prop_or_default]
    pub onplace: Callback<Option<(f64, f64)>>,
}

/// The figure on a canvas, with its range, and the value under the pointer or the arrow keys.
#[component]
pub fn Plot(props: &Props) -> Html {
    let store = use_store();
    let s = &store.0;
    let canvas = use_node_ref();
    let figure = &props.figure;
    let look = props.look.unwrap_or_else(|| s.look.over(figure.info.kind, props.bare));
    let shown = props.over.clone().or_else(|| s.picture.clone()).map(|picture| Shown {
        net: Rc::clone(&s.net),
        picture,
        figure: Some(Rc::clone(figure)),
        look,
        legend: props.legend.clone(),
    });
    {
        let canvas = canvas.clone();
        use_effect_with(shown.clone(), move |shown| {
            let (Some(canvas), Some(shown)) = (canvas.cast::<HtmlCanvasElement>(), shown) else { return };
            // a canvas without a 2D context stays empty; the numbers beside it do not depend on it
            let _ = paint::draw_pixels(&canvas, &paint::shown(shown));
        });
    }
    let plain = [Kind::Rgb, Kind::Photo, Kind::Labels].contains(&props.figure.info.kind);
    let range = paint::heat_range(&props.figure, look);
    let [low, high] = if plain { [String::new(), String::new()] } else { [range.low, range.high].map(short) };
    let ends = if plain { String::new() } else { format!("{low} … {high}") };
    let name = props.title.clone().unwrap_or_else(|| texts::figure(&s.net, &props.figure.info.name, s.lang).into());
    let said = if plain { String::new() } else { strongest(&props.figure, s.lang) };
    // where the arrow keys are, when there is no pointer to follow
    let walked = use_state(|| None::<(f64, f64)>);
    let cross = props.cross.or(*walked);
    let walk = {
        let (walked, size, told) = (walked.clone(), [figure.info.width, figure.info.height], props.onplace.clone());
        move |e: KeyboardEvent| {
            if let Some(to) = keys::walk(&e, cross, size) {
                walked.set(Some(to));
                told.emit(Some(to));
            }
        }
    };
    let left = {
        let (walked, told) = (walked.setter(), props.onplace.clone());
        move |_: FocusEvent| {
            walked.set(None);
            told.emit(None);
        }
    };
    let value = cross.filter(|_| !plain).map(|(x, y)| {
        let (w, h) = (props.figure.info.width, props.figure.info.height);
        let at = (y * h as f64) as usize * w + (x * w as f64) as usize;
        format!(" · {}", short(props.figure.data.get(at).copied().unwrap_or_default()))
    });
    let caption: Vec<String> = std::iter::once(format!("{name} {ends}")).chain(props.caption.iter().cloned()).collect();
    let pointer = props.onplace.reform(|e: PointerEvent| place(&e));
    let leave = props.onplace.reform(|_: PointerEvent| None);
    html! {
        <div class="plot">
            <div class="frame">
                <canvas ref={canvas.clone()} width="224" height="224" role="img" tabindex={if plain { "-1" } else { "0" }} aria-label={format!("{name} {ends}{said}")} onkeydown={walk} onblur={left} onpointermove={pointer} onpointerleave={leave} />
                { cross.map(mark).unwrap_or_default() }
            </div>
            if !plain { { scale(look.palette) } }
            <p class="readout ends" aria-live={if walked.is_some() { "polite" } else { "off" }}>
                <span class="what">{ name }{ value.unwrap_or_default() }</span>{ " " }<span>{ low }</span>{ " " }<span class="most">{ high }</span>
            </p>
            if let Some(shown) = shown { <Saves {shown} figure={Rc::clone(&props.figure)} {caption} /> }
        </div>
    }
}

/// Where most of a map lies, in words: what the method's sentence says too.
pub fn strongest(figure: &Figure, lang: Lang) -> String {
    if figure.info.channels > 1 {
        return String::new();
    }
    let words = |(share, place): (f64, Text)| {
        format!("; {} {}, {}", texts::STRONGEST_IN.get(lang), place.get(lang), texts::percent(share, 0, lang))
    };
    concentrated(figure).map(words).unwrap_or_default()
}

/// The colours from the lowest to the highest value.
fn scale(palette: Palette) -> Html {
    let block = |i: usize| {
        let [r, g, b] = paint::colour(palette, i as f32 / 31.0);
        html! { <rect x={i.to_string()} width="1.1" height="1" fill={format!("rgb({r},{g},{b})")} /> }
    };
    html! { <svg class="scale" viewBox="0 0 32 1" preserveAspectRatio="none" aria-hidden="true">{ for (0..32).map(block) }</svg> }
}
