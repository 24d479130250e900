//! What a file is, from its bytes, where the decoder alone would give a poor message.

/// Beginnings of pictures, and of what is mistaken for them, that are not decoded here.
const FOREIGN: &[(usize, &[u8], &str)] = &[
    (0, b"II*\0", "TIFF or camera RAW"),
    (0, b"MM\0*", "TIFF or camera RAW"),
    (0, b"II+\0", "TIFF"),
    (0, b"MM\0+", "TIFF"),
    (0, b"IIRO", "camera RAW"),
    (0, b"IIU\0", "camera RAW"),
    (0, b"FUJIFILMCCD-RAW", "camera RAW"),
    (0, b"\0\0\x01\0", "ICO"),
    (0, b"\0\0\x02\0", "CUR"),
    (0, b"\0\0\0\x0cJXL ", "JPEG XL"),
    (0, b"\xff\x0a", "JPEG XL"),
    (0, b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", "JPEG 2000"),
    (0, b"\xff\xd8\xff\xf7", "JPEG-LS"),
    (0, b"II\xbc", "JPEG XR"),
    (0, b"8BPS", "PSD"),
    (0, b"gimp xcf", "XCF"),
    (0, b"DDS ", "DDS"),
    (0, b"\x76\x2f\x31\x01", "OpenEXR"),
    (0, b"#?RADIANCE", "Radiance HDR"),
    (0, b"qoif", "QOI"),
    (0, b"farbfeld", "farbfeld"),
    (0, b"SIMPLE  =", "FITS"),
    (128, b"DICM", "DICOM"),
    (0, b"\x8aMNG", "MNG"),
    (0, b"\x8bJNG", "JNG"),
    (0, b"AT&TFORM", "DjVu"),
    (0, b"\xd7\xcd\xc6\x9a", "WMF"),
    (40, b" EMF", "EMF"),
    (0, b"%PDF", "PDF"),
    (0, b"%!PS", "PostScript"),
];

/// The name of a picture format that we know but do not decode.
pub fn foreign(bytes: &[u8]) -> Option<&'static str> {
    let at = |from: usize, what: &[u8]| bytes.get(from..).is_some_and(|rest| rest.starts_with(what));
    if at(4, b"ftyp") {
        return Some(match bytes.get(8..12) {
            Some(b"avif" | b"avis") => "AVIF",
            Some(b"heic" | b"heix" | b"heim" | b"heis" | b"mif1" | b"msf1" | b"hevc") => "HEIC",
            Some(b"crx ") => "camera RAW",
            _ => "video or other ISO media file",
        });
    }
    if svg(bytes) {
        return Some("SVG");
    }
    if at(0, b"BM") && bytes.len() > 26 {
        return Some("BMP");
    }
    // P1 to P7 and white space
    if matches!(bytes, [b'P', b'1'..=b'7', b'\n' | b'\r' | b' ' | b'\t', ..]) {
        return Some("PNM");
    }
    let known = FOREIGN.iter().find(|(from, what, _)| at(*from, what)).map(|(.., name)| *name);
    // a Targa has its signature at its end, or none
    known.or_else(|| (bytes.ends_with(b"TRUEVISION-XFILE.\0") || targa(bytes)).then_some("TGA"))
}

/// Whether the first element of a text is an SVG's; a declaration, comments and a document type may stand before it.
fn svg(bytes: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(1 << 16)]);
    let mut text = head.trim_start_matches('\u{feff}').trim_start();
    while let Some(rest) = text.strip_prefix('<') {
        let after = if rest.starts_with("!--") {
            rest.split_once("-->")
        } else if rest.starts_with('?') {
            rest.split_once("?>")
        } else if rest.starts_with('!') {
            // entities are declared in brackets
            match (rest.find('['), rest.find('>')) {
                (Some(open), Some(end)) if open < end => rest.split_once("]>").or_else(|| rest.split_once("] >")),
                _ => rest.split_once('>'),
            }
        } else {
            // a prefix may stand before the name
            let name = rest.split([' ', '\n', '\r', '\t', '>', '/']).next().unwrap_or_default();
            return name.rsplit(':').next().is_some_and(|n| n.eq_ignore_ascii_case("svg"));
        };
        let Some((_, next)) = after else { return false };
        text = next.trim_start();
    }
    false
}

