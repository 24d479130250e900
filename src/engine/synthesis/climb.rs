//! Pictures on their way up: everything that a step needs, so that a climb can be stopped, kept, and continued.

use super::goal::{self, Goal};
use super::optimiser::Optimiser;
use super::recipe::{Recipe, blur};
use super::warp::{Shake, Warp};
use super::{Canvas, per_channel};
use crate::catalog::NetworkSpec;
use crate::engine::image;
use crate::engine::planes::Planes;
use crate::engine::probe::stack;
use crate::engine::{Device, EngineError, Network, Pace};

/// One picture's parameters and the memory of its steps.
#[derive(Clone, Debug)]
struct Climber {
    theta: Vec<f32>,
    optimiser: Optimiser,
}

/// A batch of pictures that climb the same objective.
#[derive(Clone, Debug)]
pub struct Climb {
    /// How parameters become a picture.
    pub canvas: Canvas,
    /// The step, the shaking and the penalties.
    pub recipe: Recipe,
    /// Rows and columns of every picture.
    pub side: usize,
    /// The seed of the random warps.
    pub seed: u64,
    /// How many steps were taken.
    pub step: usize,
    /// The mean objective of every step, as the ascent saw it.
    pub curve: Vec<f32>,
    /// L2 norms of the gradients at the parameters, before they were tamed.
    pub norms: Vec<f32>,
    climbers: Vec<Climber>,
}

impl Climb {
    /// From the parameters of every picture.
    pub fn new(canvas: Canvas, recipe: Recipe, side: usize, seed: u64, starts: Vec<Vec<f32>>) -> Self {
        let climber = |theta: Vec<f32>| {
            let optimiser = Optimiser::new(recipe.rule, recipe.rate, theta.len());
            Climber { theta, optimiser }
        };
        let climbers = starts.into_iter().map(climber).collect();
        Self { canvas, recipe, side, seed, step: 0, curve: Vec::new(), norms: Vec::new(), climbers }
    }

    /// From the pixels of one picture.
    pub fn from_picture(recipe: Recipe, side: usize, seed: u64, x: &[f32]) -> Self {
        let canvas = Canvas::Pixels { side, scale: [1.0; 3], shift: [0.0; 3] };
        Self::new(canvas, recipe, side, seed, vec![x.to_vec()])
    }

    /// How many pictures climb.
    pub const fn count(&self) -> usize {
        self.climbers.len()
    }

    /// Goes on with the picture of this number alone; the others are dropped.
    pub fn keep(&mut self, picture: usize) {
        self.climbers = self.climbers.drain(..).skip(picture).take(1).collect();
    }

    /// The pictures `[3, side, side]` as the ascent holds them; 0..1 is what can be shown.
    pub fn pictures(&self) -> Vec<Vec<f32>> {
        self.climbers.iter().map(|c| self.canvas.picture(&c.theta)).collect()
    }

    /// The pictures as they can be shown.
    pub fn shown(&self) -> Vec<Vec<f32>> {
        self.pictures().into_iter().map(clipped).collect()
    }

    /// One step of all pictures. When it fails, nothing has changed.
    ///
    /// # Errors
    /// [`EngineError::Cancelled`] when the visitor cancels, [`EngineError::Device`] when the device fails.
    pub async fn advance<D: Device>(
        &mut self,
        network: &Network<D>,
        goal: &Goal<'_>,
        pace: &dyn Pace,
    ) -> Result<(), EngineError> {
        let (spec, side, n) = (&network.spec, self.side, self.climbers.len());
        let pictures = self.pictures();
        let sample = |i: usize| (1 + self.step * n + i) as u64;
        let still = self.recipe.shake == Shake::NONE;
        let warp = |i| if still { Warp::IDENTITY } else { Warp::random(self.recipe.shake, self.seed, sample(i)) };
        let warps: Vec<Warp> = (0..n).map(warp).collect();
        let inputs = pictures.iter().zip(&warps).map(|(x, w)| normalised(spec, &w.apply(x, side), side)).collect();
        let (values, g) = goal::gradient(network, &stack(inputs), goal, pace).await?;
        let mut objective = 0.0;
        for (i, g) in g.images().enumerate() {
            let g = warps[i].adjoint(&per_channel(&g.dense(), side, |c, v| v / spec.std[c]), side);
            let (cost, against) = self.recipe.penalty.of(&pictures[i], side, spec.mean);
            objective += values[i] - cost;
            let g: Vec<f32> = g.iter().zip(against).map(|(g, a)| g - a).collect();
            let mut g = self.canvas.gradient(&pictures[i], &g);
            self.norms.push(self.recipe.tame.apply(&mut g));
            let Climber { theta, optimiser } = &mut self.climbers[i];
            optimiser.step(theta, &g);
            self.recipe.tidy(&self.canvas, theta, self.step + 1, side);
        }
        self.recipe.penalty.roughness *= self.recipe.relax;
        self.curve.push(objective / n as f32);
        self.step += 1;
        Ok(())
    }

    /// The objective of every picture as it can be shown, without penalties.
    ///
    /// # Errors
    /// [`EngineError::Cancelled`] when the visitor cancels, [`EngineError::Device`] when the device fails.
    pub async fn worth<D: Device>(
        &self,
        network: &Network<D>,
        goal: &Goal<'_>,
        pace: &dyn Pace,
    ) -> Result<Vec<f32>, EngineError> {
        let inputs = self.shown().iter().map(|x| normalised(&network.spec, x, self.side)).collect();
        goal::value(network, &stack(inputs), goal, pace).await
    }

    /// As [`Climb::worth`], under the `tries` warps that Lucid's shaking draws for another seed.
    ///
    /// # Errors
    /// [`EngineError::Cancelled`] when the visitor cancels, [`EngineError::Device`] when the device fails.
    pub async fn shaken<D: Device>(
        &self,
        network: &Network<D>,
        goal: &Goal<'_>,
        tries: usize,
        pace: &dyn Pace,
    ) -> Result<Vec<f32>, EngineError> {
        let shown = self.shown();
        let mut means = Vec::with_capacity(tries);
        for k in 0..tries {
            let warp = Warp::random(Shake::LUCID, self.seed + 1, k as u64);
            let inputs =
                shown.iter().map(|x| normalised(&network.spec, &warp.apply(x, self.side), self.side)).collect();
            let values = goal::value(network, &stack(inputs), goal, pace).await?;
            means.push(values.iter().sum::<f32>() / values.len().max(1) as f32);
        }
        Ok(means)
    }
}

impl Recipe {
    /// What happens to the parameters after a step.
    fn tidy(&self, canvas: &Canvas, theta: &mut Vec<f32>, step: usize, side: usize) {
        theta.iter_mut().for_each(|t| *t *= 1.0 - self.decay);
        if let Some((sigma, _)) = self.blur.filter(|(_, every)| step.is_multiple_of(*every)) {
            *theta = blur(theta, side, sigma);
        }
        if self.bounded {
            *theta = canvas.held(&clipped(canvas.picture(theta)), std::mem::take(theta));
        }
    }
}

/// Cut to what can be shown.
pub fn clipped(x: Vec<f32>) -> Vec<f32> {
    x.into_iter().map(|v| v.clamp(0.0, 1.0)).collect()
}

/// A picture `[3, side, side]` as the network reads it.
pub fn normalised(spec: &NetworkSpec, x: &[f32], side: usize) -> Planes {
    image::normalised(x, [side, side], spec)
}
