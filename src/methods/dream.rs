//! DeepDream: whatever a layer sees in the photo, more of it, from coarse to fine.

use super::facts::{Sometimes, facts};
use super::sentence::{Found, decimal, say};
use super::spec::{Layer, SECOND, SEED, choice, layer, number, side};
use crate::catalog::choice::words;
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::{Lang, text};
use crate::catalog::{LayerRole, MethodInfo};

/// How menus, forms, links and the API describe DeepDream (Mordvintsev et al. 2015).
pub const INFO: MethodInfo = MethodInfo {
    id: "dream",
    family: Family::Synthesis,
    name: text!("DeepDream", "DeepDream（深度梦境）"),
    summary: text!(
        "Whatever a layer sees in the photo, more of it: the picture climbs towards larger activations, on a small copy first and \
         then on larger ones (octaves), so that large things are dreamt before small ones. A second picture can guide the dream, \
         two layers can be mixed, and a zoom makes it a film.",
        "某一层在照片里看到什么，就让它更多：图像朝更大的激活上升，先在小图上，再到更大的图（八度），因此先梦见大的东西，再梦见小的。可以用第二张图片引导，可以混合两层，缩放则把它变成影片。",
    ),
    formula: "x <- x + r g / mean|g|,   g = d sum_l w_l mean(a_l^2) / dx   (guided: d mean(a . b) / dx, b the guide's most similar feature)",
    caveat: text!(
        "A dream shows what the layer reacts to, exaggerated; it does not show what made the decision.",
        "梦境夸张地展示该层会对什么起反应；它并不说明决策是如何作出的。",
    ),
    paper: Paper { cite: "Mordvintsev et al. 2015", title: "Inceptionism: Going Deeper into Neural Networks", at: "" },
    needs: &[],
    presets: &[],
    params: Params::SPECS,
};

params! {
    layer: Layer = layer(text!("Layer", "层"), LayerRole::StartOfLast),
    other: Layer = layer(text!("Mixed with", "混合层"), LayerRole::MiddleBeforeLast),
    mix: f32 = number(text!("Its share", "其份额"), [0.0, 0.0, 1.0, 0.05]),
    guide: Guide = choice(text!("Guide", "引导")),
    second: () = SECOND,
    side: usize = side([224.0, 64.0, 448.0]),
    octaves: usize = number(text!("Octaves", "八度数"), [4.0, 1.0, 8.0, 1.0]),
    scale: f64 = number(text!("Octave scale", "八度比例"), [1.4, 1.1, 2.0, 0.1]),
    steps: usize = number(text!("Steps per octave", "每个八度的步数"), [10.0, 1.0, 100.0, 1.0]),
    rate: f32 = number(text!("Grey levels per step", "每步灰度级"), [1.5, 0.1, 10.0, 0.1]),
    zoom: usize = number(text!("Frames of a zoom", "缩放帧数"), [0.0, 0.0, 60.0, 1.0]),
    seed: u64 = SEED,
}

words! {
    /// What the dream becomes more of.
    Guide {
        /// What the photo is made of itself.
        Off = "off",
        /// What the second picture holds.
        Second = "second",
    }
}

