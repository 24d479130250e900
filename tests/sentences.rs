//! What every method says that it found: exact sentences for numbers of the shape that its `run` gives, in both languages.
#![allow(missing_docs, reason = "a test")]

use std::rc::Rc;

use cnn_lens::catalog::Lang;
use cnn_lens::figure::told::{Cell, Chart, Shade, Table, class};
use cnn_lens::figure::{Figure, Kind};
use cnn_lens::methods::names::name;
use cnn_lens::methods::sentence::Found;
use cnn_lens::methods::{INFOS, sentence};
use serde_json::{Value, json};

/// A method, its figures, its `meta`, and what it says.
type Case = (&'static str, Vec<Figure>, Value, [&'static str; 2]);

const TABBY: usize = 281;
const TIGER: usize = 282;

/// A map of 8 x 8 with most of what is above 0 at the upper right, and something below 0.
fn map(kind: Kind, name: &str) -> Figure {
    let mut data = vec![0.1; 64];
    (data[6], data[7], data[14], data[56]) = (2.0, 1.0, 2.0, -3.0);
    Figure::new(kind, name, [1, 8, 8], data)
}

/// A map in three channels, as methods draw that keep colours.
fn drawing(name: &str) -> Figure {
    let mut data = vec![0.0; 192];
    (data[0], data[7], data[64 + 7]) = (1.0, -1.0, 2.0);
    Figure::new(Kind::Rgb, name, [3, 8, 8], data)
}

fn even() -> Figure {
    Figure::new(Kind::Heat, "map", [1, 8, 8], vec![1.0; 64])
}

fn nothing() -> Figure {
    Figure::new(Kind::Magnitude, "map", [1, 8, 8], vec![0.0; 64])
}

/// What a run tells that explained class 281, the tabby.
fn meta(params: Value, facts: Value) -> Value {
    let target = json!({ "index": TABBY, "label": "tabby", "label_zh": "虎斑猫", "logit": 12.5 });
    json!({ "method": "x", "params": params, "network": "vgg16", "target": target, "facts": facts, "ms": 5.0 })
}

/// What a run tells that explained a unit.
fn unit(name: &str, params: Value, facts: Value) -> Value {
    json!({ "params": params, "target": { "unit": name, "value": 2.0 }, "facts": facts })
}

/// What a run tells of a method that explains nothing.
fn free(params: Value, facts: Value) -> Value {
    json!({ "params": params, "facts": facts })
}

fn table(name: &str, columns: &[&str], rows: &[(&str, Vec<Cell>)]) -> Value {
    let mut table = Table::new(name, Shade::Plain, columns);
    rows.iter().for_each(|(name, cells)| table.row(*name, cells.clone()));
    json!(table)
}

fn numbers(values: &[f32]) -> Vec<Cell> {
    values.iter().map(|v| Cell::from(*v)).collect()
}

fn words(values: &[f32], word: &str) -> Vec<Cell> {
    numbers(values).into_iter().chain([word.into()]).collect()
}

fn chart(name: &str, lines: &[(&str, &[[f32; 2]])]) -> Value {
    let mut chart = Chart::new(name, "x");
    lines.iter().for_each(|(name, points)| chart.line(*name, points.to_vec()));
    json!(chart)
}

/// The classes before and after, by index.
fn classes(rows: &[(usize, f32, f32)]) -> Value {
    let row = |(class, before, after): &(usize, f32, f32)| json!({ "class": class, "before": before, "after": after, "logit_before": 1.0, "logit_after": 1.0 });
    json!(rows.iter().map(row).collect::<Vec<_>>())
}

fn attacked(flipped: u8, aim: &str, rows: &[(usize, f32, f32)], saved: usize) -> Value {
    let survival = table(
        "survival",
        &["answer", "p_before_class", "p_new_class"],
        &[
            ("as_computed", vec![class(TIGER).into(), 0.1.into(), 0.8.into()]),
            ("eight_bit", vec![class(saved).into(), 0.5.into(), 0.4.into()]),
        ],
    );
    let facts =
        json!({ "flipped": flipped, "linf": 2.0000002, "l2": 1.5, "classes": classes(rows), "tables": [survival] });
    meta(json!({ "attack": "pgd", "aim": aim, "epsilon": 2.0 }), facts)
}

fn variants(rows: &[(&str, f32, usize)]) -> Value {
    let rows: Vec<_> = rows
        .iter()
        .map(|(name, p, answer)| {
            (*name, vec![Cell::from(*p), 0.0.into(), 1_usize.into(), 2.0.into(), class(*answer).into()])
        })
        .collect();
    table("variants", &["probability", "change", "rank", "margin", "answer"], &rows)
}

fn corrupted(kind: &str, rows: &[(&str, [f32; 6], [f32; 6])]) -> Value {
    let columns = ["0", "1", "2", "3", "4", "5", "area"];
    let area = |p: &[f32; 6]| p.windows(2).map(|w| (w[0] + w[1]) / 2.0).sum::<f32>() / 5.0;
    let p: Vec<_> = rows.iter().map(|(name, p, _)| (*name, numbers(&[p.as_slice(), &[area(p)]].concat()))).collect();
    let ranks: Vec<_> = rows.iter().map(|(name, _, r)| (*name, numbers(r))).collect();
    let tables = json!([table("probability", &columns, &p), table("rank", &columns[..6], &ranks)]);
    meta(json!({ "corruption": kind }), json!({ "tables": tables }))
}

fn concepts(rows: &[(&str, Option<f32>)]) -> Value {
    let row = |tcav: &Option<f32>| -> Vec<Cell> {
        let verdict = if tcav.is_some() { "significant" } else { "not significant" };
        vec![0.9.into(), 0.01.into(), (*tcav).into(), (*tcav).into(), verdict.into()]
    };
    let rows: Vec<_> = rows.iter().map(|(name, tcav)| (*name, row(tcav))).collect();
    let columns = ["accuracy", "p_value", "tcav", "magnitude", "verdict"];
    meta(json!({ "concept": "all" }), json!({ "pictures": 20, "tables": [table("concepts", &columns, &rows)] }))
}

fn verdicts(order: &str, rows: &[(&str, f32, &str)]) -> Value {
    let rows: Vec<_> = rows.iter().map(|(id, last, verdict)| (*id, words(&[*last, 0.4, 0.9, 0.3], verdict))).collect();
    let table = table("verdict", &["all_drawn", "mean", "class_swap", "edges", "verdict"], &rows);
    meta(json!({ "order": order }), json!({ "other_class": TIGER, "tables": [table] }))
}

fn judged(maps: &[(&str, f32)]) -> Value {
    let names: Vec<&str> = maps.iter().map(|m| m.0).collect();
    let areas: Vec<f32> = maps.iter().map(|m| m.1).collect();
    let rows = [("deletion", numbers(&areas)), ("insertion", numbers(&vec![0.5; maps.len()]))];
    meta(json!({}), json!({ "tables": [table("metrics", &names, &rows)] }))
}

fn groups(rows: &[(&str, f32)]) -> Value {
    let rows: Vec<_> = rows.iter().map(|(n, share)| (*n, words(&[12.0, 0.7, 1.2, 0.5, *share], "-"))).collect();
    let columns = ["pictures", "confidence", "entropy", "p_class", "answers_class", "energy_inside"];
    meta(json!({}), json!({ "tables": [table("groups", &columns, &rows)] }))
}

fn lens(ranks: &[usize]) -> Value {
    let names = ["relu1_1", "relu3_1", "relu4_1", "relu5_3"];
    let row = |(name, rank): (&&str, &usize)| json!({ "layer": name, "rank": rank, "usual": 3.0, "class": TABBY });
    meta(json!({}), json!({ "lens": names.iter().zip(ranks).map(row).collect::<Vec<_>>() }))
}

