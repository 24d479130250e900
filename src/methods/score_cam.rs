//! Score-CAM: a class activation map without gradients.

use crate::catalog::method::{CLASS, Paper};
use crate::catalog::text::text;
use crate::catalog::{MethodInfo, ParamKind, ParamSpec};

/// See the fields.
pub const INFO: MethodInfo = MethodInfo {
    id: "score_cam",
    name: text("Score-CAM", "Score-CAM（得分加权）"),
    summary: text(
        "Each channel is used as a mask: only what it lights up of the picture is shown to the network. The probability that \
         the class then gets, less that of a grey picture, is the channel's weight. No gradient.",
        "把每个通道当作蒙版：只让网络看到它照亮的部分。此时该类的概率减去灰图时的概率，就是这个通道的权重。不用梯度。",
    ),
    formula: "w_k = p_c(x * minmax(up(A_k))) - p_c(grey);   L = relu(sum_k w_k A_k)",
    caveat: text(
        "Only the channels that vary most over the picture are tried, and a masked picture is one the network has never met.",
        "只尝试在图中变化最大的通道；而且被蒙版遮过的图是网络从未见过的。",
    ),
    paper: Paper { cite: "Wang et al. 2020, eq. 6 to 8", title: "Score-CAM: Score-Weighted Visual Explanations for CNNs" },
    params: &[
        CLASS,
        ParamSpec { id: "layer", label: text("Layer", "层"), kind: ParamKind::Layer { default: "relu5_3" } },
        ParamSpec {
            id: "channels",
            label: text("Channels", "通道数"),
            kind: ParamKind::Number { default: 64.0, min: 1.0, max: 512.0, step: 1.0 },
        },
    ],
};

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use crate::catalog::{Score, Want};
    use crate::engine::Kernels;
    use crate::engine::head::top;
    use crate::figure::scale::{resize, stats};
    use crate::figure::Figure;
    use crate::methods::{Ctx, MethodError, Params};

    /// One [`Magnitude`](crate::figure::Kind::Magnitude) figure of the layer's size; facts `channels` (tried) and `no_evidence` when it is empty.
    ///
    /// # Errors
    /// What the engine reports.
    pub async fn run<K: Kernels>(ctx: &mut Ctx<'_, K>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let class = ctx.explained(params).await?.class;
        let (a, x) = (ctx.stage(params.layer("layer")).await?, ctx.input());
        let spread: Vec<f32> = (0..a.shape.c).map(|c| stats(&a.channel(c)).std).collect();
        let tried: Vec<usize> =
            top(&spread, params.whole("channels")).into_iter().filter(|c| spread[*c] > 0.0).collect();
        // input 0 is the grey picture, which is 0 to the network
        let masked = |i: usize| {
            let mut copy = x.clone();
            let Some(channel) = i.checked_sub(1).map(|i| a.channel(tried[i])) else {
                copy.data.fill(0.0);
                return copy;
            };
            let s = stats(&channel);
            let unit: Vec<f32> = channel.iter().map(|v| (v - s.min) / (s.max - s.min).max(1e-12)).collect();
            let mask = resize(&unit, a.shape.w, a.shape.h, x.shape.w, x.shape.h);
            for c in 0..3 {
                for (y, mask) in mask.chunks_exact(x.shape.w).enumerate() {
                    copy.row_mut(c, y).iter_mut().zip(mask).for_each(|(v, m)| *v *= m);
                }
            }
            copy
        };
        let mut scores = vec![0.0; tried.len() + 1];
        let take = |i: usize, logits: Vec<f32>| scores[i] = Score::Probability.value(&logits, class);
        ctx.spread(tried.len() + 1, &Want::Logits, masked, take).await?;
        let mut map = vec![0.0_f32; a.shape.h * a.shape.w];
        for (channel, score) in tried.iter().zip(&scores[1..]) {
            map.iter_mut().zip(a.channel(*channel)).for_each(|(m, v)| *m += (score - scores[0]) * v);
        }
        ctx.fact("channels", tried.len());
        Ok(ctx.evidence("score_cam", a.shape, map))
    }
}
