//! Words and texts in an address.

use std::fmt::Write;

/// A text with everything but letters, digits and `keep` percent-encoded.
pub fn encode(text: &str, keep: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || keep.contains(c) {
            out.push(c);
            continue;
        }
        for byte in c.encode_utf8(&mut [0; 4]).bytes() {
            // a String takes everything
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// And back; `None` if it is no UTF-8. A lone per cent sign stays one.
pub fn decode(text: &str) -> Option<String> {
    let (bytes, mut out, mut i) = (text.as_bytes(), Vec::new(), 0);
    while let Some(byte) = bytes.get(i) {
        let hex = bytes.get(i + 1..i + 3).and_then(|h| std::str::from_utf8(h).ok());
        match hex.filter(|_| *byte == b'%').and_then(|h| u8::from_str_radix(h, 16).ok()) {
            Some(v) => {
                out.push(v);
                i += 3;
            }
            None => {
                out.push(*byte);
                i += 1;
            }
        }
    }
    String::from_utf8(out).ok()
}

/// The word of a value; the first one of the table is the default and stays unsaid.
pub fn word<T: PartialEq>(table: &[(&str, T)], value: &T) -> Option<String> {
    table.iter().skip(1).find(|(_, v)| v == value).map(|(word, _)| (*word).to_owned())
}

/// The value of a word.
pub fn value<T: Copy>(table: &[(&str, T)], word: &str) -> Option<T> {
    table.iter().find(|(w, _)| *w == word).map(|(_, v)| *v)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_comes_back() {
        for text in ["", "100 %", "猫 & cat", "a:b,c=d#e", "%41"] {
            assert_eq!(decode(&encode(text, ":,")).as_deref(), Some(text));
        }
        assert_eq!((decode("50%"), decode("%zz"), decode("%ff")), (Some("50%".into()), Some("%zz".into()), None));
    }
}
