//! What the story says: one file per language (`www/story/*.json`), fetched when the story is opened. It is looked into, not
//! copied: what is missing is empty, and `tests/story.rs` sees to it that nothing is.

use serde_json::Value;

use crate::catalog::text::Lang;

/// The chapters' names in addresses, in their order. Every language's file has exactly these.
pub const CHAPTERS: [&str; 13] = [
    "convolution",
    "maps",
    "deconvnet",
    "strongest",
    "maximise",
    "cascade",
    "occlusion",
    "board",
    "layers",
    "robust",
    "bias",
    "trust",
    "unseen",
];

/// The story in one language.
#[derive(Clone, Debug, PartialEq)]
pub struct Tale {
    /// The language of its text.
    pub lang: Lang,
    file: Value,
}

/// A chapter of the story, as its file has it.
#[derive(Clone, Copy, Debug)]
pub struct Chapter<'a>(&'a Value);

/// A question to which the engine's result on the reader's photo is the answer.
#[derive(Clone, Copy, Debug)]
pub struct Prediction<'a>(&'a Value);

/// What is predicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Where most of the map lies: drawn on the photo.
    Draw,
    /// Which class is the answer after the change.
    Class,
    /// In which range a number lies.
    Range,
}

impl Tale {
    /// The story of a language from the content of its file.
    pub fn new(lang: Lang, file: Value) -> Self {
        Self { lang, file }
    }

    /// A word of its buttons and verdicts.
    pub fn word(&self, name: &str) -> &str {
        string(&self.file["words"][name])
    }

    /// A chapter, by its number.
    pub fn chapter(&self, number: usize) -> Chapter<'_> {
        Chapter(&self.file["chapters"][number])
    }
}

impl<'a> Chapter<'a> {
    /// Its title.
    pub fn title(self) -> &'a str {
        string(&self.0["title"])
    }

    /// How many paragraphs it has.
    pub fn len(self) -> usize {
        list(&self.0["paragraphs"]).len()
    }

    /// Whether it has none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// What a paragraph says.
    pub fn text(self, paragraph: usize) -> &'a str {
        string(&self.0["paragraphs"][paragraph]["text"])
    }

    /// What a paragraph shows: an address without a picture, for the reader's own. Behind the last one it stays.
    pub fn view(self, paragraph: usize) -> &'a str {
        string(&self.0["paragraphs"][paragraph.min(self.len().saturating_sub(1))]["view"])
    }

    /// Pictures of what it shows, made in advance: files of `posters/`.
    pub fn posters(self) -> impl Iterator<Item = &'a str> {
        list(&self.0["posters"]).iter().map(string)
    }

    /// A note for whoever teaches with the chapter.
    pub fn teacher(self) -> &'a str {
        string(&self.0["teacher"])
    }

    /// What the reader is to predict.
    pub fn question(self) -> Prediction<'a> {
        Prediction(&self.0["question"])
    }
}

impl<'a> Prediction<'a> {
    /// The question's words.
    pub fn ask(self) -> &'a str {
        string(&self.0["ask"])
    }

    /// The question stands behind this many paragraphs.
    pub fn after(self) -> usize {
        self.0["after"].as_u64().unwrap_or(1) as usize
    }

    /// What shows the answer: an address as a paragraph has.
    pub fn view(self) -> &'a str {
        string(&self.0["view"])
    }

    /// What is predicted.
    pub fn kind(self) -> Kind {
        match self.0["kind"].as_str() {
            Some("class") => Kind::Class,
            Some("choice") => Kind::Range,
            _ => Kind::Draw,
        }
    }

    /// The name of the number that lies in a range; the module `judge` says which names there are.
    pub fn fact(self) -> &'a str {
        string(&self.0["fact"])
    }

    /// The name of the number that [`Prediction::fact`] is divided by, if any.
    pub fn over(self) -> Option<&'a str> {
        self.0["over"].as_str()
    }

    /// The sentence that tells the number; `{value}` stands for it.
    pub fn said(self) -> &'a str {
        string(&self.0["said"])
    }

    /// Whether the number is told in per cent.
    pub fn percent(self) -> bool {
        self.0["percent"] == true
    }

    /// The ranges from the lowest to the highest: in words, and where each ends; the last one has no end.
    pub fn ranges(self) -> impl Iterator<Item = (&'a str, Option<f64>)> {
        list(&self.0["options"]).iter().map(|o| (string(&o["text"]), o["below"].as_f64()))
    }

    /// The range in which a number lies; what was looked for and not found lies in the highest.
    pub fn range(self, value: Option<f64>) -> usize {
        let inside = |end: Option<f64>| end.is_none_or(|end| value.is_some_and(|v| v < end));
        self.ranges().position(|(_, end)| inside(end)).unwrap_or_default()
    }
}

fn string(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