fn strip(likeness: &[f32]) -> Value {
    let names = ["relu1_1", "relu3_1", "relu4_1", "relu5_3"];
    let row = |(name, v): (&&str, &f32)| json!({ "layer": name, "error": 0.1, "correlation": v });
    free(json!({}), json!({ "strip": names.iter().zip(likeness).map(row).collect::<Vec<_>>() }))
}

fn stamps(taken: f32, grey: f32) -> Value {
    let risers = table(
        "risers_on_grey",
        &["riser", "before", "after"],
        &[
            ("strip", vec![class(TIGER).into(), 0.0.into(), 0.2.into()]),
            ("frame", vec![class(664).into(), 0.0.into(), grey.into()]),
        ],
    );
    let photo =
        variants(&[("photo", 0.6, TABBY), ("strip", 0.5, TABBY), ("red bar", 0.3, TIGER), ("frame", 0.6, TABBY)]);
    meta(json!({ "word": "COPYRIGHT" }), json!({ "stamp_dependence": taken, "tables": [photo, risers] }))
}

fn ranking(half: Value) -> Value {
    let best: &[[f32; 2]] = &[[0.0, 0.6], [1.0, 0.5], [2.0, 0.4], [4.0, 0.25], [8.0, 0.1]];
    let random: &[[f32; 2]] = &[[0.0, 0.6], [1.0, 0.6], [2.0, 0.6], [4.0, 0.57], [8.0, 0.5]];
    let chart = chart("ablation", &[("best_first", best), ("random", random)]);
    meta(json!({ "layer": "relu5_3", "tried": 8.0 }), json!({ "half": half, "charts": [chart] }))
}

fn detected(count: usize, rows: &[(&str, Vec<Cell>)]) -> Value {
    let units = table("units", &["iou", "concept", "share_of_photo"], rows);
    free(json!({ "layer": "relu1_2" }), json!({ "tables": [units], "detectors": count, "seen": 25, "silent": 3 }))
}

