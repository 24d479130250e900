//! The list of the keyboard's keys.

use yew::prelude::*;

use super::dialog::Dialog;
use crate::catalog::Lang;
use crate::ui::{keys::KEYS, texts};

/// The dialog with the list; `close` hears that it is to be closed.
pub fn help(lang: Lang, close: Callback<()>) -> Html {
    html! {
        <Dialog id="help" title={texts::KEYBOARD.get(lang)} {close}>
            <dl class="keys">{ for KEYS.iter().map(|(key, words)| html! { <><dt><kbd>{ *key }</kbd></dt><dd>{ words.get(lang) }</dd></> }) }</dl>
        </Dialog>
    }
}
