//! Guided backpropagation: the gradient, with what pushes against dropped at every ReLU.

use super::facts::facts;
use super::sentence::{Found, heat, of, say};
use super::spec::{Chosen, SCORE, TARGET, choice};
use crate::catalog::choice::words;
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::{Lang, text};
use crate::catalog::{MethodInfo, Need, Score};

/// How menus, forms, links and the API describe Guided backpropagation (Springenberg et al. 2015).
pub const INFO: MethodInfo = MethodInfo {
    id: "guided_backprop",
    family: Family::Gradient,
    name: text!("Guided backpropagation", "导向反向传播"),
    summary: text!(
        "The signal runs from class to pixels; each ReLU passes only positive signals at active units (or, as the deconvnet \
         does, all positive signals). The result is sharp: edges that excite the units on the way.",
        "信号从类别一路反传到像素，每个 ReLU 只在被激活的单元处放行正信号；或者像反卷积网络那样，放行所有正信号。结果很清晰：是激发沿途单元的边缘。",
    ),
    formula: "R <- 1[z > 0] max(R, 0)  (guided),   max(R, 0)  (deconvnet),   1[z > 0] R  (gradient)",
    caveat: text!(
        "Sharp, but nearly blind to the class: the printed correlation with the map of another class shows how alike the two are.",
        "清晰，但几乎与类别无关：下面打印的与另一类别图的相关系数显示二者有多相似。",
    ),
    paper: Paper {
        cite: "Springenberg et al. 2015",
        title: "Striving for Simplicity: The All Convolutional Net",
        at: "arXiv:1412.6806",
    },
    needs: &[Need::Relu],
    presets: &[],
    params: Params::SPECS,
};

params! {
    class: Chosen = TARGET,
    score: Score = SCORE,
    rule: AtRelu = choice(text!("At a ReLU", "ReLU 处的规则")),
}

words! {
    /// Which gradients a ReLU lets through on the way back.
    AtRelu {
        Guided = "guided",
        Deconvnet = "deconvnet",
        Gradient = "gradient",
    }
}

facts! {
    /// How much the map is like that of the best other class, and which class that is.
    Facts { class_swap: f32, other_class: usize }
}

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use super::{AtRelu, Facts, Params};
    use crate::catalog::Target;
    use crate::engine::Device;
    use crate::engine::kernels::Gate;
    use crate::engine::score::top;
    use crate::figure::scale::correlation;
    use crate::figure::{Figure, Kind};
    use crate::methods::{Ctx, MethodError};

    /// One [`Kind::Rgb`] figure `[3, H, W]`; fact `no_evidence` when no signal reaches the picture; fact `class_swap`: Pearson correlation with the map of the best other class.
    ///
    /// # Errors
    /// [`MethodError::Parameter`] for a unit outside its layer; [`MethodError::Engine`] when the device fails or the visitor
    /// cancels.
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let target = ctx.explained(params.class, params.score).await?;
        let gate = match params.rule {
            AtRelu::Deconvnet => Gate::Deconvnet,
            AtRelu::Gradient => Gate::Relu,
            AtRelu::Guided => Gate::Guided,
        };
        let map = ctx.gradient(target, 0, gate).await?;
        let dense = map.dense();
        if dense.iter().all(|v| *v == 0.0) {
            ctx.fact("no_evidence", true);
        }
        if let Target::Class { class, score } = target {
            let best = top(&ctx.logits().await?, 2);
            let other = best.into_iter().find(|c| *c != class).unwrap_or_default();
            let swapped = ctx.gradient(Target::Class { class: other, score }, 0, gate).await?.dense();
            let class_swap = correlation(&dense, &swapped);
            ctx.facts.extend(Facts { class_swap, other_class: other }.entries());
        }
        Ok(vec![Figure::new(Kind::Rgb, "guided_backprop", [3, map.shape.h, map.shape.w], dense)])
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    // a map in which nothing differs is like no other
    let empty = found.figures.first().is_some_and(|figure| figure.data.iter().all(|v| *v == 0.0));
    if found.unit().is_some() || empty {
        return heat(found, lang, of::DETAIL);
    }
    let Facts { class_swap, other_class } = found.facts()?;
    let (own, other, likeness) = (found.target(lang)?, found.label(other_class, lang)?, f64::from(class_swap));
    let words = match likeness {
        v if v >= 0.9 => text!(
            "The map for {own} is almost the same as the one for {other} (likeness {likeness} of 1): it hardly depends on the class.",
            "{own}的图与{other}的图几乎相同（相似度 {likeness}，满分为 1）：它几乎与类别无关。",
        ),
        v if v >= 0.5 => text!(
            "The map for {own} resembles the one for {other} (likeness {likeness} of 1): it depends only partly on the class.",
            "{own}的图与{other}的图相像（相似度 {likeness}，满分为 1）：它只部分取决于类别。",
        ),
        _ => text!(
            "The map for {own} differs from the one for {other} (likeness {likeness} of 1): it depends on the class.",
            "{own}的图与{other}的图不同（相似度 {likeness}，满分为 1）：它取决于类别。",
        ),
    };
    Some(say(words, lang, &[("own", &own), ("other", &other), ("likeness", &format!("{:.2}", likeness.max(0.0)))]))
}
