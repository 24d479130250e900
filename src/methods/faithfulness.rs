//! Faithfulness: whether the pixels that an explanation names are the ones that matter.

use super::sentence::{Found, say};
use super::spec::{CLASS, METHODS, REGION, SEED, number};
use crate::catalog::method::{Family, Paper};
use crate::catalog::text::{Lang, text};
use crate::catalog::{MethodInfo, Region};

/// How menus, forms, links and the API describe Faithfulness metrics (Petsiuk et al. 2018; Rong et al. 2022; Ancona et al.
/// 2018; Yeh et al. 2019; Hedstrom et al. 2023).
pub const INFO: MethodInfo = MethodInfo {
    id: "faithfulness",
    family: Family::Trust,
    name: text!("Faithfulness metrics", "忠实度指标"),
    summary: text!(
        "The chosen methods' maps are put to the test beside a random map and one that only knows the centre: how fast the class \
         falls when the best pixels are removed (deletion, ROAD), how fast it rises when they come back (insertion), whether sums \
         over parts foretell what hiding them does (sensitivity-n, infidelity), how much the map changes with the photo's noise \
         (max-sensitivity), how concentrated it is, and, with a region marked, whether it points there.",
        "把所选方法的图与随机图、只知道中心的图一起检验：移除最重要的像素后该类下降多快（删除、ROAD），放回时上升多快（插入），各部分之和能否预示遮挡的效果（sensitivity-n、不忠实度），图随照片噪声变化多大（最大敏感度），图有多集中；若标出区域，还检验它是否指向那里。",
    ),
    formula: "deletion, insertion: area under p_c;   ROAD: (LeRF - MoRF) / 2;   sensitivity-n: corr(sum of map over n cells, drop of s_c);   infidelity: E[(b sum of map over a patch - drop of s_c)^2]",
    caveat: text!(
        "Pixels are removed in ways that no photo has, and the metrics disagree with one another: there is no winner, and a map \
         that the network follows can still mislead a person.",
        "移除像素的方式在真实照片中并不存在，各指标之间也会互相矛盾：没有“冠军”；网络所遵循的图仍可能误导人。",
    ),
    paper: Paper {
        cite: "Petsiuk et al. 2018; Rong et al. 2022; Ancona et al. 2018; Yeh et al. 2019; Hedstrom et al. 2023",
        title: "Quantus: An Explainable AI Toolkit for Responsible Evaluation of Neural Network Explanations and Beyond",
        at: "arXiv:2202.06861",
    },
    needs: &[],
    presets: &[],
    params: Params::SPECS,
};

params! {
    class: Option<usize> = CLASS,
    methods: Vec<&'static str> = METHODS,
    curve_steps: usize = number(text!("Steps of the curves", "曲线步数"), [28.0, 4.0, 224.0, 1.0]),
    subsets: usize = number(text!("Random subsets", "随机子集数"), [20.0, 4.0, 200.0, 1.0]),
    patches: usize = number(text!("Random patches", "随机方块数"), [50.0, 4.0, 500.0, 1.0]),
    copies: usize = number(text!("Noisy copies (0: none)", "加噪副本数（0：无）"), [3.0, 0.0, 20.0, 1.0]),
    region: Region = REGION,
    seed: u64 = SEED,
}

/// The table of the metrics, with a column for each map.
const METRICS: &str = "metrics";
/// The metric that the sentence tells: how soon the class falls when the best pixels go.
const DELETION: &str = "deletion";
/// Maps of no method, for comparison.
const RANDOM: &str = "random";
const CENTRE: &str = "centre";

#[cfg(feature = "engine")]
pub use engine::run;

#[cfg(feature = "engine")]
mod engine {
    use serde_json::{Value, json};

    use super::{CENTRE, DELETION, METRICS, Params, RANDOM};
    use crate::engine::Device;
    use crate::engine::metrics::{best_iou, gini, inside, points_at};
    use crate::engine::noise::Noise;
    use crate::figure::told::{Cell, Chart, Shade, Table};
    use crate::figure::{Figure, Kind};
    use crate::methods::trial::{self, Trial};
    use crate::methods::{Ctx, MethodError, Seen};

    /// The metrics by which methods are ranked; `true`: more is better.
    const RANKED: &[(&str, bool)] = &[
        (DELETION, false),
        ("insertion", true),
        ("road", true),
        ("sensitivity_n", true),
        ("infidelity", false),
        ("max_sensitivity", false),
        ("energy_inside", true),
        ("best_iou", true),
    ];

