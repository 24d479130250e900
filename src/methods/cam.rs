//! Class activation map: which places of the picture speak for a class.

use super::sentence::{Found, evidence};
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::{Lang, text};
use crate::catalog::{MethodInfo, ParamKind, ParamSpec};

/// How menus, forms, links and the API describe Class activation map (Zhou et al. 2016).
pub const INFO: MethodInfo = MethodInfo {
    id: "cam",
    family: Family::Cam,
    name: text!("Class activation map", "类激活图（CAM）"),
    summary: text!(
        "Where the evidence for a class lies. The head is a sum over places, so the map is exact: its average plus the \
         class's bias is the class's score. Warm places speak for the class, cold ones against it.",
        "某个类别的证据在图中的位置。分类头是对各位置求和，所以这张图是精确的：它的平均值加上该类偏置就是该类得分。暖色支持该类，冷色反对该类。",
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
    needs: &[],
    presets: &[],
    params: &[ParamSpec { id: "class", label: text!("Class", "类别"), kind: ParamKind::Class }],
};

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use crate::engine::Kernels;
    use crate::figure::{Figure, Kind};
    use crate::methods::{Ctx, MethodError, Params};

    /// One [`Kind::Heat`] figure of pool5's size (7 x 7 for 224 x 224), signed, in units of the logit.
    ///
    /// # Errors
    /// [`MethodError::Engine`] when the device fails or the visitor cancels.
    pub async fn run<K: Kernels>(ctx: &mut Ctx<'_, K>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let class = ctx.target(params.class("class")).await?;
        let network = ctx.network;
        let pass = ctx.head().await?;
        let map = network.head()?.cam(pass, class);
        Ok(vec![Figure::new(Kind::Heat, "cam", [1, pass.shape.h, pass.shape.w], map)])
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    evidence(found, lang)
}
