//! Files for the visitor to keep.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

use super::caption::{Captioned, captioned};
use super::paint;
use super::pixels::{Pixels, encoded};
use crate::figure::{Figure, files, png};
use crate::state::Shown;

/// The formats in which a figure can be saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// What the canvas shows, with the view's address inside.
    Png,
    /// The same with lines of text beneath.
    Caption,
    /// The numbers for NumPy.
    Npy,
    /// The numbers for a spreadsheet.
    Csv,
    /// The numbers with their description.
    Json,
}

/// What is saved, and what is said about it.
pub struct Piece<'a> {
    /// The figure as it is drawn.
    pub shown: &'a Shown,
    /// The figure's numbers.
    pub figure: &'a Figure,
    /// What the caption says, line by line.
    pub caption: &'a [String],
    /// The view's address.
    pub hash: &'a str,
}

/// Saves a figure.
///
/// # Errors
/// What the browser throws.
pub fn figure(piece: &Piece, format: Format) -> Result<(), JsValue> {
    let name = piece.figure.info.name.replace(|c: char| !c.is_ascii_alphanumeric() && c != '_', "-");
    let array = |b: &[u8]| JsValue::from(js_sys::Uint8Array::from(b));
    let (content, kind, end) = match format {
        Format::Png => (array(&stamped(&paint::shown(piece.shown), piece.hash)?), "image/png", "png"),
        Format::Caption => match captioned(&paint::shown(piece.shown), piece.caption).ok_or(JsValue::NULL)? {
            Captioned::Pixels(pixels) => (array(&stamped(&pixels, piece.hash)?), "image/png", "png"),
            Captioned::Svg(text) => (text.into(), "image/svg+xml", "svg"),
        },
        Format::Npy => (array(&files::npy(piece.figure)), "application/octet-stream", "npy"),
        Format::Csv => (files::csv(piece.figure).into(), "text/csv", "csv"),
        Format::Json => {
            let told = serde_json::json!({ "info": piece.figure.info, "caption": piece.caption, "link": piece.hash, "data": piece.figure.data });
            (told.to_string().into(), "application/json", "json")
        }
    };
    bytes(&content, kind, &format!("cnn-lens-{name}.{end}"))
}

/// Pixels as a PNG with the view's address inside.
///
/// # Errors
/// None that can be expected: the pixels fill their square.
fn stamped(pixels: &Pixels, hash: &str) -> Result<Vec<u8>, JsValue> {
    let bytes = encoded(pixels)?;
    Ok(png::with_text(&bytes, hash).unwrap_or(bytes))
}

/// Saves bytes (a typed array or a blob) or a text under `name`.
///
/// # Errors
/// What the browser throws.
pub fn bytes(content: &JsValue, kind: &str, name: &str) -> Result<(), JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let url = Url::create_object_url_with_blob(&Blob::new_with_u8_array_sequence_and_options(
        &js_sys::Array::of1(content),
        &options,
    )?)?;
    let anchor: HtmlAnchorElement = gloo::utils::document().create_element("a")?.unchecked_into();
    anchor.set_href(&url);
    anchor.set_download(name);
    anchor.click();
    // some browsers read it a little after the click
    gloo::timers::callback::Timeout::new(30_000, move || drop(Url::revoke_object_url(&url))).forget();
    Ok(())
}
