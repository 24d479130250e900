//! Score-CAM: a class activation map without gradients.

use super::sentence::{Found, evidence};
use super::spec::{Chosen, LAYER, Layer, TARGET, choice, count};
use crate::catalog::MethodInfo;
use crate::catalog::choice::words;
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::{Lang, text};

/// How menus, forms, links and the API describe Score-CAM (Wang et al. 2020, eq. 6 to 8).
pub const INFO: MethodInfo = MethodInfo {
    id: "score_cam",
    family: Family::Cam,
    name: text!("Score-CAM", "Score-CAM（得分加权）"),
    summary: text!(
        "Each channel is used as a mask: only what it lights up of the picture is shown to the network. The probability that \
         the class then gets, less that of a grey picture, is the channel's weight. No gradient.",
        "把每个通道当作掩码：只让网络看到它照亮的部分。此时该类的概率减去灰图时的概率，就是这个通道的权重。不用梯度。",
    ),
    formula: "w_k = p_c(x * minmax(up(A_k))) - p_c(grey);   L = relu(sum_k w_k A_k)",
    caveat: text!(
        "Only the channels that vary most over the picture are tried, and a masked picture is one the network has never met.",
        "只尝试在图中变化最大的通道；而且被掩码遮过的图是网络从未见过的。",
    ),
    paper: Paper {
        cite: "Wang et al. 2020, eq. 6 to 8",
        title: "Score-CAM: Score-Weighted Visual Explanations for CNNs",
        at: "arXiv:1910.01279",
    },
    needs: &[],
    presets: &[],
    params: Params::SPECS,
};

params! {
    class: Chosen = TARGET,
    layer: Layer = LAYER,
    channels: usize = count(text!("Channels", "通道数"), [64.0, 1.0]),
    weights: Weights = choice(text!("Weights", "权重")),
}

words! {
    /// How much a channel counts.
    Weights {
        /// As much as the score rises.
        Rise = "rise",
        /// The softmax of that, as the paper has it.
        Softmax = "softmax",
    }
}

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use super::{Params, Weights};
    use crate::catalog::Score;
    use crate::engine::image::masked;
    use crate::engine::score::{softmax, top};
    use crate::engine::{Device, Planes};
    use crate::figure::scale::{resize, stats};
    use crate::figure::{Figure, Kind};
    use crate::methods::{Ctx, MethodError};

    /// One [`Magnitude`] figure of the layer's size; facts `channels` (tried) and `no_evidence` when it is empty.
    ///
    /// # Errors
    /// [`MethodError::Parameter`] for a unit outside its layer; [`MethodError::Engine`] when the device fails or the visitor
    /// cancels.
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let target = ctx.explained(params.class, Score::Logit).await?.probability();
        let (a, x) = (ctx.stage(params.layer.0).await?, ctx.input());
        let spread: Vec<f32> = (0..a.shape.c).map(|c| stats(&a.channel(c)).std).collect();
        let tried: Vec<usize> = top(&spread, params.channels).into_iter().filter(|c| spread[*c] > 0.0).collect();
        // input 0 is the grey picture, which is 0 to the network
        let input = |i: usize| {
            let Some(channel) = i.checked_sub(1).map(|i| a.channel(tried[i])) else { return Planes::zeros(x.shape) };
            let s = stats(&channel);
            let unit: Vec<f32> = channel.iter().map(|v| (v - s.min) / (s.max - s.min).max(1e-12)).collect();
            masked(&x, &resize(&unit, a.shape.w, a.shape.h, x.shape.w, x.shape.h))
        };
        let paper = params.weights == Weights::Softmax;
        let map = |scores: &[f32]| {
            let rises: Vec<f32> = scores[1..].iter().map(|s| s - scores[0]).collect();
            let weights = if paper { softmax(&rises) } else { rises };
            let mut map = vec![0.0_f32; a.shape.h * a.shape.w];
            for (channel, weight) in tried.iter().zip(&weights) {
                map.iter_mut().zip(a.channel(*channel)).for_each(|(m, v)| *m += weight * v);
            }
            map
        };
        let (pace, mut scores) = (ctx.pace, vec![0.0; tried.len() + 1]);
        ctx.spread(tried.len() + 1, &target.want(), input, |i, answer| {
            scores[i] = target.value(&answer);
            if i > 0 && pace.due() {
                // those not tried yet weigh nothing
                let so_far: Vec<f32> = scores.iter().map(|s| if *s == 0.0 { scores[0] } else { *s }).collect();
                let map = map(&so_far).into_iter().map(|v| v.max(0.0)).collect();
                pace.preview(vec![Figure::new(Kind::Magnitude, "score_cam", [1, a.shape.h, a.shape.w], map)]);
            }
        })
        .await?;
        ctx.fact("channels", tried.len());
        Ok(ctx.evidence("score_cam", a.shape, map(&scores)))
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    evidence(found, lang)
}
