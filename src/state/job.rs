//! What the engine is asked to do: one job at a time, each with a number that all news of it carries.
//!
//! The engine serves one job after another, so the others wait here, where they can be taken back at once. What the visitor
//! asked for by a press waits in [`Jobs::waiting`]; what the page needs to show (the picture, its classes, the map, the
//! feature maps, the board) is found anew whenever the engine is free ([`State::next_ask`]), so that none of it can be lost.

use std::collections::VecDeque;
use std::rc::Rc;

use super::action::Effect;
use super::board::Aim;
use super::frame::Chrome;
use super::model::{Source, State};
use super::question::{Question, Seen};
use crate::catalog::networks::VGG16;
use crate::catalog::text::Lang;
use crate::figure::Figure;
use crate::figure::scale::Normalise;
use crate::methods::{cam, feature_maps};

/// A job's number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct JobId(pub u32);

/// Where a method's answer belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
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

/// What a job asks.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// Take the picture, with this head.
    Picture(Seen),
    /// Tell its classes.
    Classes(Seen),
    /// Run a method; `resume`: from where it stopped.
    Run {
        /// What is asked.
        question: Question,
        /// Where the answer belongs.
        place: Place,
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
    /// A method's question.
    pub fn run(question: Question, place: Place) -> Self {
        Self::Run { question, place, resume: false }
    }

    /// The picture that it is about.
    fn seen(&self) -> Option<&Seen> {
        match self {
            Self::Picture(seen) | Self::Classes(seen) => Some(seen),
            Self::Run { question, .. } => Some(&question.seen),
            _ => None,
        }
    }

    /// The question and place of a method's run.
    pub fn question(&self) -> Option<(&Question, Place)> {
        if let Self::Run { question, place, .. } = self { Some((question, *place)) } else { None }
    }
}

/// Why a job was cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The visitor wanted it.
    Wanted,
    /// The page asks something else meanwhile.
    Superseded,
}

/// A job.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// Its number.
    pub id: JobId,
    /// What it asks.
    pub ask: Ask,
    /// Steps done and in all, once told.
    pub progress: Option<(usize, usize)>,
    /// Its cancel was sent.
    pub stopped: Option<Stop>,
}

impl Job {
    /// Its place on the page; `None` for the picture and its classes.
    pub fn place(&self) -> Option<Place> {
        match &self.ask {
            Ask::Picture(_) | Ask::Classes(_) => None,
            Ask::Run { place, .. } => Some(*place),
            _ => Some(Place::Beside),
        }
    }
}

/// What came to nothing.
#[derive(Clone, Debug, PartialEq)]
struct Failed {
    ask: Ask,
    times: u8,
    /// It may be asked for once more.
    again: bool,
}

/// All jobs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Jobs {
    /// The engine takes jobs.
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
    fn job(&mut self, ask: Ask) -> Job {
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

    /// Takes a job back: one that waits at once, the running one by a cancel.
    pub(super) fn stop(&mut self, id: JobId, why: Stop) -> Option<Effect> {
        // what the page has forgotten the engine forgets too
        self.waiting.retain(|j| j.id != id || matches!(j.ask, Ask::Forget(_)));
        let job = self.running(id)?;
        let sent = job.stopped.replace(why);
        sent.is_none().then_some(Effect::Cancel(id))
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

    /// A job came to nothing.
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
        if job.place().is_some_and(|p| !matches!(p, Place::Cam | Place::Maps | Place::Strip)) {
            let job = self.job(job.ask);
            self.waiting.push_front(job);
        }
        true
    }

    /// It came to nothing, and is not asked for until the visitor does something about it.
    pub fn gave_up(&self, ask: &Ask) -> bool {
        self.failed.iter().any(|f| f.ask == *ask && !f.again)
    }
}

impl State {
    /// Steps done and in all of the job that runs.
    pub fn busy(&self) -> Option<(usize, usize)> {
        let job = self.jobs.all().find(|j| j.progress.is_some())?;
        job.progress
    }

    /// The numbers of the visitor's files that something refers to.
    pub fn files(&self) -> Vec<u32> {
        let pictures = [&self.picture, &self.second].into_iter().flatten().map(|p| &p.source);
        let asked = self.jobs.all().flat_map(|j| match &j.ask {
            Ask::Second(source) => vec![source],
            Ask::Gather(list) => list.iter().map(|(_, source)| source).collect(),
            ask => ask.seen().map(|s| &s.source).into_iter().collect(),
        });
        let offered = self.offered.iter().map(|(_, source)| source);
        let all =
            pictures.chain(offered).chain(&self.opening).chain(self.live.as_ref().map(|l| &l.source)).chain(asked);
        all.filter_map(|s| if let Source::File(id, _) = s { Some(*id) } else { None }).collect()
    }

    /// The picture and head that the page wants the engine to have.
    pub fn wants(&self) -> Option<Seen> {
        Some(Seen { source: self.source()?.clone(), taught: self.taught, fit: self.fit })
    }

    /// Another picture than the one on the screen is on its way: what is known of this one is not its.
    pub fn leaving(&self) -> bool {
        let shown = self.picture.as_ref().map(|p| &p.source);
        self.opening.as_ref().is_some_and(|o| shown.is_some_and(|s| s != o))
    }

    /// What `method` would be asked now, with these parameters, of the picture and head `seen`.
    pub(super) fn ask_of(&self, seen: Seen, method: &'static str, aim: Option<Aim>, params: &super::Given) -> Question {
        // a method that explains classes only explains the class
        let aim = aim.filter(|a| super::question::explains(method, *a)).or_else(|| self.class().map(Aim::Class));
        let second = self.second.as_ref().map(|p| &p.source);
        Question::new(seen, method, aim, params).beside(second, self.gallery.revision).below_its_unit()
    }

