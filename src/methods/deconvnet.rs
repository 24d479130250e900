//! Deconvnet, as Zeiler and Fergus built it: one unit's activation, sent back through the layers to the pixels.

use super::sentence::{Found, fill, heat, lies, of, percent, say};
use crate::catalog::method::{CLASS, Family, Paper};
use crate::catalog::text::{Lang, Text, text};
use crate::catalog::{LayerRole, MethodInfo, Need, ParamKind, ParamSpec};

/// How menus, forms, links and the API describe Deconvnet (Zeiler & Fergus 2014, sec. 2.1).
pub const INFO: MethodInfo = MethodInfo {
    id: "deconvnet",
    family: Family::Unit,
    name: text!("Deconvnet", "反卷积网络"),
    summary: text!(
        "What in the picture made this unit answer: its activation alone goes back, pools are undone at the places where the \
         maxima were, the transposed filters are applied. For the strongest place, the nine strongest beside their patches of the \
         photo, the whole channel, or a place of your choice.",
        "图中的什么让这个单元有响应：只把它的激活值送回去，池化按最大值所在位置还原，卷积用转置的滤波器。可看最强位置、九个最强位置（与照片图块并列）、整个通道，或自选位置。",
    ),
    formula: "R <- unpool(R at the switches);  R <- max(R, 0);  R <- W' R",
    caveat: text!(
        "It shows the pattern that excites the unit in this picture, not everything that could (see activation maximisation).",
        "它显示这幅图中激发该单元的图案，而不是一切能激发它的图案（见激活最大化）。",
    ),
    paper: Paper {
        cite: "Zeiler & Fergus 2014, sec. 2.1",
        title: "Visualizing and Understanding Convolutional Networks",
        at: "arXiv:1311.2901",
    },
    needs: &[Need::Relu],
    presets: &[],
    params: &[
        ParamSpec { id: "layer", label: text!("Layer", "层"), kind: ParamKind::Layer { default: LayerRole::Last } },
        ParamSpec { id: "channel", label: text!("Channel", "通道"), kind: ParamKind::Channel },
        ParamSpec {
            id: "units",
            label: text!("Units", "单元"),
            kind: ParamKind::Choice {
                default: "strongest",
                options: &["strongest", "nine", "channel", "place", "class"],
            },
        },
        CLASS,
        ParamSpec {
            id: "x",
            label: text!("Column", "列"),
            kind: ParamKind::Number { default: 0.0, min: 0.0, max: 511.0, step: 1.0 },
        },
        ParamSpec {
            id: "y",
            label: text!("Row", "行"),
            kind: ParamKind::Number { default: 0.0, min: 0.0, max: 511.0, step: 1.0 },
        },
    ],
};

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use crate::catalog::Field;
    use crate::catalog::{Score, Target};
    use crate::engine::kernels::Gate;
    use crate::engine::score::top;
    use crate::engine::{Device, EngineError, Planes};
    use crate::figure::{Figure, Kind};
    use crate::methods::{Ctx, MethodError, Params};

    /// One [`Kind::Rgb`] figure `[3, H, W]`; for `nine`, mosaics of the units' receptive fields and of the photo's patches.
    /// Facts: `channel`, and the units' `places` with their activations.
    ///
    /// # Errors
    /// [`MethodError`]: a channel or place outside the layer; the device fails, or the visitor cancels.
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        if params.word("units") == Some("class") {
            let class = ctx.target(params.class("class")).await?;
            let back = ctx.gradient(Target::Class { class, score: Score::Logit }, 0, Gate::Deconvnet).await?;
            return Ok(vec![Figure::new(Kind::Rgb, "deconvnet", [3, back.shape.h, back.shape.w], back.dense())]);
        }
        let layer = params.layer("layer");
        let a = ctx.stage(layer).await?;
        let s = a.shape;
        let strongest = || top(&(0..s.c).map(|c| a.channel(c).iter().sum()).collect::<Vec<f32>>(), 1)[0];
        let channel = params.channel("channel").unwrap_or_else(strongest);
        let (x, y) = (params.whole("x"), params.whole("y"));
        let units = params.word("units").unwrap_or_default();
        if channel >= s.c || units == "place" && (x >= s.w || y >= s.h) {
            let detail =
                format!("channel {channel} at ({x}, {y}): the layer has {} channels of {} x {}", s.c, s.w, s.h);
            return Err(MethodError::Parameter(detail));
        }
        let values = a.channel(channel);
        let places: Vec<usize> = match units {
            "nine" => top(&values, 9),
            "place" => vec![y * s.w + x],
            "channel" => (0..values.len()).collect(),
            _ => top(&values, 1),
        };
        ctx.fact("channel", channel);
        let told =
            places.iter().take(9).map(|p| serde_json::json!({ "x": p % s.w, "y": p / s.w, "activation": values[*p] }));
        let told: Vec<_> = told.collect();
        ctx.fact("places", told);
        if units != "nine" {
            let back = project(ctx, layer, channel, &places, &a).await?;
            return Ok(vec![Figure::new(Kind::Rgb, "deconvnet", [3, back.shape.h, back.shape.w], back.dense())]);
        }
        let (field, photo) = (ctx.network.spec.receptive_field(layer), ctx.input());
        let Field::Window { x: field, .. } = field else {
            return Err(MethodError::Parameter("units = nine: every unit of this layer sees the whole picture".into()));
        };
        let (mut projections, mut patches) = (Mosaic::new(field.size), Mosaic::new(field.size));
        for (i, place) in places.iter().enumerate() {
            let back = project(ctx, layer, channel, &[*place], &a).await?;
            let corner = |p: usize| (p * field.stride) as isize + field.first;
            let corner = (corner(place % s.w), corner(place / s.w));
            projections.paste(i, &back, corner);
            patches.paste(i, &photo, corner);
            ctx.pace.tick(i + 1, places.len()).await?;
        }
        Ok(vec![projections.figure(Kind::Rgb, "projections"), patches.figure(Kind::Photo, "patches")])
    }

    /// The activations of `places` in `channel`, back to the pixels.
    async fn project<D: Device>(
        ctx: &mut Ctx<'_, D>,
        layer: usize,
        channel: usize,
        places: &[usize],
        a: &Planes,
    ) -> Result<Planes, MethodError> {
        let mut seed = Planes::zeros(a.shape);
        for p in places {
            let (x, y) = (p % a.shape.w, p / a.shape.w);
            seed.row_mut(channel, y)[x] = a.row(channel, y)[x];
        }
        let mut found = ctx.hand_down(layer, &seed, &[0], Gate::Deconvnet).await?;
        let missing = || MethodError::Engine(EngineError::NotComputed(ctx.network.spec.name(0).into()));
        found.remove(&0).ok_or_else(missing)
    }

    /// Three by three windows with a gap of two pixels.
    struct Mosaic {
        size: usize,
        data: Vec<f32>,
    }

    impl Mosaic {
        fn new(size: usize) -> Self {
            let side = 3 * size + 4;
            Self { size, data: vec![0.0; 3 * side * side] }
        }

        fn paste(&mut self, i: usize, from: &Planes, (x0, y0): (isize, isize)) {
            let side = 3 * self.size + 4;
            let (left, above) = (i % 3 * (self.size + 2), i / 3 * (self.size + 2));
            for c in 0..3 {
                for y in (0..self.size).filter(|y| (0..from.shape.h as isize).contains(&(y0 + *y as isize))) {
                    let row = from.row(c, (y0 + y as isize) as usize);
                    for x in (0..self.size).filter(|x| (0..from.shape.w as isize).contains(&(x0 + *x as isize))) {
                        self.data[(c * side + above + y) * side + left + x] = row[(x0 + x as isize) as usize];
                    }
                }
            }
        }

        fn figure(self, kind: Kind, name: &str) -> Figure {
            let side = 3 * self.size + 4;
            Figure::new(kind, name, [3, side, side], self.data)
        }
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    if found.word("units") == "class" {
        return heat(found, lang, of::DETAIL);
    }
    let channel = format!("{}:{}", found.word("layer"), found.fact("channel").as_u64()?);
    let at = |place: Option<&serde_json::Value>| place?["activation"].as_f64();
    let places = found.list("places")?;
    let (first, last) = (at(places.first())?, at(places.last())?);
    let whole = found.word("units") == "channel";
    if first <= 0.0 && !whole {
        let words = text!("Channel {channel} does not answer there.", "通道 {channel} 在那里没有响应。");
        let nowhere =
            text!("Channel {channel} answers nowhere in this photo.", "通道 {channel} 在这张照片中没有任何响应。");
        let words = if found.word("units") == "place" { words } else { nowhere };
        return Some(say(words, lang, &[("channel", &channel)]));
    }
    if found.word("units") == "nine" {
        // a layer of fewer places has no ninth
        if places.len() < 9 {
            return None;
        }
        let words = text!(
            "At its ninth strongest place, channel {channel} still answers with {share} of its peak.",
            "在第九强的位置，通道 {channel} 的响应仍有峰值的 {share}。",
        );
        return Some(say(words, lang, &[("channel", &channel), ("share", &percent(last / first, lang))]));
    }
    let what = fill(PATTERN.get(lang), &[("channel", &channel)]);
    lies(found.figures.first()?, lang, &what)
}

const PATTERN: Text = text!("detail that excites channel {channel}", "激发通道 {channel} 的细节");
