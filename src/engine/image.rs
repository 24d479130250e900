//! From a file's bytes to what the network sees: decode, orient, flatten, resize, crop, normalise.

mod colour;
mod decode;
mod fill;
mod jpeg;
mod slic;
mod sniff;

pub use fill::{filled, masked, normalised, rounded, scaled, unit};
pub use slic::superpixels;

use ::image::imageops::{self, FilterType};
use ::image::metadata::Orientation;
use ::image::{DynamicImage, Rgb, RgbImage, RgbaImage};
use serde::Serialize;

use super::planes::{Planes, Shape};
use crate::catalog::card::{ChannelOrder, Preprocessing};
use crate::catalog::picture::{Crop, LIMITS};
use crate::catalog::{NetworkSpec, ProblemKind};
use colour::Outcome;
use decode::{Decoded, decode};

/// How often its width a picture's length is looked at, when its middle is cropped.
const LONGEST: u32 = 8;
/// How a picture that is not square meets a square input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fit {
    /// Shorter side to 8/7 of the input, centre square (torchvision's recipe: 256, then 224).
    #[default]
    Crop,
    /// Whole picture inside the square, mean grey beside it.
    Contain,
    /// Whole picture, squeezed.
    Stretch,
}

/// How to prepare an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Side of the square input, 32..=512.
    pub size: u32,
    /// How a picture that is not square meets the square.
    pub fit: Fit,
    /// With [`Fit::Crop`]: which square; by default torchvision's recipe.
    pub crop: Option<Crop>,
}

impl Default for Options {
    fn default() -> Self {
        Self { size: 224, fit: Fit::Crop, crop: None }
    }
}

/// Something a visitor should know about an accepted image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// An animation: only the first frame is used.
    FirstFrame,
    /// Transparent pixels were laid on white.
    AlphaOnWhite,
    /// EXIF said that the camera was turned.
    Oriented,
    /// The colour profile was converted to sRGB.
    Converted,
    /// The colour profile is a table or cannot be read: the numbers were taken as sRGB.
    ProfileIgnored,
    /// Not decoded here but by the browser, which knows more formats.
    DecodedByBrowser,
    /// Parts of the file are damaged; what could be read was taken.
    Damaged,
}

/// A picture cut or scaled to the square that the network reads.
#[derive(Clone, Debug, PartialEq)]
pub struct Prepared {
    /// The square, 8 bits a channel, not yet normalised.
    pub rgb: RgbImage,
    /// Width and height of the file's picture, after orientation.
    pub original: (u32, u32),
    /// What was done to the file's picture that the visitor should know.
    pub notes: Vec<Note>,
}

/// One of many pictures, by the name of its group.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// A concept, a class, a folder.
    pub group: String,
    /// The picture itself.
    pub image: Prepared,
}

/// Why an image was refused.
#[derive(Debug, thiserror::Error)]
#[error("{detail}")]
pub struct Rejected {
    /// Which problem the page explains to the visitor.
    pub kind: ProblemKind,
    /// What exactly was found, in English, for reports.
    pub detail: String,
}

fn reject(kind: ProblemKind, detail: impl ToString) -> Rejected {
    Rejected { kind, detail: detail.to_string() }
}

/// Whether a file of so many bytes may be read at all, or a picture of `pixels` (width, height) taken: asked before anything
/// is copied or decoded.
///
/// # Errors
/// [`Rejected`] for what is empty, too large or too small.
pub fn check(bytes: usize, pixels: Option<[u32; 2]>) -> Result<(), Rejected> {
    match pixels {
        Some(size) => check_size(size),
        None if bytes == 0 => Err(reject(ProblemKind::EmptyFile, "0 bytes")),
        None if bytes > LIMITS.bytes => Err(reject(ProblemKind::ImageTooLarge, format!("{bytes} bytes"))),
        None => Ok(()),
    }
}

fn check_size([width, height]: [u32; 2]) -> Result<(), Rejected> {
    let kind = if u64::from(width) * u64::from(height) > LIMITS.pixels {
        ProblemKind::ImageTooLarge
    } else if width.min(height) < LIMITS.side {
        ProblemKind::ImageTooSmall
    } else {
        return Ok(());
    };
    Err(reject(kind, format!("{width} x {height} pixels")))
}

/// Decodes a file and prepares it.
///
/// # Errors
/// [`Rejected`] with a kind for every way in which a file can be unusable.
pub fn prepare(bytes: &[u8], options: Options) -> Result<Prepared, Rejected> {
    check(bytes.len(), None)?;
    let Decoded { mut picture, orientation, profile } = decode(bytes)?;
    let mut notes = Vec::new();
    if sniff::animated(bytes) {
        notes.push(Note::FirstFrame);
    }
    if orientation != Orientation::NoTransforms {
        picture.apply_orientation(orientation);
        notes.push(Note::Oriented);
    }
    let (mut rgb, flattened) = flatten(&picture);
    if flattened {
        notes.push(Note::AlphaOnWhite);
    }
    match profile.map(|profile| colour::to_srgb(&mut rgb, !picture.color().has_color(), &profile)) {
        Some(Outcome::Converted) => notes.push(Note::Converted),
        Some(Outcome::Ignored) => notes.push(Note::ProfileIgnored),
        Some(Outcome::Same) | None => {}
    }
    let original = rgb.dimensions();
    Ok(Prepared { rgb: square(&rgb, options), original, notes })
}

