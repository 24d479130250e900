//! Activation maximisation: a picture grown from noise until a unit, a channel or a class answers most.

use super::facts::facts;
use super::recipes::{Gradient, Recipe};
use super::sentence::{Found, decimal, percent, say, two};
use super::spec::{Chosen, Layer, SCORE, SEED, START, Start, TARGET, channels, choice, layer, number, side};
use crate::catalog::choice::words;
use crate::catalog::method::{Family, Paper, Preset, PresetValue};
use crate::catalog::text::{Lang, text};
use crate::catalog::{LayerRole, MethodInfo, Score, Unit};

/// How menus, forms, links and the API describe Activation maximisation (Olah et al. 2017; Erhan et al. 2009).
pub const INFO: MethodInfo = MethodInfo {
    id: "maximise",
    family: Family::Synthesis,
    name: text!("Activation maximisation", "激活最大化"),
    summary: text!(
        "What does it want to see? From noise, a picture climbs the gradient of the target (a class, or the channel or neuron \
         that you chose on a feature map). The Lucid recipe shakes the picture at every step, so that \
         only what survives shaking grows. The recipes before it, and the tutorials', do less: compare what \
         the curve promises with what the picture holds.",
        "它想看到什么？从噪声出发，让图像沿目标（类别，或您在特征图上选择的通道、神经元）的梯度上升。Lucid 配方在每一步抖动图像，只有经得起抖动的内容才会生长。更早的配方与许多教程做得更少：请比较曲线的承诺与图像的实际。",
    ),
    formula: "theta <- theta + Adam(d f(warp(x)) / d theta),   x = sigmoid(C irfft2(scale theta) / 4);   f before the ReLU",
    caveat: text!(
        "One of many pictures that the target likes: another seed gives another one, and none of them has to look like anything in the world.",
        "这只是目标喜欢的众多图像之一：换一个随机种子会得到另一幅，而且它们不必像世界上的任何东西。",
    ),
    paper: Paper {
        cite: "Olah et al. 2017; Erhan et al. 2009",
        title: "Feature Visualization",
        at: "doi:10.23915/distill.00007",
    },
    needs: &[],
    presets: &[
        Preset {
            name: text!("Lucid (2017)", "Lucid（2017）"),
            params: &[
                ("recipe", PresetValue::Word("lucid")),
                ("side", PresetValue::Number(128.0)),
                ("steps", PresetValue::Number(256.0)),
                ("gradient", PresetValue::Word("plain")),
            ],
        },
        Preset {
            name: text!("Yosinski et al. (2015)", "Yosinski 等（2015）"),
            params: &[
                ("recipe", PresetValue::Word("yosinski")),
                ("side", PresetValue::Number(128.0)),
                ("steps", PresetValue::Number(1000.0)),
                ("gradient", PresetValue::Word("plain")),
            ],
        },
        Preset {
            name: text!("Keras", "Keras"),
            params: &[
                ("recipe", PresetValue::Word("keras")),
                ("side", PresetValue::Number(128.0)),
                ("steps", PresetValue::Number(200.0)),
                ("gradient", PresetValue::Word("plain")),
            ],
        },
        Preset {
            name: text!("As in many tutorials", "常见教程的做法"),
            params: &[
                ("class", PresetValue::Channel(LayerRole::Last, 63)),
                ("objective", PresetValue::Word("target")),
                ("recipe", PresetValue::Word("seed")),
                ("side", PresetValue::Number(224.0)),
                ("steps", PresetValue::Number(500.0)),
                ("gradient", PresetValue::Word("plain")),
            ],
        },
    ],
    params: Params::SPECS,
};

params! {
    class: Chosen = TARGET,
    score: Score = SCORE,
    objective: Objective = choice(text!("Objective", "目标函数")),
    others: Vec<Unit> = channels(text!("Other channels", "其他通道")),
    weight: f32 = number(text!("Their weight", "其权重"), [1.0, -4.0, 4.0, 0.1]),
    layer: Layer = layer(text!("Layer or direction at", "层 / 方向所在层"), LayerRole::EndBeforeLast),
    power: i32 = number(text!("Power of the angle", "夹角的幂"), [2.0, 0.0, 4.0, 1.0]),
    recipe: Recipe = choice(text!("Recipe", "配方")),
    gradient: Gradient = choice(text!("Gradient", "梯度")),
    side: usize = side(text!("Side", "边长"), [128.0, 32.0, 224.0]),
    steps: usize = number(text!("Steps", "步数"), [256.0, 1.0, 2048.0, 1.0]),
    seed: u64 = SEED,
    start: Start = START,
}

