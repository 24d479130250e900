//! Layer-wise relevance propagation: the score is handed down, layer by layer, to the pixels, and nothing is lost on the way.

use super::sentence::{Found, evidence};
use crate::catalog::method::{Family, Paper, TARGET};
use crate::catalog::text::{Lang, text};
use crate::catalog::{MethodInfo, ParamKind, ParamSpec};

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
    params: &[TARGET, RULES[0], RULES[1], RULES[2], RULES[3]],
};

/// The parameters of every method that hands relevance down, with the defaults of `rules` and `biases`.
pub const fn rules(default: &'static str, biases: &'static str) -> [ParamSpec; 4] {
    const NAMES: &[&str] =
        &["tutorial", "gamma_box", "epsilon_plus", "alpha2_beta1_flat", "excitation", "excitation_contrast", "epsilon"];
    [
        ParamSpec { id: "rules", label: text!("Rules", "规则"), kind: ParamKind::Choice { default, options: NAMES } },
        ParamSpec {
            id: "gamma",
            label: text!("Gamma", "Gamma（γ）"),
            kind: ParamKind::Number { default: 0.25, min: 0.0, max: 10.0, step: 0.05 },
        },
        ParamSpec {
            id: "epsilon",
            label: text!("Epsilon (share of the rms)", "Epsilon（均方根的比例）"),
            kind: ParamKind::Number { default: 0.25, min: 0.0, max: 2.0, step: 0.01 },
        },
        ParamSpec {
            id: "biases",
            label: text!("Biases", "偏置"),
            kind: ParamKind::Choice { default: biases, options: &["with", "without"] },
        },
    ]
}

const RULES: [ParamSpec; 4] = rules("tutorial", "with");

#[cfg(feature = "engine")]
pub use engine::{composite, run};

#[cfg(feature = "engine")]
mod engine {
    use crate::engine::Device;
    use crate::engine::rule::Composite;
    use crate::figure::{Figure, Kind};
    use crate::methods::{Ctx, MethodError, Params};

    /// One [`Kind::Heat`] figure of the input's size, signed, in units of the score. Facts: `score`, `sum`, and
    /// `conservation`, their quotient.
    ///
    /// # Errors
    /// [`MethodError::Parameter`] for a unit outside its layer; [`MethodError::Engine`] when the device fails or the visitor
    /// cancels.
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let target = ctx.explained(params).await?;
        let r = ctx.relevance(target, &composite(params), |_, _| ()).await?;
        let (h, w) = (r.shape.h, r.shape.w);
        let [red, green, blue] = [0, 1, 2].map(|c| r.channel(c));
        let map: Vec<f32> = red.iter().zip(&green).zip(&blue).map(|((r, g), b)| r + g + b).collect();
        let (sum, score) = (map.iter().sum::<f32>(), ctx.total(target).await?);
        ctx.fact("score", score);
        ctx.fact("sum", sum);
        if params.word("rules") != Some("excitation_contrast") {
            ctx.fact("conservation", sum / score);
        }
        Ok(vec![Figure::new(Kind::Heat, "lrp", [1, h, w], map)])
    }

    /// The rules of every part of the network that `params` name by a preset, with its gamma and epsilon.
    pub fn composite(params: &Params) -> Composite {
        let (gamma, epsilon) = (params.number("gamma") as f32, params.number("epsilon") as f32);
        Composite::named(
            params.word("rules").unwrap_or_default(),
            gamma,
            epsilon,
            params.word("biases") == Some("with"),
        )
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    evidence(found, lang)
}
