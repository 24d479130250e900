//! The cascade as a Sankey diagram: layers as columns, channels as nodes, relevance as ribbons.

use std::rc::Rc;

use serde_json::Value;
use yew::prelude::*;

use super::sprite::Sprite;
use crate::catalog::Unit;
use crate::catalog::networks::VGG16;
use crate::state::{Action, given};
use crate::ui::flows::{Diagram, HEIGHT, Node, WIDTH};
use crate::ui::{Store, keys, texts, use_store};

/// See the fields.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What the method told: `columns`, `links`, `score`.
    pub facts: Rc<Value>,
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
    html! {
        <div class="sankey" id="sankey">
            <p class="hint">{ texts::SANKEY_HINT.get(lang) }</p>
            <div class="scroll">
                <svg viewBox={format!("0 -14 {WIDTH} {}", HEIGHT + 18.0)} role="group" aria-label={texts::SANKEY_HINT.get(lang)}>
                    { for diagram.ribbons.iter().map(|r| {
                        let on = chosen.is_none_or(|i| r.lower == i || r.upper == i);
                        let rest = [r.lower, r.upper].iter().all(|i| diagram.nodes[*i].channel.is_none());
                        html! { <path class={classes!("ribbon", if r.flow < 0.0 { "against" } else { "for" }, (!on).then_some("faint"), rest.then_some("rest"))} d={r.path.clone()} /> }
                    }) }
                    { for diagram.nodes.iter().enumerate().map(|(i, n)| draw(i, n, &chosen, ablated.contains(&unit(n).unwrap_or(NONE)))) }
                    { for diagram.titles.iter().map(|(x, name)| html! { <text class="column" x={format!("{x:.1}")} y="-4">{ name }</text> }) }
                </svg>
            </div>
            if let Some(n) = node { { ask(&store, n, &ablated) } }
        </div>
    }
}

const NONE: Unit = Unit { layer: usize::MAX, channel: 0, place: None };

fn unit(n: &Node) -> Option<Unit> {
    Some(Unit { layer: VGG16.index(&n.layer)?, channel: n.channel?, place: None })
}

fn draw(i: usize, n: &Node, chosen: &UseStateHandle<Option<usize>>, off: bool) -> Html {
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
            if let Some(c) = n.channel.filter(|_| n.height > 9.0) {
                <text x={format!("{:.1}", n.x + 12.0)} y={format!("{:.1}", n.y + n.height / 2.0 + 3.0)}>{ c }</text>
            }
        </g>
    }
}

/// Feature map, deconvnet, ablation, or the channel itself as the target.
fn ask(store: &Store, n: &Node, ablated: &UseStateHandle<Vec<Unit>>) -> Html {
    let lang = store.0.lang;
    let Some(u) = unit(n) else { return html! {} };
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
            dispatch.dispatch(Action::Beside("deconvnet", given(params)));
        }
    };
    let target = {
        let dispatch = store.dispatcher();
        move |_| dispatch.dispatch(Action::Aim(Some(u)))
    };
    let off = ablated.contains(&u);
    let toggle = {
        let (dispatch, ablated) = (store.dispatcher(), ablated.clone());
        move |_| {
            let mut list: Vec<Unit> = ablated.iter().copied().filter(|x| *x != u).collect();
            if !off {
                list.push(u);
            }
            let text = list.iter().map(Unit::to_string).collect::<Vec<_>>().join(", ");
            ablated.set(list);
            dispatch.dispatch(Action::Beside("ablation", given([("channels", text.into())])));
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
