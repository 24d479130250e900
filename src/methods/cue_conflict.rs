//! Cue conflict: the shape of one picture with the texture of another.

use super::facts::facts;
use super::sentence::{Found, percent, say};
use super::spec::{NEEDED_SECOND, number, side};
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::{Lang, text};
use crate::catalog::{MethodInfo, Need};

/// How menus, forms, links and the API describe Cue conflict (Geirhos et al. 2019).
pub const INFO: MethodInfo = MethodInfo {
    id: "cue_conflict",
    family: Family::Bias,
    name: text!("Cue conflict", "线索冲突"),
    summary: text!(
        "The photo is painted in the second picture's texture, more and more strongly. People go on naming the photo's object; at \
         which weight does the network change over to the texture's? Both scores are shown as they cross.",
        "用第二张图片的纹理把照片越画越浓。人会继续说出照片中的物体；网络在多大的权重下会改认纹理？图中显示两种得分如何交叉。",
    ),
    formula: "score of a class: mean probability of its ImageNet members, among 16;   shape bias = mean over weights of shape / (shape + texture)",
    caveat: text!(
        "Two pictures, not the 1,280 of the benchmark (share of shape decisions there: torchvision's VGG16 9.2 %, the paper's Caffe \
         VGG-16 17.2 %, people about 96 %), and our own style transfer; here scores are compared, not decisions counted. When one of the two belongs to none of the sixteen classes, each picture's own most probable class is scored instead.",
        "只有两张图片，而非基准的 1280 张（按形状判断的比例：torchvision 的 VGG16 为 9.2%，论文中 Caffe 版 VGG-16 为 17.2%，人约 96%），且用的是我们自己的风格迁移；这里比较得分，而不是统计判断次数。若其中一张不属于十六类中的任何一类，则两张都改按各自最可能的类别计分。",
    ),
    paper: Paper {
        cite: "Geirhos et al. 2019",
        title: "ImageNet-trained CNNs are biased towards texture; increasing shape bias improves accuracy and robustness",
        at: "arXiv:1811.12231",
    },
    needs: &[Need::Spatial, Need::ImageNetLabels],
    presets: &[],
    params: Params::SPECS,
};

params! {
    second: () = NEEDED_SECOND,
    side: usize = side(text!("Side", "边长"), [160.0, 64.0, 448.0]),
    style_steps: usize = number(text!("Steps per weight", "每个权重的步数"), [40.0, 1.0, 500.0, 1.0]),
}

facts! {
    /// The share of the shape's score in both cues' scores, the mean over all weights.
    Facts { shape_bias: f32 }
}

