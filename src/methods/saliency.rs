//! Gradient saliency: which pixels change the score fastest.

use super::sentence::{Found, evidence, heat, of};
use super::spec::{Chosen, SCORE, TARGET, choice};
use crate::catalog::choice::words;
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::{Lang, text};
use crate::catalog::{MethodInfo, Score};

/// How menus, forms, links and the API describe Gradient saliency (Simonyan et al. 2013).
pub const INFO: MethodInfo = MethodInfo {
    id: "saliency",
    family: Family::Gradient,
    name: text!("Gradient saliency", "梯度显著图"),
    summary: text!(
        "How fast the score of the class changes when a pixel changes a little: the gradient at the input, its largest \
         colour channel, sum, or times the pixel itself. Grainy dots, denser on the object.",
        "某个像素稍有变化时该类得分变化多快：输入处的梯度，取三个颜色通道中的最大值、总和，或乘以像素本身。结果是颗粒状的点，在物体上更密。",
    ),
    formula: "G = d score_c / d x;   max_rgb |G|,   sum_rgb |G|,   or  sum_rgb G x",
    caveat: text!(
        "It says where a tiny change acts, not what the decision rests on: on a large, clear object the gradient can be small. \
         Where a picture is flat, values under max pooling are equal and rounding picks one: there WebGPU and the CPU differ.",
        "它说明微小变化在哪里起作用，而不是决策依据什么：在又大又清楚的物体上，梯度可能反而很小。\
         在画面平坦处，最大池化的几个值相等，由舍入误差决定取哪一个：那里 WebGPU 与 CPU 的结果会不同。",
    ),
    paper: Paper {
        cite: "Simonyan et al. 2013",
        title: "Deep Inside Convolutional Networks: Visualising Image Classification Models and Saliency Maps",
        at: "arXiv:1312.6034",
    },
    needs: &[],
    presets: &[],
    params: Params::SPECS,
};

params! {
    class: Chosen = TARGET,
    score: Score = SCORE,
    reduce: Reduce = choice(text!("Colours", "颜色通道")),
}

words! {
    /// What becomes of the three colours.
    Reduce {
        /// The largest magnitude.
        Max = "max",
        /// The sum of magnitudes.
        Sum = "sum",
        /// The sum of gradient times pixel, with its sign.
        TimesInput = "times_input",
    }
}

#[cfg(feature = "engine")]
pub use engine::{reduce, run};

#[cfg(feature = "engine")]
mod engine {
    use super::{Params, Reduce};
    use crate::engine::kernels::Gate;
    use crate::engine::{Device, Planes};
    use crate::figure::{Figure, Kind};
    use crate::methods::{Ctx, MethodError};

    /// One [`Kind::Magnitude`] figure of the input's size, in score per standard deviation of a pixel; [`Kind::Heat`], signed
    /// and in units of the score, for `times_input`.
    ///
    /// # Errors
    /// [`MethodError::Parameter`] for a unit outside its layer; [`MethodError::Engine`] when the device fails or the visitor
    /// cancels.
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let target = ctx.explained(params.class, params.score).await?;
        let g = ctx.gradient(target, 0, Gate::Relu).await?;
        Ok(vec![reduce("saliency", &g, &ctx.input(), params.reduce)])
    }

    /// Three colour channels to one map.
    pub fn reduce(name: &str, g: &Planes, x: &Planes, how: Reduce) -> Figure {
        let shape = [1, g.shape.h, g.shape.w];
        let (g, x) = ([0, 1, 2].map(|c| g.channel(c)), [0, 1, 2].map(|c| x.channel(c)));
        let value = |i: usize| match how {
            Reduce::TimesInput => (0..3).map(|c| g[c][i] * x[c][i]).sum(),
            Reduce::Sum => g.iter().map(|g| g[i].abs()).sum(),
            Reduce::Max => g.iter().fold(0.0_f32, |m, g| m.max(g[i].abs())),
        };
        let data: Vec<f32> = (0..g[0].len()).map(value).collect();
        let kind = if how == Reduce::TimesInput { Kind::Heat } else { Kind::Magnitude };
        Figure::new(kind, name, shape, data)
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    match found.params::<Params>()?.reduce {
        Reduce::TimesInput => evidence(found, lang),
        Reduce::Max | Reduce::Sum => heat(found, lang, of::SENSITIVITY),
    }
}
