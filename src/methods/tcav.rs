//! Concept activation vectors: whether a class leans on a concept that the visitor can show in pictures.

use super::facts::rows;
use super::sentence::{Found, largest, percent, say};
use super::spec::{CLASS, GALLERY, Layer, SEED, group, layer, number, side};
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::{Lang, text};
use crate::catalog::{LayerRole, MethodInfo};

/// How menus, forms, links and the API describe TCAV (Kim et al. 2018, eq. 2).
pub const INFO: MethodInfo = MethodInfo {
    id: "tcav",
    family: Family::Concepts,
    name: text!("TCAV", "概念激活向量测试（TCAV）"),
    summary: text!(
        "A concept is shown by pictures: built-in ones (red, stripes ...), or your own groups of twenty and more. A linear classifier \
         finds its direction among the layer's channels; if moving that way raises the class for most of its pictures, the class \
         leans on the concept. What could be chance is not shown.",
        "用图片来表示一个概念：可用内置的（红色、条纹……），也可用您自己的一组图片（二十张以上）。线性分类器在该层的通道中找出概念的方向；若沿此方向移动能使该类的大多数图片得分上升，则该类依赖这一概念。可能只是偶然的结果不予显示。",
    ),
    formula: "v: unit normal of the classifier (concept against random);   TCAV = share of pictures with sum_ij ds_c/da_ij . v > 0;   p: Welch's t-test against random directions, times the number of concepts",
    caveat: text!(
        "Unstable with few pictures: more, and more varied ones, help. Means over places are used instead of the flattened layer. A \
         direction that raises the class need not be what people mean by the word.",
        "图片太少时不稳定：更多、更多样的图片会有帮助。这里用各位置的平均代替展平的整层。能使得分上升的方向不一定就是人们所说的那个概念。",
    ),
    paper: Paper {
        cite: "Kim et al. 2018, eq. 2",
        title: "Interpretability Beyond Feature Attribution: Quantitative Testing with Concept Activation Vectors (TCAV)",
        at: "arXiv:1711.11279",
    },
    needs: &[],
    presets: &[],
    params: Params::SPECS,
};

params! {
    class: Option<usize> = CLASS,
    concept: String = group(text!("Concept", "概念"), CONCEPTS),
    against: String = group(text!("Against", "对照"), &["random scenes"]),
    examples: String = group(text!("Pictures of the class", "该类的图片"), &["crops of the photo"]),
    gallery: () = GALLERY,
    layer: Layer = layer(text!("Layer", "层"), LayerRole::EndBeforeLast),
    concept_side: usize = side(text!("Side", "边长"), [112.0, 64.0, 224.0]),
    splits: usize = number(text!("Random splits", "随机划分次数"), [15.0, 5.0, 50.0, 1.0]),
    seed: u64 = SEED,
}

/// Built-in concepts; `all`: these and every group of the gallery.
const CONCEPTS: &[&str] = &["all", "red", "green", "blue", "yellow", "stripes", "checks", "dots", "random"];

rows! {
    /// The accuracy on held-out pictures, p after Bonferroni; and where both pass, the score and the share of its magnitude.
    Concept in "concepts" { accuracy: f32, p_value: f32, tcav: Option<f32>, magnitude: Option<f32>, verdict: String }
}

