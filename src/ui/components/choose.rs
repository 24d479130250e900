//! Several methods, or the name of a group.

use serde_json::Value;
use yew::prelude::*;

use super::controls::Select;
use crate::catalog::ParamSpec;
use crate::methods::explainers::{EXPLAINERS, listed};
use crate::methods::find;
use crate::state::Action;
use crate::ui::{Store, texts};

/// A button for every method that explains a class, and one that takes those of the compare board.
pub fn methods(store: &Store, spec: &'static ParamSpec, default: &'static str, given: Option<&Value>) -> Html {
    let lang = store.0.lang;
    let chosen = given.and_then(Value::as_str).and_then(listed).or_else(|| listed(default)).unwrap_or_default();
    let set = |list: Vec<&'static str>| {
        let dispatch = store.dispatcher();
        move |_: MouseEvent| dispatch.dispatch(Action::Param(spec.id, list.join(", ").into()))
    };
    let toggled = |id: &'static str| {
        let mut list = chosen.clone();
        match list.iter().position(|m| *m == id) {
            // one has to stay
            Some(at) if list.len() > 1 => drop(list.remove(at)),
            Some(_) => {}
            None => list.push(id),
        }
        list
    };
    let board: Vec<&'static str> = store.0.board.methods.iter().copied().filter(|m| EXPLAINERS.contains(m)).collect();
    html! {
        <div class="choose" role="group" aria-label={spec.label.get(lang)}>
            <span class="hint">{ spec.label.get(lang) }</span>
            <div class="modes">
                { for EXPLAINERS.iter().map(|id| html! {
                    <button data-judged={*id} aria-pressed={chosen.contains(id).to_string()} onclick={set(toggled(id))}>{ find(id).map(|i| i.name.get(lang)).unwrap_or_default() }</button>
                }) }
                if !board.is_empty() { <button class="quiet" onclick={set(board)}>{ texts::AS_BOARD.get(lang) }</button> }
            </div>
        </div>
    }
}

/// The built-in groups and the gallery's.
pub fn group(
    store: &Store,
    spec: &'static ParamSpec,
    built_in: &'static [&'static str],
    given: Option<&Value>,
) -> Html {
    let s = &store.0;
    let dispatch = store.dispatcher();
    let value = given.and_then(Value::as_str).unwrap_or(built_in[0]);
    let mut listed: Vec<&str> = built_in.iter().copied().chain(s.gallery.groups.keys().map(String::as_str)).collect();
    if !listed.contains(&value) {
        listed.push(value);
    }
    let chosen = listed.iter().position(|g| *g == value).unwrap_or_default();
    let options: Vec<AttrValue> = listed.iter().map(|g| texts::figure(&s.net, g, s.lang).into()).collect();
    let names: Vec<String> = listed.into_iter().map(str::to_owned).collect();
    let choose = move |i: usize| {
        if let Some(name) = names.get(i) {
            dispatch.dispatch(Action::Param(spec.id, name.as_str().into()));
        }
    };
    html! {
        <label class="control" key={spec.id}>{ spec.label.get(s.lang) }
            <Select id={spec.id} {options} {chosen} choose={Callback::from(choose)} />
        </label>
    }
}
