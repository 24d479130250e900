//! Grad-CAM and its kin at any layer: one file, because they differ by one line, the channels' weights.

use crate::catalog::method::{CLASS, Paper, SCORE};
use crate::catalog::text::text;
use crate::catalog::{MethodInfo, ParamKind, ParamSpec};

/// See the fields.
pub const INFO: MethodInfo = MethodInfo {
    id: "grad_cam",
    name: text("Grad-CAM and kin", "Grad-CAM 及其变体"),
    summary: text(
        "The channels of a layer, added up with weights that say how much each speaks for the class. The kinds differ in the \
         weights: Grad-CAM takes the mean gradient, Grad-CAM++ weighs places, XGrad-CAM the activations, HiResCAM and \
         Layer-CAM multiply place by place.",
        "把某一层的各通道按它们对该类的支持程度加权求和。各变体的区别在于权重：Grad-CAM 取梯度平均，Grad-CAM++ 对位置加权，\
         XGrad-CAM 用激活加权，HiResCAM 与 Layer-CAM 逐位置相乘。",
    ),
    formula: "g = ds_c/dA;   L = relu(sum_k w_k A_k),  w_k = mean g (Grad-CAM),  sum a relu(g) (++),  sum gA / sum A (X);\n\
              relu(sum_k g A) (HiRes),   relu(sum_k relu(g) A) (Layer)",
    caveat: text(
        "Only what speaks for the class is shown, and below the last block the mean gradient of Grad-CAM no longer means much.",
        "只显示支持该类的部分；在最后一个卷积块之前，Grad-CAM 的平均梯度意义不大。",
    ),
    paper: Paper {
        cite: "Selvaraju et al. 2017 (eq. 1, 2); Chattopadhay et al. 2018; Fu et al. 2020; Draelos & Carin 2020; Jiang et al. 2021",
        title: "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization",
    },
    params: &[
        CLASS,
        SCORE,
        ParamSpec { id: "layer", label: text("Layer", "层"), kind: ParamKind::Layer { default: "relu5_3" } },
        ParamSpec {
            id: "kind",
            label: text("Kind", "变体"),
            kind: ParamKind::Choice {
                default: "grad_cam",
                options: &["grad_cam", "grad_cam_pp", "xgrad_cam", "hires_cam", "layer_cam"],
            },
        },
    ],
};

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use crate::engine::Kernels;
    use crate::engine::kernels::Gate;
    use crate::figure::Figure;
    use crate::methods::{Ctx, MethodError, Params};

    /// One [`Magnitude`](crate::figure::Kind::Magnitude) figure of the layer's size, in units of the score; fact `no_evidence` when it is empty.
    ///
    /// # Errors
    /// What the engine reports.
    pub async fn run<K: Kernels>(ctx: &mut Ctx<'_, K>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let target = ctx.explained(params).await?;
        let layer = params.layer("layer");
        let (a, g) = (ctx.stage(layer).await?, ctx.gradient(target, Some(layer), Gate::Relu).await?);
        let kind = params.word("kind").unwrap_or_default();
        let mut map = vec![0.0_f32; a.shape.h * a.shape.w];
        for c in 0..a.shape.c {
            add(kind, &a.channel(c), &g.channel(c), &mut map);
        }
        Ok(ctx.evidence(kind, a.shape, map))
    }

    /// Adds one channel's share.
    fn add(kind: &str, a: &[f32], g: &[f32], map: &mut [f32]) {
        let n = a.len() as f32;
        let whole: f32 = a.iter().sum();
        let weight = match kind {
            "hires_cam" => return map.iter_mut().zip(a.iter().zip(g)).for_each(|(m, (a, g))| *m += a * g),
            "layer_cam" => return map.iter_mut().zip(a.iter().zip(g)).for_each(|(m, (a, g))| *m += a * g.max(0.0)),
            "xgrad_cam" => a.iter().zip(g).map(|(a, g)| a * g).sum::<f32>() / (whole + 1e-7),
            "grad_cam_pp" => {
                let share = |g: f32| {
                    let below = 2.0 * g * g + whole * g * g * g + 1e-6;
                    if g == 0.0 || below <= 0.0 { 0.0 } else { g * g / below * g.max(0.0) }
                };
                g.iter().map(|g| share(*g)).sum()
            }
            _ => g.iter().sum::<f32>() / n,
        };
        map.iter_mut().zip(a).for_each(|(m, a)| *m += weight * a);
    }
}