/// One of every method, and the cases at the edges.
fn cases() -> Vec<Case> {
    let heat = || vec![map(Kind::Heat, "map")];
    let magnitude = || vec![map(Kind::Magnitude, "map")];
    let none = Vec::new;
    let kin = json!({ "layer": "relu5_3", "evidence": "for", "fuse": "one" });
    let against = json!({ "layer": "relu5_3", "evidence": "against", "fuse": "one" });
    let cues = |one: &str, other: &str| {
        let line: &[[f32; 2]] = &[[0.0, 0.5]];
        free(json!({}), json!({ "shape_bias": 0.23, "charts": [chart("cues", &[(one, line), (other, line)])] }))
    };
    let shuffled = {
        let rows = [
            ("photo", vec![0.61.into(), Cell::Nothing, 1.0.into()]),
            ("2 x 2", numbers(&[0.4, 0.1, 0.8])),
            ("4 x 4", numbers(&[0.22, 0.1, 0.3])),
        ];
        meta(
            json!({}),
            json!({ "texture_reliance": 0.36, "tables": [table("variants", &["probability", "std", "keeps_the_answer"], &rows)] }),
        )
    };
    let shift = |p: f32, lowest: f32, mirror: f32| {
        let chart = chart("shift", &[("probability", &[[0.0, p], [1.0, lowest]])]);
        meta(
            json!({ "shift": 32.0 }),
            json!({ "jitter": 0.01, "lowest": lowest, "mirror_dependence": mirror, "charts": [chart] }),
        )
    };
    let grown = |params: Value, reached: f64, shaken: f64| {
        (params, json!({ "objective": reached, "shaken": shaken, "shaken_min": 0.1, "shown": [0.1, reached] }))
    };
    let climbed = |name: &str, reached, shaken| {
        let (params, facts) = grown(json!({ "objective": "target", "score": "logit" }), reached, shaken);
        unit(name, params, facts)
    };
    let of_class = |objective: &str, reached, shaken| {
        let (params, facts) = grown(json!({ "objective": objective, "score": "logit" }), reached, shaken);
        meta(params, facts)
    };
    let inverted = |code: &str, likeness: f64| {
        let params = json!({ "layer": "relu4_3", "only": "", "left": 0.0, "top": 0.0, "right": 1.0, "bottom": 1.0, "code": code });
        free(params, json!({ "relative_error": 0.042, "pixel_correlation": likeness, "objective": -0.042 }))
    };
    let dreamt = |mix: f64, guide: &str| {
        free(
            json!({ "layer": "relu5_1", "other": "relu4_2", "mix": mix, "guide": guide }),
            json!({ "curve": [2.0, 5.0, 14.3], "frames": [1, 2] }),
        )
    };
    let projected = |units: &str, first: f64, count: usize| {
        let places: Vec<_> =
            (0..count).map(|i| json!({ "x": i, "y": 0, "activation": first * (1.0 - i as f64 / 16.0) })).collect();
        meta(
            json!({ "layer": "relu5_3", "channel": "strongest", "units": units }),
            json!({ "channel": 63, "places": places }),
        )
    };
    let tiles = |data: Vec<f32>| vec![Figure::new(Kind::Tiles, "relu1_1", [3, 2, 2], data)];
    let backgrounds = |by_map: Value| {
        meta(
            json!({}),
            json!({ "background_reliance": 0.12, "foreground_reliance": 0.96, "marked": 0.3, "by_map": by_map }),
        )
    };
    let patched =
        |aim: &str, wins: f64, noise: f64| meta(json!({ "aim": aim }), json!({ "wins": wins, "wins_noise": noise }));
    let waves = |low: Value, high: Value| meta(json!({}), json!({ "low_half": low, "high_half": high }));
    let lit = |r2: f64| meta(json!({}), json!({ "segments": 58, "r2": r2, "spread": 0.01 }));
    let legend = |class: bool| {
        let entry = |k: usize, share: f64| match class {
            true => json!({ "value": k, "share": share, "class": TABBY + k }),
            false => json!({ "value": k, "share": share }),
        };
        free(
            json!({ "layer": "relu5_3" }),
            json!({ "residual": 0.4, "legend": [entry(0, 0.2), entry(1, 0.5), entry(2, 0.3)] }),
        )
    };
    let bars = |values: &[f64], score: f64| {
        let bars: Vec<_> = values.iter().enumerate().map(|(c, v)| json!({ "channel": 60 + c, "value": v })).collect();
        meta(json!({ "layer": "relu5_3" }), json!({ "score": score, "rest": 1.0, "bars": bars, "layers": [] }))
    };
    let column = |layer: &str, nodes: Value| json!({ "layer": layer, "total": 10.0, "rest": 1.0, "nodes": nodes });
    let flows = |conservation: f64| {
        let columns = json!([
            column("pixels", json!([])),
            column("relu5_3", json!([{ "channel": 63, "relevance": 1.4 }, { "channel": 7, "relevance": 1.0 }]))
        ]);
        meta(json!({}), json!({ "score": 10.0, "conservation": conservation, "columns": columns }))
    };
    let off = |channels: &str, rows: &[(usize, f32, f32)]| {
        free(json!({ "channels": channels }), json!({ "classes": classes(rows) }))
    };
    let swap = |likeness: f64| meta(json!({}), json!({ "class_swap": likeness, "other_class": TIGER }));
    let styled =
        |last: f64| free(json!({}), json!({ "objective": last, "shown": [-10.0, -4.0, last], "curve": [-10.0, last] }));
    vec![
        (
            "cam",
            heat(),
            meta(json!({ "class": "top" }), Value::Null),
            [
                "50 % of the evidence for “tabby” lies in an eighth of the photo, at the upper right.",
                "支持“虎斑猫”的证据有 50% 集中在照片右上方的八分之一区域。",
            ],
        ),
        (
            "cam",
            vec![even()],
            meta(json!({}), Value::Null),
            [
                "The evidence for “tabby” is spread out: no eighth of the photo holds more than about 12 % of it.",
                "支持“虎斑猫”的证据分布得很散：照片中任何八分之一的区域最多只占约 12%。",
            ],
        ),
        (
            "cam",
            vec![nothing()],
            meta(json!({}), Value::Null),
            [
                "Nothing found: nowhere in the photo is there any evidence for “tabby”.",
                "什么也没有找到：照片中没有一处有支持“虎斑猫”的证据。",
            ],
        ),
        (
            "feature_maps",
            tiles(vec![0.0, 0.0, 0.0, -1.0, 0.0, 2.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.5]),
            free(json!({ "layer": "relu1_1" }), json!({})),
            [
                "Channels of relu1_1 that answer somewhere in the photo: 2 of 3. Channel 1 answers most.",
                "relu1_1 的 3 个通道中，有 2 个在照片的某处有响应；通道 1 的响应最强。",
            ],
        ),
        (
            "feature_maps",
            tiles(vec![0.0; 12]),
            free(json!({ "layer": "relu1_1" }), json!({})),
            ["None of the 3 channels of relu1_1 answers to this photo.", "relu1_1 的 3 个通道对这张照片都没有响应。"],
        ),
        (
            "saliency",
            magnitude(),
            meta(json!({ "reduce": "max" }), json!({})),
            [
                "50 % of the sensitivity of “tabby” to small changes lies in an eighth of the photo, at the upper right.",
                "“虎斑猫”对微小变化的敏感度有 50% 集中在照片右上方的八分之一区域。",
            ],
        ),
        (
            "saliency",
            heat(),
            meta(json!({ "reduce": "times_input" }), json!({})),
            [
                "50 % of the evidence for “tabby” lies in an eighth of the photo, at the upper right.",
                "支持“虎斑猫”的证据有 50% 集中在照片右上方的八分之一区域。",
            ],
        ),
        (
            "saliency",
            magnitude(),
            unit("conv5_3:63", json!({ "reduce": "max" }), json!({})),
            [
                "50 % of the sensitivity of channel conv5_3:63 to small changes lies in an eighth of the photo, at the upper right.",
                "通道“conv5_3:63”对微小变化的敏感度有 50% 集中在照片右上方的八分之一区域。",
            ],
        ),
        (
            "smooth_grad",
            magnitude(),
            meta(json!({ "combine": "mean" }), json!({})),
            [
                "50 % of the sensitivity of “tabby” to small changes lies in an eighth of the photo, at the upper right.",
                "“虎斑猫”对微小变化的敏感度有 50% 集中在照片右上方的八分之一区域。",
            ],
        ),
        (
            "smooth_grad",
            magnitude(),
            meta(json!({ "combine": "variance" }), json!({})),
            [
                "50 % of the wavering in the sensitivity of “tabby” lies in an eighth of the photo, at the upper right.",
                "“虎斑猫”敏感度的波动有 50% 集中在照片右上方的八分之一区域。",
            ],
        ),
        (
            "integrated_gradients",
            heat(),
            meta(json!({}), json!({ "sum": 9.9, "difference": 10.0, "error": 0.01 })),
            [
                "50 % of the evidence for “tabby” lies in an eighth of the photo, at the upper right.",
                "支持“虎斑猫”的证据有 50% 集中在照片右上方的八分之一区域。",
            ],
        ),
        (
            "integrated_gradients",
            heat(),
            meta(json!({}), json!({ "sum": 8.8, "difference": 10.0, "error": 0.12 })),
            [
                "50 % of the evidence for “tabby” lies in an eighth of the photo, at the upper right. The shares do not quite add up: 12 % is off.",
                "支持“虎斑猫”的证据有 50% 集中在照片右上方的八分之一区域。各份额之和并不精确：相差 12%。",
            ],
        ),
        (
            "guided_backprop",
            vec![drawing("guided_backprop")],
            swap(0.98),
            [
                "The map for “tabby” is almost the same as the one for “tiger cat” (likeness 0.98 of 1): it hardly depends on the class.",
                "“虎斑猫”的图与“虎纹猫”的图几乎相同（相似度 0.98，满分为 1）：它几乎与类别无关。",
            ],
        ),
        (
            "guided_backprop",
            vec![drawing("guided_backprop")],
            swap(0.6),
            [
                "The map for “tabby” resembles the one for “tiger cat” (likeness 0.60 of 1): it depends only partly on the class.",
                "“虎斑猫”的图与“虎纹猫”的图相像（相似度 0.60，满分为 1）：它只部分取决于类别。",
            ],
        ),
        (
            "guided_backprop",
            vec![drawing("guided_backprop")],
            swap(-0.1),
            [
                "The map for “tabby” differs from the one for “tiger cat” (likeness 0.00 of 1): it depends on the class.",
                "“虎斑猫”的图与“虎纹猫”的图不同（相似度 0.00，满分为 1）：它取决于类别。",
            ],
        ),
        (
            "guided_backprop",
            vec![drawing("guided_backprop")],
            unit("conv5_3:63@7,3", json!({}), json!({})),
            [
                "75 % of the detail drawn for neuron conv5_3:63@7,3 lies in an eighth of the photo, at the upper right.",
                "为神经元“conv5_3:63@7,3”画出的细节有 75% 集中在照片右上方的八分之一区域。",
            ],
        ),
        (
            "deconvnet",
            vec![drawing("deconvnet")],
            projected("strongest", 12.0, 1),
            [
                "75 % of the detail that excites channel relu5_3:63 lies in an eighth of the photo, at the upper right.",
                "激发通道 relu5_3:63 的细节有 75% 集中在照片右上方的八分之一区域。",
            ],
        ),
        (
            "deconvnet",
            vec![drawing("deconvnet")],
            projected("strongest", 0.0, 1),
            ["Channel relu5_3:63 answers nowhere in this photo.", "通道 relu5_3:63 在这张照片中没有任何响应。"],
        ),
        (
            "deconvnet",
            vec![drawing("deconvnet")],
            projected("place", -1.0, 1),
            ["Channel relu5_3:63 does not answer there.", "通道 relu5_3:63 在那里没有响应。"],
        ),
        (
            "deconvnet",
            vec![drawing("projections"), drawing("patches")],
            projected("nine", 12.0, 9),
            [
                "At its ninth strongest place, channel relu5_3:63 still answers with 50 % of its peak.",
                "在第九强的位置，通道 relu5_3:63 的响应仍有峰值的 50%。",
            ],
        ),
        (
            "deconvnet",
            vec![drawing("deconvnet")],
            projected("channel", 0.0, 9),
            [
                "75 % of the detail that excites channel relu5_3:63 lies in an eighth of the photo, at the upper right.",
                "激发通道 relu5_3:63 的细节有 75% 集中在照片右上方的八分之一区域。",
            ],
        ),
        (
            "deconvnet",
            vec![drawing("deconvnet")],
            meta(json!({ "units": "class" }), Value::Null),
            [
                "75 % of the detail drawn for “tabby” lies in an eighth of the photo, at the upper right.",
                "为“虎斑猫”画出的细节有 75% 集中在照片右上方的八分之一区域。",
            ],
        ),
        (
            "grad_cam",
            magnitude(),
            meta(kin.clone(), json!({})),
            [
                "50 % of the evidence for “tabby” lies in an eighth of the photo, at the upper right.",
                "支持“虎斑猫”的证据有 50% 集中在照片右上方的八分之一区域。",
            ],
        ),
        (
            "grad_cam",
            vec![nothing()],
            meta(kin.clone(), json!({ "no_evidence": true })),
            [
                "Nothing found: nowhere in the photo is there any evidence for “tabby”.",
                "什么也没有找到：照片中没有一处有支持“虎斑猫”的证据。",
            ],
        ),
        (
            "grad_cam",
            magnitude(),
            meta(against.clone(), json!({})),
            [
                "50 % of the evidence against “tabby” lies in an eighth of the photo, at the upper right.",
                "反对“虎斑猫”的证据有 50% 集中在照片右上方的八分之一区域。",
            ],
        ),
        (
            "grad_cam",
            magnitude(),
            unit("conv5_3:63", kin.clone(), json!({})),
            [
                "50 % of the excitation of channel conv5_3:63 lies in an eighth of the photo, at the upper right.",
                "对通道“conv5_3:63”的激发有 50% 集中在照片右上方的八分之一区域。",
            ],
        ),
        (
            "grad_cam_pp",
            magnitude(),
            meta(kin.clone(), json!({})),
            [
                "50 % of the evidence for “tabby” lies in an eighth of the photo, at the upper right.",
                "支持“虎斑猫”的证据有 50% 集中在照片右上方的八分之一区域。",
            ],
        ),
        (
            "xgrad_cam",
            magnitude(),
            meta(kin.clone(), json!({})),
            [
                "50 % of the evidence for “tabby” lies in an eighth of the photo, at the upper right.",
                "支持“虎斑猫”的证据有 50% 集中在照片右上方的八分之一区域。",
            ],
        ),
        (
            "hires_cam",
            magnitude(),
            meta(kin.clone(), json!({})),
            [
                "50 % of the evidence for “tabby” lies in an eighth of the photo, at the upper right.",
                "支持“虎斑猫”的证据有 50% 集中在照片右上方的八分之一区域。",
            ],
        ),
        (
            "layer_cam",
            magnitude(),
            meta(kin.clone(), json!({})),
            [
                "50 % of the evidence for “tabby” lies in an eighth of the photo, at the upper right.",
                "支持“虎斑猫”的证据有 50% 集中在照片右上方的八分之一区域。",
            ],
        ),
        (
            "layer_cam",
            vec![nothing()],
            meta(against, json!({ "no_evidence": true })),
            [
                "Nothing found: nowhere in the photo is there any evidence against “tabby”.",
                "什么也没有找到：照片中没有一处有反对“虎斑猫”的证据。",
            ],
        ),
        (
            "score_cam",
            magnitude(),
            meta(kin.clone(), json!({ "channels": 64 })),
            [
                "50 % of the evidence for “tabby” lies in an eighth of the photo, at the upper right.",
                "支持“虎斑猫”的证据有 50% 集中在照片右上方的八分之一区域。",
            ],
        ),
        (
            "ablation_cam",
            magnitude(),
            meta(kin, json!({})),
            [
                "50 % of the evidence for “tabby” lies in an eighth of the photo, at the upper right.",
                "支持“虎斑猫”的证据有 50% 集中在照片右上方的八分之一区域。",
            ],
        ),
        (
            "guided_grad_cam",
            vec![drawing("guided_grad_cam")],
            meta(json!({}), json!({})),
            [
                "75 % of the detail drawn for “tabby” lies in an eighth of the photo, at the upper right.",
                "为“虎斑猫”画出的细节有 75% 集中在照片右上方的八分之一区域。",
            ],
        ),
        (
            "guided_grad_cam",
            vec![nothing()],
            meta(json!({}), json!({ "no_evidence": true })),
            [
                "Nothing found: nowhere in the photo is there any detail drawn for “tabby”.",
                "什么也没有找到：照片中没有一处有为“虎斑猫”画出的细节。",
            ],
        ),
        (
            "dff",
            magnitude(),
            legend(true),
            [
                "The layer splits the photo into 3 parts; the largest, which alone would read as “tiger cat”, covers 50 % of it.",
                "该层把照片分成 3 个部分；最大的部分（单独看来像“虎纹猫”）占 50%。",
            ],
        ),
        (
            "dff",
            magnitude(),
            legend(false),
            [
                "The layer splits the photo into 3 parts; the largest covers 50 % of it.",
                "该层把照片分成 3 个部分；最大的部分占 50%。",
            ],
        ),
        (
            "lrp",
            heat(),
            meta(json!({}), json!({ "score": 10.0, "sum": 9.0, "conservation": 0.9 })),
            [
                "50 % of the evidence for “tabby” lies in an eighth of the photo, at the upper right.",
                "支持“虎斑猫”的证据有 50% 集中在照片右上方的八分之一区域。",
            ],
        ),
        (
            "occlusion",
            heat(),
            meta(json!({}), json!({ "windows": 225 })),
            [
                "50 % of the harm that hiding parts does to “tabby” lies in an eighth of the photo, at the upper right.",
                "遮住局部对“虎斑猫”造成的损失有 50% 集中在照片右上方的八分之一区域。",
            ],
        ),
        (
            "occlusion",
            vec![nothing()],
            meta(json!({}), json!({ "windows": 225 })),
            [
                "Nothing found: nowhere in the photo is there any harm that hiding parts does to “tabby”.",
                "什么也没有找到：照片中没有一处有遮住局部对“虎斑猫”造成的损失。",
            ],
        ),
        (
            "rise",
            heat(),
            meta(json!({}), json!({ "halves": 0.97, "masks": 1000 })),
            [
                "50 % of the above-average support for “tabby” lies in an eighth of the photo, at the upper right.",
                "对“虎斑猫”高于平均的支持有 50% 集中在照片右上方的八分之一区域。",
            ],
        ),
        (
            "rise",
            heat(),
            meta(json!({}), json!({ "halves": 0.6, "masks": 1000 })),
            [
                "50 % of the above-average support for “tabby” lies in an eighth of the photo, at the upper right. The map is still noisy: two halves of the masks give different ones.",
                "对“虎斑猫”高于平均的支持有 50% 集中在照片右上方的八分之一区域。图仍有噪声：两半蒙版得到的图不一致。",
            ],
        ),
        (
            "lime",
            heat(),
            // from a half on it is not warned
            lit(0.5),
            [
                "50 % of the evidence for “tabby” lies in an eighth of the photo, at the upper right.",
                "支持“虎斑猫”的证据有 50% 集中在照片右上方的八分之一区域。",
            ],
        ),
        (
            "lime",
            heat(),
            lit(0.31),
            [
                "50 % of the evidence for “tabby” lies in an eighth of the photo, at the upper right. The simple model behind it explains only 31 % of what the network does: take it with care.",
                "支持“虎斑猫”的证据有 50% 集中在照片右上方的八分之一区域。背后的简单模型只解释了网络行为的 31%：请谨慎看待。",
            ],
        ),
        (
            "contributions",
            heat(),
            bars(&[1.2, 0.4, -0.3], 10.0),
            [
                "Channel relu5_3:60 adds most to “tabby”, 12 % of its score.",
                "通道 relu5_3:60 对“虎斑猫”的贡献最大，占其得分的 12%。",
            ],
        ),
        (
            "contributions",
            heat(),
            bars(&[12.0], 10.0),
            ["Channel relu5_3:60 adds most to “tabby”.", "通道 relu5_3:60 对“虎斑猫”的贡献最大。"],
        ),
        (
            "contributions",
            heat(),
            bars(&[-0.3], 10.0),
            ["No channel of relu5_3 adds to “tabby”.", "relu5_3 没有任何通道对“虎斑猫”有正的贡献。"],
        ),
        (
            "contributions",
            heat(),
            bars(&[], 10.0),
            ["No channel of relu5_3 adds to “tabby”.", "relu5_3 没有任何通道对“虎斑猫”有正的贡献。"],
        ),
        (
            "cascade",
            heat(),
            flows(0.61),
            [
                "In relu5_3, the largest share of the score of “tabby”, 14 %, passes through channel 63. 61 % of the score arrives at the pixels.",
                "在 relu5_3，“虎斑猫”的得分中最大的一份（14%）经过通道 63。得分的 61% 到达像素。",
            ],
        ),
        (
            "cascade",
            heat(),
            flows(-3.0),
            [
                "In relu5_3, the largest share of the score of “tabby”, 14 %, passes through channel 63.",
                "在 relu5_3，“虎斑猫”的得分中最大的一份（14%）经过通道 63。",
            ],
        ),
        (
            "layer_lens",
            none(),
            lens(&[523, 80, 4, 1]),
            [
                "From relu4_1 on, a simple reader keeps “tabby” among its five best guesses; at relu1_1 it was number 523 of 1000.",
                "从 relu4_1 起，简单的探针一直把“虎斑猫”排在前五名之内；在 relu1_1 它在 1000 类中排第 523。",
            ],
        ),
        (
            "layer_lens",
            none(),
            lens(&[523, 2, 80, 37]),
            [
                "Even from the last layer, a simple reader does not have “tabby” among its five best guesses: it is number 37 of 1000.",
                "即使在最后一层，简单的探针也没有把“虎斑猫”排进前五名：它在 1000 类中排第 37。",
            ],
        ),
        (
            "layer_lens",
            none(),
            lens(&[3, 2, 2, 1]),
            [
                "Already from relu1_1 on, a simple reader has “tabby” among its five best guesses of 1000.",
                "从 relu1_1 起，简单的探针就一直把“虎斑猫”排在 1000 类的前五名之内。",
            ],
        ),
        (
            "ablation",
            none(),
            off("relu5_3:63", &[(TABBY, 0.61, 0.2), (TIGER, 0.2, 0.44)]),
            [
                "Without the named channels the answer turns from “tabby” to “tiger cat”; “tabby” goes from 61 % to 20 %.",
                "关闭所选通道后，答案由“虎斑猫”变为“虎纹猫”；“虎斑猫”的概率由 61% 变为 20%。",
            ],
        ),
        (
            "ablation",
            none(),
            off("relu5_3:63, relu5_3:7", &[(TABBY, 0.61, 0.58), (TIGER, 0.2, 0.21)]),
            [
                "Without the named channels the answer stays “tabby”; its probability goes from 61 % to 58 %.",
                "关闭所选通道后，答案仍是“虎斑猫”；其概率由 61% 变为 58%。",
            ],
        ),
        (
            "ablation",
            none(),
            off("", &[(TABBY, 0.61, 0.61)]),
            ["No channel was named, so nothing was switched off.", "没有指定通道，因此什么也没有关闭。"],
        ),
        (
            "maximise",
            none(),
            climbed("conv5_3:63", 14.6, 12.0),
            [
                "The grown picture excites channel conv5_3:63 7.3 times as strongly as the photo does. Shaken a little, it keeps 82 % of its effect.",
                "生成的图像对通道“conv5_3:63”的激发是照片的 7.3 倍。稍加抖动后，其效果保留了 82%。",
            ],
        ),
        (
            "maximise",
            none(),
            climbed("relu5_3:63", 14.6, 12.0),
            ["Shaken a little, the grown picture keeps 82 % of its effect.", "稍加抖动后，其效果保留了 82%。"],
        ),
        (
            "maximise",
            none(),
            climbed("conv5_3:63@3,4", -1.0, -2.0),
            [
                "The picture that was grown does not excite neuron conv5_3:63@3,4.",
                "生成的图像没有激发神经元“conv5_3:63@3,4”。",
            ],
        ),
        (
            "maximise",
            none(),
            of_class("target", 30.0, 3.0),
            [
                "The grown picture speaks more strongly for “tabby” than the photo does. Shaken a little, it keeps 10 % of its effect.",
                "生成的图像比照片更强地支持“虎斑猫”。稍加抖动后，其效果保留了 10%。",
            ],
        ),
        (
            "maximise",
            none(),
            of_class("target", 10.0, 12.0),
            [
                "The grown picture speaks no more strongly for “tabby” than the photo does. Shaken a little, it keeps 100 % of its effect.",
                "生成的图像并不比照片更支持“虎斑猫”。稍加抖动后，其效果保留了 100%。",
            ],
        ),
        (
            "maximise",
            none(),
            of_class("diversity", 10.0, -2.0),
            ["Shaken a little, the grown picture keeps 0 % of its effect.", "稍加抖动后，其效果保留了 0%。"],
        ),
        (
            "invert",
            none(),
            inverted("photo", 0.95),
            [
                "From relu4_3 alone the photo comes back almost unchanged (likeness 0.95 of 1), with an error of 4 % at the layer.",
                "仅凭 relu4_3，照片几乎原样恢复（相似度 0.95，满分为 1），层上的误差为 4%。",
            ],
        ),
        (
            "invert",
            none(),
            inverted("photo", 0.6),
            [
                "From relu4_3 alone the photo comes back in part (likeness 0.60 of 1), with an error of 4 % at the layer.",
                "仅凭 relu4_3，照片部分恢复（相似度 0.60，满分为 1），层上的误差为 4%。",
            ],
        ),
        (
            "invert",
            none(),
            inverted("photo", 0.1),
            [
                "From relu4_3 alone the photo's pixels do not come back (likeness 0.10 of 1), with an error of 4 % at the layer.",
                "仅凭 relu4_3，照片的像素没有恢复（相似度 0.10，满分为 1），层上的误差为 4%。",
            ],
        ),
        (
            "invert",
            none(),
            inverted("between", 0.1),
            [
                "On the way between the two pictures, what relu4_3 holds is met up to an error of 4 %.",
                "在两张图片之间，relu4_3 所含的内容被还原到误差 4%。",
            ],
        ),
        (
            "forgetting",
            none(),
            strip(&[0.99, 0.8, 0.55, 0.21]),
            [
                "The picture rebuilt from relu1_1 matches the photo by 0.99 of 1; up to relu4_1 it is at least one half, and from relu5_3 it is 0.21.",
                "由 relu1_1 还原的图像与照片的相似度为 0.99（满分为 1）；直到 relu4_1 都不低于一半，由 relu5_3 还原的为 0.21。",
            ],
        ),
        (
            "forgetting",
            none(),
            strip(&[0.4, 0.3, 0.6, 0.2]),
            [
                "The picture rebuilt from relu1_1 matches the photo by 0.40 of 1, the one from relu5_3 by 0.20.",
                "由 relu1_1 还原的图像与照片的相似度为 0.40（满分为 1），由 relu5_3 还原的为 0.20。",
            ],
        ),
        (
            "dream",
            none(),
            dreamt(0.0, "off"),
            [
                "The dream holds 14.3 times as much of what relu5_1 sees as the photo does.",
                "梦境中 relu5_1 所看到的内容是照片的 14.3 倍。",
            ],
        ),
        (
            "dream",
            none(),
            dreamt(0.5, "off"),
            [
                "The dream holds 14.3 times as much of what relu5_1 + relu4_2 sees as the photo does.",
                "梦境中 relu5_1 + relu4_2 所看到的内容是照片的 14.3 倍。",
            ],
        ),
        (
            "dream",
            none(),
            dreamt(1.0, "second"),
            [
                "From the first step to the last, the match with the second picture at relu4_2 became 7.2 times as strong.",
                "从第一步到最后一步，在 relu4_2 上与第二张图片的吻合程度变为原来的 7.2 倍。",
            ],
        ),
        (
            "style",
            none(),
            styled(-0.7),
            [
                "93 % of the way to the photo's content in the second picture's style is done.",
                "距离“照片的内容加第二张图片的风格”这一目标，已完成 93%。",
            ],
        ),
        (
            "style",
            none(),
            styled(-11.0),
            [
                "The picture has come no closer to the photo's content in the second picture's style.",
                "图像没有更接近“照片的内容加第二张图片的风格”这一目标。",
            ],
        ),
        (
            "adversarial",
            none(),
            attacked(1, "away", &[(TABBY, 0.61, 0.1), (TIGER, 0.2, 0.8)], TIGER),
            [
                "Changing every pixel by at most 2/255 turns “tabby” into “tiger cat”.",
                "每个像素最多改变 2/255，就使“虎斑猫”变成“虎纹猫”。",
            ],
        ),
        (
            "adversarial",
            none(),
            attacked(1, "away", &[(TABBY, 0.61, 0.1), (TIGER, 0.2, 0.8)], TABBY),
            [
                "Changing every pixel by at most 2/255 turns “tabby” into “tiger cat”. Saved as a picture file, the change no longer works.",
                "每个像素最多改变 2/255，就使“虎斑猫”变成“虎纹猫”。保存为图片文件后，这一改变不再有效。",
            ],
        ),
        (
            "adversarial",
            none(),
            attacked(0, "away", &[(TABBY, 0.61, 0.5), (TIGER, 0.2, 0.3)], TABBY),
            [
                "The attack failed: with every pixel changed by at most 2/255, the answer is still “tabby”.",
                "攻击失败：每个像素最多改变 2/255，答案仍是“虎斑猫”。",
            ],
        ),
        (
            "adversarial",
            none(),
            attacked(1, "away", &[(TABBY, 0.2, 0.1), (TIGER, 0.6, 0.8)], TIGER),
            [
                "Even unchanged, the photo is not taken for “tabby” but for “tiger cat”; after the attack it is taken for “tiger cat”.",
                "即使不加改变，照片也不被认作“虎斑猫”，而是“虎纹猫”；攻击之后被认作“虎纹猫”。",
            ],
        ),
        (
            "adversarial",
            none(),
            attacked(1, "towards", &[(TIGER, 0.6, 0.1), (TABBY, 0.2, 0.8)], TABBY),
            [
                "Changing every pixel by at most 2/255 turns “tiger cat” into “tabby”.",
                "每个像素最多改变 2/255，就使“虎纹猫”变成“虎斑猫”。",
            ],
        ),
        (
            "adversarial",
            none(),
            attacked(0, "towards", &[(TIGER, 0.6, 0.5), (TABBY, 0.2, 0.3)], TIGER),
            [
                "The attack failed: with every pixel changed by at most 2/255, the answer is “tiger cat” and not “tabby”.",
                "攻击失败：每个像素最多改变 2/255，答案是“虎纹猫”而不是“虎斑猫”。",
            ],
        ),
        (
            "patch",
            none(),
            patched("away", 0.9375, 0.0625),
            [
                "The sticker turns the answer away from “tabby” at 94 % of the places tried, a sticker of noise at 6 %.",
                "在 94% 的位置上，贴片使答案离开“虎斑猫”；噪声贴片为 6%。",
            ],
        ),
        (
            "patch",
            none(),
            patched("towards", 0.5, 0.0),
            [
                "The sticker makes the answer “tabby” at 50 % of the places tried, a sticker of noise at 0 %.",
                "在 50% 的位置上，贴片使答案变成“虎斑猫”；噪声贴片为 0%。",
            ],
        ),
        (
            "patch",
            none(),
            patched("away", 0.0, 0.0),
            [
                "The attack failed: at none of the places tried does the sticker turn the answer away from “tabby”.",
                "攻击失败：在所有试过的位置，贴片都没有使答案离开“虎斑猫”。",
            ],
        ),
        (
            "patch",
            none(),
            patched("towards", 0.0, 0.0),
            [
                "The attack failed: at none of the places tried does the sticker make the answer “tabby”.",
                "攻击失败：在所有试过的位置，贴片都没有使答案变成“虎斑猫”。",
            ],
        ),
        (
            "patch",
            none(),
            patched("away", 0.25, 0.25),
            [
                "The sticker turns the answer away from “tabby” at 25 % of the places tried, a sticker of noise at 25 %. So it does no better than noise.",
                "在 25% 的位置上，贴片使答案离开“虎斑猫”；噪声贴片为 25%。因此它并不比噪声更有效。",
            ],
        ),
        (
            "corruptions",
            none(),
            corrupted(
                "all_kinds",
                &[
                    ("jpeg", [0.6, 0.6, 0.6, 0.5, 0.5, 0.5], [1.0; 6]),
                    ("gaussian_noise", [0.6, 0.5, 0.3, 0.1, 0.05, 0.002], [1.0, 1.0, 1.0, 2.0, 5.0, 80.0]),
                ],
            ),
            [
                "At the strongest level, 1 of 2 kinds of damage leave the answer at “tabby”; “Gaussian noise” hurts most and takes it from 60 % to less than 1 %.",
                "在最强的程度下，2 种退化中有 1 种不改变答案“虎斑猫”；“高斯噪声”的影响最大，使它由 60% 变为不到 1%。",
            ],
        ),
        (
            "corruptions",
            none(),
            corrupted("jpeg", &[("jpeg", [0.6, 0.6, 0.6, 0.5, 0.3, 0.2], [1.0, 1.0, 1.0, 1.0, 2.0, 1.0])]),
            [
                "“tabby” stays the answer up to level 3 of 5 of “JPEG”.",
                "直到“JPEG 压缩”的第 3 级（共 5 级），答案仍是“虎斑猫”。",
            ],
        ),
        (
            "corruptions",
            none(),
            corrupted("jpeg", &[("jpeg", [0.6; 6], [1.0; 6])]),
            [
                "“tabby” stays the answer at all five levels of “JPEG”.",
                "在“JPEG 压缩”的全部五个程度下，答案都仍是“虎斑猫”。",
            ],
        ),
        (
            "corruptions",
            none(),
            corrupted("jpeg", &[("jpeg", [0.6, 0.2, 0.2, 0.1, 0.1, 0.1], [1.0, 2.0, 2.0, 3.0, 3.0, 3.0])]),
            [
                "Already the weakest level of “JPEG” turns the answer away from “tabby”.",
                "“JPEG 压缩”的最弱程度就已使答案离开“虎斑猫”。",
            ],
        ),
        (
            "corruptions",
            none(),
            corrupted("jpeg", &[("jpeg", [0.2, 0.1, 0.1, 0.1, 0.1, 0.04], [2.0; 6])]),
            [
                "“tabby” is not the answer even to the clean photo; “JPEG” takes it from 20 % to 4 %.",
                "即使对干净的照片，“虎斑猫”也不是答案；“JPEG 压缩”使它由 20% 变为 4%。",
            ],
        ),
        (
            "cue_conflict",
            none(),
            cues("cat|猫", "clock|钟"),
            [
                "Painted in the other's texture, the photo is judged by its shape (“cat”) to 23 % and by the texture (“clock”) to 77 %, on average.",
                "画上另一张图片的纹理后，对照片的判断平均 23% 依据形状（“猫”），77% 依据纹理（“钟”）。",
            ],
        ),
        (
            "cue_conflict",
            none(),
            cues("class:281", "class:282"),
            [
                "Painted in the other's texture, the photo is judged by its shape (“tabby”) to 23 % and by the texture (“tiger cat”) to 77 %, on average.",
                "画上另一张图片的纹理后，对照片的判断平均 23% 依据形状（“虎斑猫”），77% 依据纹理（“虎纹猫”）。",
            ],
        ),
        (
            "background",
            none(),
            backgrounds(json!(true)),
            [
                "With other backgrounds, the probability of “tabby” falls by 12 % on average; without the object, it falls by 96 %. (The object is what the class activation map lights up.)",
                "更换背景后，“虎斑猫”的概率平均减少 12%；去掉物体后，减少 96%。（物体是指类激活图亮起的部分。）",
            ],
        ),
        (
            "background",
            none(),
            backgrounds(Value::Null),
            [
                "With other backgrounds, the probability of “tabby” falls by 12 % on average; without the object, it falls by 96 %.",
                "更换背景后，“虎斑猫”的概率平均减少 12%；去掉物体后，减少 96%。",
            ],
        ),
        (
            "colour",
            none(),
            meta(json!({}), json!({ "colour_dependence": 0.35, "hue_dependence": -0.1 })),
            [
                "Without colour, the probability of “tabby” falls by 35 %; with its hues turned, it rises by 10 % on average.",
                "去掉颜色后，“虎斑猫”的概率减少 35%；转动色相后，平均增加 10%。",
            ],
        ),
        (
            "colour",
            none(),
            meta(json!({}), json!({ "colour_dependence": 0.0, "hue_dependence": 0.002 })),
            [
                "Without colour, the probability of “tabby” stays the same; with its hues turned, it stays the same on average.",
                "去掉颜色后，“虎斑猫”的概率不变；转动色相后，平均不变。",
            ],
        ),
        (
            "shuffle",
            none(),
            shuffled,
            [
                "Cut into 4 x 4 pieces and shuffled, the photo is called “tabby” in 30 % of the orders; its probability goes from 61 % to 22 %.",
                "切成 4×4 块并打乱后，在 30% 的排列中照片被认作“虎斑猫”；其概率由 61% 变为 22%。",
            ],
        ),
        (
            "frequency",
            none(),
            waves(json!(24.0), json!(16.0)),
            [
                "With nothing finer than 1/24 of the photo's width, “tabby” keeps half of its probability. So it does with nothing coarser than 1/16 of it.",
                "只保留不细于照片宽度 1/24 的内容，“虎斑猫”仍保有一半的概率。只保留不粗于 1/16 的内容时也是如此。",
            ],
        ),
        (
            "frequency",
            none(),
            waves(json!(24.0), Value::Null),
            [
                "With nothing finer than 1/24 of the photo's width, “tabby” keeps half of its probability. Fine detail alone is not enough for that.",
                "只保留不细于照片宽度 1/24 的内容，“虎斑猫”仍保有一半的概率。只有细节则达不到一半。",
            ],
        ),
        (
            "frequency",
            none(),
            waves(Value::Null, json!(8.0)),
            [
                "Without the very finest detail, “tabby” loses more than half of its probability. With nothing coarser than 1/8 of the photo's width, it keeps half.",
                "去掉最细的细节，“虎斑猫”就失去一半以上的概率。只保留不粗于照片宽度 1/8 的内容，则能保有一半。",
            ],
        ),
        (
            "frequency",
            none(),
            waves(Value::Null, Value::Null),
            [
                "Without the very finest detail, “tabby” loses more than half of its probability. Fine detail alone does not keep half either.",
                "去掉最细的细节，“虎斑猫”就失去一半以上的概率。只有细节也保不住一半。",
            ],
        ),
        (
            "position",
            none(),
            shift(0.61, 0.4, 0.05),
            [
                "With the photo moved by up to 32 pixels, “tabby” falls from 61 % to 40 % at worst; mirrored, it falls by 5 %.",
                "照片最多移动 32 像素时，“虎斑猫”的概率最低由 61% 降到 40%；左右翻转后，减少 5%。",
            ],
        ),
        (
            "position",
            none(),
            shift(0.61, 0.61, -0.2),
            [
                "With the photo moved by up to 32 pixels, “tabby” never falls below the 61 % that it has; mirrored, it rises by 20 %.",
                "照片最多移动 32 像素时，“虎斑猫”的概率从未低于原来的 61%；左右翻转后，增加 20%。",
            ],
        ),
        (
            "stamp",
            none(),
            stamps(0.5, 0.8),
            [
                "The stamp that harms “tabby” most, “red bar”, takes 50 % of its probability. On plain grey, “frame” alone is taken for “monitor”.",
                "对“虎斑猫”影响最大的印记是“红条”，使其概率减少 50%。在纯灰图上，单凭“边框”就被认作“显示器”。",
            ],
        ),
        (
            "stamp",
            none(),
            stamps(0.5, 0.3),
            [
                "The stamp that harms “tabby” most, “red bar”, takes 50 % of its probability.",
                "对“虎斑猫”影响最大的印记是“红条”，使其概率减少 50%。",
            ],
        ),
        (
            "stamp",
            none(),
            stamps(-0.1, 0.3),
            ["No stamp takes any of “tabby”'s probability.", "没有任何印记降低“虎斑猫”的概率。"],
        ),
        (
            "channel_ranking",
            none(),
            ranking(json!(4)),
            [
                "Switching off the top 4 of 8 channels tried in relu5_3 takes more than half of “tabby”'s probability; as many at random leave 95 % of it.",
                "关闭 relu5_3 中所试 8 个通道里最重要的 4 个，“虎斑猫”就失去一半以上的概率；随机关闭同样多的通道则保留 95%。",
            ],
        ),
        (
            "channel_ranking",
            none(),
            ranking(Value::Null),
            [
                "Even with all 8 channels tried in relu5_3 switched off, “tabby” keeps at least half of its probability.",
                "即使关闭 relu5_3 中所试的全部 8 个通道，“虎斑猫”仍保有至少一半的概率。",
            ],
        ),
        (
            "audit",
            none(),
            groups(&[("day", 0.8), ("night", 0.2), ("noon", 0.5)]),
            [
                "“tabby” is the answer to 80 % of the pictures in “day”, but to 20 % in “night”.",
                "“day”中 80% 的图片的答案是“虎斑猫”，而“night”中只有 20%。",
            ],
        ),
        (
            "audit",
            none(),
            groups(&[("my {own} folder", 0.5)]),
            [
                "“tabby” is the answer to 50 % of the pictures in every group.",
                "每一组中都有 50% 的图片的答案是“虎斑猫”。",
            ],
        ),
        (
            "faithfulness",
            none(),
            judged(&[("grad_cam", 0.2), ("lrp", 0.1), ("saliency", 0.4), ("random", 0.3), ("centre", 0.05)]),
            [
                "Removing the pixels that “LRP” marks brings “tabby” down fastest; 2 of 3 maps do better at this than a random one.",
                "按“LRP（逐层相关性传播）”移除像素，“虎斑猫”下降最快；3 幅图中有 2 幅在这一点上胜过随机图。",
            ],
        ),
        (
            "faithfulness",
            none(),
            judged(&[("lrp", 0.1), ("random", 0.3), ("centre", 0.2)]),
            [
                "Removing the pixels that “LRP” marks brings “tabby” down faster than removing random ones.",
                "按“LRP（逐层相关性传播）”移除像素，“虎斑猫”的下降比随机移除更快。",
            ],
        ),
        (
            "faithfulness",
            none(),
            judged(&[("lrp", 0.3), ("random", 0.3), ("centre", 0.2)]),
            [
                "Removing the pixels that “LRP” marks brings “tabby” down no faster than removing random ones, and no other map tried does better.",
                "按“LRP（逐层相关性传播）”移除像素，“虎斑猫”的下降并不比随机移除更快，其他所试的图也不更好。",
            ],
        ),
        (
            "randomisation",
            none(),
            verdicts(
                "cascade",
                &[("saliency", 0.1, "passes"), ("grad_cam", 0.05, "passes"), ("guided_backprop", 0.9, "fails")],
            ),
            [
                "Once all weights were replaced, a map must fall apart. Passed: “Gradient saliency”, “Grad-CAM”; failed: “Guided backpropagation”.",
                "全部权重被替换后，图应当瓦解。合格：“梯度显著图”、“Grad-CAM（梯度加权）”；不合格：“导向反向传播”。",
            ],
        ),
        (
            "randomisation",
            none(),
            verdicts("cascade", &[("guided_backprop", 0.9, "fails")]),
            [
                "The map of “Guided backpropagation” barely changed although all weights were replaced: it fails.",
                "尽管全部权重被替换，“导向反向传播”的图几乎没有变化：不合格。",
            ],
        ),
        (
            "randomisation",
            none(),
            verdicts("independent", &[("guided_backprop", 0.3, "fails")]),
            [
                "The old map still shows through although the first layer's weights were replaced. Failed: “Guided backpropagation”.",
                "尽管第一层的权重被替换，仍能看出原来的图。不合格：“导向反向传播”。",
            ],
        ),
        (
            "randomisation",
            none(),
            verdicts("cascade", &[("saliency", 0.1, "passes"), ("grad_cam", 0.05, "passes")]),
            [
                "Hardly anything of the old map is left once all weights were replaced, as it should be. Passed: “Gradient saliency”, “Grad-CAM”.",
                "全部权重被替换后，原来的图几乎不复存在，理应如此。合格：“梯度显著图”、“Grad-CAM（梯度加权）”。",
            ],
        ),
        (
            "tcav",
            none(),
            concepts(&[("red", None), ("stripes", Some(0.85)), ("dots", Some(0.6))]),
            [
                "2 of 3 concepts can be told from chance; most clearly, more of “stripes” raises “tabby” for 85 % of its pictures.",
                "3 个概念中有 2 个能与偶然区分；最明显的是：增加“条纹”会使“虎斑猫”在 85% 的图片中上升。",
            ],
        ),
        (
            "tcav",
            none(),
            concepts(&[("red", None), ("stripes", None)]),
            [
                "None of the 2 concepts can be told from chance here, so nothing is said about “tabby”.",
                "2 个概念都无法与偶然区分，因此对“虎斑猫”不作结论。",
            ],
        ),
        (
            "tcav",
            none(),
            concepts(&[("stripes", Some(0.1))]),
            [
                "More of “stripes” raises “tabby” for 10 % of its pictures.",
                "增加“条纹”会使“虎斑猫”在 10% 的图片中上升。",
            ],
        ),
        (
            "tcav",
            none(),
            concepts(&[("red", None)]),
            [
                "“red” cannot be told from chance here, so nothing is said about “tabby”.",
                "“红”在此无法与偶然区分，因此对“虎斑猫”不作结论。",
            ],
        ),
        (
            "dissection",
            magnitude(),
            detected(12, &[("relu1_2:32", vec![0.21.into(), "vertical edges".into(), 0.02.into()])]),
            [
                "Channel relu1_2:32 matches a simple concept best: “vertical edges”. Matching at all: 12 of the 64 channels of relu1_2.",
                "通道 relu1_2:32 与一个简单概念最相符：“竖直边缘”。relu1_2 的 64 个通道中，共有 12 个与某个概念相符。",
            ],
        ),
        (
            "dissection",
            none(),
            detected(0, &[]),
            [
                "None of the 64 channels of relu1_2 matches one of the simple concepts that were tried.",
                "relu1_2 的 64 个通道都不与所试的简单概念相符。",
            ],
        ),
    ]
}

