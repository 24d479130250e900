//! What a file is, from its first bytes, where the decoder alone would give a poor message.

/// The name of a picture format that we know but do not decode.
pub fn foreign(bytes: &[u8]) -> Option<&'static str> {
    let head = &bytes[..bytes.len().min(512)];
    if head.get(4..8) == Some(b"ftyp") {
        return Some(match head.get(8..12) {
            Some(b"avif" | b"avis") => "AVIF",
            Some(b"heic" | b"heix" | b"heim" | b"heis" | b"mif1" | b"msf1" | b"hevc") => "HEIC",
            _ => "video or other ISO media file",
        });
    }
    let text = String::from_utf8_lossy(head).to_lowercase();
    let text = text.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']);
    if text.starts_with("<svg") || (text.starts_with("<?xml") && text.contains("<svg")) {
        return Some("SVG");
    }
    match head {
        [b'B', b'M', ..] if head.len() > 26 => Some("BMP"),
        [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => Some("TIFF or camera RAW"),
        [0xff, 0x0a, ..] | [0, 0, 0, 12, b'J', b'X', b'L', b' ', ..] => Some("JPEG XL"),
        [b'%', b'P', b'D', b'F', ..] => Some("PDF"),
        _ => None,
    }
}

/// Whether a JPEG ends before its end-of-image marker: decoders fill the rest with grey without a word.
///
/// Segments are walked to the first scan, past the thumbnail in the metadata; what phones append after the image (a video,
/// more pictures) does not matter.
pub fn cut_off(bytes: &[u8]) -> bool {
    if !bytes.starts_with(&[0xff, 0xd8]) {
        return false;
    }
    let mut at = 2;
    while let Some([0xff, marker, high, low]) = bytes.get(at..at + 4) {
        at += match marker {
            // fill byte
            0xff => 1,
            // start of scan: inside it 0xff is always followed by 0 or a restart marker
            0xda => return !bytes[at..].windows(2).any(|w| w == [0xff, 0xd9]),
            _ => 2 + usize::from(u16::from_be_bytes([*high, *low])),
        };
    }
    // a broken header is the decoder's to name
    at + 4 > bytes.len()
}

/// Whether a GIF, WebP or PNG has more than one frame.
pub fn animated(bytes: &[u8]) -> bool {
    match bytes {
        [b'G', b'I', b'F', ..] => gif_frames(bytes) > 1,
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => {
            bytes[..bytes.len().min(64)].windows(4).any(|w| w == b"ANIM")
        }
        [0x89, b'P', b'N', b'G', ..] => bytes[..bytes.len().min(4096)].windows(4).any(|w| w == b"acTL"),
        _ => false,
    }
}

/// Counts a GIF's image blocks, up to two; a damaged file counts what can be read.
fn gif_frames(bytes: &[u8]) -> usize {
    let table = |packed: u8| if packed & 0x80 != 0 { 3 << ((packed & 7) + 1) } else { 0 };
    let byte = |at: usize| bytes.get(at).copied();
    let skip_blocks = |mut at: usize| {
        while let Some(n @ 1..) = byte(at) {
            at += 1 + usize::from(n);
        }
        at + 1
    };
    let mut at = 13 + byte(10).map_or(0, table);
    let mut frames = 0;
    while frames < 2 {
        at = match byte(at) {
            Some(0x21) => skip_blocks(at + 2),
            Some(0x2c) => {
                frames += 1;
                let Some(packed) = byte(at + 9) else { break };
                skip_blocks(at + 11 + table(packed))
            }
            _ => break,
        };
    }
    frames
}
