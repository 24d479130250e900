//! Corruption curves: what noise, blur, weather and files do to the decision.

use super::sentence::{Found, largest, percent, say};
use super::spec::{CLASS, SEED, choice};
use crate::catalog::MethodInfo;
use crate::catalog::choice::Words;
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::{Lang, text};

/// How menus, forms, links and the API describe Corruptions (Hendrycks & Dietterich 2019).
pub const INFO: MethodInfo = MethodInfo {
    id: "corruptions",
    family: Family::Robustness,
    name: text!("Corruptions", "常见图像损坏"),
    summary: text!(
        "Fifteen kinds of damage in five severities: noise, blur, light, colour, files, and where the object stands. For each \
         the class's probability, its rank, and its lead over the next one; the area under the curve says how long it holds.",
        "十五种损坏、五个强度：噪声、模糊、光照、颜色、文件压缩，以及物体的位置。每一种都给出该类的概率、名次和领先幅度；曲线下面积表示它能坚持多久。",
    ),
    formula: "p_c(x'), rank_c(x'), s_c(x') - max_k s_k(x')  at severities 0 ... 5;   area = mean of p_c over the axis",
    caveat: text!(
        "One photo: the benchmark's numbers are means over 50,000. The severities are the benchmark's, made for 224 pixels, but for rotation, translation, scale and stripes, which are ours.",
        "只针对一张照片：基准的数值是五万张图的平均。强度取自该基准，按 224 像素设定；旋转、平移、缩小和条纹除外，这四种由我们设定。",
    ),
    paper: Paper {
        cite: "Hendrycks & Dietterich 2019",
        title: "Benchmarking Neural Network Robustness to Common Corruptions and Perturbations",
        at: "arXiv:1903.12261",
    },
    needs: &[],
    presets: &[],
    params: Params::SPECS,
};

params! {
    class: Option<usize> = CLASS,
    corruption: Which = choice(text!("Corruption", "损坏类型")),
    seed: u64 = SEED,
}

/// All of them, then each by its name in [`CORRUPTIONS`](crate::engine::change::CORRUPTIONS).
const KINDS: &[&str] = &[
    "all_kinds",
    "gaussian_noise",
    "shot_noise",
    "impulse_noise",
    "speckle_noise",
    "gaussian_blur",
    "defocus_blur",
    "brightness",
    "contrast",
    "saturate",
    "jpeg",
    "pixelate",
    "rotation",
    "translation",
    "scale",
    "stripes",
];

/// A corruption's number in [`CORRUPTIONS`](crate::engine::change::CORRUPTIONS); `None`: all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Which(pub Option<usize>);

impl Words for Which {
    const WORDS: &'static [&'static str] = KINDS;

    fn nth(place: usize) -> Option<Self> {
        Some(Self(place.checked_sub(1)))
    }
}

