//! Style transfer: what the photo shows, painted as the second picture is.

use super::facts::facts;
use super::sentence::{Found, percent, say};
use super::spec::{NEEDED_SECOND, SEED, START, Start, choice, number, side};
use crate::catalog::choice::words;
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::{Lang, text};
use crate::catalog::{MethodInfo, Need};

/// How menus, forms, links and the API describe Style transfer (Gatys et al. 2016).
pub const INFO: MethodInfo = MethodInfo {
    id: "style",
    family: Family::Synthesis,
    name: text!("Style transfer", "风格迁移"),
    summary: text!(
        "A picture that at one deep layer holds what the photo holds (content), and at the first layer of every block lets the same channels fire together \
         as in the second picture, wherever that is (style): layout from the one, texture from the other. It works because the two \
         are apart in this network; which of them it goes by when it names a class is another question.",
        "生成的图像在一个深层上与照片一致（内容），而在每个卷积块的第一层上，通道的共同激活与第二张图片一致，不论位置（风格）：布局来自前者，纹理来自后者。之所以可行，是因为这两者在该网络中彼此分离；至于它判断类别时依据哪一个，是另一个问题。",
    ),
    formula: "min_x |a - a(photo)|^2 / |a(photo)|^2 at a deep layer + w mean_l |G_l - G_l(style)|^2 / |G_l(style)|^2 at the first layer of every block,   G = a a^T / places",
    caveat: text!(
        "All five layers count equally, as in the paper, but each in units of its own style, and the ratio of style to content is this page's: numbers of other programs cannot be compared with these.",
        "与论文一样五层权重相等，但每层以其自身风格为单位，风格与内容之比由本页设定：与其他程序的数值不可直接比较。",
    ),
    paper: Paper {
        cite: "Gatys et al. 2016",
        title: "Image Style Transfer Using Convolutional Neural Networks",
        at: "doi:10.1109/CVPR.2016.265",
    },
    needs: &[Need::Spatial],
    presets: &[],
    params: Params::SPECS,
};

params! {
    second: () = NEEDED_SECOND,
    weight: f32 = number(text!("Weight of the style", "风格权重"), [10.0, 0.0, 1000.0, 0.1]),
    from: From = choice(text!("Begins as", "初始图像")),
    smoothness: f32 = number(text!("Smoothness", "平滑度"), [1.0, 0.0, 100.0, 0.1]),
    side: usize = side(text!("Side", "边长"), [160.0, 64.0, 448.0]),
    steps: usize = number(text!("Steps", "步数"), [150.0, 1.0, 2048.0, 1.0]),
    seed: u64 = SEED,
    start: Start = START,
}

words! {
    /// The picture that the climb begins with.
    From {
        Photo = "photo",
        Noise = "noise",
    }
}

facts! {
    /// Of what a climb tells: what the picture shown was worth, from look to look.
    Facts { shown: Vec<f32> }
}

climbs!();

#[cfg(feature = "engine")]
pub use engine::run;
#[cfg(feature = "engine")]
pub(super) use engine::{goal, recipe};

#[cfg(feature = "engine")]
mod engine {
    use super::{From, Params};
    use crate::catalog::LayerRole;
    use crate::engine::Device;
    use crate::engine::synthesis::{Canvas, Climb, Goal, Penalty, Recipe, Style, Term, Update};
    use crate::figure::Figure;
    use crate::methods::ascent_run::Run;
    use crate::methods::invert::{code_of, remember};
    use crate::methods::{Ctx, MethodError};

    /// One [`crate::figure::Kind::Photo`] figure `[3, side, side]`, then its [`crate::figure::Kind::Film`]. Facts: see
    /// [`Run::finish`].
    ///
    /// # Errors
    /// [`MethodError`]: no second picture, no climb to continue; the device fails, or the visitor cancels.
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let (side, seed, weight) = (params.side, params.seed, params.weight);
        let (photo, style) = (ctx.picture(side), ctx.second_picture(side)?);
        let goal = goal(ctx, (&photo, &style), side, weight).await?;
        let run = match Run::kept(ctx, &params.key(), params.start, params.steps)? {
            Some(run) => run,
            None => {
                let penalty = Penalty { roughness: params.smoothness, ..Penalty::default() };
                let recipe = recipe(penalty);
                let mut start = photo;
                if params.from == From::Noise {
                    let noise = Canvas::normalised(side, &ctx.network.spec).noise(seed, 0, 0.1);
                    start = noise.into_iter().map(|v| (v + 0.5).clamp(0.0, 1.0)).collect();
                }
                let climb = Climb::from_picture(recipe, side, seed, &start);
                Run::new(Box::new(params.key()), params.steps, climb, vec!["style".into()])
            }
        };
        run.finish(ctx, &goal, 0).await
    }

    /// How the pixels move: the step of the optimiser, and the penalty on rough pictures.
    pub fn recipe(penalty: Penalty) -> Recipe {
        Recipe { penalty, bounded: true, ..Recipe::plain(Update::Adam(0.999), 0.02) }
    }

    /// The photo's content and the other picture's style.
    pub async fn goal<D: Device>(
        ctx: &Ctx<'_, D>,
        (photo, style): (&[f32], &[f32]),
        side: usize,
        weight: f32,
    ) -> Result<Goal<'static>, MethodError> {
        let (network, pace) = (ctx.network, ctx.pace);
        let content = network.spec.role(LayerRole::MiddleBeforeLast);
        let mut goal = vec![remember(content, vec![code_of(network, photo, side, content, pace).await?], None)];
        // the first stage of every block
        let layers = network.spec.blocks().iter().filter_map(|block| block.first().copied());
        let share = weight / network.spec.blocks().len() as f32;
        for layer in layers {
            let y = code_of(network, style, side, layer, pace).await?;
            goal.push(Term::new(layer, share, Style::of(&y)));
        }
        Ok(goal)
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    let Facts { shown } = found.facts()?;
    // minus what is left to do
    let (first, last) = (f64::from(*shown.first()?), f64::from(*shown.last()?));
    let gone = 1.0 - last / first;
    let words = match gone {
        v if v > 0.0 => text!(
            "{share} of the way to the photo's content in the second picture's style is done.",
            "距离“照片的内容加第二张图片的风格”这一目标，已完成 {share}。",
        ),
        v if v <= 0.0 => text!(
            "The picture has come no closer to the photo's content in the second picture's style.",
            "图像没有更接近“照片的内容加第二张图片的风格”这一目标。",
        ),
        _ => return None,
    };
    Some(say(words, lang, &[("share", &percent(gone, lang))]))
}
