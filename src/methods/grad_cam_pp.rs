//! Grad-CAM++: places where the gradient is positive count, the more the fewer they are.

use crate::catalog::MethodInfo;
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::text;

/// How menus, forms, links and the API describe Grad-CAM++ (Chattopadhay et al. 2018, eq. 19).
pub const INFO: MethodInfo = MethodInfo {
    id: "grad_cam_pp",
    family: Family::Cam,
    name: text!("Grad-CAM++", "Grad-CAM++（逐位置加权）"),
    summary: text!(
        "As Grad-CAM, but a channel's weight is made only of places whose gradient is positive, each with its own share: several small objects count as much as one large.",
        "与 Grad-CAM 相似，但通道的权重只取梯度为正的位置并各按比例计入：几个小物体与一个大物体同样重要。",
    ),
    formula: "a_ij = g^2 / (2 g^2 + (sum A_k) g^3);   w_k = sum_ij a_ij relu(g);   L = relu(sum_k w_k A_k)",
    caveat: text!(
        "The shares come from an approximation (an exponential score); on one clear object the map is close to Grad-CAM's.",
        "这些比例来自近似（假设得分为指数形式）；只有一个清楚物体时，与 Grad-CAM 相近。",
    ),
    paper: Paper {
        cite: "Chattopadhay et al. 2018, eq. 19",
        title: "Grad-CAM++: Improved Visual Explanations for Deep Convolutional Networks",
        at: "arXiv:1710.11063",
    },
    needs: &[],
    presets: &[],
    params: Params::SPECS,
};

kin!(add);

#[cfg(feature = "engine")]
fn add(a: &[f32], g: &[f32], map: &mut [f32]) {
    let whole: f32 = a.iter().sum();
    let share = |g: f32| {
        let below = 2.0 * g * g + whole * g * g * g + 1e-6;
        if g == 0.0 || below <= 0.0 { 0.0 } else { g * g / below * g.max(0.0) }
    };
    let weight: f32 = g.iter().map(|g| share(*g)).sum();
    map.iter_mut().zip(a).for_each(|(m, a)| *m += weight * a);
}
