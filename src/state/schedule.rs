//! Which job the engine gets next: what the page needs to show (the picture, its classes, the map, the feature maps), then
//! what the visitor asked for by a press, then the strip and the board. What is needed is found anew whenever the engine is
//! free, so that none of it can be lost.

use std::rc::Rc;

use super::action::Effect;
use super::frame::Chrome;
use super::job::{Ask, Job, Slot, Stop};
use super::model::State;
use super::picture::Source;
use super::question::{Aim, Question, Seen, Settings, explains, settings};
use crate::figure::scale::Normalise;
use crate::methods::feature_maps;

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
        let sorted = self.pair.folder.photos.iter().map(|photo| &photo.source);
        let all = pictures
            .chain(offered)
            .chain(sorted)
            .chain(&self.opening)
            .chain(self.live.as_ref().map(|l| &l.source))
            .chain(asked);
        all.filter_map(|s| if let Source::File(id, _) = s { Some(*id) } else { None }).collect()
    }

    /// The picture and head that the page wants the engine to have.
    pub fn wants(&self) -> Option<Seen> {
        Some(Seen { net: Rc::clone(&self.net), source: self.source()?.clone(), taught: self.taught, fit: self.fit })
    }

    /// Whether another picture than the one on the screen is on its way: nothing on the screen is of that one.
    pub fn leaving(&self) -> bool {
        let shown = self.picture.as_ref().map(|p| &p.source);
        self.opening.as_ref().is_some_and(|o| shown.is_some_and(|s| s != o))
    }

    /// What `method` would be asked now, with these parameters, of the picture and head `seen`.
    pub(super) fn ask_of(&self, seen: Seen, method: &'static str, aim: Option<Aim>, params: &Settings) -> Question {
        // a method that explains classes only explains the class
        let aim = aim.filter(|a| explains(method, *a)).or_else(|| self.class().map(Aim::Class));
        let second = self.second.as_ref().map(|p| &p.source);
        Question::new(seen, method, aim, params).beside(second, self.gallery.revision).below_its_unit()
    }

    /// What `method` would be asked if it were started now: of the picture that is asked for.
    pub(super) fn to_ask(&self, method: &'static str, params: &Settings) -> Option<Question> {
        Some(self.ask_of(self.wants()?, method, self.aim(), params))
    }

    /// What the page shows as asked: of the picture that is shown.
    pub fn question(&self, method: &'static str) -> Option<Question> {
        Some(self.ask_of(self.shown()?, method, self.aim(), &self.explain.params))
    }

    /// The picture that is shown, with the head that its numbers come from.
    pub fn shown(&self) -> Option<Seen> {
        let source = self.picture.as_ref()?.source.clone();
        let live = self.live.as_ref().filter(|l| l.source == source && l.net == self.net);
        let (taught, fit) = live.map_or((self.taught, self.fit), |l| (l.taught, l.fit));
        Some(Seen { net: Rc::clone(&self.net), source, taught, fit })
    }

    /// Feature maps of the chosen layer, with the scale of all layers where it is needed and not known.
    pub fn maps_question(&self, seen: Seen) -> Question {
        let scale = self.normalise == Normalise::Model && self.model_scale.is_none();
        let layer = self.net.name(self.layer);
        let params = settings([("layer", layer.into()), ("scale", if scale { "model" } else { "layer" }.into())]);
        Question::new(seen, feature_maps::INFO.id, None, &params)
    }

    /// What the page needs next, or what the visitor asked for first.
    fn next_ask(&mut self) -> Option<Job> {
        let wanted = self.needed().into_iter().find(|ask| !self.jobs.gave_up(ask));
        if let Some(ask) = wanted {
            return Some(self.jobs.job(ask));
        }
        let can = |j: &Job| j.ask.seen().is_none_or(|s| self.can_ask(s));
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
        if let Some(ask) = self.other_ask().filter(|ask| !self.jobs.gave_up(ask)) {
            return Some(self.jobs.job(ask));
        }
        if let Some(ask) = self.strip_ask().filter(|ask| !self.jobs.gave_up(ask)) {
            return Some(self.jobs.job(ask));
        }
        if let Some(question) = self.board.todo.pop_front().filter(|q| self.can_ask(&q.seen)) {
            return Some(self.jobs.job(Ask::run(question, Slot::Board)));
        }
        let ask = self.sort_ask().filter(|ask| !self.jobs.gave_up(ask))?;
        Some(self.jobs.job(ask))
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
        let map = Question::new(wants.clone(), self.overview().id, self.class().map(Aim::Class), &Settings::new());
        let has_map = !self.precomputed && self.cam.as_ref().is_some_and(|c| *c.question() == map);
        let has_scale = self.normalise != Normalise::Model || self.model_scale.is_some();
        let has_maps = self.layer_maps().is_some() && has_scale;
        let maps = self.maps_question(wants);
        let needed = [(!has_map).then(|| Ask::run(map, Slot::Cam)), (!has_maps).then(|| Ask::run(maps, Slot::Maps))];
        needed.into_iter().flatten().collect()
    }

    /// The strip's pictures, while they are another photo's; whatever the visitor asked comes before them.
    pub(super) fn strip_ask(&self) -> Option<Ask> {
        let live = self.live.clone().filter(|_| self.frame.chrome == Chrome::Full && self.needed().is_empty())?;
        let params = settings([("show", feature_maps::Show::Strongest.word().into())]);
        let question = Question::new(live, feature_maps::INFO.id, None, &params);
        let has = self.strip.as_ref().is_some_and(|s| *s.question() == question);
        (!has).then(|| Ask::run(question, Slot::Strip))
    }

    /// What runs for a question that the page does not ask any more is stopped.
    fn supersede(&mut self) -> Option<Effect> {
        let job = self.jobs.running.as_ref()?;
        let needed = self.needed();
        let (wants, id) = (self.wants(), job.id);
        let over = match &job.ask {
            Ask::Run { slot: Slot::Cam | Slot::Maps, .. } | Ask::Classes(_) | Ask::Picture(_) => {
                !needed.contains(&job.ask)
            }
            Ask::Run { question, slot: Slot::Board, .. } => !self.board_asks(question),
            Ask::Other(_) => self.other_ask().as_ref() != Some(&job.ask),
            Ask::Sort(_) => self.sort_ask().as_ref() != Some(&job.ask),
            ask => ask.seen().is_some_and(|s| Some(s) != wants.as_ref()),
        };
        if over { self.jobs.stop(id, Stop::Superseded).map(Effect::Cancel) } else { None }
    }

    fn board_asks(&self, question: &Question) -> bool {
        let Some(params) = &self.board.params else { return false };
        self.still_wanted(&question.seen) && self.board_wanted(params).contains(question)
    }

    /// Gives the engine its next job when it is free. Called after every action.
    pub(super) fn schedule(&mut self) -> Vec<Effect> {
        // the picture that they were asked of is no longer wanted
        let mut waiting = std::mem::take(&mut self.jobs.waiting);
        waiting.retain(|j| j.ask.seen().is_none_or(|s| self.still_wanted(s)));
        self.jobs.waiting = waiting;
        let mut effects: Vec<Effect> = self.supersede().into_iter().collect();
        // nobody looks at the other network any more
        if !self.paired() && std::mem::take(&mut self.pair.engaged) {
            effects.push(Effect::Release);
        }
        if self.jobs.ready && self.jobs.running.is_none() {
            self.jobs.running = self.next_ask();
            let asked = self.jobs.running.as_ref().and_then(|j| j.ask.net());
            self.pair.engaged |= asked.is_some_and(|net| *net != self.net);
            effects.extend(self.jobs.running.as_ref().map(|j| Effect::Ask(j.id, j.ask.clone())));
        }
        effects
    }
}
