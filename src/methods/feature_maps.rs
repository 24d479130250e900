//! Feature maps: what every channel of a layer answers to the picture.

use super::facts::{Sometimes, facts};
use super::sentence::{Found, say};
use super::spec::{Layer, any_layer, choice};
use crate::catalog::choice::words;
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::{Lang, text};
use crate::catalog::{LayerRole, MethodInfo};
use crate::figure::scale::largest_first;

/// How menus, forms, links and the API describe Feature maps (Zeiler & Fergus 2014).
pub const INFO: MethodInfo = MethodInfo {
    id: "feature_maps",
    family: Family::Unit,
    name: text!("Feature maps", "特征图"),
    summary: text!(
        "Every channel of one layer as a picture: bright where its filter answers. Early layers show edges and colours, \
         middle layers textures, late layers a few places where a whole part was found.",
        "把某一层的每个通道画成图：滤波器有响应的地方更亮。浅层显示边缘和颜色，中层显示纹理，深层只在少数位置亮起，对应完整的部件。",
    ),
    formula: "z = W * x + b (conv);  a = max(z, 0) (relu);  max of 2 x 2 (pool)",
    caveat: text!(
        "Bright means that the filter answered, not that the answer mattered for the class.",
        "亮只表示滤波器有响应，并不表示该响应对分类重要。",
    ),
    paper: Paper {
        cite: "Zeiler & Fergus 2014",
        title: "Visualizing and Understanding Convolutional Networks",
        at: "arXiv:1311.2901",
    },
    needs: &[],
    presets: &[],
    params: Params::SPECS,
};

params! {
    layer: Layer = any_layer(text!("Layer", "层"), LayerRole::First),
    scale: Scale = choice(text!("Common scale", "共同尺度")),
    show: Show = choice(text!("Shown", "显示")),
}

words! {
    /// What the brightest shade stands for.
    Scale {
        /// The layer's own largest values.
        Layer = "layer",
        /// Those of all layers.
        Model = "model",
    }
}

words! {
    /// Which channels are shown.
    Show {
        /// Every channel of one layer.
        Channels = "channels",
        /// One of every layer, the one that answers most.
        Strongest = "strongest",
    }
}

facts! {
    /// Of the strongest channels: which they are, layer by layer.
    Facts { channels: Sometimes<Vec<usize>> }
}

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use super::{Facts, Params, Scale, Show, Sometimes, answer};
    use crate::engine::Device;
    use crate::figure::scale::{largest_first, percentile};
    use crate::figure::{Figure, Kind};
    use crate::methods::{Ctx, MethodError};

    /// One [`Kind::Tiles`] figure `[C, H, W]`; with `scale = "model"` it carries the 99.5 % of all ReLU layers' values.
    /// With `show = "strongest"` one `[1, H, W]` for every stage, and the fact `channels`: which channel it is.
    ///
    /// # Errors
    /// As [`Ctx::stage`].
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        if params.show == Show::Strongest {
            return strongest_of_each(ctx).await;
        }
        let index = params.layer.0;
        let planes = ctx.stage(index).await?;
        let shape = [planes.shape.c, planes.shape.h, planes.shape.w];
        let mut figure = Figure::new(Kind::Tiles, ctx.network.spec.name(index), shape, planes.dense());
        if params.scale == Scale::Model {
            figure.info.model_scale = Some(model_scale(ctx).await?);
        }
        Ok(vec![figure])
    }

    /// Of every stage the channel whose positive values have the largest sum.
    async fn strongest_of_each<D: Device>(ctx: &mut Ctx<'_, D>) -> Result<Vec<Figure>, MethodError> {
        let (mut figures, mut channels) = (Vec::new(), Vec::new());
        for index in ctx.network.spec.stages().iter().copied() {
            let planes = ctx.stage(index).await?;
            let (shape, data) = (planes.shape, planes.dense());
            let sums: Vec<f32> = data.chunks_exact(shape.h * shape.w).map(answer).collect();
            let strongest = largest_first(&sums).first().copied().unwrap_or_default();
            let plane = data.chunks_exact(shape.h * shape.w).nth(strongest).unwrap_or_default().to_vec();
            figures.push(Figure::new(Kind::Tiles, ctx.network.spec.name(index), [1, shape.h, shape.w], plane));
            channels.push(strongest);
        }
        ctx.facts.extend(Facts { channels: Sometimes(Some(channels)) }.entries());
        Ok(figures)
    }

    /// From every 7th value: the percentile of a million values is as good as that of nine.
    async fn model_scale<D: Device>(ctx: &mut Ctx<'_, D>) -> Result<f32, MethodError> {
        let mut values = Vec::new();
        for index in ctx.network.spec.layers().iter().copied() {
            if ctx.network.spec.is_relu(index) {
                values.extend(ctx.stage(index).await?.dense().into_iter().step_by(7));
            }
        }
        Ok(percentile(&values, 0.995))
    }
}

/// How much a channel answers: the sum of its positive values.
fn answer(plane: &[f32]) -> f32 {
    plane.iter().map(|v| v.max(0.0)).sum()
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    let figure = found.figures.first()?;
    if let Some(channels) = found.facts::<Facts>().and_then(|facts| facts.channels.0) {
        let words = text!(
            "Of each of the {all} layers the channel that answers most: from {first} in {from} to {last} in {to}.",
            "{all} 层中每层响应最强的通道：从 {from} 的 {first} 到 {to} 的 {last}。",
        );
        let (from, to) = (&figure.info.name, &found.figures.last()?.info.name);
        let [all, first, last] =
            [channels.len().to_string(), channels.first()?.to_string(), channels.last()?.to_string()];
        let values = [("all", &*all), ("first", &*first), ("last", &*last), ("from", from), ("to", to)];
        return Some(say(words, lang, &values));
    }
    let sums: Vec<f32> = (0..figure.info.channels).map(|c| answer(figure.plane(c))).collect();
    let count = sums.iter().filter(|s| **s > 0.0).count();
    let strongest = *largest_first(&sums).first()?;
    let words = match count {
        0 => text!(
            "None of the {all} channels of {layer} answers to this photo.",
            "{layer} 的 {all} 个通道对这张照片都没有响应。",
        ),
        _ => text!(
            "Channels of {layer} that answer somewhere in the photo: {count} of {all}. Channel {strongest} answers most.",
            "{layer} 的 {all} 个通道中，有 {count} 个在照片的某处有响应；通道 {strongest} 的响应最强。",
        ),
    };
    let values = [sums.len(), count, strongest].map(|n| n.to_string());
    let [all, count, strongest] = &values;
    let layer = &figure.info.name;
    Some(say(words, lang, &[("all", all), ("layer", layer), ("count", count), ("strongest", strongest)]))
}
