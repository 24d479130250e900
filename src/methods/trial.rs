//! What comes of removing what a map names: the measurements behind the faithfulness metrics.

use super::{Ctx, Judged, MethodError};
use crate::engine::metrics::{area, impute};
use crate::engine::noise::Noise;
use crate::engine::{Device, Planes};
use crate::figure::scale::{correlation, largest_first};

/// Cells along a side, for random subsets.
const CELLS: usize = 14;
/// Shares of pixels that ROAD removes.
const SHARES: [f32; 9] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

/// Pixels that were hidden, and by how much the class's logit fell.
pub struct Test {
    /// The hidden pixels: their indices in the map `[H, W]`, row by row.
    pub hidden: Vec<usize>,
    /// By how much the class's logit fell.
    pub drop: f32,
}

/// Tests that hide equally many cells.
pub struct Subsets {
    /// How many cells each test hides.
    pub size: usize,
    /// The tests, each of another random subset.
    pub tests: Vec<Test>,
}

/// A picture and a class on trial.
pub struct Trial {
    class: usize,
    /// Normalised: 0 is the training set's mean.
    x: Planes,
    h: usize,
    w: usize,
}

impl Trial {
    /// The visitor's picture on trial for `class`.
    pub fn of<D: Device>(ctx: &Ctx<'_, D>, class: usize) -> Self {
        let [h, w] = ctx.size();
        Self { class, x: ctx.input(), h, w }
    }

    /// The class's probability while the map's best pixels are removed (set to the mean), and while they come back into the
    /// blurred picture, each as `[share of pixels, p]` (RISE's `CausalMetric`).
    pub async fn curves<D: Device>(
        &self,
        ctx: &Ctx<'_, D>,
        map: &[f32],
        steps: usize,
    ) -> Result<[Vec<[f32; 2]>; 2], MethodError> {
        let (order, blurred) = (largest_first(map), veil(&self.x));
        let per_step = order.len().div_ceil(steps);
        let nothing = Planes::zeros(self.x.shape);
        let mut curves = [vec![[0.0; 2]; steps + 1], vec![[0.0; 2]; steps + 1]];
        let input = |i: usize| {
            let taken = &order[..(i % (steps + 1) * per_step).min(order.len())];
            if i <= steps { self.exchanged(&self.x, &nothing, taken) } else { self.exchanged(&blurred, &self.x, taken) }
        };
        self.ask(ctx, 2 * (steps + 1), input, |i, judged| {
            let step = i % (steps + 1);
            curves[i / (steps + 1)][step] = [step as f32 / steps as f32, judged.p(self.class)];
        })
        .await?;
        Ok(curves)
    }

    /// ROAD: `(LeRF - MoRF) / 2`, the mean over nine shares of what the class's probability keeps when the least relevant pixels
    /// are filled in from their neighbours, less that for the most relevant.
    pub async fn road<D: Device>(&self, ctx: &Ctx<'_, D>, map: &[f32]) -> Result<f32, MethodError> {
        let (order, dense) = (largest_first(map), self.x.dense());
        let input = |i: usize| {
            let taken = (SHARES[i / 2] * order.len() as f32) as usize;
            let removed = if i.is_multiple_of(2) { &order[..taken] } else { &order[order.len() - taken..] };
            Planes::from_dense(self.x.shape, &impute(&dense, [self.h, self.w], removed))
        };
        let mut score = 0.0;
        self.ask(ctx, 2 * SHARES.len(), input, |i, judged| {
            let sign = if i.is_multiple_of(2) { -0.5 } else { 0.5 };
            score += sign * judged.p(self.class) / SHARES.len() as f32;
        })
        .await?;
        Ok(score)
    }

    /// Random subsets of 14 x 14 cells, of 1, 2, 4 ... cells up to 80 % (Ancona et al. 2018).
    pub async fn subsets<D: Device>(
        &self,
        ctx: &Ctx<'_, D>,
        tries: usize,
        seed: u64,
    ) -> Result<Vec<Subsets>, MethodError> {
        let most = CELLS * CELLS * 4 / 5;
        let sizes: Vec<usize> = (0..8).map(|k| 1 << k).chain([most]).filter(|n| *n <= most).collect();
        let cells = |i: usize| {
            let noise = Noise::new(seed, 1000 + i as u64);
            let order = largest_first(&(0..(CELLS * CELLS) as u64).map(|c| noise.uniform(c)).collect::<Vec<_>>());
            order[..sizes[i / tries]].to_vec()
        };
        let hidden = |i: usize| {
            let cells = cells(i);
            let cell = |p: usize| p / self.w * CELLS / self.h * CELLS + p % self.w * CELLS / self.w;
            (0..self.h * self.w).filter(|p| cells.contains(&cell(*p))).collect::<Vec<_>>()
        };
        let mut tests = self.drops(ctx, (0..sizes.len() * tries).map(hidden).collect()).await?.into_iter();
        Ok(sizes.into_iter().map(|size| Subsets { size, tests: tests.by_ref().take(tries).collect() }).collect())
    }

