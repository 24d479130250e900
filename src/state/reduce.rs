//! `reduce(state, action)`: the only place where the page's state changes.

use std::rc::Rc;

use super::action::{Action, Effect};
use super::explain::Explained;
use super::frame::{Chrome, View};
use super::job::{Ask, Job, JobId, Slot, Stop};
use super::model::State;
use super::picture::{ClassScore, Picture, Source, own};
use super::question::{Aim, Answer, Question, Seen, Settings};
use crate::catalog::card::Extra;
use crate::catalog::picture::Fit;
use crate::catalog::{ParamKind, ProblemKind, networks};
use crate::figure::Figure;
use crate::methods::explainers::EXPLAINERS;
use crate::methods::{cam, find};

/// Milliseconds within which an answer may be given anew without a press.
const QUICK: f64 = 1000.0;

impl State {
    /// The next state. Its `effects` are what this action asks for.
    pub fn reduce(&self, action: Action) -> Self {
        let mut s = self.clone();
        let mut effects = s.act(action);
        effects.extend(s.wanted_tale());
        effects.extend(s.follow());
        effects.extend(s.schedule());
        s.judge();
        s.effects = effects;
        s
    }

    fn act(&mut self, action: Action) -> Vec<Effect> {
        let s = self;
        let mut effects = Vec::new();
        let (own_before, before) = (s.own_pictures(), s.problem.clone());
        s.pause(&action);
        if matches!(action, Action::Target(_) | Action::Aim(_) | Action::Param(..) | Action::Method(_)) {
            s.problem = s.problem.take().filter(|p| !p.kind.of_question());
        }
        match action {
            Action::Story(turn) => effects.extend(s.turn(turn)),
            Action::Go(hash) => effects.extend(s.go(&hash)),
            // a link that says the language or theme goes on saying it
            Action::Lang(lang) => (s.lang, s.frame.lang) = (lang, s.frame.lang.map(|_| lang)),
            Action::Theme(theme) => (s.theme, s.frame.theme) = (theme, s.frame.theme.map(|_| theme)),
            Action::Open(source) => {
                // what was chosen in one photo means nothing in another; a link may wait for this one
                let awaited = matches!(&source, Source::Url(url) if s.wanted.url.as_ref() == Some(url));
                if Some(&source) != s.source() && !awaited {
                    s.fit = Fit::default();
                }
                s.wanted = s.wanted.of(&source);
                // who chooses a photo wants it looked at
                if own(&source) {
                    effects.extend(s.accept());
                }
                effects.extend(s.open(source));
                effects.extend(s.stage_anew());
            }
            // too late when the engine was faster, or when another picture or network was asked for meanwhile
            Action::Precomputed(net, picture, ..)
                if s.taught
                    || s.fit != Fit::default()
                    || s.net != net
                    || s.opening.as_ref() != Some(&picture.source) => {}
            Action::Precomputed(net, picture, classes, maps) => {
                let seen = Seen { net, source: picture.source.clone(), taught: false, fit: Fit::default() };
                s.take(picture);
                s.target = s.wanted.class.or(s.target);
                let answer = |(class, map): (&ClassScore, Figure)| {
                    let target = Some(Aim::Class(class.index));
                    Answer::new(
                        Question::new(seen.clone(), cam::INFO.id, target, &Settings::new()),
                        (Rc::new(map), 0.0),
                    )
                };
                s.early = classes.iter().zip(maps).map(answer).collect();
                s.cam = s.early.first().cloned();
                (s.classes, s.precomputed) = (classes, true);
                s.show_early();
            }
            Action::Greeted => s.greeting = false,
            Action::Ready => s.jobs.ready = true,
            Action::Progress(id, done, total) => {
                if let Some(job) = s.jobs.running(id) {
                    job.progress = Some((done, total));
                }
            }
            Action::Partial(id, figures, told) => s.partial(id, figures, told),
            Action::Gathered(id, group, picture) => {
                // a group that is about to be forgotten gets no more
                if s.jobs.running(id).is_some()
                    && !s.jobs.waiting.iter().any(|j| matches!(&j.ask, Ask::Forget(of) if *of == group))
                {
                    s.gallery.gather(group, picture);
                }
            }
            Action::Answered(id, reply) => effects.extend(s.answered(id, reply)),
            Action::Failed(id, problem) => s.failed(id, problem),
            Action::Stop(id) => effects.extend(s.stop(id)),
            Action::Cancel => {
                let started = s.jobs.all().find(|j| matches!(j.slot(), Some(Slot::Main | Slot::Beside | Slot::Board)));
                if let Some(id) = started.or(s.jobs.running.as_ref()).map(|j| j.id) {
                    effects.extend(s.stop(id));
                }
            }
            Action::Teach(on) => {
                s.taught = on;
                s.jobs.forgive();
                // the same picture again, with the other head
                s.opening = s.source().cloned();
            }
            Action::Network(net) => {
                effects.extend(s.choose_network(net));
            }
            Action::Kept(ids) => {
                s.kept = ids;
                // a link can wait for some of them
                if let Some(net) = s.pair.awaited.as_ref().and_then(|id| networks::get(id)) {
                    (s.pair.other, s.pair.awaited) = (Some(net), None);
                }
                if let Some(net) = s.missing.as_ref().and_then(|missing| networks::get(&missing.id)) {
                    effects.extend(s.choose_network(net));
                }
            }
            Action::Keep(net) => effects.push(Effect::Keep(net)),
            Action::Delete(net) => {
                s.pair.other.take_if(|other| *other == net);
                if net == s.net {
                    effects.extend(s.choose_network(networks::first()));
                }
                effects.push(Effect::Delete(net));
            }
            Action::Against(net) => s.against(net),
            Action::Opened(net) if s.is_other(&net) => s.against(net),
            Action::Opened(net) => effects.extend(s.choose_network(net)),
            Action::Sort(sources) => s.sort(sources),
            Action::SortOn => {
                s.jobs.forgive();
                s.pair.folder.sorting = true;
            }
            Action::SortStop => {
                s.pair.folder.sorting = false;
                let running = s.jobs.running.as_ref().filter(|j| matches!(j.ask, Ask::Sort(_))).map(|j| j.id);
                effects.extend(running.and_then(|id| s.stop(id)));
            }
            Action::OpenNetwork(files) => {
                let photo = s.source().filter(|source| matches!(source, Source::File(..))).cloned();
                let awaited = s.missing.as_ref().map(|m| m.id.as_str()).or(s.pair.awaited.as_deref());
                let wanted = awaited.and_then(|id| id.split_once(';')).map(|(_, prepared)| prepared.to_owned());
                effects.push(Effect::OpenNetwork { files, photo, lang: s.lang, wanted });
            }
            Action::Fit(fit) => {
                if fit != s.fit {
                    s.fit = fit;
                    s.jobs.forgive();
                    // the same picture again, another part of it
                    s.opening = s.source().cloned();
                }
            }
            Action::Target(class) => {
                (s.target, s.explain.unit, s.greeting) = (Some(class), None, false);
                s.show_early();
                // what is on its way is explained for this class too
                let coming = s.opening.is_some() || !s.classified;
                (s.wanted.class, s.wanted.unit) = (coming.then_some(class), None);
                s.jobs.forgive();
                s.board_follows();
            }
            Action::Layer(layer) => s.choose_layer(layer),
            Action::Layers(layer) => {
                s.choose_layer(layer);
                s.open_layers();
            }
            Action::Back if s.channel.is_some() && !s.comparing() => (s.channel, s.unit) = (None, None),
            Action::Back => s.leave_stage(),
            Action::Channel(channel) => {
                (s.channel, s.unit) = (channel, None);
                if channel.is_some() {
                    s.open_layers();
                }
            }
            Action::Unit(unit) => s.unit = unit,
            Action::Normalise(normalise) => {
                s.normalise = normalise;
                s.jobs.forgive();
            }
            Action::Order(order) => (s.order, s.page) = (order, 0),
            Action::Page(page) => s.page = page,
            Action::Palette(palette) => s.look.palette = palette,
            Action::Opacity(opacity) => s.look.opacity = opacity.clamp(0.0, 1.0),
            Action::Mode(mode) => s.look.mode = mode,
            Action::Method(method) => {
                (s.explain.method, s.explain.untouched, s.explain.staged) = (method, true, true);
                s.leave_stage();
                s.close_channel(!method.is_empty());
                // nobody looks at what another one is about to show
                effects.extend(s.one_result(|q| q.method == method));
                if std::mem::take(&mut s.explain.paused) {
                    s.explain.partial = None;
                }
            }
            Action::Begin(method) => {
                if s.explain.untouched && s.explain.method == method && s.has_pictures() && !s.is_answered() {
                    effects.extend(s.accept());
                    effects.extend(s.explain(false));
                }
            }
            Action::Param(id, value) => {
                s.explain.untouched = false;
                s.explain.params.insert(id, value);
            }
            Action::Explain => {
                effects.extend(s.accept());
                effects.extend(s.explain(false));
            }
            Action::Pause => {
                let job = s.shown_job().map(|j| j.id);
                s.explain.paused = job.is_some();
                effects.extend(job.and_then(|id| s.stop(id)));
            }
            Action::Resume => effects.extend(s.explain(true)),
            Action::OpenSecond(source) => {
                s.explain.untouched = false;
                s.jobs.push(Ask::Second(source));
            }
            Action::SpritesWanted if s.sprites.is_some() || !s.net.has(Extra::Catalogue) => {}
            Action::SpritesWanted => {
                // asked for once
                s.sprites = Some(Rc::default());
                effects.push(Effect::Sprites(Rc::clone(&s.net)));
            }
            Action::Sprites(net, sprites) => {
                if s.net == net {
                    s.sprites = Some(sprites);
                }
            }
            Action::SaveFilm(film) => s.jobs.push(Ask::SaveFilm(film)),
            Action::OfferMany(list) => s.offered = list,
            Action::OpenMany(list) if list.is_empty() => {}
            Action::OpenMany(list) => {
                s.offered.clear();
                s.gallery.refused = 0;
                s.jobs.push(Ask::Gather(list));
            }
            Action::Forget(group) => {
                s.gallery.forget(&group);
                let only = |ask: &Ask| matches!(ask, Ask::Gather(list) if list.iter().all(|(of, _)| *of == group));
                let gathered: Vec<_> = s.jobs.all().filter(|j| only(&j.ask)).map(|j| j.id).collect();
                s.jobs.push(Ask::Forget(group));
                effects.extend(
                    gathered.into_iter().filter_map(|id| s.jobs.stop(id, Stop::Superseded)).map(Effect::Cancel),
                );
            }
            // one of the visitor's own has its weights
            Action::Offer(_) if s.net.own() => effects.push(Effect::Start(Rc::clone(&s.net))),
            Action::Offer(bytes) => s.offer = Some(bytes),
            Action::Accept => {
                s.offer = None;
                effects.push(Effect::Start(Rc::clone(&s.net)));
            }
            Action::Export(format, origin) => effects.extend(s.asked(format, origin)),
            Action::Allow(yes) => effects.extend(s.allow(yes)),
            Action::Elsewhere(url) => s.wanted.url = Some(url),
            Action::Report(json) => s.jobs.push(Ask::Report(s.lang, json)),
            Action::Aim(unit) => {
                s.explain.unit = unit;
                s.leave_stage();
                s.close_channel(unit.is_some());
                s.wanted.unit = unit.filter(|_| s.opening.is_some() || !s.classified);
                s.jobs.forgive();
                s.board_follows();
            }
            Action::Beside(method, params) => {
                if let Some(question) = s.to_ask(method, &params) {
                    s.jobs.forgive();
                    s.jobs.push(Ask::run(question, Slot::Beside));
                }
            }
            Action::Compare => {
                effects.extend(s.accept());
                s.compare();
            }
            Action::BoardBy(by) => {
                s.board.by = by;
                s.run_board();
            }
            Action::BoardSize(size) => {
                s.board.resize(size);
                s.run_board();
            }
            Action::BoardMethod(at, method) => {
                s.board.place(at, method);
                s.run_board();
            }
            Action::BoardRun => s.run_board(),
            // another engine has another pace
            Action::Device(report) => (s.device, s.pace) = (Some(report), None),
            Action::Weights(weights) => s.weights = weights,
            Action::Problem(problem) => {
                if problem.kind != ProblemKind::Cancelled {
                    s.problem = Some(problem);
                }
            }
            Action::Dismiss => (s.problem, s.restarted, s.refused) = (None, false, Vec::new()),
            Action::Retry => {
                s.problem = None;
                // what waited for the weights is asked for again
                s.jobs.forgive();
                effects.push(Effect::Retry);
            }
            Action::Restarted(report) => {
                (s.device, s.restarted, s.explain.kept) = (Some(report), true, None);
                s.jobs.once_more();
            }
        }
        if s.problem != before {
            s.around.problem(own_before);
        }
        effects.extend(s.look_around());
        effects
    }

