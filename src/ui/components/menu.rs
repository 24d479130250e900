//! The sheet of questions over the stage: a tab for each family of methods, and the open family's methods.

use gloo::timers::callback::Timeout;
use wasm_bindgen::JsCast;
use yew::functional::Hook;
use yew::prelude::*;

use super::controls::written;
use super::explain::target;
use super::part::part;
use crate::catalog::method::Family;
use crate::catalog::posters::poster;
use crate::catalog::{Lang, MethodInfo};
use crate::methods::{INFOS, cam, feature_maps, find};
use crate::state::Action;
use crate::ui::page::SHEET;
use crate::ui::{keys, page, texts, use_store};

/// Families that explain the decision.
const FAMILIES: [Family; 6] =
    [Family::Cam, Family::Gradient, Family::Relevance, Family::Perturbation, Family::Unit, Family::Synthesis];
/// Families that diagnose the network.
const LABS: [Family; 4] = [Family::Robustness, Family::Bias, Family::Trust, Family::Concepts];

/// Milliseconds from choosing a method to its run: who has something to set first begins to.
const BEGIN: u32 = 400;

/// Whether a method stands on the page anyway.
fn stands(info: &MethodInfo) -> bool {
    [cam::INFO.id, feature_maps::INFO.id].contains(&info.id)
}

/// Methods whose name in any language, question, author, year or title has `text` in it.
fn matching(text: &str) -> impl Iterator<Item = &'static MethodInfo> {
    // "grad cam", "grad-cam" and "GradCAM" are one
    let bare = |w: &str| w.chars().filter(|c| !matches!(c, ' ' | '-')).collect::<String>().to_ascii_lowercase();
    let text = bare(text);
    INFOS.iter().copied().filter(move |i| {
        let question = texts::question(i.family);
        let has = |w: &str| bare(w).contains(&text);
        let named = Lang::ALL.iter().any(|l| has(i.name.get(*l)) || has(question.get(*l)));
        named || [i.id, i.paper.cite, i.paper.title].into_iter().any(has)
    })
}

/// Pixels of a thumbnail's side on the page; in the sheet it has twice as many.
const SIDE: usize = 48;

/// What the method's answer looks like, from the sheet of all.
fn thumbnail(id: &str) -> Html {
    let Some([row, column]) = poster(id) else { return html! {} };
    let style = format!("background-position: -{}px -{}px", column * SIDE, row * SIDE);
    html! { <span class="thumb" {style} aria-hidden="true" /> }
}

/// The sheet. A browser without popovers shows it at the page's foot.
pub fn menu() -> Html {
    part("menu", |ctx| use_menu().run(ctx))
}

