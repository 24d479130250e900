//! The story's paragraphs put views onto the stage, of whatever photo is there.

use super::action::{Action, Effect};
use super::frame::{Chrome, Frame, View, Wanted};
use super::link;
use super::look::{Look, Mode};
use super::model::State;
use super::story::{Reading, Turn};
use super::tale::Chapter;

/// Where an action changes what is on the stage, the photo aside; `None` for all others.
fn touched(action: &Action, now: View) -> Option<View> {
    Some(match action {
        Action::Target(_) | Action::Teach(_) | Action::Network(_) | Action::Opened(_) | Action::Back => now,
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
        Action::Compare
        | Action::BoardBy(_)
        | Action::BoardSize(_)
        | Action::BoardMethod(..)
        | Action::BoardRun
        | Action::Against(_) => View::Board,
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
        match action {
            // with nothing opened there is nothing to come back from
            Action::Back if !self.layers_opened() && !self.comparing() => return,
            Action::Network(net) if *net == self.net => return,
            _ => {}
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
            (Turn::Fetched(tale), _) => story.tale = Some(tale),
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

    /// Another photo was opened: puts the paragraph's view of it onto the stage, and forgets the prediction.
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
}
