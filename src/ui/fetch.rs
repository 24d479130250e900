//! Files of the site, fetched as text.

use gloo::utils::window;
use serde_json::Value;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

use super::prefs::absolute;

/// The text of the file at `path`, relative to the page.
///
/// # Errors
/// What the browser says when the file cannot be fetched; the status where the host answers with another one than success.
pub async fn text(path: &str) -> Result<String, JsValue> {
    let answer: Response = JsFuture::from(window().fetch_with_str(&absolute(path))).await?.dyn_into()?;
    if !answer.ok() {
        return Err(JsValue::from(answer.status()));
    }
    JsFuture::from(answer.text()?).await.map(|text| text.as_string().unwrap_or_default())
}

/// The same, read as JSON.
///
/// # Errors
/// As [`text`]; what is wrong with the JSON.
pub async fn json(path: &str) -> Result<Value, JsValue> {
    serde_json::from_str(&text(path).await?).map_err(|e| JsValue::from_str(&e.to_string()))
}
