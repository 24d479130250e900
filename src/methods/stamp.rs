//! Stamps: whether a watermark, a word or a bar of colour moves the decision.

use super::facts::{Said, facts, rows};
use super::sentence::{Found, largest, percent, say, two};
use super::spec::{CLASS, SECOND, short_text};
use crate::catalog::MethodInfo;
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::{Lang, text};

/// How menus, forms, links and the API describe Stamps (Lapuschkin et al. 2019; Goh et al. 2021).
pub const INFO: MethodInfo = MethodInfo {
    id: "stamp",
    family: Family::Bias,
    name: text!("Stamps", "印记"),
    summary: text!(
        "Your word as a strip and as a watermark, bars of colour, a frame, and the second picture as a watermark are laid over the \
         photo and over plain grey: which class rises most? A network that learnt from a copyright sign (Clever Hans) gives itself \
         away on the grey.",
        "把您的文字作为字条和水印、彩条、边框，以及第二张图片作为水印，叠加到照片与纯灰图上：哪个类别上升最多？从版权标记学习的网络（“聪明的汉斯”）会在灰图上露馅。",
    ),
    formula: "argmax_k [log p_k(x with stamp) - log p_k(x)]",
    caveat: text!(
        "A stamp also covers what was there; the grey shows what it says by itself.",
        "印记也会遮住原来的内容；灰图显示的是印记本身的作用。",
    ),
    paper: Paper {
        cite: "Lapuschkin et al. 2019; Goh et al. 2021",
        title: "Unmasking Clever Hans predictors and assessing what machines really learn",
        at: "doi:10.1038/s41467-019-08987-4",
    },
    needs: &[],
    presets: &[],
    params: Params::SPECS,
};

params! {
    class: Option<usize> = CLASS,
    word: String = short_text(text!("Word (A to Z, 0 to 9)", "文字（A–Z、0–9）"), "COPYRIGHT"),
    second: () = SECOND,
}

facts! {
    /// The largest share of the class's probability that a stamp takes.
    Facts { stamp_dependence: f32 }
}

rows! {
    /// On plain grey: the class that rises most under a stamp, and its probability before and after.
    Riser in "risers_on_grey" { riser: String, before: f32, after: f32 }
}

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use super::{Facts, Params, Riser};
    use crate::engine::Device;
    use crate::engine::change::{Mark, stamped};
    use crate::figure::Figure;
    use crate::figure::told::{Shade, Table, class as key};
    use crate::methods::facts::Row;
    use crate::methods::variants::{Variant, compare, dependence};
    use crate::methods::{Ctx, Judged, MethodError};

    /// The stamped photos. Facts: the tables `variants`, `risers` (on the photo) and `risers_on_grey` (class that rises most in
    /// log-probability, its probability before and after), `stamp_dependence`: the largest share of the class's probability
    /// that a stamp takes.
    ///
    /// # Errors
    /// [`MethodError::Engine`] when the device fails or the visitor cancels.
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let (class, x, size) = (ctx.target(params.class).await?, ctx.pixels(), ctx.size());
        let word = params.word.clone();
        let marks = [
            ("strip", Mark::Strip(word.clone())),
            ("watermark", Mark::Watermark(word)),
            ("red bar", Mark::Bar([220, 30, 30])),
            ("green bar", Mark::Bar([30, 160, 60])),
            ("blue bar", Mark::Bar([30, 70, 210])),
            ("yellow bar", Mark::Bar([240, 210, 40])),
            ("frame", Mark::Frame),
        ];
        let over = |x: &[f32]| -> Vec<Variant> {
            marks.iter().map(|(name, mark)| ((*name).to_owned(), stamped(x, size, mark))).collect()
        };
        let grey: Vec<f32> = (0..x.len()).map(|i| ctx.network.spec.mean[i / (size[0] * size[1])]).collect();
        let (mut variants, mut on_grey) = (over(&x), over(&grey));
        if let Ok(second) = ctx.second_picture(size[0]) {
            let mixed = |x: &[f32]| x.iter().zip(&second).map(|(a, b)| 0.7 * a + 0.3 * b).collect();
            variants.push(("second picture".into(), mixed(&x)));
            on_grey.push(("second picture".into(), mixed(&grey)));
        }
        let (before, said, figures) = compare(ctx, class, &variants).await?;
        let worst = said.iter().fold(1.0_f32, |m, j| m.min(j.p(class)));
        ctx.facts.extend(Facts { stamp_dependence: dependence(before.p(class), worst) }.entries());
        let names: Vec<String> = variants.into_iter().map(|v| v.0).collect();
        ctx.tell(risers("risers", &names, &before, &said));
        let mut plain = vec![None; on_grey.len() + 1];
        let pictures: Vec<Vec<f32>> = on_grey.into_iter().map(|v| v.1).chain([grey]).collect();
        ctx.judge(pictures.len(), |i| pictures[i].clone(), |i, judged| plain[i] = Some(judged)).await?;
        let mut plain: Vec<Judged> = plain.into_iter().flatten().collect();
        if let Some(grey) = plain.pop() {
            ctx.tell(risers(Riser::TABLE, &names, &grey, &plain));
        }
        Ok(figures)
    }

    fn risers(name: &str, names: &[String], before: &Judged, after: &[Judged]) -> Table {
        let mut table = Table::new(name, Shade::Plain, Riser::COLUMNS);
        for (name, judged) in names.iter().zip(after) {
            // among classes that matter afterwards
            let rise = |k: &usize| judged.logs[*k] - before.logs[*k];
            let seen = (0..judged.logs.len()).filter(|k| judged.p(*k) > 0.005);
            if let Some(k) = seen.max_by(|a, b| rise(a).total_cmp(&rise(b))) {
                Riser { riser: key(k), before: before.p(k), after: judged.p(k) }.add_to(&mut table, name.clone());
            }
        }
        table
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    let (target, variants) = (found.target(lang)?, found.rows::<Said>()?);
    let taken = f64::from(found.facts::<Facts>()?.stamp_dependence);
    // the first row is the photo
    let worst = largest(variants.get(1..)?, |(_, said)| -f64::from(said.probability))?;
    let words = match taken > 0.005 {
        true => text!(
            "The stamp that harms {target} most, {stamp}, takes {share} of its probability.",
            "对{target}影响最大的印记是{stamp}，使其概率减少 {share}。",
        ),
        false => text!("No stamp takes any of {target}'s probability.", "没有任何印记降低{target}的概率。"),
    };
    let (stamp, share) = (found.named(worst.0, lang), percent(taken, lang));
    let first = say(words, lang, &[("target", &target), ("stamp", &stamp), ("share", &share)]);
    // what more than half believe in is the answer
    let grey = found.rows::<Riser>()?;
    let alone = largest(&grey, |(_, riser)| riser.after.into()).filter(|(_, riser)| riser.after > 0.5);
    let words = text!("On plain grey, {stamp} alone is taken for {class}.", "在纯灰图上，单凭{stamp}就被认作{class}。");
    let second = alone.map(|(stamp, row)| {
        say(words, lang, &[("stamp", &found.named(stamp, lang)), ("class", &found.named(&row.riser, lang))])
    });
    Some(two(first, second, lang))
}
