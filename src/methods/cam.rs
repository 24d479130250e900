//! Class activation map: which places of the picture speak for a class.

use super::sentence::{Found, evidence};
use super::spec::CLASS;
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::{Lang, text};
use crate::catalog::{MethodInfo, Need};

/// How menus, forms, links and the API describe Class activation map (Zhou et al. 2016).
pub const INFO: MethodInfo = MethodInfo {
    id: "cam",
    family: Family::Cam,
    name: text!("Class activation map", "类激活图（CAM）"),
    summary: text!(
        "Where the evidence for a class lies. The head is a sum over places, so the map is exact: its average plus the \
         class's bias is the class's score. The warmer a place, the more of the score comes from there.",
        "某个类别的证据在图中的位置。分类头是对各位置求和，所以这张图是精确的：它的平均值加上该类偏置就是该类得分。颜色越暖，得分中来自该处的部分越多。",
    ),
    formula: "cam_c(i, j) = sum_k W2[c, k] relu(W1 x + b1)[k, i, j];  score_c = mean(cam_c) + b2[c]",
    caveat: text!(
        "One value per 32 pixels, each seeing 212 pixels around it: the blob is no outline of the object.",
        "每 32 像素只有一个值，且每个值能看到周围 212 像素：色块并不是物体的轮廓。",
    ),
    paper: Paper {
        cite: "Zhou et al. 2016",
        title: "Learning Deep Features for Discriminative Localization",
        at: "arXiv:1512.04150",
    },
    needs: &[Need::PooledHead],
    presets: &[],
    params: Params::SPECS,
};

params! {
    class: Option<usize> = CLASS,
}

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use super::Params;
    use crate::catalog::{Need, Score, Target};
    use crate::engine::Device;
    use crate::engine::kernels::Gate;
    use crate::figure::{Figure, Kind};
    use crate::methods::{Ctx, MethodError};

    /// One [`Kind::Heat`] figure of the last maps' size, signed, in units of the logit.
    ///
    /// # Errors
    /// [`MethodError::Engine`] when the device fails or the visitor cancels.
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let class = ctx.target(params.class).await?;
        let at = ctx.network.roles().last_spatial().ok_or(MethodError::Lacks(Need::PooledHead))?;
        let (a, g) =
            (ctx.stage(at).await?, ctx.gradient(Target::Class { class, score: Score::Logit }, at, Gate::Relu).await?);
        // behind the last maps all is linear, and the average has given every place the same share of the weight
        let (mut map, places) = (vec![0.0_f32; a.shape.h * a.shape.w], (a.shape.h * a.shape.w) as f32);
        for c in 0..a.shape.c {
            map.iter_mut().zip(a.channel(c)).zip(g.channel(c)).for_each(|((m, a), g)| *m += places * g * a);
        }
        Ok(vec![Figure::new(Kind::Heat, "cam", [1, a.shape.h, a.shape.w], map)])
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    evidence(found, lang)
}
