//! A climb with what was seen on its way: what is kept of it, so that it can be shown and continued.

use std::any::Any;

use serde_json::{Value, json};

use crate::engine::synthesis::Climb;
use crate::figure::{Figure, Kind};

/// Frames that a film keeps; when there are more, every second one goes.
const FRAMES: usize = 32;

/// What a picture looked like on its way.
#[derive(Default)]
pub struct Film {
    frames: Vec<(usize, Vec<u8>)>,
    pub(super) every: usize,
    side: usize,
}

impl Film {
    /// A film of pictures of this side (pixels), with a frame every so many steps at first.
    pub const fn new(side: usize, every: usize) -> Self {
        Self { frames: Vec::new(), every, side }
    }

    /// Takes the picture `[3, side, side]` after `step` steps; the `last` one in any case.
    pub fn see(&mut self, step: usize, x: &[f32], last: bool) {
        if !(last || step.is_multiple_of(self.every)) || self.frames.last().is_some_and(|f| f.0 >= step) {
            return;
        }
        self.frames.push((step, x.iter().map(|v| (v.clamp(0.0, 1.0) * 255.0).round() as u8).collect()));
        if self.frames.len() > FRAMES {
            self.every *= 2;
            let every = self.every;
            self.frames.retain(|(at, _)| at.is_multiple_of(every) || *at == step);
        }
    }

    /// One [`Kind::Film`] figure `[3 F, side, side]` in 0..1, and the steps of its frames.
    pub fn figure(&self) -> (Figure, Vec<usize>) {
        let data = self.frames.iter().flat_map(|(_, x)| x).map(|v| f32::from(*v) / 255.0).collect();
        let shape = [3 * self.frames.len(), self.side, self.side];
        (Figure::new(Kind::Film, "film", shape, data), self.frames.iter().map(|f| f.0).collect())
    }
}

/// A climb with what was seen on its way.
pub struct Run {
    /// The pictures that climb, with their optimisers.
    pub climb: Climb,
    /// The names of the pictures' figures.
    pub names: Vec<String>,
    /// The parameters of the method, whose type says which, but for how far it goes: these must be the same for a climb to be continued.
    pub(super) key: Box<dyn Any>,
    pub(super) shown: Vec<f32>,
    pub(super) film: Film,
    pub(super) until: usize,
    pub(super) best_at: usize,
}

impl Run {
    /// A new climb that ends after `steps`.
    pub fn new(key: Box<dyn Any>, steps: usize, climb: Climb, names: Vec<String>) -> Self {
        let (film, until) = (Film::new(climb.side, 2), steps);
        Self { climb, names, key, shown: Vec::new(), film, until, best_at: 0 }
    }

    /// The same climb, in which only the best of the pictures goes on after `step` steps.
    pub fn best_at(self, step: usize) -> Self {
        Self { best_at: step, ..self }
    }

    pub(super) fn told(&self) -> serde_json::Map<String, Value> {
        let above: Vec<f32> = self.climb.norms.iter().map(|n| f32::from(u8::from(*n > 1.0))).collect();
        let told = json!({
            "objective": self.shown.last(), "curve": self.climb.curve, "shown": self.shown, "steps_done": self.climb.step,
            "gradient": mean(&self.climb.norms), "clipped": mean(&above),
        });
        told.as_object().cloned().unwrap_or_default()
    }
}

pub(super) fn mean(v: &[f32]) -> f32 {
    v.iter().sum::<f32>() / v.len().max(1) as f32
}
