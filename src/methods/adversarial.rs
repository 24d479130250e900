//! Adversarial examples: the smallest changes that turn the decision.

use super::attack::{EIGHT_BIT, Facts, Survival, Wish};
use super::class_map;
use super::facts::YesNo;
use super::sentence::{Found, answers, decimal, say, two};
use super::spec::{CLASS, SEED, choice, number};
use crate::catalog::MethodInfo;
use crate::catalog::choice::words;
use crate::catalog::method::{Family, Paper, Preset, PresetValue};
use crate::catalog::text::{Lang, text};
use crate::figure::told::class as key;

/// How menus, forms, links and the API describe Adversarial attack (Goodfellow et al. 2015; Madry et al. 2018, eq. 2; Moosavi-
/// Dezfooli et al. 2016, alg. 2).
pub const INFO: MethodInfo = MethodInfo {
    id: "adversarial",
    family: Family::Robustness,
    name: text!("Adversarial attack", "对抗攻击"),
    summary: text!(
        "The photo is changed along the gradient, by no more than a few grey levels, until the network answers something else \
         (or, aimed at a class, that class). Shown: the changed photo, the change ten times as strong, the class activation \
         maps before and after, how the probabilities moved step by step, how the change grows from layer to layer, and \
         whether it survives being saved.",
        "沿梯度方向改变照片，每个像素只改几个灰度级，直到网络给出别的答案（或指定的类别）。显示：改变后的照片、放大十倍的改变、前后的类激活图、概率逐步的变化、这一改变如何逐层放大，以及保存图片后是否仍然有效。",
    ),
    formula: "FGSM: x + e sign(g);   PGD: x <- P_e(x + a sign(g)) or P_e(x + a g / |g|);   DeepFool: r += (|f_k| / |w_k| + 1e-4) w_k / |w_k|,  x0 + 1.02 r;   g = -d log p_c / dx",
    caveat: text!(
        "It shows that this network can be misled by someone who knows its weights; chance does not find such changes (compare the corruptions).",
        "这说明知道权重的人可以误导这个网络；偶然的扰动很少会做到（参见“常见图像损坏”）。",
    ),
    paper: Paper {
        cite: "Goodfellow et al. 2015; Madry et al. 2018, eq. 2; Moosavi-Dezfooli et al. 2016, alg. 2",
        title: "Towards Deep Learning Models Resistant to Adversarial Attacks",
        at: "arXiv:1706.06083",
    },
    needs: &[],
    presets: &[Preset {
        // the class of the first such pictures (Szegedy et al. 2014, figure 5)
        name: text!("Into an ostrich", "变成鸵鸟"),
        params: &[("class", PresetValue::Number(9.0)), ("aim", PresetValue::Word("towards"))],
    }],
    params: Params::SPECS,
};

params! {
    class: Option<usize> = CLASS,
    attack: Attack = choice(text!("Attack", "攻击方法")),
    aim: Wish = choice(text!("Aim", "目的")),
    epsilon: f32 = number(text!("Epsilon (in units of 1/255)", "ε（单位 1/255）"), [2.0, 0.0, 16.0, 0.25]),
    attack_steps: usize = number(text!("Steps", "步数"), [10.0, 1.0, 200.0, 1.0]),
    step_size: f32 = number(text!("Step (share of epsilon)", "步长（占 ε 的比例）"), [0.25, 0.01, 1.0, 0.005]),
    random_start: RandomStart = choice(text!("Begins", "起点")),
    seed: u64 = SEED,
}

words! {
    /// How the photo is changed.
    Attack {
        Pgd = "pgd",
        Fgsm = "fgsm",
        PgdL2 = "pgd_l2",
        Deepfool = "deepfool",
    }
}

