//! Following a link, and the browser's back and forward.

use std::rc::Rc;

use super::action::Effect;
use super::explain::Explain;
use super::frame::{Missing, View};
use super::link;
use super::model::State;
use super::picture::Source;
use crate::catalog::card::Extra;
use crate::catalog::examples::{EXAMPLES, TWO};
use crate::catalog::networks;
use crate::catalog::picture::Fit;

impl State {
    /// Shows what an address says; what it leaves out is at its default. Returns what the outside has to do.
    pub(super) fn go(&mut self, hash: &str) -> Vec<Effect> {
        let mut to = Self::default();
        self.refused = link::read(&mut to, hash);
        self.missing = to.missing.take().map(|missing| Missing { link: hash.to_owned(), ..missing });
        self.greeting = self.source().is_none() && hash.trim_start_matches('#').is_empty();
        // a channel is looked at beside its layer's others
        if to.channel.is_some() && to.frame.view == View::Page && to.explain.method.is_empty() {
            to.open_layers();
        }
        let reading = to.reading().filter(|at| !at.paused);
        // the story is the first network's: what an address names beside it is not used, and told
        if reading.is_some() && to.net != networks::first() {
            self.refused.push(format!("net={}", to.net.id()));
            to.use_network(networks::first());
        }
        // the paragraph says what runs
        to.frame.autorun &= reading.is_none();
        self.read_on(to.story.at);
        let mut effects = self.turn_to(to);
        effects.extend(self.stage());
        effects
    }

    /// Shows what a state says that was read from an address.
    pub(super) fn turn_to(&mut self, to: Self) -> Vec<Effect> {
        let mut effects = self.use_network(Rc::clone(&to.net));
        effects.extend(self.turn_view(to));
        effects
    }

    /// As [`State::turn_to`], once the network is the one that was asked for.
    fn turn_view(&mut self, to: Self) -> Vec<Effect> {
        self.jobs.forgive();
        let (taught, fit) = (self.taught, self.fit);
        (self.layer, self.channel, self.normalise, self.order, self.page) =
            (to.layer, to.channel, to.normalise, to.order, to.page);
        (self.look, self.taught, self.fit, self.frame, self.wanted) = (to.look, to.taught, to.fit, to.frame, to.wanted);
        (self.board.by, self.board.methods, self.board.size) = (to.board.by, to.board.methods, to.board.size);
        (self.pair.other, self.pair.awaited) = (to.pair.other, to.pair.awaited);
        self.lang = self.frame.lang.unwrap_or(self.lang);
        self.theme = self.frame.theme.unwrap_or(self.theme);
        if to.explain.method != self.explain.method {
            self.explain = Explain { result: self.explain.result.take(), ..Explain::default() };
        }
        (self.explain.method, self.explain.params) = (to.explain.method, to.explain.params);
        self.wanted.run = self.frame.autorun;

        let now = self.source().cloned();
        let source = match (to.opening, &now) {
            (Some(source), _) => Some(source),
            // allowed before
            (None, Some(Source::Url(url))) if self.wanted.url.as_ref() == Some(url) => now.clone(),
            (None, _) if self.wanted.url.is_some() => None,
            // the visitor's own picture stays, or is asked for
            (None, Some(Source::File(..))) => now.clone(),
            (None, _) if self.wanted.own_picture => None,
            (None, Some(_)) => now.clone(),
            (None, None) => {
                // a link without a picture means the one that it meant when it was made
                Some(Source::Example(if self.greeting { TWO.0 } else { EXAMPLES[0].id }))
            }
        };
        match source {
            None => Vec::new(),
            Some(source) if Some(&source) != now.as_ref() || taught != self.taught || fit != self.fit => {
                self.open(source)
            }
            Some(_) if self.opening.is_some() => Vec::new(),
            Some(_) => {
                (self.target, self.explain.unit) = (None, None);
                // else with its classes
                if self.classified { self.arrive() } else { Vec::new() }
            }
        }
    }

    /// Begins to open a picture; it is shown once the engine (or a precomputed screen) has it.
    pub(super) fn open(&mut self, source: Source) -> Vec<Effect> {
        let mut effects = Vec::new();
        if let Source::Example(id) = &source
            && !self.taught
            && self.fit == Fit::default()
            && self.net.has(Extra::FirstScreens)
        {
            effects.push(Effect::Precomputed(Rc::clone(&self.net), id));
        }
        self.opening = Some(source);
        self.problem = None;
        self.jobs.forgive();
        effects
    }

    /// The picture and its classes are there: what the link wanted of them.
    pub(super) fn arrive(&mut self) -> Vec<Effect> {
        let wanted = std::mem::take(&mut self.wanted);
        self.target = wanted.class.or(self.target);
        self.explain.unit = wanted.unit.or(self.explain.unit);
        match self.frame.view == View::Board {
            // on the whole page it is what the reader came for
            true if wanted.run || self.comparing() && self.board.params.is_none() => self.run_board(),
            board => {
                self.board_follows();
                // paragraphs of the story often show the same
                if wanted.run && !board && !(self.reading().is_some() && self.is_answered()) {
                    if self.has_pictures() {
                        return self.explain(false);
                    }
                    // its form asks for the picture that a link cannot carry
                    self.explain.staged = true;
                }
            }
        }
        Vec::new()
    }
}
