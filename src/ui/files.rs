//! Files of the visitor's, kept for as long as something refers to them.
//!
//! A file is a name, not its content: whoever reads it again after an editor has saved it gets an error or another picture.
//! So the bytes are read once, and the engine, the other head and a new engine all get the same ones.

use std::rc::Rc;

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::{Blob, BlobPropertyBag};

use super::api::object;

/// Larger ones are refused anyway: they are not read for that.
const LARGEST: f64 = 32.0 * 1024.0 * 1024.0;

/// A file that the visitor gave.
#[derive(Clone)]
pub enum Kept {
    /// Being read, or read: a promise of the own copy, or of what went wrong.
    Read(js_sys::Promise),
    /// One of many: it is read when the engine is to have it, for all at once would fill the memory.
    Named(Rc<Blob>),
}

impl Kept {
    /// Reads the file now.
    pub fn read(blob: Blob) -> Self {
        // an error is a value here: nobody may be waiting for it yet
        Self::Read(future_to_promise(async move { Ok(own(&blob).await.map_or_else(|e| e, Into::into)) }))
    }

    /// The bytes as they were.
    ///
    /// # Errors
    /// The file cannot be read any more.
    pub async fn blob(&self) -> Result<Blob, JsValue> {
        match self {
            Self::Read(promise) => JsFuture::from(promise.clone()).await?.dyn_into(),
            Self::Named(blob) => own(blob).await,
        }
    }
}

/// A copy of the file in memory, which no editor can change.
async fn own(blob: &Blob) -> Result<Blob, JsValue> {
    if blob.size() > LARGEST {
        return Ok(blob.clone());
    }
    let gone = |e: JsValue| object([("kind", "file_changed".into()), ("detail", super::api::field(&e, "message"))]);
    let bytes = JsFuture::from(blob.array_buffer()).await.map_err(gone)?;
    let options = BlobPropertyBag::new();
    options.set_type(&blob.type_());
    Blob::new_with_buffer_source_sequence_and_options(&js_sys::Array::of1(&bytes), &options)
}
