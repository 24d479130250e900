//! Ablation-CAM: a channel counts as much as the score drops without it.

use super::sentence::{Found, evidence};
use super::spec::{CLASS, LAYER, Layer, choice};
use crate::catalog::MethodInfo;
use crate::catalog::choice::words;
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::{Lang, text};

/// How menus, forms, links and the API describe Ablation-CAM (Desai & Ramaswamy 2020, eq. 2, 3).
pub const INFO: MethodInfo = MethodInfo {
    id: "ablation_cam",
    family: Family::Cam,
    name: text!("Ablation-CAM", "Ablation-CAM（消融）"),
    summary: text!(
        "Every channel of the layer is switched off once. A channel's weight is the share of the score lost without it. At the last block \
         that needs no new pass: only the head is computed again, exactly.",
        "把该层的每个通道各关闭一次，得分损失的比例就是它的权重。在最后一个卷积块无需重新前向：只需精确地重算分类头。",
    ),
    formula: "w_k = (s_c - s_c without k) / s_c;   L = relu(sum_k w_k A_k)",
    caveat: text!(
        "One channel at a time: two channels that can stand in for each other both get no weight.",
        "一次只关闭一个通道：两个可以互相替代的通道都得不到权重。",
    ),
    paper: Paper {
        cite: "Desai & Ramaswamy 2020, eq. 2, 3",
        title: "Ablation-CAM: Visual Explanations for Deep Convolutional Network via Gradient-free Localization",
        at: "doi:10.1109/WACV45572.2020.9093360",
    },
    needs: &[],
    presets: &[],
    params: Params::SPECS,
};

params! {
    class: Option<usize> = CLASS,
    layer: Layer = LAYER,
    passes: Passes = choice(text!("Passes", "前向方式")),
}

words! {
    /// How the score without each channel is found.
    Passes {
        /// In one pass where all behind the layer is linear.
        Exact = "exact",
        Brute = "brute",
    }
}

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use super::{Params, Passes};
    use crate::catalog::graph::HeadKind;
    use crate::catalog::{Score, Target};
    use crate::engine::kernels::Gate;
    use crate::engine::probe::Quiet;
    use crate::engine::{Device, Planes};
    use crate::figure::Figure;
    use crate::methods::{Ctx, MethodError};

    /// Channels that are switched off in one batch.
    const BATCH: usize = 8;

    /// One [`Magnitude`](crate::figure::Kind::Magnitude) figure of the layer's size, in shares of the score; fact `no_evidence` when it is empty.
    ///
    /// # Errors
    /// [`MethodError`]: a convolution's output (its ReLU is meant); the device fails, or the visitor cancels.
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let (class, layer) = (ctx.target(params.class).await?, params.layer.0);
        ctx.seen_by_the_head("layer", layer)?;
        let a = ctx.stage(layer).await?;
        let whole = ctx.logits().await?[class];
        let known = if params.passes == Passes::Exact { exactly(ctx, layer, class, whole).await? } else { None };
        let without = match known {
            Some(scores) => scores,
            None => without(ctx, &a, layer, class).await?,
        };
        let mut map = vec![0.0_f32; a.shape.h * a.shape.w];
        for (c, score) in without.iter().enumerate() {
            let weight = (whole - score) / whole.abs().max(1e-6);
            map.iter_mut().zip(a.channel(c)).for_each(|(m, v)| *m += weight * v);
        }
        Ok(ctx.evidence("ablation_cam", a.shape, map))
    }

    /// The score `whole` without each channel, where the layer, perhaps pooled, is only read by a convolution that mixes the channels of
    /// each place, and where all behind that one's ReLU is linear: only what the channel gave is taken away again.
    async fn exactly<D: Device>(
        ctx: &mut Ctx<'_, D>,
        layer: usize,
        class: usize,
        whole: f32,
    ) -> Result<Option<Vec<f32>>, MethodError> {
        let (network, pace) = (ctx.network, ctx.pace);
        let (graph, spec) = (network.roles(), &network.spec);
        let reader = |at: usize| match graph.consumers(at).iter().filter(|at| graph.feeds(**at)).collect::<Vec<_>>()[..]
        {
            [reader] => Some(*reader),
            _ => None,
        };
        let read = reader(layer).filter(|at| spec.is_pool(*at)).unwrap_or(layer);
        let Some(mixes) = reader(read) else { return Ok(None) };
        let relu = reader(mixes).filter(|relu| spec.is_relu(*relu) && graph.last_spatial() == Some(*relu));
        let (Some(relu), HeadKind::Pooled) = (relu, graph.head()) else { return Ok(None) };
        let Some(weights) = network.mixing(mixes, pace).await? else { return Ok(None) };
        let (x, z) = (ctx.stage(read).await?, ctx.stage(mixes).await?);
        let g = ctx.gradient(Target::Class { class, score: Score::Logit }, relu, Gate::Relu).await?;
        // a channel changes nothing where it is silent, and most are in most places
        let speaks = |c: usize| x.channel(c).into_iter().enumerate().filter(|(_, x)| *x != 0.0).collect::<Vec<_>>();
        let speaks: Vec<Vec<(usize, f32)>> = (0..x.shape.c).map(speaks).collect();
        let mut changes = vec![0.0_f64; x.shape.c];
        for k in 0..z.shape.c {
            let (z, g) = (z.channel(k), g.channel(k));
            for ((change, w), speaks) in changes.iter_mut().zip(weights.row(k, 0)).zip(&speaks) {
                let lost = |(at, x): &(usize, f32)| f64::from(g[*at] * ((z[*at] - w * x).max(0.0) - z[*at].max(0.0)));
                *change += speaks.iter().map(lost).sum::<f64>();
            }
        }
        Ok(Some(changes.into_iter().map(|change| (f64::from(whole) + change) as f32).collect()))
    }

    /// The score without each channel: everything above the layer runs again.
    async fn without<D: Device>(
        ctx: &mut Ctx<'_, D>,
        a: &Planes,
        layer: usize,
        class: usize,
    ) -> Result<Vec<f32>, MethodError> {
        let (plane, pace, mut scores) = (a.shape.plane(), ctx.pace, Vec::with_capacity(a.shape.c));
        while scores.len() < a.shape.c {
            let first = scores.len();
            let n = BATCH.min(a.shape.c - first);
            let mut silent = Planes { shape: a.shape.batch(n), data: a.data.repeat(n) };
            for i in 0..n {
                silent.data[(i * a.shape.c + first + i) * plane..][..plane].fill(0.0);
            }
            let logits = ctx.logits_with(layer, &silent, &Quiet::new(pace)).await?;
            scores.extend(logits.iter().map(|logits| logits[class]));
            pace.tick(scores.len(), a.shape.c).await?;
        }
        Ok(scores)
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    evidence(found, lang)
}
