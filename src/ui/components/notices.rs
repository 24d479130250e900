//! What the page has to ask or to say before it goes on: a download, a picture from elsewhere, what a link said in vain.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use yew::prelude::*;

use super::consent::consent;
use super::network::FILES;
use crate::catalog::card::file;
use crate::catalog::{NetworkSpec, Text, networks};
use crate::state::{Action, Chrome, Source, State};
use crate::ui::{Store, page, texts};

/// All notices that are due; empty when none is. `linked`: the address named a view, with the network that shows it.
pub fn notices(store: &Store, linked: bool) -> Html {
    let (s, lang) = (&store.0, store.0.lang);
    let send = |action: Action| {
        // once: with what it does the notice goes
        let (dispatch, action) = (store.dispatcher(), Cell::new(Some(action)));
        move |_: MouseEvent| action.take().into_iter().for_each(|a| dispatch.dispatch(a))
    };
    // where the download begins its progress is seen, and then the answer: at the page's top
    let begin = |action: Action| {
        let send = send(action);
        move |e: MouseEvent| {
            send(e);
            page::top();
        }
    };
    let smaller = s.offer.and_then(|_| smaller(s));
    let megabytes = |name: &str, bytes: u64| format!("{name} ({:.1} MB)", bytes as f64 / 1e6);
    let primary = |first: bool| first.then_some("primary");
    html! {
        <>
        { consent() }
        if let Some(bytes) = s.offered() {
            <div class={classes!("problem", "mild", linked.then_some("linked"))} role="status" id="offer">
                <p>{ texts::OFFER.get(lang) }</p>
                // who is asked has a small screen or a slow line: the small network first, unless a link's view is another one's
                if let Some((small, note)) = &smaller {
                    <button class={primary(!linked)} id="offer-small" onclick={begin(Action::Network(Rc::clone(small)))}>{ megabytes(&small.card().name, networks::bytes(small.id())) }</button>
                    if !linked { <small>{ note.get(lang) }</small> }
                }
                <button id="offer-accept" class={primary(linked || smaller.is_none())} onclick={begin(Action::Accept)}>{ megabytes(if smaller.is_some() { s.net.card().name.as_str() } else { texts::FETCH.get(lang) }, bytes) }</button>
            </div>
        }
        if let (None, Some(awaited)) = (&s.missing, &s.pair.awaited) {
            <div class="problem mild" role="status" id="awaited-network">
                <p>{ if s.pair.other.is_some() { texts::OTHER_FILE } else { texts::AWAITED_NETWORK }.get(lang) }{ " " }<code>{ file(awaited) }</code></p>
                <button class="primary" onclick={|_| page::press(FILES)}>{ texts::OWN_NETWORK.get(lang) }</button>
            </div>
        }
        if let Some(missing) = &s.missing {
            <div class="problem mild" role="status" id="missing-network">
                <p>{ if s.net.own() { texts::OTHER_FILE } else { texts::MISSING_NETWORK }.get(lang) }{ " " }<code>{ file(&missing.id) }</code></p>
                <button class="primary" onclick={|_| page::press(FILES)}>{ texts::OWN_NETWORK.get(lang) }</button>
            </div>
        }
        if let Some(url) = &s.wanted.url {
            <div class="problem mild" role="status" id="elsewhere">
                <p>{ texts::ELSEWHERE.get(lang) }{ " " }<code>{ url }</code></p>
                <button class="primary" onclick={send(Action::Open(Source::Url(url.clone())))}>{ texts::OPEN_IT.get(lang) }</button>
            </div>
        } else if s.wanted.own_picture && s.opening.is_none() {
            <div class="problem mild" role="status" id="own-picture"><p>{ texts::OWN_PICTURE.get(lang) }</p></div>
        }
        if !s.offered.is_empty() {
            <div class="problem mild" role="status" id="more">
                <p>{ texts::MORE_DROPPED.get(lang) }{ " " }{ groups(&s.offered) }</p>
                <div class="row">
                    <button class="primary" onclick={send(Action::OpenMany(s.offered.clone()))}>{ texts::ADD_THEM.get(lang) }</button>
                    <button onclick={send(Action::OfferMany(Vec::new()))}>{ texts::REFUSE.get(lang) }</button>
                </div>
            </div>
        }
        if !s.refused.is_empty() {
            <div class="problem mild" role="status" id="refused">
                <p>{ texts::REFUSED_KEYS.get(lang) }{ " " }{ for s.refused.iter().map(|r| html! { <code>{ r }{ " " }</code> }) }</p>
                <button onclick={send(Action::Dismiss)}>{ texts::DISMISS.get(lang) }</button>
            </div>
        }
        </>
    }
}

/// The network with the fewest bytes and what is to be known of it, if it has fewer than the one in use.
fn smaller(s: &State) -> Option<(Rc<NetworkSpec>, Text)> {
    let id = networks::ids().into_iter().min_by_key(|id| networks::bytes(id))?;
    // a frame shows what whoever made it has chosen
    let own = s.frame.chrome == Chrome::Full && !s.frame.locked;
    let small = networks::get(id).filter(|net| *net != s.net && own)?;
    Some((small, networks::note(id)?))
}

/// `name (pictures)`, for each group.
fn groups(list: &[(String, Source)]) -> String {
    let mut counts = BTreeMap::<&str, usize>::new();
    list.iter().for_each(|(group, _)| *counts.entry(group).or_default() += 1);
    counts.iter().map(|(group, n)| format!("{group} ({n})")).collect::<Vec<_>>().join(", ")
}
