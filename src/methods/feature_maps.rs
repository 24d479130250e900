//! Feature maps: what every channel of a layer answers to the picture.

use super::sentence::{Found, say};
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::{Lang, text};
use crate::catalog::{MethodInfo, ParamKind, ParamSpec};
use crate::figure::scale::largest_first;

/// See the fields.
pub const INFO: MethodInfo = MethodInfo {
    id: "feature_maps",
    family: Family::Unit,
    name: text("Feature maps", "特征图"),
    summary: text(
        "Every channel of one layer as a picture: bright where its filter answers. Early layers show edges and colours, \
         middle layers textures, late layers a few places where a whole part was found.",
        "把某一层的每个通道画成图：滤波器有响应的地方更亮。浅层显示边缘和颜色，中层显示纹理，深层只在少数位置亮起，对应完整的部件。",
    ),
    formula: "z = W * x + b (conv);  a = max(z, 0) (relu);  max of 2 x 2 (pool)",
    caveat: text(
        "Bright means that the filter answered, not that the answer mattered for the class.",
        "亮只表示滤波器有响应，并不表示该响应对分类重要。",
    ),
    paper: Paper {
        cite: "Zeiler & Fergus 2014",
        title: "Visualizing and Understanding Convolutional Networks",
        at: "arXiv:1311.2901",
    },
    presets: &[],
    params: &[
        ParamSpec { id: "layer", label: text("Layer", "层"), kind: ParamKind::Layer { default: "relu1_1" } },
        ParamSpec {
            id: "scale",
            label: text("Common scale", "共同尺度"),
            kind: ParamKind::Choice { default: "layer", options: &["layer", "model"] },
        },
    ],
};

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use crate::catalog::Op;
    use crate::engine::Kernels;
    use crate::figure::scale::percentile;
    use crate::figure::{Figure, Kind};
    use crate::methods::{Ctx, MethodError, Params};

    /// One [`Kind::Tiles`] figure `[C, H, W]`; with `scale = "model"` it carries the 99.5 % of all ReLU layers' values.
    ///
    /// # Errors
    /// As [`Ctx::stage`].
    pub async fn run<K: Kernels>(ctx: &mut Ctx<'_, K>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let index = params.layer("layer");
        let planes = ctx.stage(index).await?;
        let shape = [planes.shape.c, planes.shape.h, planes.shape.w];
        let mut figure = Figure::new(Kind::Tiles, ctx.network.spec.layers[index].name, shape, planes.dense());
        if params.word("scale") == Some("model") {
            figure.info.model_scale = Some(model_scale(ctx).await?);
        }
        Ok(vec![figure])
    }

    /// From every 7th value: the percentile of a million values is as good as that of nine.
    async fn model_scale<K: Kernels>(ctx: &mut Ctx<'_, K>) -> Result<f32, MethodError> {
        let mut values = Vec::new();
        for (index, layer) in ctx.network.spec.layers.iter().enumerate() {
            if layer.op == Op::Relu {
                values.extend(ctx.stage(index).await?.dense().into_iter().step_by(7));
            }
        }
        Ok(percentile(&values, 0.995))
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    let figure = found.figures.first()?;
    let sums: Vec<f32> = (0..figure.info.channels).map(|c| figure.plane(c).iter().map(|v| v.max(0.0)).sum()).collect();
    let count = sums.iter().filter(|s| **s > 0.0).count();
    let strongest = *largest_first(&sums).first()?;
    let words = match count {
        0 => text(
            "None of the {all} channels of {layer} answers to this photo.",
            "{layer} 的 {all} 个通道对这张照片都没有响应。",
        ),
        _ => text(
            "Channels of {layer} that answer somewhere in the photo: {count} of {all}. Channel {strongest} answers most.",
            "{layer} 的 {all} 个通道中，有 {count} 个在照片的某处有响应；通道 {strongest} 的响应最强。",
        ),
    };
    let values = [sums.len(), count, strongest].map(|n| n.to_string());
    let [all, count, strongest] = &values;
    let layer = &figure.info.name;
    Some(say(words, lang, &[("all", all), ("layer", layer), ("count", count), ("strongest", strongest)]))
}
