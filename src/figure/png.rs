//! The address of a view inside a PNG (a `tEXt` chunk with the keyword `cnn-lens`): dropped on the page, such a picture restores
//! what it shows.

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
const KEYWORD: &[u8] = b"cnn-lens\0";
/// Longer addresses are none of ours.
const MOST: usize = 8192;

/// The PNG with `text` (ASCII) right behind its header; `None` if it is no PNG.
pub fn with_text(png: &[u8], text: &str) -> Option<Vec<u8>> {
    // signature, and IHDR: 4 length, 4 kind, 13, 4 checksum
    let header = [SIGNATURE, b"\0\0\0\x0dIHDR"].concat();
    let (head, rest) = png.split_at_checked(SIGNATURE.len() + 25).filter(|(head, _)| head.starts_with(&header))?;
    let body = [KEYWORD, text.as_bytes()].concat();
    let chunk = [b"tEXt", body.as_slice()].concat();
    let length = u32::try_from(body.len()).ok()?;
    Some([head, &length.to_be_bytes(), &chunk, &checksum(&chunk).to_be_bytes(), rest].concat())
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

#[cfg(test)]
mod tests {
    use super::*;

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