    /// The chosen class's map, if it was computed when the page was built, while the engine's own is not there.
    fn show_early(&mut self) {
        let target = self.class().map(Aim::Class);
        let found = self.early.iter().find(|a| a.question().target == target);
        if let Some(map) = found.filter(|_| self.precomputed) {
            self.cam = Some(map.clone());
        }
    }

    fn choose_layer(&mut self, layer: usize) {
        if layer != self.layer {
            (self.page, self.channel, self.unit) = (0, None, None);
        }
        self.layer = layer;
        self.jobs.forgive();
    }

    /// Who wants something computed wants the weights that it takes.
    pub(super) fn accept(&mut self) -> Option<Effect> {
        self.offer.take().map(|_| Effect::Start(Rc::clone(&self.net)))
    }

    /// A layer's maps take the stage of the whole page.
    pub(super) fn open_layers(&mut self) {
        if self.frame.chrome == Chrome::Full {
            self.frame.view = View::Maps;
        }
    }

    /// The layer whose maps, or at which a method's answer, have the stage.
    pub fn layer_on_stage(&self) -> Option<usize> {
        if self.layers_opened() {
            return Some(self.layer);
        }
        let question = self.question(self.explain.method).filter(|_| self.asking())?;
        match question.target {
            // what is made for a unit has no map at another layer
            Some(Aim::Unit(unit)) if !EXPLAINERS.contains(&question.method) => Some(unit.layer),
            _ => self.net.index(question.layer()?),
        }
    }

