//! From a file's bytes to pixels: JPEG, PNG, GIF and WebP.

use std::error::Error;
use std::io::{self, Cursor, ErrorKind};

use ::image::codecs::{gif::GifDecoder, png::PngDecoder, webp::WebPDecoder};
use ::image::metadata::Orientation;
use ::image::{DynamicImage, ImageDecoder, ImageError, ImageResult, Limits};

use super::{Rejected, check_size, jpeg, reject, sniff};
use crate::catalog::ProblemKind;
use crate::catalog::picture::LIMITS;

/// A decoded picture as the file has it.
pub struct Decoded {
    /// Its pixels, neither turned nor converted.
    pub picture: DynamicImage,
    /// How they have to be turned.
    pub orientation: Orientation,
    /// The colour profile (ICC) in the file, if any.
    pub profile: Option<Vec<u8>>,
}

/// Decodes a file by its first bytes.
pub fn decode(bytes: &[u8]) -> Result<Decoded, Rejected> {
    if let Some(name) = sniff::foreign(bytes) {
        return Err(reject(ProblemKind::UnsupportedFormat, name));
    }
    match bytes {
        [0xff, 0xd8, ..] => jpeg::decode(bytes),
        [0x89, b'P', b'N', b'G', ..] => {
            let ended = sniff::png_with_end(bytes);
            let read = pixels(PngDecoder::new(Cursor::new(ended.as_deref().unwrap_or(bytes))));
            // without its end it is cut off, whatever the decoder met first
            read.map_err(|r| match r.kind {
                ProblemKind::DamagedImage if ended.is_some() => reject(ProblemKind::TruncatedImage, r.detail),
                _ => r,
            })
        }
        [b'G', b'I', b'F', b'8', ..] => {
            let fitting = sniff::gif_with_screen(bytes);
            pixels(GifDecoder::new(Cursor::new(fitting.as_deref().unwrap_or(bytes))))
        }
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => {
            pixels(WebPDecoder::new(Cursor::new(bytes)))
        }
        _ => Err(reject(ProblemKind::NotAnImage, "unknown signature")),
    }
}

fn pixels(decoder: ImageResult<impl ImageDecoder>) -> Result<Decoded, Rejected> {
    let mut decoder = decoder.map_err(refused)?;
    let (width, height) = decoder.dimensions();
    check_size([width, height])?;
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(LIMITS.pixels * 8);
    decoder.set_limits(limits).map_err(refused)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile().ok().flatten();
    let picture = DynamicImage::from_decoder(decoder).map_err(refused)?;
    Ok(Decoded { picture, orientation, profile })
}

fn refused(error: ImageError) -> Rejected {
    let kind = match &error {
        ImageError::Unsupported(_) => ProblemKind::UnsupportedFormat,
        ImageError::Limits(_) => ProblemKind::ImageTooLarge,
        _ if ends_early(&error) => ProblemKind::TruncatedImage,
        _ => ProblemKind::DamagedImage,
    };
    reject(kind, error)
}

/// Whether the bytes ended before the picture did, somewhere in the chain of causes.
fn ends_early(error: &ImageError) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    std::iter::from_fn(|| {
        let this = cause?;
        cause = this.source();
        Some(this)
    })
    .any(|e| match e.downcast_ref::<io::Error>() {
        Some(e) => e.kind() == ErrorKind::UnexpectedEof,
        // the GIF decoder has words for it only
        None => e.to_string().to_lowercase().contains("unexpected end of file"),
    })
}
