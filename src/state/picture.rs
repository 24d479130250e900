//! A picture as the network sees it, where it came from, and the classes that the network sees in it.

use std::rc::Rc;

use serde_json::Value;

use crate::fields::{BadField, object};

/// Where a picture came from.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// One of the bundled examples.
    Example(&'static str),
    /// A file, a pasted picture or a camera frame, kept by the page under this number.
    File(u32, String),
    /// An address that a link named.
    Url(String),
}

/// A picture as the network sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Where it came from.
    pub source: Source,
    /// Width and height of the file's picture, after orientation.
    pub original: (u32, u32),
    /// Side of the square that the network reads, in pixels.
    pub size: usize,
    /// The square as RGBA, row by row.
    pub rgba: Rc<Vec<u8>>,
    /// What was done to it, by the names of `engine::image::Note`.
    pub notes: Vec<String>,
}

/// Anything but an example is the visitor's own: nobody else can know what the page gets at an address.
pub(super) fn own(source: &Source) -> bool {
    !matches!(source, Source::Example(_))
}

/// One line of the class list.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassScore {
    /// The class, 0..=999.
    pub index: usize,
    /// Its logit.
    pub logit: f32,
    /// Its probability (the softmax), 0..1.
    pub probability: f32,
}

impl ClassScore {
    /// Reads a class as the engine, or an example's first screen, tells it.
    ///
    /// # Errors
    /// [`BadField`]: a field that is missing or of another kind.
    pub fn read(value: Value) -> Result<Self, BadField> {
        let mut fields = object("classes", value)?;
        Ok(Self {
            index: fields.whole("index")?,
            logit: fields.number("logit")?,
            probability: fields.number("probability")?,
        })
    }
}