    /// The whole page again, when a layer or the board has its stage; a frame keeps its one view.
    fn leave_stage(&mut self) {
        if self.layers_opened() || self.comparing() {
            self.frame.view = View::Page;
        }
    }

    /// What is asked takes the page's stage: an opened channel would lie over the answer. A frame of maps keeps its own.
    fn close_channel(&mut self, asked: bool) {
        if asked && self.frame.chrome == Chrome::Full {
            (self.channel, self.unit) = (None, None);
        }
    }

    /// Whether a method has the page's stage: its answer stands where the class activation map did. In the story its chapter decides.
    pub fn asking(&self) -> bool {
        let page = self.frame.chrome == Chrome::Full && self.reading().is_none();
        let e = &self.explain;
        let answered = e.result.as_ref().is_some_and(|r| r.question().method == e.method);
        let here = page && !self.layers_opened() && !self.comparing();
        // what a link runs is about to come, be it after the visitor was asked for the download
        here && !e.method.is_empty() && (e.staged || answered || self.wanted.run)
    }

    /// Whether a layer's maps have the page's stage.
    pub fn layers_opened(&self) -> bool {
        self.frame.chrome == Chrome::Full && self.frame.view == View::Maps
    }

    /// Another picture is shown. The class and unit stay when it is the same one with the other head.
    pub(super) fn take(&mut self, picture: Picture) {
        if self.picture.as_ref().is_none_or(|p| p.source != picture.source) {
            (self.target, self.explain.unit) = (None, None);
        }
        self.picture = Some(picture);
        (self.explain.beside, self.explain.partial, self.explain.paused) = (None, None, false);
        self.board.clear(self.frame.view == View::Board);
        (self.classes, self.classified, self.cam) = (Vec::new(), false, None);
        (self.maps, self.model_scale, self.unit, self.precomputed) = (None, None, None, false);
        (self.strip, self.early) = (None, Vec::new());
    }

