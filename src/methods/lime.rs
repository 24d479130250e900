//! LIME: a linear model of what the network answers when parts of the picture are switched off.

use super::facts::{Sometimes, facts};
use super::sentence::{Found, evidence, percent, say, two};
use super::spec::{Chosen, SEED, TARGET, choice, number};
use crate::catalog::MethodInfo;
use crate::catalog::choice::words;
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::{Lang, text};

/// How menus, forms, links and the API describe LIME (Ribeiro et al. 2016, eq. 1).
pub const INFO: MethodInfo = MethodInfo {
    id: "lime",
    family: Family::Perturbation,
    name: text!("LIME", "LIME（局部线性模型）"),
    summary: text!(
        "The picture is cut into superpixels. In each of many copies about half of them are replaced by their mean colour, and \
         a linear model is fitted to what the network answers: its coefficients say what each superpixel adds. How well a \
         linear model fits at all (R squared), and how much the coefficients change with the seed, is printed.",
        "把图像切成超像素。在许多副本中，约一半的超像素被其平均颜色替换，再用线性模型拟合网络的回答：系数表示每个超像素的贡献。打印线性模型拟合得如何（R²）以及系数随随机种子变化多大。",
    ),
    formula: "min_w sum_i k_i (f(x_i) - w.z_i - b)^2 + lambda |w|^2;   k_i = sqrt(exp(-d(z_i, 1)^2 / width^2)),  d cosine",
    caveat: text!(
        "The kernel width decides how much far copies count (at 0.25: 0.81 with 30 % hidden, 0.20 with 70 %), and a low R squared means that no linear model describes the network here.",
        "核宽度决定远处的副本占多大权重（0.25 时：遮住 30% 为 0.81，遮住 70% 为 0.20）；R² 低意味着这里没有线性模型能描述网络。",
    ),
    paper: Paper {
        cite: "Ribeiro et al. 2016, eq. 1",
        title: "\"Why Should I Trust You?\": Explaining the Predictions of Any Classifier",
        at: "arXiv:1602.04938",
    },
    needs: &[],
    presets: &[],
    params: Params::SPECS,
};

params! {
    class: Chosen = TARGET,
    shape: Shape = choice(text!("Segments", "分割方式")),
    segments: usize = number(text!("Number of segments", "分割数"), [60.0, 4.0, 400.0, 1.0]),
    samples: usize = number(text!("Samples", "样本数"), [1000.0, 30.0, 8000.0, 1.0]),
    width: f64 = number(text!("Kernel width", "核宽度"), [0.25, 0.01, 10.0, 0.01]),
    ridge: f64 = number(text!("Ridge", "岭回归正则系数"), [1.0, 0.0, 100.0, 0.1]),
    seed: u64 = SEED,
}

words! {
    /// How the picture is cut.
    Shape {
        /// Along colours (Achanta et al. 2012).
        Slic = "slic",
        Grid = "grid",
    }
}

