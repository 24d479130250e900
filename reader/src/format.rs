//! What a file is, by its bytes.

use std::rc::Rc;

use crate::NamedSource;
use crate::error::{Foreign, ReadError};
use crate::source::{Shared, bytes};

/// What a file can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A zip archive: PyTorch's, or a `.keras`.
    Zip,
    /// A pickle: PyTorch's older files.
    Pickle,
    /// safetensors.
    Safetensors,
    /// A protocol buffer that may be ONNX.
    Onnx,
    /// HDF5: Keras.
    Hdf5,
    /// JSON: a TensorFlow.js model, a list of labels, a configuration.
    Json,
    /// Text that may be a list of labels.
    Text,
    /// Numbers that only another file explains: a TensorFlow.js model's.
    Raw,
}

/// Tells a file by its first bytes.
///
/// # Errors
/// [`ReadError::Empty`], or [`ReadError::Foreign`] for a model of a format that is not opened.
pub fn sniff(file: &NamedSource) -> Result<Format, ReadError> {
    let source: &Shared = &file.source;
    let size = source.size();
    if size == 0 {
        return Err(ReadError::Empty);
    }
    let head = bytes(source.as_ref(), 0, size.min(512))?;
    let starts = |with: &[u8]| head.starts_with(with);
    if starts(b"PK\x03\x04") || starts(b"PK\x05\x06") {
        return Ok(Format::Zip);
    }
    if starts(b"\x89HDF\r\n\x1a\n") {
        return Ok(Format::Hdf5);
    }
    if starts(b"GGUF") || starts(b"GGML") {
        return Err(ReadError::Foreign(Foreign::Gguf));
    }
    if head.get(4..8) == Some(b"TFL3") {
        return Err(ReadError::Foreign(Foreign::TfLite));
    }
    if starts(b"\x93NUMPY") {
        return Err(ReadError::Foreign(Foreign::Numpy));
    }
    if starts(b"\x89PNG")
        || starts(b"\xff\xd8\xff")
        || starts(b"GIF8")
        || (starts(b"RIFF") && head.get(8..12) == Some(b"WEBP"))
    {
        return Err(ReadError::Foreign(Foreign::Picture));
    }
    if safetensors(&head, size) {
        return Ok(Format::Safetensors);
    }
    if pickle(&head) {
        return Ok(Format::Pickle);
    }
    let text = std::str::from_utf8(&head).or_else(|error| match error.error_len() {
        // a character that the 512 bytes cut
        None => std::str::from_utf8(&head[..error.valid_up_to()]),
        Some(_) => Err(error),
    });
    if let Ok(text) = text
        && !text.chars().any(|c| c.is_control() && !c.is_whitespace())
    {
        let first = text.trim_start_matches('\u{feff}').trim_start().chars().next();
        return Ok(if matches!(first, Some('{' | '[')) { Format::Json } else { Format::Text });
    }
    protobuf(&head, &file.name)
}

/// Eight bytes of the header's length, and then a JSON object.
fn safetensors(head: &[u8], size: u64) -> bool {
    let Some(length) = head.first_chunk::<8>().map(|bytes| u64::from_le_bytes(*bytes)) else { return false };
    head.get(8) == Some(&b'{') && length >= 2 && length <= size
}

/// Protocol 2 and up begin with their number; older ones with a mark and a container that is memorised, or with a class (and no list of
/// labels begins like those).
fn pickle(head: &[u8]) -> bool {
    const CLASSES: [&[u8]; 5] = [b"ccollections\n", b"ctorch", b"cnumpy", b"ccopy_reg\n", b"c__builtin__\n"];
    match head {
        [0x80, 2..=5, ..] => true,
        [b'(', b'd' | b'l', b'p', b'0'..=b'9', ..] => true,
        _ => CLASSES.iter().any(|class| head.starts_with(class)),
    }
}