facts! {
    /// The objective at every step, and at which steps the film's frames are.
    Facts { curve: Vec<f32>, frames: Sometimes<Vec<usize>> }
}

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use cnn_lens_simd::dot;

    use super::{Facts, Guide, Params, Sometimes};
    use crate::engine::Device;
    use crate::engine::probe::Quiet;
    use crate::engine::synthesis::{Climb, Energy, Goal, Guide as Likeness, Recipe, Shake, Term, Update, Warp};
    use crate::figure::Figure;
    use crate::figure::scale::resize;
    use crate::methods::ascent::photo;
    use crate::methods::ascent_run::Film;
    use crate::methods::invert::code_of;
    use crate::methods::{Ctx, MethodError};

    /// Pixels of an octave's side at least: networks that halve a picture five times leave nothing of smaller ones.
    const LEAST: f64 = 32.0;
    /// How far one frame of a zoom goes in.
    const ZOOM: f32 = 1.05;

    /// One [`crate::figure::Kind::Photo`] figure `[3, side, side]`, then a [`crate::figure::Kind::Film`]: the steps, or the frames
    /// of the zoom. Fact `curve`: the objective at every step.
    ///
    /// # Errors
    /// [`MethodError`]: no second picture; the device fails, or the visitor cancels.
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let side = params.side;
        let sizes = match ctx.network.spec.only_side() {
            // a network of one size has no octaves
            Some(side) => vec![side],
            None => octaves(side, params.octaves, params.scale),
        };
        let (zoom, steps) = (params.zoom, params.steps);
        let total = zoom.max(1) * sizes.len() * steps;
        let goal = goal(ctx, params, side).await?;
        let mut dream = Dream { film: Film::new(side, 1), curve: Vec::new(), done: 0, total };
        let mut x = ctx.picture(side);
        for frame in 0..zoom.max(1) {
            if frame > 0 {
                x = Warp::zoom(ZOOM).apply(&x, side);
            }
            x = dream.octaves(ctx, params, &goal, x, &sizes).await?;
            if zoom > 0 {
                dream.film.see(frame + 1, &x, true);
            }
        }
        let (film, frames) = dream.film.figure();
        ctx.facts.extend(Facts { curve: dream.curve, frames: Sometimes(Some(frames)) }.entries());
        Ok(vec![photo(ctx, "dream", &x, side), film])
    }

    /// The sides of the octaves, the smallest first.
    fn octaves(side: usize, count: usize, scale: f64) -> Vec<usize> {
        let of = |k: i32| side as f64 / scale.powi(k);
        let mut sizes: Vec<usize> =
            (0..count as i32).map(of).filter(|s| *s >= LEAST).map(|s| s.round() as usize).collect();
        sizes.reverse();
        sizes
    }

    /// More of what the layers hold, each in units of its energy in the photo; or of what the guide holds.
    async fn goal<'a, D: Device>(ctx: &Ctx<'a, D>, params: &Params, side: usize) -> Result<Goal<'a>, MethodError> {
        let mix = params.mix;
        let guided = params.guide == Guide::Second;
        let mut goal = Vec::new();
        for (layer, share) in [(params.layer.0, 1.0 - mix), (params.other.0, mix)] {
            if share == 0.0 {
                continue;
            }
            let x = if guided { ctx.second_picture(side)? } else { ctx.picture(side) };
            let y = code_of(ctx.network, &x, side, layer, ctx.pace).await?;
            let weight = share * y.shape.len() as f32 / dot(&y.data, &y.data).max(1e-12);
            goal.push(if guided {
                Term::new(layer, weight, Likeness::of(&y))
            } else {
                Term::new(layer, weight, Energy)
            });
        }
        Ok(goal)
    }

    struct Dream {
        film: Film,
        curve: Vec<f32>,
        done: usize,
        total: usize,
    }

    impl Dream {
        /// The dream of one picture: what the smaller octave added is carried to the next.
        async fn octaves<D: Device>(
            &mut self,
            ctx: &Ctx<'_, D>,
            params: &Params,
            goal: &Goal<'_>,
            base: Vec<f32>,
            sizes: &[usize],
        ) -> Result<Vec<f32>, MethodError> {
            let (side, seed) = (params.side, params.seed);
            let shake = Shake { scale: 0.0, degrees: 0, jitter: [32, 32], around: true };
            let recipe = Recipe::plain(Update::Even, params.rate / 255.0);
            let recipe = Recipe { shake, bounded: true, ..recipe };
            let quiet = Quiet::new(ctx.pace);
            let mut added: Option<(usize, Vec<f32>)> = None;
            for size in sizes.iter().copied() {
                let small = sized(&base, side, size);
                let start = match &added {
                    None => small.clone(),
                    Some((from, d)) => small.iter().zip(sized(d, *from, size)).map(|(x, d)| x + d).collect(),
                };
                // every step of the whole dream is shaken in its own way
                let mut climb = Climb::from_picture(recipe.clone(), size, seed + self.done as u64, &start);
                for _ in 0..params.steps {
                    climb.advance(ctx.network, goal, &quiet).await?;
                    self.done += 1;
                    ctx.pace.tick(self.done, self.total).await?;
                    let due = ctx.pace.due();
                    if due || params.zoom == 0 {
                        let now = sized(&climb.shown()[0], size, side);
                        if params.zoom == 0 {
                            self.film.see(self.done, &now, self.done == self.total);
                        }
                        if due {
                            ctx.pace.preview(vec![photo(ctx, "dream", &now, side)]);
                        }
                    }
                }
                self.curve.append(&mut climb.curve);
                added = Some((size, climb.shown()[0].iter().zip(&small).map(|(x, s)| x - s).collect()));
            }
            let none = || vec![0.0; base.len()];
            let d = added.map_or_else(none, |(size, d)| sized(&d, size, side));
            Ok(base.iter().zip(d).map(|(x, d)| (x + d).clamp(0.0, 1.0)).collect())
        }
    }

    /// `[3, from, from]` at another side.
    fn sized(x: &[f32], from: usize, to: usize) -> Vec<f32> {
        if from == to {
            return x.to_vec();
        }
        x.chunks_exact(from * from).flat_map(|plane| resize(plane, from, from, to, to)).collect()
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    let Facts { curve, .. } = found.facts()?;
    let (first, last) = (f64::from(*curve.first()?), f64::from(*curve.last()?));
    let Params { guide, mix, layer, other, .. } = found.params()?;
    let (guided, layer, other) = (guide == Guide::Second, found.net.name(layer.0), found.net.name(other.0));
    let layer = match mix {
        0.0 => layer.to_owned(),
        1.0 => other.to_owned(),
        _ => format!("{layer} + {other}"),
    };
    // without a guide the objective is in units of what the photo holds
    let times = if guided { last / first } else { last };
    if !(times > 0.0 && times.is_finite()) {
        return None;
    }
    let words = match guided {
        true => text!(
            "From the first step to the last, the match with the second picture at {layer} became {times} times as strong.",
            "从第一步到最后一步，在 {layer} 上与第二张图片的吻合程度变为原来的 {times} 倍。",
        ),
        false => text!(
            "The dream holds {times} times as much of what {layer} sees as the photo does.",
            "梦境中 {layer} 所看到的内容是照片的 {times} 倍。",
        ),
    };
    Some(say(words, lang, &[("layer", &layer), ("times", &decimal(times))]))
}
