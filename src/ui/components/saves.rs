//! A menu under a figure: what it can be saved as.

use std::rc::Rc;

use yew::prelude::*;

use super::controls::Select;
use crate::figure::Figure;
use crate::state::{Shown, link};
use crate::ui::save::{Format, Piece, figure as save};
use crate::ui::{texts, use_store};

const FORMATS: [(&str, Format); 5] =
    [("PNG", Format::Png), ("", Format::Caption), ("NPY", Format::Npy), ("CSV", Format::Csv), ("JSON", Format::Json)];

/// What [`Saves`] saves.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The figure as it is drawn, with what lies beneath.
    pub shown: Shown,
    /// The figure's numbers.
    pub figure: Rc<Figure>,
    /// The caption's lines: method, target, parameters, device.
    #[prop_or_default]
    pub caption: Vec<String>,
}

/// A menu of the formats in which a figure can be saved.
#[component]
pub fn Saves(props: &Props) -> Html {
    let store = use_store();
    let lang = store.0.lang;
    let change = {
        let (shown, figure, store) = (props.shown.clone(), Rc::clone(&props.figure), store.clone());
        let caption = props.caption.clone();
        Callback::from(move |index: usize| {
            if let Some((_, format)) = index.checked_sub(1).and_then(|i| FORMATS.get(i)) {
                let piece = Piece { shown: &shown, figure: &figure, caption: &caption, hash: &link::shared(&store.0) };
                // a browser that refuses to save says so itself
                let _ = save(&piece, *format);
            }
        })
    };
    let name = |f: &(&'static str, Format)| if f.1 == Format::Caption { texts::WITH_CAPTION.get(lang) } else { f.0 };
    let options: Vec<AttrValue> =
        std::iter::once(texts::SAVE_AS.get(lang)).chain(FORMATS.iter().map(name)).map(AttrValue::from).collect();
    html! { <Select class="saves" name={texts::SAVE_AS.get(lang)} {options} chosen=0 choose={change} /> }
}
