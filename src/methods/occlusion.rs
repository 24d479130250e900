//! Occlusion: cover a window of the picture, and see how much the score drops.

use crate::catalog::method::{CLASS, Paper, SCORE};
use crate::catalog::text::text;
use crate::catalog::{MethodInfo, ParamKind, ParamSpec};

/// See the fields.
pub const INFO: MethodInfo = MethodInfo {
    id: "occlusion",
    name: text("Occlusion sensitivity", "遮挡敏感性（网络解耦）"),
    summary: text(
        "A window slides over the picture and covers it; where the score of the class drops, the covered part was needed. \
         A pixel's value is the mean drop over all windows that cover it. No gradient: only what the network answers.",
        "用一个窗口逐处遮住图像；得分下降的地方，被遮住的部分就是需要的。每个像素的值是覆盖它的所有窗口的平均下降。不用梯度，只看网络的回答。",
    ),
    formula: "drop(window) = s_c(x) - s_c(x with the window filled)",
    caveat: text(
        "The fill is itself something the network has opinions about, and two parts that can stand in for each other both look unneeded.",
        "填充物本身也会影响网络；若两处可以互相替代，则遮住任何一处看起来都无关紧要。",
    ),
    paper: Paper { cite: "Zeiler & Fergus 2014, sec. 4.2", title: "Visualizing and Understanding Convolutional Networks" },
    params: &[
        CLASS,
        SCORE,
        ParamSpec {
            id: "window",
            label: text("Window", "窗口"),
            kind: ParamKind::Number { default: 56.0, min: 4.0, max: 512.0, step: 1.0 },
        },
        ParamSpec {
            id: "stride",
            label: text("Stride", "步长"),
            kind: ParamKind::Number { default: 28.0, min: 2.0, max: 512.0, step: 1.0 },
        },
        ParamSpec {
            id: "fill",
            label: text("Fill", "填充"),
            kind: ParamKind::Choice { default: "grey", options: &["grey", "black", "white", "blur"] },
        },
    ],
};

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use crate::catalog::Want;
    use crate::engine::Kernels;
    use crate::engine::head::top;
    use crate::engine::image::{Fill, filled};
    use crate::figure::{Figure, Kind};
    use crate::methods::{Ctx, MethodError, Params};

    /// One [`Kind::Heat`] figure of the input's size, signed, in units of the score. Facts: `windows`, and `winners`: the
    /// most probable class with each window covered, row by row.
    ///
    /// # Errors
    /// What the engine reports.
    pub async fn run<K: Kernels>(ctx: &mut Ctx<'_, K>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let target = ctx.explained(params).await?;
        let fill = Fill::named(params.word("fill").unwrap_or_default());
        let (x, blank) = (ctx.input(), filled(&ctx.image.rgb, &ctx.network.spec, fill));
        let (side, stride) = (params.whole("window").min(x.shape.h), params.whole("stride"));
        let whole = target.score.value(&ctx.head().await?.logits, target.class);
        // the last window ends at the edge, so that every pixel is covered
        let starts = |n: usize| {
            let mut starts: Vec<usize> = (0..=n - side).step_by(stride).collect();
            starts.extend((starts.last() != Some(&(n - side))).then_some(n - side));
            starts
        };
        let (down, across) = (starts(x.shape.h), starts(x.shape.w));
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
        let (mut sum, mut covers) = (vec![0.0_f32; x.shape.h * x.shape.w], vec![0.0_f32; x.shape.h * x.shape.w]);
        let mut winners = vec![0; down.len() * across.len()];
        let count = winners.len();
        ctx.spread(count, &Want::Logits, covered, |i, logits| {
            let (left, above) = place(i);
            winners[i] = top(&logits, 1)[0];
            let drop = whole - target.score.value(&logits, target.class);
            for y in above..above + side {
                let row = y * x.shape.w + left..y * x.shape.w + left + side;
                sum[row.clone()].iter_mut().for_each(|v| *v += drop);
                covers[row].iter_mut().for_each(|v| *v += 1.0);
            }
        })
        .await?;
        ctx.fact("windows", count);
        ctx.fact("winners", winners);
        let map = sum.iter().zip(&covers).map(|(s, n)| s / n.max(1.0)).collect();
        Ok(vec![Figure::new(Kind::Heat, "occlusion", [1, x.shape.h, x.shape.w], map)])
    }
}
