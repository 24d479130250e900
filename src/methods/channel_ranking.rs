//! Channel ranking: which channels the decision cannot do without, and how many it can lose.

use super::facts::facts;
use super::sentence::{Found, percent, say};
use super::spec::{CLASS, LAYER, Layer, SEED, count};
use crate::catalog::MethodInfo;
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::{Lang, text};

/// How menus, forms, links and the API describe Channels that matter (Morcos et al. 2018; Zhou et al. 2018).
pub const INFO: MethodInfo = MethodInfo {
    id: "channel_ranking",
    family: Family::Bias,
    name: text!("Channels that matter", "关键通道"),
    summary: text!(
        "Each of the layer's most promising channels is switched off by itself, and they are ranked by what the class loses. Then \
         the best 1, 2, 4 ... are switched off together, beside as many at random: if few channels carry the class, the first curve \
         falls long before the second.",
        "逐个关闭该层最有希望的通道，按该类损失多少排序。再同时关闭前 1、2、4……个，并与随机关闭同样多的通道比较：若该类只由少数通道承载，前一条曲线会早早下降。",
    ),
    formula: "drop_k = s_c(A) - s_c(A with A_k = 0);   p_c(A without the best n) against p_c(A without n at random)",
    caveat: text!(
        "Channels stand in for one another: one that hardly matters alone may matter when its twin is gone.",
        "通道可以互相替代：单独关闭时无关紧要的，在其“孪生”通道也关闭后可能变得重要。",
    ),
    paper: Paper {
        cite: "Morcos et al. 2018; Zhou et al. 2018",
        title: "On the importance of single directions for generalization",
        at: "arXiv:1803.06959",
    },
    needs: &[],
    presets: &[],
    params: Params::SPECS,
};

params! {
    class: Option<usize> = CLASS,
    layer: Layer = LAYER,
    tried: usize = count(text!("Channels tried", "尝试的通道数"), [64.0, 8.0]),
    seed: u64 = SEED,
}

facts! {
    /// How many of the best channels take half of the probability.
    Facts { half: Option<usize> }
}

