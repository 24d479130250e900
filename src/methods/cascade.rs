//! The cascade: from the pixels through the strongest channels of every layer to the class, as flows that add up.

use super::facts::{Sometimes, facts};
use super::lrp::{self, Biases};
use super::sentence::{Found, percent, say, two};
use super::spec::{Chosen, TARGET, number};
use crate::catalog::choice::Rules;
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::{Lang, text};
use crate::catalog::{MethodInfo, Need};

/// Rules that keep the sign of what they hand down, so that ribbons do not cancel.
/// How menus, forms, links and the API describe Cascade (Bach et al. 2015, eq. 7, applied between channels; compare Achtibat et
/// al. 2023).
pub const INFO: MethodInfo = MethodInfo {
    id: "cascade",
    family: Family::Relevance,
    name: text!("Cascade", "级联可视化"),
    summary: text!(
        "How the decision is built: the score is handed down from layer to layer. Each column is a layer with the \
         channels through which most of it passes, the rest taken together; a ribbon's width is what one channel owes to \
         another; what the biases absorb on the way is missing further left. Choose a node to see its feature map, its deconvnet view, or what the classes do without it.",
        "决策是如何逐层形成的：得分逐层下传。每一列是一层及其承载最多的通道，其余合并为一项；带子的宽度表示一个通道有多少来自另一个；途中被偏置吸收的部分在左侧不再出现。点击节点可查看其特征图、反卷积视图，或关闭它后各类别的变化。",
    ),
    formula: "f(k <- m) = sum over places of R_k when only channel m's relevance is handed down;   sum_k f(k <- m) + absorbed = R_m",
    caveat: text!(
        "The flows follow from the rules chosen; a channel with a wide ribbon took part, which is not the same as being needed: ablate it to see.",
        "流量取决于所选规则；带子宽说明该通道参与了，但不等于必不可少：关闭它看看便知。",
    ),
    paper: Paper {
        cite: "Bach et al. 2015, eq. 7, applied between channels; compare Achtibat et al. 2023",
        title: "From attribution maps to human-understandable explanations through Concept Relevance Propagation",
        at: "doi:10.1038/s42256-023-00711-8",
    },
    needs: &[Need::Spatial],
    presets: &[],
    params: Params::SPECS,
};

params! {
    class: Chosen = TARGET,
    nodes: usize = number(text!("Channels per layer", "每层通道数"), [8.0, 1.0, 16.0, 1.0]),
    rules: Rules = lrp::rules(Rules::EpsilonPlus),
    gamma: f32 = lrp::GAMMA,
    epsilon: f32 = lrp::EPSILON,
    biases: Biases = lrp::BIASES,
}

facts! {
    /// The score, the share of it that arrives at the pixels, and what every layer's channels hold of it, pixels first.
    Facts { score: f32, conservation: Sometimes<f32>, columns: Vec<Column> }
}

facts! {
    /// A layer's column: all of its relevance, its strongest channels, and what is left.
    Column { layer: String, total: f32, rest: f32, nodes: Vec<Node> }
}

