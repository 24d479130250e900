//! Integrated gradients: the score's way from a blank picture to this one, split among the pixels.

use super::facts::facts;
use super::sentence::{Found, evidence, percent, say, two};
use super::spec::{Chosen, SCORE, TARGET, choice, number};
use crate::catalog::choice::words;
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::{Lang, text};
use crate::catalog::{MethodInfo, Score};

/// How menus, forms, links and the API describe Integrated gradients (Sundararajan et al. 2017).
pub const INFO: MethodInfo = MethodInfo {
    id: "integrated_gradients",
    family: Family::Gradient,
    name: text!("Integrated gradients", "积分梯度"),
    summary: text!(
        "Gradients are summed along a straight line from a blank picture to this one. Every pixel gets a share, \
         and the shares add up to the difference of the two scores: how closely is printed.",
        "从空白图沿直线走到这张图，沿途累积梯度。每个像素得到一份，所有份额之和等于两个得分之差；接近程度会打印出来。",
    ),
    formula: "IG_i = (x_i - x'_i) sum_k w_k ds_c(x' + a_k (x - x')) / dx_i;   sum IG = s_c(x) - s_c(x')",
    caveat: text!(
        "The blank picture is a choice: with a black one, black pixels get nothing, whatever they show.",
        "空白图的选择会影响结果：以黑色为基线时，黑色像素无论画的是什么都得不到份额。",
    ),
    paper: Paper {
        cite: "Sundararajan et al. 2017",
        title: "Axiomatic Attribution for Deep Networks",
        at: "arXiv:1703.01365",
    },
    needs: &[],
    presets: &[],
    params: Params::SPECS,
};

params! {
    class: Chosen = TARGET,
    score: Score = SCORE,
    baseline: Baseline = choice(text!("Blank picture", "基线图")),
    steps: usize = number(text!("Steps", "步数"), [50.0, 5.0, 400.0, 1.0]),
}

words! {
    /// The picture from which the straight line to the photo begins.
    Baseline {
        Black = "black",
        Grey = "grey",
        White = "white",
        Blur = "blur",
        /// The mean over these four.
        Average = "average",
    }
}

facts! {
    /// The sum of the map, what it should be (the difference of the scores), and the relative error of that.
    Facts { sum: f32, difference: f32, error: f32 }
}

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use super::{Baseline, Facts, Params};
    use crate::catalog::Want;
    use crate::catalog::choice::Fill;
    use crate::engine::image::filled;
    use crate::engine::{Device, Planes};
    use crate::figure::{Figure, Kind};
    use crate::methods::{Ctx, MethodError};

    /// One [`Kind::Heat`] figure of the input's size, signed, in units of the score; facts: `sum`, `difference`, `error`.
    ///
    /// # Errors
    /// [`MethodError::Parameter`] for a unit outside its layer; [`MethodError::Engine`] when the device fails or the visitor
    /// cancels.
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let target = ctx.explained(params.class, params.score).await?;
        let fills = match params.baseline {
            Baseline::Black => vec![Fill::Black],
            Baseline::Grey => vec![Fill::Grey],
            Baseline::White => vec![Fill::White],
            Baseline::Blur => vec![Fill::Blur],
            Baseline::Average => vec![Fill::Black, Fill::Grey, Fill::White, Fill::Blur],
        };
        let x = ctx.input();
        let blanks: Vec<Planes> = fills.iter().map(|fill| filled(&ctx.image.rgb, &ctx.network.spec, *fill)).collect();
        let between = |blank: &Planes, a: f64| {
            let mix = |(x, b): (&f32, &f32)| b + a as f32 * (x - b);
            Planes { shape: x.shape, data: x.data.iter().zip(&blank.data).map(mix).collect() }
        };
        let nodes = gauss_legendre(params.steps);
        let (n, size) = (nodes.len(), x.shape.h * x.shape.w);
        let steps: Vec<Vec<f32>> =
            blanks.iter().map(|b| x.dense().iter().zip(b.dense()).map(|(x, b)| x - b).collect()).collect();
        let mut map = vec![0.0_f32; size];
        let (pace, mut seen) = (ctx.pace, 0.0);
        let figures = |map: &[f32], share: f64| {
            let map = map.iter().map(|v| (f64::from(*v) / share) as f32).collect();
            vec![Figure::new(Kind::Heat, "integrated_gradients", [1, x.shape.h, x.shape.w], map)]
        };
        let input = |i: usize| between(&blanks[i / n], nodes[i % n].0);
        ctx.spread(n * blanks.len(), &Want::Gradient(target), input, |i, answer| {
            let weight = nodes[i % n].1 / blanks.len() as f64;
            for (k, (g, step)) in answer.iter().skip(1).zip(&steps[i / n]).enumerate() {
                map[k % size] += weight as f32 * g * step;
            }
            seen += weight;
            if pace.due() {
                pace.preview(figures(&map, seen));
            }
        })
        .await?;
        // the blank pictures' scores, and the picture's own
        let mut ends = vec![0.0_f32; blanks.len()];
        let input = |i: usize| blanks[i].clone();
        ctx.spread(blanks.len(), &target.want(), input, |i, answer| ends[i] = target.value(&answer)).await?;
        let start = ends.iter().sum::<f32>() / ends.len() as f32;
        let (sum, difference) = (map.iter().sum::<f32>(), ctx.value(target).await? - start);
        let error = (sum - difference).abs() / difference.abs().max(1e-6);
        ctx.facts.extend(Facts { sum, difference, error }.entries());
        Ok(figures(&map, 1.0))
    }

    /// Nodes and weights on 0..1, by Newton's method on the Legendre polynomial.
    fn gauss_legendre(n: usize) -> Vec<(f64, f64)> {
        let node = |i: usize| {
            let mut x = (std::f64::consts::PI * (i as f64 + 0.75) / (n as f64 + 0.5)).cos();
            let mut slope = 1.0;
            for _ in 0..100 {
                let (mut p, mut before) = (1.0, 0.0);
                for k in 0..n {
                    let k = k as f64;
                    (p, before) = (((2.0 * k + 1.0) * x * p - k * before) / (k + 1.0), p);
                }
                slope = n as f64 * (x * p - before) / (x * x - 1.0);
                let step = p / slope;
                x -= step;
                if step.abs() < 1e-15 {
                    break;
                }
            }
            (0.5 * (1.0 - x), 1.0 / ((1.0 - x * x) * slope * slope))
        };
        (0..n).map(node).collect()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn the_rule_is_exact_for_polynomials_of_degree_below_twice_its_size() {
            for n in [5, 50] {
                for degree in [0, 1, 2 * n as i32 - 1] {
                    let integral: f64 = gauss_legendre(n).iter().map(|(x, w)| w * x.powi(degree)).sum();
                    assert!((integral * f64::from(degree + 1) - 1.0).abs() < 1e-11, "{n} {degree} {integral}");
                }
            }
        }
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    let error = f64::from(found.facts::<Facts>()?.error);
    let words = text!("The shares do not quite add up: {share} is off.", "各份额之和并不精确：相差 {share}。");
    let warning = (error > 0.05).then(|| say(words, lang, &[("share", &percent(error, lang))]));
    Some(two(evidence(found, lang)?, warning, lang))
}
