//! A picture as the network sees it, where it came from, and the classes that the network sees in it.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassScore {
    /// The class, 0..=999.
    pub index: usize,
    /// Its logit.
    pub logit: f32,
    /// Its probability (the softmax), 0..1.
    pub probability: f32,
}
