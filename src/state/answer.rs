//! What becomes of a job: its news, its answer, its failure, its end.

use std::rc::Rc;

use serde_json::{Value, json};

use super::action::{Effect, Reply};
use super::explain::Outcome;
use super::job::{Ask, Job, JobId, Slot, Stop};
use super::maps::{Maps, Strongest};
use super::model::State;
use super::question::{Answer, Question, Seen};
use crate::catalog::ProblemKind;
use crate::catalog::picture::Fit;
use crate::figure::Figure;
use crate::protocol::Problem;

impl State {
    /// The chosen method's job, running or waiting.
    pub fn shown_job(&self) -> Option<&Job> {
        let of = |j: &&Job| {
            let main = |(q, p): (&Question, Slot)| p == Slot::Main && q.method == self.explain.method;
            // what makes room for another question is none of the panel's any more
            j.ask.question().is_some_and(main) && j.stopped != Some(Stop::Superseded)
        };
        self.jobs.all().find(of)
    }

    /// News of the chosen method's figures.
    pub(super) fn partial(&mut self, id: JobId, figures: Vec<Rc<Figure>>, facts: Value) {
        let Some((question, Slot::Main)) = self.jobs.running(id).and_then(|j| j.ask.question()) else { return };
        let question = question.clone();
        if self.shows(&question) {
            let outcome = Outcome { figures, meta: json!({ "facts": facts }), over: self.picture.clone() };
            self.explain.partial = Some(Answer::new(question, outcome));
        }
    }

    /// Takes a job back. What else its panel waits for goes with the board's.
    pub(super) fn stop(&mut self, id: JobId) -> Option<Effect> {
        if self.jobs.all().any(|j| j.id == id && j.slot() == Some(Slot::Board)) {
            match self.jobs.all().any(|j| j.id == id && matches!(j.ask, Ask::Sort(_))) {
                true => self.pair.folder.sorting = false,
                false => self.board.todo.clear(),
            }
        }
        self.jobs.stop(id, Stop::Wanted).map(Effect::Cancel)
    }

    /// Takes the running job out of the state, if it has this number.
    fn finish(&mut self, id: JobId) -> Option<Job> {
        self.jobs.running(id)?;
        self.jobs.running.take()
    }

    /// An answer to the running job.
    pub(super) fn answered(&mut self, id: JobId, reply: Reply) -> Vec<Effect> {
        let Some(job) = self.finish(id) else { return Vec::new() };
        let mut effects = Vec::new();
        match (job.ask.clone(), reply) {
            (Ask::Picture(seen), Reply::Picture(picture)) => {
                let first = !seen.taught && seen.fit == Fit::default();
                self.live = Some(seen);
                (self.classified, self.explain.kept) = (false, None);
                if self.live == self.wants() {
                    self.opening = None;
                }
                self.jobs.once_more();
                // the same example is on the screen already, as the browser scaled it: keep its results until the live ones come
                if self.precomputed && first && self.picture.as_ref().is_some_and(|p| p.source == picture.source) {
                    self.picture = Some(picture);
                } else {
                    self.take(picture);
                }
            }
            (Ask::Classes(_), Reply::Classes(classes)) => {
                (self.classes, self.classified) = (classes, true);
                effects = self.arrive();
            }
            (Ask::Run { question, slot, .. }, Reply::Ran(figures, meta)) => self.ran(question, slot, figures, meta),
            (Ask::Other(seen), Reply::Classes(classes)) => {
                self.pair.classes = Some((seen, classes));
                self.board_follows();
            }
            (Ask::Sort(seen), Reply::Sorted(small, score)) => self.told(seen, Some((small, score))),
            (Ask::Second(_), Reply::Picture(picture)) => self.second = Some(picture),
            _ => {}
        }
        // an answer that does not give what was asked is no reason to ask without end
        if self.needed().contains(&job.ask)
            || self.other_ask().as_ref() == Some(&job.ask)
            || self.strip_ask().as_ref() == Some(&job.ask)
        {
            self.jobs.fail(job.ask);
        }
        effects
    }