    /// Whether the last result answers the question that is asked now.
    pub fn is_answered(&self) -> bool {
        let now = self.question(self.explain.method);
        now.is_some_and(|now| self.explain.result.as_ref().is_some_and(|r| *r.question() == now))
    }

    /// Whether the chosen method has the pictures that it needs.
    pub fn has_pictures(&self) -> bool {
        let here = |kind: &ParamKind| match kind {
            ParamKind::Picture { needed: true } => self.second.is_some(),
            ParamKind::Gallery { needed: true } => !self.gallery.groups.is_empty(),
            _ => true,
        };
        find(self.explain.method).is_some_and(|i| i.params.iter().all(|p| here(&p.kind)))
    }

    /// An answer that took a moment is given anew when the question has changed: another class, layer, setting or photo.
    fn follow(&mut self) -> Vec<Effect> {
        let quick = |r: &Explained| r.own().1.meta["ms"].as_f64().is_some_and(|ms| ms < QUICK);
        let old = self.explain.result.as_ref().filter(|r| r.question().method == self.explain.method && quick(r));
        // as soon as the picture that it would be asked of is here with its classes
        let ready = self.classified && self.opening.is_none() && self.live == self.wants();
        let Some(old) = old.filter(|_| ready) else { return Vec::new() };
        let Some(now) = self.question(self.explain.method) else { return Vec::new() };
        let ask = Ask::run(now, Slot::Main);
        let asked = self.shown_job().is_some() || self.jobs.gave_up(&ask);
        if asked || ask.question().is_none_or(|(now, _)| now == old.question()) {
            Vec::new()
        } else {
            self.explain(false)
        }
    }

