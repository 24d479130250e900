//! Network dissection: which channels fire where a concept is.

use super::facts::{Sometimes, facts, rows};
use super::sentence::{Found, say};
use super::spec::{GALLERY, LAYER, Layer, REGION, SEED, number};
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::{Lang, text};
use crate::catalog::{MethodInfo, Region};

/// How menus, forms, links and the API describe Network dissection (Bau et al. 2017, eq. 1).
pub const INFO: MethodInfo = MethodInfo {
    id: "dissection",
    family: Family::Concepts,
    name: text!("Network dissection", "网络剖析"),
    summary: text!(
        "Every channel of the layer fires in its strongest places (the top half per cent over all pictures); every concept covers some \
         places: colours, light, edges, fine texture, and the region that you mark. Where the two cover each other, the channel \
         detects the concept. The first blocks match colours and edges; the last hardly match any of these.",
        "该层每个通道都有其最强的位置（所有图片中最强的 0.5%）；每个概念也覆盖一些位置：颜色、明暗、边缘、细纹理，以及您标出的区域。两者重合时，该通道就是这一概念的检测器。前几个卷积块对应颜色和边缘；最后几块与这些几乎都不对应。",
    ),
    formula: "IoU_k,c = sum |M_k and C| / sum |M_k or C| over pictures,   M_k: a_k enlarged > T_k,  P(a_k > T_k) = 0.005;   detector: IoU > 0.04",
    caveat: text!(
        "The paper has 63,000 pictures with 1,197 labelled concepts; here there are your photo, your gallery and made scenes, and \
         concepts that can be computed from pixels. A label is the best of these, not what the unit is for.",
        "原文使用 63,000 张图片和 1197 个标注概念；这里只有您的照片、您的图片集和生成的场景，以及能由像素算出的概念。标签只是其中最吻合的，并不代表该单元的用途。",
    ),
    paper: Paper {
        cite: "Bau et al. 2017, eq. 1",
        title: "Network Dissection: Quantifying Interpretability of Deep Visual Representations",
        at: "arXiv:1704.05796",
    },
    needs: &[],
    presets: &[],
    params: Params::SPECS,
};

params! {
    layer: Layer = LAYER,
    region: Region = REGION,
    gallery: () = GALLERY,
    scenes: usize = number(text!("Made scenes", "生成的场景数"), [24.0, 0.0, 200.0, 1.0]),
    quantile: f32 = number(text!("Share of places that count", "计入的位置比例"), [0.005, 0.001, 0.1, 0.001]),
    seed: u64 = SEED,
}

facts! {
    /// How many channels detect a concept, how many pictures were looked at, how many better ones fire in other pictures only.
    Facts { detectors: usize, seen: Sometimes<usize>, silent: Sometimes<usize> }
}

