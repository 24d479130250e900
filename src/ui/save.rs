//! Files for the visitor to keep.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, HtmlCanvasElement, Url};

/// Saves bytes (a typed array) under `name`.
///
/// # Errors
/// What the browser throws.
pub fn bytes(bytes: &JsValue, kind: &str, name: &str) -> Result<(), JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let url = Url::create_object_url_with_blob(&Blob::new_with_u8_array_sequence_and_options(
        &js_sys::Array::of1(bytes),
        &options,
    )?)?;
    link(&url, name)?;
    Url::revoke_object_url(&url)
}

/// Saves what a canvas shows as a PNG.
///
/// # Errors
/// What the browser throws.
pub fn canvas(canvas: &HtmlCanvasElement, name: &str) -> Result<(), JsValue> {
    link(&canvas.to_data_url()?, name)
}

fn link(url: &str, name: &str) -> Result<(), JsValue> {
    let anchor: HtmlAnchorElement = gloo::utils::document().create_element("a")?.unchecked_into();
    anchor.set_href(url);
    anchor.set_download(name);
    anchor.click();
    Ok(())
}
