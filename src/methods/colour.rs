//! Colour: how much the class's probability depends on colour, hue, saturation and the order of the channels.

use super::facts::facts;
use super::sentence::{Found, loss, say};
use super::spec::CLASS;
use crate::catalog::MethodInfo;
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::{Lang, text};

/// How menus, forms, links and the API describe Colour (Geirhos et al. 2019; Singh et al. 2020).
pub const INFO: MethodInfo = MethodInfo {
    id: "colour",
    family: Family::Bias,
    name: text!("Colour", "颜色"),
    summary: text!(
        "The photo without colour, with every hue turned, with its channels exchanged, paler and stronger: does the class stay?",
        "去掉颜色、转动色相、交换通道、减淡或加浓之后，类别是否不变？",
    ),
    formula: "colour dependence = 1 - p_c(grey) / p_c(x);   hue dependence = 1 - mean over hues of p_c(x') / p_c(x)",
    caveat: text!(
        "A class may owe much to colour for a good reason: a lemon is yellow.",
        "某个类别依赖颜色可能很有道理：柠檬本来就是黄的。",
    ),
    paper: Paper {
        cite: "Geirhos et al. 2019; Singh et al. 2020",
        title: "Assessing The Importance Of Colours For CNNs In Object Recognition",
        at: "arXiv:2012.06917",
    },
    needs: &[],
    presets: &[],
    params: Params::SPECS,
};

params! {
    class: Option<usize> = CLASS,
}

facts! {
    /// What of the probability is gone without colour, and with other hues.
    Facts { colour_dependence: f32, hue_dependence: f32 }
}

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use super::{Facts, Params};
    use crate::engine::Device;
    use crate::engine::change::{grey, hue, permuted, saturated};
    use crate::figure::Figure;
    use crate::figure::told::Chart;
    use crate::methods::variants::{Variant, compare, dependence};
    use crate::methods::{Ctx, MethodError};

    /// The changed photos. Facts: the table `variants`, `colour_dependence`, `hue_dependence`, the chart `hue`.
    ///
    /// # Errors
    /// [`MethodError::Engine`] when the device fails or the visitor cancels.
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let (class, x) = (ctx.target(params.class).await?, ctx.pixels());
        let mut variants: Vec<Variant> = vec![("greyscale".into(), grey(&x))];
        variants.extend((1..12).map(|k| (format!("hue {}°", 30 * k), hue(&x, k as f32 / 12.0))));
        for (name, order) in
            [("RBG", [0, 2, 1]), ("GRB", [1, 0, 2]), ("GBR", [1, 2, 0]), ("BRG", [2, 0, 1]), ("BGR", [2, 1, 0])]
        {
            variants.push((name.into(), permuted(&x, order)));
        }
        variants.extend([0.5, 1.5, 2.0].map(|s| (format!("saturation x{s}"), saturated(&x, s, 0.0))));
        let (before, said, figures) = compare(ctx, class, &variants).await?;
        let p: Vec<f32> = said.iter().map(|j| j.p(class)).collect();
        let colour_dependence = dependence(before.p(class), p[0]);
        let hue_dependence = dependence(before.p(class), p[1..12].iter().sum::<f32>() / 11.0);
        ctx.facts.extend(Facts { colour_dependence, hue_dependence }.entries());
        let mut chart = Chart::new("hue", "degrees");
        let turned = p[1..12].iter().enumerate().map(|(k, p)| [30.0 * (k + 1) as f32, *p]);
        chart.line("probability", std::iter::once([0.0, before.p(class)]).chain(turned).collect());
        ctx.tell(chart);
        Ok(figures)
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    let target = found.target(lang)?;
    let Facts { colour_dependence, hue_dependence } = found.facts()?;
    let (grey, hues) = (loss(colour_dependence.into(), lang), loss(hue_dependence.into(), lang));
    let words = text!(
        "Without colour, the probability of {target} {grey}; with its hues turned, it {hues} on average.",
        "去掉颜色后，{target}的概率{grey}；转动色相后，平均{hues}。",
    );
    Some(say(words, lang, &[("target", &target), ("grey", &grey), ("hues", &hues)]))
}