words! {
    /// What is climbed.
    Objective {
        Target = "target",
        Negative = "negative",
        Layer = "layer",
        Direction = "direction",
        Concept = "concept",
        Joint = "joint",
        Interpolation = "interpolation",
        Diversity = "diversity",
    }
}

facts! {
    /// Of what a climb tells: the objective that the picture shown reached, and its mean under random warps.
    Facts { objective: f64, shaken: f64 }
}

climbs!();

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use super::{Objective, Params};
    use crate::catalog::{LayerRole, Target, Unit};
    use crate::engine::Device;
    use crate::engine::synthesis::{Climb, Direction, Diversity, Energy, Goal, Of, OfClass, Term};
    use crate::figure::Figure;
    use crate::methods::ascent_run::Run;
    use crate::methods::recipes::{pre_relu, prepare};
    use crate::methods::spec::Chosen;
    use crate::methods::{Ctx, MethodError};

    /// Pictures from one channel to another.
    const BETWEEN: usize = 5;
    /// How many pictures climb together when they have to differ.
    const DIVERSE: usize = 4;
    /// Lucid's weight of the diversity.
    const APART: f32 = 100.0;
    /// Random warps that the finished picture is tried under.
    const TRIES: usize = 8;

    /// One [`crate::figure::Kind::Photo`] figure `[3, side, side]` per picture (five for an interpolation, four for diversity),
    /// then the first one's [`crate::figure::Kind::Film`]. Facts: see [`Run::finish`].
    ///
    /// # Errors
    /// [`MethodError`]: a neuron outside a map of this size, an objective that lacks its channels, no climb to continue; the
    /// device fails, or the visitor cancels.
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let (goal, count) = objective(ctx, params).await?;
        let run = match Run::kept(ctx, &params.key(), params.start, params.steps)? {
            Some(run) => run,
            None => {
                let (side, seed) = (params.side, params.seed);
                let (canvas, recipe, start) = prepare(&ctx.network.spec, params.recipe, params.gradient, side);
                // on the way from one channel to another only the objective changes
                let noise = |i: usize| if params.objective == Objective::Interpolation { 0 } else { i as u64 };
                let starts = (0..count).map(|i| start(&canvas, seed, noise(i))).collect();
                let name = |i: usize| if count == 1 { "maximise".into() } else { format!("#{}", i + 1) };
                let climb = Climb::new(canvas, recipe, side, seed, starts);
                Run::new(Box::new(params.key()), params.steps, climb, (0..count).map(name).collect())
            }
        };
        run.finish(ctx, &goal, TRIES).await
    }

    /// What is climbed, and by how many pictures.
    async fn objective<'a, D: Device>(ctx: &mut Ctx<'a, D>, params: &Params) -> Result<(Goal<'a>, usize), MethodError> {
        let word = params.objective;
        let (others, layer) = (params.others.as_slice(), params.layer.0);
        let weight = params.weight;
        if word == Objective::Layer {
            return Ok((vec![Term::new(layer, 1.0, Energy)], 1));
        }
        if word == Objective::Direction {
            let (layer, v) = direction(ctx, others, layer).await?;
            return Ok((vec![Term::new(layer, 1.0, Direction { v, power: params.power })], 1));
        }
        if word == Objective::Concept {
            let Some((layer, v)) = ctx.recorded.concept.clone() else {
                let why = "objective: there is no concept yet; run TCAV until one is significant";
                return Err(MethodError::Parameter(why.into()));
            };
            return Ok((vec![Term::new(layer, 1.0, Direction { v, power: params.power })], 1));
        }
        let target = aim(ctx, params).await?;
        let spec = &ctx.network.spec;
        let of = |unit: Unit, weight: f32, shares: Vec<f32>| {
            let unit = Unit { layer: pre_relu(spec, unit.layer), ..unit };
            Term::new(unit.layer, weight, Of { unit, shares })
        };
        let main = match target {
            Target::Unit(unit) => of(unit, if word == Objective::Negative { -1.0 } else { 1.0 }, Vec::new()),
            Target::Class { class, score } => {
                let look = OfClass { class, score };
                Term::new(ctx.network.output(), if word == Objective::Negative { -1.0 } else { 1.0 }, look)
            }
        };
        let lacking = |what: &str| Err(MethodError::Parameter(format!("others: {} takes {what}", word.word())));
        match (word, target, others) {
            (Objective::Joint, _, []) => lacking("at least one other channel"),
            (Objective::Joint, ..) => {
                let others = others.iter().map(|u| of(*u, weight, Vec::new()));
                Ok((std::iter::once(main).chain(others).collect(), 1))
            }
            (Objective::Interpolation, Target::Unit(unit), [other, ..]) => {
                let share = |i: usize| i as f32 / (BETWEEN - 1) as f32;
                let towards: Vec<f32> = (0..BETWEEN).map(share).collect();
                let from = towards.iter().map(|s| 1.0 - s).collect();
                Ok((vec![of(unit, 1.0, from), of(*other, 1.0, towards)], BETWEEN))
            }
            (Objective::Interpolation, ..) => lacking("a channel as its target and one other channel"),
            (Objective::Diversity, ..) => {
                let stage = match target {
                    Target::Unit(unit) => unit.layer,
                    Target::Class { .. } => ctx.network.spec.role(LayerRole::Last),
                };
                Ok((vec![main, Term::new(stage, APART, Diversity)], DIVERSE))
            }
            _ => Ok((vec![main], 1)),
        }
    }

    /// The sum of the channels, or what the photo is made of at `layer` (its mean over places); of length 1.
    async fn direction<D: Device>(
        ctx: &mut Ctx<'_, D>,
        others: &[Unit],
        layer: usize,
    ) -> Result<(usize, Vec<f32>), MethodError> {
        let layer = others.first().map_or(layer, |u| u.layer);
        if others.iter().any(|u| u.layer != layer) {
            return Err(MethodError::Parameter("others: a direction takes channels of one layer".into()));
        }
        let mut v = vec![0.0; ctx.network.spec.channels(layer)];
        others.iter().for_each(|u| v[u.channel] = 1.0);
        if others.is_empty() {
            let y = ctx.stage(layer).await?;
            v = (0..y.shape.c).map(|c| y.channel(c).iter().sum()).collect();
        }
        let length = v.iter().map(|v| v * v).sum::<f32>().sqrt().max(1e-12);
        Ok((layer, v.into_iter().map(|v| v / length).collect()))
    }

    /// The target; a neuron must lie in the map of a picture of this side.
    async fn aim<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Target, MethodError> {
        match params.class {
            Chosen::Unit(unit) => ctx.within(unit, [params.side, params.side]),
            class @ Chosen::Class(_) => ctx.explained(class, params.score).await,
        }
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    const PICTURE: &str = "the grown picture";
    let (target, Facts { objective: reached, shaken }) = (found.target(lang)?, found.facts()?);
    let Params { objective, score, .. } = found.params()?;
    let keeps = text!("Shaken a little, {picture} keeps {share} of its effect.", "稍加抖动后，其效果保留了 {share}。");
    let keeps = |picture: &str| {
        // more than all of it says no more than all of it
        let share = percent((shaken / reached).min(1.0), lang);
        say(keeps, lang, &[("share", &share), ("picture", picture)])
    };
    if objective != Objective::Target {
        return (reached > 0.0).then(|| keeps(PICTURE));
    }
    if reached <= 0.0 {
        let words = text!("The picture that was grown does not excite {target}.", "生成的图像没有激发{target}。");
        return Some(say(words, lang, &[("target", &target)]));
    }
    let told = &found.meta["target"];
    // what grows is the value before the ReLU, and a class's logit only when that was asked for: like with like
    let comparable = match found.unit() {
        Some(unit) => !found.net.is_relu(unit.layer),
        None => score == Score::Logit,
    };
    let photo = told["value"].as_f64().or(told["logit"].as_f64()).filter(|_| comparable);
    let Some(photo) = photo else { return Some(keeps(PICTURE)) };
    let times = reached / photo;
    let words = match photo > 0.0 && found.unit().is_some() {
        true => text!(
            "The grown picture excites {target} {times} times as strongly as the photo does.",
            "生成的图像对{target}的激发是照片的 {times} 倍。",
        ),
        false if reached > photo => text!(
            "The grown picture speaks more strongly for {target} than the photo does.",
            "生成的图像比照片更强地支持{target}。",
        ),
        false => text!(
            "The grown picture speaks no more strongly for {target} than the photo does.",
            "生成的图像并不比照片更支持{target}。",
        ),
    };
    Some(two(say(words, lang, &[("target", &target), ("times", &decimal(times))]), Some(keeps("it")), lang))
}
