//! The adversarial patch: a sticker that turns the decision wherever it lies.

use super::attack::Wish;
use super::facts::facts;
use super::sentence::{Found, percent, say, two};
use super::spec::{CLASS, SEED, choice, number};
use crate::catalog::MethodInfo;
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::{Lang, text};

/// How menus, forms, links and the API describe Adversarial patch (Brown et al. 2017, eq. 1).
pub const INFO: MethodInfo = MethodInfo {
    id: "patch",
    family: Family::Robustness,
    name: text!("Adversarial patch", "对抗补丁"),
    summary: text!(
        "A small square of any colours is trained so that, wherever it is laid on the photo, the present class falls (aim: away) or \
         the chosen one rises (towards): every step it is laid elsewhere. Shown: the patch, the photo with it at three places where it was not trained, and how often it wins at 16 \
         further places, beside a patch of noise.",
        "训练一小块任意颜色的方形补丁，使得无论贴在照片何处，当前类别都会下降（目的：远离），或所选类别都会上升（指向）：每一步都换一个位置。显示：补丁、贴在三个未训练过的位置的照片，以及在另外 16 个位置的成功率，并与噪声补丁比较。",
    ),
    formula: "towards: max_d, away: min_d of the mean over places t of log p_c(x with d at t);   steps along the sign of the gradient, d in 0..1",
    caveat: text!(
        "Trained on this one photo and this network, without turning or scaling. A printed sticker must also work on other photos, networks, angles and sizes.",
        "只针对这张照片和这个网络训练，且不旋转缩放。打印出来的贴纸还须对其他照片、网络、角度和大小有效。",
    ),
    paper: Paper { cite: "Brown et al. 2017, eq. 1", title: "Adversarial Patch", at: "arXiv:1712.09665" },
    needs: &[],
    presets: &[],
    params: Params::SPECS,
};

params! {
    class: Option<usize> = CLASS,
    aim: Wish = choice(text!("Aim", "目的")),
    patch_side: usize = number(text!("Side of the patch", "补丁边长"), [48.0, 8.0, 128.0, 1.0]),
    patch_steps: usize = number(text!("Steps", "步数"), [40.0, 1.0, 500.0, 1.0]),
    seed: u64 = SEED,
}

