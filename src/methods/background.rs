//! Background and foreground: whether the class stays when the object or its surroundings are exchanged.

use super::facts::{Sometimes, facts};
use super::sentence::{Found, loss, say, two};
use super::spec::{CLASS, REGION, SECOND, SEED};
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::{Lang, text};
use crate::catalog::{MethodInfo, Region};

/// How menus, forms, links and the API describe Background swap (Xiao et al. 2021).
pub const INFO: MethodInfo = MethodInfo {
    id: "background",
    family: Family::Bias,
    name: text!("Background swap", "背景替换"),
    summary: text!(
        "Mark the object with a box or brush (without a mark, what the class activation map lights up counts as the object). Then the \
         object alone, on grey, on noise, in the second picture; the background alone, with the object painted over, filled in from \
         around it, or tiled: which of the two carries the class?",
        "用方框或画笔标出物体（未标注时，以类激活图亮起的部分为物体）。然后分别只看物体（放在灰色、噪声或第二张图片上）和只看背景（物体被涂掉、由周围填补或平铺）：类别由哪一个承载？",
    ),
    formula: "background reliance = 1 - mean over new backgrounds of p_c(x') / p_c(x);   foreground reliance = 1 - mean over removals of p_c(x') / p_c(x)",
    caveat: text!(
        "The border of a pasted object is an edge that no photo has. A reliance on the background can be right: a boat is on water.",
        "拼贴物体的边界是照片中没有的边缘。依赖背景也可能合理：船就在水上。",
    ),
    paper: Paper {
        cite: "Xiao et al. 2021",
        title: "Noise or Signal: The Role of Image Backgrounds in Object Recognition",
        at: "arXiv:2006.09994",
    },
    needs: &[],
    presets: &[],
    params: Params::SPECS,
};

params! {
    class: Option<usize> = CLASS,
    region: Region = REGION,
    second: () = SECOND,
    seed: u64 = SEED,
}