    /// A map that is judged, with its metrics.
    struct Row {
        name: &'static str,
        map: Vec<f32>,
        values: Vec<(&'static str, Cell)>,
    }

    /// The maps that were judged, of the picture's size. Facts: the table `metrics` (one column per map), the table `ranks` (1 is
    /// best, no mean over metrics), the charts `deletion`, `insertion` and `sensitivity_n`.
    ///
    /// # Errors
    /// [`MethodError`], as the compared methods' runs.
    pub async fn run<D: Device>(ctx: &mut Ctx<'_, D>, params: &Params) -> Result<Vec<Figure>, MethodError> {
        let class = ctx.target(params.class).await?;
        let (seed, [h, w]) = (params.seed, ctx.size());
        let region = &params.region;
        let mask = (!region.0.is_empty()).then(|| region.mask(h, w));
        let given = json!({ "class": class });
        let mut rows = Vec::new();
        for name in params.methods.iter().copied() {
            let (map, told) = ctx.map_and_facts_of(name, &given).await?;
            let number = |id: &str| told.get(id).and_then(Value::as_f64).map(|v| v as f32);
            let error = number("error").or(number("conservation").map(|c| 1.0 - c));
            rows.push(Row { name, map, values: vec![("completeness", error.map(f32::abs).into())] });
        }
        let noise = Noise::new(seed, 0);
        let centre = |i: usize| -((i / w) as f32 - h as f32 / 2.0).hypot((i % w) as f32 - w as f32 / 2.0);
        let random = (0..h * w).map(|i| noise.uniform(i as u64)).collect();
        for (name, map) in [(RANDOM, random), (CENTRE, (0..h * w).map(centre).collect::<Vec<f32>>())] {
            rows.push(Row { name, map, values: vec![("completeness", Cell::Nothing)] });
        }

        let trial = Trial::of(ctx, class);
        let subsets = trial.subsets(ctx, params.subsets, seed).await?;
        let patches = trial.patches(ctx, params.patches, seed).await?;
        let [mut deletion, mut insertion] = [DELETION, "insertion"].map(|n| Chart::new(n, "share_of_pixels"));
        let mut sensitivity = Chart::new("sensitivity_n", "cells");
        for k in 0..rows.len() {
            let map = rows[k].map.clone();
            let [out, back] = trial.curves(ctx, &map, params.curve_steps).await?;
            let road = trial.road(ctx, &map).await?;
            let by_size: Vec<[f32; 2]> =
                subsets.iter().map(|s| [s.size as f32, trial::agreement(&s.tests, &map)]).collect();
            let mut values = vec![
                (DELETION, Cell::from(trial::area_of(&out))),
                ("insertion", trial::area_of(&back).into()),
                ("road", road.into()),
                ("sensitivity_n", (by_size.iter().map(|p| p[1]).sum::<f32>() / by_size.len() as f32).into()),
                ("infidelity", trial::infidelity(&patches, &map).into()),
                ("max_sensitivity", stability(ctx, rows[k].name, &given, &map, params, seed).await?.into()),
                ("sparseness", gini(&map).into()),
            ];
            if let Some(mask) = &mask {
                values.push(("pointing_game", f32::from(u8::from(points_at(&map, mask, w, 15))).into()));
                values.push((
                    "energy_inside",
                    if rows[k].name == CENTRE { Cell::Nothing } else { inside(&map, mask).into() },
                ));
                values.push(("best_iou", best_iou(&map, mask).0.into()));
            }
            rows[k].values.splice(0..0, values);
            deletion.line(rows[k].name, out);
            insertion.line(rows[k].name, back);
            sensitivity.line(rows[k].name, by_size);
            ctx.pace
                .preview_with(Vec::new(), json!({ "tables": [metrics(&rows[..=k])], "charts": [deletion, insertion] }));
        }
        ctx.tell(metrics(&rows));
        ctx.tell(ranks(&rows));
        [deletion, insertion, sensitivity].into_iter().for_each(|chart| ctx.tell(chart));
        Ok(rows.into_iter().map(|r| Figure::new(Kind::Heat, r.name, [1, h, w], r.map)).collect())
    }

