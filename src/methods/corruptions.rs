//! Corruption curves: what noise, blur, weather and files do to the decision.

use crate::catalog::MethodInfo;
use crate::catalog::method::{CLASS, Family, Paper, SEED, choice};
use crate::catalog::text::text;

/// See the fields.
pub const INFO: MethodInfo = MethodInfo {
    id: "corruptions",
    family: Family::Robustness,
    name: text("Corruptions", "图像退化"),
    summary: text(
        "Fifteen kinds of damage in five severities: noise, blur, light, colour, files, and where the object stands. For each \
         the class's probability, its rank, and its lead over the next one; the area under the curve says how long it holds.",
        "十五种退化、五个强度：噪声、模糊、光照、颜色、文件压缩，以及物体的位置。每一种都给出该类的概率、名次和领先幅度；曲线下面积表示它能坚持多久。",
    ),
    formula: "p_c(x'), rank_c(x'), s_c(x') - max_k s_k(x')  at severities 0 ... 5;   area = mean of p_c over the axis",
    caveat: text(
        "One photo: the benchmark's numbers are means over 50,000. The severities are the benchmark's and are made for 224 pixels.",
        "只针对一张照片：基准的数值是五万张图的平均。强度取自该基准，按 224 像素设定。",
    ),
    paper: Paper {
        cite: "Hendrycks & Dietterich 2019",
        title: "Benchmarking Neural Network Robustness to Common Corruptions and Perturbations",
    },
    presets: &[],
    params: &[CLASS, choice("corruption", text("Corruption", "退化类型"), KINDS), SEED],
};

/// All of them, or one by its name in [`CORRUPTIONS`](crate::engine::change::CORRUPTIONS).
const KINDS: &[&str] = &[
    "all_kinds", "gaussian_noise", "shot_noise", "impulse_noise", "speckle_noise", "gaussian_blur", "defocus_blur", "brightness",
    "contrast", "saturate", "jpeg", "pixelate", "rotation", "translation", "scale", "stripes",
];

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use serde_json::json;

    use crate::engine::Kernels;
    use crate::engine::change::{CORRUPTIONS, Corruption, SEVERITIES};
    use crate::engine::noise::Noise;
    use crate::figure::Figure;
    use crate::figure::told::{Cell, Chart, Shade, Table};
    use crate::methods::{Ctx, Judged, MethodError, Params};

    /// [`crate::figure::Kind::Photo`] figures: every corruption at severity 3, or the chosen one at all five. Facts: the tables
    /// `probability` (with its `area`), `rank` and `margin`, and the chart `probability`.
    ///
    /// # Errors
    /// What the engine reports.
    pub async fn run<K: Kernels>(ctx: &mut Ctx<'_, K>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let (class, seed) = (ctx.target(params.class("class")).await?, params.whole("seed") as u64);
        let chosen = params.word("corruption").filter(|w| *w != "all_kinds");
        let kinds: Vec<&Corruption> = CORRUPTIONS.iter().filter(|c| chosen.is_none_or(|w| w == c.id)).collect();
        let (x, size, pace) = (ctx.pixels(), ctx.size(), ctx.pace);
        let make = |kind: usize, severity: usize| {
            let noise = Noise::new(seed, (kind * 8 + severity) as u64);
            (kinds[kind].apply)(&x, size, severity, noise)
        };
        let clean = ctx.judged().await?;
        let mut said = vec![vec![None::<Judged>; SEVERITIES + 1]; kinds.len()];
        said.iter_mut().for_each(|row| row[0] = Some(clean.clone()));
        let of = |i: usize| (i / SEVERITIES, 1 + i % SEVERITIES);
        ctx.judge(kinds.len() * SEVERITIES, |i| make(of(i).0, of(i).1), |i, judged| {
            said[of(i).0][of(i).1] = Some(judged);
            if pace.due() {
                let table = table(&kinds, &said, "probability", |j| j.p(class));
                pace.preview_with(Vec::new(), json!({ "tables": [table] }));
            }
        })
        .await?;
        let mut probability = table(&kinds, &said, "probability", |j| j.p(class));
        probability.columns.push("area".into());
        let mut chart = Chart::new("probability", "severity");
        for (row, judged) in probability.rows.iter_mut().zip(&said) {
            let p: Vec<f32> = judged.iter().flatten().map(|j| j.p(class)).collect();
            let area = p.windows(2).map(|w| (w[0] + w[1]) / 2.0).sum::<f32>() / SEVERITIES as f32;
            row.1.push(area.into());
            chart.line(row.0.clone(), p.iter().enumerate().map(|(i, p)| [i as f32, *p]).collect());
        }
        ctx.tell(probability);
        ctx.tell(chart);
        ctx.tell(Table { shade: Shade::Plain, ..table(&kinds, &said, "rank", |j| j.rank(class) as f32) });
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
