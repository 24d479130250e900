//! A form for a method's parameters, made from their descriptions.

use std::rc::Rc;

use serde_json::{Value, json};
use yew::prelude::*;

use super::choose;
use super::controls::{Field, select};
use super::gallery::gallery;
use super::region::RegionBox;
use super::second::second;
use crate::catalog::method::{Preset, PresetValue};
use crate::catalog::text::Lang;
use crate::catalog::{MethodInfo, ParamKind, ParamSpec};
use crate::fields::decimal;
use crate::methods::spec::{CLASS, LAYER, START};
use crate::state::question::fits;
use crate::state::{Action, Question};
use crate::ui::{Store, texts};

/// Settings that are in sight; the others are folded away.
const VISIBLE: usize = 2;

/// One control per parameter; the class is chosen in the class list, and where a climb starts by its own button.
pub fn form(store: &Store, info: &'static MethodInfo) -> Html {
    let settable =
        |spec: &&'static ParamSpec| spec.id != START.id && !matches!(spec.kind, ParamKind::Class | ParamKind::Target);
    let (small, large): (Vec<_>, Vec<_>) = info.params.iter().filter(settable).partition(|spec| !whole_row(&spec.kind));
    let room = VISIBLE.saturating_sub(large.len());
    let (first, more) = small.split_at(room.min(small.len()));
    html! {
        <>
            if !info.presets.is_empty() {
                <div class="modes presets" role="group">{ for info.presets.iter().map(|p| preset(store, p)) }</div>
            }
            <div class="controls form">{ for large.into_iter().chain(first.iter().copied()).map(|spec| control(store, spec)) }</div>
            if !more.is_empty() {
                <details class="more" key={info.id} open={more.iter().any(|spec| store.0.explain.params.contains_key(spec.id))}>
                    <summary>{ texts::MORE_SETTINGS.get(store.0.lang) }{ format!(" ({})", more.len()) }</summary>
                    <div class="controls form">{ for more.iter().map(|spec| control(store, spec)) }</div>
                </details>
            }
        </>
    }
}

/// What a method cannot do without: pictures, groups, a part of the photo.
fn whole_row(kind: &ParamKind) -> bool {
    matches!(kind, ParamKind::Picture { .. } | ParamKind::Gallery { .. } | ParamKind::Region)
}

/// A button that sets several parameters at once.
fn preset(store: &Store, preset: &'static Preset) -> Html {
    let (dispatch, net) = (store.dispatcher(), Rc::clone(&store.0.net));
    let click = move |_| {
        for (id, value) in preset.params {
            match value {
                PresetValue::Channel(role, channel) => {
                    dispatch.dispatch(Action::Aim(Some(net.channel_of(*role, *channel))))
                }
                PresetValue::Word(word) => dispatch.dispatch(Action::Param(id, (*word).into())),
                PresetValue::Number(class) if *id == CLASS.id => dispatch.dispatch(Action::Target(*class as usize)),
                PresetValue::Number(number) => dispatch.dispatch(Action::Param(id, (*number).into())),
            }
        }
    };
    html! { <button onclick={click}>{ preset.name.get(store.0.lang) }</button> }
}

fn control(store: &Store, spec: &'static ParamSpec) -> Html {
    let (lang, net) = (store.0.lang, &store.0.net);
    // another method may have a parameter of this name that takes something else
    let given = store.0.explain.params.get(spec.id).filter(|v| fits(&spec.kind, v));
    let set = {
        let dispatch = store.dispatcher();
        move |value: Value| dispatch.dispatch(Action::Param(spec.id, value))
    };
    match net.takes(spec.kind) {
        // chosen in the class list
        ParamKind::Class | ParamKind::Target => html! {},
        // a number on every network
        ParamKind::Count { .. } | ParamKind::Side { .. } => html! {},
        // nothing to choose
        ParamKind::Number { min, max, .. } if min == max => html! {},
        ParamKind::Picture { .. } => second(),
        ParamKind::Gallery { .. } => gallery(),
        ParamKind::Region => {
            let text = given.and_then(Value::as_str).unwrap_or_default().to_owned();
            html! { <RegionBox {text} set={Callback::from(move |text: String| set(text.into()))} /> }
        }
        ParamKind::Methods { default } => choose::methods(store, spec, default, given),
        ParamKind::Group { built_in } => choose::group(store, spec, built_in, given),
        ParamKind::Channels | ParamKind::Text { .. } => {
            let (default, hint) = match spec.kind {
                ParamKind::Text { default } => (default, String::new()),
                _ => ("", net.examples()),
            };
            let set = Callback::from(move |text: String| set(text.into()));
            let value = given.and_then(Value::as_str).unwrap_or(default).to_owned();
            html! {
                <label class="control">{ spec.label.get(lang) }
                    <Field id={spec.id} {value} placeholder={hint} {set} />
                </label>
            }
        }
        ParamKind::Choice { default, options } => {
            let words: Vec<_> = options.iter().map(|w| (*w, texts::word(w).get(lang))).collect();
            let chosen = options.iter().find(|o| given.and_then(Value::as_str) == Some(o)).copied().unwrap_or(default);
            select(spec.label.get(lang), spec.id, chosen, &words, move |w| set(w.into()))
        }
        ParamKind::Layer { default, vectors } => {
            let vectors = if vectors { net.vectors() } else { &[] };
            let names: Vec<_> = net.layers().iter().chain(vectors).map(|at| (*at, net.name(*at).to_owned())).collect();
            // a unit is explained below itself, whatever was chosen
            let asked = store.0.question(store.0.explain.method).filter(|_| spec.id == LAYER.id);
            let now = asked.as_ref().and_then(Question::layer).or(given.and_then(Value::as_str));
            let chosen = now.and_then(|name| net.index(name)).unwrap_or_else(|| net.role(default));
            let named = Rc::clone(net);
            select(spec.label.get(lang), spec.id, chosen, &names, move |at| set(named.name(at).into()))
        }
        ParamKind::Channel => {
            let value = given.and_then(Value::as_u64).map(|c| c.to_string()).unwrap_or_default();
            number(lang, spec, &value, 0.0, net.most_channels() as f64 - 1.0, 1.0, move |v| {
                set(v.map_or("strongest".into(), |v| json!(v as u64)))
            })
        }
        ParamKind::Number { default, min, max, step } => {
            let value = given.and_then(Value::as_f64).unwrap_or(default).to_string();
            number(lang, spec, &value, min, max, step, move |v| set(v.unwrap_or(default).into()))
        }
    }
}

fn number(
    lang: Lang,
    spec: &'static ParamSpec,
    value: &str,
    min: f64,
    max: f64,
    step: f64,
    set: impl Fn(Option<f64>) + 'static,
) -> Html {
    let set = Callback::from(move |text: String| set(decimal(&text).map(|v| v.clamp(min, max))));
    html! {
        <label class="control">{ spec.label.get(lang) }
            <Field id={spec.id} value={value.to_owned()} placeholder={texts::STRONGEST.get(lang)} range={Some([min, max, step])} {set} />
        </label>
    }
}
