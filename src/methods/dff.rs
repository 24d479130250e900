//! Deep feature factorisation: a layer's activations as a few parts, found without any class.

use super::facts::{Sometimes, facts};
use super::sentence::{Found, fill, largest, percent, say};
use super::spec::{LAYER, Layer, SEED, number};
use crate::catalog::MethodInfo;
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::{Lang, text};

/// How menus, forms, links and the API describe Deep feature factorisation (Collins et al. 2018, eq. 2).
pub const INFO: MethodInfo = MethodInfo {
    id: "dff",
    family: Family::Unit,
    name: text!("Deep feature factorisation", "深度特征分解"),
    summary: text!(
        "The activations of a layer are written as a sum of a few parts, each a pattern of channels and the places where it \
         occurs. No class is asked for: the parts are what the layer itself tells apart. At the last block each part is named \
         by what the head would say if it saw nothing else.",
        "把一层的激活写成少数几个部分之和：每个部分是一组通道的模式及其出现的位置。不涉及任何类别：这些部分就是该层自己能区分的东西。在最后一个卷积块，每个部分用“分类头若只看到它会说什么”来命名。",
    ),
    formula: "A = W H,  A, W, H >= 0;   H <- H (W^T A) / (W^T W H);   W <- W (A H^T) / (W H H^T)",
    caveat: text!(
        "The number of parts is a choice, and another seed can find other parts; the names are guesses of the head about a pattern it never saw alone.",
        "部分的个数由人选定，不同的随机种子可能得到不同的部分；名称只是分类头对单独模式的猜测，它从未单独见过这种模式。",
    ),
    paper: Paper {
        cite: "Collins et al. 2018, eq. 2",
        title: "Deep Feature Factorization For Concept Discovery",
        at: "arXiv:1806.10206",
    },
    needs: &[],
    presets: &[],
    params: Params::SPECS,
};

params! {
    layer: Layer = LAYER,
    parts: usize = number(text!("Parts", "部分数"), [5.0, 2.0, 12.0, 1.0]),
    rounds: usize = number(text!("Rounds", "迭代次数"), [100.0, 10.0, 1000.0, 1.0]),
    seed: u64 = SEED,
}

facts! {
    /// What the parts leave out (relative L2), and the parts.
    Facts { residual: Sometimes<f64>, legend: Vec<LegendEntry> }
}

