//! The cascade as a Sankey diagram: layers as columns, channels as nodes, relevance as ribbons. Where there is no room for it from
//! left to right it runs downwards, so that all of it is seen.

use std::rc::Rc;

use gloo::events::EventListener;
use gloo::utils::window;
use serde_json::Value;
use web_sys::Element;
use yew::prelude::*;

use super::sprite::Sprite;
use super::strip::short;
use crate::catalog::{NetworkSpec, Unit};
use crate::state::{Action, settings};
use crate::ui::flows::{Diagram, HEIGHT, Node, WIDTH};
use crate::ui::{Store, keys, texts, use_store};

/// The numbers that a [`Sankey`] draws.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What the method told: `columns`, `links`, `score`.
    pub facts: Rc<Value>,
}

/// Pixels of width from which on the diagram's words can be read from left to right.
const ROOM: i32 = 820;

/// The SVG transform that exchanges across and down, so that the diagram runs downwards.
const TURNED: &str = "matrix(0 1 1 0 0 0)";

/// Whether the diagram has to run downwards where it stands.
#[hook]
fn use_downwards(place: &NodeRef) -> bool {
    let downwards = use_state_eq(|| false);
    let measure = {
        let (place, set) = (place.clone(), downwards.setter());
        move || {
            place.cast::<Element>().map(|e| e.client_width()).filter(|w| *w > 0).iter().for_each(|w| set.set(*w < ROOM))
        }
    };
    {
        let measure = measure.clone();
        use_effect(measure);
    }
    use_effect_with((), move |()| {
        let listener = EventListener::new(&window(), "resize", move |_| measure());
        move || drop(listener)
    });
    *downwards
}

/// The diagram, and what can be asked of a node.
#[component]
pub fn Sankey(props: &Props) -> Html {
    let store = use_store();
    let lang = store.0.lang;
    let diagram = use_memo(Rc::clone(&props.facts), |facts| Diagram::new(facts));
    let chosen = use_state(|| None::<usize>);
    let ablated = use_state(Vec::<Unit>::new);
    let node = chosen.and_then(|i| diagram.nodes.get(i));
    let place = use_node_ref();
    let downwards = use_downwards(&place);
    let net = &store.0.net;
    let head = |name: &str| {
        net.index(name).map_or_else(|| texts::figure(net, name, lang), |at| short(net, at, false).to_owned())
    };
    let hint = if downwards { texts::SANKEY_DOWN } else { texts::SANKEY_HINT }.get(lang);
    let view = match downwards {
        true => format!("-50 0 {} {WIDTH}", HEIGHT + 54.0),
        false => format!("0 -14 {WIDTH} {}", HEIGHT + 18.0),
    };
    html! {
        <div class="sankey" id="sankey" ref={place}>
            <p class="hint">{ hint }</p>
            <svg class={downwards.then_some("downwards")} viewBox={view} role="group" aria-label={hint}>
                <g transform={downwards.then_some(TURNED)}>
                    { for diagram.ribbons.iter().map(|r| {
                        let on = chosen.is_none_or(|i| r.lower == i || r.upper == i);
                        let rest = [r.lower, r.upper].iter().all(|i| diagram.nodes[*i].channel.is_none());
                        html! { <path class={classes!("ribbon", if r.flow < 0.0 { "against" } else { "for" }, (!on).then_some("faint"), rest.then_some("rest"))} d={r.path.clone()} /> }
                    }) }
                    { for diagram.nodes.iter().enumerate().map(|(i, n)| draw(i, n, &chosen, ablated.contains(&unit(&store.0.net, n).unwrap_or(NONE)), downwards)) }
                </g>
                { for diagram.titles.iter().map(|(x, name)| (x, head(name))).map(|(x, name)| match downwards {
                    true => html! { <text class="column" x="-4" y={format!("{:.1}", x + 9.0)} text-anchor="end">{ name }</text> },
                    false => html! { <text class="column" x={format!("{x:.1}")} y="-4">{ name }</text> },
                }) }
            </svg>
            if let Some(n) = node { { ask(&store, n, &ablated) } }
        </div>
    }
}

const NONE: Unit = Unit { layer: usize::MAX, channel: 0, place: None };

fn unit(net: &NetworkSpec, n: &Node) -> Option<Unit> {
    Some(Unit { layer: net.index(&n.layer)?, channel: n.channel?, place: None })
}

