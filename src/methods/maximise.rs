//! Activation maximisation: a picture grown from noise until a unit, a channel or a class answers most.

use crate::catalog::method::{Family, Paper, SCORE, SEED, TARGET};
use crate::catalog::text::text;
use crate::catalog::{MethodInfo, ParamKind, ParamSpec};

/// See the fields.
pub const INFO: MethodInfo = MethodInfo {
    id: "maximise",
    family: Family::Unit,
    name: text("Activation maximisation", "激活最大化"),
    summary: text(
        "What does it want to see? From noise, a picture climbs the gradient of the target (a class, or the channel or neuron \
         that you chose on a feature map). The Lucid recipe climbs in the spectrum of decorrelated colours and shakes the picture \
         at every step, so that only what survives shaking grows. The recipe of many tutorials does neither: compare what the \
         curve promises with what the picture holds.",
        "它想看到什么？从噪声出发，让图像沿目标（类别，或您在特征图上选择的通道、神经元）的梯度上升。Lucid 配方在去相关颜色的频谱中上升，并在每一步抖动图像，只有经得起抖动的内容才会生长。许多教程的配方两者都没有：请比较曲线的承诺与图像的实际。",
    ),
    formula: "theta <- theta + Adam(d f(warp(x)) / d theta),   x = sigmoid(C irfft2(scale theta) / 4);   f before the ReLU",
    caveat: text(
        "One of many pictures that the target likes: another seed gives another one, and none of them has to look like anything in the world.",
        "这只是目标喜欢的众多图像之一：换一个随机种子会得到另一幅，而且它们不必像世界上的任何东西。",
    ),
    paper: Paper { cite: "Olah et al. 2017; Erhan et al. 2009", title: "Feature Visualization" },
    params: &[
        TARGET,
        SCORE,
        ParamSpec {
            id: "recipe",
            label: text("Recipe", "配方"),
            kind: ParamKind::Choice { default: "lucid", options: &["lucid", "no_warp", "pixels"] },
        },
        ParamSpec {
            id: "side",
            label: text("Side", "边长"),
            kind: ParamKind::Number { default: 128.0, min: 32.0, max: 224.0, step: 1.0 },
        },
        ParamSpec {
            id: "steps",
            label: text("Steps", "步数"),
            kind: ParamKind::Number { default: 256.0, min: 1.0, max: 2048.0, step: 1.0 },
        },
        SEED,
    ],
};

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use crate::catalog::{NetworkSpec, Target, Want};
    use crate::engine::noise::Noise;
    use crate::engine::planes::Shape;
    use crate::engine::synthesis::{Ascent, Spectrum, Warp};
    use crate::engine::{Kernels, Planes, probe};
    use crate::figure::{Figure, Kind};
    use crate::methods::{Ctx, MethodError, Params};

    /// Steps between two looks at what the picture that can be shown is worth.
    const LOOK: usize = 16;
    /// Random warps that the finished picture is tried under.
    const TRIES: usize = 8;

    /// How the picture is held while it climbs.
    enum Holder {
        /// Lucid's.
        Spectrum(Spectrum),
        /// Normalised pixels without bounds: the tutorials' way, kept to show why it fails.
        Pixels,
    }

    /// One [`Kind::Photo`] figure `[3, side, side]`. Facts: `curve` (the objective that the ascent saw, step by step), `shown`
    /// (that of the picture as it can be shown, every 16 steps), `objective` (its last), `shaken` and `shaken_min` (mean and
    /// least under eight random warps).
    ///
    /// # Errors
    /// A neuron outside a map of this size, or what the engine reports.
    pub async fn run<K: Kernels>(ctx: &mut Ctx<'_, K>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let target = aim(ctx, params).await?;
        let (side, steps, seed) = (params.whole("side"), params.whole("steps"), params.whole("seed") as u64);
        let spec = ctx.network.spec;
        let (recipe, shape) = (params.word("recipe").unwrap_or_default(), Shape::new(3, side, side));
        let (holder, mut theta, rate) = if recipe == "pixels" {
            let noise = Noise::new(seed, 0);
            (Holder::Pixels, (0..shape.len() as u64).map(|i| noise.normal(i)).collect::<Vec<f32>>(), 0.1)
        } else {
            let spectrum = Spectrum::new(side);
            let start = spectrum.start(seed);
            (Holder::Spectrum(spectrum), start, 0.05)
        };
        // the picture in 0..1 as the ascent holds it; without bounds for pixels
        let picture = |theta: &[f32]| match &holder {
            Holder::Spectrum(s) => s.picture(theta),
            Holder::Pixels => per_channel(theta, side, |c, v| v * spec.std[c] + spec.mean[c]),
        };
        let (mut ascent, mut curve, mut shown) = (Ascent::new(theta.len(), rate), Vec::new(), Vec::new());
        for step in 0..steps {
            let x = picture(&theta);
            if step % LOOK == 0 {
                shown.push(worth(ctx, target, &x, side).await?);
                if ctx.pace.due() {
                    ctx.pace.preview(vec![figure(&spec, &x, side)]);
                }
            }
            let warp = if recipe == "lucid" { Warp::random(seed, 1 + step as u64) } else { Warp::IDENTITY };
            let input = normalised(&spec, &warp.apply(&x, side), side);
            let answer = probe::here(ctx.network, input, &Want::Gradient(target), ctx.pace).await?.remove(0);
            curve.push(answer[0]);
            let g = per_channel(&answer[1..], side, |c, v| v / spec.std[c]);
            let g = warp.adjoint(&g, side);
            let g = match &holder {
                Holder::Spectrum(s) => s.gradient(&x, &g),
                Holder::Pixels => per_channel(&g, side, |c, v| v * spec.std[c]),
            };
            ascent.step(&mut theta, &g);
            ctx.pace.tick(step + 1, steps).await?;
        }
        let x = picture(&theta);
        let objective = worth(ctx, target, &x, side).await?;
        shown.push(objective);
        let mut shaken = Vec::new();
        for k in 0..TRIES {
            // warps that the ascent has not seen
            let warp = Warp::random(seed + 1, k as u64);
            shaken.push(worth(ctx, target, &warp.apply(&clipped(&x), side), side).await?);
        }
        ctx.fact("objective", objective);
        ctx.fact("shaken", shaken.iter().sum::<f32>() / TRIES as f32);
        ctx.fact("shaken_min", shaken.iter().copied().fold(f32::INFINITY, f32::min));
        ctx.fact("curve", curve);
        ctx.fact("shown", shown);
        Ok(vec![figure(&spec, &x, side)])
    }

    /// The target; a neuron must lie in the map of a picture of this side.
    async fn aim<K: Kernels>(ctx: &mut Ctx<'_, K>, params: &Params) -> Result<Target, MethodError> {
        let target = ctx.explained(params).await?;
        let side = params.whole("side");
        if let Target::Unit(unit) = target
            && let (Some((x, y)), [_, h, w]) = (unit.place, ctx.network.spec.shape(unit.layer, side, side))
            && (x >= w || y >= h)
        {
            return Err(MethodError::Parameter(format!("class: ({x}, {y}) lies outside the {w} x {h} places at side {side}")));
        }
        Ok(target)
    }

    /// The target's value for a picture as it can be shown.
    async fn worth<K: Kernels>(ctx: &Ctx<'_, K>, target: Target, x: &[f32], side: usize) -> Result<f32, MethodError> {
        let input = normalised(&ctx.network.spec, &clipped(x), side);
        let answer = probe::here(ctx.network, input, &target.want(), ctx.pace).await?.remove(0);
        Ok(target.value(&answer))
    }

    fn clipped(x: &[f32]) -> Vec<f32> {
        x.iter().map(|v| v.clamp(0.0, 1.0)).collect()
    }

    fn per_channel(x: &[f32], side: usize, f: impl Fn(usize, f32) -> f32) -> Vec<f32> {
        x.iter().enumerate().map(|(i, v)| f(i / (side * side), *v)).collect()
    }

    fn normalised(spec: &NetworkSpec, x: &[f32], side: usize) -> Planes {
        Planes::from_dense(Shape::new(3, side, side), &per_channel(x, side, |c, v| (v - spec.mean[c]) / spec.std[c]))
    }

    fn figure(spec: &NetworkSpec, x: &[f32], side: usize) -> Figure {
        Figure::new(Kind::Photo, "maximise", [3, side, side], normalised(spec, &clipped(x), side).dense())
    }
}
