//! A select for a small set of values, and what was typed into an input.

use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

/// What a [`Select`] offers, and who hears of a choice.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Its id; none for one of several alike.
    #[prop_or_default]
    pub id: Option<AttrValue>,
    /// Its CSS class.
    #[prop_or_default]
    pub class: Option<AttrValue>,
    /// What it is called, for those who do not see its label.
    #[prop_or_default]
    pub name: Option<AttrValue>,
    /// The words of the options.
    pub options: Vec<AttrValue>,
    /// The number of the option that is set.
    pub chosen: usize,
    /// Hears the number of the option that was chosen.
    pub choose: Callback<usize>,
}

/// Every select of the page. It shows what is set: the attribute `selected` is what a new one begins with, until the effect comes,
/// before which a slow machine may draw. After that only the effect counts: browsers keep what a select showed when its options are
/// used again for others, or when the page is loaded again.
#[component]
pub fn Select(props: &Props) -> Html {
    let node = use_node_ref();
    {
        let (node, chosen) = (node.clone(), props.chosen as i32);
        // after every drawing, once the options are there
        use_effect(move || {
            if let Some(select) = node.cast::<HtmlSelectElement>().filter(|s| s.selected_index() != chosen) {
                select.set_selected_index(chosen);
            }
        });
    }
    let change = {
        let (choose, chosen) = (props.choose.clone(), props.chosen as i32);
        move |e: Event| {
            let Some(select) = e.target().and_then(|t| t.dyn_into::<HtmlSelectElement>().ok()) else { return };
            let index = select.selected_index();
            // until the page says that it is set
            select.set_selected_index(chosen);
            if let Ok(index) = usize::try_from(index) {
                choose.emit(index);
            }
        }
    };
    html! {
        <select ref={node} id={props.id.clone()} class={props.class.clone()} aria-label={props.name.clone()} autocomplete="off" onchange={change}>
            { for props.options.iter().enumerate().map(|(i, words)| html! { <option selected={i == props.chosen}>{ words }</option> }) }
        </select>
    }
}

/// What stands in a [`Field`], and who hears of a change.
#[derive(Properties, PartialEq)]
pub struct FieldProps {
    /// Its id.
    pub id: &'static str,
    /// What is set.
    pub value: AttrValue,
    /// What stands there when nothing is.
    #[prop_or_default]
    pub placeholder: AttrValue,
    /// Smallest, largest and step of a number; `None`: any text.
    #[prop_or_default]
    pub range: Option<[f64; 3]>,
    /// Gets what was typed, once that is done.
    pub set: Callback<String>,
}

/// Every field of the page for a text or a number. What is being typed stays until it is taken: Yew gives an input its value anew
/// whenever the page is drawn, which a running method does many times a second.
#[component]
pub fn Field(props: &FieldProps) -> Html {
    let typed = use_state(|| None::<AttrValue>);
    let type_ = {
        let typed = typed.setter();
        move |e: InputEvent| typed.set(Some(written(&e).into()))
    };
    let change = {
        let (typed, set) = (typed.setter(), props.set.clone());
        move |e: Event| {
            let text = written(&e);
            typed.set(None);
            set.emit(text);
        }
    };
    let leave = {
        let typed = typed.setter();
        move |_: FocusEvent| typed.set(None)
    };
    let value = (*typed).clone().unwrap_or_else(|| props.value.clone());
    let bound = |i: usize| props.range.map(|range| range[i].to_string());
    html! {
        <input type={if props.range.is_some() { "number" } else { "text" }} class={props.range.is_none().then_some("long")} id={props.id}
            {value} placeholder={props.placeholder.clone()} min={bound(0)} max={bound(1)} step={bound(2)} oninput={type_} onchange={change} onblur={leave} />
    }
}

/// What an input holds after an event of its own.
pub fn written(e: &Event) -> String {
    let input = e.target().and_then(|t| t.dyn_into::<HtmlInputElement>().ok());
    input.map(|i| i.value()).unwrap_or_default()
}

/// A labelled select: `options` are (value, words); `choose` gets the chosen value.
pub fn select<T: Clone + PartialEq + 'static, N: Clone + Into<AttrValue>>(
    label: &'static str,
    id: &'static str,
    chosen: T,
    options: &[(T, N)],
    choose: impl Fn(T) + 'static,
) -> Html {
    let values: Vec<T> = options.iter().map(|o| o.0.clone()).collect();
    let at = values.iter().position(|v| *v == chosen).unwrap_or_default();
    let choose = move |index: usize| values.get(index).cloned().into_iter().for_each(&choose);
    html! {
        <label class="control" key={id}>{ label }
            <Select {id} options={options.iter().map(|o| o.1.clone().into()).collect::<Vec<_>>()} chosen={at} choose={Callback::from(choose)} />
        </label>
    }
}