/// The chart of the probability over the number of channels that are off: the best first, then at random.
const ABLATION: &str = "ablation";

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use super::{ABLATION, Facts, Params};
    use crate::catalog::{Score, Target};
    use crate::engine::kernels::Gate;
    use crate::engine::noise::Noise;
    use crate::engine::probe::Quiet;
    use crate::engine::score::top;
    use crate::engine::{Device, Planes};
    use crate::figure::Figure;
    use crate::figure::scale::largest_first;
    use crate::figure::told::{Cell, Chart, Shade, Table, class as key};
    use crate::methods::{Ctx, Judged, MethodError};

    /// Sets of channels that are switched off in one batch, and rows of the table.
    const BATCH: usize = 8;
    const ROWS: usize = 16;

    /// No figure. Facts: the table `channels` (drop of the logit, probability, the class that loses most), the chart `ablation`
    /// (best first, at random), `half`: how many of the best take half of the probability.
    ///
    /// # Errors
    /// [`MethodError`]: a convolution's output (its ReLU is meant) or a layer behind the head; the device fails, or the visitor
    /// cancels.
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let (class, layer) = (ctx.target(params.class).await?, params.layer.0);
        ctx.seen_by_the_head("layer", layer)?;
        let spec = &ctx.network.spec;
        let before = ctx.judged().await?;
        let a = ctx.stage(layer).await?;
        // the most promising: gradient times activation
        let g = ctx.gradient(Target::Class { class, score: Score::Logit }, layer, Gate::Relu).await?;
        let share = |c: usize| a.channel(c).iter().zip(g.channel(c)).map(|(a, g)| a * g).sum::<f32>();
        let shares: Vec<f32> = (0..a.shape.c).map(share).collect();
        let tried = top(&shares, params.tried.min(a.shape.c));
        let single = without(ctx, &a, layer, tried.iter().map(|c| vec![*c]).collect()).await?;
        let drops: Vec<f32> = single.iter().map(|j| before.logits[class] - j.logits[class]).collect();
        let ranked = largest_first(&drops);
        let mut table = Table::new("channels", Shade::Bars, &["drop", "probability", "loses_most"]);
        for i in ranked.iter().take(ROWS) {
            let j = &single[*i];
            let loss = |k: &usize| before.logits[*k] - j.logits[*k];
            let loser = (0..j.logits.len()).max_by(|a, b| loss(a).total_cmp(&loss(b))).unwrap_or_default();
            let unit = format!("{}:{}", spec.name(layer), tried[*i]);
            table.row(unit, [Cell::from(drops[*i]), j.p(class).into(), key(loser).into()]);
        }
        ctx.tell(table);

        // the best together, and as many at random
        let noise = Noise::new(params.seed, 0);
        let random = largest_first(&(0..a.shape.c as u64).map(|c| noise.uniform(c)).collect::<Vec<_>>());
        let best: Vec<usize> = ranked.iter().map(|i| tried[*i]).collect();
        let counts: Vec<usize> = (0..10).map(|k| 1 << k).filter(|n| *n < best.len()).chain([best.len()]).collect();
        let sets = counts.iter().map(|n| best[..*n].to_vec()).chain(counts.iter().map(|n| random[..*n].to_vec()));
        let said = without(ctx, &a, layer, sets.collect()).await?;
        let mut chart = Chart::new(ABLATION, "channels_off");
        let line = |said: &[Judged]| {
            let points = counts.iter().zip(said).map(|(n, j)| [*n as f32, j.p(class)]);
            std::iter::once([0.0, before.p(class)]).chain(points).collect::<Vec<_>>()
        };
        let (first, second) = said.split_at(counts.len());
        chart.line("best_first", line(first));
        chart.line("random", line(second));
        ctx.tell(chart);
        let half = counts.iter().zip(first).find(|(_, j)| j.p(class) < before.p(class) / 2.0).map(|(n, _)| *n);
        ctx.facts.extend(Facts { half }.entries());
        Ok(Vec::new())
    }

    /// What the network says without each of the sets of channels: everything above the layer runs again.
    async fn without<D: Device>(
        ctx: &mut Ctx<'_, D>,
        a: &Planes,
        layer: usize,
        sets: Vec<Vec<usize>>,
    ) -> Result<Vec<Judged>, MethodError> {
        let (pace, plane, mut said) = (ctx.pace, a.shape.plane(), Vec::with_capacity(sets.len()));
        for batch in sets.chunks(BATCH) {
            let mut x = Planes { shape: a.shape.batch(batch.len()), data: a.data.repeat(batch.len()) };
            for (i, set) in batch.iter().enumerate() {
                set.iter().for_each(|c| x.data[(i * a.shape.c + c) * plane..][..plane].fill(0.0));
            }
            let logits = ctx.logits_with(layer, &x, &Quiet::new(pace)).await?;
            said.extend(logits.into_iter().map(Judged::new));
            pace.tick(said.len(), sets.len()).await?;
        }
        Ok(said)
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    let (target, Facts { half }) = (found.target(lang)?, found.facts()?);
    let lines = found.lines(ABLATION)?;
    let (best, random) = (&lines.first()?.points, &lines.get(1)?.points);
    let tried = *best.last()?.first()?;
    let own = *best.first()?.get(1)?;
    let words = match half {
        Some(_) => text!(
            "Switching off the top {count} of {tried} channels tried in {layer} takes more than half of {target}'s probability; as many at random leave {share} of it.",
            "关闭 {layer} 中所试 {tried} 个通道里最重要的 {count} 个，{target}就失去一半以上的概率；随机关闭同样多的通道则保留 {share}。",
        ),
        None => text!(
            "Even with all {tried} channels tried in {layer} switched off, {target} keeps at least half of its probability.",
            "即使关闭 {layer} 中所试的全部 {tried} 个通道，{target}仍保有至少一半的概率。",
        ),
    };
    let at = half.map_or(tried, |half| half as f64);
    let left = random.iter().find(|p| p.first() == Some(&at))?.get(1)? / own;
    let (count, tried, share) = (format!("{at:.0}"), format!("{tried:.0}"), percent(left, lang));
    let values = [
        ("count", count.as_str()),
        ("tried", &tried),
        ("layer", found.net.name(found.params::<Params>()?.layer.0)),
        ("target", &target),
        ("share", &share),
    ];
    Some(say(words, lang, &values))
}