fn said(id: &str, figures: Vec<Figure>, meta: &Value, lang: Lang) -> Option<String> {
    let figures: Vec<Rc<Figure>> = figures.into_iter().map(Rc::new).collect();
    sentence(id, &Found { net: &cnn_lens::catalog::networks::first(), figures: &figures, meta, name }, lang)
}

#[test]
fn every_method_says_what_it_found() {
    for (id, figures, meta, [en, zh]) in cases() {
        assert_eq!(said(id, figures.clone(), &meta, Lang::En).as_deref(), Some(en), "{id}");
        assert_eq!(said(id, figures, &meta, Lang::Zh).as_deref(), Some(zh), "{id}");
    }
}

#[test]
fn no_method_is_left_out() {
    for info in INFOS {
        assert!(cases().iter().any(|c| c.0 == info.id), "{} has no case here", info.id);
    }
    assert_eq!(said("no_such_method", Vec::new(), &Value::Null, Lang::En), None);
}

/// Whatever is taken away, what is left over gives no sentence or one that is filled in to the end.
#[test]
fn what_is_missing_gives_no_sentence() {
    for (id, figures, meta, _) in cases() {
        for lang in [Lang::En, Lang::Zh] {
            assert_eq!(said(id, Vec::new(), &Value::Null, lang), None, "{id} without anything");
            let mut bare = meta.clone();
            bare["facts"] = json!({});
            bare["target"] = Value::Null;
            let heat = figures.len() == 1 && id == "feature_maps";
            assert_eq!(said(id, figures.clone(), &bare, lang).is_some(), heat, "{id} without facts and target");
            for key in meta["facts"].as_object().into_iter().flatten().map(|f| f.0) {
                let mut less = meta.clone();
                less["facts"].as_object_mut().unwrap().remove(key);
                let told = said(id, figures.clone(), &less, lang).unwrap_or_default();
                assert!(!told.contains(['{', '}']) && !told.contains("NaN") && !told.contains("inf"), "{id}: {told}");
            }
        }
    }
}

