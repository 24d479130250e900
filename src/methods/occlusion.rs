//! Occlusion: cover a window of the picture, and see how much the score drops.

use super::sentence::{Found, heat, of};
use super::spec::{Chosen, SCORE, TARGET, choice, choice_from, number};
use crate::catalog::choice::{Fill, words};
use crate::catalog::method::{Family, Paper};
use crate::catalog::picture::SIDES;
use crate::catalog::text::{Lang, text};
use crate::catalog::{MethodInfo, Score};

/// How menus, forms, links and the API describe Occlusion sensitivity (Zeiler & Fergus 2014, sec. 4.2).
pub const INFO: MethodInfo = MethodInfo {
    id: "occlusion",
    family: Family::Perturbation,
    name: text!("Occlusion sensitivity", "遮挡敏感性"),
    summary: text!(
        "A window slides over the picture and covers it; where the score of the class drops, the covered part was needed. \
         A pixel's value is the mean drop over all windows that cover it. No gradient: only what the network answers.",
        "用一个窗口逐处遮住图像；得分下降的地方，被遮住的部分就是需要的。每个像素的值是覆盖它的所有窗口的平均下降。不用梯度，只看网络的回答。",
    ),
    formula: "drop(window) = s_c(x) - s_c(x with the window filled)",
    caveat: text!(
        "The fill is itself something the network has opinions about, and two parts that can stand in for each other both look unneeded.",
        "填充物本身也会影响网络；若两处可以互相替代，则遮住任何一处看起来都无关紧要。",
    ),
    paper: Paper {
        cite: "Zeiler & Fergus 2014, sec. 4.2",
        title: "Visualizing and Understanding Convolutional Networks",
        at: "arXiv:1311.2901",
    },
    needs: &[],
    presets: &[],
    params: Params::SPECS,
};

/// The longest side that a picture can have.
const MOST: f64 = *SIDES.end() as f64;

params! {
    class: Chosen = TARGET,
    score: Score = SCORE,
    detail: Detail = choice_from(text!("Detail", "精细度"), Detail::Medium as usize),
    window: usize = number(text!("Own window", "自定窗口"), [56.0, 4.0, MOST, 1.0]),
    stride: usize = number(text!("Own stride", "自定步长"), [28.0, 2.0, MOST, 1.0]),
    fill: Fill = choice(text!("Fill", "填充")),
}

words! {
    /// How finely the picture is covered.
    Detail {
        Coarse = "coarse",
        Medium = "medium",
        Fine = "fine",
        /// With a window and a stride of the visitor's own.
        Own = "own",
    }
}

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use serde_json::json;

    use super::{Detail, Params};
    use crate::catalog::Target;
    use crate::engine::image::filled;
    use crate::engine::score::{frequent, top};
    use crate::engine::{Device, Planes};
    use crate::figure::{Figure, Kind};
    use crate::methods::ctx::SMALL;
    use crate::methods::{Ctx, MethodError};

    /// Rows of the pictures that the windows below were chosen for.
    const TRAINED: usize = 224;

    /// A [`Kind::Heat`] figure of the input's size, signed, in units of the score; for a class also a [`Kind::Labels`]
    /// figure: the most probable class with each window covered. Facts: `windows`, and the labels' `legend`.
    ///
    /// # Errors
    /// [`MethodError::Parameter`] for a unit outside its layer; [`MethodError::Engine`] when the device fails or the visitor
    /// cancels.
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let target = ctx.explained(params.class, params.score).await?;
        let blank = filled(&ctx.image.rgb, &ctx.network.spec, params.fill);
        // each pass is finer than the one before, and replaces it
        const PASSES: [[usize; 2]; 3] = [[56, 28], [32, 16], [32, 8]];
        let side = ctx.size()[0].min(ctx.size()[1]);
        // of pictures that are small by themselves the same shares
        let trained = ctx.network.spec.card().input.size;
        let share = |n: usize, least: usize| if trained < SMALL { (n * trained / TRAINED).max(least) } else { n };
        let scaled = PASSES.map(|[window, stride]| [share(window, 2), share(stride, 1)]);
        let own = [[params.window.min(side), params.stride]];
        let passes = match params.detail {
            Detail::Coarse => &scaled[..1],
            Detail::Fine => &scaled[..],
            Detail::Own => &own[..],
            Detail::Medium => &scaled[..2],
        };
        let mut figures = Vec::new();
        for [window, stride] in passes {
            figures = pass(ctx, target, &blank, *window, *stride).await?;
            ctx.pace.preview(figures.clone());
        }
        Ok(figures)
    }

    async fn pass<D: Device>(
        ctx: &mut Ctx<'_, D>,
        target: Target,
        blank: &Planes,
        window: usize,
        stride: usize,
    ) -> Result<Vec<Figure>, MethodError> {
        let x = ctx.input();
        let (h, w, side) = (x.shape.h, x.shape.w, window.min(x.shape.h));
        let whole = ctx.value(target).await?;
        // the last window ends at the edge, so that every pixel is covered
        let starts = |n: usize| {
            let mut starts: Vec<usize> = (0..=n - side).step_by(stride).collect();
            starts.extend((starts.last() != Some(&(n - side))).then_some(n - side));
            starts
        };
        let (down, across) = (starts(h), starts(w));
        let place = |i: usize| (across[i % across.len()], down[i / across.len()]);
        let covered = |i: usize| {
            let ((left, above), mut copy) = (place(i), x.clone());
            for c in 0..3 {
                for y in above..above + side {
                    copy.row_mut(c, y)[left..left + side].copy_from_slice(&blank.row(c, y)[left..left + side]);
                }
            }
            copy
        };
        let (mut sum, mut covers) = (vec![0.0_f32; h * w], vec![0.0_f32; h * w]);
        let count = down.len() * across.len();
        let mut winners = vec![0.0_f32; count];
        let heat = |sum: &[f32], covers: &[f32]| {
            let map = sum.iter().zip(covers).map(|(s, n)| s / n.max(1.0)).collect();
            Figure::new(Kind::Heat, "occlusion", [1, h, w], map)
        };
        let pace = ctx.pace;
        ctx.spread(count, &target.want(), covered, |i, answer| {
            let (left, above) = place(i);
            winners[i] = top(&answer, 1)[0] as f32;
            let drop = whole - target.value(&answer);
            for y in above..above + side {
                let row = y * w + left..y * w + left + side;
                sum[row.clone()].iter_mut().for_each(|v| *v += drop);
                covers[row].iter_mut().for_each(|v| *v += 1.0);
            }
            if pace.due() {
                pace.preview(vec![heat(&sum, &covers)]);
            }
        })
        .await?;
        ctx.fact("windows", count);
        let mut figures = vec![heat(&sum, &covers)];
        if target.class().is_some() {
            ctx.fact("legend", legend(&winners));
            figures.push(Figure::new(Kind::Labels, "winners", [1, down.len(), across.len()], winners));
        }
        Ok(figures)
    }

    /// The six most frequent classes: `[{ value, class, share }]`.
    fn legend(winners: &[f32]) -> Vec<serde_json::Value> {
        let counts = frequent(winners.iter().map(|w| *w as usize));
        let entry = |(class, n): &(usize, usize)| json!({ "value": class, "class": class, "share": *n as f64 / winners.len() as f64 });
        counts.iter().take(6).map(entry).collect()
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    heat(found, lang, of::HIDING)
}
