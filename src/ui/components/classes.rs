//! The most probable classes, and a search in all of them; a click explains another one.

use yew::functional::Hook;
use yew::prelude::*;

use super::controls::written;
use super::part::part;
use crate::catalog::{Lang, NetworkSpec};
use crate::state::Action;
use crate::ui::{Store, texts, use_store};

/// Classes that are listed without a search.
const LISTED: usize = 5;
/// Classes that a search shows.
const FOUND: usize = 8;

/// The list of the most probable classes, each of which can be chosen, and the search among all of them.
pub fn classes() -> Html {
    part("classes", |ctx| use_classes().run(ctx))
}

#[hook]
fn use_classes() -> Html {
    let store = use_store();
    let s = &store.0;
    let asked = use_state(String::new);
    let typed = {
        let asked = asked.setter();
        move |e: InputEvent| asked.set(written(&e))
    };
    let search = texts::SEARCH.get(s.lang).replace("{n}", &s.net.classes().to_string());
    let found = if asked.trim().is_empty() { Vec::new() } else { find(&s.net, asked.trim()) };
    // no picture has another one's classes, not even for a moment
    let shown = if s.leaving() { 0 } else { LISTED };
    let listed: Vec<usize> = s.classes.iter().take(shown).map(|c| c.index).collect();
    let extra = s.target.filter(|t| shown > 0 && !listed.contains(t));
    html! {
        <section class="classes">
            <h2>{ texts::of_network(texts::CLASSES, s) }</h2>
            <p class="hint">{ texts::CLASSES_HINT.get(s.lang) }</p>
            <ol id="classes" aria-live="polite">{ for listed.iter().copied().chain(extra).map(|c| row(&store, c)) }</ol>
            <input type="search" id="class-search" class="wide" value={(*asked).clone()} oninput={typed}
                placeholder={search.clone()} aria-label={search} />
            if !asked.trim().is_empty() {
                <ol id="found">{ for found.iter().map(|c| row(&store, *c)) }</ol>
                if found.is_empty() { <p class="hint">{ texts::NOTHING_FOUND.get(s.lang) }</p> }
            }
        </section>
    }
}

/// Classes whose name in any language, or whose number, is like `text`; whole words first.
fn find(net: &NetworkSpec, text: &str) -> Vec<usize> {
    let text = text.to_ascii_lowercase();
    let rank = |c: &usize| {
        let names = || Lang::ALL.iter().map(|l| net.label(*c, *l).to_ascii_lowercase());
        let starts = |name: String| name.split([' ', '-', ',']).any(|w| w.starts_with(&text));
        if names().any(starts) || c.to_string() == text {
            Some(0)
        } else {
            names().any(|n| n.contains(&text)).then_some(1)
        }
    };
    let ranked = (0..net.classes()).filter_map(|c| Some((rank(&c)?, c)));
    let (whole, parts): (Vec<_>, Vec<_>) = ranked.partition(|(rank, _)| *rank == 0);
    whole.into_iter().chain(parts).take(FOUND).map(|(_, c)| c).collect()
}

fn row(store: &Store, index: usize) -> Html {
    let s = &store.0;
    let dispatch = store.dispatcher();
    let share = s.classes.iter().find(|c| c.index == index).map_or(0.0, |c| f64::from(c.probability));
    html! {
        <li key={index}>
            <button onclick={move |_| dispatch.dispatch(Action::Target(index))} aria-pressed={(s.class() == Some(index)).to_string()} data-class={index.to_string()}>
                { self::share(&s.net, index, share, s.lang) }
            </button>
        </li>
    }
}

/// A class's name and probability, in words and as a bar.
pub fn share(net: &NetworkSpec, class: usize, share: f64, lang: Lang) -> Html {
    html! {
        <>
            <span class="label">{ net.label(class, lang) }</span>
            <span class="percent">{ texts::percent(share, 1, lang) }</span>
            <svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect width={format!("{:.2}", share * 100.0)} height="4" /></svg>
        </>
    }
}
