//! What each layer still knows: the photo inverted from every layer that all paths pass.

use super::facts::facts;
use super::sentence::{Found, say};
use super::spec::{SEED, number, side};
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::{Lang, text};
use crate::catalog::{MethodInfo, Need};

/// How menus, forms, links and the API describe What each layer still knows (Mahendran & Vedaldi 2015).
pub const INFO: MethodInfo = MethodInfo {
    id: "forgetting",
    family: Family::Synthesis,
    name: text!("What each layer still knows", "每一层还记得什么"),
    summary: text!(
        "The photo, inverted from each layer with the same number of steps. First it stays a photo, then \
         colours drift, then texture is invented, and at last there are parts of the object in roughly their places.",
        "用同样的步数，从每一层分别反演照片。起初仍像照片，然后颜色偏移，再后来纹理是臆造的，最后只剩大致位置上的物体部件。",
    ),
    formula: "min_x |a_l(x) - a_l(photo)|^2 / |a_l(photo)|^2 + lambda mean(difference^2)   for every layer l",
    caveat: text!(
        "A few steps only: with more of them, the early layers come closer still. The error at a layer says nothing about the pixels.",
        "只有很少的步数：步数更多时，浅层会更接近。层上的误差并不说明像素误差。",
    ),
    paper: Paper {
        cite: "Mahendran & Vedaldi 2015",
        title: "Understanding Deep Image Representations by Inverting Them",
        at: "arXiv:1412.0035",
    },
    needs: &[Need::Spatial],
    presets: &[],
    params: Params::SPECS,
};

params! {
    side: usize = side(text!("Side", "边长"), [96.0, 32.0, 224.0]),
    steps: usize = number(text!("Steps per layer", "每层步数"), [60.0, 1.0, 512.0, 1.0]),
    seed: u64 = SEED,
}

facts! {
    /// What is left of the photo, layer by layer.
    Facts { strip: Vec<Rebuilt> }
}

facts! {
    /// The relative error at a layer, and the correlation of the rebuilt picture's pixels with the photo's.
    Rebuilt { layer: String, error: f32, correlation: f32 }
}

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use super::{Facts, Params, Rebuilt};
    use crate::engine::Device;
    use crate::engine::probe::Quiet;
    use crate::figure::Figure;
    use crate::methods::ascent::photo;
    use crate::methods::invert::{climb, code_of, likeness, remember};
    use crate::methods::{Ctx, MethodError};

    /// The photo, then one [`crate::figure::Kind::Photo`] figure `[3, side, side]` per convolution. Fact `strip`: per layer the
    /// relative `error` there and the `correlation` of the pixels.
    ///
    /// # Errors
    /// [`MethodError::Engine`] when the device fails or the visitor cancels.
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let (network, pace, side) = (ctx.network, ctx.pace, params.side);
        let (steps, seed, quiet) = (params.steps, params.seed, Quiet::new(pace));
        let original = ctx.picture(side);
        let (mut figures, mut strip) = (vec![photo(ctx, "photo", &original, side)], Vec::new());
        let layers: Vec<usize> = network.spec.blocks().concat();
        for (i, layer) in layers.iter().copied().enumerate() {
            let name = network.spec.name(layer);
            let codes = vec![code_of(network, &original, side, layer, pace).await?];
            let goal = vec![remember(layer, codes, None)];
            let mut climb = climb(&network.spec, layer, side, &[seed]);
            for step in 0..steps {
                climb.advance(network, &goal, &quiet).await?;
                pace.tick(i * steps + step + 1, layers.len() * steps).await?;
                if pace.due() {
                    let now = photo(ctx, name, &climb.shown()[0], side);
                    pace.preview_with(
                        figures.iter().cloned().chain([now]).collect(),
                        Facts { strip: strip.clone() }.entries().into(),
                    );
                }
            }
            let error = -climb.worth(network, &goal, &quiet).await?.first().copied().unwrap_or_default();
            strip.push(Rebuilt { layer: name.into(), error, correlation: likeness(&climb, &original) });
            figures.push(photo(ctx, name, &climb.shown()[0], side));
        }
        ctx.facts.extend(Facts { strip }.entries());
        Ok(figures)
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    let Facts { strip } = found.facts()?;
    let likeness: Vec<f64> = strip.iter().map(|kept| f64::from(kept.correlation)).collect();
    let layer = |i: usize| strip[i].layer.as_str();
    let last = strip.len().checked_sub(1)?;
    let kept = likeness.iter().take_while(|v| **v >= 0.5).count();
    let words = match kept {
        0 => text!(
            "The picture rebuilt from {begin} matches the photo by {first} of 1, the one from {end} by {last}.",
            "由 {begin} 还原的图像与照片的相似度为 {first}（满分为 1），由 {end} 还原的为 {last}。",
        ),
        _ => text!(
            "The picture rebuilt from {begin} matches the photo by {first} of 1; up to {until} it is at least one half, and from {end} it is {last}.",
            "由 {begin} 还原的图像与照片的相似度为 {first}（满分为 1）；直到 {until} 都不低于一半，由 {end} 还原的为 {last}。",
        ),
    };
    let [from, to] = [0, last].map(|i| format!("{:.2}", likeness[i]));
    let until = layer(kept.saturating_sub(1));
    let values = [("begin", layer(0)), ("first", &from), ("until", until), ("end", layer(last)), ("last", &to)];
    Some(say(words, lang, &values))
}