/// The verdict of a concept that chance does not explain.
const SIGNIFICANT: &str = "significant";

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use super::{Concept, Params, SIGNIFICANT};
    use crate::catalog::Want;
    use crate::engine::Device;
    use crate::engine::change::{mirrored, moved};
    use crate::engine::concept::{direction, welch};
    use crate::engine::image::{normalised, scaled};
    use crate::engine::noise::Noise;
    use crate::engine::scenes;
    use crate::figure::Figure;
    use crate::figure::told::Shade;
    use crate::methods::facts::Row;
    use crate::methods::{Ctx, MethodError};

    /// Built-in pictures per concept, and for comparison; crops of the photo.
    const SHOWN: usize = 30;
    const RANDOM: usize = 60;
    const CROPS: usize = 20;
    /// A concept is shown from this accuracy on, and below this probability of chance.
    const CHANCE: f64 = 0.05;
    const ACCURATE: f32 = 0.7;

    /// Two pictures of every concept and of the comparison. Facts: the table `concepts` (accuracy on held-out pictures, p after
    /// Bonferroni, and, where both pass, the score and the share of its magnitude), `pictures` (of the class). The last concept
    /// that passed is kept for activation maximisation (objective `concept`).
    ///
    /// # Errors
    /// [`MethodError`]: a group that the gallery has not got or that is too small; the device fails, or the visitor cancels.
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let (class, stage) = (ctx.target(params.class).await?, params.layer.0);
        let (side, seed, splits) = (params.concept_side, params.seed, params.splits);
        if !ctx.network.roles().feeds(stage) {
            return Err(MethodError::Parameter("layer: takes one that the head can see".into()));
        }
        let names: Vec<String> = match params.concept.as_str() {
            "all" => {
                let mut own: Vec<String> = ctx.gallery.iter().map(|m| m.group.clone()).collect();
                own.retain(|g| *g != params.against && *g != params.examples);
                own.sort_unstable();
                own.dedup();
                super::CONCEPTS[1..].iter().map(|c| (*c).to_owned()).chain(own).collect()
            }
            one => vec![one.to_owned()],
        };
        let random = match params.against.as_str() {
            "random scenes" => (0..RANDOM).map(|i| scenes::scene(side, Noise::new(seed, i as u64))).collect(),
            group => members(ctx, group, side)?,
        };
        let examples = match params.examples.as_str() {
            "crops of the photo" => crops(&ctx.picture(side), side, seed),
            group => members(ctx, group, side)?,
        };
        let against = answers(ctx, &random, side, Want::Means { stage }).await?;
        let slopes = answers(ctx, &examples, side, Want::Slopes { stage, class }).await?;
        ctx.fact("pictures", examples.len());
        let mut figures: Vec<Figure> =
            random.iter().take(2).map(|x| ctx.photo_at("random scenes", x, [side; 2])).collect();

        // what a direction between two halves of the comparison says: chance
        let chance: Vec<f32> = (0..splits)
            .filter_map(|s| {
                let noise = Noise::new(seed, 5_000 + s as u64);
                let half = |low: bool| -> Vec<Vec<f32>> {
                    let own = (0..against.len()).filter(|i| (noise.uniform(*i as u64) < 0.5) == low);
                    own.map(|i| against[i].clone()).collect()
                };
                direction(&half(true), &half(false), noise).map(|d| score(&slopes, &d.v).0)
            })
            .collect();
        let mut table = Concept::table(Shade::Plain);
        for (at, name) in names.iter().enumerate() {
            let noise = |i: usize| Noise::new(seed ^ 0x5eed, (at * 1_000 + i) as u64);
            let built_in = super::CONCEPTS[1..].contains(&name.as_str());
            let pictures = match built_in {
                true => (0..SHOWN).map(|i| scenes::concept(name, side, noise(i))).collect(),
                false => members(ctx, name, side)?,
            };
            let features = answers(ctx, &pictures, side, Want::Means { stage }).await?;
            let found: Vec<_> = (0..splits).filter_map(|s| direction(&features, &against, noise(500 + s))).collect();
            if found.is_empty() {
                return Err(MethodError::Parameter(format!("concept: {name} has fewer than three pictures")));
            }
            let count = found.len() as f32;
            let accuracy = found.iter().map(|d| d.accuracy).sum::<f32>() / count;
            let scores: Vec<(f32, f32)> = found.iter().map(|d| score(&slopes, &d.v)).collect();
            let own: Vec<f32> = scores.iter().map(|s| s.0).collect();
            let p = (welch(&own, &chance) * names.len() as f64).min(1.0);
            let passed = p < CHANCE && accuracy >= ACCURATE;
            let mean = |of: fn(&(f32, f32)) -> f32| passed.then(|| scores.iter().map(of).sum::<f32>() / count);
            let verdict = if passed { SIGNIFICANT } else { "not significant" };
            let (tcav, magnitude) = (mean(|s| s.0), mean(|s| s.1));
            let row = Concept { accuracy, p_value: p as f32, tcav, magnitude, verdict: verdict.into() };
            row.add_to(&mut table, name.clone());
            if passed {
                let mut v = vec![0.0; found[0].v.len()];
                found.iter().for_each(|d| v.iter_mut().zip(&d.v).for_each(|(v, d)| *v += d / count));
                ctx.recorded.concept = Some((stage, v));
            }
            figures.extend(pictures.iter().take(2).map(|x| ctx.photo_at(name, x, [side; 2])));
            ctx.pace.preview_with(Vec::new(), serde_json::json!({ "tables": [&table] }));
            ctx.pace.tick(at + 1, names.len()).await?;
        }
        ctx.tell(table);
        Ok(figures)
    }

    /// The share of pictures whose class rises along `v`, and the share of the change that is a rise.
    fn score(slopes: &[Vec<f32>], v: &[f32]) -> (f32, f32) {
        let along: Vec<f32> = slopes.iter().map(|g| g.iter().zip(v).map(|(g, v)| g * v).sum()).collect();
        let (up, whole) = (along.iter().map(|a| a.max(0.0)).sum::<f32>(), along.iter().map(|a| a.abs()).sum::<f32>());
        (along.iter().filter(|a| **a > 0.0).count() as f32 / along.len().max(1) as f32, up / whole.max(1e-12))
    }

    fn members<D: Device>(ctx: &Ctx<'_, D>, group: &str, side: usize) -> Result<Vec<Vec<f32>>, MethodError> {
        let own = ctx.gallery.iter().filter(|m| m.group == group);
        let pictures: Vec<Vec<f32>> = own.map(|m| scaled(&m.image.rgb, side)).collect();
        if pictures.is_empty() { Err(MethodError::NoGallery(group.to_owned())) } else { Ok(pictures) }
    }

    /// The photo at other places, sizes and sides.
    fn crops(x: &[f32], side: usize, seed: u64) -> Vec<Vec<f32>> {
        let crop = |i: usize| {
            let noise = Noise::new(seed, 9_000 + i as u64);
            let room = 0.15 * side as f32;
            let at = [0, 1].map(|k| room * (2.0 * noise.uniform(k) - 1.0));
            let turned = moved(x, [side; 2], 20.0 * (noise.uniform(2) - 0.5), 1.0 + 0.4 * noise.uniform(3), at);
            if i.is_multiple_of(2) { turned } else { mirrored(&turned, [side; 2]) }
        };
        (0..CROPS).map(crop).collect()
    }

    async fn answers<D: Device>(
        ctx: &Ctx<'_, D>,
        pictures: &[Vec<f32>],
        side: usize,
        want: Want,
    ) -> Result<Vec<Vec<f32>>, MethodError> {
        let mut answers = vec![Vec::new(); pictures.len()];
        let input = |i: usize| normalised(&pictures[i], [side; 2], &ctx.network.spec);
        ctx.spread(pictures.len(), &want, input, |i, answer| answers[i] = answer).await?;
        Ok(answers)
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    let (target, rows) = (found.target(lang)?, found.rows::<Concept>()?);
    let sure = |row: &Concept| row.verdict == SIGNIFICANT;
    let count = rows.iter().filter(|row| sure(&row.1)).count();
    // far from one half, either way
    let clear =
        |row: &Concept| row.tcav.filter(|_| sure(row)).map_or(f64::NEG_INFINITY, |v| (f64::from(v) - 0.5).abs());
    let best = largest(&rows, |row| clear(&row.1));
    let words = match (best, rows.len()) {
        (None, 1) => text!(
            "{concept} cannot be told from chance here, so nothing is said about {target}.",
            "{concept}在此无法与偶然区分，因此对{target}不作结论。",
        ),
        (None, _) => text!(
            "None of the {all} concepts can be told from chance here, so nothing is said about {target}.",
            "{all} 个概念都无法与偶然区分，因此对{target}不作结论。",
        ),
        (Some(_), 1) => text!(
            "More of {concept} raises {target} for {share} of its pictures.",
            "增加{concept}会使{target}在 {share} 的图片中上升。",
        ),
        _ => text!(
            "{count} of {all} concepts can be told from chance; most clearly, more of {concept} raises {target} for {share} of its pictures.",
            "{all} 个概念中有 {count} 个能与偶然区分；最明显的是：增加{concept}会使{target}在 {share} 的图片中上升。",
        ),
    };
    let (concept, row) = best.or(rows.first())?;
    let share = percent(row.tcav.unwrap_or_default().into(), lang);
    let (count, all) = (count.to_string(), rows.len().to_string());
    let concept = found.named(concept, lang);
    let values =
        [("target", target.as_str()), ("concept", &concept), ("share", &share), ("count", &count), ("all", &all)];
    Some(say(words, lang, &values))
}
