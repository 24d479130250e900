//! What the story says: one file per language (`www/story/*.json`), fetched when the story is opened.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::catalog::text::Lang;

/// The chapters' names in addresses, in their order. Every language's file has exactly these (`tests/story.rs`).
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
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tale {
    /// Its language.
    pub lang: Lang,
    /// Words of its buttons and verdicts, by their names ([`WORDS`]).
    words: BTreeMap<String, String>,
    /// The chapters, in the order of [`CHAPTERS`].
    pub chapters: Vec<Chapter>,
}

/// Names of the words that every language's file has.
pub const WORDS: [&str; 29] = [
    "again",
    "as_chance",
    "back",
    "chapter",
    "check",
    "class_right",
    "class_wrong",
    "close",
    "inside",
    "key",
    "key_intro",
    "less_than_chance",
    "link",
    "more_than_chance",
    "next",
    "no_number",
    "nothing",
    "other_class",
    "paused",
    "place",
    "previous",
    "print",
    "question",
    "right",
    "teacher",
    "title",
    "wait",
    "wrong",
    "your_answer",
];

/// A chapter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chapter {
    /// Its title.
    pub title: String,
    /// Its paragraphs, each with what it puts on the stage.
    pub paragraphs: Vec<Paragraph>,
    /// What the reader is to predict.
    pub question: Prediction,
    /// For whoever teaches with it.
    pub teacher: String,
    /// What stands in the printed answer key.
    pub answer: String,
    /// Pictures for the printed story, in `www/posters/`.
    pub posters: Vec<String>,
}

/// A paragraph.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Paragraph {
    /// What it says.
    pub text: String,
    /// What it shows: an address without a picture, for the reader's own.
    pub view: String,
}

/// A question to which the engine's result on the reader's photo is the answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prediction {
    /// The question.
    pub ask: String,
    /// It stands behind this many paragraphs.
    pub after: usize,
    /// What shows the answer: an address as a paragraph has.
    pub view: String,
    /// What is predicted.
    pub kind: Kind,
}

/// What is predicted.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Kind {
    /// Where most of the map lies: drawn on the photo.
    #[default]
    Draw,
    /// Which class is the answer after the change.
    Class,
    /// In which range a number lies.
    Range {
        /// Which number: see [`super::story`].
        fact: String,
        /// What it is divided by.
        over: Option<String>,
        /// How it is said: `{value}` stands for it.
        said: String,
        /// It is said as per cent.
        percent: bool,
        /// The ranges from the lowest to the highest.
        ranges: Vec<Range>,
    },
}

/// One of the ranges that a number may lie in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Range {
    /// In words.
    pub text: String,
    /// It ends below this; the last one has no end.
    pub below: Option<f64>,
}

impl Tale {
    /// Reads a language's file. What is missing is empty: `tests/story.rs` sees to it that nothing is.
    pub fn read(lang: Lang, file: &Value) -> Self {
        let words = file["words"].as_object().into_iter().flatten();
        Self {
            lang,
            words: words.map(|(k, v)| (k.clone(), string(v))).collect(),
            chapters: list(&file["chapters"], chapter),
        }
    }

    /// One of its words.
    pub fn word(&self, name: &str) -> &str {
        self.words.get(name).map_or("", String::as_str)
    }
}

fn string(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn list<T>(value: &Value, one: fn(&Value) -> T) -> Vec<T> {
    value.as_array().into_iter().flatten().map(one).collect()
}

fn chapter(v: &Value) -> Chapter {
    Chapter {
        title: string(&v["title"]),
        paragraphs: list(&v["paragraphs"], |p| Paragraph { text: string(&p["text"]), view: string(&p["view"]) }),
        question: prediction(&v["question"]),
        teacher: string(&v["teacher"]),
        answer: string(&v["answer"]),
        posters: list(&v["posters"], string),
    }
}

fn prediction(v: &Value) -> Prediction {
    let kind = match v["kind"].as_str() {
        Some("class") => Kind::Class,
        Some("choice") => Kind::Range {
            fact: string(&v["fact"]),
            over: v["over"].as_str().map(str::to_owned),
            said: string(&v["said"]),
            percent: v["percent"] == true,
            ranges: list(&v["options"], |o| Range { text: string(&o["text"]), below: o["below"].as_f64() }),
        },
        _ => Kind::Draw,
    };
    Prediction {
        ask: string(&v["ask"]),
        after: v["after"].as_u64().unwrap_or(1) as usize,
        view: string(&v["view"]),
        kind,
    }
}
