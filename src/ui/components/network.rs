//! Which network answers: a menu at the page's head.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlInputElement};
use yew::prelude::*;

use crate::catalog::{NetworkSpec, Text, networks};
use crate::state::Action;
use crate::ui::outside::Outside;
use crate::ui::{Store, keys, page, texts};

/// The field that takes the files of a network: a selector for [`page::press`].
pub const FILES: &str = "#network-files";

/// The menu's id.
const MENU: &str = "networks";

/// The button with the network's name, and the menu of all networks that it opens.
pub fn network(store: &Store) -> Html {
    let (s, lang) = (&store.0, store.0.lang);
    let shipped = networks::ids().into_iter().filter_map(|id| Some((networks::get(id)?, networks::note(id)?)));
    let all = shipped.chain(networks::own().into_iter().map(|net| (net, texts::OWN_NETWORK_NOTE)));
    let item = |(net, note): (Rc<NetworkSpec>, Text)| {
        let (dispatch, chosen, own) = (store.dispatcher(), net == s.net, net.own());
        let megabytes = networks::bytes(net.id()) as f64 / 1e6;
        let id = net.id().to_owned();
        let name = net.card().name.clone();
        let read = s.reading().is_some();
        let choose = {
            let net = net.clone();
            move |_| {
                page::sheet(MENU, false);
                // to what it says of the photo; in the story the reader scrolls
                if !read {
                    page::top();
                }
                dispatch.dispatch(Action::Network(net.clone()));
            }
        };
        let small = |words: Text, action: Action| {
            let dispatch = store.dispatcher();
            html! {
                <button role="menuitem" class="small" tabindex={keys::stop(false)} aria-label={format!("{}: {name}", words.get(lang))} onclick={move |_| dispatch.dispatch(action.clone())}>{ words.get(lang) }</button>
            }
        };
        html! {
            <>
            <button role="menuitemradio" aria-checked={chosen.to_string()} tabindex={keys::stop(chosen)} data-net={id.clone()} onclick={choose}>
                <strong>{ &name }{ format!(" · {megabytes:.1} MB") }</strong>
                <small>{ note.get(lang) }</small>
            </button>
            if own {
                <div class="row" role="none">
                    if !s.kept.contains(&id) {
                        { small(texts::KEEP_NETWORK, Action::Keep(net.clone())) }
                    }
                    { small(if s.kept.contains(&id) { texts::DELETE_KEPT } else { texts::DELETE_NETWORK }, Action::Delete(net)) }
                </div>
            }
            </>
        }
    };
    html! {
        <>
            <button id="network-open" popovertarget={MENU} aria-haspopup="menu" aria-label={format!("{}: {}", texts::NETWORK.get(lang), s.net.card().name)}>
                { &s.net.card().name }{ " ▾" }
            </button>
            <div id={MENU} class="networks" popover="auto" role="menu" aria-label={texts::NETWORK.get(lang)} onkeydown={arrows}>
                { for all.map(item) }
                <button role="menuitem" id="network-own" tabindex={keys::stop(false)} onclick={|_| { page::sheet(MENU, false); page::press(FILES); }}>
                    <strong>{ texts::OWN_NETWORK.get(lang) }</strong><small>{ texts::OWN_NETWORK_HINT.get(lang) }</small>
                </button>
            </div>
        </>
    }
}

/// The field that takes the files of a network; what opens it stands elsewhere ([`page::press`]).
pub fn field(store: &Store, outside: &Outside) -> Html {
    let pick = {
        let (dispatch, outside) = (store.dispatcher(), outside.clone());
        move |e: Event| {
            let Some(input) = e.target().and_then(|t| t.dyn_into::<HtmlInputElement>().ok()) else { return };
            if let Some(files) = input.files().filter(|files| files.length() > 0) {
                // a copy: what follows empties the input's own list
                dispatch.dispatch(Action::OpenNetwork(outside.keep_network(js_sys::Array::from(&files).into())));
            }
            // the same file can be chosen again
            input.set_value("");
        }
    };
    html! { <input type="file" multiple=true hidden=true id="network-files" onchange={pick} aria-label={texts::OWN_NETWORK.get(store.0.lang)} /> }
}

/// Up and down go from item to item, round the ends; Home and End to the first and the last.
fn arrows(e: KeyboardEvent) {
    let Some(from) = e.target().and_then(|t| t.dyn_into::<HtmlElement>().ok()) else { return };
    let Some(list) = from.closest("[role=menu]").ok().flatten() else { return };
    let Ok(found) = list.query_selector_all("button") else { return };
    let items: Vec<HtmlElement> =
        (0..found.length()).filter_map(|i| found.item(i)?.dyn_into::<HtmlElement>().ok()).collect();
    let at = items.iter().position(|item| *item == from).unwrap_or_default();
    let to = match keys::key(&e).as_deref() {
        Some("ArrowDown") => at + 1,
        Some("ArrowUp") => at + items.len() - 1,
        Some("Home") => 0,
        Some("End") => items.len() - 1,
        _ => return,
    };
    e.prevent_default();
    // an item that cannot take the focus leaves it where it is
    let _ = items[to % items.len()].focus();
}
