//! What every method shares that grows a picture: a look now and then, a film, a curve, and a climb that can be continued.

use serde_json::{Value, json};

use super::{Ctx, MethodError, Params};
use crate::engine::Kernels;
use crate::engine::head::top;
use crate::engine::probe::Quiet;
use crate::engine::synthesis::{Climb, Goal, normalised};
use crate::figure::{Figure, Kind};

/// Steps between two looks at what the picture that can be shown is worth.
const LOOK: usize = 16;
/// Frames that a film keeps; when there are more, every second one goes.
const FRAMES: usize = 32;

/// What a picture looked like on its way.
#[derive(Default)]
pub struct Film {
    frames: Vec<(usize, Vec<u8>)>,
    every: usize,
    side: usize,
}

impl Film {
    /// Of pictures of this side; `every` so many steps at first.
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
    /// The pictures.
    pub climb: Climb,
    /// What they are called.
    pub names: Vec<String>,
    key: Value,
    shown: Vec<f32>,
    film: Film,
    until: usize,
    best_at: usize,
}

/// Method and parameters, but for how far it goes: what must be the same for a climb to be continued.
fn key(method: &str, params: &Params) -> Value {
    let mut key = json!(params);
    if let Some(map) = key.as_object_mut() {
        map.remove("steps");
        map.remove("start");
        map.insert("method".into(), method.into());
    }
    key
}

impl Run {
    /// A new climb that ends after `steps`.
    pub fn new(method: &str, params: &Params, climb: Climb, names: Vec<String>) -> Self {
        let (film, until) = (Film::new(climb.side, 2), params.whole("steps"));
        Self { climb, names, key: key(method, params), shown: Vec::new(), film, until, best_at: 0 }
    }

    /// After so many steps only the best of the pictures goes on.
    pub fn best_at(self, step: usize) -> Self {
        Self { best_at: step, ..self }
    }

    /// The climb before, if `start` asks for it: one that was stopped goes on to its end, a finished one `steps` further.
    ///
    /// # Errors
    /// No such climb is kept.
    pub fn kept<K: Kernels>(ctx: &mut Ctx<'_, K>, method: &str, params: &Params) -> Result<Option<Self>, MethodError> {
        if params.word("start") != Some("last") {
            return Ok(None);
        }
        let own = key(method, params);
        let Some(mut run) = ctx.recorded.kept.take_if(|run| run.key == own) else {
            let why =
                "start = last: there is no such climb to continue (another picture, method or parameter); begin anew";
            return Err(MethodError::Parameter(why.into()));
        };
        if run.climb.step >= run.until {
            run.until += params.whole("steps");
        }
        Ok(Some(run))
    }

    /// Climbs to the end, and keeps the climb for later, also when it is stopped on its way.
    ///
    /// Facts: `curve` (the objective that the ascent saw, step by step), `shown` (that of the picture as it can be shown, every
    /// 16 steps), `objective` (its last), `shaken` and `shaken_min` (mean and least under `tries` random warps), `frames` (the
    /// film's steps), `gradient` (mean L2 norm of the gradient), `clipped` (share of the steps at which it was above 1).
    ///
    /// # Errors
    /// What the engine reports.
    pub async fn finish<K: Kernels>(
        mut self,
        ctx: &mut Ctx<'_, K>,
        goal: &Goal<'_>,
        tries: usize,
    ) -> Result<Vec<Figure>, MethodError> {
        let end = self.ascend(ctx, goal, tries).await;
        let figures = end.map(|shaken| {
            let (film, frames) = self.film.figure();
            ctx.facts.extend(self.told());
            ctx.fact("frames", frames);
            if tries > 0 {
                ctx.fact("shaken", mean(&shaken));
                ctx.fact("shaken_min", shaken.iter().copied().fold(f32::INFINITY, f32::min));
            }
            let mut figures = self.figures(ctx);
            figures.push(film);
            figures
        });
        ctx.recorded.kept = Some(self);
        figures
    }

    async fn ascend<K: Kernels>(
        &mut self,
        ctx: &Ctx<'_, K>,
        goal: &Goal<'_>,
        tries: usize,
    ) -> Result<Vec<f32>, MethodError> {
        let (network, pace) = (ctx.network, ctx.pace);
        let quiet = Quiet::new(pace);
        while self.climb.step < self.until {
            if self.climb.step == self.best_at.min(self.until - 1) && self.climb.count() > self.names.len() {
                let worth = self.climb.worth(network, goal, &quiet).await?;
                self.climb.keep(top(&worth, 1).first().copied().unwrap_or_default());
            }
            self.see(ctx, goal).await?;
            self.climb.advance(network, goal, &quiet).await?;
            pace.tick(self.climb.step, self.until).await?;
        }
        self.see(ctx, goal).await?;
        Ok(self.climb.shaken(network, goal, tries, &quiet).await?)
    }

    /// Before a step: every look there is to take.
    async fn see<K: Kernels>(&mut self, ctx: &Ctx<'_, K>, goal: &Goal<'_>) -> Result<(), MethodError> {
        let (step, last) = (self.climb.step, self.climb.step == self.until);
        if step.is_multiple_of(self.film.every) || last {
            self.film.see(step, self.climb.shown().first().map_or(&[], Vec::as_slice), last);
        }
        let looks = self.climb.step.div_ceil(LOOK) + 1;
        if self.shown.len() < looks && (step.is_multiple_of(LOOK) || last) {
            let worth = self.climb.worth(ctx.network, goal, &Quiet::new(ctx.pace)).await?;
            self.shown.push(mean(&worth));
        }
        if ctx.pace.due() {
            ctx.pace.preview_with(self.figures(ctx), self.told().into());
        }
        Ok(())
    }

    fn told(&self) -> serde_json::Map<String, Value> {
        let above: Vec<f32> = self.climb.norms.iter().map(|n| f32::from(u8::from(*n > 1.0))).collect();
        let told = json!({
            "objective": self.shown.last(), "curve": self.climb.curve, "shown": self.shown, "steps_done": self.climb.step,
            "gradient": mean(&self.climb.norms), "clipped": mean(&above),
        });
        told.as_object().cloned().unwrap_or_default()
    }

    fn figures<K: Kernels>(&self, ctx: &Ctx<'_, K>) -> Vec<Figure> {
        let pictures = self.climb.shown();
        self.names.iter().zip(&pictures).map(|(name, x)| photo(ctx, name, x, self.climb.side)).collect()
    }
}

fn mean(v: &[f32]) -> f32 {
    v.iter().sum::<f32>() / v.len().max(1) as f32
}

/// A picture `[3, side, side]` in 0..1 as a [`Kind::Photo`] figure.
pub fn photo<K: Kernels>(ctx: &Ctx<'_, K>, name: &str, x: &[f32], side: usize) -> Figure {
    Figure::new(Kind::Photo, name, [3, side, side], normalised(&ctx.network.spec, x, side).dense())
}
