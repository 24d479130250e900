//! What every method shares that grows a picture: a look now and then, a film, a curve, and a climb that can be continued.

use std::any::Any;

use super::ascent_run::{Run, mean};
use super::spec::Start;
use super::{Ctx, MethodError};
use crate::engine::Device;
use crate::engine::probe::Quiet;
use crate::engine::score::top;
use crate::engine::synthesis::{Goal, normalised};
use crate::figure::{Figure, Kind};

/// Steps between two looks at what the picture that can be shown is worth.
const LOOK: usize = 16;

impl Run {
    /// The climb before, if `start` asks for it: one that was stopped goes on to its end, a finished one `steps` further. Its `key` must
    /// be the same: all other parameters of the method.
    ///
    /// # Errors
    /// [`MethodError::Parameter`] when `start` asks for a climb that is not kept.
    pub fn kept<D: Device, K: Any + PartialEq>(
        ctx: &mut Ctx<'_, D>,
        key: &K,
        start: Start,
        steps: usize,
    ) -> Result<Option<Self>, MethodError> {
        if start == Start::New {
            return Ok(None);
        }
        let Some(mut run) = ctx.recorded.kept.take_if(|run| run.key.downcast_ref() == Some(key)) else {
            let why =
                "start = last: there is no such climb to continue (another picture, method or parameter); begin anew";
            return Err(MethodError::Parameter(why.into()));
        };
        if run.climb.step >= run.until {
            run.until += steps;
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
    /// [`MethodError::Engine`] when the device fails or the visitor cancels.
    pub async fn finish<D: Device>(
        mut self,
        ctx: &mut Ctx<'_, D>,
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

    async fn ascend<D: Device>(
        &mut self,
        ctx: &Ctx<'_, D>,
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
    async fn see<D: Device>(&mut self, ctx: &Ctx<'_, D>, goal: &Goal<'_>) -> Result<(), MethodError> {
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

    fn figures<D: Device>(&self, ctx: &Ctx<'_, D>) -> Vec<Figure> {
        let pictures = self.climb.shown();
        self.names.iter().zip(&pictures).map(|(name, x)| photo(ctx, name, x, self.climb.side)).collect()
    }
}

/// A picture `[3, side, side]` in 0..1 as a [`Kind::Photo`] figure.
pub fn photo<D: Device>(ctx: &Ctx<'_, D>, name: &str, x: &[f32], side: usize) -> Figure {
    Figure::new(Kind::Photo, name, [3, side, side], normalised(&ctx.network.spec, x, side).dense())
}
