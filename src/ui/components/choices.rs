//! Language and theme.

use yew::prelude::*;

use crate::state::{Action, Theme};
use crate::ui::{Store, texts};

/// Language and theme: at the top, and on a phone at the foot.
pub fn choices(store: &Store) -> Html {
    let s = &store.0;
    let language = {
        let (dispatch, next) = (store.dispatcher(), s.lang.next());
        move |_| dispatch.dispatch(Action::Lang(next))
    };
    let (next, icon) = match s.theme {
        Theme::Auto => (Theme::Light, "◐"),
        Theme::Light => (Theme::Dark, "☀"),
        Theme::Dark => (Theme::Auto, "☾"),
    };
    let theme = {
        let dispatch = store.dispatcher();
        move |_| dispatch.dispatch(Action::Theme(next))
    };
    html! {
        <span class="choices">
            <button class="quiet" onclick={language} lang={s.lang.next().tag()}>{ s.lang.next().name() }</button>
            <button class="quiet" onclick={theme} aria-label={texts::THEME.get(s.lang)} title={texts::THEME.get(s.lang)}>{ icon }</button>
        </span>
    }
}