    /// What `method` would be asked if it were started now: of the picture that is asked for.
    pub(super) fn to_ask(&self, method: &'static str, params: &super::Given) -> Option<Question> {
        Some(self.ask_of(self.wants()?, method, self.aim(), params))
    }

    /// What the page shows as asked: of the picture that is shown.
    pub fn question(&self, method: &'static str) -> Option<Question> {
        Some(self.ask_of(self.shown()?, method, self.aim(), &self.explain.params))
    }

    /// The picture that is shown, with the head that its numbers come from.
    pub fn shown(&self) -> Option<Seen> {
        let source = self.picture.as_ref()?.source.clone();
        let live = self.live.as_ref().filter(|l| l.source == source);
        let (taught, fit) = live.map_or((self.taught, self.fit), |l| (l.taught, l.fit));
        Some(Seen { source, taught, fit })
    }

    /// Feature maps of the chosen layer, with the scale of all layers where it is needed and not known.
    pub fn maps_question(&self, seen: Seen) -> Question {
        let scale = self.normalise == Normalise::Model && self.model_scale.is_none();
        let layer = VGG16.layers[self.layer].name;
        let params = super::given([("layer", layer.into()), ("scale", if scale { "model" } else { "layer" }.into())]);
        Question::new(seen, feature_maps::INFO.id, None, &params)
    }

    /// What the page needs next, or what the visitor asked for first.
    fn next_ask(&mut self) -> Option<Job> {
        let wanted = self.needed().into_iter().find(|ask| !self.jobs.gave_up(ask));
        if let Some(ask) = wanted {
            return Some(self.jobs.job(ask));
        }
        let live = self.live.clone();
        let can = |j: &Job| j.ask.seen().is_none_or(|s| Some(s) == live.as_ref());
        if let Some(at) = self.jobs.waiting.iter().position(can) {
            let mut job = self.jobs.waiting.remove(at)?;
            if let Ask::Run { question, .. } = &mut job.ask {
                // as the engine has them now
                let second = self.second.as_ref().map(|p| &p.source);
                let known = self.class().map(Aim::Class);
                *question = question.clone().with_target(known).beside(second, self.gallery.revision);
            }
            return Some(job);
        }
        if let Some(ask) = self.strip_ask().filter(|ask| !self.jobs.gave_up(ask)) {
            return Some(self.jobs.job(ask));
        }
        let question = self.board.todo.pop_front().filter(|q| Some(&q.seen) == live.as_ref())?;
        Some(self.jobs.job(Ask::run(question, Place::Board)))
    }

    /// What the page cannot show yet; the later depends on the earlier.
    pub(super) fn needed(&self) -> Vec<Ask> {
        let Some(wants) = self.wants() else { return Vec::new() };
        // also where the engine has had it all along: another one may have come on the screen meanwhile
        if self.opening.is_some() || self.live.as_ref() != Some(&wants) {
            return vec![Ask::Picture(wants)];
        }
        if !self.classified {
            return vec![Ask::Classes(wants)];
        }
        let map = Question::new(wants.clone(), cam::INFO.id, self.class().map(Aim::Class), &super::Given::new());
        let has_map = !self.precomputed && self.cam.as_ref().is_some_and(|c| *c.question() == map);
        let has_scale = self.normalise != Normalise::Model || self.model_scale.is_some();
        let has_maps = self.layer_maps().is_some() && has_scale;
        let maps = self.maps_question(wants);
        let needed = [(!has_map).then(|| Ask::run(map, Place::Cam)), (!has_maps).then(|| Ask::run(maps, Place::Maps))];
        needed.into_iter().flatten().collect()
    }

    /// The strip's pictures, while they are another photo's; whatever the visitor asked comes before them.
    pub(super) fn strip_ask(&self) -> Option<Ask> {
        let live = self.live.clone().filter(|_| self.frame.chrome == Chrome::Full && self.needed().is_empty())?;
        let params = super::given([("show", feature_maps::STRONGEST.into())]);
        let question = Question::new(live, feature_maps::INFO.id, None, &params);
        let has = self.strip.as_ref().is_some_and(|s| *s.question() == question);
        (!has).then(|| Ask::run(question, Place::Strip))
    }

    /// What runs for a question that the page does not ask any more is stopped.
    fn supersede(&mut self) -> Option<Effect> {
        let job = self.jobs.running.as_ref()?;
        let needed = self.needed();
        let (wants, id) = (self.wants(), job.id);
        let over = match &job.ask {
            Ask::Run { place: Place::Cam | Place::Maps, .. } | Ask::Classes(_) | Ask::Picture(_) => {
                !needed.contains(&job.ask)
            }
            Ask::Run { question, place: Place::Board, .. } => !self.board_asks(question),
            ask => ask.seen().is_some_and(|s| Some(s) != wants.as_ref()),
        };
        if over { self.jobs.stop(id, Stop::Superseded) } else { None }
    }

    fn board_asks(&self, question: &Question) -> bool {
        let Some(params) = &self.board.params else { return false };
        Some(&question.seen) == self.wants().as_ref() && self.board_wanted(params).contains(question)
    }

    /// Gives the engine its next job when it is free. Called after every action.
    pub(super) fn schedule(&mut self) -> Vec<Effect> {
        // the picture that they were asked of is no longer wanted
        let wants = self.wants();
        self.jobs.waiting.retain(|j| j.ask.seen().is_none_or(|s| Some(s) == wants.as_ref()));
        let mut effects: Vec<Effect> = self.supersede().into_iter().collect();
        if self.jobs.ready && self.jobs.running.is_none() {
            self.jobs.running = self.next_ask();
            effects.extend(self.jobs.running.as_ref().map(|j| Effect::Ask(j.id, j.ask.clone())));
        }
        effects
    }
}