#[hook]
fn use_menu() -> Html {
    let store = use_store();
    let (lang, method, layer) = (store.0.lang, store.0.explain.method, store.0.layer);
    // the chosen method's family, until another tab is opened
    let open = use_state(|| None::<Family>);
    {
        let open = open.setter();
        use_effect_with(method, move |_| open.set(None));
    }
    let shown = open.or(find(method).map(|i| i.family)).unwrap_or(FAMILIES[0]);
    let arrows = {
        let open = open.setter();
        move |e: KeyboardEvent| {
            let all: Vec<Family> = FAMILIES.into_iter().chain(LABS).collect();
            let at = all.iter().position(|f| *f == shown).unwrap_or_default();
            let to = match keys::key(&e).as_deref() {
                Some("ArrowLeft" | "ArrowUp") => at + all.len() - 1,
                Some("ArrowRight" | "ArrowDown") => at + 1,
                Some("Home") => 0,
                Some("End") => all.len() - 1,
                _ => return,
            };
            // the page beneath stays where it is
            e.prevent_default();
            let next = all[to % all.len()];
            open.set(Some(next));
            let tab = gloo::utils::document().get_element_by_id(&format!("tab-{next:?}"));
            // a tab that cannot be focused leaves the focus where it is
            let _ = tab.and_then(|t| t.dyn_into::<web_sys::HtmlElement>().ok()).map(|t| t.focus());
        }
    };
    let tab = |family: Family| {
        let open = open.setter();
        let name = texts::question(family).get(lang);
        html! {
            <button role="tab" tabindex={keys::stop(family == shown)} title={texts::family(family).get(lang)} id={format!("tab-{family:?}")} data-tab={format!("{family:?}")} aria-selected={(family == shown).to_string()} aria-controls={format!("methods-{family:?}")}
                onclick={move |_| open.set(Some(family))}>{ name }</button>
        }
    };
    let asked = use_state(String::new);
    let typed = {
        let asked = asked.setter();
        move |e: InputEvent| asked.set(written(&e))
    };
    // Enter takes the first one that was found
    let first = |e: KeyboardEvent| {
        if keys::key(&e).as_deref() == Some("Enter") {
            let found = gloo::utils::document().query_selector("#methods-found button").ok().flatten();
            found.and_then(|b| b.dyn_into::<web_sys::HtmlElement>().ok()).iter().for_each(web_sys::HtmlElement::click);
        }
    };
    let item = |i: &'static MethodInfo| {
        let (dispatch, asked) = (store.dispatcher(), asked.setter());
        let lacks = store.0.net.lacks(i).map(|need| need.sentence().get(lang));
        let choose = move |_| {
            if lacks.is_some() {
                return;
            }
            asked.set(String::new());
            page::sheet(SHEET, false);
            // what has the stage already
            page::top();
            if stands(i) {
                dispatch.dispatch(if i.id == cam::INFO.id { Action::Method("") } else { Action::Layers(layer) });
                return;
            }
            dispatch.dispatch(Action::Method(i.id));
            let dispatch = dispatch.clone();
            Timeout::new(BEGIN, move || dispatch.dispatch(Action::Begin(i.id))).forget();
        };
        html! { <button data-method={(!stands(i)).then_some(i.id)} data-see={stands(i).then_some(i.id)} title={texts::family(i.family).get(lang)} aria-pressed={(method == i.id).to_string()} aria-disabled={lacks.map(|_| "true")} onclick={choose}>
            { thumbnail(i.id) }
            <span>{ i.name.get(lang) }</span>
            if let Some(lacks) = lacks { <small class="lacks">{ lacks }</small> }
            if let Some(seconds) = store.0.takes(i.id) { <small>{ texts::expected(lang, seconds) }</small> }
        </button> }
    };
    html! {
        <section class="menu" id={SHEET} popover="auto" aria-labelledby="questions">
            <div class="head">
                <h2 id="questions">{ texts::QUESTIONS.get(lang) }</h2>
                // a chosen method has it in its title
                if method.is_empty() { { target(&store) } }
                <button class="quiet close" popovertarget={SHEET} aria-label={texts::CLOSE.get(lang)}>{ "×" }</button>
            </div>
            <input type="search" id="method-search" value={(*asked).clone()} oninput={typed} onkeydown={first} placeholder={texts::FIND_METHOD.get(lang)} aria-label={texts::FIND_METHOD.get(lang)} />
            if !asked.trim().is_empty() {
                <div class="modes" id="methods-found">
                    { for matching(asked.trim()).map(item) }
                    if matching(asked.trim()).next().is_none() { <p class="hint">{ texts::NO_METHOD_FOUND.get(lang) }</p> }
                </div>
            } else {
            <>
            <div class="row-of-tabs"><span class="family-name">{ texts::EXPLAINS.get(lang) }</span>
                <div class="tabs" role="tablist" aria-label={texts::EXPLAIN.get(lang)} onkeydown={arrows.clone()}>{ for FAMILIES.map(tab) }</div>
            </div>
            <div class="row-of-tabs"><span class="family-name" title={texts::LABS.get(lang)}>{ texts::DIAGNOSES.get(lang) }</span>
                <div class="tabs" role="tablist" aria-label={texts::LABS.get(lang)} onkeydown={arrows}>{ for LABS.map(tab) }</div>
            </div>
            { for FAMILIES.into_iter().chain(LABS).map(|family| html! {
                <div class={classes!("modes", LABS.contains(&family).then_some("lab"))} id={format!("methods-{family:?}")} role="tabpanel" aria-labelledby={format!("tab-{family:?}")}
                    data-family={format!("{family:?}")} hidden={family != shown}>{ for INFOS.iter().copied().filter(|i| i.family == family).map(item) }</div>
            }) }
            </>
            }
        </section>
    }
}
