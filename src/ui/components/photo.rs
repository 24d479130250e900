//! A photo as the network sees it, on a canvas.

use web_sys::HtmlCanvasElement;
use yew::prelude::*;

use super::busy::{Panel, busy};
use super::crop::cropped;
use super::pointer::field;
use crate::state::Picture;
use crate::ui::{Store, paint, texts};

/// The photo that a [`Photo`] shows.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The photo.
    pub picture: Picture,
    /// What it is called; without a name it only decorates.
    #[prop_or_default]
    pub name: Option<AttrValue>,
}

/// A canvas of the picture's size with its pixels.
#[component]
pub fn Photo(props: &Props) -> Html {
    let canvas = use_node_ref();
    {
        let canvas = canvas.clone();
        use_effect_with(props.picture.clone(), move |p| {
            // a canvas without a 2D context stays empty
            let _ = canvas.cast::<HtmlCanvasElement>().map(|canvas| paint::draw(&canvas, p.size, p.size, &p.rgba));
        });
    }
    let hidden = props.name.is_none().then_some("true");
    html! { <canvas ref={canvas} class="tile photo" role={props.name.is_some().then_some("img")} aria-label={props.name.clone()} aria-hidden={hidden} /> }
}

/// The photo, in sight whatever a method shows of it.
pub fn small(store: &Store) -> Html {
    let s = &store.0;
    html! {
        <figure class="small">
            if let Some(picture) = s.picture.clone() {
                <div class={classes!("frame", s.leaving().then_some("stale"))}><Photo {picture} name={texts::PHOTO.get(s.lang)} />{ field(s) }{ cropped(store) }</div>
            }
            { busy(store, Panel::Heat) }
        </figure>
    }
}