facts! {
    /// A part's number in the map of labels, the share of places where it is the strongest, and, where the head reads the layer, the
    /// class that the part alone is taken for.
    LegendEntry { value: usize, share: f64, class: Sometimes<usize> }
}

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use super::{Facts, LegendEntry, Params, Sometimes};
    use crate::catalog::graph::HeadKind;
    use crate::engine::noise::Noise;
    use crate::engine::planes::Shape;
    use crate::engine::probe::Quiet;
    use crate::engine::score::top;
    use crate::engine::{Device, Planes};
    use crate::figure::{Figure, Kind};
    use crate::methods::{Ctx, MethodError};

    /// A [`Kind::Labels`] figure of the strongest part at each place, then every part's [`Kind::Magnitude`], in units of the
    /// activations. Facts: `residual` (relative L2 of what the parts leave out), and the labels' `legend`.
    ///
    /// # Errors
    /// [`MethodError`]: a convolution's output (its ReLU is meant); the device fails, or the visitor cancels.
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let layer = params.layer.0;
        let a = ctx.stage(layer).await?;
        let (s, places) = (a.shape, a.shape.h * a.shape.w);
        if ctx.network.spec.rectified(layer) {
            let name = ctx.network.spec.name(layer);
            return Err(MethodError::Parameter(format!("layer = {name}: takes a relu or pool layer")));
        }
        // smooth activations leave a little below 0, which no part can be made of
        let dense: Vec<f64> = a.dense().into_iter().map(|v| f64::from(v.max(0.0))).collect();
        let rounds = params.rounds;
        let mut f = Factors::new(&dense, s.c, places, params.parts, params.seed);
        for round in 0..rounds {
            f.update(&dense);
            ctx.pace.tick(round + 1, rounds).await?;
        }
        let maps: Vec<Vec<f32>> = (0..f.parts).map(|k| f.map(k)).collect();
        let strongest = |p: usize| (0..f.parts).max_by(|a, b| maps[*a][p].total_cmp(&maps[*b][p])).unwrap_or_default();
        let labels: Vec<f32> = (0..places).map(|p| strongest(p) as f32).collect();
        // the head's own input, or what a pool alone makes it of
        let (spec, roles) = (&ctx.network.spec, ctx.network.roles());
        let last = spec.stages().iter().copied().rfind(|at| roles.feeds(*at)).unwrap_or_default();
        let read = layer == last || spec.is_pool(last) && spec.below(last) == Some(layer);
        let names = read && roles.head() != HeadKind::Flat;
        let mut legend = Vec::new();
        for k in 0..f.parts {
            let share = labels.iter().filter(|l| **l == k as f32).count() as f64 / places as f64;
            let mut class = None;
            if names {
                let alone = Planes::from_dense(Shape::new(s.c, 1, 1), &f.centroid(&dense, k));
                let logits = ctx.logits_with(last, &alone, &Quiet::new(ctx.pace)).await?;
                class = top(&logits[0], 1).first().copied();
            }
            legend.push(LegendEntry { value: k, share, class: Sometimes(class) });
        }
        ctx.facts.extend(Facts { residual: Sometimes(Some(f.residual(&dense))), legend }.entries());
        let parts = maps
            .into_iter()
            .enumerate()
            .map(|(k, map)| Figure::new(Kind::Magnitude, &format!("part {}", k + 1), [1, s.h, s.w], map));
        let labels = Figure::new(Kind::Labels, "parts", [1, s.h, s.w], labels);
        Ok(std::iter::once(labels).chain(parts).collect())
    }

    /// `A = H^T W^T` with channels in rows: `a[c * places + p]`, `h[k * channels + c]`, `w[k * places + p]`.
    struct Factors {
        channels: usize,
        places: usize,
        parts: usize,
        h: Vec<f64>,
        w: Vec<f64>,
    }

    impl Factors {
        fn new(a: &[f64], channels: usize, places: usize, parts: usize, seed: u64) -> Self {
            let scale = (a.iter().sum::<f64>() / a.len() as f64 / parts as f64).sqrt();
            let draw = |sample, n: usize| {
                (0..n as u64).map(|i| scale * f64::from(Noise::new(seed, sample).uniform(i))).collect()
            };
            Self { channels, places, parts, h: draw(0, parts * channels), w: draw(1, parts * places) }
        }

        /// One round of multiplicative updates (Lee & Seung 2001), the channels' patterns first.
        fn update(&mut self, a: &[f64]) {
            let (n, m) = (self.places, self.channels);
            let above: Vec<f64> =
                (0..self.parts * m).map(|i| dot(&self.w[i / m * n..][..n], &a[i % m * n..][..n])).collect();
            ratio(&mut self.h, &above, &self.w, n, m);
            let mut above = vec![0.0; self.parts * n];
            for (k, above) in above.chunks_exact_mut(n).enumerate() {
                for c in 0..m {
                    let h = self.h[k * m + c];
                    above.iter_mut().zip(&a[c * n..]).for_each(|(s, v)| *s += h * v);
                }
            }
            ratio(&mut self.w, &above, &self.h, m, n);
        }

        fn residual(&self, a: &[f64]) -> f64 {
            let (mut off, mut whole) = (0.0, 0.0);
            for (i, v) in a.iter().enumerate() {
                let (c, p) = (i / self.places, i % self.places);
                let sum: f64 =
                    (0..self.parts).map(|k| self.h[k * self.channels + c] * self.w[k * self.places + p]).sum();
                off += (v - sum).powi(2);
                whole += v * v;
            }
            (off / whole.max(1e-30)).sqrt()
        }

        /// Where part `k` occurs, times the length of its pattern.
        fn map(&self, k: usize) -> Vec<f32> {
            let h = &self.h[k * self.channels..][..self.channels];
            let length = dot(h, h).sqrt();
            self.w[k * self.places..][..self.places].iter().map(|w| (w * length) as f32).collect()
        }

        /// The mean of the activations, weighted with where part `k` occurs.
        fn centroid(&self, a: &[f64], k: usize) -> Vec<f32> {
            let w = &self.w[k * self.places..][..self.places];
            let whole = w.iter().sum::<f64>().max(1e-30);
            a.chunks_exact(self.places).map(|channel| (dot(w, channel) / whole) as f32).collect()
        }
    }

    /// `x <- x above / ((other other^T) x)`: `other` has rows of `n`, `x` rows of `m`.
    fn ratio(x: &mut [f64], above: &[f64], other: &[f64], n: usize, m: usize) {
        let parts = other.len() / n;
        let gram: Vec<f64> =
            (0..parts * parts).map(|i| dot(&other[i / parts * n..][..n], &other[i % parts * n..][..n])).collect();
        let old = x.to_vec();
        for (i, v) in x.iter_mut().enumerate() {
            let below: f64 = (0..parts).map(|k| gram[i / m * parts + k] * old[k * m + i % m]).sum();
            *v *= above[i] / (below + 1e-12);
        }
    }

    fn dot(a: &[f64], b: &[f64]) -> f64 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    let Facts { legend: parts, .. } = found.facts()?;
    let most = largest(&parts, |part| part.share)?;
    let share = percent(most.share, lang);
    // named at the last block only
    let named = text!(", which alone would read as {class},", "（单独看来像{class}）");
    let class =
        most.class.0.and_then(|k| found.label(k, lang)).map(|class| fill(named.get(lang), &[("class", &class)]));
    let words = text!(
        "The layer splits the photo into {count} parts; the largest{named} covers {share} of it.",
        "该层把照片分成 {count} 个部分；最大的部分{named}占 {share}。",
    );
    let count = parts.len().to_string();
    Some(say(words, lang, &[("count", &count), ("named", &class.unwrap_or_default()), ("share", &share)]))
}
