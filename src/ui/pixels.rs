//! Pixels, and the PNG that they make.

use wasm_bindgen::JsValue;

use crate::figure::png;

/// What a canvas shows. It is what is saved, too: a canvas that is read back gives noise where the browser protects against
/// fingerprinting.
pub struct Pixels {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// RGBA, all of it opaque.
    pub rgba: Vec<u8>,
}

/// Pixels as a PNG.
///
/// # Errors
/// None that can be expected: the pixels fill their square.
pub fn encoded(pixels: &Pixels) -> Result<Vec<u8>, JsValue> {
    png::encode(pixels.width, pixels.height, &pixels.rgba).ok_or(JsValue::NULL)
}

/// Pixels as the address of a PNG.
pub fn address(pixels: &Pixels) -> Option<String> {
    let latin: String = encoded(pixels).ok()?.into_iter().map(char::from).collect();
    Some(format!("data:image/png;base64,{}", gloo::utils::window().btoa(&latin).ok()?))
}
