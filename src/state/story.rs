//! The story: its paragraphs put views onto the stage, of whatever photo is there, and its questions are judged by the result.

use std::rc::Rc;

use serde_json::Value;

use super::action::{Action, Effect};
use super::board::Aim;
use super::frame::{Chrome, Frame, View, Wanted};
use super::link;
use super::look::{Look, Mode};
use super::model::State;
use super::tale::{CHAPTERS, Chapter, Kind, Prediction, Tale};
use crate::catalog::Region;
use crate::catalog::text::Lang;
use crate::figure::{Figure, Kind as Drawn};
use crate::methods::sentence::{Found, concentrated};

/// Classes among which the reader may guess.
pub const OFFERED: usize = 5;

/// Where the reader is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Of [`CHAPTERS`].
    pub chapter: usize,
    /// Which of its paragraphs.
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
    /// What it says, once that is here.
    pub tale: Option<Rc<Tale>>,
    /// The language that was asked for.
    asked: Option<Lang>,
    /// It did not come.
    pub missing: bool,
    /// The view that it has put onto the stage.
    view: Option<String>,
    /// What the reader has drawn on the photo, as [`Region`] reads it.
    pub drawn: String,
    /// What the reader predicts.
    pub guess: Option<Guess>,
    /// What came of it.
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
    /// Draws on the photo.
    Draw(String),
    /// Predicts.
    Guess(Guess),
    /// Predicts anew.
    Again,
    /// The file of a language is here.
    Told(Rc<Tale>),
    /// It could not be fetched.
    Missing,
}

/// What a reader predicts.
#[derive(Clone, Debug, PartialEq)]
pub enum Guess {
    /// Where most of the map lies.
    Drawn(Region),
    /// The class that is the answer then; `None`: another one than those of the list.
    Class(Option<usize>),
    /// Which of the ranges.
    Range(usize),
}

