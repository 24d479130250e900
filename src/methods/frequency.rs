//! Frequencies: whether the decision lives in the coarse or in the fine.

use super::facts::facts;
use super::sentence::{Found, decimal, say, two};
use super::spec::CLASS;
use crate::catalog::MethodInfo;
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::{Lang, text};

/// How menus, forms, links and the API describe Low and high pass (Yin et al. 2019; Geirhos et al. 2018).
pub const INFO: MethodInfo = MethodInfo {
    id: "frequency",
    family: Family::Bias,
    name: text!("Low and high pass", "低通与高通"),
    summary: text!(
        "What is left of the class when only the low frequencies of the photo are kept (low pass: its coarse parts), and when only the \
         high ones are (high pass: its fine detail, around grey). People recognise much in either; networks often lose the class sooner.",
        "只保留照片的低频分量（低通：粗略的部分）或只保留高频分量（高通：细节，围绕灰色）时，类别还剩多少。人在两种情况下大多仍能认出物体；网络往往更早丢失该类。",
    ),
    formula: "p_c(F^-1[F(x) . (r < k)]),  p_c(1/2 + F^-1[F(x) . (r >= k)]);   r: periods across the picture",
    caveat: text!(
        "A sharp cut rings: edges get echoes that no photo has.",
        "锐利的截断会产生振铃：边缘出现照片中没有的回波。",
    ),
    paper: Paper {
        cite: "Yin et al. 2019; Geirhos et al. 2018",
        title: "A Fourier Perspective on Model Robustness in Computer Vision",
        at: "arXiv:1906.08988",
    },
    needs: &[],
    presets: &[],
    params: Params::SPECS,
};

params! {
    class: Option<usize> = CLASS,
}

facts! {
    /// The smallest cut-off that lets low frequencies through and keeps half of the probability, and the largest for high ones.
    Facts { low_half: Option<f32>, high_half: Option<f32> }
}

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use super::{Facts, Params};
    use crate::engine::Device;
    use crate::engine::change::Bands;
    use crate::figure::Figure;
    use crate::figure::told::Chart;
    use crate::methods::variants::{Variant, compare};
    use crate::methods::{Ctx, MethodError};

    /// Cut-offs in periods across the picture.
    const CUTS: [f32; 8] = [2.0, 4.0, 8.0, 16.0, 24.0, 32.0, 56.0, 84.0];

    /// The filtered photos. Facts: the table `variants`, the chart `frequency`, `low_half` and `high_half`: the smallest and the
    /// largest cut-off at which low and high pass keep half of the probability (none: not said).
    ///
    /// # Errors
    /// [`MethodError::Engine`] when the device fails or the visitor cancels.
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let class = ctx.target(params.class).await?;
        let bands = Bands::of(&ctx.pixels(), ctx.size());
        let low = CUTS.map(|k| (format!("low pass {k}"), bands.between(0.0, k)));
        let high = CUTS.map(|k| (format!("high pass {k}"), bands.between(k, f32::INFINITY)));
        let variants: Vec<Variant> = low.into_iter().chain(high).collect();
        let (before, said, figures) = compare(ctx, class, &variants).await?;
        let p: Vec<f32> = said.iter().map(|j| j.p(class)).collect();
        let (low, high) = p.split_at(CUTS.len());
        let mut chart = Chart::new("frequency", "periods");
        let line = |p: &[f32]| CUTS.iter().zip(p).map(|(k, p)| [*k, *p]).collect::<Vec<_>>();
        chart.line("low_pass", line(low));
        chart.line("high_pass", line(high));
        ctx.tell(chart);
        let enough = before.p(class) / 2.0;
        let half = |found: Option<usize>| found.map(|i| CUTS[i]);
        let low_half = half(low.iter().position(|p| *p >= enough));
        let high_half = half(high.iter().rposition(|p| *p >= enough));
        ctx.facts.extend(Facts { low_half, high_half }.entries());
        Ok(figures)
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    let target = found.target(lang)?;
    let Facts { low_half: low, high_half: high } = found.facts()?;
    let finest = |cut: Option<f32>| cut.map(|cut| decimal(cut.into())).unwrap_or_default();
    let first = match low {
        Some(_) => text!(
            "With nothing finer than 1/{cut} of the photo's width, {target} keeps half of its probability.",
            "只保留不细于照片宽度 1/{cut} 的内容，{target}仍保有一半的概率。",
        ),
        None => text!(
            "Without the very finest detail, {target} loses more than half of its probability.",
            "去掉最细的细节，{target}就失去一半以上的概率。",
        ),
    };
    let second = match high {
        Some(_) => {
            text!("So it does with nothing coarser than 1/{cut} of it.", "只保留不粗于 1/{cut} 的内容时也是如此。")
        }
        None => text!("Fine detail alone is not enough for that.", "只有细节则达不到一半。"),
    };
    let second = match (low, high) {
        (None, Some(_)) => text!(
            "With nothing coarser than 1/{cut} of the photo's width, it keeps half.",
            "只保留不粗于照片宽度 1/{cut} 的内容，则能保有一半。",
        ),
        (None, None) => text!("Fine detail alone does not keep half either.", "只有细节也保不住一半。"),
        _ => second,
    };
    let first = say(first, lang, &[("cut", &finest(low)), ("target", &target)]);
    Some(two(first, Some(say(second, lang, &[("cut", &finest(high))])), lang))
}
