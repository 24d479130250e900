//! A select for a small set of values, and what was typed into an input.

use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

/// See the fields.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Its id; none for one of many.
    #[prop_or_default]
    pub id: Option<AttrValue>,
    /// Its class.
    #[prop_or_default]
    pub class: Option<AttrValue>,
    /// What it is called, for those who do not see its label.
    #[prop_or_default]
    pub name: Option<AttrValue>,
    /// The words of the options.
    pub options: Vec<AttrValue>,
    /// Which of them is set.
    pub chosen: usize,
    /// Gets the chosen one.
    pub choose: Callback<usize>,
}

/// Every select of the page. It shows what is set: the attribute `selected` only says what a new one begins with, and browsers
/// keep what a select showed when its options are used again for others, or when the page is loaded again.
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
            { for props.options.iter().map(|words| html! { <option>{ words }</option> }) }
        </select>
    }
}

/// What an input holds after an event of its own.
pub fn written(e: &Event) -> String {
    let input = e.target().and_then(|t| t.dyn_into::<HtmlInputElement>().ok());
    input.map(|i| i.value()).unwrap_or_default()
}

/// A labelled select: `options` are (value, words); `choose` gets the chosen value.
pub fn select<T: Clone + PartialEq + 'static>(
    label: &'static str,
    id: &'static str,
    chosen: T,
    options: &[(T, &'static str)],
    choose: impl Fn(T) + 'static,
) -> Html {
    let values: Vec<T> = options.iter().map(|o| o.0.clone()).collect();
    let at = values.iter().position(|v| *v == chosen).unwrap_or_default();
    let choose = move |index: usize| values.get(index).cloned().into_iter().for_each(&choose);
    html! {
        <label class="control" key={id}>{ label }
            <Select {id} options={options.iter().map(|o| AttrValue::from(o.1)).collect::<Vec<_>>()} chosen={at} choose={Callback::from(choose)} />
        </label>
    }
}