facts! {
    /// A channel's relevance.
    Node { channel: usize, relevance: f32 }
}

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use serde_json::json;

    use super::{Biases, Column as Told, Facts, Node, Params, Sometimes};
    use crate::catalog::Score;
    use crate::engine::rule::Composite;
    use crate::engine::score::top;
    use crate::engine::{Device, Planes};
    use crate::figure::{Figure, Kind};
    use crate::methods::{Ctx, MethodError};

    /// Relevances that are handed down together: each takes as much memory as the layer.
    const TOGETHER: usize = 4;

    /// A layer's column of the diagram.
    struct Column {
        layer: usize,
        r: Planes,
        /// The relevance of each channel: the sum over its places.
        sums: Vec<f32>,
        nodes: Vec<usize>,
    }

    /// The relevance strip: a [`Kind::Heat`] figure of every layer's map, pixels first, in units of the score. Facts:
    /// `score`; `columns`, pixels first: `{ layer, total, rest, nodes: [{ channel, relevance }] }`; `links`: between each
    /// column and the next a table `[lower node][upper node]`, the rest being the last of each; `absorbed`: what of each
    /// upper node is handed to nobody.
    ///
    /// # Errors
    /// [`MethodError::Parameter`] for a unit outside its layer; [`MethodError::Engine`] when the device fails or the visitor
    /// cancels.
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let (target, count) = (ctx.explained(params.class, Score::Logit).await?, params.nodes);
        let rules = Composite::new(params.rules, params.gamma, params.epsilon, params.biases == Biases::With);
        let (network, pace) = (ctx.network, ctx.pace);
        let (spec, stages) = (&network.spec, network.spec.blocks().concat());
        let mut columns = Vec::new();
        let mut keep = |layer: usize, r: &Planes| {
            let sums: Vec<f32> = (0..r.shape.c).map(|c| r.channel(c).iter().sum()).collect();
            let nodes = top(&sums.iter().map(|v| v.abs()).collect::<Vec<_>>(), count);
            columns.push(Column { layer, r: r.clone(), sums, nodes });
        };
        let seen = |at: usize, r: &Planes| {
            if stages.contains(&at) {
                keep(at, r);
            }
        };
        let pixels = ctx.relevance(target, &rules, seen).await?;
        columns.reverse();
        let score = ctx.total(target).await?;

        let (mut links, mut absorbed) = (Vec::new(), Vec::new());
        for (i, upper) in columns.iter().enumerate() {
            let lower = i.checked_sub(1).map(|i| &columns[i]);
            // what every lower channel gets from each of the upper nodes
            let mut flows = Vec::with_capacity(upper.nodes.len());
            let only = |node: &usize| {
                let (mut r, size) = (Planes::zeros(upper.r.shape), upper.r.shape.plane());
                let from = node * size;
                r.data[from..from + size].copy_from_slice(&upper.r.data[from..from + size]);
                r
            };
            for nodes in upper.nodes.chunks(TOGETHER) {
                let (given, until) = (nodes.iter().map(only).collect(), lower.map_or(0, |lower| lower.layer));
                let below = ctx.hand_relevance_down(upper.layer, given, until, &rules, &mut |_, _| ()).await?;
                flows.extend(
                    below.iter().map(|r| (0..r.shape.c).map(|c| r.channel(c).iter().sum()).collect::<Vec<f32>>()),
                );
            }
            // the pixels are one node; a layer's are its strongest channels and the rest
            let rows = |flow: &[f32]| -> Vec<f32> {
                let Some(lower) = lower else { return vec![flow.iter().sum()] };
                let named: Vec<f32> = lower.nodes.iter().map(|k| flow[*k]).collect();
                let rest = flow.iter().sum::<f32>() - named.iter().sum::<f32>();
                named.into_iter().chain([rest]).collect()
            };
            let per_node: Vec<Vec<f32>> = flows.iter().map(|f| rows(f)).collect();
            // the upper rest hands down whatever the named nodes do not
            let total = lower.map_or_else(|| vec![sum(&pixels)], |l| rows(&l.sums));
            let table: Vec<Vec<f32>> = total
                .iter()
                .enumerate()
                .map(|(k, total)| {
                    let named: Vec<f32> = per_node.iter().map(|f| f[k]).collect();
                    let rest = total - named.iter().sum::<f32>();
                    named.into_iter().chain([rest]).collect()
                })
                .collect();
            let relevance = upper.nodes.iter().map(|m| upper.sums[*m]).chain([rest(upper)]);
            absorbed.push(
                relevance.enumerate().map(|(m, r)| r - table.iter().map(|row| row[m]).sum::<f32>()).collect::<Vec<_>>(),
            );
            links.push(table);
            pace.tick(i + 1, columns.len()).await?;
        }
        network.device().tidy();

        let arrived = sum(&pixels);
        let mut told = vec![Told { layer: "pixels".into(), total: arrived, rest: arrived, nodes: Vec::new() }];
        told.extend(columns.iter().map(|c| {
            let nodes = c.nodes.iter().map(|k| Node { channel: *k, relevance: c.sums[*k] }).collect();
            Told { layer: spec.name(c.layer).into(), total: c.sums.iter().sum(), rest: rest(c), nodes }
        }));
        let conservation = Sometimes(Some(arrived / score));
        ctx.facts.extend(Facts { score, conservation, columns: told }.entries());
        ctx.fact("links", json!(links));
        ctx.fact("absorbed", json!(absorbed));
        let strip = columns.iter().map(|c| heat(spec.name(c.layer), &c.r));
        Ok(std::iter::once(heat("pixels", &pixels)).chain(strip).collect())
    }

    fn sum(r: &Planes) -> f32 {
        r.data.iter().sum()
    }

    fn rest(c: &Column) -> f32 {
        c.sums.iter().sum::<f32>() - c.nodes.iter().map(|k| c.sums[*k]).sum::<f32>()
    }

    /// A layer's relevance over all channels.
    fn heat(name: &str, r: &Planes) -> Figure {
        let mut map = vec![0.0_f32; r.shape.h * r.shape.w];
        for c in 0..r.shape.c {
            map.iter_mut().zip(r.channel(c)).for_each(|(m, v)| *m += v);
        }
        Figure::new(Kind::Heat, name, [1, r.shape.h, r.shape.w], map)
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    let target = found.target(lang)?;
    let Facts { conservation, columns, .. } = found.facts()?;
    // of a layer with one channel for each class the class's own channel would hold all of it
    let shared = |c: &&Column| found.net.index(&c.layer).is_none_or(|at| found.net.channels(at) != found.net.classes());
    let top = columns.iter().rev().find(shared)?;
    let node = top.nodes.first()?;
    let (layer, channel) = (top.layer.as_str(), node.channel.to_string());
    let share = f64::from(node.relevance) / f64::from(top.total);
    let words = text!(
        "In {layer}, the largest share of the score of {target}, {share}, passes through channel {channel}.",
        "在 {layer}，{target}的得分中最大的一份（{share}）经过通道 {channel}。",
    );
    if !(0.0..=1.0).contains(&share) {
        return None;
    }
    let share = percent(share, lang);
    let first = say(words, lang, &[("layer", layer), ("target", &target), ("channel", &channel), ("share", &share)]);
    let arrives = conservation.0.map(f64::from).filter(|c| (0.0..=1.05).contains(c));
    let words = text!("{share} of the score arrives at the pixels.", "得分的 {share} 到达像素。");
    Some(two(first, arrives.map(|c| say(words, lang, &[("share", &percent(c.min(1.0), lang))])), lang))
}
