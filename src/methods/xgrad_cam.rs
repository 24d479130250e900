//! XGrad-CAM: gradients weighted with the activations.

use crate::catalog::MethodInfo;
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::text;

/// How menus, forms, links and the API describe XGrad-CAM (Fu et al. 2020, eq. 7).
pub const INFO: MethodInfo = MethodInfo {
    id: "xgrad_cam",
    family: Family::Cam,
    name: text!("XGrad-CAM", "XGrad-CAM（公理化）"),
    summary: text!(
        "As Grad-CAM, but the mean gradient of a channel is taken where the channel is active: the map's total then comes closest to the score.",
        "与 Grad-CAM 相似，但梯度按通道的激活值加权平均：这样图的总和最接近得分。",
    ),
    formula: "w_k = sum_ij g A_k / sum_ij A_k;   L = relu(sum_k w_k A_k)",
    caveat: text!(
        "One weight per channel still: two parts of the picture that use the same channel cannot be told apart.",
        "每个通道仍只有一个权重：使用同一通道的两个部位无法区分。",
    ),
    paper: Paper {
        cite: "Fu et al. 2020, eq. 7",
        title: "Axiom-based Grad-CAM: Towards Accurate Visualization and Explanation of CNNs",
        at: "arXiv:2008.02312",
    },
    needs: &[],
    presets: &[],
    params: Params::SPECS,
};

kin!(add);

#[cfg(feature = "engine")]
fn add(a: &[f32], g: &[f32], map: &mut [f32]) {
    let product: f32 = a.iter().zip(g).map(|(a, g)| a * g).sum();
    let weight = product / (a.iter().sum::<f32>() + 1e-7);
    map.iter_mut().zip(a).for_each(|(m, a)| *m += weight * a);
}
