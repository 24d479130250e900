//! Messages as they cross between page and worker: read from an event, posted with their buffers.

use js_sys::{Array, ArrayBuffer, Object, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::DedicatedWorkerGlobalScope;

use crate::figure::{Figure, FigureInfo};
use crate::protocol::{FromWorker, ToWorker, Unread};

/// The worker's global object.
pub fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Header and buffers of an incoming message.
///
/// # Errors
/// [`Unread`]: what is wrong with the message, and which job it was of.
pub fn read(event: &web_sys::MessageEvent) -> Result<(ToWorker, Vec<ArrayBuffer>), Unread> {
    let field = |name: &str| Reflect::get(&event.data(), &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED);
    let message = ToWorker::read(&field("header").as_string().unwrap_or_default())?;
    let buffers = Array::from(&field("buffers")).iter().filter_map(|b| b.dyn_into().ok()).collect();
    Ok((message, buffers))
}

/// Sends a message and transfers its buffers.
pub fn post(message: &FromWorker, buffers: &[ArrayBuffer]) {
    let mut header = serde_json::to_value(message).unwrap_or_default();
    // JavaScript gets the sentences along with the kind
    let texts = match message {
        FromWorker::Failed { problem, .. } | FromWorker::LoadFailed(problem) => Some(problem.with_texts()),
        _ => None,
    };
    if let Some(texts) = texts {
        header["problem"] = texts;
    }
    let list: Array = buffers.iter().collect();
    let data = Object::new();
    let set = |name: &str, value: &JsValue| Reflect::set(&data, &JsValue::from_str(name), value).is_ok();
    let complete = set("header", &JsValue::from_str(&header.to_string())) && set("buffers", &list);
    if !complete || scope().post_message_with_transfer(&data, &list).is_err() {
        web_sys::console::error_1(&JsValue::from_str("a message could not be posted"));
    }
}

/// The id of the network that this worker's address names (`www/worker.js`); empty where it names none.
pub fn network() -> String {
    global("lensNetwork")
}

/// The card of the visitor's own network that this worker's address leads to; empty for a shipped network.
pub fn card() -> String {
    global("lensCard")
}

fn global(name: &str) -> String {
    let value = Reflect::get(&js_sys::global(), &JsValue::from_str(name));
    value.ok().and_then(|value| value.as_string()).unwrap_or_default()
}

/// Milliseconds, finer than `Date`.
pub fn now() -> f64 {
    scope().performance().map_or_else(js_sys::Date::now, |p| p.now())
}

/// Bytes of this worker's WebAssembly memory.
pub fn memory() -> f64 {
    let buffer = wasm_bindgen::memory().unchecked_into::<js_sys::WebAssembly::Memory>().buffer();
    f64::from(buffer.unchecked_into::<ArrayBuffer>().byte_length())
}

/// Figures as their descriptions and the buffers of their numbers.
pub fn taken(figures: Vec<Figure>) -> (Vec<FigureInfo>, Vec<ArrayBuffer>) {
    figures.into_iter().map(|f| (f.info, js_sys::Float32Array::from(f.data.as_slice()).buffer())).unzip()
}