/// Prepares pixels that are already decoded (`ImageData`): RGBA, row-major.
///
/// # Errors
/// [`Rejected`] when the buffer does not hold `width * height` pixels, or they are too few or too many.
pub fn prepare_rgba(width: u32, height: u32, rgba: Vec<u8>, options: Options) -> Result<Prepared, Rejected> {
    check(rgba.len(), Some([width, height]))?;
    let buffer = RgbaImage::from_raw(width, height, rgba)
        .ok_or_else(|| reject(ProblemKind::TruncatedImage, "the pixel buffer is too short"))?;
    let (rgb, flattened) = flatten(&DynamicImage::ImageRgba8(buffer));
    let notes = if flattened { vec![Note::AlphaOnWhite] } else { Vec::new() };
    Ok(Prepared { rgb: square(&rgb, options), original: (width, height), notes })
}

/// To 8-bit RGB; transparent pixels on white. The flag tells whether any pixel was transparent.
fn flatten(picture: &DynamicImage) -> (RgbImage, bool) {
    if !picture.color().has_alpha() {
        return (picture.to_rgb8(), false);
    }
    let rgba = picture.to_rgba8();
    let mut transparent = false;
    let rgb = RgbImage::from_fn(rgba.width(), rgba.height(), |x, y| {
        let [r, g, b, a] = rgba.get_pixel(x, y).0.map(u32::from);
        transparent |= a < 255;
        Rgb([r, g, b].map(|v| ((v * a + 255 * (255 - a) + 127) / 255) as u8))
    });
    (rgb, transparent)
}

/// Resizes with an antialiased triangle filter (PIL's and torchvision's "bilinear") to the square that `options` ask for.
fn square(rgb: &RgbImage, Options { size, fit, crop }: Options) -> RgbImage {
    let (width, height) = rgb.dimensions();
    if let (Fit::Crop, Some(crop)) = (fit, crop) {
        let (left, top, side) = crop.square(width, height);
        let part = imageops::crop_imm(rgb, left, top, side, side).to_image();
        return square(&part, Options { size, fit: Fit::Stretch, crop: None });
    }
    // the middle of a long strip is all that a crop keeps, and the whole strip enlarged would fill the memory
    let (long, short) = (width.max(height), width.min(height));
    if fit == Fit::Crop && long > LONGEST * short {
        let (w, h) = (width.min(LONGEST * short), height.min(LONGEST * short));
        return square(
            &imageops::crop_imm(rgb, (width - w) / 2, (height - h) / 2, w, h).to_image(),
            Options { size, fit, crop },
        );
    }
    let resize = |w: u32, h: u32| {
        if (w, h) == (width, height) {
            rgb.clone()
        } else {
            imageops::resize(rgb, w.max(1), h.max(1), FilterType::Triangle)
        }
    };
    let scaled = |v: u32, to: u32, from: u32| (u64::from(v) * u64::from(to) / u64::from(from)) as u32;
    match fit {
        Fit::Stretch => resize(size, size),
        Fit::Crop if (width, height) == (size, size) => rgb.clone(),
        Fit::Crop => {
            let short = (f64::from(size) * 8.0 / 7.0).round() as u32;
            let (w, h) = if width <= height {
                (short, scaled(height, short, width))
            } else {
                (scaled(width, short, height), short)
            };
            let centre = |n: u32| (f64::from(n - size) / 2.0).round_ties_even() as u32;
            imageops::crop_imm(&resize(w, h), centre(w), centre(h), size, size).to_image()
        }
        Fit::Contain => {
            let (w, h) =
                if width >= height { (size, scaled(height, size, width)) } else { (scaled(width, size, height), size) };
            let mut out = RgbImage::from_pixel(size, size, Rgb([124, 116, 104]));
            let inner = resize(w, h);
            imageops::replace(&mut out, &inner, i64::from(size - w) / 2, i64::from(size - inner.height()) / 2);
            out
        }
    }
}

/// What a card's network reads: `(value / 255 * scale - mean) / std`, `[C, H, W]` with the channels in the card's order. A network
/// of one channel gets the brightness (Rec. 601).
pub fn normalise_for(rgb: &RgbImage, card: &Preprocessing) -> Planes {
    let (w, h) = (rgb.width() as usize, rgb.height() as usize);
    let mut planes = Planes::zeros(Shape::new(card.mean.len(), h, w));
    for (c, (mean, std)) in card.mean.iter().zip(&card.std).enumerate() {
        let value = |Rgb([r, g, b]): &Rgb<u8>| match (card.mean.len(), card.order) {
            (1, _) => 0.299 * f32::from(*r) + 0.587 * f32::from(*g) + 0.114 * f32::from(*b),
            (_, ChannelOrder::Rgb) => f32::from(*[r, g, b][c % 3]),
            (_, ChannelOrder::Bgr) => f32::from(*[b, g, r][c % 3]),
        };
        for (y, row) in rgb.rows().enumerate() {
            let out = planes.row_mut(c, y);
            out.iter_mut().zip(row).for_each(|(o, p)| *o = (value(p) / 255.0 * card.scale - mean) / std);
        }
    }
    planes
}

/// `(rgb / 255 - mean) / std`, `[3, H, W]`.
pub fn normalise(rgb: &RgbImage, spec: &NetworkSpec) -> Planes {
    let (w, h) = (rgb.width() as usize, rgb.height() as usize);
    let mut planes = Planes::zeros(Shape::new(3, h, w));
    for c in 0..3 {
        let (mean, std) = (spec.mean[c], spec.std[c]);
        for (y, row) in rgb.rows().enumerate() {
            let out = planes.row_mut(c, y);
            out.iter_mut().zip(row).for_each(|(o, p)| *o = (f32::from(p.0[c]) / 255.0 - mean) / std);
        }
    }
    planes
}
