//! What the engine is asked to do: one job at a time, each with a number that all news of it carries.
//!
//! The engine serves one job after another, so the others wait here, where they can be taken back at once. What the visitor
//! asked for by a press waits in [`Jobs::waiting`]; what the page needs to show is found anew whenever the engine is free (see
//! the module `schedule`).

use std::collections::VecDeque;
use std::rc::Rc;

use super::picture::Source;
use super::question::{Question, Seen};
use crate::catalog::NetworkSpec;
use crate::catalog::text::Lang;
use crate::figure::Figure;

/// A job's number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct JobId(pub u32);

/// The slot of the page that a method's answer fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// The class activation map.
    Cam,
    /// The grid of feature maps.
    Maps,
    /// The strip of the network.
    Strip,
    /// The result of the chosen method.
    Main,
    /// Beside it: what a node of the cascade or a place of a feature map was asked.
    Beside,
    /// The compare board.
    Board,
}

/// What a job asks of the engine.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// Take the picture, with this head.
    Picture(Seen),
    /// Tell the classes of that picture, with this head.
    Classes(Seen),
    /// Tell the classes that the other network sees in a picture.
    Other(Seen),
    /// Tell the class of a photo of the folder.
    Sort(Seen),
    /// Run a method.
    Run {
        /// What is asked.
        question: Question,
        /// The slot of the page that the answer fills.
        slot: Slot,
        /// Goes on where the last run of the same question stopped.
        resume: bool,
    },
    /// Take the second picture.
    Second(Source),
    /// Take pictures for the gallery, each with its group.
    Gather(Vec<(String, Source)>),
    /// Forget a group.
    Forget(String),
    /// Save the report as a page, or (`true`) as JSON.
    Report(Lang, bool),
    /// Save a film as a GIF.
    SaveFilm(Rc<Figure>),
}

impl Ask {
    /// A run of the question's method, from its beginning.
    pub fn run(question: Question, slot: Slot) -> Self {
        Self::Run { question, slot, resume: false }
    }

    /// The network that is asked; `None`: whichever is in use.
    pub fn net(&self) -> Option<&Rc<NetworkSpec>> {
        if let Self::Sort(seen) = self { Some(&seen.net) } else { self.seen().map(|seen| &seen.net) }
    }

    /// The picture and head that the job is about; `None` for jobs of no picture, and of the folder's.
    pub fn seen(&self) -> Option<&Seen> {
        match self {
            Self::Picture(seen) | Self::Classes(seen) | Self::Other(seen) => Some(seen),
            Self::Run { question, .. } => Some(&question.seen),
            _ => None,
        }
    }

    /// The question and slot of a method's run.
    pub fn question(&self) -> Option<(&Question, Slot)> {
        if let Self::Run { question, slot, .. } = self { Some((question, *slot)) } else { None }
    }
}

/// Why a job was cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The visitor pressed Cancel or Pause.
    Wanted,
    /// The page asks something else meanwhile.
    Superseded,
}

/// A job, waiting or running.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// The number that all news of the job carries.
    pub id: JobId,
    /// What it asks.
    pub ask: Ask,
    /// Steps done and in all, once told.
    pub progress: Option<(usize, usize)>,
    /// Why a cancel was sent to the engine; `None`: none was.
    pub stopped: Option<Stop>,
}

impl Job {
    /// The slot that its answer fills; `None` for the picture and its classes.
    pub fn slot(&self) -> Option<Slot> {
        match &self.ask {
            Ask::Picture(_) | Ask::Classes(_) => None,
            Ask::Run { slot, .. } => Some(*slot),
            Ask::Other(_) | Ask::Sort(_) => Some(Slot::Board),
            _ => Some(Slot::Beside),
        }
    }
}

/// A job that failed.
#[derive(Clone, Debug, PartialEq)]
struct Failed {
    ask: Ask,
    times: u8,
    /// Whether it may be asked for once more.
    again: bool,
}

