//! Grad-CAM: the channels of a layer, weighted with their mean gradient.

use crate::catalog::MethodInfo;
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::text;

/// How menus, forms, links and the API describe Grad-CAM (Selvaraju et al. 2017, eq. 1, 2).
pub const INFO: MethodInfo = MethodInfo {
    id: "grad_cam",
    family: Family::Cam,
    name: text!("Grad-CAM", "Grad-CAM（梯度加权）"),
    summary: text!(
        "The channels of a layer, added up with weights. A channel's weight is the average gradient of the class score over its positions.",
        "把某一层的各通道加权相加；每个通道的权重是该类得分的梯度在其各位置上的平均。",
    ),
    formula: "w_k = mean_ij ds_c/dA_k;   L = relu(sum_k w_k A_k)",
    caveat: text!(
        "Only what speaks for the class is shown, and below the last block the mean gradient no longer means much.",
        "只显示支持该类的部分；在最后一个卷积块之前，平均梯度意义不大。",
    ),
    paper: Paper {
        cite: "Selvaraju et al. 2017, eq. 1, 2",
        title: "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization",
        at: "arXiv:1610.02391",
    },
    needs: &[],
    presets: &[],
    params: Params::SPECS,
};

kin!(add);

#[cfg(feature = "engine")]
/// Adds one channel, weighted with its mean gradient.
pub(super) fn add(a: &[f32], g: &[f32], map: &mut [f32]) {
    let weight = g.iter().sum::<f32>() / g.len() as f32;
    map.iter_mut().zip(a).for_each(|(m, a)| *m += weight * a);
}