    /// Random square patches, from an eighth to a half of the side.
    pub async fn patches<D: Device>(
        &self,
        ctx: &Ctx<'_, D>,
        tries: usize,
        seed: u64,
    ) -> Result<Vec<Test>, MethodError> {
        let hidden = |i: usize| {
            let noise = Noise::new(seed, 100_000 + i as u64);
            let side = (self.h.min(self.w) as f32 * (0.125 + 0.375 * noise.uniform(0))) as usize;
            let at = |k: u64, n: usize| (noise.uniform(k) * (n - side + 1) as f32) as usize;
            let (top, left) = (at(1, self.h), at(2, self.w));
            (0..side * side).map(|k| (top + k / side) * self.w + left + k % side).collect()
        };
        self.drops(ctx, (0..tries).map(hidden).collect()).await
    }

    async fn drops<D: Device>(&self, ctx: &Ctx<'_, D>, hidden: Vec<Vec<usize>>) -> Result<Vec<Test>, MethodError> {
        let nothing = Planes::zeros(self.x.shape);
        let input = |i: usize| match i {
            0 => self.x.clone(),
            _ => self.exchanged(&self.x, &nothing, &hidden[i - 1]),
        };
        let mut logits = vec![0.0; hidden.len() + 1];
        self.ask(ctx, hidden.len() + 1, input, |i, judged| logits[i] = judged.logits[self.class]).await?;
        let whole = logits.remove(0);
        Ok(hidden.into_iter().zip(logits).map(|(hidden, s)| Test { hidden, drop: whole - s }).collect())
    }

    async fn ask<D: Device>(
        &self,
        ctx: &Ctx<'_, D>,
        count: usize,
        input: impl FnMut(usize) -> Planes,
        mut take: impl FnMut(usize, Judged),
    ) -> Result<(), MethodError> {
        ctx.spread(count, &crate::catalog::Want::Logits, input, |i, logits| take(i, Judged::new(logits))).await
    }

    /// `x` with these pixels of `other`.
    fn exchanged(&self, x: &Planes, other: &Planes, pixels: &[usize]) -> Planes {
        let (mut out, s) = (x.clone(), x.shape);
        for p in pixels {
            for c in 0..s.c {
                let at = c * s.plane() + (p / self.w + 1) * s.pitch() + p % self.w + 1;
                out.data[at] = other.data[at];
            }
        }
        out
    }
}

/// Area under points evenly spaced from 0 to 1.
pub fn area_of(points: &[[f32; 2]]) -> f32 {
    area(&points.iter().map(|p| p[1]).collect::<Vec<_>>())
}

/// Pearson's correlation of what the map foretells (its sum over the hidden pixels) with the drops.
pub fn agreement(tests: &[Test], map: &[f32]) -> f32 {
    let drops: Vec<f32> = tests.iter().map(|t| t.drop).collect();
    correlation(&told(tests, map), &drops)
}

/// `E[(b sum - drop)^2]` with the best common factor `b` (captum's `normalize`), in squared units of the logit.
pub fn infidelity(tests: &[Test], map: &[f32]) -> f32 {
    let told = told(tests, map);
    let mean = |f: &dyn Fn(f32, f32) -> f32| {
        told.iter().zip(tests).map(|(s, t)| f64::from(f(*s, t.drop))).sum::<f64>() / tests.len().max(1) as f64
    };
    let square = mean(&|s, _| s * s);
    let b = if square > 0.0 { (mean(&|s, d| s * d) / square) as f32 } else { 0.0 };
    mean(&|s, d| (b * s - d).powi(2)) as f32
}

fn told(tests: &[Test], map: &[f32]) -> Vec<f32> {
    tests.iter().map(|t| t.hidden.iter().map(|p| f64::from(map[*p])).sum::<f64>() as f32).collect()
}

/// The picture under RISE's veil: 11 taps of a Gaussian with a standard deviation of 5, nothing beyond the edge.
fn veil(x: &Planes) -> Planes {
    let weights = veil_weights();
    let s = x.shape;
    let blur = |from: &Planes, step: (isize, isize)| {
        let mut out = Planes::zeros(s);
        for c in 0..s.c {
            for y in 0..s.h {
                let row: Vec<f32> = (0..s.w)
                    .map(|x| {
                        let tap = |k: usize| {
                            let d = k as isize - 5;
                            let (y, x) = (y as isize + d * step.0, x as isize + d * step.1);
                            let inside = (0..s.h as isize).contains(&y) && (0..s.w as isize).contains(&x);
                            if inside { from.row(c, y as usize)[x as usize] } else { 0.0 }
                        };
                        weights.iter().enumerate().map(|(k, weight)| weight * tap(k)).sum()
                    })
                    .collect();
                out.row_mut(c, y).copy_from_slice(&row);
            }
        }
        out
    };
    blur(&blur(x, (1, 0)), (0, 1))
}

/// What scipy's `gaussian_filter` makes of one point among eleven, mirrored at both ends.
fn veil_weights() -> [f32; 11] {
    let weight = |d: i32| (-f64::from(d * d) / 50.0).exp();
    let total: f64 = (-20..=20).map(weight).sum();
    let mut out = [0.0; 11];
    for (i, out) in (0_i32..).zip(&mut out) {
        let mirrored = |d: i32| {
            let at = (i + d).rem_euclid(22);
            if at < 11 { at } else { 21 - at }
        };
        *out = ((-20..=20).filter(|d| mirrored(*d) == 5).map(weight).sum::<f64>() / total) as f32;
    }
    out
}