    /// Whether the picture on the screen is the one that is asked of: a precomputed one comes before the engine has it.
    fn shows(&self, question: &Question) -> bool {
        self.picture.as_ref().is_some_and(|p| p.source == question.seen.source)
    }

    fn ran(&mut self, question: Question, slot: Slot, figures: Vec<Rc<Figure>>, meta: Value) {
        // the picture that it was asked of is not the one that the engine has, or that is shown: nobody asks any more
        if !self.can_ask(&question.seen) || !self.shows(&question) {
            return;
        }
        if question.continues() {
            self.explain.kept = Some(question.clone());
        }
        if question.seen.net == self.net {
            self.paced(&question, meta["ms"].as_f64().unwrap_or_default());
        }
        let first = figures.first().cloned();
        match slot {
            Slot::Cam => {
                let ms = meta["ms"].as_f64().unwrap_or_default();
                if let Some(figure) = first {
                    self.cam = Some(Answer::new(question, (figure, ms)));
                    self.precomputed = false;
                }
            }
            Slot::Maps => {
                if let Some(figure) = first {
                    self.model_scale = figure.info.model_scale.or(self.model_scale);
                    let maps = Maps::new(&question.seen.net, figure);
                    if maps.layer == self.layer {
                        self.maps = Some(maps);
                    }
                }
            }
            Slot::Strip => self.strip = Some(Answer::new(question, Strongest::read(figures, &meta))),
            Slot::Main => {
                let outcome = Outcome { figures, meta, over: self.picture.clone() };
                (self.explain.partial, self.explain.paused, self.explain.beside) = (None, false, None);
                self.explain.result = Some(Answer::new(question, outcome));
            }
            Slot::Beside => {
                let outcome = Outcome { figures, meta, over: self.picture.clone() };
                self.explain.beside = Some(Answer::new(question, outcome));
            }
            Slot::Board => self.board_takes(question, first),
        }
    }

    /// The running job came to nothing.
    pub(super) fn failed(&mut self, id: JobId, problem: Problem) {
        let Some(job) = self.finish(id) else { return };
        let cancelled = problem.kind == ProblemKind::Cancelled;
        if problem.kind.of_engine() {
            self.explain.kept = None;
            if job.stopped.is_none() && self.jobs.begin_anew(job.clone()) {
                return;
            }
        }
        if let Some((question, slot)) = job.ask.question() {
            if question.continues() {
                self.explain.kept = (cancelled && job.progress.is_some()).then(|| question.clone());
            }
            match slot {
                // a refusal (a class only, a layer behind the unit) is an answer too
                Slot::Board if [ProblemKind::BadParameter, ProblemKind::OtherNetwork].contains(&problem.kind) => {
                    return self.board_takes(question.clone(), None);
                }
                // the others would fail alike
                Slot::Board if job.stopped != Some(Stop::Superseded) => self.board.todo.clear(),
                Slot::Main if !self.explain.paused => self.explain.partial = None,
                _ => {}
            }
        }
        // a photo that cannot be opened is one of many
        if let Ask::Sort(seen) = &job.ask {
            match problem.kind.of_photo() {
                true => return self.told(seen.clone(), None),
                false if !cancelled || job.stopped == Some(Stop::Wanted) => self.pair.folder.sorting = false,
                false => return,
            }
        }
        // the head of which the weights do not come is not the one that is set
        if let Ask::Classes(Seen { taught: true, .. }) = &job.ask
            && problem.kind.of_weights()
        {
            self.taught = false;
        }
        // what only made room for another question is asked again when it is needed again
        if !cancelled || job.stopped == Some(Stop::Wanted) {
            if let Ask::Picture(_) = &job.ask
                && self.wants().is_some_and(|w| Ask::Picture(w) == job.ask)
            {
                // what the engine has stays
                self.opening = None;
                if let Some(live) = &self.live {
                    (self.taught, self.fit) = (live.taught, live.fit);
                }
            }
            self.jobs.fail(job.ask);
        }
        if problem.kind == ProblemKind::NoImage {
            self.live = None;
        }
        if !cancelled {
            self.problem = Some(problem);
        }
    }
}