facts! {
    /// At what share of the places tried the patch reaches its aim, and at what share a patch of noise does.
    Facts { wins: f32, wins_noise: f32 }
}

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use serde_json::json;

    use super::{Facts, Params};
    use crate::catalog::{Score, Target, Want};
    use crate::engine::Device;
    use crate::engine::attack::Norm;
    use crate::engine::image::normalised;
    use crate::engine::noise::Noise;
    use crate::figure::Figure;
    use crate::methods::aftermath::{Intent, before_and_after, trajectory};
    use crate::methods::ctx::SMALL;
    use crate::methods::sentence::Changed;
    use crate::methods::{Ctx, Judged, MethodError};

    /// Places per step, and places at which the finished patch is tried.
    const PLACES: usize = 2;
    const TRIES: usize = 16;
    const STEP: f32 = 0.06;

    /// [`crate::figure::Kind::Photo`] figures: the patch, then the photo with it at three places. Facts: `wins` and `wins_noise` (share of
    /// further places where it reaches its aim), `classes` at the first of them, the chart `trajectory`.
    ///
    /// # Errors
    /// [`MethodError`]: a patch larger than half the picture, the class that is answered already; the device fails, or the
    /// visitor cancels.
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let before = ctx.judged().await?;
        let Intent { towards, own, class } = Intent::read(ctx, params.class, params.aim, &before).await?;
        let (x, [h, w]) = (ctx.pixels(), ctx.size());
        // it may hide a quarter of the picture at most; of one that is small by itself the default would hide more
        let (most, wanted) = (h.min(w) / 2, params.patch_side);
        if wanted > most && ctx.network.spec.card().input.size >= SMALL {
            return Err(MethodError::Parameter(format!(
                "patch_side = {wanted}: takes at most half the picture's {h} pixels"
            )));
        }
        let side = wanted.min(most).max(1);
        let (seed, steps) = (params.seed, params.patch_steps);
        let place = |i: usize| {
            let noise = Noise::new(seed, 1 + i as u64);
            [(noise.uniform(0) * (h - side) as f32) as usize, (noise.uniform(1) * (w - side) as f32) as usize]
        };
        let noise = Noise::new(seed, 0);
        let blank: Vec<f32> = (0..3 * (side * side) as u64).map(|i| noise.uniform(i)).collect();
        let (mut patch, mut path) = (blank.clone(), Vec::new());
        let spec = &ctx.network.spec;
        let want = Want::Gradient(Target::Class { class, score: Score::LogProbability });
        for step in 0..steps {
            let places: Vec<_> = (0..PLACES).map(|i| place(step * PLACES + i)).collect();
            let input = |i: usize| normalised(&laid(&x, [h, w], &patch, side, places[i]), [h, w], spec);
            let (mut g, mut p) = (vec![0.0_f32; patch.len()], 0.0);
            ctx.spread(PLACES, &want, input, |i, answer| {
                p += answer[0].exp() / PLACES as f32;
                let ([top, left], sign) = (places[i], if towards { 1.0 } else { -1.0 });
                for (k, g) in g.iter_mut().enumerate() {
                    let (c, row, column) = (k / (side * side), k / side % side, k % side);
                    *g += sign * answer[1 + (c * h + top + row) * w + left + column] / spec.std[c];
                }
            })
            .await?;
            path.push(p);
            Norm::Inf.step(&mut patch, &g, STEP);
            patch.iter_mut().for_each(|v| *v = v.clamp(0.0, 1.0));
            ctx.pace.tick(step + 1, steps).await?;
            if ctx.pace.due() {
                let photo = ctx.photo("with_patch", &laid(&x, [h, w], &patch, side, place(steps * PLACES)));
                ctx.pace.preview_with(vec![photo], json!({ "charts": [trajectory([(class, path.as_slice())])] }));
            }
        }
        // places that were not trained
        let fresh: Vec<_> = (0..TRIES).map(|i| place(steps * PLACES + i)).collect();
        let mut said = vec![None::<Judged>; 2 * TRIES];
        let shown = |i: usize| laid(&x, [h, w], if i < TRIES { &patch } else { &blank }, side, fresh[i % TRIES]);
        ctx.judge(2 * TRIES, shown, |i, judged| said[i] = Some(judged)).await?;
        let won = |j: &&Judged| if towards { j.top() == class } else { j.top() != own };
        let share = |some: &[Option<Judged>]| some.iter().flatten().filter(won).count() as f32 / TRIES as f32;
        let (wins, wins_noise) = (share(&said[..TRIES]), share(&said[TRIES..]));
        ctx.facts.extend(Facts { wins, wins_noise }.entries());
        if let Some(after) = &said[0] {
            ctx.facts.extend(Changed { classes: before_and_after(&before, after) }.entries());
        }
        ctx.tell(trajectory([(class, path.as_slice())]));
        let mut figures = vec![ctx.photo_at("patch", &patch, [side; 2])];
        figures.extend((0..3).map(|i| ctx.photo("with_patch", &laid(&x, [h, w], &patch, side, fresh[i]))));
        Ok(figures)
    }

    /// The picture with the patch at (top, left).
    fn laid(x: &[f32], [h, w]: [usize; 2], patch: &[f32], side: usize, [top, left]: [usize; 2]) -> Vec<f32> {
        let mut out = x.to_vec();
        for (k, row) in patch.chunks_exact(side).enumerate() {
            let at = (k / side * h + top + k % side) * w + left;
            out[at..at + side].copy_from_slice(row);
        }
        out
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    let (target, towards) = (found.target(lang)?, found.params::<Params>()?.aim == Wish::Towards);
    let Facts { wins, wins_noise } = found.facts()?;
    let (wins, noise) = (f64::from(wins), f64::from(wins_noise));
    let words = match (wins > 0.0, towards) {
        (false, false) => text!(
            "The attack failed: at none of the places tried does the sticker turn the answer away from {target}.",
            "攻击失败：在所有试过的位置，贴片都没有使答案离开{target}。",
        ),
        (false, true) => text!(
            "The attack failed: at none of the places tried does the sticker make the answer {target}.",
            "攻击失败：在所有试过的位置，贴片都没有使答案变成{target}。",
        ),
        (true, false) => text!(
            "The sticker turns the answer away from {target} at {wins} of the places tried, a sticker of noise at {noise}.",
            "在 {wins} 的位置上，贴片使答案离开{target}；噪声贴片为 {noise}。",
        ),
        (true, true) => text!(
            "The sticker makes the answer {target} at {wins} of the places tried, a sticker of noise at {noise}.",
            "在 {wins} 的位置上，贴片使答案变成{target}；噪声贴片为 {noise}。",
        ),
    };
    let no_better = text!("So it does no better than noise.", "因此它并不比噪声更有效。");
    let second = (wins > 0.0 && wins <= noise).then(|| say(no_better, lang, &[]));
    let (wins, noise) = (percent(wins, lang), percent(noise, lang));
    Some(two(say(words, lang, &[("target", &target), ("wins", &wins), ("noise", &noise)]), second, lang))
}
