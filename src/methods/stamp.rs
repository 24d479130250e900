//! Stamps: whether a watermark, a word or a bar of colour moves the decision.

use super::sentence::{Found, most, percent, say, two};
use crate::catalog::MethodInfo;
use crate::catalog::method::{CLASS, Family, Paper, SECOND};
use crate::catalog::text::{Lang, text};
use crate::catalog::{ParamKind, ParamSpec};

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
    params: &[
        CLASS,
        ParamSpec {
            id: "word",
            label: text!("Word (A to Z, 0 to 9)", "文字（A–Z、0–9）"),
            kind: ParamKind::Text { default: "COPYRIGHT" },
        },
        SECOND,
    ],
};

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use crate::engine::Device;
    use crate::engine::change::{Mark, stamped};
    use crate::figure::Figure;
    use crate::figure::told::{Cell, Shade, Table, class as key};
    use crate::methods::variants::{Variant, compare, dependence};
    use crate::methods::{Ctx, Judged, MethodError, Params};

    /// The stamped photos. Facts: the tables `variants`, `risers` (on the photo) and `risers_on_grey` (class that rises most in
    /// log-probability, its probability before and after), `stamp_dependence`: the largest share of the class's probability
    /// that a stamp takes.
    ///
    /// # Errors
    /// [`MethodError::Engine`] when the device fails or the visitor cancels.
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let (class, x, size) = (ctx.target(params.class("class")).await?, ctx.pixels(), ctx.size());
        let word = params.word("word").unwrap_or_default().to_owned();
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
        ctx.fact("stamp_dependence", dependence(before.p(class), worst));
        let names: Vec<String> = variants.into_iter().map(|v| v.0).collect();
        ctx.tell(risers("risers", &names, &before, &said));
        let mut plain = vec![None; on_grey.len() + 1];
        let pictures: Vec<Vec<f32>> = on_grey.into_iter().map(|v| v.1).chain([grey]).collect();
        ctx.judge(pictures.len(), |i| pictures[i].clone(), |i, judged| plain[i] = Some(judged)).await?;
        let mut plain: Vec<Judged> = plain.into_iter().flatten().collect();
        if let Some(grey) = plain.pop() {
            ctx.tell(risers("risers_on_grey", &names, &grey, &plain));
        }
        Ok(figures)
    }

    fn risers(name: &str, names: &[String], before: &Judged, after: &[Judged]) -> Table {
        let mut table = Table::new(name, Shade::Plain, &["riser", "before", "after"]);
        for (name, judged) in names.iter().zip(after) {
            // among classes that matter afterwards
            let rise = |k: &usize| judged.logs[*k] - before.logs[*k];
            let seen = (0..judged.logs.len()).filter(|k| judged.p(*k) > 0.005);
            if let Some(k) = seen.max_by(|a, b| rise(a).total_cmp(&rise(b))) {
                table.row(name.clone(), [Cell::from(key(k)), before.p(k).into(), judged.p(k).into()]);
            }
        }
        table
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    let (target, table) = (found.target(lang)?, found.table("variants")?);
    let taken = found.number("stamp_dependence")?;
    // the first row is the photo
    let stamps = table.rows().get(1..)?;
    let worst = most(stamps, &|r| table.number(r, "probability").map(|p| -p))?;
    let words = match taken > 0.005 {
        true => text!(
            "The stamp that harms {target} most, {stamp}, takes {share} of its probability.",
            "对{target}影响最大的印记是{stamp}，使其概率减少 {share}。",
        ),
        false => text!("No stamp takes any of {target}'s probability.", "没有任何印记降低{target}的概率。"),
    };
    let (stamp, share) = (found.named(worst[0].as_str()?, lang), percent(taken, lang));
    let first = say(words, lang, &[("target", &target), ("stamp", &stamp), ("share", &share)]);
    // what more than half believe in is the answer
    let grey = found.table("risers_on_grey")?;
    let sure = |r: &serde_json::Value| r[1][2].as_f64().filter(|p| *p > 0.5);
    let alone = most(grey.rows(), &|r| sure(r)).and_then(|r| Some((r[0].as_str()?, r[1][0].as_str()?)));
    let words = text!("On plain grey, {stamp} alone is taken for {class}.", "在纯灰图上，单凭{stamp}就被认作{class}。");
    let second = alone.map(|(stamp, class)| {
        say(words, lang, &[("stamp", &found.named(stamp, lang)), ("class", &found.named(class, lang))])
    });
    Some(two(first, second, lang))
}
