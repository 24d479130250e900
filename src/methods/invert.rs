//! Feature inversion: a picture with the same code, back from what a layer holds.

use super::facts::{Sometimes, facts};
use super::sentence::{Found, fill, percent, say};
use super::spec::{Layer, SECOND, SEED, START, Start, channels, choice, layer, number, side};
use crate::catalog::choice::words;
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::{Lang, text};
use crate::catalog::{LayerRole, MethodInfo, Unit};

/// How menus, forms, links and the API describe Feature inversion (Mahendran & Vedaldi 2015).
pub const INFO: MethodInfo = MethodInfo {
    id: "invert",
    family: Family::Synthesis,
    name: text!("Feature inversion", "特征反演"),
    summary: text!(
        "What does a layer still know of the photo? From noise, a picture is grown whose values at the layer are those of the \
         photo: whatever it gets wrong, the layer has forgotten or ignores. Ask for single channels or for a region, \
         or for what lies between two pictures.",
        "某一层还记得照片的什么？从噪声出发生成一幅图像，使它在该层的值与照片相同：它弄错的，就是该层已忘记或不在意的。也可以只问某些通道、某个区域，或两张图片之间的内容。",
    ),
    formula: "min_x |m (a(x) - a(photo))|^2 / |m a(photo)|^2 + lambda mean(difference^2);   spectrum: x = sigmoid(C irfft2(scale theta) / 4)",
    caveat: text!(
        "Many pictures share a code; this is the one that the start and the smoothness prefer. A small error at the layer does not \
         mean a small error in the pixels: both are printed.",
        "许多图像拥有相同的编码；这里给出的是起点与平滑项所偏好的那一幅。层上的误差小不代表像素误差小：两者都会列出。",
    ),
    paper: Paper {
        cite: "Mahendran & Vedaldi 2015",
        title: "Understanding Deep Image Representations by Inverting Them",
        at: "arXiv:1412.0035",
    },
    needs: &[],
    presets: &[],
    params: Params::SPECS,
};

params! {
    layer: Layer = layer(text!("Layer", "层"), LayerRole::EndBeforeLast),
    only: Vec<Unit> = channels(text!("Only these channels", "仅这些通道")),
    left: f64 = number(text!("Left edge", "左边界"), [0.0, 0.0, 0.99, 0.01]),
    top: f64 = number(text!("Top edge", "上边界"), [0.0, 0.0, 0.99, 0.01]),
    right: f64 = number(text!("Right edge", "右边界"), [1.0, 0.01, 1.0, 0.01]),
    bottom: f64 = number(text!("Bottom edge", "下边界"), [1.0, 0.01, 1.0, 0.01]),
    code: Wanted = choice(text!("Code", "编码")),
    second: () = SECOND,
    canvas: Stored = choice(text!("Picture stored as", "图像表示方式")),
    smoothness: Smoothness = choice(text!("Smoothness", "平滑度")),
    side: usize = side(text!("Side", "边长"), [128.0, 32.0, 224.0]),
    starts: usize = number(text!("Starts (0: four in the fifth block)", "起点数（0：第五卷积块为四）"), [0.0, 0.0, 8.0, 1.0]),
    steps: usize = number(text!("Steps", "步数"), [100.0, 1.0, 2048.0, 1.0]),
    seed: u64 = SEED,
    start: Start = START,
}

words! {
    /// What is inverted.
    Wanted {
        /// What the layer holds of the photo.
        Photo = "photo",
        /// Steps from that to what it holds of the second picture.
        Between = "between",
    }
}

words! {
    /// How the picture that grows is stored.
    Stored {
        Spectrum = "spectrum",
        Pixels = "pixels",
    }
}

words! {
    /// The weight of the penalty on differences between neighbours.
    Smoothness {
        /// As the layer needs it.
        Auto = "auto",
        Zero = "0",
        One = "1",
        Ten = "10",
    }
}

facts! {
    /// The relative error at the layer, and the correlation of the pixels with the photo's.
    Facts { relative_error: f64, pixel_correlation: Sometimes<f32> }
}

climbs!();

impl Params {
    /// Whether a part of the layer only is inverted.
    fn partial(&self) -> bool {
        !self.only.is_empty() || [self.left, self.top, self.right, self.bottom] != [0.0, 0.0, 1.0, 1.0]
    }
}

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
pub(super) use engine::{climb, code_of, likeness, remember};

#[cfg(feature = "engine")]
mod engine {
    use super::{Facts, Params, Smoothness, Sometimes, Stored, Wanted};
    use crate::catalog::NetworkSpec;
    use crate::engine::planes::Planes;
    use crate::engine::probe::Quiet;
    use crate::engine::synthesis::{Canvas, Climb, Code, Penalty, Recipe, Term, Update, normalised};
    use crate::engine::{Device, EngineError, Network, Pace};
    use crate::figure::Figure;
    use crate::figure::scale::correlation;
    use crate::methods::ascent_run::Run;
    use crate::methods::{Ctx, MethodError};

