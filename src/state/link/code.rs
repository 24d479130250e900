//! Words and texts in an address.

/// A text with everything but letters, digits and `keep` as `!XX`, its bytes in hexadecimal. Not as `%XX`: messengers, course
/// systems and mail encode or decode percent signs once more on the way, and then nobody knows how often.
pub fn encode(text: &str, keep: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || keep.contains(c) {
            out.push(c);
        } else {
            out.push_str(&escaped(c));
        }
    }
    out
}

/// One character as `!XX`.
pub fn escaped(c: char) -> String {
    c.encode_utf8(&mut [0; 4]).bytes().fold(String::new(), |out, byte| format!("{out}!{byte:02X}"))
}

/// The inverse of [`encode`]; `None` when the bytes are no UTF-8. A `!` without two digits behind it stays.
pub fn decode(text: &str) -> Option<String> {
    unescaped(text, b'!')
}

/// A text without the percent signs of whatever carried it here, however often it was encoded on the way.
pub fn peeled(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..4 {
        match unescaped(&text, b'%') {
            Some(next) if next != text => text = next,
            _ => break,
        }
    }
    text
}

fn unescaped(text: &str, mark: u8) -> Option<String> {
    let (bytes, mut out, mut i) = (text.as_bytes(), Vec::new(), 0);
    while let Some(byte) = bytes.get(i) {
        let digits = bytes.get(i + 1..i + 3).filter(|h| *byte == mark && h.iter().all(u8::is_ascii_hexdigit));
        match digits.and_then(|h| u8::from_str_radix(std::str::from_utf8(h).ok()?, 16).ok()) {
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

/// The value that a table has for a word.
pub fn value<T: Copy>(table: &[(&str, T)], word: &str) -> Option<T> {
    table.iter().find(|(w, _)| *w == word).map(|(_, v)| *v)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_comes_back() {
        for text in ["", "100 %", "猫 & cat", "a:b,c=d#e", "%41", "!41!"] {
            let coded = encode(text, ":,");
            assert_eq!(decode(&coded).as_deref(), Some(text));
            assert_eq!(peeled(&coded), coded, "nothing for a messenger to decode");
        }
        assert_eq!((decode("50!"), decode("!zz"), decode("!ff")), (Some("50!".into()), Some("!zz".into()), None));
        assert_eq!((peeled("50%"), peeled("%zz"), peeled("%ff")), ("50%".into(), "%zz".into(), "%ff".into()));
        assert_eq!(
            (peeled("a%3Ab"), peeled("a%25253Ab"), peeled("%E7%8C%AB")),
            ("a:b".into(), "a:b".into(), "猫".into())
        );
    }
}
