//! `page.js`: the address, the page around this one, and whether to ask before the weights are fetched.

use gloo::events::EventListener;
use gloo::utils::window;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::{Model, Store};
use crate::state::{Action, Chrome, State, link};

#[wasm_bindgen(raw_module = "./page.js")]
extern "C" {
    fn write(hash: &str, step: bool);
    #[wasm_bindgen(js_name = toAsk)]
    async fn to_ask(wish: &str) -> JsValue;
    /// Tells the page around this one.
    pub fn tell(t: &str, detail: &str);
    fn hear(back: &JsValue);
    /// Keeps the page for times without a network.
    pub async fn offline(engine: &str) -> JsValue;
    /// Copies a text to the clipboard; whether the browser allowed it.
    pub async fn copy(text: &str) -> JsValue;
}

type Dispatch = UseReducerDispatcher<Model>;

/// The hash of the page's address.
pub fn hash() -> String {
    window().location().hash().unwrap_or_default()
}

/// Fetches the weights at once, or asks first.
pub fn offer(ask: Option<bool>, dispatch: Dispatch) {
    let wish = match ask {
        Some(true) => "ask",
        Some(false) => "auto",
        None => "",
    };
    spawn_local(async move {
        let bytes = to_ask(wish).await.as_f64().unwrap_or_default() as u64;
        dispatch.dispatch(if bytes == 0 { Action::Accept } else { Action::Offer(bytes) });
    });
}

/// Follows the address and the page around this one.
pub fn listen(dispatch: Dispatch) -> EventListener {
    let ask = {
        let dispatch = dispatch.clone();
        Closure::<dyn Fn(String, String)>::new(move |kind: String, argument: String| {
            dispatch.dispatch(match kind.as_str() {
                "set" => Action::Go(argument),
                "run" => Action::Explain,
                "cancel" => Action::Cancel,
                _ => Action::Export(argument),
            });
        })
    };
    hear(&ask.into_js_value());
    tell("ready", "");
    EventListener::new(&window(), "hashchange", move |_| dispatch.dispatch(Action::Go(hash())))
}

/// Writes the address when what is shown has changed, and tells the page around.
#[hook]
pub fn use_address(store: &Store) {
    let s = &store.0;
    let settled = s.picture.is_some() && s.opening.is_none();
    let last = use_mut_ref(String::new);
    use_effect_with((link::print(s), link::step(s), settled), move |(whole, step, settled)| {
        if !settled {
            return;
        }
        let mut last = last.borrow_mut();
        // the first one names what the visitor came for; what was read from the address is no new step
        write(whole, !last.is_empty() && *last != *step && whole != &hash());
        last.clone_from(step);
        tell("state", &serde_json::json!({ "hash": whole }).to_string());
    });
    use_effect_with(s.busy, |busy| {
        if let Some((done, total)) = busy {
            tell("progress", &serde_json::json!({ "done": done, "total": total }).to_string());
        }
    });
    use_effect_with(s.problem.clone(), |problem| {
        if let Some(p) = problem {
            tell("error", &serde_json::json!({ "kind": p.kind, "detail": p.detail }).to_string());
        }
    });
    use_effect_with(s.explain.result.clone(), |result| {
        if let Some(r) = result {
            tell("result", &serde_json::json!({ "method": r.method, "meta": r.meta }).to_string());
        }
    });
}

/// What an embedded page shows: classes for the root.
pub fn classes(s: &State) -> Classes {
    let chrome = match s.frame.chrome {
        Chrome::Full => return classes!(s.frame.locked.then_some("locked")),
        Chrome::Min => "min",
        Chrome::None => "bare",
    };
    classes!("embedded", chrome, s.frame.locked.then_some("locked"))
}
