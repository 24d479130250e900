//! How long a method takes on this engine, as far as its pace is known.

use super::model::State;
use super::question::Question;
use crate::catalog::posters::maps;

/// Maps from which on a method's time is its computation's and not the messages'.
const LONG: f64 = 5.0;

impl State {
    /// Seconds that a method takes on this engine and network with the settings that it has at first; `None` before the engine has
    /// shown its pace, and for a network of which the methods' relative times were not measured.
    pub fn takes(&self, method: &str) -> Option<f64> {
        // a map that came with the example took none
        let map = self.cam.as_ref().map(|c| c.own().1.1).filter(|ms| *ms >= 1.0);
        Some(maps(self.net.id(), method)? * self.pace.or(map)? / 1000.0)
    }

    /// What a method's time says of the engine's pace: of one that takes long enough, with the settings that it has at first.
    pub(super) fn paced(&mut self, question: &Question, ms: f64) {
        let long = maps(question.seen.net.id(), question.method).filter(|maps| question.plain() && *maps >= LONG);
        self.pace = long.map(|maps| ms / maps).or(self.pace);
    }
}
