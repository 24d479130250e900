//! JPEG: a file that is read strictly has one meaning; only such a file is decoded.
//!
//! Decoders agree on what the standard says and differ in what they make of anything else: a missing end, a changed byte, a
//! lost scan. So a file is first read code by code ([`scan`]) and copied without what does not touch the picture. What passes
//! goes to the library, whose pixels are then libjpeg's but for rounding (`tests/engine/jpegs.rs`); what does not is refused: the
//! page may ask the browser's own decoder.

mod frame;
mod huffman;
mod scan;

use ::image::metadata::Orientation;
use ::image::{DynamicImage, GrayImage, RgbImage};
use jpeg_decoder::{ColorTransform, Decoder};

use super::{Decoded, Rejected, check_size, reject};
use crate::catalog::ProblemKind;
use frame::{Frame, Refusal};
use huffman::{Codes, Fault};

/// What is known before the scans, and what the library needs.
#[derive(Default)]
struct Reading {
    clean: Vec<u8>,
    frame: Option<Frame>,
    codes: scan::Tables,
    steps: [Option<[u16; 64]>; 4],
    restart: usize,
    scanned: bool,
    jfif: bool,
    adobe: Option<u8>,
    orientation: Option<Orientation>,
    profile: Vec<(u8, u8, Vec<u8>)>,
}

/// Decodes a file that begins with a start-of-image marker.
pub fn decode(bytes: &[u8]) -> Result<Decoded, Rejected> {
    let mut read = Reading { clean: vec![0xff, 0xd8], ..Reading::default() };
    let mut at = 2;
    loop {
        let Some(marker) = scan::marker(bytes, at) else {
            return Err(if read.complete() { no_end() } else { cut_off() });
        };
        at = marker + 1;
        match bytes[marker] {
            0xd9 if read.complete() => break,
            0xd9 => return Err(damaged("scans are missing")),
            // stray restart markers
            0xd0..=0xd7 | 0x01 => continue,
            0xd8 => return Err(damaged("two beginnings")),
            _ => {}
        }
        let length = bytes.get(at..at + 2).ok_or_else(cut_off)?;
        // a length below 2 counts as an empty segment, as in libjpeg
        let length = usize::from(u16::from_be_bytes([length[0], length[1]])).max(2);
        let segment = bytes.get(at + 2..at + length).ok_or_else(cut_off)?;
        at += length;
        read.segment(bytes[marker], segment)?;
        if bytes[marker] == 0xda {
            at = read.scan(segment, bytes, at)?;
            // a sequential picture is complete with its last component: what lies behind is not read
            if read.frame.as_ref().is_some_and(|f| !f.progressive && f.complete()) {
                scan::marker(bytes, at).ok_or_else(no_end)?;
                break;
            }
        }
    }
    read.picture()
}

fn damaged(what: &str) -> Rejected {
    reject(ProblemKind::DamagedImage, what)
}

/// All is there but the end marker: some decoders show the whole, some (Chromium's) without its last rows.
fn no_end() -> Rejected {
    damaged("the end marker is missing")
}

fn cut_off() -> Rejected {
    reject(ProblemKind::TruncatedImage, "the JPEG ends before its picture")
}

impl From<Fault> for Rejected {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::CutOff => cut_off(),
            Fault::Damaged(what) => damaged(what),
        }
    }
}

impl From<Refusal> for Rejected {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unsupported(what) => reject(ProblemKind::UnsupportedFormat, what),
            Refusal::Damaged(what) => damaged(what),
        }
    }
}

impl Reading {
    fn complete(&self) -> bool {
        self.frame.as_ref().is_some_and(Frame::complete)
    }

    fn keep(&mut self, marker: u8, segment: &[u8]) {
        let [a, b] = (segment.len() as u16 + 2).to_be_bytes();
        self.clean.extend([0xff, marker, a, b]);
        self.clean.extend_from_slice(segment);
    }

    fn segment(&mut self, marker: u8, segment: &[u8]) -> Result<(), Rejected> {
        match marker {
            0xc4 => self.codes(segment)?,
            0xc8 | 0xcc | 0xdc => {
                return Err(reject(ProblemKind::UnsupportedFormat, format!("JPEG with segment {marker:#x}")));
            }
            0xc0..=0xcf => {
                if self.frame.is_some() {
                    return Err(damaged("two frames"));
                }
                let frame = Frame::read(marker, segment)?;
                check_size(frame.size.map(|n| n as u32))?;
                self.frame = Some(frame);
            }
            0xdb => self.steps(segment)?,
            0xdd => match segment {
                [a, b] => self.restart = u16::from_be_bytes([*a, *b]).into(),
                _ => return Err(damaged("the restart interval is wrong")),
            },
            0xe0 => {
                self.jfif |= segment.len() >= 14 && segment.starts_with(b"JFIF\0");
                return Ok(());
            }
            0xe1 => {
                if let Some(exif) = segment.strip_prefix(b"Exif\0") {
                    // the first that says one
                    self.orientation =
                        self.orientation.or_else(|| Orientation::from_exif_chunk(exif.get(1..).unwrap_or_default()));
                }
                return Ok(());
            }
            0xe2 => {
                if let Some([number, count, part @ ..]) = segment.strip_prefix(b"ICC_PROFILE\0") {
                    self.profile.push((*number, *count, part.to_vec()));
                }
                return Ok(());
            }
            0xee => {
                if segment.len() >= 12 && segment.starts_with(b"Adobe") {
                    self.adobe = Some(segment[11]);
                }
                return Ok(());
            }
            // a scan header is kept with its scan
            0xda => return Ok(()),
            // other metadata
            0xe3..=0xed | 0xef..=0xfe => return Ok(()),
            _ => return Err(damaged("an unknown marker")),
        }
        self.keep(marker, segment);
        Ok(())
    }

