//! Integrated gradients: the score's way from a blank picture to this one, split among the pixels.

use crate::catalog::method::{CLASS, Paper, SCORE};
use crate::catalog::text::text;
use crate::catalog::{MethodInfo, ParamKind, ParamSpec};

/// See the fields.
pub const INFO: MethodInfo = MethodInfo {
    id: "integrated_gradients",
    name: text("Integrated gradients", "积分梯度"),
    summary: text(
        "From a blank picture to this one in a straight line, the gradient is collected on the way. Every pixel gets a share, \
         and the shares add up to the difference of the two scores: how closely is printed.",
        "从空白图沿直线走到这张图，沿途累积梯度。每个像素得到一份，所有份额之和等于两个得分之差；接近程度会打印出来。",
    ),
    formula: "IG_i = (x_i - x'_i) sum_k w_k ds_c(x' + a_k (x - x')) / dx_i;   sum IG = s_c(x) - s_c(x')",
    caveat: text(
        "The blank picture is a choice: with a black one, black pixels get nothing, whatever they show.",
        "空白图的选择会影响结果：以黑色为基线时，黑色像素无论画的是什么都得不到份额。",
    ),
    paper: Paper { cite: "Sundararajan et al. 2017", title: "Axiomatic Attribution for Deep Networks" },
    params: &[
        CLASS,
        SCORE,
        ParamSpec {
            id: "baseline",
            label: text("Blank picture", "基线图"),
            kind: ParamKind::Choice { default: "black", options: &["black", "grey", "white", "blur"] },
        },
        ParamSpec {
            id: "steps",
            label: text("Steps", "步数"),
            kind: ParamKind::Number { default: 50.0, min: 5.0, max: 400.0, step: 1.0 },
        },
    ],
};

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use crate::catalog::Want;
    use crate::engine::image::{Fill, filled};
    use crate::engine::{Kernels, Planes};
    use crate::figure::{Figure, Kind};
    use crate::methods::{Ctx, MethodError, Params};

    /// One [`Kind::Heat`] figure of the input's size, signed, in units of the score; facts: `sum`, `difference`, `error`.
    ///
    /// # Errors
    /// What the engine reports.
    pub async fn run<K: Kernels>(ctx: &mut Ctx<'_, K>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let target = ctx.explained(params).await?;
        let fill = Fill::named(params.word("baseline").unwrap_or_default());
        let (x, blank) = (ctx.input(), filled(&ctx.image.rgb, &ctx.network.spec, fill));
        let between = |a: f64| {
            let mix = |(x, b): (&f32, &f32)| b + a as f32 * (x - b);
            Planes { shape: x.shape, data: x.data.iter().zip(&blank.data).map(mix).collect() }
        };
        let nodes = gauss_legendre(params.whole("steps"));
        let want = Want::Gradient { class: target.class, score: target.score };
        let mut path = vec![0.0_f32; x.shape.len()];
        let (input, take) = (|k: usize| between(nodes[k].0), |k: usize, answer: Vec<f32>| {
            let w = nodes[k].1 as f32;
            path.iter_mut().zip(answer.iter().skip(1)).for_each(|(p, g)| *p += w * g);
        });
        ctx.spread(nodes.len(), &want, input, take).await?;
        let mut ends = [0.0_f32; 2];
        let input = |k: usize| between(k as f64);
        ctx.spread(2, &Want::Logits, input, |k, logits| ends[k] = target.score.value(&logits, target.class)).await?;

        let n = x.shape.h * x.shape.w;
        let shares: Vec<f32> =
            path.iter().zip(x.dense().iter().zip(blank.dense())).map(|(g, (x, b))| g * (x - b)).collect();
        let map = (0..n).map(|i| shares[i] + shares[n + i] + shares[2 * n + i]).collect();
        let (sum, difference) = (shares.iter().sum::<f32>(), ends[1] - ends[0]);
        ctx.fact("sum", sum);
        ctx.fact("difference", difference);
        ctx.fact("error", (sum - difference).abs() / difference.abs().max(1e-6));
        Ok(vec![Figure::new(Kind::Heat, "integrated_gradients", [1, x.shape.h, x.shape.w], map)])
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
