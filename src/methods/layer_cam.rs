//! Layer-CAM: activations weighted with the positive part of their own gradient.

use crate::catalog::MethodInfo;
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::text;

/// How menus, forms, links and the API describe Layer-CAM (Jiang et al. 2021, eq. 6, 7).
pub const INFO: MethodInfo = MethodInfo {
    id: "layer_cam",
    family: Family::Cam,
    name: text!("Layer-CAM", "Layer-CAM（逐层）"),
    summary: text!(
        "Each activation is multiplied by its own gradient, if positive. Works at every depth: early layers give fine outlines, late ones the region. Fused layers show both.",
        "每个激活值乘以其自身的梯度（仅当梯度为正）。在任何深度都可用：浅层给出精细轮廓，深层给出区域；融合多层可兼得。",
    ),
    formula: "L = relu(sum_k relu(g_k) A_k)",
    caveat: text!(
        "Negative gradients are dropped, so what speaks against the class is never seen.",
        "负梯度被丢弃，因此看不到反对该类的部分。",
    ),
    paper: Paper {
        cite: "Jiang et al. 2021, eq. 6, 7",
        title: "LayerCAM: Exploring Hierarchical Class Activation Maps for Localization",
        at: "doi:10.1109/TIP.2021.3089943",
    },
    needs: &[],
    presets: &[],
    params: Params::SPECS,
};

kin!(add);

#[cfg(feature = "engine")]
fn add(a: &[f32], g: &[f32], map: &mut [f32]) {
    map.iter_mut().zip(a.iter().zip(g)).for_each(|(m, (a, g))| *m += a * g.max(0.0));
}
