//! PNG files: made from pixels, never from a canvas, which browsers that protect against fingerprinting read back as noise; with
//! the address of a view inside (a `tEXt` chunk with the keyword `cnn-lens`): dropped on the page, such a picture restores what
//! it shows.

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
const KEYWORD: &[u8] = b"cnn-lens\0";
/// Longer addresses are none of ours.
const MOST: usize = 8192;

/// Opaque RGBA as an RGB PNG; `None` if there are fewer pixels than `width * height`.
pub fn encode(width: usize, height: usize, rgba: &[u8]) -> Option<Vec<u8>> {
    let pixels = rgba.as_chunks::<4>().0.get(..width * height)?;
    let mut header = Vec::from(b"IHDR");
    header.extend(u32::try_from(width).ok()?.to_be_bytes());
    header.extend(u32::try_from(height).ok()?.to_be_bytes());
    // 8 bits, RGB, deflate, a filter for every row, not interlaced
    header.extend([8, 2, 0, 0, 0]);
    let mut above = vec![0; 3 * width];
    let mut filtered = Vec::with_capacity(height * (1 + 3 * width));
    for row in pixels.chunks_exact(width.max(1)) {
        let row: Vec<u8> = row.iter().flat_map(|[r, g, b, _]| [*r, *g, *b]).collect();
        filtered.extend(filter(&row, &above));
        above = row;
    }
    let data = [b"IDAT", fdeflate::compress_to_vec(&filtered).as_slice()].concat();
    Some([SIGNATURE, &chunk(&header)?, &chunk(&data)?, &chunk(b"IEND")?].concat())
}

/// A row as its differences from the left, from above, or from both, whichever are smallest (ISO 15948, 12.8).
fn filter(row: &[u8], above: &[u8]) -> Vec<u8> {
    let left = |of: &[u8], i: usize| if i < 3 { 0 } else { of[i - 3] };
    let paeth = |i: usize| {
        let [a, b, c] = [left(row, i), above[i], left(above, i)].map(i16::from);
        let [pa, pb, pc] = [b - c, a - c, a + b - 2 * c].map(i16::abs);
        if pa <= pb && pa <= pc {
            a
        } else if pb <= pc {
            b
        } else {
            c
        }
        .to_le_bytes()[0]
    };
    let guess = |kind: u8, i: usize| match kind {
        1 => left(row, i),
        2 => above[i],
        _ => paeth(i),
    };
    let line = |kind: u8| -> Vec<u8> {
        std::iter::once(kind).chain(row.iter().enumerate().map(|(i, v)| v.wrapping_sub(guess(kind, i)))).collect()
    };
    let size = |line: &Vec<u8>| line[1..].iter().map(|v| u32::from(v.cast_signed().unsigned_abs())).sum::<u32>();
    [1, 2, 4].map(line).into_iter().min_by_key(size).unwrap_or_default()
}

/// A chunk: its length, its kind and contents, and their checksum.
fn chunk(body: &[u8]) -> Option<Vec<u8>> {
    let length = u32::try_from(body.len().checked_sub(4)?).ok()?;
    Some([&length.to_be_bytes(), body, &checksum(body).to_be_bytes()].concat())
}

/// The PNG with `text` (ASCII) right behind its header; `None` if it is no PNG.
pub fn with_text(png: &[u8], text: &str) -> Option<Vec<u8>> {
    // signature, and IHDR: 4 length, 4 kind, 13, 4 checksum
    let header = [SIGNATURE, b"\0\0\0\x0dIHDR"].concat();
    let (start, rest) = png.split_at_checked(SIGNATURE.len() + 25).filter(|(start, _)| start.starts_with(&header))?;
    Some([start, &chunk(&[b"tEXt", KEYWORD, text.as_bytes()].concat())?, rest].concat())
}

/// The text that [`with_text`] put there.
pub fn text_of(png: &[u8]) -> Option<String> {
    let mut rest = png.strip_prefix(SIGNATURE)?;
    loop {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let length = u32::from_be_bytes(*length) as usize;
        let (chunk, after) = after.split_at_checked(length.checked_add(4)?)?;
        let (sum, after) = after.split_first_chunk::<4>()?;
        if let Some(text) = chunk.strip_prefix(b"tEXt").and_then(|c| c.strip_prefix(KEYWORD)) {
            let whole = checksum(chunk) == u32::from_be_bytes(*sum);
            return String::from_utf8(text.to_vec()).ok().filter(|t| whole && t.is_ascii() && t.len() <= MOST);
        }
        rest = after;
    }
}

/// CRC-32 of PNG (ISO 15948, annex D).
fn checksum(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { 0xEDB8_8320 ^ (crc >> 1) } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, b| (0..8).fold(crc ^ u32::from(*b), step))
}

#[cfg(all(test, feature = "engine"))] // `image` reads it back
mod tests {
    use super::*;

    /// Width, height and RGBA as an independent decoder (the `image` crate) reads them.
    fn decoded(png: &[u8]) -> (u32, u32, Vec<u8>) {
        let picture = image::load_from_memory_with_format(png, image::ImageFormat::Png).unwrap().to_rgba8();
        (picture.width(), picture.height(), picture.into_raw())
    }

    #[test]
    fn pixels_come_back_from_another_decoder() {
        let photo = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/photo224.png")).unwrap();
        let (w, h, rgba) = decoded(&photo);
        let png = encode(w as usize, h as usize, &rgba).unwrap();
        assert!(decoded(&png) == (w, h, rgba.clone()));
        assert!(png.len() < 130_000, "{}: it is compressed", png.len());
        // every remainder of every difference, and the smallest one
        let noise: Vec<u8> = (0..5 * 7 * 4).map(|i| if i % 4 == 3 { 255 } else { (i * i * 37 % 256) as u8 }).collect();
        assert_eq!(decoded(&encode(5, 7, &noise).unwrap()), (5, 7, noise.clone()));
        assert_eq!(decoded(&encode(1, 1, &noise).unwrap()), (1, 1, noise[..4].to_vec()));
        assert_eq!(encode(6, 7, &noise), None);
        let white = encode(640, 300, &[255; 640 * 300 * 4]).unwrap();
        assert!(white.len() < 4000, "{}: an empty area costs next to nothing", white.len());
    }

    #[test]
    fn a_picture_keeps_its_address() {
        assert_eq!(checksum(b"IEND"), 0xAE42_6082);
        let png = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/photo224.png")).unwrap();
        assert_eq!(text_of(&png), None);
        let stamped = with_text(&png, "#v=1&img=sample:cat").unwrap();
        assert_eq!(text_of(&stamped).as_deref(), Some("#v=1&img=sample:cat"));
        // damaged, cut off, or no PNG
        let at = stamped.windows(9).position(|w| w == KEYWORD).unwrap();
        let mut damaged = stamped.clone();
        damaged[at + 12] ^= 1;
        assert_eq!((text_of(&damaged), text_of(&stamped[..at + 4]), with_text(b"GIF89a", "x")), (None, None, None));
    }
}
