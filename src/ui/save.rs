//! Files for the visitor to keep.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, HtmlCanvasElement, Url};

use super::paint;
use crate::figure::{Figure, files, png};

/// What a figure can be saved as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// What the canvas shows, with the view's address inside.
    Png,
    /// The same with a caption.
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
    /// What shows it.
    pub canvas: &'a HtmlCanvasElement,
    /// Its numbers.
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
        Format::Png => (array(&stamped(piece.canvas, piece.hash)?), "image/png", "png"),
        Format::Caption => {
            let whole = paint::captioned(piece.canvas, piece.caption).ok_or(JsValue::NULL)?;
            (array(&stamped(&whole, piece.hash)?), "image/png", "png")
        }
        Format::Npy => (array(&files::npy(piece.figure)), "application/octet-stream", "npy"),
        Format::Csv => (files::csv(piece.figure).into(), "text/csv", "csv"),
        Format::Json => {
            let told = serde_json::json!({ "info": piece.figure.info, "caption": piece.caption, "link": piece.hash, "data": piece.figure.data });
            (told.to_string().into(), "application/json", "json")
        }
    };
    bytes(&content, kind, &format!("cnn-lens-{name}.{end}"))
}

/// A canvas as a PNG with the view's address inside.
///
/// # Errors
/// What the browser throws.
pub fn stamped(canvas: &HtmlCanvasElement, hash: &str) -> Result<Vec<u8>, JsValue> {
    let bytes = plain(canvas)?;
    Ok(png::with_text(&bytes, hash).unwrap_or(bytes))
}

/// A canvas as a PNG.
///
/// # Errors
/// What the browser throws.
pub fn plain(canvas: &HtmlCanvasElement) -> Result<Vec<u8>, JsValue> {
    let url = canvas.to_data_url()?;
    let coded = url.split_once(',').map(|(_, coded)| coded).unwrap_or_default();
    Ok(gloo::utils::window().atob(coded)?.chars().map(|c| c as u8).collect())
}

/// Saves bytes (a typed array) or a text under `name`.
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
