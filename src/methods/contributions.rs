//! Gradient times activation: what every channel of every layer adds to the score.

use super::facts::facts;
use super::sentence::{Found, fill, largest, percent, say};
use super::spec::{Chosen, LAYER, Layer, TARGET};
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::{Lang, text};
use crate::catalog::{MethodInfo, Need};

/// How menus, forms, links and the API describe Channel contributions (Srinivas & Fleuret 2019; Shrikumar et al. 2016; Ancona
/// et al. 2018).
pub const INFO: MethodInfo = MethodInfo {
    id: "contributions",
    family: Family::Relevance,
    name: text!("Channel contributions", "通道贡献"),
    summary: text!(
        "The network is piecewise linear, so at every layer the score is exactly the sum of gradient times activation over \
         all units, plus what the biases above the layer add. Shown are the chosen layer's channels that add most and those \
         that take most away, and for every layer how much of the score stands in the activations and how much in the biases.",
        "网络是分段线性的，因此在每一层，得分都恰好等于所有单元的“梯度×激活”之和，再加上该层以上偏置的贡献。这里显示所选层中贡献最多和抵消最多的通道，以及各层中得分有多少来自激活、多少来自偏置。",
    ),
    formula: "g_k = sum_ij A_k ds_c/dA_k;   sum_k g_k + sum over layers above of b ds_c/dz = s_c",
    caveat: text!(
        "A share holds for this one picture: it is the slope here, and switching the channel off altogether can change more or less.",
        "这些份额只对这幅图成立：它是此处的斜率；真正关闭某个通道，变化可能更多也可能更少。",
    ),
    paper: Paper {
        cite: "Srinivas & Fleuret 2019; Shrikumar et al. 2016; Ancona et al. 2018",
        title: "Full-Gradient Representation for Neural Network Visualization",
        at: "arXiv:1905.00780",
    },
    needs: &[Need::PiecewiseLinear],
    presets: &[],
    params: Params::SPECS,
};

params! {
    class: Chosen = TARGET,
    layer: Layer = LAYER,
}

facts! {
    /// The score, what the channels shown add to it (or take), and what all others together.
    Facts { score: f32, bars: Vec<Bar>, rest: f32 }
}

facts! {
    /// What a channel adds.
    Bar { channel: usize, value: f32 }
}

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use crate::catalog::Score;
    use serde_json::json;

    use super::{Bar, Facts, Params};
    use crate::engine::kernels::Gate;
    use crate::engine::score::top;
    use crate::engine::{Device, Planes};
    use crate::figure::{Figure, Kind};
    use crate::methods::{Ctx, MethodError};

    /// A [`Kind::Heat`] figure of the layer's size: gradient times activation over all channels, in units of the score. Facts:
    /// `score`, `bars` (the eight channels that add largest, the four that take largest, and the `rest`), and `layers`: for every
    /// convolution's ReLU `{ layer, sum, biases }`.
    ///
    /// # Errors
    /// [`MethodError`]: a layer behind the target; the device fails, or the visitor cancels.
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let (target, layer) = (ctx.explained(params.class, Score::Logit).await?, params.layer.0);
        let (a, g) = (ctx.stage(layer).await?, ctx.gradient(target, layer, Gate::Relu).await?);
        let score = ctx.value(target).await?;
        let sums: Vec<f32> = (0..a.shape.c).map(|c| product(&a, &g, c).iter().sum()).collect();
        let order = top(&sums, sums.len());
        let least = order.iter().rev().take(4).rev().filter(|c| sums[**c] < 0.0);
        let shown: Vec<usize> = order.iter().take(8).filter(|c| sums[**c] > 0.0).chain(least).copied().collect();
        let bars = shown.iter().map(|c| Bar { channel: *c, value: sums[*c] }).collect();
        let rest = sums.iter().sum::<f32>() - shown.iter().map(|c| sums[*c]).sum::<f32>();
        ctx.facts.extend(Facts { score, bars, rest }.entries());
        let mut map = vec![0.0; a.shape.h * a.shape.w];
        for c in 0..a.shape.c {
            map.iter_mut().zip(product(&a, &g, c)).for_each(|(m, v)| *m += v);
        }

        // one walk down: the gradient at every stage, and at every layer with biases between two of them
        let (network, pace) = (ctx.network, ctx.pace);
        let (spec, weighted) = (&network.spec, network.roles().weights());
        let mut from = target.node(network.output());
        let mut at = target.seed(&ctx.stage(from).await?);
        let (mut biases, mut layers) = (None::<f32>, Vec::new());
        let stages: Vec<usize> = spec.blocks().iter().flatten().copied().filter(|stage| *stage <= from).collect();
        for stage in stages.into_iter().rev() {
            let between: Vec<usize> = weighted.iter().copied().filter(|at| (stage + 1..=from).contains(at)).collect();
            let wanted = [&between[..], &[stage]].concat();
            let mut found = ctx.hand_down(from, &at, &wanted, Gate::Relu).await?;
            let Some(g) = found.remove(&stage) else { continue };
            (at, from) = (g, stage);
            let y = ctx.stage(stage).await?;
            let sum: f32 = (0..y.shape.c).map(|c| product(&y, &at, c).iter().sum::<f32>()).sum();
            let mut above = match biases {
                // what stands above the last stage is linear in it, but for biases
                None => score - sum,
                Some(above) => above,
            };
            if biases.is_some() {
                for (at, g) in &found {
                    let own = network.biases(*at, pace).await?;
                    above += own.iter().enumerate().map(|(c, b)| b * g.channel(c).iter().sum::<f32>()).sum::<f32>();
                }
            }
            biases = Some(above);
            layers.push(json!({ "layer": spec.name(stage), "sum": sum, "biases": above }));
        }
        layers.reverse();
        ctx.fact("layers", layers);
        Ok(vec![Figure::new(Kind::Heat, "contributions", [1, a.shape.h, a.shape.w], map)])
    }

    fn product(a: &Planes, g: &Planes, c: usize) -> Vec<f32> {
        a.channel(c).iter().zip(g.channel(c)).map(|(a, g)| a * g).collect()
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    let (target, layer) = (found.target(lang)?, found.net.name(found.params::<Params>()?.layer.0));
    let Facts { score, bars, .. } = found.facts()?;
    let best = largest(&bars, |bar| f64::from(bar.value)).filter(|bar| bar.value > 0.0);
    let Some(best) = best else {
        let words = text!("No channel of {layer} adds to {target}.", "{layer} 没有任何通道对{target}有正的贡献。");
        return Some(say(words, lang, &[("layer", layer), ("target", &target)]));
    };
    let channel = format!("{layer}:{}", best.channel);
    // of a score below 0, or one that others bring down again, a share would mislead
    let share = f64::from(best.value) / f64::from(score);
    let known = (0.0..=1.0).contains(&share).then(|| percent(share, lang));
    let words = text!(", {share} of its score", "，占其得分的 {share}");
    let known = known.map_or_else(String::new, |share| fill(words.get(lang), &[("share", &share)]));
    let words =
        text!("Channel {channel} adds most to {target}{known}.", "通道 {channel} 对{target}的贡献最大{known}。");
    Some(say(words, lang, &[("channel", &channel), ("target", &target), ("known", &known)]))
}