    /// Max-sensitivity (Yeh et al. 2019, eq. 7): the largest relative change of the map when every value of the photo moves by
    /// at most 0.02.
    async fn stability<D: Device>(
        ctx: &mut Ctx<'_, D>,
        name: &str,
        given: &Value,
        map: &[f32],
        params: &Params,
        seed: u64,
    ) -> Result<Option<f32>, MethodError> {
        let copies = params.copies;
        if copies == 0 || crate::methods::find(name).is_none() {
            return Ok(None);
        }
        let (x, norm) = (ctx.pixels(), |v: &[f32]| v.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>().sqrt());
        let mut worst = 0.0_f64;
        for copy in 0..copies {
            let noise = Noise::new(seed, 1 + copy as u64);
            let moved: Vec<f32> = x.iter().zip(0..).map(|(v, i)| v + 0.02 * (2.0 * noise.uniform(i) - 1.0)).collect();
            let mut seen = Seen::exact(ctx, &moved);
            let other = ctx.on(&mut seen).map_of(name, given).await?;
            let d: Vec<f32> = other.iter().zip(map).map(|(a, b)| a - b).collect();
            worst = worst.max(norm(&d) / norm(map).max(1e-12));
        }
        Ok(Some(worst as f32))
    }

    fn metrics(rows: &[Row]) -> Table {
        let names: Vec<&str> = rows.iter().map(|r| r.name).collect();
        let mut table = Table::new(METRICS, Shade::Plain, &names);
        for (metric, _) in rows.first().map(|r| r.values.clone()).unwrap_or_default() {
            let value = |r: &Row| r.values.iter().find(|v| v.0 == metric).map_or(Cell::Nothing, |v| v.1.clone());
            let cells: Vec<Cell> = rows.iter().map(value).collect();
            if cells.iter().any(|c| *c != Cell::Nothing) {
                table.row(metric, cells);
            }
        }
        table
    }

    /// 1 for the best in each metric that has a better side.
    fn ranks(rows: &[Row]) -> Table {
        let all = metrics(rows);
        let mut table = Table { name: "ranks".into(), rows: Vec::new(), ..all };
        for (metric, cells) in all.rows {
            let Some((_, more)) = RANKED.iter().find(|r| r.0 == metric) else { continue };
            let rank = |cell: &Cell| match cell {
                Cell::Number(own) => {
                    let ahead = |c: &&Cell| matches!(c, Cell::Number(v) if if *more { v > own } else { v < own });
                    Cell::from(1 + cells.iter().filter(ahead).count())
                }
                _ => Cell::Nothing,
            };
            table.row(metric, cells.iter().map(rank).collect::<Vec<_>>());
        }
        table
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn the_better_side_comes_first() {
            let row = |name, d: f32, i: f32| Row {
                name,
                map: Vec::new(),
                values: vec![("deletion", d.into()), ("insertion", i.into())],
            };
            let table = ranks(&[row("a", 0.1, 0.2), row("b", 0.3, 0.9)]);
            assert_eq!(table.rows[0].1, [Cell::from(1_usize), Cell::from(2_usize)]);
            assert_eq!(table.rows[1].1, [Cell::from(2_usize), Cell::from(1_usize)]);
        }
    }
}

/// What was found, in a sentence.
pub fn sentence(found: &Found<'_>, lang: Lang) -> Option<String> {
    let (target, table) = (found.target(lang)?, found.table(METRICS)?);
    let (columns, row) = (table.columns(), table.row(DELETION)?);
    // less is better: the class falls sooner
    let area = |map: &str| table.number(row, map);
    let chance = area(RANDOM)?;
    let maps: Vec<&str> = columns.into_iter().filter(|c| ![RANDOM, CENTRE].contains(c)).collect();
    let areas: Vec<f64> = maps.iter().map(|m| area(m)).collect::<Option<_>>()?;
    let least = areas.iter().copied().reduce(f64::min)?;
    let best = maps[areas.iter().position(|a| *a == least)?];
    let better = areas.iter().filter(|a| **a < chance).count();
    let words = match (better, maps.len()) {
        (0, _) => text!(
            "Removing the pixels that {best} marks brings {target} down no faster than removing random ones, and no other map tried does better.",
            "按{best}移除像素，{target}的下降并不比随机移除更快，其他所试的图也不更好。",
        ),
        (_, 1) => text!(
            "Removing the pixels that {best} marks brings {target} down faster than removing random ones.",
            "按{best}移除像素，{target}的下降比随机移除更快。",
        ),
        _ => text!(
            "Removing the pixels that {best} marks brings {target} down fastest; {better} of {all} maps do better at this than a random one.",
            "按{best}移除像素，{target}下降最快；{all} 幅图中有 {better} 幅在这一点上胜过随机图。",
        ),
    };
    let (better, all) = (better.to_string(), maps.len().to_string());
    let best = found.listed(&[best], lang);
    Some(say(words, lang, &[("best", &best), ("target", &target), ("better", &better), ("all", &all)]))
}