    fn codes(&mut self, mut segment: &[u8]) -> Result<(), Rejected> {
        let wrong = || damaged("a table of codes is wrong");
        while let Some((id, rest)) = segment.split_first() {
            let (counts, rest) = rest.split_first_chunk::<16>().ok_or_else(wrong)?;
            let total = counts.iter().map(|c| usize::from(*c)).sum();
            let (symbols, rest) = rest.split_at_checked(total).ok_or_else(wrong)?;
            let slot = self.codes.get_mut(usize::from(id >> 4)).and_then(|class| class.get_mut(usize::from(id & 15)));
            if total > 256 || (id >> 4 == 0 && symbols.iter().any(|s| *s > 15)) {
                return Err(wrong());
            }
            *slot.ok_or_else(wrong)? = Some(Codes::new(counts, symbols).ok_or_else(wrong)?);
            segment = rest;
        }
        Ok(())
    }

    fn steps(&mut self, mut segment: &[u8]) -> Result<(), Rejected> {
        let wrong = || damaged("a quantisation table is wrong");
        while let Some((id, rest)) = segment.split_first() {
            let wide = match id >> 4 {
                0 => 1,
                1 => 2,
                _ => return Err(wrong()),
            };
            let (values, rest) = rest.split_at_checked(64 * wide).ok_or_else(wrong)?;
            let mut table = [0; 64];
            for (to, from) in table.iter_mut().zip(values.chunks_exact(wide)) {
                *to = from.iter().fold(0, |sum, byte| sum << 8 | u16::from(*byte));
            }
            let slot = self.steps.get_mut(usize::from(id & 15)).ok_or_else(wrong)?;
            // decoders differ in which of two tables counts
            if self.scanned && slot.is_some_and(|before| before != table) {
                return Err(damaged("a quantisation table changes between scans"));
            }
            *slot = Some(table);
            segment = rest;
        }
        Ok(())
    }

    /// Reads the scan of this header, whose codes begin at `bytes[at]`; returns where they end.
    fn scan(&mut self, header: &[u8], bytes: &[u8], at: usize) -> Result<usize, Rejected> {
        let frame = self.frame.as_mut().ok_or_else(|| damaged("a scan before the frame"))?;
        let part = frame.scan(header, &self.steps)?;
        let (codes, end) = scan::read(bytes, at, frame, &part, &self.codes, self.restart)?;
        self.scanned = true;
        self.keep(0xda, header);
        self.clean.extend(codes);
        Ok(end)
    }

    /// libjpeg's rule for the meaning of the components.
    fn colours(&self, frame: &Frame) -> ColorTransform {
        let ids: Vec<u8> = frame.components.iter().map(|c| c.id).collect();
        match (ids.as_slice(), self.adobe) {
            ([_], _) => ColorTransform::Grayscale,
            ([_, _, _], _) if self.jfif => ColorTransform::YCbCr,
            ([_, _, _], Some(0)) => ColorTransform::RGB,
            ([b'R', b'G', b'B'], None) => ColorTransform::RGB,
            ([_, _, _], _) => ColorTransform::YCbCr,
            (_, None | Some(0)) => ColorTransform::CMYK,
            _ => ColorTransform::YCCK,
        }
    }

    fn picture(mut self) -> Result<Decoded, Rejected> {
        let frame = self.frame.take().ok_or_else(cut_off)?;
        for component in &frame.components {
            component.kept.iter().try_for_each(|block| component.plausible(block))?;
        }
        self.clean.extend([0xff, 0xd9]);
        let colours = self.colours(&frame);
        let [width, height] = frame.size.map(|n| n as u32);
        let count = frame.components.len();
        // the library keeps coefficients of its own
        drop(frame);
        let mut decoder = Decoder::new(self.clean.as_slice());
        decoder.set_color_transform(colours);
        let pixels = decoder.decode().map_err(|e| reject(ProblemKind::UnsupportedFormat, e))?;
        let picture = match count {
            1 => GrayImage::from_raw(width, height, pixels).map(DynamicImage::ImageLuma8),
            3 => RgbImage::from_raw(width, height, pixels).map(DynamicImage::ImageRgb8),
            _ => RgbImage::from_raw(width, height, inks(&pixels)).map(DynamicImage::ImageRgb8),
        };
        let profile = if count == 4 { None } else { self.profile() };
        Ok(Decoded {
            picture: picture.ok_or_else(|| reject(ProblemKind::UnsupportedFormat, "JPEG of another size"))?,
            orientation: self.orientation.unwrap_or(Orientation::NoTransforms),
            profile,
        })
    }

    /// The colour profile, when all its parts are there.
    fn profile(&mut self) -> Option<Vec<u8>> {
        self.profile.sort_by_key(|p| p.0);
        let count = self.profile.len();
        let whole = self.profile.iter().zip(1..).all(|((number, of, _), i)| *number == i && usize::from(*of) == count);
        (count > 0 && whole).then(|| self.profile.iter().flat_map(|p| p.2.iter().copied()).collect())
    }
}

/// Cyan, magenta, yellow and black to RGB, as browsers do it.
fn inks(pixels: &[u8]) -> Vec<u8> {
    let light = |ink: u8, black: u8| ((255 - u32::from(ink)) * (255 - u32::from(black)) + 127) / 255;
    pixels.chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]].map(|ink| light(ink, p[3]) as u8)).collect()
}
