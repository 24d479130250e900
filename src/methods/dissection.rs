//! Network dissection: which channels fire where a concept is.

use super::sentence::{Found, say};
use crate::catalog::MethodInfo;
use crate::catalog::method::{Family, GALLERY, LAYER, Paper, REGION, SEED, number};
use crate::catalog::text::{Lang, text};

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
    params: &[
        LAYER,
        REGION,
        GALLERY,
        number("scenes", text!("Made scenes", "生成的场景数"), [24.0, 0.0, 200.0, 1.0]),
        number("quantile", text!("Share of places that count", "计入的位置比例"), [0.005, 0.001, 0.1, 0.001]),
        SEED,
    ],
};

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use crate::engine::Device;
    use crate::engine::image::{normalised, scaled};
    use crate::engine::noise::Noise;
    use crate::engine::probe::Quiet;
    use crate::engine::scenes::{KINDS, places, scene};
    use crate::figure::scale::{largest_first, percentile, resize};
    use crate::figure::told::{Cell, Shade, Table};
    use crate::figure::{Figure, Kind};
    use crate::methods::{Ctx, MethodError, Params};

    /// Pictures are looked at, and masks compared, at this side.
    const SIDE: usize = 112;
    /// From this overlap on a channel counts as a detector.
    const DETECTS: f32 = 0.04;
    const ROWS: usize = 24;
    const MAPS: usize = 4;

    /// A channel with the concept that it detects best.
    struct Unit {
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
        let (layer, region, network) = (params.layer("layer"), params.region("region"), ctx.network);
        let seed = params.whole("seed") as u64;
        let mut pictures = vec![ctx.picture(SIDE)];
        pictures.extend(ctx.gallery.iter().map(|m| scaled(&m.image.rgb, SIDE)));
        pictures.extend((0..params.whole("scenes")).map(|i| scene(SIDE, Noise::new(seed, i as u64))));
        let mut kinds: Vec<&str> = KINDS.to_vec();
        if !region.0.is_empty() {
            kinds.push("region");
        }
        // per picture the layer's maps, and where every concept is
        let (mut maps, mut masks) = (Vec::new(), Vec::new());
        for (i, x) in pictures.iter().enumerate() {
            let input = normalised(x, [SIDE; 2], &network.spec);
            maps.push(
                network.device().read(network.infer(&input, layer, &Quiet::new(ctx.pace)).await?.as_ref()).await?,
            );
            let mut found = places(x, SIDE);
            if !region.0.is_empty() {
                let marked = region.mask(SIDE, SIDE);
                found.push(marked.iter().map(|v| i == 0 && *v >= 0.5).collect());
            }
            masks.push(found);
            ctx.pace.tick(i + 1, 2 * pictures.len()).await?;
        }
        let sizes: Vec<usize> =
            (0..kinds.len()).map(|c| masks.iter().map(|m| m[c].iter().filter(|v| **v).count()).sum()).collect();
        let shape = maps[0].shape;
        let mut found: Vec<Unit> = Vec::new();
        let mut per_kind = vec![(0_usize, 0.0_f32, 0_usize); kinds.len()];
        for k in 0..shape.c {
            let all: Vec<f32> = maps.iter().flat_map(|m| m.channel(k)).collect();
            let threshold = percentile(&all, 1.0 - params.number("quantile") as f32);
            let (mut fires, mut here, mut both) = (0_usize, 0_usize, vec![0_usize; kinds.len()]);
            for (picture, (map, masks)) in maps.iter().zip(&masks).enumerate() {
                let own = map.channel(k);
                // nothing enlarged can be above what it is made of
                if own.iter().all(|v| *v <= threshold) {
                    continue;
                }
                let large = resize(&own, shape.w, shape.h, SIDE, SIDE);
                for (i, _) in large.iter().enumerate().filter(|(_, v)| **v > threshold) {
                    fires += 1;
                    here += usize::from(picture == 0);
                    both.iter_mut().zip(masks).for_each(|(b, m)| *b += usize::from(m[i]));
                }
            }
            let iou = |c: usize| both[c] as f32 / (fires + sizes[c] - both[c]).max(1) as f32;
            let Some(c) = (0..kinds.len()).max_by(|a, b| iou(*a).total_cmp(&iou(*b))) else { continue };
            found.push(Unit { channel: k, iou: iou(c), concept: c, here });
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
        let best: Vec<&Unit> = ranked.into_iter().map(|i| &found[i]).collect();
        let name = network.spec.name(layer);
        let mut units = Table::new("units", Shade::Bars, &["iou", "concept", "share_of_photo"]);
        for unit in best.iter().take(ROWS).filter(|u| u.iou > DETECTS) {
            let here = unit.here as f32 / (SIDE * SIDE) as f32;
            units.row(
                format!("{name}:{}", unit.channel),
                [Cell::from(unit.iou), kinds[unit.concept].into(), here.into()],
            );
        }
        let mut detectors = Table::new("detectors", Shade::Plain, &["channels", "iou", "best"]);
        for (c, (count, iou, k)) in per_kind.iter().enumerate() {
            detectors.row(kinds[c], [Cell::from(*count), (*iou).into(), format!("{name}:{k}").into()]);
        }
        ctx.tell(units);
        ctx.tell(detectors);
        ctx.fact("detectors", per_kind.iter().map(|k| k.0).sum::<usize>());
        ctx.fact("seen", pictures.len());
        let mut shown: Vec<&Unit> = best.iter().copied().filter(|u| u.here > 0).take(MAPS).collect();
        let least = shown.last().map_or(0.0, |u| u.iou);
        ctx.fact("silent", best.iter().filter(|u| u.here == 0 && u.iou > least).count());
        if shown.is_empty() {
            shown.extend(best.first());
        }
        let map = |unit: &Unit| {
            let title = format!("{name}:{} {}", unit.channel, kinds[unit.concept]);
            Figure::new(Kind::Magnitude, &title, [1, shape.h, shape.w], maps[0].channel(unit.channel))
        };
        Ok(shown.into_iter().map(map).collect())
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    let (layer, count) = (found.word("layer"), found.number("detectors")?);
    let all = found.net.channels(found.net.index(layer)?).to_string();
    let units = found.table("units")?;
    let Some(best) = units.rows().first() else {
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
    let (concept, count) = (found.named(units.word(best, "concept")?, lang), format!("{count:.0}"));
    let values =
        [("best", best[0].as_str()?), ("concept", &concept), ("all", &all), ("layer", layer), ("count", &count)];
    Some(say(words, lang, &values))
}