/// A prediction beside what was found.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Of what was drawn on.
    Inside {
        /// Its share of the photo.
        area: f64,
        /// What it holds of the map's evidence; `None`: there is none on the whole photo.
        share: Option<f64>,
    },
    /// The class that is the answer.
    Class {
        /// It.
        class: usize,
        /// The reader said so.
        right: bool,
    },
    /// The number.
    Range {
        /// It; `None`: what was looked for was not found, which counts as the highest range.
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

    /// And back.
    pub fn read(text: &str) -> Option<Self> {
        /// More than any chapter has.
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
    fn pending(&self) -> bool {
        self.guess.is_some() && self.verdict.is_none()
    }

    fn forget_guess(&mut self) {
        (self.drawn, self.guess, self.verdict) = (String::new(), None, None);
    }
}

/// Where an action changes what is on the stage, the photo aside; `None` for all others.
fn touched(action: &Action, now: View) -> Option<View> {
    Some(match action {
        Action::Target(_) | Action::Teach(_) | Action::Back => now,
        Action::Layer(_)
        | Action::Layers(_)
        | Action::Channel(Some(_))
        | Action::Normalise(_)
        | Action::Order(_)
        | Action::Page(_) => View::Maps,
        // the map comes back when the method is left
        Action::Method("") => View::Cam,
        Action::Method(_) | Action::Param(..) | Action::Aim(_) | Action::Beside(..) | Action::OpenSecond(_) => {
            View::Method
        }
        Action::Compare | Action::BoardBy(_) | Action::BoardSize(_) | Action::BoardMethod(..) | Action::BoardRun => {
            View::Board
        }
        _ => return None,
    })
}

impl State {
    /// Where the reader is. An embedded page has no room for a story.
    pub fn reading(&self) -> Option<Reading> {
        self.story.at.filter(|_| self.frame.chrome == Chrome::Full)
    }

    /// The chapter that is read, once its text is here.
    pub fn chapter(&self) -> Option<Chapter<'_>> {
        Some(self.story.tale.as_ref()?.chapter(self.reading()?.chapter))
    }

    /// Whoever touches the stage has it for themselves, and sees there what was touched.
    pub(super) fn pause(&mut self, action: &Action) {
        let (Some(at), Some(view)) = (self.reading(), touched(action, self.frame.view)) else { return };
        // with nothing opened there is nothing to come back from
        if matches!(action, Action::Back) && !self.layers_opened() && !self.comparing() {
            return;
        }
        (self.story.at, self.story.view) = (Some(Reading { paused: true, ..at }), None);
        if self.story.pending() {
            self.story.guess = None;
        }
        self.frame.view = view;
    }

    pub(super) fn turn(&mut self, turn: Turn) -> Vec<Effect> {
        let story = &mut self.story;
        match (turn, &mut story.at) {
            (Turn::To(chapter, paragraph), at) => {
                let other = at.is_none_or(|at| at.chapter != chapter);
                *at = Some(Reading { chapter, paragraph, paused: false });
                story.jumps += 1;
                if std::mem::take(&mut story.missing) {
                    story.asked = None;
                }
                if other {
                    story.forget_guess();
                } else if story.pending() {
                    story.guess = None;
                }
            }
            (Turn::Scrolled(paragraph), Some(at)) if !at.paused => {
                at.paragraph = paragraph;
                // who scrolls while the network computes the answer waits for it
                if story.pending() {
                    return Vec::new();
                }
            }
            (Turn::Back, Some(at)) => {
                at.paused = false;
                story.jumps += 1;
            }
            (Turn::Close, _) => {
                (story.at, story.asked, story.view) = (None, None, None);
                story.forget_guess();
                (self.frame.view, self.frame.autorun) = (View::Page, false);
                return Vec::new();
            }
            (Turn::Guess(guess), Some(at)) => {
                at.paused = false;
                (story.guess, story.verdict) = (Some(guess), None);
                let view = self.chapter().map(|c| c.question().view().to_owned());
                return view.map(|v| self.show(v)).unwrap_or_default();
            }
            (Turn::Draw(text), _) => {
                story.drawn = text;
                return Vec::new();
            }
            (Turn::Again, _) => {
                (story.guess, story.verdict) = (None, None);
                return Vec::new();
            }
            (Turn::Told(tale), _) => story.tale = Some(tale),
            (Turn::Missing, _) => {
                story.missing = true;
                return Vec::new();
            }
            _ => return Vec::new(),
        }
        self.stage()
    }

    /// An address says where the reader is.
    pub(super) fn read_on(&mut self, at: Option<Reading>) {
        let chapter = |at: Option<Reading>| at.map(|at| at.chapter);
        if chapter(at) != chapter(self.story.at) {
            self.story.forget_guess();
        }
        (self.story.at, self.story.view) = (at, None);
        self.story.jumps += u32::from(at.is_some());
    }

    /// What the paragraph shows goes onto the stage, unless it is there.
    pub(super) fn stage(&mut self) -> Vec<Effect> {
        let Some(at) = self.reading().filter(|at| !at.paused) else { return Vec::new() };
        let view = self.chapter().map(|c| c.view(at.paragraph).to_owned());
        view.map(|v| self.show(v)).unwrap_or_default()
    }

    /// Another photo: what is read about is shown of it.
    pub(super) fn stage_anew(&mut self) -> Vec<Effect> {
        self.story.view = None;
        self.story.forget_guess();
        self.stage()
    }

    /// Puts a view onto the stage: of the photo that is there, in the reader's language and colours.
    fn show(&mut self, view: String) -> Vec<Effect> {
        if self.story.view.as_ref() == Some(&view) {
            return Vec::new();
        }
        let Wanted { own_picture, url, .. } = self.wanted.clone();
        let mut to = Self {
            look: Look { mode: Mode::default(), ..self.look },
            taught: self.taught,
            fit: self.fit,
            frame: Frame { view: View::Page, autorun: false, ..self.frame.clone() },
            wanted: Wanted { own_picture, url, ..Wanted::default() },
            ..Self::default()
        };
        // the tests read every view of every language
        link::read(&mut to, &view);
        self.story.view = Some(view);
        self.turn_to(to)
    }

    /// The story's text, when it is wanted and not here.
    pub(super) fn wanted_tale(&mut self) -> Option<Effect> {
        let lang = self.lang;
        let here = self.story.tale.as_ref().is_some_and(|t| t.lang == lang);
        if self.reading().is_none() || here || self.story.asked == Some(lang) {
            return None;
        }
        self.story.asked = Some(lang);
        Some(Effect::Story(lang))
    }

    /// What was predicted is judged as soon as the result is on the stage.
    pub(super) fn judge(&mut self) {
        let (Some(guess), None) = (&self.story.guess, &self.story.verdict) else { return };
        let Some(question) = self.chapter().map(Chapter::question) else { return };
        if self.story.view.as_deref() == Some(question.view()) {
            self.story.verdict = self.verdict(question, guess);
        }
    }

    /// A prediction beside what is on the stage; `None` while that is not the answer.
    fn verdict(&self, question: Prediction<'_>, guess: &Guess) -> Option<Verdict> {
        let (figures, meta) = self.answer()?;
        let found = Found { figures: &figures, meta };
        Some(match (question.kind(), guess) {
            (Kind::Draw, Guess::Drawn(region)) => inside(figures.first()?, region),
            (Kind::Class, Guess::Class(said)) => {
                let class = found.answers()?[1]["class"].as_u64()? as usize;
                let listed = self.classes.iter().take(OFFERED).any(|c| c.index == class);
                Verdict::Class { class, right: if listed { *said == Some(class) } else { said.is_none() } }
            }
            (Kind::Range, Guess::Range(said)) => {
                let fact = self.number(&found, question.fact())?;
                let value = match question.over() {
                    Some(over) => fact.zip(self.number(&found, over)?).map(|(a, b)| a / b).filter(|v| v.is_finite()),
                    None => fact,
                };
                let range = question.range(value);
                Verdict::Range { value, range, right: *said == range }
            }
            _ => return None,
        })
    }

    /// The figures and numbers on the stage, when they are the answer to what is asked there now.
    fn answer(&self) -> Option<(Vec<Rc<Figure>>, &Value)> {
        if !self.classified || self.opening.is_some() {
            return None;
        }
        match self.frame.shown(self.explain.method) {
            View::Method => {
                let now = self.question(self.explain.method)?;
                let (told, None) = self.explain.result.as_ref()?.under(&now)? else { return None };
                Some((told.figures.clone(), &told.meta))
            }
            View::Maps => Some((vec![Rc::clone(&self.layer_maps()?.figure)], &Value::Null)),
            View::Page | View::Cam => {
                let (question, (map, _)) = self.cam.as_ref()?.own();
                let own = !self.precomputed && question.target == self.class().map(Aim::Class);
                own.then(|| (vec![Rc::clone(map)], &Value::Null))
            }
            View::Board => None,
        }
    }

    /// A number by its name; `Some(None)`: it was told that there is none.
    ///
    /// * `silent`: channels without a positive value; `zeros`: share of values that are not positive;
    /// * `eighth`: share of a map's evidence in the strongest eighth of the photo;
    /// * `five`: what the five most probable classes hold together;
    /// * `table:row:column`: a cell of a table among the facts;
    /// * else keys between slashes; a list's entry by its number, or by its layer.
    fn number(&self, found: &Found<'_>, name: &str) -> Option<Option<f64>> {
        let figure = found.figures.first();
        let share = |n: usize, of: usize| n as f64 / of.max(1) as f64;
        let computed = match name {
            "silent" => {
                let silent = |f: &&Rc<Figure>, c: usize| f.plane(c).iter().all(|v| *v <= 0.0);
                figure.map(|f| (0..f.info.channels).filter(|c| silent(&f, *c)).count() as f64)
            }
            "zeros" => figure.map(|f| share(f.data.iter().filter(|v| **v <= 0.0).count(), f.data.len())),
            "eighth" => return Some(figure.and_then(|f| concentrated(f)).map(|c| c.0)),
            "five" => Some(self.classes.iter().take(OFFERED).map(|c| f64::from(c.probability)).sum()),
            _ => return fact(found, name).map(Value::as_f64),
        };
        computed.map(Some)
    }
}

