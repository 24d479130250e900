//! Deconvnet, as Zeiler and Fergus built it: one unit's activation, sent back through the layers to the pixels.

use super::facts::facts;
use super::sentence::{Found, fill, heat, lies, of, percent, say};
use super::spec::{CLASS, LAYER, Layer, channel, choice, number};
use crate::catalog::choice::words;
use crate::catalog::method::{Family, Paper};
use crate::catalog::picture::SIDES;
use crate::catalog::text::{Lang, Text, text};
use crate::catalog::{MethodInfo, Need};

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
    params: Params::SPECS,
};

/// The longest side that a picture can have.
const MOST: f64 = *SIDES.end() as f64;

params! {
    layer: Layer = LAYER,
    channel: Option<usize> = channel(text!("Channel", "通道")),
    units: Units = choice(text!("Units", "单元")),
    class: Option<usize> = CLASS,
    x: usize = number(text!("Column", "列"), [0.0, 0.0, MOST - 1.0, 1.0]),
    y: usize = number(text!("Row", "行"), [0.0, 0.0, MOST - 1.0, 1.0]),
}

words! {
    /// Which units of the channel are projected.
    Units {
        Strongest = "strongest",
        /// The nine strongest, each by itself.
        Nine = "nine",
        /// All of them together.
        Channel = "channel",
        /// The one at a column and a row.
        Place = "place",
        /// None of a channel: the class's score.
        Class = "class",
    }
}

facts! {
    /// The channel, and the first nine of its units that are projected.
    Facts { channel: usize, places: Vec<Place> }
}

facts! {
    /// A unit's column, row and value.
    Place { x: usize, y: usize, activation: f32 }
}

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use super::{Facts, Params, Place, Units};
    use crate::catalog::Field;
    use crate::catalog::{Score, Target};
    use crate::engine::kernels::Gate;
    use crate::engine::score::top;
    use crate::engine::{Device, EngineError, Planes};
    use crate::figure::{Figure, Kind};
    use crate::methods::{Ctx, MethodError};

    /// One [`Kind::Rgb`] figure `[3, H, W]`; for `nine`, mosaics of the units' receptive fields and of the photo's patches.
    /// Facts: `channel`, and the units' `places` with their activations.
    ///
    /// # Errors
    /// [`MethodError`]: a channel or place outside the layer; the device fails, or the visitor cancels.
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        if params.units == Units::Class {
            let class = ctx.target(params.class).await?;
            let back = ctx.gradient(Target::Class { class, score: Score::Logit }, 0, Gate::Deconvnet).await?;
            return Ok(vec![Figure::new(Kind::Rgb, "deconvnet", [3, back.shape.h, back.shape.w], back.dense())]);
        }
        let layer = params.layer.0;
        let a = ctx.stage(layer).await?;
        let s = a.shape;
        let strongest = || top(&(0..s.c).map(|c| a.channel(c).iter().sum()).collect::<Vec<f32>>(), 1)[0];
        let channel = params.channel.unwrap_or_else(strongest);
        let (x, y) = (params.x, params.y);
        let units = params.units;
        if channel >= s.c || units == Units::Place && (x >= s.w || y >= s.h) {
            let detail =
                format!("channel {channel} at ({x}, {y}): the layer has {} channels of {} x {}", s.c, s.w, s.h);
            return Err(MethodError::Parameter(detail));
        }
        let values = a.channel(channel);
        let places: Vec<usize> = match units {
            Units::Nine => top(&values, 9),
            Units::Place => vec![y * s.w + x],
            Units::Channel => (0..values.len()).collect(),
            Units::Strongest | Units::Class => top(&values, 1),
        };
        let told = |p: &usize| Place { x: p % s.w, y: p / s.w, activation: values[*p] };
        ctx.facts.extend(Facts { channel, places: places.iter().take(9).map(told).collect() }.entries());
        if units != Units::Nine {
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
    let Params { layer, units, .. } = found.params()?;
    if units == Units::Class {
        return heat(found, lang, of::DETAIL);
    }
    let Facts { channel, places } = found.facts()?;
    let channel = format!("{}:{channel}", found.net.name(layer.0));
    let [first, last] = [places.first()?, places.last()?].map(|place| f64::from(place.activation));
    let whole = units == Units::Channel;
    if first <= 0.0 && !whole {
        let words = text!("Channel {channel} does not answer there.", "通道 {channel} 在那里没有响应。");
        let nowhere =
            text!("Channel {channel} answers nowhere in this photo.", "通道 {channel} 在这张照片中没有任何响应。");
        let words = if units == Units::Place { words } else { nowhere };
        return Some(say(words, lang, &[("channel", &channel)]));
    }
    if units == Units::Nine {
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