facts! {
    /// How many segments there are, how well the linear model fits, and how much its coefficients change with the seed.
    Facts { segments: Sometimes<usize>, r2: f64, spread: Sometimes<f64> }
}

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use super::{Facts, Params, Shape, Sometimes};
    use crate::catalog::Score;
    use crate::engine::image::superpixels;
    use crate::engine::noise::Noise;
    use crate::engine::ridge::{Fitted, ridge};
    use crate::engine::{Device, Planes};
    use crate::figure::{Figure, Kind};
    use crate::methods::{Ctx, MethodError};

    /// One [`Kind::Heat`] figure of the input's size: every superpixel's coefficient, in units of the probability (or of the
    /// unit). Facts: `segments`, `r2`, `spread`: the mean standard deviation of the coefficients over three seeds, a third
    /// of the samples each.
    ///
    /// # Errors
    /// [`MethodError::Parameter`] for a unit outside its layer; [`MethodError::Engine`] when the device fails or the visitor
    /// cancels.
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let target = ctx.explained(params.class, Score::Logit).await?.probability();
        let x = ctx.input();
        let (h, w) = (x.shape.h, x.shape.w);
        let owner = match params.shape {
            Shape::Grid => {
                let side = ((params.segments as f64).sqrt().round() as usize).max(2);
                (0..h * w).map(|i| i / w * side / h * side + i % w * side / w).collect()
            }
            Shape::Slic => superpixels(&ctx.image.rgb, params.segments),
        };
        let count = owner.iter().max().map_or(0, |m| m + 1);
        let grey = means(&x, &owner, count);
        let (samples, seed) = (params.samples, params.seed);
        // a sample is on or off per segment; the very first shows everything
        let on = |i: usize| -> Vec<f64> {
            let noise = Noise::new(seed + (i % 3) as u64, (i / 3) as u64);
            (0..count).map(|k| f64::from(u8::from(i == 0 || noise.uniform(k as u64) < 0.5))).collect()
        };
        let input = |i: usize| {
            let (on, mut copy) = (on(i), x.clone());
            for (c, grey) in grey.iter().enumerate() {
                for y in 0..h {
                    for (v, k) in copy.row_mut(c, y).iter_mut().zip(&owner[y * w..]).filter(|(_, k)| on[**k] == 0.0) {
                        *v = grey[*k];
                    }
                }
            }
            copy
        };
        let (width, penalty) = (params.width, params.ridge);
        // samples `first`, `first + step`, ...
        let fit = |answers: &[f64], first: usize, step: usize| -> Fitted {
            let chosen = || (first..answers.len()).step_by(step);
            let rows: Vec<Vec<f64>> = chosen().map(on).collect();
            let weight = |row: &Vec<f64>| {
                let d = 1.0 - (row.iter().sum::<f64>() / count as f64).sqrt();
                (-(d / width).powi(2)).exp().sqrt()
            };
            let weights: Vec<f64> = rows.iter().map(weight).collect();
            ridge(&rows, &chosen().map(|i| answers[i]).collect::<Vec<_>>(), &weights, penalty)
        };
        let figure = |fit: &Fitted| {
            let map = owner.iter().map(|k| fit.coefficients[*k] as f32).collect();
            vec![Figure::new(Kind::Heat, "lime", [1, h, w], map)]
        };
        let (pace, mut answers) = (ctx.pace, Vec::with_capacity(samples));
        ctx.spread(samples, &target.want(), input, |_, answer| {
            answers.push(f64::from(target.value(&answer)));
            if answers.len() > count && pace.due() {
                pace.preview(figure(&fit(&answers, 0, 1)));
            }
        })
        .await?;
        let whole = fit(&answers, 0, 1);
        let thirds = [0, 1, 2].map(|third| fit(&answers, third, 3));
        let deviation = |k: usize| {
            let mean = thirds.iter().map(|f| f.coefficients[k]).sum::<f64>() / 3.0;
            (thirds.iter().map(|f| (f.coefficients[k] - mean).powi(2)).sum::<f64>() / 2.0).sqrt()
        };
        let spread = (0..count).map(deviation).sum::<f64>() / count as f64;
        let told = Facts { segments: Sometimes(Some(count)), r2: whole.r2, spread: Sometimes(Some(spread)) };
        ctx.facts.extend(told.entries());
        Ok(figure(&whole))
    }

    /// The mean of each segment in the three colours.
    fn means(x: &Planes, owner: &[usize], count: usize) -> [Vec<f32>; 3] {
        [0, 1, 2].map(|c| {
            let (mut sum, mut n) = (vec![0.0; count], vec![0.0; count]);
            for (v, k) in x.channel(c).iter().zip(owner) {
                sum[*k] += v;
                n[*k] += 1.0;
            }
            sum.iter().zip(&n).map(|(s, n): (&f32, &f32)| s / n.max(1.0)).collect()
        })
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    let fit = found.facts::<Facts>()?.r2;
    let words = text!(
        "The simple model behind it explains only {share} of what the network does: take it with care.",
        "背后的简单模型只解释了网络行为的 {share}：请谨慎看待。",
    );
    let warning = (fit < 0.5).then(|| say(words, lang, &[("share", &percent(fit, lang))]));
    Some(two(evidence(found, lang)?, warning, lang))
}