fn fact<'a>(found: &Found<'a>, name: &str) -> Option<&'a Value> {
    let mut cell = name.split(':');
    if let (Some(table), Some(row), Some(column)) = (cell.next(), cell.next(), cell.next()) {
        let table = found.table(table)?;
        return table.cell(table.row(row)?, column);
    }
    let step = |at: &'a Value, key: &str| match (at, key.parse::<usize>()) {
        (Value::Array(list), Ok(i)) => list.get(i),
        (Value::Array(list), Err(_)) => list.iter().find(|e| e["layer"] == key),
        _ => at.get(key),
    };
    name.split('/').try_fold(&found.meta["facts"], step)
}

/// How much of a map's evidence lies in what was drawn. Of a picture with colours any difference from nothing counts.
fn inside(figure: &Figure, region: &Region) -> Verdict {
    /// Cells along a side: coarse maps are drawn on finely.
    const SIDE: usize = 112;
    let (w, h) = (figure.info.width, figure.info.height);
    let mask = region.mask(SIDE, SIDE);
    let signed = figure.info.kind == Drawn::Rgb;
    let evidence = |at: usize| -> f64 {
        let planes = (0..figure.info.channels).map(|c| figure.plane(c)[at]);
        planes.map(|v| f64::from(if signed { v.abs() } else { v.max(0.0) })).sum()
    };
    let (mut held, mut whole) = (0.0, 0.0);
    for (i, drawn) in mask.iter().enumerate() {
        let value = evidence((i / SIDE * h / SIDE) * w + i % SIDE * w / SIDE);
        (held, whole) = (held + value * f64::from(*drawn), whole + value);
    }
    let area = mask.iter().map(|v| f64::from(*v)).sum::<f64>() / mask.len() as f64;
    Verdict::Inside { area, share: (whole > 0.0).then(|| held / whole) }
}
