//! RISE: random masks, each weighted with what the network still sees through it.

use super::facts::{Sometimes, facts};
use super::sentence::{Found, heat, of, say, two};
use super::spec::{Chosen, SEED, TARGET, choice, number};
use crate::catalog::MethodInfo;
use crate::catalog::choice::words;
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::{Lang, text};

/// How menus, forms, links and the API describe RISE (Petsiuk et al. 2018, eq. 6).
pub const INFO: MethodInfo = MethodInfo {
    id: "rise",
    family: Family::Perturbation,
    name: text!("RISE", "RISE（随机掩码）"),
    summary: text!(
        "Hundreds of soft random masks; each counts as much as the probability that the class keeps under it. Pixels that are \
         visible in the good masks light up. Two halves of the masks are compared: when they agree, there were enough.",
        "数百个柔和的随机掩码，每个按遮盖后该类保持的概率计权。在好掩码中可见的像素会亮起。把掩码分成两半比较：一致时说明数量已足够。",
    ),
    formula: "S = 1/(N p) sum_i p_c(x * M_i) M_i;   M: 7 x 7 coin tosses, enlarged, shifted",
    caveat: text!(
        "Below a few thousand masks the map is noisy; the printed correlation of its halves says how noisy.",
        "掩码少于几千个时图有噪声；打印的两半相关系数说明噪声有多大。",
    ),
    paper: Paper {
        cite: "Petsiuk et al. 2018, eq. 6",
        title: "RISE: Randomized Input Sampling for Explanation of Black-box Models",
        at: "arXiv:1806.07421",
    },
    needs: &[],
    presets: &[],
    params: Params::SPECS,
};

params! {
    class: Chosen = TARGET,
    masks: usize = number(text!("Masks", "掩码数"), [1000.0, 2.0, 8000.0, 1.0]),
    keep: f32 = number(text!("Share kept", "保留比例"), [0.5, 0.05, 1.0, 0.05]),
    stop: Stop = choice(text!("Stop", "停止")),
    seed: u64 = SEED,
}

/// From this correlation of its two halves on, a map is no longer noisy.
const ENOUGH: f32 = 0.95;

words! {
    /// When there are enough masks.
    Stop {
        /// As soon as two halves of them give the same map.
        Agreed = "agreed",
        /// When all are done.
        All = "all",
    }
}

facts! {
    /// The correlation of the maps of two halves of the masks, and how many masks there were.
    Facts { halves: f32, masks: Sometimes<usize> }
}

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use super::{ENOUGH, Facts, Params, Sometimes, Stop};
    use crate::catalog::Score;
    use crate::engine::Device;
    use crate::engine::image::masked;
    use crate::engine::noise::Noise;
    use crate::figure::scale::{correlation, resize, stats};
    use crate::figure::{Figure, Kind};
    use crate::methods::{Ctx, MethodError};

    const GRID: usize = 7;

    /// One [`Kind::Heat`] figure of the input's size around its mean, in units of probability; fact `halves`.
    ///
    /// # Errors
    /// [`MethodError::Parameter`] for a unit outside its layer; [`MethodError::Engine`] when the device fails or the visitor
    /// cancels.
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let (target, x) = (ctx.explained(params.class, Score::Logit).await?.probability(), ctx.input());
        let (count, keep, seed) = (params.masks, params.keep, params.seed);
        let (h, w) = (x.shape.h, x.shape.w);
        let mut halves = [vec![0.0_f32; h * w], vec![0.0_f32; h * w]];
        let figures = |[even, odd]: &[Vec<f32>; 2], count: usize| {
            let map: Vec<f32> = even.iter().zip(odd).map(|(a, b)| (a + b) / (count as f32 * keep)).collect();
            let mean = stats(&map).mean;
            vec![Figure::new(Kind::Heat, "rise", [1, h, w], map.iter().map(|v| v - mean).collect())]
        };
        let (pace, stop, mut done) = (ctx.pace, params.stop == Stop::Agreed, 0);
        // in rounds: 256, then four times as many, until the halves agree
        let mut until = if stop { 256.min(count) } else { count };
        loop {
            let input = |i: usize| masked(&x, &mask(seed, done + i, keep, h, w));
            ctx.spread(until - done, &target.want(), input, |i, answer| {
                let (i, value) = (done + i, target.value(&answer));
                halves[i % 2].iter_mut().zip(mask(seed, i, keep, h, w)).for_each(|(s, m)| *s += value * m);
                if pace.due() {
                    pace.preview(figures(&halves, i + 1));
                }
            })
            .await?;
            done = until;
            let agreed = correlation(&halves[0], &halves[1]);
            if done >= count || agreed >= ENOUGH {
                ctx.facts.extend(Facts { halves: agreed, masks: Sometimes(Some(done)) }.entries());
                break;
            }
            until = (4 * until).min(count);
        }
        Ok(figures(&halves, done))
    }

    /// Mask `i`: coin tosses on a grid, enlarged by one cell more than the picture, and shifted.
    fn mask(seed: u64, i: usize, keep: f32, h: usize, w: usize) -> Vec<f32> {
        let noise = Noise::new(seed, i as u64);
        let coins: Vec<f32> = (0..GRID * GRID).map(|k| f32::from(u8::from(noise.uniform(k as u64) < keep))).collect();
        let (cell_h, cell_w) = (h.div_ceil(GRID), w.div_ceil(GRID));
        let (large_h, large_w) = ((GRID + 1) * cell_h, (GRID + 1) * cell_w);
        let large = resize(&coins, GRID, GRID, large_w, large_h);
        let shift = |k: usize, n: usize| (noise.uniform(k as u64) * n as f32) as usize;
        let (left, above) = (shift(GRID * GRID, cell_w), shift(GRID * GRID + 1, cell_h));
        (0..h).flat_map(|y| large[(above + y) * large_w + left..][..w].iter().copied()).collect()
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    let noisy = found.facts::<Facts>()?.halves < ENOUGH;
    let words = text!(
        "The map is still noisy: two halves of the masks give different ones.",
        "图仍有噪声：两半蒙版得到的图不一致。",
    );
    Some(two(heat(found, lang, of::ABOVE_AVERAGE)?, noisy.then(|| say(words, lang, &[])), lang))
}
