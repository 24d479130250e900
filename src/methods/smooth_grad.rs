//! SmoothGrad: the gradient averaged over noisy copies of the picture.

use super::sentence::{Found, heat, of};
use super::spec::{Chosen, SCORE, SEED, TARGET, choice, number};
use crate::catalog::choice::words;
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::{Lang, text};
use crate::catalog::{MethodInfo, Score};

/// How menus, forms, links and the API describe SmoothGrad (Smilkov et al. 2017).
pub const INFO: MethodInfo = MethodInfo {
    id: "smooth_grad",
    family: Family::Gradient,
    name: text!("SmoothGrad", "SmoothGrad（平滑梯度）"),
    summary: text!(
        "The gradient of many noisy copies of the picture, averaged: what flickers from copy to copy cancels, what stays \
         is shown. Also the mean of its squares, and its variance (VarGrad).",
        "对图像的许多带噪副本求梯度再平均：在副本之间闪烁的部分相互抵消，稳定的部分留下。也可显示平方的平均值，或方差（VarGrad）。",
    ),
    formula: "mean over i of G(x + e_i),   e_i ~ N(0, (noise (max x - min x))^2)   in pixels",
    caveat: text!(
        "The noise is a choice: too little leaves the grain, above about 0.3 the network sees another picture.",
        "噪声大小是人为选择的：太小则颗粒依旧，超过约 0.3 时网络看到的已是另一幅图。",
    ),
    paper: Paper {
        cite: "Smilkov et al. 2017",
        title: "SmoothGrad: removing noise by adding noise",
        at: "arXiv:1706.03825",
    },
    needs: &[],
    presets: &[],
    params: Params::SPECS,
};

params! {
    class: Chosen = TARGET,
    score: Score = SCORE,
    samples: usize = number(text!("Samples", "样本数"), [25.0, 2.0, 400.0, 1.0]),
    noise: f32 = number(text!("Noise", "噪声"), [0.15, 0.0, 1.0, 0.01]),
    combine: Combine = choice(text!("Combine", "合并方式")),
    seed: u64 = SEED,
}

words! {
    /// What is made of the gradients of all copies.
    Combine {
        Mean = "mean",
        /// The mean of the squares.
        Squares = "squares",
        Variance = "variance",
    }
}

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use super::{Combine, Params};
    use crate::catalog::Want;
    use crate::engine::kernels::Gate;
    use crate::engine::noise::Noise;
    use crate::engine::{Device, Planes};
    use crate::figure::Figure;
    use crate::methods::saliency::Reduce;
    use crate::methods::{Ctx, MethodError, saliency};

    /// One [`Magnitude`](crate::figure::Kind::Magnitude) figure of the input's size: the largest colour channel of the combination.
    ///
    /// # Errors
    /// [`MethodError::Parameter`] for a unit outside its layer; [`MethodError::Engine`] when the device fails or the visitor
    /// cancels.
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let target = ctx.explained(params.class, params.score).await?;
        let (x, spec) = (ctx.input(), &ctx.network.spec);
        let pixels = ctx.image.rgb.as_raw();
        let range = f32::from(pixels.iter().max().copied().unwrap_or(0) - pixels.iter().min().copied().unwrap_or(0));
        let sigma = params.noise * range / 255.0;
        let (samples, seed) = (params.samples, params.seed);
        let noisy = |sample: usize| {
            let (mut copy, noise) = (x.clone(), Noise::new(seed, sample as u64));
            for c in 0..3 {
                for y in 0..x.shape.h {
                    let first = ((c * x.shape.h + y) * x.shape.w) as u64;
                    let row = copy.row_mut(c, y).iter_mut().enumerate();
                    row.for_each(|(i, v)| *v += sigma * noise.normal(first + i as u64) / spec.std[c]);
                }
            }
            copy
        };
        let (mut sum, mut squares) = (vec![0.0_f32; x.shape.len()], vec![0.0_f32; x.shape.len()]);
        let want = Want::Gradient(target);
        let figures = |sum: &[f32], squares: &[f32], n: usize| {
            let n = n as f32;
            let combined = sum.iter().zip(squares).map(|(s, q)| match params.combine {
                Combine::Squares => q / n,
                Combine::Variance => (q / n - (s / n).powi(2)).max(0.0),
                Combine::Mean => s / n,
            });
            let combined = Planes::from_dense(x.shape, &combined.collect::<Vec<_>>());
            vec![saliency::reduce("smooth_grad", &combined, &x, Reduce::Max)]
        };
        if ctx.pace.due() {
            // the gradient without noise: the picture's own forward pass is known already
            let plain = ctx.gradient(target, 0, Gate::Relu).await?;
            ctx.pace.preview(vec![saliency::reduce("smooth_grad", &plain, &x, Reduce::Max)]);
        }
        let pace = ctx.pace;
        ctx.spread(samples, &want, noisy, |i, answer| {
            for ((s, q), g) in sum.iter_mut().zip(&mut squares).zip(answer.iter().skip(1)) {
                *s += g;
                *q += g * g;
            }
            if pace.due() {
                pace.preview(figures(&sum, &squares, i + 1));
            }
        })
        .await?;
        Ok(figures(&sum, &squares, samples))
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    let variance = found.params::<Params>()?.combine == Combine::Variance;
    heat(found, lang, if variance { of::WAVERING } else { of::SENSITIVITY })
}
