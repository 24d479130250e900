//! Guided Grad-CAM: the sharp map of guided backpropagation, where Grad-CAM sees evidence.

use super::sentence::{Found, heat, of};
use super::spec::{Chosen, LAYER, Layer, SCORE, TARGET};
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::{Lang, text};
use crate::catalog::{MethodInfo, Need, Score};

/// How menus, forms, links and the API describe Guided Grad-CAM (Selvaraju et al. 2017, sec. 3.2).
pub const INFO: MethodInfo = MethodInfo {
    id: "guided_grad_cam",
    family: Family::Cam,
    name: text!("Guided Grad-CAM", "导向 Grad-CAM"),
    summary: text!(
        "Guided backpropagation shows fine edges but hardly depends on the class; Grad-CAM depends on the class but is coarse. \
         Their product shows fine edges inside the region of the class.",
        "导向反向传播边缘精细但几乎与类别无关；Grad-CAM 与类别有关但粗糙。两者相乘，得到该类区域内的精细边缘。",
    ),
    formula: "up(relu(sum_k w_k A_k)) * guided backpropagation",
    caveat: text!(
        "Inside the region it inherits the blindness of guided backpropagation: the edges there would look alike for another class.",
        "在区域内部继承了导向反向传播的缺点：换一个类别，那里的边缘看起来也差不多。",
    ),
    paper: Paper {
        cite: "Selvaraju et al. 2017, sec. 3.2",
        title: "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization",
        at: "arXiv:1610.02391",
    },
    needs: &[Need::Relu],
    presets: &[],
    params: Params::SPECS,
};

params! {
    class: Chosen = TARGET,
    score: Score = SCORE,
    layer: Layer = LAYER,
}

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use super::Params;
    use crate::engine::Device;
    use crate::engine::image::masked;
    use crate::engine::kernels::Gate;
    use crate::figure::scale::resize;
    use crate::figure::{Figure, Kind};
    use crate::methods::{Ctx, MethodError, family, grad_cam};

    /// One [`Kind::Rgb`] figure `[3, H, W]`; fact `no_evidence` when it is empty.
    ///
    /// # Errors
    /// [`MethodError::Parameter`] for a unit outside its layer; [`MethodError::Engine`] when the device fails or the visitor
    /// cancels.
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let target = ctx.explained(params.class, params.score).await?;
        let (shape, map) = family::at(ctx, target, params.layer.0, 1.0, grad_cam::add).await?;
        let map = ctx.evidence("grad_cam", shape, map).remove(0).data;
        let guided = ctx.gradient(target, 0, Gate::Guided).await?;
        let (h, w) = (guided.shape.h, guided.shape.w);
        let product = masked(&guided, &resize(&map, shape.w, shape.h, w, h));
        if product.data.iter().all(|v| *v == 0.0) {
            ctx.fact("no_evidence", true);
        }
        Ok(vec![Figure::new(Kind::Rgb, "guided_grad_cam", [3, h, w], product.dense())])
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    heat(found, lang, of::DETAIL)
}
