//! A menu under a figure: what it can be saved as.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{HtmlCanvasElement, HtmlSelectElement};
use yew::prelude::*;

use crate::figure::Figure;
use crate::state::link;
use crate::ui::save::{Format, Piece, figure as save};
use crate::ui::{texts, use_store};

const FORMATS: [(&str, Format); 5] =
    [("PNG", Format::Png), ("", Format::Caption), ("NPY", Format::Npy), ("CSV", Format::Csv), ("JSON", Format::Json)];

/// See the fields.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What shows it.
    pub canvas: NodeRef,
    /// Its numbers.
    pub figure: Rc<Figure>,
    /// Method, target, parameters, device.
    #[prop_or_default]
    pub caption: Vec<String>,
}

/// The menu.
#[component]
pub fn Saves(props: &Props) -> Html {
    let store = use_store();
    let lang = store.0.lang;
    let change = {
        let (canvas, figure, store) = (props.canvas.clone(), Rc::clone(&props.figure), store.clone());
        let caption = props.caption.clone();
        move |e: Event| {
            let Some(select) = e.target().and_then(|t| t.dyn_into::<HtmlSelectElement>().ok()) else { return };
            let chosen = FORMATS.get((select.selected_index() - 1).max(0) as usize).map(|f| f.1);
            select.set_selected_index(0);
            if let (Some(canvas), Some(format)) = (canvas.cast::<HtmlCanvasElement>(), chosen) {
                let piece =
                    Piece { canvas: &canvas, figure: &figure, caption: &caption, hash: &link::shared(&store.0) };
                // a browser that refuses to save says so itself
                let _ = save(&piece, format);
            }
        }
    };
    html! {
        <select class="saves" onchange={change} aria-label={texts::SAVE_AS.get(lang)}>
            <option selected=true>{ texts::SAVE_AS.get(lang) }</option>
            { for FORMATS.iter().map(|(name, f)| html! { <option>{ if *f == Format::Caption { texts::WITH_CAPTION.get(lang) } else { name } }</option> }) }
        </select>
    }
}
