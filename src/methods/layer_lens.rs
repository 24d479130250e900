//! The layer lens: from which layer on could one tell what the network will say?

use super::facts::facts;
use super::sentence::{Found, say};
use super::spec::CLASS;
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::{Lang, text};
use crate::catalog::{MethodInfo, Need};

/// How menus, forms, links and the API describe Layer lens (Alain & Bengio 2016; nostalgebraist 2020 (the logit lens)).
pub const INFO: MethodInfo = MethodInfo {
    id: "layer_lens",
    family: Family::Relevance,
    name: text!("Layer lens", "层透镜（探针）"),
    summary: text!(
        "At every layer a linear probe sees only the mean of each channel and guesses what the whole network will say. Shown is \
         the rank of the chosen class among the 1000 in each guess, beside what is usual (the median over 200 photos that the \
         probes had not seen). Where the rank improves (a smaller number), the layer has made the class readable.",
        "在每一层，一个线性探针只看各通道的平均值，猜测整个网络会说什么。图中显示所选类别在每次猜测的 1000 类中的名次，并与通常情况（探针未见过的 200 张照片的中位数）对照。名次靠前（数字变小）之处，说明该层使这个类别变得可读。",
    ),
    formula: "rank of c in  U (V_l mean_ij A_l + b_l) + b,   fitted to the network's own logits by ridge regression",
    caveat: text!(
        "The probes are ours, not the network's own head: what a probe can read the network need not use, and a channel's mean says nothing about places.",
        "探针是我们训练的，不是网络自己的分类头：探针能读出的信息，网络未必使用；而且通道平均值不含位置信息。",
    ),
    paper: Paper {
        cite: "Alain & Bengio 2016; nostalgebraist 2020 (the logit lens)",
        title: "Understanding intermediate layers using linear classifier probes",
        at: "arXiv:1610.01644",
    },
    needs: &[Need::Probes],
    presets: &[],
    params: Params::SPECS,
};

params! {
    class: Option<usize> = CLASS,
}

facts! {
    /// What the probes read, layer by layer.
    Facts { lens: Vec<Reading> }
}

facts! {
    /// What one layer's probe reads: the class's rank, the rank that true classes usually have there, and its best guess.
    Reading { layer: String, rank: usize, usual: f32, class: usize }
}

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use super::{Facts, Params, Reading};
    use crate::engine::Device;
    use crate::engine::score::top;
    use crate::figure::Figure;
    use crate::methods::{Ctx, MethodError};

    /// No figure. Fact `lens`: for every ReLU `{ layer, rank, usual, class }`, the last being the probe's best guess.
    ///
    /// # Errors
    /// [`MethodError::Engine`] when the device fails or the visitor cancels.
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let class = ctx.target(params.class).await?;
        let (network, pace) = (ctx.network, ctx.pace);
        let lens = network.lens_when_loaded(pace).await?;
        let mut told = Vec::new();
        for (i, stage) in network.spec.blocks().concat().into_iter().enumerate().take(lens.ranks.len()) {
            let logits = lens.logits(i, &ctx.stage(stage).await?);
            let rank = 1 + logits.iter().filter(|v| **v > logits[class]).count();
            let layer = network.spec.name(stage);
            told.push(Reading { layer: layer.into(), rank, usual: lens.ranks[i], class: top(&logits, 1)[0] });
        }
        ctx.facts.extend(Facts { lens: told }.entries());
        Ok(Vec::new())
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    /// Guesses among which a class counts as read.
    const FIRST: usize = 5;
    let (target, Facts { lens }) = (found.target(lang)?, found.facts()?);
    let ranks: Vec<usize> = lens.iter().map(|reading| reading.rank).collect();
    let last = lens.last()?;
    let from = ranks.iter().rposition(|r| *r > FIRST).map_or(0, |i| i + 1);
    let layer = |i: usize| lens.get(i).unwrap_or(last).layer.as_str();
    let words = match from {
        0 => text!(
            "Already from {begin} on, a simple reader has {target} among its five best guesses of {classes}.",
            "从 {begin} 起，简单的探针就一直把{target}排在 {classes} 类的前五名之内。",
        ),
        n if n == ranks.len() => text!(
            "Even from the last layer, a simple reader does not have {target} among its five best guesses: it is number {last} of {classes}.",
            "即使在最后一层，简单的探针也没有把{target}排进前五名：它在 {classes} 类中排第 {last}。",
        ),
        _ => text!(
            "From {layer} on, a simple reader keeps {target} among its five best guesses; at {begin} it was number {first} of {classes}.",
            "从 {layer} 起，简单的探针一直把{target}排在前五名之内；在 {begin} 它在 {classes} 类中排第 {first}。",
        ),
    };
    let (first, last) = (ranks[0].to_string(), last.rank.to_string());
    let classes = found.net.classes().to_string();
    let values = [
        ("target", target.as_str()),
        ("begin", layer(0)),
        ("layer", layer(from)),
        ("first", &first),
        ("last", &last),
        ("classes", &classes),
    ];
    Some(say(words, lang, &values))
}