/// All jobs, and what became of those that failed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Jobs {
    /// Whether the engine takes jobs: its worker is up.
    pub ready: bool,
    /// The one that the engine has.
    pub running: Option<Job>,
    /// Those that the visitor asked for, in order.
    pub waiting: VecDeque<Job>,
    last: JobId,
    /// What the page needs and did not get: it is not asked for without end.
    failed: Vec<Failed>,
}

impl Jobs {
    pub(super) fn job(&mut self, ask: Ask) -> Job {
        self.last.0 += 1;
        Job { id: self.last, ask, progress: None, stopped: None }
    }

    /// Lets a job wait for its turn; the same one is not asked twice.
    pub(super) fn push(&mut self, ask: Ask) {
        if self.all().all(|j| j.ask != ask || j.stopped.is_some()) {
            let job = self.job(ask);
            self.waiting.push_back(job);
        }
    }

    /// All jobs, the running one first.
    pub fn all(&self) -> impl Iterator<Item = &Job> {
        self.running.iter().chain(&self.waiting)
    }

    /// The running one, if it has this number.
    pub(super) fn running(&mut self, id: JobId) -> Option<&mut Job> {
        self.running.as_mut().filter(|j| j.id == id)
    }

    /// Takes a job back: one that waits at once; the running one is returned when a cancel has to be sent to the engine.
    pub(super) fn stop(&mut self, id: JobId, why: Stop) -> Option<JobId> {
        // what the page has forgotten the engine forgets too
        self.waiting.retain(|j| j.id != id || matches!(j.ask, Ask::Forget(_)));
        let job = self.running(id)?;
        let sent = job.stopped.replace(why);
        sent.is_none().then_some(id)
    }

    /// The engine goes: what it was asked about a picture is nobody's any more, the rest waits for the next engine.
    pub(super) fn leave_engine(&mut self) {
        self.ready = false;
        self.failed.clear();
        let kept = self.running.take().filter(|j| j.stopped.is_none()).map(|j| j.ask);
        self.waiting.retain(|j| j.ask.net().is_none());
        if let Some(ask) = kept.filter(|ask| ask.net().is_none()) {
            let job = self.job(ask);
            self.waiting.push_front(job);
        }
    }

    /// What was not given is asked for once more.
    pub(super) fn once_more(&mut self) {
        self.failed.iter_mut().for_each(|f| f.again = f.times == 1);
    }

    /// The visitor asks again: whatever was not given may be asked for.
    pub(super) fn forgive(&mut self) {
        self.failed.clear();
        // also what is being cancelled
        if let Some(stopped) = self.running.as_mut().and_then(|j| j.stopped.as_mut()) {
            *stopped = Stop::Superseded;
        }
    }

    /// Remembers that a job failed.
    pub(super) fn fail(&mut self, ask: Ask) {
        match self.failed.iter_mut().find(|f| f.ask == ask) {
            Some(f) => (f.times, f.again) = (f.times.saturating_add(1), false),
            None => self.failed.push(Failed { ask, times: 1, again: false }),
        }
    }

    /// The engine ended at a job: the next engine begins it anew, once. False for what came to nothing before, or what is
    /// half done already.
    pub(super) fn begin_anew(&mut self, mut job: Job) -> bool {
        if let Ask::Run { resume, .. } = &mut job.ask {
            // what it went on with is gone
            *resume = false;
        }
        if matches!(job.ask, Ask::Gather(_)) || self.failed.iter().any(|f| f.ask == job.ask) {
            return false;
        }
        self.failed.push(Failed { ask: job.ask.clone(), times: 1, again: true });
        // what the page needs is found anew
        if job.slot().is_some_and(|p| !matches!(p, Slot::Cam | Slot::Maps | Slot::Strip)) {
            let job = self.job(job.ask);
            self.waiting.push_front(job);
        }
        true
    }

    /// Whether the job failed and is not asked for again until the visitor does something about it.
    pub fn gave_up(&self, ask: &Ask) -> bool {
        self.failed.iter().any(|f| f.ask == *ask && !f.again)
    }
}