/// The tables of the class's probability and rank: a row for each corruption, a column for each severity.
const PROBABILITY: &str = "probability";
const RANK: &str = "rank";
/// The column of the area under the probability.
const AREA: &str = "area";

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use serde_json::json;

    use super::{AREA, PROBABILITY, Params, RANK};
    use crate::engine::Device;
    use crate::engine::change::{CORRUPTIONS, Corruption, SEVERITIES};
    use crate::engine::noise::Noise;
    use crate::figure::Figure;
    use crate::figure::told::{Cell, Chart, Shade, Table};
    use crate::methods::{Ctx, Judged, MethodError};

    /// [`crate::figure::Kind::Photo`] figures: every corruption at severity 3, or the chosen one at all five. Facts: the tables
    /// `probability` (with its `area`), `rank` and `margin`, and the chart `probability`.
    ///
    /// # Errors
    /// [`MethodError::Engine`] when the device fails or the visitor cancels.
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let (class, seed) = (ctx.target(params.class).await?, params.seed);
        let chosen = params.corruption.0;
        let kinds: Vec<&Corruption> =
            CORRUPTIONS.iter().enumerate().filter(|(i, _)| chosen.is_none_or(|own| own == *i)).map(|c| c.1).collect();
        let (x, size, pace) = (ctx.pixels(), ctx.size(), ctx.pace);
        let make = |kind: usize, severity: usize| {
            let noise = Noise::new(seed, (kind * 8 + severity) as u64);
            (kinds[kind].apply)(&x, size, severity, noise)
        };
        let clean = ctx.judged().await?;
        let mut said = vec![vec![None::<Judged>; SEVERITIES + 1]; kinds.len()];
        said.iter_mut().for_each(|row| row[0] = Some(clean.clone()));
        let of = |i: usize| (i / SEVERITIES, 1 + i % SEVERITIES);
        ctx.judge(
            kinds.len() * SEVERITIES,
            |i| make(of(i).0, of(i).1),
            |i, judged| {
                said[of(i).0][of(i).1] = Some(judged);
                if pace.due() {
                    let table = table(&kinds, &said, PROBABILITY, |j| j.p(class));
                    pace.preview_with(Vec::new(), json!({ "tables": [table] }));
                }
            },
        )
        .await?;
        let mut probability = table(&kinds, &said, PROBABILITY, |j| j.p(class));
        probability.columns.push(AREA.into());
        let mut chart = Chart::new(PROBABILITY, "severity");
        for (row, judged) in probability.rows.iter_mut().zip(&said) {
            let p: Vec<f32> = judged.iter().flatten().map(|j| j.p(class)).collect();
            let area = p.windows(2).map(|w| (w[0] + w[1]) / 2.0).sum::<f32>() / SEVERITIES as f32;
            row.1.push(area.into());
            chart.line(row.0.clone(), p.iter().enumerate().map(|(i, p)| [i as f32, *p]).collect());
        }
        ctx.tell(probability);
        ctx.tell(chart);
        ctx.tell(Table { shade: Shade::Plain, ..table(&kinds, &said, RANK, |j| j.rank(class) as f32) });
        ctx.tell(Table { shade: Shade::Plain, ..table(&kinds, &said, "margin", |j| j.margin(class)) });
        Ok(match chosen {
            Some(_) => (1..=SEVERITIES).map(|s| ctx.photo(&format!("severity {s}"), &make(0, s))).collect(),
            None => (0..kinds.len()).map(|k| ctx.photo(kinds[k].id, &make(k, 3))).collect(),
        })
    }

    /// One row per corruption, one column per severity.
    fn table(kinds: &[&Corruption], said: &[Vec<Option<Judged>>], name: &str, of: impl Fn(&Judged) -> f32) -> Table {
        let mut table = Table::new(name, Shade::Heat, &["0", "1", "2", "3", "4", "5"]);
        for (kind, judged) in kinds.iter().zip(said) {
            table.row(kind.id, judged.iter().map(|j| Cell::from(j.as_ref().map(&of))));
        }
        table
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn the_form_lists_every_corruption() {
            let ids: Vec<_> = CORRUPTIONS.iter().map(|c| c.id).collect();
            assert_eq!(super::super::KINDS[1..], ids);
        }
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    /// The strongest severity, the last cell of each row.
    const LEVELS: usize = 5;
    let target = found.target(lang)?;
    let (probability, rank) = (found.table(PROBABILITY)?, found.table(RANK)?);
    let kinds = rank.rows();
    let cell = |row: &serde_json::Value, severity: usize| row[1][severity].as_f64();
    // how many levels in a row leave the class first
    let held = |row: &serde_json::Value| (0..=LEVELS).take_while(|s| cell(row, *s) == Some(1.0)).count();
    let worst = largest(probability.rows(), |row| -probability.number(row, AREA).unwrap_or(f64::INFINITY))?;
    let (kind, left) = (found.named(worst[0].as_str()?, lang), percent(cell(worst, LEVELS)?, lang));
    let own = percent(cell(worst, 0)?, lang);
    let levels = held(kinds.first()?);
    let words = match levels {
        0 => text!(
            "{target} is not the answer even to the clean photo; {kind} takes it from {own} to {left}.",
            "即使对干净的照片，{target}也不是答案；{kind}使它由 {own} 变为 {left}。",
        ),
        _ if kinds.len() > 1 => text!(
            "At the strongest level, {kept} of {kinds} kinds of damage leave the answer at {target}; {kind} hurts most and takes it from {own} to {left}.",
            "在最强的程度下，{kinds} 种退化中有 {kept} 种不改变答案{target}；{kind}的影响最大，使它由 {own} 变为 {left}。",
        ),
        1 => text!(
            "Already the weakest level of {kind} turns the answer away from {target}.",
            "{kind}的最弱程度就已使答案离开{target}。",
        ),
        n if n > LEVELS => text!(
            "{target} stays the answer at all five levels of {kind}.",
            "在{kind}的全部五个程度下，答案都仍是{target}。",
        ),
        _ => text!(
            "{target} stays the answer up to level {levels} of 5 of {kind}.",
            "直到{kind}的第 {levels} 级（共 5 级），答案仍是{target}。",
        ),
    };
    let kept = kinds.iter().filter(|row| cell(row, LEVELS) == Some(1.0)).count().to_string();
    let (count, levels) = (kinds.len().to_string(), levels.saturating_sub(1).to_string());
    let values = [
        ("target", target.as_str()),
        ("kind", &kind),
        ("kept", &kept),
        ("kinds", &count),
        ("own", &own),
        ("left", &left),
        ("levels", &levels),
    ];
    Some(say(words, lang, &values))
}