    /// Runs the chosen method, or lets it go on. What was asked before it gives way.
    pub(super) fn explain(&mut self, resume: bool) -> Vec<Effect> {
        let method = self.explain.method;
        (self.explain.untouched, self.explain.staged) = (false, true);
        let Some(question) = self.to_ask(method, &self.explain.params).filter(|_| !method.is_empty()) else {
            return Vec::new();
        };
        // only the same question can go on
        let resume = resume && self.explain.kept.as_ref() == Some(&question);
        if std::mem::take(&mut self.explain.paused) && !resume {
            self.explain.partial = None;
        }
        self.jobs.forgive();
        let effects = self.one_result(|q| *q == question);
        self.jobs.push(Ask::Run { question, slot: Slot::Main, resume });
        effects
    }

    /// Stops what runs or waits for the chosen method's slot, but for the questions to `keep`.
    fn one_result(&mut self, keep: impl Fn(&Question) -> bool) -> Vec<Effect> {
        let asked = |j: &Job| j.ask.question().is_some_and(|(q, slot)| slot == Slot::Main && !keep(q));
        let ids: Vec<JobId> = self.jobs.all().filter(|j| asked(j)).map(|j| j.id).collect();
        ids.into_iter().filter_map(|id| self.jobs.stop(id, Stop::Superseded)).map(Effect::Cancel).collect()
    }
}
