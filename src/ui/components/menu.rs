//! The methods that run on demand: a tab for each family, and the open family's methods.

use wasm_bindgen::JsCast;
use yew::prelude::*;

use crate::catalog::MethodInfo;
use crate::catalog::method::Family;
use crate::methods::{find, on_demand};
use crate::state::Action;
use crate::ui::{texts, use_store};

const FAMILIES: [Family; 6] =
    [Family::Cam, Family::Gradient, Family::Relevance, Family::Perturbation, Family::Unit, Family::Synthesis];
const LABS: [Family; 4] = [Family::Robustness, Family::Bias, Family::Trust, Family::Concepts];

/// Tabs and methods.
#[component]
pub fn Menu() -> Html {
    let store = use_store();
    let (lang, method) = (store.0.lang, store.0.explain.method);
    // the chosen method's family, until another tab is opened
    let open = use_state(|| None::<Family>);
    {
        let open = open.setter();
        use_effect_with(method, move |_| open.set(None));
    }
    let shown = open.or(find(method).map(|i| i.family)).unwrap_or(FAMILIES[0]);
    let arrows = |all: &'static [Family]| {
        let open = open.setter();
        move |e: KeyboardEvent| {
            let step = match e.key().as_str() {
                "ArrowLeft" => all.len() - 1,
                "ArrowRight" => 1,
                _ => return,
            };
            let Some(at) = all.iter().position(|f| *f == shown) else { return };
            let next = all[(at + step) % all.len()];
            open.set(Some(next));
            let tab = gloo::utils::document().get_element_by_id(&format!("tab-{next:?}"));
            // a tab that cannot be focused leaves the focus where it is
            let _ = tab.and_then(|t| t.dyn_into::<web_sys::HtmlElement>().ok()).map(|t| t.focus());
        }
    };
    let tab = |family: Family| {
        let open = open.setter();
        let name = texts::family(family).get(lang);
        html! {
            <button role="tab" id={format!("tab-{family:?}")} data-tab={format!("{family:?}")} aria-selected={(family == shown).to_string()} aria-controls={format!("methods-{family:?}")}
                onclick={move |_| open.set(Some(family))}>{ name }</button>
        }
    };
    let item = |i: &'static MethodInfo| {
        let dispatch = store.dispatcher();
        html! { <button data-method={i.id} aria-pressed={(method == i.id).to_string()} onclick={move |_| dispatch.dispatch(Action::Method(i.id))}>{ i.name.get(lang) }</button> }
    };
    html! {
        <div class="menu">
            <div class="row-of-tabs"><span class="family-name">{ texts::EXPLAINS.get(lang) }</span>
                <div class="tabs" role="tablist" aria-label={texts::EXPLAIN.get(lang)} onkeydown={arrows(&FAMILIES)}>{ for FAMILIES.map(tab) }</div>
            </div>
            <div class="row-of-tabs"><span class="family-name" title={texts::LABS.get(lang)}>{ texts::DIAGNOSES.get(lang) }</span>
                <div class="tabs" role="tablist" aria-label={texts::LABS.get(lang)} onkeydown={arrows(&LABS)}>{ for LABS.map(tab) }</div>
            </div>
            { for FAMILIES.into_iter().chain(LABS).map(|family| html! {
                <div class={classes!("modes", LABS.contains(&family).then_some("lab"))} id={format!("methods-{family:?}")} role="tabpanel" aria-labelledby={format!("tab-{family:?}")}
                    data-family={format!("{family:?}")} hidden={family != shown}>{ for on_demand().filter(|i| i.family == family).map(item) }</div>
            }) }
        </div>
    }
}