facts! {
    /// What of the probability is gone with other backgrounds, and without the object; whether a map said which the object is.
    Facts { background_reliance: f32, foreground_reliance: f32, by_map: bool, map: Sometimes<String>, marked: Sometimes<f32> }
}

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use super::{Facts, Params, Sometimes};
    use crate::engine::Device;
    use crate::engine::change::gaussian_blur;
    use crate::engine::metrics::impute;
    use crate::engine::noise::Noise;
    use crate::figure::{Figure, Kind};
    use crate::methods::class_map::instead;
    use crate::methods::variants::{Variant, compare, dependence};
    use crate::methods::{Ctx, MethodError};

    /// Share of the map's largest value from which it counts as the object.
    const LIT: f32 = 0.4;

    /// The mask (a [`Kind::Magnitude`]), then the changed photos. Facts: the table `variants`, `background_reliance`,
    /// `foreground_reliance`, `marked` (share of the picture), `by_map` when nothing was marked.
    ///
    /// # Errors
    /// [`MethodError`]: a mask that covers nothing or everything; the device fails, or the visitor cancels.
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let (class, x, [h, w]) = (ctx.target(params.class).await?, ctx.pixels(), ctx.size());
        let region = &params.region;
        let mask = if region.0.is_empty() {
            let map = ctx.large_class_map(class).await?;
            let most = map.iter().fold(0.0_f32, |m, v| m.max(*v));
            map.iter().map(|v| f32::from(u8::from(*v > LIT * most))).collect()
        } else {
            region.mask(h, w)
        };
        let marked = mask.iter().sum::<f32>() / (h * w) as f32;
        if !(0.005..=0.995).contains(&marked) {
            return Err(MethodError::Parameter("region: covers nothing or everything; mark the object".into()));
        }
        let n = h * w;
        let mean = ctx.network.spec.mean;
        let mix = |inside: &dyn Fn(usize) -> f32, outside: &dyn Fn(usize) -> f32| -> Vec<f32> {
            (0..3 * n).map(|i| if mask[i % n] >= 0.5 { inside(i) } else { outside(i) }).collect()
        };
        let own = |i: usize| x[i];
        let grey = |i: usize| mean[i / n];
        let (blurred, noise) = (gaussian_blur(&x, [h, w], 12.0), Noise::new(params.seed, 0));
        let inside: Vec<usize> = (0..n).filter(|i| mask[*i] >= 0.5).collect();
        let (filled, tile) = (impute(&x, [h, w], &inside), tile(&mask, [h, w]));
        let mut new_background: Vec<Variant> = vec![
            ("object on grey".into(), mix(&own, &grey)),
            ("object on noise".into(), mix(&own, &|i| noise.uniform(i as u64))),
            ("background blurred".into(), mix(&own, &|i| blurred[i])),
        ];
        if let Ok(second) = ctx.second_picture(h) {
            new_background.push(("object in the second picture".into(), mix(&own, &|i| second[i])));
        }
        let count = new_background.len();
        let mut variants = new_background;
        variants.extend([
            ("object grey".to_owned(), mix(&grey, &own)),
            ("object filled in".to_owned(), filled),
            ("background tiled".to_owned(), mix(&|i| x[i / n * n + tile[i % n]], &own)),
        ]);
        let (before, said, photos) = compare(ctx, class, &variants).await?;
        let mean = |some: &[crate::methods::Judged]| some.iter().map(|j| j.p(class)).sum::<f32>() / some.len() as f32;
        let lost = |some: &[crate::methods::Judged]| dependence(before.p(class), mean(some));
        let told = Facts {
            background_reliance: lost(&said[..count]),
            foreground_reliance: lost(&said[count..]),
            by_map: region.0.is_empty(),
            map: Sometimes(instead(&ctx.network.spec).filter(|_| region.0.is_empty())),
            marked: Sometimes(Some(marked)),
        };
        ctx.facts.extend(told.entries());
        Ok(std::iter::once(Figure::new(Kind::Magnitude, "mask", [1, h, w], mask.clone())).chain(photos).collect())
    }

    /// For every pixel one of the background: itself, or the next one to the side (then above or below) by whole widths of the
    /// mask's box.
    fn tile(mask: &[f32], [h, w]: [usize; 2]) -> Vec<usize> {
        let inside = |i: &usize| mask[*i] >= 0.5;
        let columns: Vec<usize> = (0..w).filter(|x| (0..h).any(|y| inside(&(y * w + x)))).collect();
        let rows: Vec<usize> = (0..h).filter(|y| (0..w).any(|x| inside(&(y * w + x)))).collect();
        let (wide, high) = (
            columns.last().unwrap_or(&0) + 1 - columns.first().unwrap_or(&0),
            rows.last().unwrap_or(&0) + 1 - rows.first().unwrap_or(&0),
        );
        let find = |i: usize| {
            let (y, x) = (i / w, i % w);
            let aside =
                [x.checked_sub(wide), Some(x + wide)].into_iter().flatten().filter(|x| *x < w).map(|x| y * w + x);
            let above =
                [y.checked_sub(high), Some(y + high)].into_iter().flatten().filter(|y| *y < h).map(|y| y * w + x);
            // a mark too large for that: the nearest corner
            let corner = usize::from(2 * y > h) * (h - 1) * w + usize::from(2 * x > w) * (w - 1);
            aside.chain(above).find(|i| !inside(i)).unwrap_or(corner)
        };
        (0..h * w).map(|i| if inside(&i) { find(i) } else { i }).collect()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn tiles_come_from_the_background() {
            let mask: Vec<f32> = (0..100)
                .map(|i| f32::from(u8::from((3..6).contains(&(i % 10)) && (2..7).contains(&(i / 10)))))
                .collect();
            let tile = tile(&mask, [10, 10]);
            assert!(tile.iter().all(|i| mask[*i] < 0.5) && tile[24] == 21 && tile[0] == 0);
        }
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    let target = found.target(lang)?;
    let Facts { background_reliance, foreground_reliance, by_map: lit, map, .. } = found.facts()?;
    let words = text!(
        "With other backgrounds, the probability of {target} {background} on average; without the object, it {object}.",
        "更换背景后，{target}的概率平均{background}；去掉物体后，{object}。",
    );
    let by_map = text!("(The object is what {map} lights up.)", "（物体是指{map}亮起的部分。）");
    let cam = text!("the class activation map", "类激活图").get(lang);
    let map = map.0.map_or_else(|| cam.to_owned(), |map| found.named(&map, lang));
    let by_map = lit.then(|| say(by_map, lang, &[("map", &map)]));
    let (background, object) = (loss(background_reliance.into(), lang), loss(foreground_reliance.into(), lang));
    Some(two(say(words, lang, &[("target", &target), ("background", &background), ("object", &object)]), by_map, lang))
}
