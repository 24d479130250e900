//! The sanity check: whether an explanation notices that the network has forgotten everything.

use super::facts::rows;
use super::sentence::{Found, say};
use super::spec::{CLASS, choice, methods, number};
use crate::catalog::MethodInfo;
use crate::catalog::choice::words;
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::{Lang, text};

/// How menus, forms, links and the API describe Randomised weights (Adebayo et al. 2018, section 3).
pub const INFO: MethodInfo = MethodInfo {
    id: "randomisation",
    family: Family::Trust,
    name: text!("Randomised weights", "模型参数随机化检验"),
    summary: text!(
        "Layer by layer from the score down, the weights are drawn anew, and every method explains the same class again. A map that \
         shows what the network has learnt must fall apart with it; one that stays shows the photo. A map of plain edges (Sobel) \
         and the map for another class stand beside them.",
        "从得分开始逐层向下把权重重新随机抽取，每种方法再次解释同一类别。若图显示的是网络学到的东西，它必须随之瓦解；若图保持不变，它显示的只是照片本身。另附纯边缘图（Sobel）与另一类别的图作对照。",
    ),
    formula: "rank correlation of |map| and |map after weights of layers L ... l ~ N(0, std_l)|;   passes: below 0.2 (this page's limit) once all layers are drawn anew, in the mean over the draws",
    caveat: text!(
        "It can only show that a method fails: a map that falls apart may still be wrong. One draw of coarse maps may agree by chance: look at the mean of several. Rank correlation over all pixels is high for \
         any two maps that are smooth or bright in the same corner.",
        "它只能说明一种方法不合格：会瓦解的图仍可能是错的。粗糙的图在一次抽取中可能碰巧相似：请看多次抽取的平均。任何两幅平滑或同处明亮的图，秩相关都会偏高。",
    ),
    paper: Paper {
        cite: "Adebayo et al. 2018, section 3",
        title: "Sanity Checks for Saliency Maps",
        at: "arXiv:1810.03292",
    },
    needs: &[],
    presets: &[],
    params: Params::SPECS,
};

params! {
    class: Option<usize> = CLASS,
    methods: Vec<&'static str> = methods(text!("Methods", "方法"), "saliency, grad_cam, guided_backprop"),
    order: Order = choice(text!("Layers", "层")),
    draws: usize = number(text!("Draws of the weights", "权重抽取次数"), [3.0, 1.0, 10.0, 1.0]),
    weights_seed: usize = number(text!("Seed of the weights", "权重随机种子"), [42.0, 0.0, 999_999.0, 1.0]),
}

words! {
    /// In which order the layers are drawn anew.
    Order {
        /// From the score down, one after the other.
        Cascade = "cascade",
        /// Each by itself.
        Independent = "independent",
    }
}

rows! {
    /// A map's likeness to the one with all layers drawn anew, the mean over the parts, its likeness to the map of another class and to the
    /// picture's edges, and whether it fell apart.
    Judgement in "verdict" { all_drawn: f32, mean: f32, class_swap: f32, edges: f32, verdict: String }
}