/// Whether a header is an old Targa's, which has no signature: every field must be possible.
fn targa(bytes: &[u8]) -> bool {
    let Some([_, map, kind, _, _, _, _, map_bits, _, _, _, _, w0, w1, h0, h1, bits, flags]) = bytes.first_chunk::<18>()
    else {
        return false;
    };
    let mapped = matches!(kind, 1 | 9) && *map == 1 && matches!(map_bits, 15 | 16 | 24 | 32) && *bits == 8;
    let direct = matches!(kind, 2 | 10) && *map == 0 && matches!(bits, 15 | 16 | 24 | 32);
    let grey = matches!(kind, 3 | 11) && *map == 0 && matches!(bits, 8 | 16);
    (mapped || direct || grey) && (w0 | w1) > 0 && (h0 | h1) > 0 && flags & 0xc0 == 0
}

/// A PNG's chunks: type, and where each ends; those that are there as a whole.
fn chunks(bytes: &[u8]) -> impl Iterator<Item = (&[u8], usize)> {
    let mut at = 8;
    std::iter::from_fn(move || {
        let length = u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?);
        let end = at.checked_add(12)?.checked_add(usize::try_from(length).ok()?)?;
        let kind = bytes.get(at + 4..at + 8).filter(|_| end <= bytes.len())?;
        at = end;
        Some((kind, end))
    })
}

/// A PNG that lacks nothing but its end, with the end: all others show it. None for one that has it.
pub fn png_with_end(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut end = 0;
    for (kind, behind) in chunks(bytes) {
        if kind == b"IEND" {
            return None;
        }
        end = behind;
    }
    Some([&bytes[..end], b"\0\0\0\0IEND\xae\x42\x60\x82"].concat())
}

/// Whether a GIF, WebP or PNG has more than one frame.
pub fn animated(bytes: &[u8]) -> bool {
    match bytes {
        [b'G', b'I', b'F', ..] => gif_frames(bytes) > 1,
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', b'V', b'P', b'8', b'X', _, _, _, _, flags, ..] => {
            flags & 2 != 0
        }
        [0x89, b'P', b'N', b'G', ..] => {
            chunks(bytes).take_while(|(kind, _)| *kind != b"IDAT").any(|(kind, _)| kind == b"acTL")
        }
        _ => false,
    }
}

/// Where a GIF's image blocks begin, up to two; of a damaged file those that can be read.
fn gif_images(bytes: &[u8]) -> Vec<usize> {
    let table = |packed: u8| if packed & 0x80 != 0 { 3 << ((packed & 7) + 1) } else { 0 };
    let byte = |at: usize| bytes.get(at).copied();
    let skip_blocks = |mut at: usize| {
        while let Some(n @ 1..) = byte(at) {
            at += 1 + usize::from(n);
        }
        at + 1
    };
    let mut at = 13 + byte(10).map_or(0, table);
    let mut images = Vec::new();
    while images.len() < 2 {
        at = match byte(at) {
            Some(0x21) => skip_blocks(at + 2),
            Some(0x2c) => {
                images.push(at);
                let Some(packed) = byte(at + 9) else { break };
                skip_blocks(at + 11 + table(packed))
            }
            _ => break,
        };
    }
    images
}

fn gif_frames(bytes: &[u8]) -> usize {
    gif_images(bytes).len()
}

/// A GIF whose first frame does not fit its screen, on a screen that holds it, as all others show it. None for any other.
pub fn gif_with_screen(bytes: &[u8]) -> Option<Vec<u8>> {
    let pair = |at: usize| Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?));
    let frame = *gif_images(bytes).first()?;
    let needed = [0, 2].map(|i| Some(pair(frame + 1 + i)?.saturating_add(pair(frame + 5 + i)?)));
    let screen = [pair(6)?, pair(8)?];
    let [width, height] = [screen[0].max(needed[0]?), screen[1].max(needed[1]?)];
    (screen != [width, height]).then(|| {
        let mut copy = bytes.to_vec();
        copy[6..8].copy_from_slice(&width.to_le_bytes());
        copy[8..10].copy_from_slice(&height.to_le_bytes());
        copy
    })
}