/// They are short enough to be one sentence or two.
#[test]
fn sentences_are_short() {
    for (id, _, _, [en, zh]) in cases() {
        let ends = |text: &str, stop: &str| text.matches(stop).count();
        assert!(en.len() < 230 && zh.chars().count() < 120, "{id}: {} {}", en.len(), zh.chars().count());
        assert!(ends(zh, "。") <= 2 && en.ends_with(['.', ')']) && zh.ends_with(['。', '）']), "{id}");
    }
}

/// Numbers of the real network: the maps that the page shows before the engine is there.
#[test]
fn real_maps_are_read() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("www/examples");
    let read = |name: &str| -> Value { serde_json::from_slice(&std::fs::read(root.join(name)).unwrap()).unwrap() };
    for (name, expected) in [
        ("cat", "The evidence for “tabby” is spread out: no eighth of the photo holds more than about 21 % of it."),
        ("cat_raccoon", "44 % of the evidence for “badger” lies in an eighth of the photo, at the upper right."),
        ("coffee", "43 % of the evidence for “espresso” lies in an eighth of the photo, at the upper middle."),
    ] {
        let kept = read(&format!("{name}.json"));
        let size = |key: &str| kept["cam"][key].as_u64().unwrap() as usize;
        let data: Vec<f32> = serde_json::from_value(kept["cam"]["maps"][0].clone()).unwrap();
        let figure = Figure::new(Kind::Heat, "cam", [1, size("height"), size("width")], data);
        let meta = json!({ "target": { "index": kept["classes"][0]["index"] } });
        assert_eq!(said("cam", vec![figure], &meta, Lang::En).as_deref(), Some(expected), "{name}");
    }
}
