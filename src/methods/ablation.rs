//! Ablation: channels switched off, and what becomes of the classes.

use super::sentence::{Changed, Found, answers, percent, say};
use super::spec::channels;
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::{Lang, text};
use crate::catalog::{MethodInfo, Unit};

/// How menus, forms, links and the API describe Ablation of channels (Morcos et al. 2018; Zhou et al. 2018).
pub const INFO: MethodInfo = MethodInfo {
    id: "ablation",
    family: Family::Perturbation,
    name: text!("Ablation of channels", "通道消融"),
    summary: text!(
        "The channels that you name are set to 0, and everything above them is computed again. The classes' probabilities \
         before and after stand side by side: what the network does without these units.",
        "把您指定的通道置零，再重新计算其上的一切。各类别前后的概率并列显示：没有这些单元时网络会怎样。",
    ),
    formula: "p_c(A) - p_c(A with A_k = 0)",
    caveat: text!(
        "Switching a unit off creates a state never met in training; part of the change may come from that.",
        "关闭单元会产生训练中从未出现过的状态；变化有一部分可能由此而来。",
    ),
    paper: Paper {
        cite: "Morcos et al. 2018; Zhou et al. 2018",
        title: "Revisiting the Importance of Individual Units in CNNs via Ablation",
        at: "arXiv:1806.02891",
    },
    needs: &[],
    presets: &[],
    params: Params::SPECS,
};

params! {
    channels: Vec<Unit> = channels(text!("Channels", "通道")),
}

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use std::collections::BTreeMap;
    use std::rc::Rc;

    use super::{Changed, Params};
    use crate::engine::Device;
    use crate::engine::score::{softmax, top};
    use crate::figure::Figure;
    use crate::methods::facts::Change;
    use crate::methods::{Ctx, MethodError};

    /// No figure. Fact `classes`: `[{ class, before, after, logit_before, logit_after }]` for the five most probable before
    /// and after.
    ///
    /// # Errors
    /// [`MethodError`]: a channel of a convolution (its ReLU is meant) or behind the head; the device fails, or the visitor
    /// cancels.
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let (network, pace, output) = (ctx.network, ctx.pace, ctx.network.output());
        let mut units = params.channels.clone();
        units.sort_unstable_by_key(|u| (u.layer, u.channel));
        units.iter().try_for_each(|u| ctx.seen_by_the_head("channels", u.layer))?;
        let before = ctx.logits().await?;
        let mut tape = ctx.tape(output).await?.clone();
        for group in units.chunk_by(|a, b| a.layer == b.layer) {
            let at = group[0].layer;
            let mut x = network.device().read(network.value(&tape, at, pace).await?.as_ref()).await?;
            let size = x.shape.plane();
            group.iter().for_each(|u| x.data[u.channel * size..(u.channel + 1) * size].fill(0.0));
            let silent = BTreeMap::from([(at, Rc::new(network.device().upload(&x)))]);
            tape = network.run_from(&tape, silent, output, pace).await?;
        }
        let after = network.device().read(network.value(&tape, output, pace).await?.as_ref()).await?.dense();
        let (p, q) = (softmax(&before), softmax(&after));
        let mut shown = top(&before, 5);
        shown.extend(top(&after, 5).into_iter().filter(|c| !top(&before, 5).contains(c)));
        let change =
            |c: usize| Change { class: c, before: p[c], after: q[c], logit_before: before[c], logit_after: after[c] };
        ctx.facts.extend(Changed { classes: shown.into_iter().map(change).collect() }.entries());
        Ok(Vec::new())
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    let Changed { classes } = found.facts()?;
    let [before, after] = answers(&classes)?;
    let (old, new) = (found.label(before.class, lang)?, found.label(after.class, lang)?);
    let (p, q) = (percent(before.before.into(), lang), percent(before.after.into(), lang));
    let words = match found.params::<Params>()?.channels.is_empty() {
        true => text!("No channel was named, so nothing was switched off.", "没有指定通道，因此什么也没有关闭。"),
        false if old == new => text!(
            "Without the named channels the answer stays {old}; its probability goes from {p} to {q}.",
            "关闭所选通道后，答案仍是{old}；其概率由 {p} 变为 {q}。",
        ),
        false => text!(
            "Without the named channels the answer turns from {old} to {new}; {old} goes from {p} to {q}.",
            "关闭所选通道后，答案由{old}变为{new}；{old}的概率由 {p} 变为 {q}。",
        ),
    };
    Some(say(words, lang, &[("old", &old), ("new", &new), ("p", &p), ("q", &q)]))
}