    /// The step after which the best of several starts goes on alone.
    const JUDGED: usize = 40;
    /// Pictures from one code to another.
    const BETWEEN: usize = 5;

    /// One [`crate::figure::Kind::Photo`] figure `[3, side, side]` (five between two pictures), then the first one's
    /// [`crate::figure::Kind::Film`]. Facts: see [`Run::finish`] (the objective is minus the error), `relative_error` at the
    /// layer, `pixel_correlation` with the photo.
    ///
    /// # Errors
    /// [`MethodError`]: channels of another layer, an empty region, no second picture, no climb to continue; the device fails,
    /// or the visitor cancels.
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let (network, pace) = (ctx.network, ctx.pace);
        let (layer, side) = (params.layer.0, params.side);
        let photo = ctx.picture(side);
        let mut codes = vec![code_of(network, &photo, side, layer, pace).await?];
        let mask = mask(params, layer, &codes[0])?;
        if params.code == Wanted::Between {
            let second = code_of(network, &ctx.second_picture(side)?, side, layer, pace).await?;
            let mix = |t: f32| codes[0].data.iter().zip(&second.data).map(|(a, b)| a + t * (b - a)).collect();
            let shape = codes[0].shape;
            codes = (0..BETWEEN).map(|i| Planes { shape, data: mix(i as f32 / (BETWEEN - 1) as f32) }).collect();
        }
        if let Some(mask) = &mask {
            codes.iter_mut().for_each(|code| code.data.iter_mut().zip(&mask.data).for_each(|(c, m)| *c *= m));
        }
        let between = codes.len();
        let goal = vec![remember(layer, codes, mask)];
        let run = match Run::kept(ctx, &params.key(), params.start, params.steps)? {
            Some(run) => run,
            None => {
                // the fifth block depends on where it begins (Mahendran and Vedaldi: four restarts): seeds from the given one on
                let starts = match params.starts {
                    0 if block(&network.spec, layer) > 4 => 4,
                    given => given.max(1) as u64,
                };
                let seed = params.seed;
                // between two codes only the code changes
                let seeds = if between > 1 { vec![seed; between] } else { (seed..seed + starts).collect() };
                let mut climb = climb(&network.spec, layer, side, &seeds);
                if params.canvas == Stored::Pixels {
                    climb = pixels(&network.spec, layer, &photo, side, &seeds);
                }
                let roughness = match params.smoothness {
                    Smoothness::Auto => None,
                    Smoothness::Zero => Some(0.0),
                    Smoothness::One => Some(1.0),
                    Smoothness::Ten => Some(10.0),
                };
                if let Some(given) = roughness {
                    climb.recipe.penalty.roughness = given;
                    climb.recipe.relax = 1.0;
                }
                let name = |i: usize| match between {
                    1 => network.spec.name(layer).to_owned(),
                    _ => format!("{} %", 100 * i / (between - 1)),
                };
                let run = Run::new(Box::new(params.key()), params.steps, climb, (0..between).map(name).collect());
                if between == 1 { run.best_at(JUDGED) } else { run }
            }
        };
        let figures = run.finish(ctx, &goal, 0).await?;
        let error = ctx.facts.get("objective").and_then(serde_json::Value::as_f64).unwrap_or_default();
        let pixel_correlation = Sometimes(ctx.recorded.kept.as_ref().map(|run| likeness(&run.climb, &photo)));
        ctx.facts.extend(Facts { relative_error: -error, pixel_correlation }.entries());
        Ok(figures)
    }

    /// What `layer` holds of a picture.
    pub async fn code_of<D: Device>(
        network: &Network<D>,
        x: &[f32],
        side: usize,
        layer: usize,
        pace: &dyn Pace,
    ) -> Result<Planes, EngineError> {
        let y = network.infer(&normalised(&network.spec, x, side), layer, &Quiet::new(pace)).await?;
        network.device().read(&y).await
    }

    /// The term that asks for these codes at the output of `layer`.
    pub fn remember<'a>(layer: usize, codes: Vec<Planes>, mask: Option<Planes>) -> Term<'a> {
        Term::new(layer, 1.0, Code { codes, mask })
    }

    /// Pearson's correlation of the first picture with the photo, over all values.
    pub fn likeness(climb: &Climb, photo: &[f32]) -> f32 {
        climb.shown().first().map_or(0.0, |x| correlation(x, photo))
    }

    /// Our recipe: spectrum, Adam; from the fourth block on a smoothness that fades (it keeps the first steps from noise).
    pub fn climb(spec: &NetworkSpec, layer: usize, side: usize, seeds: &[u64]) -> Climb {
        let roughness = if block(spec, layer) > 3 { 10.0 } else { 0.0 };
        let penalty = Penalty { roughness, ..Penalty::default() };
        let recipe = Recipe { penalty, relax: 0.95, ..Recipe::plain(Update::Adam(0.95), 0.05) };
        let canvas = Canvas::spectrum(side);
        let starts = seeds.iter().map(|seed| canvas.noise(*seed, 0, 0.01)).collect();
        Climb::new(canvas, recipe, side, seeds[0], starts)
    }

    /// Mahendran and Vedaldi's: grey levels around the mean, alpha norm (6, 8e-10) and total variation (2; 1, 10 or 100 in the
    /// deep layers), both halved and in units of the photo's own square norm. The step is Adam's, two grey levels: theirs was
    /// 3100 steps of momentum.
    fn pixels(spec: &NetworkSpec, layer: usize, photo: &[f32], side: usize, seeds: &[u64]) -> Climb {
        let plane = side * side;
        let grey = |(i, v): (usize, &f32)| (255.0 * (v - spec.mean[i / plane])).powi(2);
        let unit = 2.0 * photo.iter().enumerate().map(grey).sum::<f32>() / photo.len() as f32;
        let variation = [1.0, 1.0, 1.0, 10.0, 100.0][block(spec, layer).clamp(1, 5) - 1];
        let penalty = Penalty {
            roughness: variation * 255.0_f32.powi(2) / unit,
            extremes: 8e-10 * 255.0_f32.powi(6) / unit,
            ..Penalty::default()
        };
        let recipe = Recipe { penalty, ..Recipe::plain(Update::Adam(0.999), 2.0) };
        let canvas = Canvas::grey_levels(side, spec.mean);
        let starts = seeds.iter().map(|seed| canvas.noise(*seed, 0, 10.0)).collect();
        Climb::new(canvas, recipe, side, seeds[0], starts)
    }

    /// The block that a layer stands in, from 1; a block ends where the picture is halved.
    fn block(spec: &NetworkSpec, layer: usize) -> usize {
        spec.halvings(layer) as usize + 1
    }

    /// 1 at the channels and places that are asked for; `None` when all are.
    fn mask(params: &Params, layer: usize, code: &Planes) -> Result<Option<Planes>, MethodError> {
        let channels = &params.only;
        if channels.iter().any(|u| u.layer != layer) {
            return Err(MethodError::Parameter("only: takes channels of the chosen layer".into()));
        }
        let edge = |share: f64, n: usize| (share * n as f64).round() as usize;
        let (h, w) = (code.shape.h, code.shape.w);
        let (left, right) = (edge(params.left, w), edge(params.right, w));
        let (top, bottom) = (edge(params.top, h), edge(params.bottom, h));
        if left >= right || top >= bottom {
            let why = format!("left, top, right, bottom: hold none of the layer's {w} x {h} places");
            return Err(MethodError::Parameter(why));
        }
        if channels.is_empty() && (left, top, right, bottom) == (0, 0, w, h) {
            return Ok(None);
        }
        let mut mask = Planes::zeros(code.shape);
        for c in (0..code.shape.c).filter(|c| channels.is_empty() || channels.iter().any(|u| u.channel == *c)) {
            (top..bottom).for_each(|y| mask.row_mut(c, y)[left..right].fill(1.0));
        }
        let nothing = code.data.iter().zip(&mask.data).all(|(c, m)| c * m == 0.0);
        let why = || MethodError::Parameter("only: this part of the layer is silent on the photo".into());
        if nothing { Err(why()) } else { Ok(Some(mask)) }
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    let Facts { relative_error: error, pixel_correlation } = found.facts()?;
    let (likeness, params): (_, Params) = (f64::from(pixel_correlation.0?), found.params()?);
    let layer = found.net.name(params.layer.0);
    let part = text!("a part of {layer}", "{layer} 的一部分");
    let layer = match params.partial() {
        true => fill(part.get(lang), &[("layer", layer)]),
        false => layer.to_owned(),
    };
    let words = match likeness {
        // between two pictures the photo is not what is looked for
        _ if params.code == Wanted::Between => text!(
            "On the way between the two pictures, what {layer} holds is met up to an error of {error}.",
            "在两张图片之间，{layer} 所含的内容被还原到误差 {error}。",
        ),
        v if v >= 0.9 => text!(
            "From {layer} alone the photo comes back almost unchanged (likeness {likeness} of 1), with an error of {error} at the layer.",
            "仅凭 {layer}，照片几乎原样恢复（相似度 {likeness}，满分为 1），层上的误差为 {error}。",
        ),
        v if v >= 0.5 => text!(
            "From {layer} alone the photo comes back in part (likeness {likeness} of 1), with an error of {error} at the layer.",
            "仅凭 {layer}，照片部分恢复（相似度 {likeness}，满分为 1），层上的误差为 {error}。",
        ),
        _ => text!(
            "From {layer} alone the photo's pixels do not come back (likeness {likeness} of 1), with an error of {error} at the layer.",
            "仅凭 {layer}，照片的像素没有恢复（相似度 {likeness}，满分为 1），层上的误差为 {error}。",
        ),
    };
    let values = [("layer", layer.as_str()), ("likeness", &format!("{likeness:.2}")), ("error", &percent(error, lang))];
    Some(say(words, lang, &values))
}