words! {
    /// Where projected steps begin.
    RandomStart {
        Shifted = "shifted",
        Photo = "photo",
    }
}

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use serde_json::json;

    use super::{Attack, Params, RandomStart};
    use crate::catalog::Score;
    use crate::engine::Device;
    use crate::engine::attack::{Norm, to_nearest};
    use crate::engine::score::top;
    use crate::figure::Figure;
    use crate::methods::aftermath::{Aftermath, Intent, trajectory};
    use crate::methods::{Ctx, Judged, MethodError, Seen};

    /// `DeepFool`: classes whose borders are looked at, and how far beyond the nearest one it goes.
    const CANDIDATES: usize = 10;
    const OVERSHOOT: f32 = 0.02;

    /// Figures and facts: see [`Aftermath`]. Epsilon is the largest change of a value; for L2 the root mean square change, so
    /// that one number means a like strength in both.
    ///
    /// # Errors
    /// [`MethodError`]: aimed at the class that the network answers already; the device fails, or the visitor cancels.
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let before = ctx.judged().await?;
        let Intent { towards, own, class } = Intent::read(ctx, params.class, params.aim, &before).await?;
        let (x, attack) = (ctx.pixels(), params.attack);
        let epsilon = params.epsilon / 255.0;
        let (norm, size) = match attack {
            Attack::PgdL2 => (Norm::Two, epsilon * (x.len() as f32).sqrt()),
            Attack::Pgd | Attack::Fgsm | Attack::Deepfool => (Norm::Inf, epsilon),
        };
        let (adversarial, path) = match attack {
            Attack::Deepfool => deepfool(ctx, own, towards.then_some(class), &x, params.attack_steps.max(50)).await?,
            Attack::Pgd | Attack::PgdL2 | Attack::Fgsm => {
                let steps = if attack == Attack::Fgsm { 1 } else { params.attack_steps };
                let step = if attack == Attack::Fgsm { size } else { size * params.step_size };
                let from = match params.random_start {
                    RandomStart::Shifted if attack != Attack::Fgsm => norm.start(&x, size, params.seed),
                    RandomStart::Shifted | RandomStart::Photo => x.clone(),
                };
                // down the own class's probability, or up the other's
                let (goal, sign) = if towards { (class, 1.0) } else { (own, -1.0) };
                descend(ctx, (norm, size, step, steps), (goal, sign), &x, from).await?
            }
        };
        Aftermath { own, goal: towards.then_some(class), before, x, adversarial, path }.finish(ctx).await
    }

    /// Projected gradient steps; returns the picture and what the network said at every step.
    async fn descend<D: Device>(
        ctx: &mut Ctx<'_, D>,
        (norm, size, step, steps): (Norm, f32, f32, usize),
        (goal, sign): (usize, f32),
        from: &[f32],
        mut x: Vec<f32>,
    ) -> Result<(Vec<f32>, Vec<Judged>), MethodError> {
        let mut path = Vec::new();
        for done in 0..steps {
            let mut seen = Seen::exact(ctx, &x);
            let mut view = ctx.on(&mut seen);
            let g: Vec<f32> = view.slope(goal, Score::LogProbability).await?.iter().map(|g| sign * g).collect();
            path.push(view.judged().await?);
            norm.step(&mut x, &g, step);
            norm.project(&mut x, from, size);
            ctx.pace.tick(done + 1, steps).await?;
            if ctx.pace.due() {
                preview(ctx, &x, &path, goal);
            }
        }
        Ok((x, path))
    }

    /// `DeepFool` in L2; aimed, only the goal's border counts.
    async fn deepfool<D: Device>(
        ctx: &mut Ctx<'_, D>,
        own: usize,
        goal: Option<usize>,
        from: &[f32],
        steps: usize,
    ) -> Result<(Vec<f32>, Vec<Judged>), MethodError> {
        let candidates = top(&ctx.logits().await?, CANDIDATES);
        let others: Vec<usize> = goal.map_or(candidates, |g| vec![g]).into_iter().filter(|k| *k != own).collect();
        let (mut x, mut r, mut path) = (from.to_vec(), vec![0.0_f32; from.len()], Vec::new());
        for done in 0..steps {
            let mut seen = Seen::exact(ctx, &x);
            let mut view = ctx.on(&mut seen);
            let judged = view.judged().await?;
            let reached = goal.map_or(judged.top() != own, |g| judged.top() == g);
            path.push(judged.clone());
            if reached {
                break;
            }
            let base = view.slope(own, Score::Logit).await?;
            let mut borders = Vec::new();
            for k in &others {
                let g = view.slope(*k, Score::Logit).await?;
                let w: Vec<f32> = g.iter().zip(&base).map(|(g, b)| g - b).collect();
                borders.push((judged.logits[*k] - judged.logits[own], w));
            }
            r.iter_mut().zip(to_nearest(&borders)).for_each(|(r, way)| *r += way);
            x = from.iter().zip(&r).map(|(f, r)| (f + (1.0 + OVERSHOOT) * r).clamp(0.0, 1.0)).collect();
            ctx.pace.tick(done + 1, steps).await?;
            if ctx.pace.due() {
                preview(ctx, &x, &path, own);
            }
        }
        Ok((x, path))
    }
    /// The picture and the class's probability so far.
    fn preview<D: Device>(ctx: &Ctx<'_, D>, x: &[f32], path: &[Judged], class: usize) {
        let p: Vec<f32> = path.iter().map(|j| j.p(class)).collect();
        let told = json!({ "charts": [trajectory([(class, p.as_slice())])] });
        ctx.pace.preview_with(vec![ctx.photo("adversarial", x)], told);
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    let Facts { flipped: YesNo(flipped), linf, classes, map } = found.facts()?;
    let [before, after] = answers(&classes)?;
    let (target, size, towards) = (found.class()?, f64::from(linf), found.params::<Params>()?.aim == Wish::Towards);
    // rounded up: it is a bound
    let most = decimal((10.0 * size - 1e-3).ceil() / 10.0);
    let words = match (flipped, towards) {
        (_, false) if before.class != target => text!(
            "Even unchanged, the photo is not taken for {target} but for {before}; after the attack it is taken for {after}.",
            "即使不加改变，照片也不被认作{target}，而是{before}；攻击之后被认作{after}。",
        ),
        (true, _) => text!(
            "Changing every pixel by at most {most}/255 turns {before} into {after}.",
            "每个像素最多改变 {most}/255，就使{before}变成{after}。",
        ),
        (false, false) => text!(
            "The attack failed: with every pixel changed by at most {most}/255, the answer is still {before}.",
            "攻击失败：每个像素最多改变 {most}/255，答案仍是{before}。",
        ),
        (false, true) => text!(
            "The attack failed: with every pixel changed by at most {most}/255, the answer is {after} and not {target}.",
            "攻击失败：每个像素最多改变 {most}/255，答案是{after}而不是{target}。",
        ),
    };
    let goal = key(target);
    let [before, after, target] = [before.class, after.class, target].map(|k| found.label(k, lang));
    let saved = found.rows::<Survival>().unwrap_or_default().into_iter().find(|row| row.0 == EIGHT_BIT);
    let lost = flipped && saved.is_some_and(|(_, row)| (row.answer == goal) != towards);
    let gone = text!("Saved as a picture file, the change no longer works.", "保存为图片文件后，这一改变不再有效。");
    let values = [("most", most.as_str()), ("before", &before?), ("after", &after?), ("target", &target?)];
    let told = two(say(words, lang, &values), lost.then(|| say(gone, lang, &[])), lang);
    Some(two(told, class_map::told(found, map.0.as_ref(), lang), lang))
}