/// The protocol buffers of several frameworks, told apart by which fields come first.
fn protobuf(head: &[u8], name: &str) -> Result<Format, ReadError> {
    let lower = name.to_ascii_lowercase();
    let named = |end: &str| lower.ends_with(end);
    match head {
        _ if named(".caffemodel") => Err(ReadError::Foreign(Foreign::CaffeModel)),
        _ if named(".mlmodel") => Err(ReadError::Foreign(Foreign::CoreMl)),
        _ if named(".pb") => Err(ReadError::Foreign(Foreign::TensorFlowGraph)),
        [0x08, 1..=32, 0x12, ..] if coreml(head) => Err(ReadError::Foreign(Foreign::CoreMl)),
        // ModelProto: ir_version (1: varint) is small, and a text (2 to 6), the graph (7) or the opset (8) follows
        [0x08, 1..=32, 0x12 | 0x1a | 0x22 | 0x2a | 0x32 | 0x3a | 0x42, ..] => Ok(Format::Onnx),
        _ if named(".onnx") => Ok(Format::Onnx),
        // NetParameter: its name, then layers (2 or 100)
        [0x0a, length, rest @ ..]
            if *length < 0x80
                && matches!(rest.get(usize::from(*length)..), Some([0x12 | 0x1a, ..] | [0xa2, 0x06, ..])) =>
        {
            let text = rest.get(..usize::from(*length)).unwrap_or_default();
            match text.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ') {
                true => Err(ReadError::Foreign(Foreign::CaffeModel)),
                false => Ok(Format::Raw),
            }
        }
        // GraphDef
        [0x0a, ..] if head.windows(11).any(|part| part == b"Placeholder") => {
            Err(ReadError::Foreign(Foreign::TensorFlowGraph))
        }
        _ => Ok(Format::Raw),
    }
}

/// Core ML's specification: a version, then a description (2) whose first field is a feature (1) with its name (1).
fn coreml(head: &[u8]) -> bool {
    let [0x08, _, 0x12, rest @ ..] = head else { return false };
    let after = rest.iter().position(|byte| *byte < 0x80).map(|at| &rest[at + 1..]).unwrap_or_default();
    let inside = after.get(1..).and_then(|rest| rest.iter().position(|byte| *byte < 0x80).map(|at| &rest[at + 1..]));
    matches!((after, inside), ([0x0a, ..], Some([0x0a, ..])))
}

/// A file in memory.
pub fn named(name: &str, bytes: Vec<u8>) -> NamedSource {
    NamedSource { name: name.to_owned(), source: Rc::new(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: &str, bytes: &[u8]) -> Result<Format, ReadError> {
        sniff(&named(name, bytes.to_vec()))
    }

    #[test]
    fn files_are_told_by_their_first_bytes() {
        assert_eq!(told("a", b""), Err(ReadError::Empty));
        assert_eq!(told("a.bin", b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."), Ok(Format::Pickle));
        assert_eq!(told("a", b"PK\x03\x04..."), Ok(Format::Zip));
        assert_eq!(told("a.h5", b"\x89HDF\r\n\x1a\n..."), Ok(Format::Hdf5));
        assert_eq!(told("a", b"\x02\0\0\0\0\0\0\0{}"), Ok(Format::Safetensors));
        assert_eq!(told("a", b"\x08\x08\x12\x07pytorch\x1a\x03"), Ok(Format::Onnx));
        assert_eq!(told("labels.txt", b"cat\ndog\n"), Ok(Format::Text));
        assert_eq!(told("labels.txt", "猫\n狗\n".as_bytes()), Ok(Format::Text));
        assert_eq!(told("config.json", b" {\"id2label\": {}}"), Ok(Format::Json));
        assert_eq!(told("w.bin", &[0, 1, 2, 0x80, 0xff, 3]), Ok(Format::Raw));
        for (name, bytes, foreign) in [
            ("a", &b"GGUF\x03"[..], Foreign::Gguf),
            ("a", b"\x1c\0\0\0TFL3\x14", Foreign::TfLite),
            ("a.caffemodel", b"\x0a\x05VGG16\x12\x03", Foreign::CaffeModel),
            ("a", b"\x0a\x05VGG16\x12\x03", Foreign::CaffeModel),
            ("a.mlmodel", b"\x08\x01\x12\x10", Foreign::CoreMl),
            ("a", b"\x08\x01\x12\x0a\x0a\x08\x0a\x05imag", Foreign::CoreMl),
            ("saved_model.pb", b"\x08\x01\x12\x01", Foreign::TensorFlowGraph),
            ("a.png", b"\x89PNG\r\n", Foreign::Picture),
        ] {
            assert_eq!(told(name, bytes), Err(ReadError::Foreign(foreign)), "{name} {bytes:?}");
        }
    }
}
