//! Another network for the same photo: what fits it stays, and everything that was computed goes.

use std::rc::Rc;

use super::action::Effect;
use super::explain::Explain;
use super::frame::View;
use super::model::State;
use super::question::fitted;
use super::weights::Weights;
use crate::catalog::card::{Extra, file};
use crate::catalog::{LayerRole, NetworkSpec, networks};

impl State {
    /// The visitor chose or opened a network. If it is the one that a link waits for, the link is followed.
    pub(super) fn choose_network(&mut self, net: Rc<NetworkSpec>) -> Vec<Effect> {
        let waits = self.missing.take();
        let (own, id) = (net.own(), net.id().to_owned());
        let mut effects = self.use_network(net);
        // who chooses one wants its weights
        effects.extend(self.accept());
        match waits {
            Some(missing) if missing.id == id => effects.extend(self.go(&missing.link)),
            // another file than the link's: said, and still waited for
            Some(missing) if own && file(&missing.id) != file(&id) => self.missing = Some(missing),
            _ => {}
        }
        effects
    }

    /// Uses another network. The photo, the class, the method and its settings stay as far as they fit it; layers and units are the
    /// other network's. An answer that was on the stage is asked for again.
    pub(super) fn use_network(&mut self, net: Rc<NetworkSpec>) -> Vec<Effect> {
        // one of the visitor's own can be opened anew under its id
        if Rc::ptr_eq(&net, &self.net) {
            return Vec::new();
        }
        let answered = self.explain.result.take().is_some_and(|r| r.question().method == self.explain.method);
        let same_classes = self.net.card().labels == net.card().labels;
        let before = std::mem::replace(&mut self.net, Rc::clone(&net));
        // who uses the other one compares it with the one before
        if self.pair.other.as_ref() == Some(&net) {
            self.pair.other = Some(before);
        }
        (self.layer, self.channel, self.unit, self.page) = (net.role(LayerRole::First), None, None, 0);
        (self.target, self.wanted.class) = match same_classes {
            true => (self.target, self.wanted.class),
            false => (None, None),
        };
        (self.wanted.unit, self.sprites) = (None, None);
        self.taught &= net.has(Extra::TeachingHead);
        let Explain { method, staged, .. } = self.explain;
        let params = fitted(&net, method, std::mem::take(&mut self.explain.params));
        self.explain = Explain { method, staged, params, ..Explain::default() };
        self.board.clear(self.frame.view == View::Board);
        if let Some(params) = &mut self.board.params {
            *params = fitted(&net, method, std::mem::take(params));
        }
        (self.classes, self.classified, self.precomputed, self.early) = (Vec::new(), false, false, Vec::new());
        (self.cam, self.maps, self.model_scale, self.strip, self.pace) = (None, None, None, None, None);
        (self.live, self.device, self.weights, self.problem) = (None, None, Weights::default(), None);
        self.wanted.run |= answered;
        self.jobs.leave_engine();
        // what the visitor has not agreed to yet is asked for anew: the other network's
        if self.offer.is_some() {
            self.offer = Some(networks::bytes(net.id()));
        }
        let mut effects = vec![Effect::Network(net)];
        effects.extend(self.source().cloned().map(|source| self.open(source)).into_iter().flatten());
        effects
    }
}
