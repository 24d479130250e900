//! The report: everything that was computed for the picture, as one self-contained page and as JSON.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{Answer, Session};
use crate::catalog::card::{ChannelOrder, Preprocessing, file};
use crate::catalog::graph::HeadKind;
use crate::catalog::text::{Lang, Text, text};
use crate::catalog::{NetworkSpec, ProblemKind};
use crate::engine::Device;
use crate::figure::colours::label;
use crate::figure::scale::{Range, percentile, stats};
use crate::figure::told::{Cell, Chart, Table, short};
use crate::figure::{Figure, Kind};
use crate::methods::find;
use crate::methods::names::{name, parameters, single};
use crate::protocol::Problem;

const TITLE: Text = text!("CNN Lens: report of one picture", "CNN Lens：一张图片的报告");
const PICTURE: Text = text!("The picture, as the network sees it", "网络所看到的图片");
const NETWORK: Text = text!("The network", "网络");
const CLASSES: Text = text!("classes", "个类别");
const CLASSIFIER: Text = text!("Classifier", "分类头");
const POOLED: Text = text!("linear, behind the average of the last maps", "线性，位于末层特征图的平均值之后");
const DEEP: Text = text!("several layers behind the average of the last maps", "多层，位于末层特征图的平均值之后");
const FLAT: Text = text!("fully connected layers over the last maps", "末层特征图之上的全连接层");
const TAUGHT: Text = text!("the linear teaching head", "线性教学分类头");
const WEIGHTS: Text = text!("Weights", "权重");
const TERMS: Text = text!("Licence", "许可");
const PREPARED: Text = text!("Preprocessing", "预处理");
const PARAMETERS: Text = text!("Parameters", "参数");
const SOURCE: Text = text!("Source", "来源");
const CAVEAT: Text = text!("What it does not show", "它不能说明什么");
const ALL: Text = text!("All numbers", "全部数值");

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c1d22;background:#fff}\
h2{border-top:1px solid #ccc;padding-top:1rem}.f{display:flex;flex-wrap:wrap;gap:.75rem}.f figure{margin:0;width:11rem}.f img{width:100%;image-rendering:auto}\
figcaption,small,td,th{font-size:.85rem}table{border-collapse:collapse;margin:.5rem 0}td,th{padding:2px 8px;text-align:right;border-bottom:1px solid #e4e4e8}\
th:first-child{text-align:left}caption{text-align:left;font-weight:600}svg{max-width:30rem;width:100%;background:#f6f6f8}pre{white-space:pre-wrap}@media print{h2{break-before:auto}}";

/// The page as the answer's bytes, the JSON as its result: `{ about, network: { id, name, classes, paper, weights, precision, licence, preprocessing },
/// results: [{ method, params, target, facts }] }`.
///
/// # Errors
/// No picture yet.
pub fn make<D: Device>(session: &Session<D>, lang: Lang, about: &Value) -> Result<Answer, Problem> {
    let image = session.image().ok_or_else(|| Problem::new(ProblemKind::NoImage, "no image was set"))?;
    let mut page = format!(
        "<!doctype html><html lang=\"{}\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{t}</title><style>{STYLE}</style><h1>{t}</h1>",
        lang.tag(),
        t = TITLE.get(lang)
    );
    let rgb = image.rgb.as_raw();
    let (w, h) = image.rgb.dimensions();
    put(&mut page, format_args!("<div class=f>{}</div><p><small>", picture(PICTURE.get(lang), rgb, w, h)));
    for (key, value) in about.as_object().into_iter().flatten() {
        put(&mut page, format_args!("{}: {} · ", escaped(key), escaped(&plain(value))));
    }
    put(&mut page, format_args!("{w} x {h} · {:?}</small></p>", image.original));
    network(&mut page, session, lang);
    for (result, figures) in &session.log {
        section(&mut page, &session.network.spec, lang, result, figures);
    }
    page.push_str("</html>");
    let results: Vec<&Value> = session.log.iter().map(|(result, _)| result).collect();
    let card = session.network.spec.card();
    let paper = card.paper.as_ref().map(|p| json!({ "cite": p.cite, "title": p.title, "at": p.at }));
    let network = json!({
        "id": card.id, "name": card.name, "classes": session.network.spec.classes(), "paper": paper, "weights": card.source,
        "precision": session.network.spec.precision(), "licence": card.licence, "preprocessing": prepared(&card.preprocessing),
    });
    let result =
        json!({ "about": about, "network": network, "size": [w, h], "original": image.original, "results": results });
    Ok(Answer { result, pixels: Some(page.into_bytes()), ..Answer::default() })
}

/// Which network answered: its paper, its classifier, where its weights come from and under which licence.
fn network<D: Device>(page: &mut String, session: &Session<D>, lang: Lang) {
    let (spec, card) = (&session.network.spec, session.network.spec.card());
    let paper = card.paper.as_ref().map(|p| format!(" ({}: {}, {})", p.cite, p.title, p.at)).unwrap_or_default();
    let head = match spec.head() {
        _ if session.network.is_taught() => TAUGHT,
        HeadKind::Pooled => POOLED,
        HeadKind::Deep => DEEP,
        HeadKind::Flat => FLAT,
    };
    // of one of the visitor's own the id says which file it is
    let source = if spec.own() { file(spec.id()) } else { &card.source };
    let rows = [
        (NETWORK, format!("{}{paper}", card.name)),
        (CLASSIFIER, head.get(lang).into()),
        (WEIGHTS, format!("{source}, {}", spec.precision())),
        (TERMS, card.licence.clone()),
        (PREPARED, prepared(&card.preprocessing)),
    ];
    // a file need not say its licence
    let rows = rows.iter().filter(|(_, told)| !told.is_empty());
    let rows: Vec<_> = rows.map(|(what, told)| format!("{}: {}", what.get(lang), escaped(told))).collect();
    put(page, format_args!("<p><small>{} · {} {}</small></p>", rows.join(" · "), spec.classes(), CLASSES.get(lang)));
}

/// How a network has its pictures prepared, as a formula: `RGB, (value / 255 * 1 - [0.5, 0.5, 0.5]) / [0.5, 0.5, 0.5]`.
fn prepared(p: &Preprocessing) -> String {
    let order = match p.order {
        ChannelOrder::Rgb => "RGB",
        ChannelOrder::Bgr => "BGR",
    };
    format!("{order}, (value / 255 * {} - {:?}) / {:?}", p.scale, p.mean, p.std)
}

fn section(page: &mut String, net: &NetworkSpec, lang: Lang, result: &Value, figures: &[Figure]) {
    let Some(info) = result["method"].as_str().and_then(find) else { return };
    put(page, format_args!("<h2>{}</h2><p>{}</p>", escaped(info.name.get(lang)), escaped(info.summary.get(lang))));
    let target = &result["target"];
    let shown = target["index"].as_u64().map(|k| net.label(k as usize, lang));
    let shown = shown.or_else(|| target["unit"].as_str().map(str::to_owned)).unwrap_or_default();
    let params = parameters(info, &result["params"], lang);
    put(
        page,
        format_args!(
            "<p><small>{} · {}: {}</small></p><div class=f>",
            escaped(&shown),
            PARAMETERS.get(lang),
            escaped(&params.join(" · "))
        ),
    );
    for f in figures {
        if let Some((pixels, w, h)) = drawn(net, f) {
            put(page, format_args!("{}", picture(&name(net, &f.info.name, lang), &pixels, w, h)));
        }
    }
    page.push_str("</div>");
    let facts = &result["facts"];
    let read = |list: &str| facts[list].as_array().cloned().unwrap_or_default();
    read("charts").into_iter().filter_map(|c| Chart::read(c).ok()).for_each(|c| chart(page, net, lang, &c));
    read("tables").into_iter().filter_map(|t| Table::read(t).ok()).for_each(|t| table(page, net, lang, &t));
    page.push_str("<ul>");
    single(facts, lang).iter().for_each(|line| put(page, format_args!("<li>{}</li>", escaped(line))));
    put(
        page,
        format_args!(
            "</ul><p><small>{}: {} · {}: {}, {}</small></p>",
            CAVEAT.get(lang),
            escaped(info.caveat.get(lang)),
            SOURCE.get(lang),
            escaped(info.paper.cite),
            escaped(info.paper.title)
        ),
    );
    let all = serde_json::to_string(facts).unwrap_or_default();
    put(page, format_args!("<details><summary>{}</summary><pre>{}</pre></details>", ALL.get(lang), escaped(&all)));
}

fn table(page: &mut String, net: &NetworkSpec, lang: Lang, t: &Table) {
    put(page, format_args!("<table><caption>{}</caption><tr><th></th>", escaped(&name(net, &t.name, lang))));
    t.columns.iter().for_each(|c| put(page, format_args!("<th>{}</th>", escaped(&name(net, c, lang)))));
    for (row, cells) in &t.rows {
        put(page, format_args!("</tr><tr><th>{}</th>", escaped(&name(net, row, lang))));
        for cell in cells {
            let shown = match cell {
                Cell::Number(v) => short(*v),
                Cell::Word(word) => name(net, word, lang),
                Cell::Nothing => "–".into(),
            };
            put(page, format_args!("<td>{}</td>", escaped(&shown)));
        }
    }
    page.push_str("</tr></table>");
}

fn chart(page: &mut String, net: &NetworkSpec, lang: Lang, c: &Chart) {
    let layout = c.layout(480.0, 160.0);
    put(
        page,
        format_args!(
            "<figure><figcaption>{}</figcaption><svg viewBox=\"0 0 480 160\">",
            escaped(&name(net, &c.name, lang))
        ),
    );
    let colour = |i: usize| {
        let [r, g, b] = label(i);
        format!("rgb({r},{g},{b})")
    };
    for (i, points) in layout.points.iter().enumerate() {
        put(page, format_args!("<polyline fill=none stroke-width=2 stroke=\"{}\" points=\"{points}\"/>", colour(i)));
    }
    put(
        page,
        format_args!(
            "</svg><figcaption>{}: {} … {}; {} … {}. ",
            escaped(&name(net, &c.x, lang)),
            short(layout.x[0]),
            short(layout.x[1]),
            short(layout.y[0]),
            short(layout.y[1])
        ),
    );
    for (i, line) in c.lines.iter().enumerate() {
        put(
            page,
            format_args!("<span style=\"color:{}\">■</span> {} ", colour(i), escaped(&name(net, &line.name, lang))),
        );
    }
    page.push_str("</figcaption></figure>");
}

/// A figure as RGB bytes; of a film the last frame.
fn drawn(net: &NetworkSpec, f: &Figure) -> Option<(Vec<u8>, u32, u32)> {
    let (w, h, n) = (f.info.width, f.info.height, f.info.width * f.info.height);
    let byte = |v: f32| (v.clamp(0.0, 1.0) * 255.0).round() as u8;
    let three = |of: &dyn Fn(usize, f32) -> u8, first: usize| -> Vec<u8> {
        (0..3 * n).map(|i| of(i % 3, f.data[(first + i % 3) * n + i / 3])).collect()
    };
    let pixels = match f.info.kind {
        Kind::Tiles => return None,
        Kind::Photo => three(&|c, v| byte(v * net.std[c] + net.mean[c]), 0),
        Kind::Film => three(&|_, v| byte(v), f.info.channels.checked_sub(3)?),
        Kind::Rgb => {
            let s = stats(&f.data);
            three(&|_, v| byte((v - s.mean) / (s.std + 1e-5) * 0.1 + 0.5), 0)
        }
        Kind::Labels => f.plane(0).iter().flat_map(|v| label(*v as usize % 8)).collect(),
        Kind::Heat | Kind::Magnitude => {
            let signed = f.info.kind == Kind::Heat;
            let sizes: Vec<f32> = f.plane(0).iter().map(|v| v.abs()).collect();
            let range = Range::of(percentile(&sizes, if n > 1024 { 0.99 } else { 1.0 }), signed);
            let colour = |v: &f32| {
                let t = f64::from(range.unit(*v));
                if signed { colorous::RED_BLUE.eval_continuous(1.0 - t) } else { colorous::TURBO.eval_continuous(t) }
                    .as_array()
            };
            f.plane(0).iter().flat_map(colour).collect()
        }
    };
    Some((pixels, w as u32, h as u32))
}

fn picture(caption: &str, rgb: &[u8], w: u32, h: u32) -> String {
    let mut file = Vec::new();
    let encoder = ::image::codecs::png::PngEncoder::new(&mut file);
    // a picture that cannot be encoded is left out of the page; its numbers are in the JSON
    let _ = ::image::ImageEncoder::write_image(encoder, rgb, w, h, ::image::ExtendedColorType::Rgb8);
    let caption = escaped(caption);
    format!(
        "<figure><img alt=\"{caption}\" src=\"data:image/png;base64,{}\"><figcaption>{caption}</figcaption></figure>",
        STANDARD.encode(file)
    )
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn put(page: &mut String, what: std::fmt::Arguments) {
    // writing to a string cannot fail
    let _ = page.write_fmt(what);
}
