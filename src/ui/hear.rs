//! What `cnn-lens.js` tells, as actions and parts of the state.

use std::rc::Rc;

use wasm_bindgen::prelude::*;
use yew::prelude::*;

use super::lens;
use crate::protocol::DeviceReport;
use crate::state::{Action, Picture, Source, Weights};

type Dispatch = UseReducerDispatcher<super::Model>;

/// A function for JavaScript that dispatches what `action` makes of its argument.
pub fn listen(dispatch: &Dispatch, action: impl Fn(&JsValue) -> Option<Action> + 'static) -> JsValue {
    let dispatch = dispatch.clone();
    Closure::<dyn Fn(JsValue)>::new(move |detail: JsValue| {
        if let Some(action) = action(&detail) {
            dispatch.dispatch(action);
        }
    })
    .into_js_value()
}

/// As [`listen`], for two arguments.
pub fn listen_two(dispatch: &Dispatch, action: impl Fn(&JsValue, &JsValue) -> Action + 'static) -> JsValue {
    let dispatch = dispatch.clone();
    Closure::<dyn Fn(JsValue, JsValue)>::new(move |a: JsValue, b: JsValue| dispatch.dispatch(action(&a, &b)))
        .into_js_value()
}

/// Which device there is.
pub fn report(detail: &JsValue) -> DeviceReport {
    serde_wasm_bindgen::from_value(detail.clone()).unwrap_or_default()
}

/// The weights' progress.
pub fn weights(detail: &JsValue, loaded: bool) -> Option<Action> {
    let (bytes, total) = (lens::number(detail, "bytes") as u64, lens::number(detail, "total") as u64);
    Some(Action::Weights(Weights { bytes, total, loaded }))
}

/// A picture as the engine took it.
pub fn picture(source: Source, answer: &JsValue) -> Picture {
    Picture {
        source,
        original: (lens::number(answer, "width") as u32, lens::number(answer, "height") as u32),
        size: lens::number(answer, "size") as usize,
        rgba: Rc::new(lens::bytes(answer, "rgba")),
        notes: js_sys::Array::from(&lens::field(answer, "notes")).iter().filter_map(|n| n.as_string()).collect(),
    }
}