fn draw(i: usize, n: &Node, chosen: &UseStateHandle<Option<usize>>, off: bool, downwards: bool) -> Html {
    let words = format!("{} {}: {:.3}", n.layer, n.channel.map(|c| format!("#{c}")).unwrap_or_default(), n.relevance);
    let open = n.channel.is_some();
    let set = chosen.setter();
    let pick = Callback::from(move |()| {
        if open {
            set.set(Some(i))
        }
    });
    let click = pick.reform(|_: MouseEvent| ());
    let key = Callback::from(move |e: KeyboardEvent| {
        if ["Enter", " "].contains(&keys::key(&e).unwrap_or_default().as_str()) {
            e.prevent_default();
            pick.emit(());
        }
    });
    let class = classes!(
        "node",
        open.then_some("open"),
        (n.relevance < 0.0).then_some("against"),
        off.then_some("off"),
        (**chosen == Some(i)).then_some("chosen")
    );
    html! {
        <g {class} tabindex={open.then_some("0")} role={open.then_some("button")} aria-label={words.clone()} onclick={click} onkeydown={key}
            data-unit={n.channel.map(|c| format!("{}:{c}", n.layer))}>
            <title>{ words }</title>
            <rect x={format!("{:.1}", n.x)} y={format!("{:.1}", n.y)} width="10" height={format!("{:.1}", n.height.max(1.0))} />
            if let Some(c) = n.channel.filter(|_| n.height > if downwards { 20.0 } else { 9.0 }) {
                { number(c, n, downwards) }
            }
        </g>
    }
}

/// A channel's number beside its node; in a turned diagram it is turned back.
fn number(channel: usize, n: &Node, downwards: bool) -> Html {
    let middle = n.y + n.height / 2.0;
    match downwards {
        true => {
            html! { <text transform={TURNED} text-anchor="middle" x={format!("{middle:.1}")} y={format!("{:.1}", n.x + 20.0)}>{ channel }</text> }
        }
        false => html! { <text x={format!("{:.1}", n.x + 12.0)} y={format!("{:.1}", middle + 3.0)}>{ channel }</text> },
    }
}

/// Feature map, deconvnet, ablation, or the channel itself as the target.
fn ask(store: &Store, n: &Node, ablated: &UseStateHandle<Vec<Unit>>) -> Html {
    let lang = store.0.lang;
    let Some(u) = unit(&store.0.net, n) else { return html! {} };
    let button = |words: crate::catalog::Text, id: &'static str, click: Callback<MouseEvent>| {
        html! { <button {id} onclick={click}>{ words.get(lang) }</button> }
    };
    let map = {
        let dispatch = store.dispatcher();
        move |_| {
            dispatch.dispatch(Action::Layers(u.layer));
            dispatch.dispatch(Action::Channel(Some(u.channel)));
        }
    };
    let deconvnet = {
        let (dispatch, layer) = (store.dispatcher(), n.layer.clone());
        move |_| {
            let params = [("layer", layer.as_str().into()), ("channel", u.channel.into()), ("units", "nine".into())];
            dispatch.dispatch(Action::Beside("deconvnet", settings(params)));
        }
    };
    let target = {
        let dispatch = store.dispatcher();
        move |_| dispatch.dispatch(Action::Aim(Some(u)))
    };
    let off = ablated.contains(&u);
    let toggle = {
        let (dispatch, ablated, net) = (store.dispatcher(), ablated.clone(), Rc::clone(&store.0.net));
        move |_| {
            let mut list: Vec<Unit> = ablated.iter().copied().filter(|x| *x != u).collect();
            if !off {
                list.push(u);
            }
            let text = list.iter().map(|u| net.text(*u)).collect::<Vec<_>>().join(", ");
            ablated.set(list);
            dispatch.dispatch(Action::Beside("ablation", settings([("channels", text.into())])));
        }
    };
    html! {
        <div class="row ask" id="node">
            <strong>{ format!("{} #{}", n.layer, u.channel) }</strong>
            <Sprite unit={u} />
            { button(texts::FEATURE_MAP, "node-map", map.into()) }
            { button(texts::DECONVNET, "node-deconvnet", deconvnet.into()) }
            <button id="node-ablate" aria-pressed={off.to_string()} onclick={toggle}>{ texts::ABLATE.get(lang) }</button>
            { button(texts::EXPLAIN_UNIT, "node-target", target.into()) }
        </div>
    }
}