rows! {
    /// A channel's overlap with the concept that it detects best, and the share of the photo in which it fires.
    Detector in "units" { iou: f32, concept: String, share_of_photo: f32 }
}

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use super::{Detector, Facts, Params, Sometimes};
    use crate::engine::Device;
    use crate::engine::image::{normalised, scaled};
    use crate::engine::noise::Noise;
    use crate::engine::probe::Quiet;
    use crate::engine::scenes::{KINDS, places, scene};
    use crate::figure::scale::{largest_first, percentile, resize};
    use crate::figure::told::{Cell, Shade, Table};
    use crate::figure::{Figure, Kind};
    use crate::methods::facts::Row;
    use crate::methods::{Ctx, MethodError};

    /// Pictures are looked at, and masks compared, at this side, where the network takes it.
    const SIDE: usize = 112;
    /// From this overlap on a channel counts as a detector.
    const DETECTS: f32 = 0.04;
    const ROWS: usize = 24;
    const MAPS: usize = 4;

    /// A channel with the concept that it detects best.
    struct Best {
        channel: usize,
        iou: f32,
        concept: usize,
        /// In how many places of the photo it fires.
        here: usize,
    }

    /// The maps of the four best channels that fire on the photo. Facts: the table `units` (the best ones: IoU, concept, share of
    /// the photo where they fire), the table `detectors` (per concept: how many channels, the best IoU, and its channel),
    /// `detectors`, `seen` (pictures), `silent` (how many better ones fire in other pictures only).
    ///
    /// # Errors
    /// [`MethodError::Engine`] when the device fails or the visitor cancels.
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let (layer, region, network) = (params.layer.0, &params.region, ctx.network);
        let (seed, side) = (params.seed, network.spec.only_side().unwrap_or(SIDE));
        let mut pictures = vec![ctx.picture(side)];
        pictures.extend(ctx.gallery.iter().map(|m| scaled(&m.image.rgb, side)));
        pictures.extend((0..params.scenes).map(|i| scene(side, Noise::new(seed, i as u64))));
        let mut kinds: Vec<&str> = KINDS.to_vec();
        if !region.0.is_empty() {
            kinds.push("region");
        }
        // per picture the layer's maps, and where every concept is
        let (mut maps, mut masks) = (Vec::new(), Vec::new());
        for (i, x) in pictures.iter().enumerate() {
            let input = normalised(x, [side; 2], &network.spec);
            maps.push(
                network.device().read(network.infer(&input, layer, &Quiet::new(ctx.pace)).await?.as_ref()).await?,
            );
            let mut found = places(x, side);
            if !region.0.is_empty() {
                let marked = region.mask(side, side);
                found.push(marked.iter().map(|v| i == 0 && *v >= 0.5).collect());
            }
            masks.push(found);
            ctx.pace.tick(i + 1, 2 * pictures.len()).await?;
        }
        let sizes: Vec<usize> =
            (0..kinds.len()).map(|c| masks.iter().map(|m| m[c].iter().filter(|v| **v).count()).sum()).collect();
        let shape = maps[0].shape;
        let mut found: Vec<Best> = Vec::new();
        let mut per_kind = vec![(0_usize, 0.0_f32, 0_usize); kinds.len()];
        for k in 0..shape.c {
            let all: Vec<f32> = maps.iter().flat_map(|m| m.channel(k)).collect();
            let threshold = percentile(&all, 1.0 - params.quantile);
            let (mut fires, mut here, mut both) = (0_usize, 0_usize, vec![0_usize; kinds.len()]);
            for (picture, (map, masks)) in maps.iter().zip(&masks).enumerate() {
                let own = map.channel(k);
                // nothing enlarged can be above what it is made of
                if own.iter().all(|v| *v <= threshold) {
                    continue;
                }
                let large = resize(&own, shape.w, shape.h, side, side);
                for (i, _) in large.iter().enumerate().filter(|(_, v)| **v > threshold) {
                    fires += 1;
                    here += usize::from(picture == 0);
                    both.iter_mut().zip(masks).for_each(|(b, m)| *b += usize::from(m[i]));
                }
            }
            let iou = |c: usize| both[c] as f32 / (fires + sizes[c] - both[c]).max(1) as f32;
            let Some(c) = (0..kinds.len()).max_by(|a, b| iou(*a).total_cmp(&iou(*b))) else { continue };
            found.push(Best { channel: k, iou: iou(c), concept: c, here });
            for (c, kind) in per_kind.iter_mut().enumerate() {
                if iou(c) > kind.1 {
                    (kind.1, kind.2) = (iou(c), k);
                }
            }
            per_kind[c].0 += usize::from(iou(c) > DETECTS);
            if k % 16 == 15 {
                ctx.pace.tick(shape.c + k, 2 * shape.c).await?;
            }
        }
        let ranked = largest_first(&found.iter().map(|u| u.iou).collect::<Vec<_>>());
        let best: Vec<&Best> = ranked.into_iter().map(|i| &found[i]).collect();
        let name = network.spec.name(layer);
        let mut units = Detector::table(Shade::Bars);
        for unit in best.iter().take(ROWS).filter(|u| u.iou > DETECTS) {
            let here = unit.here as f32 / (side * side) as f32;
            let row = Detector { iou: unit.iou, concept: kinds[unit.concept].into(), share_of_photo: here };
            row.add_to(&mut units, format!("{name}:{}", unit.channel));
        }
        let mut detectors = Table::new("detectors", Shade::Plain, &["channels", "iou", "best"]);
        for (c, (count, iou, k)) in per_kind.iter().enumerate() {
            detectors.row(kinds[c], [Cell::from(*count), (*iou).into(), format!("{name}:{k}").into()]);
        }
        ctx.tell(units);
        ctx.tell(detectors);
        let mut shown: Vec<&Best> = best.iter().copied().filter(|u| u.here > 0).take(MAPS).collect();
        let least = shown.last().map_or(0.0, |u| u.iou);
        let told = Facts {
            detectors: per_kind.iter().map(|k| k.0).sum(),
            seen: Sometimes(Some(pictures.len())),
            silent: Sometimes(Some(best.iter().filter(|u| u.here == 0 && u.iou > least).count())),
        };
        ctx.facts.extend(told.entries());
        if shown.is_empty() {
            shown.extend(best.first());
        }
        let map = |unit: &Best| {
            let title = format!("{name}:{} {}", unit.channel, kinds[unit.concept]);
            Figure::new(Kind::Magnitude, &title, [1, shape.h, shape.w], maps[0].channel(unit.channel))
        };
        Ok(shown.into_iter().map(map).collect())
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    let (Layer(layer), count) = (found.params::<Params>()?.layer, found.facts::<Facts>()?.detectors);
    let (layer, all) = (found.net.name(layer), found.net.channels(layer).to_string());
    let units = found.rows::<Detector>()?;
    let Some((best, detector)) = units.first() else {
        let words = text!(
            "None of the {all} channels of {layer} matches one of the simple concepts that were tried.",
            "{layer} 的 {all} 个通道都不与所试的简单概念相符。",
        );
        return Some(say(words, lang, &[("all", &all), ("layer", layer)]));
    };
    let words = text!(
        "Channel {best} matches a simple concept best: {concept}. Matching at all: {count} of the {all} channels of {layer}.",
        "通道 {best} 与一个简单概念最相符：{concept}。{layer} 的 {all} 个通道中，共有 {count} 个与某个概念相符。",
    );
    let (concept, count) = (found.named(&detector.concept, lang), count.to_string());
    let values = [("best", *best), ("concept", &concept), ("all", &all), ("layer", layer), ("count", &count)];
    Some(say(words, lang, &values))
}