/// The verdict of a map that falls apart, as it should, and of one that does not.
const PASSES: &str = "passes";
const FAILS: &str = "fails";

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use serde_json::{Value, json};

    use super::{FAILS, Judgement, Order, PASSES, Params};
    use crate::catalog::NetworkSpec;
    use crate::engine::metrics::{hog, settled, spearman, ssim};
    use crate::engine::scramble::Scrambled;
    use crate::engine::{Alone, Device};
    use crate::figure::scale::correlation;
    use crate::figure::told::{Chart, Shade};
    use crate::figure::{Figure, Kind};
    use crate::methods::facts::Row;
    use crate::methods::{Ctx, MethodError, Seen};

    /// Below this rank correlation a map has fallen apart.
    const APART: f32 = 0.2;

    struct Subject {
        id: &'static str,
        map: Vec<f32>,
        swapped: Vec<f32>,
        /// Per part, the mean over the draws: rank correlation of magnitudes, of signed values, SSIM, HOG.
        likeness: Vec<[f32; 4]>,
    }

    /// Every method's map and what it is after some of the parts were drawn anew. Facts: the table `verdict` (per method: rank
    /// correlation with all layers drawn, the mean over the parts, with the map of another class, with the edges, `passes` or
    /// `fails`), the charts `rank_correlation`, `signed_rank_correlation`, `ssim` and `hog` over the parts, and `parts`, their
    /// names. The network's own weights are back when it ends, however it ends.
    ///
    /// # Errors
    /// [`MethodError`], as the compared methods' runs.
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let class = ctx.target(params.class).await?;
        let (other, [h, w], network) = (another(&ctx.logits().await?, class), ctx.size(), ctx.network);
        let (given, x) = (json!({ "class": class }), ctx.pixels());
        let (mut subjects, mut figures) = (Vec::new(), Vec::new());
        for id in params.methods.iter().copied() {
            let map = ctx.map_of(id, &given).await?;
            let swapped = ctx.map_of(id, &json!({ "class": other })).await?;
            figures.push(Figure::new(Kind::Heat, id, [1, h, w], map.clone()));
            subjects.push(Subject { id, map, swapped, likeness: Vec::new() });
        }
        let edges = sobel(&x, [h, w]);
        let parts = network.roles().weights();
        let mut scrambled = Scrambled::new(network, 0);
        let independent = params.order == Order::Independent;
        let (draws, seed) = (params.draws, params.weights_seed);
        let names: Vec<&str> = parts.iter().map(|at| name(&network.spec, &parts, *at)).collect();
        let shown = shown(&network.spec, &parts);
        for done in 0..draws * parts.len() {
            let (draw, at) = (done / parts.len(), done % parts.len());
            if at == 0 {
                scrambled = Scrambled::new(network, (seed + draw) as u64);
            } else if independent {
                scrambled.restore();
            }
            scrambled.draw(parts[at]);
            for subject in &mut subjects {
                // nothing recorded with other weights, and no helper, which has the own ones
                let mut seen = Seen::exact(ctx, &x);
                let mut view = ctx.on(&mut seen);
                view.helpers = &Alone;
                let map = view.map_of(subject.id, &given).await?;
                let alike = likeness(&subject.map, &map, w);
                match subject.likeness.get_mut(at) {
                    Some(mean) => mean.iter_mut().zip(alike).for_each(|(m, v)| *m += (v - *m) / (draw + 1) as f32),
                    None => subject.likeness.push(alike),
                }
                if draw == 0 && shown.contains(&parts[at]) {
                    figures.push(Figure::new(Kind::Heat, &format!("{} {}", subject.id, names[at]), [1, h, w], map));
                }
            }
            ctx.pace.tick(done + 1, draws * parts.len()).await?;
            ctx.pace
                .preview_with(if draw == 0 { figures.clone() } else { Vec::new() }, told(&subjects, &edges, &names));
        }
        drop(scrambled);
        network.device().tidy();
        if let Value::Object(facts) = told(&subjects, &edges, &names) {
            ctx.facts.extend(facts);
        }
        ctx.fact("other_class", other);
        let mut sorted = Vec::with_capacity(figures.len());
        for subject in &subjects {
            let (own, others) = figures.into_iter().partition(|f| f.info.name.split(' ').next() == Some(subject.id));
            sorted.extend::<Vec<Figure>>(own);
            figures = others;
        }
        Ok(sorted)
    }

    /// The most probable class other than `class`.
    fn another(logits: &[f32], class: usize) -> usize {
        crate::engine::score::top(logits, 2).into_iter().find(|k| *k != class).unwrap_or_default()
    }

    /// The layers with weights whose maps are shown, of all `parts` from the score down: the one that writes the score, the last of
    /// the trunk, and those at the start of the last three blocks and of the first.
    fn shown(spec: &NetworkSpec, parts: &[usize]) -> Vec<usize> {
        let at_most = |stage: usize| parts.iter().copied().find(|at| *at <= stage);
        let starts: Vec<usize> = spec.blocks().iter().map(|block| block[0]).collect();
        let deep = starts.iter().rev().take(3).chain(&starts[..1]).copied();
        std::iter::once(usize::MAX).chain([spec.card().trunk]).chain(deep).filter_map(at_most).collect()
    }

    /// What the layer `at` is called among all `parts` from the score down: the head's last ones by what they do.
    fn name<'a>(spec: &'a NetworkSpec, parts: &[usize], at: usize) -> &'a str {
        match parts {
            [output, ..] if *output == at => "output",
            [_, hidden, ..] if *hidden == at && at > spec.card().trunk => "hidden",
            _ => spec.name(at),
        }
    }

    fn magnitude(map: &[f32]) -> Vec<f32> {
        let most = map.iter().fold(1e-30_f32, |m, v| m.max(v.abs()));
        map.iter().map(|v| v.abs() / most).collect()
    }

    fn likeness(a: &[f32], b: &[f32], width: usize) -> [f32; 4] {
        let (a, b) = (&settled(a), &settled(b));
        let (ma, mb) = (magnitude(a), magnitude(b));
        [spearman(&ma, &mb), spearman(a, b), ssim(&ma, &mb, width), correlation(&hog(&ma, width), &hog(&mb, width))]
    }

    fn told(subjects: &[Subject], edges: &[f32], parts: &[&str]) -> Value {
        let mut table = Judgement::table(Shade::Plain);
        let mut charts = ["rank_correlation", "signed_rank_correlation", "ssim", "hog"].map(|n| Chart::new(n, "drawn"));
        for s in subjects.iter().filter(|s| !s.likeness.is_empty()) {
            let rank = |b: &[f32]| spearman(&magnitude(&settled(&s.map)), &magnitude(&settled(b)));
            let last = s.likeness.last().map_or(1.0, |l| l[0]);
            let mean = s.likeness.iter().map(|l| l[0]).sum::<f32>() / s.likeness.len() as f32;
            let verdict = if last.abs() < APART { PASSES } else { FAILS };
            let (class_swap, edges) = (rank(&s.swapped), rank(edges));
            let row = Judgement { all_drawn: last, mean, class_swap, edges, verdict: verdict.into() };
            row.add_to(&mut table, s.id);
            for (k, chart) in charts.iter_mut().enumerate() {
                let points = s.likeness.iter().enumerate().map(|(i, l)| [1.0 + i as f32, l[k]]);
                chart.line(s.id, std::iter::once([0.0, 1.0]).chain(points).collect());
            }
        }
        json!({ "tables": [table], "charts": charts, "parts": parts })
    }

    /// Magnitude of the Sobel gradient of the grey picture: what a map of nothing but edges looks like.
    fn sobel(x: &[f32], [h, w]: [usize; 2]) -> Vec<f32> {
        let grey: Vec<f32> = crate::engine::change::grey(x).into_iter().take(h * w).collect();
        let with = |kernel: [f32; 9]| crate::engine::change::convolve(&grey, [h, w], &kernel, 3);
        let dx = with([-1.0, 0.0, 1.0, -2.0, 0.0, 2.0, -1.0, 0.0, 1.0]);
        let dy = with([-1.0, -2.0, -1.0, 0.0, 0.0, 0.0, 1.0, 2.0, 1.0]);
        dx.iter().zip(dy).map(|(x, y)| x.hypot(y)).collect()
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    let rows = found.rows::<Judgement>()?;
    let of = |verdict: &str| -> Vec<&str> {
        rows.iter().filter(|(_, row)| row.verdict == verdict).map(|row| row.0).collect()
    };
    let (passed, failed) = (of(PASSES), of(FAILS));
    // one layer at a time, the last one drawn is the first convolution
    let weights = match found.params::<Params>()?.order {
        Order::Independent => text!("the first layer's weights were replaced", "第一层的权重被替换"),
        Order::Cascade => text!("all weights were replaced", "全部权重被替换"),
    };
    let likeness = |id: &str| rows.iter().find(|row| row.0 == id).map(|(_, row)| f64::from(row.all_drawn));
    let words = match (passed.as_slice(), failed.as_slice()) {
        ([], []) => return None,
        ([], [one]) if likeness(one)? >= 0.8 => text!(
            "The map of {failed} barely changed although {weights}: it fails.",
            "尽管{weights}，{failed}的图几乎没有变化：不合格。",
        ),
        ([], _) => text!(
            "The old map still shows through although {weights}. Failed: {failed}.",
            "尽管{weights}，仍能看出原来的图。不合格：{failed}。",
        ),
        (_, []) => text!(
            "Hardly anything of the old map is left once {weights}, as it should be. Passed: {passed}.",
            "{weights}后，原来的图几乎不复存在，理应如此。合格：{passed}。",
        ),
        _ => text!(
            "Once {weights}, a map must fall apart. Passed: {passed}; failed: {failed}.",
            "{weights}后，图应当瓦解。合格：{passed}；不合格：{failed}。",
        ),
    };
    let (passed, failed) = (found.listed(&passed, lang), found.listed(&failed, lang));
    Some(say(words, lang, &[("weights", weights.get(lang)), ("passed", &passed), ("failed", &failed)]))
}
