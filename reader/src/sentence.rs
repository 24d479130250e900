//! A sentence for the visitor, in both languages of the page.

/// What is said, with its names and figures filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// English.
    pub en: String,
    /// 中文.
    pub zh: String,
}

/// A [`Sentence`] of two format strings, English and 中文, with the same arguments.
macro_rules! told {
    ($en:literal, $zh:literal $(, $argument:expr)* $(,)?) => {
        $crate::sentence::Sentence { en: format!($en $(, $argument)*), zh: format!($zh $(, $argument)*) }
    };
}

pub(crate) use told;

/// Bytes as a figure for people: `528 MB`.
pub fn megabytes(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1000)),
        1_000_000..10_000_000_000 => format!("{} MB", bytes / 1_000_000),
        _ => format!("{:.0} GB", bytes as f64 / 1e9),
    }
}

/// At most 80 characters of a name out of a file, on one line.
pub fn shown(name: &str) -> String {
    let mut short: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).take(80).collect();
    if name.chars().nth(80).is_some() {
        short.push('…');
    }
    short
}
