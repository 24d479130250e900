//! The keys.

use yew::prelude::*;

use super::dialog::Dialog;
use crate::ui::{keys::KEYS, texts, use_store};

/// See the fields.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Closes it.
    pub close: Callback<()>,
}

/// The list.
#[component]
pub fn Help(props: &Props) -> Html {
    let lang = use_store().0.lang;
    html! {
        <Dialog id="help" title={texts::KEYBOARD.get(lang)} close={props.close.clone()}>
            <dl class="keys">{ for KEYS.iter().map(|(key, words)| html! { <><dt><kbd>{ *key }</kbd></dt><dd>{ words.get(lang) }</dd></> }) }</dl>
        </Dialog>
    }
}
