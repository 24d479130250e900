//! HiResCAM: gradient times activation, place by place.

use crate::catalog::MethodInfo;
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::text;

/// How menus, forms, links and the API describe HiResCAM (Draelos & Carin 2020, eq. 4).
pub const INFO: MethodInfo = MethodInfo {
    id: "hires_cam",
    family: Family::Cam,
    name: text!("HiResCAM", "HiResCAM（逐位置相乘）"),
    summary: text!(
        "Gradient times activation at every place, added over the channels, without averaging first: for a network whose head is linear above this layer, exactly what each place adds to the score, before the ReLU drops the negative places.",
        "在每个位置把梯度乘以激活并对通道求和，不先做平均：若该层之上是线性的，这正是每个位置对得分的贡献；随后 ReLU 去掉负的位置。",
    ),
    formula: "L = relu(sum_k g_k A_k)",
    caveat: text!(
        "Only places that speak for the class are shown. Below a nonlinear part it is only a first-order share: what the place would add if the rest stayed as it is.",
        "只显示支持该类的位置。若上面还有非线性部分，则只是一阶近似：其余不变时该位置的贡献。",
    ),
    paper: Paper {
        cite: "Draelos & Carin 2020, eq. 4",
        title: "Use HiResCAM instead of Grad-CAM for faithful explanations of convolutional neural networks",
        at: "arXiv:2011.08891",
    },
    needs: &[],
    presets: &[],
    params: Params::SPECS,
};

kin!(add);

#[cfg(feature = "engine")]
/// Adds one channel: its activation times the gradient, place by place.
pub(super) fn add(a: &[f32], g: &[f32], map: &mut [f32]) {
    map.iter_mut().zip(a.iter().zip(g)).for_each(|(m, (a, g))| *m += a * g);
}