/// The table and the chart of both cues' scores.
const CUES: &str = "cues";

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use serde_json::json;

    use super::{CUES, Facts, Params};
    use crate::catalog::Lang;
    use crate::catalog::sixteen::{self, Entry, mean};
    use crate::engine::Device;
    use crate::engine::probe::Quiet;
    use crate::engine::synthesis::{Climb, Penalty};
    use crate::figure::Figure;
    use crate::figure::told::{Cell, Chart, Shade, Table, class as key};
    use crate::methods::{Ctx, Judged, MethodError, style};

    /// Weights of the style against the content, from the least to the most texture.
    const WEIGHTS: [f32; 5] = [0.3, 1.0, 3.0, 10.0, 100.0];

    /// One of the sixteen, or a single class.
    enum Cue {
        Entry(&'static Entry),
        Class(usize),
    }

    impl Cue {
        /// Both in the same units: entries if both pictures belong to one, else their classes.
        fn both(ends: [usize; 2]) -> [Self; 2] {
            match ends.map(sixteen::of) {
                [Some(shape), Some(texture)] => [Self::Entry(shape), Self::Entry(texture)],
                _ => ends.map(Self::Class),
            }
        }

        fn score(&self, judged: &Judged) -> f32 {
            match self {
                Self::Entry(entry) => mean(entry, |k| judged.p(k)),
                Self::Class(k) => judged.p(*k),
            }
        }

        fn name(&self) -> String {
            match self {
                Self::Entry((name, _)) => Lang::ALL.iter().map(|lang| name.get(*lang)).collect::<Vec<_>>().join("|"),
                Self::Class(k) => key(*k),
            }
        }
    }

    /// The picture at every weight. Facts: the table `cues` (both scores, their share, the answer), the chart `cues` over the
    /// weights' order, `shape_bias`.
    ///
    /// # Errors
    /// [`MethodError`]: no second picture, two pictures of the same class; the device fails, or the visitor cancels.
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let (side, steps) = (params.side, params.style_steps);
        let (photo, texture) = (ctx.picture(side), ctx.second_picture(side)?);
        let ends = say(ctx, &[photo.clone(), texture.clone()], side).await?;
        let [shape_cue, texture_cue] = Cue::both([ends[0].top(), ends[1].top()]);
        if shape_cue.name() == texture_cue.name() {
            let why = "second: both pictures are of the same class to the network; choose another one";
            return Err(MethodError::Parameter(why.into()));
        }
        let mut pictures = vec![photo.clone()];
        for (at, weight) in WEIGHTS.into_iter().enumerate() {
            let goal = style::goal(ctx, (&photo, &texture), side, weight).await?;
            let penalty = Penalty { roughness: 1.0, ..Penalty::default() };
            let mut climb = Climb::from_picture(style::recipe(penalty), side, 0, &photo);
            for step in 0..steps {
                climb.advance(ctx.network, &goal, &Quiet::new(ctx.pace)).await?;
                ctx.pace.tick(at * steps + step + 1, WEIGHTS.len() * steps).await?;
                if ctx.pace.due() {
                    let shown = climb.shown().remove(0);
                    ctx.pace.preview_with(vec![ctx.photo_at("style", &shown, [side; 2])], json!({ "weight": weight }));
                }
            }
            pictures.push(climb.shown().remove(0));
        }
        pictures.push(texture);
        let said = say(ctx, &pictures, side).await?;
        let mut table = Table::new(CUES, Shade::Bars, &["share_of_shape", "shape_score", "texture_score", "answer"]);
        let mut chart = Chart::new(CUES, "weights");
        let names: Vec<String> = std::iter::once("photo".into())
            .chain(WEIGHTS.map(|weight| format!("weight {weight}")))
            .chain(["second picture".into()])
            .collect();
        let (mut lines, mut bias) = ([Vec::new(), Vec::new()], 0.0);
        for (i, (name, judged)) in names.iter().zip(&said).enumerate() {
            let [s, t] = [shape_cue.score(judged), texture_cue.score(judged)];
            let share = s / (s + t).max(1e-12);
            table.row(name.clone(), [Cell::from(share), s.into(), t.into(), key(judged.top()).into()]);
            [s, t].into_iter().enumerate().for_each(|(k, v)| lines[k].push([i as f32, v]));
            if (1..=WEIGHTS.len()).contains(&i) {
                bias += share / WEIGHTS.len() as f32;
            }
        }
        for (cue, line) in [shape_cue, texture_cue].iter().zip(lines) {
            chart.line(cue.name(), line);
        }
        ctx.tell(table);
        ctx.tell(chart);
        ctx.facts.extend(Facts { shape_bias: bias }.entries());
        Ok(names.iter().zip(&pictures).map(|(name, x)| ctx.photo_at(name, x, [side; 2])).collect())
    }

    async fn say<D: Device>(ctx: &Ctx<'_, D>, pictures: &[Vec<f32>], side: usize) -> Result<Vec<Judged>, MethodError> {
        let mut said = vec![None; pictures.len()];
        ctx.judge_at([side; 2], pictures.len(), |i| pictures[i].clone(), |i, judged| said[i] = Some(judged)).await?;
        Ok(said.into_iter().flatten().collect())
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn both_scores_are_in_the_same_units() {
            let units = |ends| Cue::both(ends).map(|cue| matches!(cue, Cue::Entry(_)));
            assert_eq!((units([285, 555]), units([285, 967]), units([967, 285])), ([true; 2], [false; 2], [false; 2]));
        }
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    let (bias, lines) = (f64::from(found.facts::<Facts>()?.shape_bias), found.lines(CUES)?);
    let cue = |k: usize| lines.get(k).map(|line| found.named(&line.name, lang));
    let words = text!(
        "Painted in the other's texture, the photo is judged by its shape ({one}) to {shape} and by the texture ({other}) to {texture}, on average.",
        "画上另一张图片的纹理后，对照片的判断平均 {shape} 依据形状（{one}），{texture} 依据纹理（{other}）。",
    );
    let (shape, texture) = (percent(bias, lang), percent(1.0 - bias, lang));
    Some(say(words, lang, &[("shape", &shape), ("texture", &texture), ("one", &cue(0)?), ("other", &cue(1)?)]))
}
