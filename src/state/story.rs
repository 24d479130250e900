//! The story beside the stage: where its reader is, what the reader predicts, and what came of it.

use std::rc::Rc;

use super::tale::{CHAPTERS, Tale};
use crate::catalog::Region;
use crate::catalog::text::Lang;

/// Classes among which the reader may guess.
pub const OFFERED: usize = 5;

/// Where the reader is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The chapter, as a place in [`CHAPTERS`].
    pub chapter: usize,
    /// The paragraph, from 0.
    pub paragraph: usize,
    /// The reader has touched the stage: no paragraph changes it.
    pub paused: bool,
}

/// The story as it stands beside the stage.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Story {
    /// Where the reader is; `None`: the story is closed.
    pub at: Option<Reading>,
    /// How often the reader went to a paragraph without scrolling there: it has to be brought into sight.
    pub jumps: u32,
    /// The story's text, once it was fetched.
    pub tale: Option<Rc<Tale>>,
    /// The language that was asked for.
    pub(super) asked: Option<Lang>,
    /// Whether the text could not be fetched.
    pub missing: bool,
    /// The view that it has put onto the stage.
    pub(super) view: Option<String>,
    /// What the reader has drawn on the photo, as [`Region`] reads it.
    pub drawn: String,
    /// What the reader predicts.
    pub guess: Option<Guess>,
    /// Whether the prediction was right, once its result is here.
    pub verdict: Option<Verdict>,
}

/// What the reader does with the story.
#[derive(Clone, Debug)]
pub enum Turn {
    /// Goes to a chapter's paragraph, and opens the story if it is closed.
    To(usize, usize),
    /// Has scrolled to a paragraph.
    Scrolled(usize),
    /// Goes on after having touched the stage.
    Back,
    /// Closes it.
    Close,
    /// Draws on the photo where most of a map is expected ([`Region`] as text).
    Draw(String),
    /// Makes a prediction.
    Guess(Guess),
    /// Takes the prediction back, to make another one.
    Again,
    /// The file of a language is here.
    Fetched(Rc<Tale>),
    /// The file could not be fetched.
    Missing,
}

/// What a reader predicts.
#[derive(Clone, Debug, PartialEq)]
pub enum Guess {
    /// Where most of the map lies.
    Drawn(Region),
    /// The class that is the answer then; `None`: another one than those of the list.
    Class(Option<usize>),
    /// The range of the number, from 0.
    Range(usize),
}

/// A prediction beside what was found.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// What the drawn part holds.
    Inside {
        /// The drawn part's share of the photo, 0..1.
        area: f64,
        /// What it holds of the map's evidence; `None`: there is none on the whole photo.
        share: Option<f64>,
    },
    /// The class that is the answer.
    Class {
        /// The class.
        class: usize,
        /// The reader said so.
        right: bool,
    },
    /// The range in which the number lies.
    Range {
        /// The number; `None`: what was looked for was not found, which counts as the highest range.
        value: Option<f64>,
        /// The range in which it lies.
        range: usize,
        /// The reader said so.
        right: bool,
    },
}

impl Reading {
    /// As an address says it: `occlusion.2`.
    pub fn print(self) -> String {
        let mut text = CHAPTERS[self.chapter].to_owned();
        if self.paragraph > 0 {
            text.push_str(&format!(".{}", self.paragraph + 1));
        }
        if self.paused {
            text.push_str(".paused");
        }
        text
    }

    /// The place that an address says; `None` for no chapter or paragraph.
    pub fn read(text: &str) -> Option<Self> {
        /// More paragraphs than any chapter has.
        const MOST: usize = 20;
        let (text, paused) = text.strip_suffix(".paused").map_or((text, false), |t| (t, true));
        let (name, number) = text.split_once('.').unwrap_or((text, "1"));
        let chapter = CHAPTERS.iter().position(|c| *c == name)?;
        let paragraph = number.parse::<usize>().ok().filter(|n| (1..=MOST).contains(n))? - 1;
        Some(Self { chapter, paragraph, paused })
    }
}

impl Story {
    /// A prediction is made, and its result is not here.
    pub(super) fn pending(&self) -> bool {
        self.guess.is_some() && self.verdict.is_none()
    }

    pub(super) fn forget_guess(&mut self) {
        (self.drawn, self.guess, self.verdict) = (String::new(), None, None);
    }
}
