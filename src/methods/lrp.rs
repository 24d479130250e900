//! Layer-wise relevance propagation: the score is handed down, layer by layer, to the pixels, and nothing is lost on the way.

use super::sentence::{Found, evidence};
use super::spec::{Chosen, Param, TARGET, choice, choice_from, number};
use crate::catalog::MethodInfo;
use crate::catalog::choice::{Rules, words};
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::{Lang, text};

/// How menus, forms, links and the API describe LRP (Bach et al. 2015; Montavon et al. 2019, sec. 10.3).
pub const INFO: MethodInfo = MethodInfo {
    id: "lrp",
    family: Family::Relevance,
    name: text!("LRP", "LRP（逐层相关性传播）"),
    summary: text!(
        "The score of the class is relevance to be shared out. Every layer hands each unit's relevance down to the units that \
         excited it, in proportion to what they gave. What arrives at the pixels is printed as a share of the score; biases \
         keep the rest.",
        "把该类的得分当作待分配的相关性。每一层都按各输入的贡献比例，把单元的相关性交给激发它的下层单元。到达像素的总量占得分的比例会打印出来；其余由偏置吸收。",
    ),
    formula: "R_in = a (W'^T t),  t = R / (W' a + b' + e);   W' = W + gamma max(W, 0);   pixels: z^B",
    caveat: text!(
        "The rules are a choice (z+ and z^B follow from deep Taylor decomposition, others are rules of thumb): other rules share the same score out differently. Plain epsilon is kept as a lesson: noisy.",
        "规则由人选定（z+ 与 z^B 可由深度泰勒分解推出，其余是经验规则）：不同规则对同一得分的分配不同。保留纯 epsilon 规则作为教训：噪声很大。",
    ),
    paper: Paper {
        cite: "Bach et al. 2015; Montavon et al. 2019, sec. 10.3",
        title: "Layer-Wise Relevance Propagation: An Overview",
        at: "doi:10.1007/978-3-030-28954-6_10",
    },
    needs: &[],
    presets: &[],
    params: Params::SPECS,
};

params! {
    class: Chosen = TARGET,
    rules: Rules = rules(Rules::Tutorial),
    gamma: f32 = GAMMA,
    epsilon: f32 = EPSILON,
    biases: Biases = BIASES,
}

words! {
    /// Whether biases take their share of the relevance.
    Biases {
        /// They do, and it is missing below.
        With = "with",
        /// They are left out.
        Without = "without",
    }
}

/// The rules by which a method hands relevance down.
pub const fn rules(default: Rules) -> Param<Rules> {
    choice_from(text!("Rules", "规则"), default as usize)
}

/// The gamma of these rules.
pub const GAMMA: Param<f32> = number(text!("Gamma", "Gamma（γ）"), [0.25, 0.0, 10.0, 0.05]);
/// The epsilon of these rules.
pub const EPSILON: Param<f32> =
    number(text!("Epsilon (share of the rms)", "Epsilon（均方根的比例）"), [0.25, 0.0, 2.0, 0.01]);
/// Whether biases take their share by these rules.
pub const BIASES: Param<Biases> = choice(text!("Biases", "偏置"));

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use super::{Biases, Params};
    use crate::catalog::Score;
    use crate::catalog::choice::Rules;
    use crate::engine::Device;
    use crate::engine::rule::Composite;
    use crate::figure::{Figure, Kind};
    use crate::methods::{Ctx, MethodError};

    /// One [`Kind::Heat`] figure of the input's size, signed, in units of the score. Facts: `score`, `sum`, and
    /// `conservation`, their quotient.
    ///
    /// # Errors
    /// [`MethodError::Parameter`] for a unit outside its layer; [`MethodError::Engine`] when the device fails or the visitor
    /// cancels.
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let target = ctx.explained(params.class, Score::Logit).await?;
        let rules = Composite::new(params.rules, params.gamma, params.epsilon, params.biases == Biases::With);
        let r = ctx.relevance(target, &rules, |_, _| ()).await?;
        let (h, w) = (r.shape.h, r.shape.w);
        let [red, green, blue] = [0, 1, 2].map(|c| r.channel(c));
        let map: Vec<f32> = red.iter().zip(&green).zip(&blue).map(|((r, g), b)| r + g + b).collect();
        let (sum, score) = (map.iter().sum::<f32>(), ctx.total(target).await?);
        ctx.fact("score", score);
        ctx.fact("sum", sum);
        if params.rules != Rules::ExcitationContrast {
            ctx.fact("conservation", sum / score);
        }
        Ok(vec![Figure::new(Kind::Heat, "lrp", [1, h, w], map)])
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    evidence(found, lang)
}
