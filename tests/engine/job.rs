//! What the worker's session answers, on pictures of 32 to 64 pixels: the films, the raw passes, the picture's own facts, the
//! report; and the methods whose whole maps can be computed here once more by hand.

use std::cell::RefCell;
use std::rc::Rc;

use crate::support::methods::run;
use crate::support::packed;
use ::image::AnimationDecoder;
use ::image::codecs::gif::GifDecoder;
use base64::{Engine, prelude::BASE64_STANDARD};
use cnn_lens::catalog::labels::label_in;
use cnn_lens::catalog::networks;
use cnn_lens::catalog::{Lang, ProblemKind, Score, Target, Want};
use cnn_lens::engine::kernels::cpu::Cpu;
use cnn_lens::engine::noise::Noise;
use cnn_lens::engine::pace::Local;
use cnn_lens::engine::ridge::ridge;
use cnn_lens::engine::score::{softmax, top};
use cnn_lens::engine::{Alone, EngineError, Pace, Silent};
use cnn_lens::figure::colours::label;
use cnn_lens::figure::scale::{percentile, stats};
use cnn_lens::figure::{Figure, Kind};
use cnn_lens::job::{Answer, Session, answer, report};
use cnn_lens::protocol::{Problem, ToWorker};
use pollster::block_on;
use serde_json::{Value, json};

/// A pace that keeps the progress and previews that it is told.
#[derive(Default)]
struct Listening {
    ticks: RefCell<Vec<(usize, usize)>>,
    previews: RefCell<Vec<(Vec<Figure>, Value)>>,
}

impl Pace for Listening {
    fn tick(&self, done: usize, total: usize) -> Local<'_, Result<(), EngineError>> {
        self.ticks.borrow_mut().push((done, total));
        Box::pin(async { Ok(()) })
    }

    fn due(&self) -> bool {
        true
    }

    fn preview_with(&self, figures: Vec<Figure>, facts: Value) {
        self.previews.borrow_mut().push((figures, facts));
    }
}

/// RGBA of a picture without any pattern; `seed` for another one.
fn pixels(side: usize, seed: usize) -> Vec<u8> {
    (0..4 * side * side).map(|i| if i % 4 == 3 { 255 } else { ((i + seed) * 7919 % 251) as u8 }).collect()
}

/// The same as the network reads it, `[3, side, side]`.
fn input(side: usize, rgba: &[u8]) -> Vec<f32> {
    let n = side * side;
    let value = |i: usize| {
        (f32::from(rgba[i % n * 4 + i / n]) / 255.0 - networks::first().mean[i / n]) / networks::first().std[i / n]
    };
    (0..3 * n).map(value).collect()
}

fn empty() -> Session<Cpu> {
    Session::new(Rc::new(packed(Cpu::default())), Rc::new(Alone))
}

fn set(session: &mut Session<Cpu>, side: usize, rgba: &[u8], more: Value) -> Result<Answer, Problem> {
    let mut options = json!({ "size": side });
    options.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    session.set_image(rgba.to_vec(), Some([side as u32; 2]), &options)
}

/// A session with this picture.
fn small(side: usize, rgba: &[u8]) -> Session<Cpu> {
    let mut session = empty();
    set(&mut session, side, rgba, json!({})).unwrap();
    session
}

/// What the network says of any input.
fn logits(session: &Session<Cpu>, side: usize, x: &[f32]) -> Vec<f32> {
    block_on(session.probe(x, [side; 2], &Want::Logits, true, &Silent)).unwrap().figures.remove(0).data
}

fn ask(session: &mut Session<Cpu>, message: Value, buffer: Vec<u8>, pace: &dyn Pace) -> Result<Answer, Problem> {
    let message = ToWorker::read(&message.to_string()).map_err(|unread| unread.problem)?;
    block_on(answer(session, message, &[buffer], pace))
}

fn near(a: &[f32], b: &[f32], tolerance: f32, what: &str) {
    assert_eq!(a.len(), b.len(), "{what}");
    for (i, (a, b)) in a.iter().zip(b).enumerate() {
        assert!((a - b).abs() <= tolerance * b.abs().max(1.0), "{what} {i}: {a} {b}");
    }
}

#[test]
fn a_film_s_pixels_come_back_in_their_places() {
    // two frames of 3 x 2, no two values alike
    let film: Vec<u8> = (0..2 * 3 * 6).map(|i| 7 * i as u8).collect();
    let pace = Listening::default();
    let message = json!({ "type": "gif", "job": 1, "width": 3, "height": 2, "delay": 50 });
    let file = ask(&mut empty(), message, film.clone(), &pace).unwrap().pixels.unwrap();
    let frames = GifDecoder::new(std::io::Cursor::new(file)).unwrap().into_frames().collect_frames().unwrap();
    assert_eq!((frames.len(), pace.ticks.take()), (2, vec![(1, 2), (2, 2)]));
    for (f, frame) in frames.iter().enumerate() {
        for (p, pixel) in frame.buffer().pixels().enumerate() {
            let [r, g, b] = [0, 1, 2].map(|c| film[18 * f + 6 * c + p]);
            assert_eq!(pixel.0, [r, g, b, 255], "frame {f}, pixel {p}");
        }
    }
}

#[test]
fn the_raw_passes_are_those_of_one_function() {
    let mut session = empty();
    let x = input(32, &pixels(32, 0));
    let bytes = |x: &[f32]| x.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>();
    let mut raw = |x: &[f32], op: Value| {
        let message = json!({ "type": "raw", "job": 1, "op": op, "height": 32, "width": 32 });
        ask(&mut session, message, bytes(x), &Silent).unwrap()
    };
    // a convolution is read before its ReLU
    let [before, after] =
        ["conv1_2", "relu1_2"].map(|layer| raw(&x, json!({ "op": "forward", "layer": layer })).figures.remove(0));
    assert_eq!((before.info.channels, before.info.height, before.info.width), (64, 32, 32));
    assert!(before.data.iter().any(|v| *v < 0.0));
    near(&before.data.iter().map(|v| v.max(0.0)).collect::<Vec<_>>(), &after.data, 1e-5, "relu");
    // the objective is the channel's mean, and a small step along its gradient changes it as it should
    let mean = |f: &Figure| f.plane(5).iter().sum::<f32>() / f.plane(5).len() as f32;
    let at = json!({ "op": "gradient", "layer": "relu1_2", "channel": 5 });
    let told = raw(&x, at.clone());
    let value = told.result["value"].as_f64().unwrap();
    assert!((value - f64::from(mean(&after))).abs() < 1e-5 && value > 0.0, "{value}");
    let g = &told.figures[0].data;
    let slope: f64 = g.iter().map(|v| f64::from(*v).powi(2)).sum();
    let h = 1e-3 * value / slope;
    let moved: Vec<f32> = x.iter().zip(g).map(|(x, g)| x + h as f32 * g).collect();
    let rise = raw(&moved, at).result["value"].as_f64().unwrap() - value;
    assert!((rise / (h * slope) - 1.0).abs() < 0.1, "{rise} {}", h * slope);
    // Adam's first step moves every input by the learning rate, uphill
    let climb = json!({ "op": "ascend", "layer": "relu1_2", "channel": 5, "steps": 2, "lr": 0.01, "b1": 0.9, "b2": 0.999, "eps": 1e-12 });
    let climbed = raw(&x, climb);
    let values: Vec<f64> = serde_json::from_value(climbed.result["values"].clone()).unwrap();
    assert!(values.len() == 2 && (values[0] - value).abs() < 1e-6 && values[1] > value, "{values:?}");
    for ((x, y), g) in x.iter().zip(&climbed.figures[0].data).zip(g).filter(|(_, g)| g.abs() > 1e-6) {
        assert!((y - x) * g > 0.0 && (y - x).abs() < 0.0201, "{x} {y} {g}");
    }
}

#[test]
fn a_picture_is_told_with_what_was_done_to_it() {
    let mut session = empty();
    let rgba = pixels(32, 0);
    for role in ["main", "second", "gallery"] {
        let told = set(&mut session, 32, &rgba, json!({ "role": role })).unwrap();
        assert_eq!(told.result, json!({ "width": 32, "height": 32, "size": 32, "notes": [] }), "{role}");
        assert_eq!(told.pixels.as_ref(), Some(&rgba), "{role}");
    }
    // what the browser did before is told with what is done here, each once
    let mut clear = rgba.clone();
    clear[3] = 0;
    let done = json!({ "original": [640, 480], "notes": ["decoded_by_browser", "alpha_on_white"] });
    let told = set(&mut session, 32, &clear, done).unwrap().result;
    assert_eq!(
        told,
        json!({ "width": 640, "height": 480, "size": 32, "notes": ["decoded_by_browser", "alpha_on_white"] })
    );
    let told = set(&mut session, 32, &clear, json!({ "notes": ["oriented"] })).unwrap().result;
    assert_eq!(told["notes"], json!(["oriented", "alpha_on_white"]));
    for size in [31, 513] {
        assert_eq!(set(&mut session, 32, &rgba, json!({ "size": size })).unwrap_err().kind, ProblemKind::BadParameter);
    }
    // which head
    for (head, taught) in [("linear", true), ("default", false)] {
        set(&mut session, 32, &rgba, json!({ "head": head })).unwrap();
        assert_eq!(session.network.is_taught(), taught);
    }
}

#[test]
fn a_gallery_is_full_at_a_thousand_and_forgets_by_group() {
    let mut session = empty();
    let rgba = pixels(32, 0);
    let add = |session: &mut Session<Cpu>, group: &str| {
        set(session, 32, &rgba, json!({ "role": "gallery", "group": group })).map(|_| ()).map_err(|e| e.kind)
    };
    for i in 0..1000 {
        assert_eq!(add(&mut session, if i < 10 { "few" } else { "many" }), Ok(()), "{i}");
    }
    assert_eq!(add(&mut session, "few"), Err(ProblemKind::BadParameter));
    assert_eq!(session.forget(Some("few")).result, json!({ "left": 990 }));
    assert_eq!(add(&mut session, "few"), Ok(()));
    assert_eq!(session.forget(None).result, json!({ "left": 0 }));
}

#[test]
fn classes_and_runs_say_what_they_are_about() {
    let mut session = small(32, &pixels(32, 0));
    let want = logits(&session, 32, &input(32, &pixels(32, 0)));
    let p = softmax(&want);
    let told = block_on(session.classify(3, &Silent)).unwrap().result;
    for (k, class) in top(&want, 3).into_iter().enumerate() {
        let said = &told["classes"][k];
        assert_eq!(said["index"], class);
        assert!((said["logit"].as_f64().unwrap() - f64::from(want[class])).abs() < 1e-4);
        assert!((said["probability"].as_f64().unwrap() - f64::from(p[class])).abs() < 1e-4);
    }
    // a method with a target says which
    let cam = run(&mut session, "cam", json!({})).result;
    assert_eq!(
        (&cam["target"]["index"], &cam["target"]["label"]),
        (&told["classes"][0]["index"], &told["classes"][0]["label"])
    );
    let maps = run(&mut session, "feature_maps", json!({})).result;
    assert!(maps["target"].is_null() && !maps["facts"].is_null());
    assert_eq!((&maps["method"], &maps["params"]["layer"]), (&json!("feature_maps"), &json!("relu1_1")));
    // a stage behind the head cannot be asked for, its own can
    let slopes = |stage: usize| {
        let want = Want::Slopes { stage, class: 3 };
        block_on(session.probe(&input(32, &pixels(32, 0)), [32; 2], &want, true, &Silent)).map(|a| a.figures.len())
    };
    assert_eq!((slopes(30).unwrap(), slopes(31).unwrap()), (1, 1));
    let means = block_on(session.probe(&vec![0.0; 2 * 3 * 1024], [32; 2], &Want::Means { stage: 31 }, true, &Silent));
    assert_eq!(means.unwrap().figures.len(), 2, "one answer for each input");
}

/// The pictures of a report.
fn pictures(page: &str) -> Vec<::image::RgbImage> {
    let files = page.split("data:image/png;base64,").skip(1).map(|rest| rest.split('"').next().unwrap());
    files.map(|f| ::image::load_from_memory(&BASE64_STANDARD.decode(f).unwrap()).unwrap().to_rgb8()).collect()
}

/// As the report draws a figure, said once more: `[R, G, B]` of every place.
fn drawn(f: &Figure) -> Option<Vec<[u8; 3]>> {
    let byte = |v: f32| (v.clamp(0.0, 1.0) * 255.0).round() as u8;
    let n = f.info.width * f.info.height;
    let three = |of: &dyn Fn(usize, f32) -> u8| {
        let planes: Vec<&[f32]> = (f.info.channels - 3..f.info.channels).map(|c| f.plane(c)).collect();
        (0..n).map(|i| [0, 1, 2].map(|c| of(c, planes[c][i]))).collect()
    };
    let s = stats(&f.data);
    Some(match f.info.kind {
        Kind::Tiles => return None,
        Kind::Photo => three(&|c, v| byte(v * networks::first().std[c] + networks::first().mean[c])),
        Kind::Film => three(&|_, v| byte(v)),
        Kind::Rgb => three(&|_, v| byte(0.5 + 0.1 * (v - s.mean) / (s.std + 1e-5))),
        Kind::Labels => f.data.iter().map(|v| label(*v as usize % 8)).collect(),
        kind => {
            let sizes: Vec<f32> = f.data.iter().map(|v| v.abs()).collect();
            // a few outliers of a large map may be out of range
            let largest = f64::from(percentile(&sizes, if n > 1024 { 0.99 } else { 1.0 }));
            let colour = |v: &f32| {
                let t = (f64::from(*v) / largest).clamp(-1.0, 1.0);
                if kind == Kind::Heat {
                    colorous::RED_BLUE.eval_continuous(0.5 - t / 2.0)
                } else {
                    colorous::TURBO.eval_continuous(t.max(0.0))
                }
                .as_array()
            };
            f.data.iter().map(colour).collect()
        }
    })
}

#[test]
fn the_report_draws_every_figure_and_tells_every_number() {
    for side in [32, 48] {
        let rgba = pixels(side, 0);
        let mut session = small(side, &rgba);
        let mut figures = Vec::new();
        for (method, params) in [
            ("cam", json!({})),
            ("feature_maps", json!({})),
            ("saliency", json!({ "class": 3 })),
            ("guided_backprop", json!({})),
            ("deconvnet", json!({})),
            ("occlusion", json!({ "detail": "own", "window": side / 2, "stride": side / 4 })),
            ("maximise", json!({ "side": 32, "steps": 3 })),
            ("frequency", json!({})),
            // the last result of a method is the one that is kept
            ("saliency", json!({ "class": 7 })),
        ] {
            figures.retain(|(m, _)| *m != method);
            figures.push((method, run(&mut session, method, params).figures));
        }
        let answer = report::make(&session, Lang::En, &json!({ "by": "me" })).unwrap();
        let methods = answer.result["results"].as_array().unwrap().iter().map(|r| r["method"].as_str().unwrap());
        assert!(methods.eq(figures.iter().map(|f| f.0)));
        assert_eq!(answer.result["size"], json!([side, side]));
        let page = String::from_utf8(answer.pixels.unwrap()).unwrap();
        let [kept, replaced] = [7, 3].map(|class| page.contains(&format!("<small>{} ·", label_in(class, Lang::En))));
        assert!(page.contains("by: me") && kept && !replaced);
        let mut shown = pictures(&page).into_iter();
        let photo = shown.next().unwrap();
        assert!(photo.pixels().zip(rgba.chunks_exact(4)).all(|(p, q)| p.0[..] == q[..3]));
        let kinds: Vec<Kind> = figures.iter().flat_map(|(_, f)| f).map(|f| f.info.kind).collect();
        // colours are drawn around their mean: one has a mean of its own
        let uneven = |f: &&Figure| f.info.kind == Kind::Rgb && stats(&f.data).mean.abs() > 0.05 * stats(&f.data).std;
        assert!(figures.iter().flat_map(|(_, f)| f).any(|f| uneven(&f)));
        for kind in [Kind::Heat, Kind::Magnitude, Kind::Rgb, Kind::Photo, Kind::Labels, Kind::Film] {
            assert!(kinds.contains(&kind), "{kind:?}");
        }
        for (method, figure) in figures
            .iter()
            .flat_map(|(m, f)| f.iter().filter(|f| f.info.kind != Kind::Tiles).take(24).map(move |f| (m, f)))
        {
            let (picture, want) = (shown.next().unwrap(), drawn(figure).unwrap());
            assert_eq!(picture.dimensions(), (figure.info.width as u32, figure.info.height as u32), "{method}");
            for (p, q) in picture.pixels().zip(&want) {
                // one level of rounding
                assert!(
                    p.0.iter().zip(q).all(|(p, q)| p.abs_diff(*q) <= 1),
                    "{method} {:?}: {p:?} {q:?}",
                    figure.info.kind
                );
            }
        }
        assert!(shown.next().is_none());
    }
}

#[test]
fn the_report_has_the_tables_and_charts() {
    let mut session = small(32, &pixels(32, 0));
    let facts = run(&mut session, "colour", json!({})).result["facts"].take();
    let page = String::from_utf8(report::make(&session, Lang::En, &Value::Null).unwrap().pixels.unwrap()).unwrap();
    assert_eq!(page.matches("<table>").count(), facts["tables"].as_array().unwrap().len());
    let rows = facts["tables"][0]["rows"].as_array().unwrap();
    assert_eq!(page.matches("<tr><th>").count(), rows.len() + 1);
    let lines: usize = facts["charts"].as_array().unwrap().iter().map(|c| c["lines"].as_array().unwrap().len()).sum();
    assert_eq!(page.matches("<polyline").count(), lines);
}

#[test]
fn variants_are_judged_as_pictures_of_their_own() {
    let rgba = pixels(32, 0);
    let mut session = small(32, &rgba);
    let pace = Listening::default();
    let answer = block_on(session.run("colour", &json!({}), &pace)).unwrap();
    let class = answer.result["target"]["index"].as_u64().unwrap() as usize;
    let told = &answer.result["facts"]["tables"][0];
    assert_eq!(
        (&told["name"], &told["columns"]),
        (&json!("variants"), &json!(["probability", "change", "rank", "margin", "answer"]))
    );
    let rows = told["rows"].as_array().unwrap();
    let inputs = std::iter::once(input(32, &rgba)).chain(answer.figures.iter().map(|f| f.data.clone()));
    let names = std::iter::once("photo").chain(answer.figures.iter().map(|f| f.info.name.as_str()));
    let mut first = 0.0;
    for ((row, x), name) in rows.iter().zip(inputs).zip(names) {
        assert_eq!(row[0], name);
        let z = logits(&session, 32, &x);
        let p = f64::from(softmax(&z)[class]);
        if name == "photo" {
            first = p;
        }
        let number = |k: usize| row[1][k].as_f64().unwrap();
        assert!((number(0) - p).abs() < 1e-4 && (number(1) - (p - first)).abs() < 1e-4, "{name}: {row} {p} {first}");
        assert_eq!(number(2), 1.0 + z.iter().filter(|v| **v > z[class]).count() as f64, "{name}");
        assert_eq!(row[1][4], format!("class:{}", top(&z, 1)[0]), "{name}");
    }
    assert_eq!(rows.len(), 1 + answer.figures.len());
    // the table grows row by row
    let grown: Vec<usize> =
        pace.previews.take().iter().filter_map(|(_, f)| Some(f["tables"][0]["rows"].as_array()?.len())).collect();
    assert!(grown.iter().copied().eq(2..=rows.len()), "{grown:?}");
}

#[test]
fn occlusion_is_the_mean_drop_of_the_windows_that_cover_a_pixel() {
    const SIDE: usize = 32;
    let rgba = pixels(SIDE, 0);
    let mut session = small(SIDE, &rgba);
    let pace = Listening::default();
    let params = json!({ "detail": "own", "window": 12, "stride": 7, "fill": "black" });
    let answer = block_on(session.run("occlusion", &params, &pace)).unwrap();
    let class = answer.result["target"]["index"].as_u64().unwrap() as usize;
    let x = input(SIDE, &rgba);
    let whole = logits(&session, SIDE, &x)[class];
    // the last window ends at the edge
    let starts = [0, 7, 14, 20];
    let (mut sum, mut covers, mut winners) = (vec![0.0; SIDE * SIDE], vec![0.0_f32; SIDE * SIDE], Vec::new());
    for (above, left) in starts.iter().flat_map(|y| starts.map(|x| (*y, x))) {
        let inside = |i: usize| (above..above + 12).contains(&(i / SIDE)) && (left..left + 12).contains(&(i % SIDE));
        let mut covered = x.clone();
        for (i, v) in covered.iter_mut().enumerate().filter(|(i, _)| inside(i % (SIDE * SIDE))) {
            *v = -networks::first().mean[i / (SIDE * SIDE)] / networks::first().std[i / (SIDE * SIDE)];
        }
        let z = logits(&session, SIDE, &covered);
        winners.push(top(&z, 1)[0] as f32);
        for i in (0..SIDE * SIDE).filter(|i| inside(*i)) {
            sum[i] += whole - z[class];
            covers[i] += 1.0;
        }
    }
    let want: Vec<f32> = sum.iter().zip(&covers).map(|(s, n)| s / n).collect();
    near(&answer.figures[0].data, &want, 1e-3, "occlusion");
    assert_eq!(answer.figures[1].data, winners);
    assert_eq!(answer.result["facts"]["windows"], 16);
    let legend = answer.result["facts"]["legend"].as_array().unwrap();
    assert!(!legend.is_empty() && legend.len() <= 6);
    for entry in legend {
        let n = winners.iter().filter(|w| f64::from(**w) == entry["value"].as_f64().unwrap()).count();
        assert!((entry["share"].as_f64().unwrap() - n as f64 / 16.0).abs() < 1e-9, "{entry}");
    }
    // what is not covered yet is 0 in a preview
    let first = &pace.previews.borrow()[0].0[0].data;
    assert!(first[0] != 0.0 && first[SIDE * SIDE - 1] == 0.0);
}

#[test]
fn a_finer_occlusion_has_more_windows() {
    let mut session = small(64, &pixels(64, 0));
    for (detail, windows) in [("coarse", 4), ("medium", 9), ("fine", 25), ("own", 1)] {
        let params = json!({ "detail": detail, "window": 64, "stride": 64 });
        assert_eq!(run(&mut session, "occlusion", params).result["facts"]["windows"], windows, "{detail}");
    }
}

#[test]
fn lime_shows_nothing_before_it_has_more_answers_than_segments() {
    let mut session = small(32, &pixels(32, 0));
    for (params, segments) in [
        (json!({ "shape": "grid", "segments": 9, "samples": 40, "seed": 5 }), 9),
        // the nearest square, and not fewer than four
        (json!({ "shape": "grid", "segments": 12, "samples": 40 }), 9),
        (json!({ "shape": "grid", "segments": 13, "samples": 40 }), 16),
        (json!({ "shape": "grid", "segments": 4, "samples": 40 }), 4),
    ] {
        let pace = Listening::default();
        let answer = block_on(session.run("lime", &params, &pace)).unwrap();
        assert_eq!(answer.result["facts"]["segments"], segments);
        let previews = pace.previews.take();
        assert_eq!(previews.len(), 40 - segments, "{params}");
        // with all answers the preview is the result
        assert_eq!(previews[previews.len() - 1].0, answer.figures, "{params}");
    }
    // superpixels are taken unless a grid is asked for
    let slic = run(&mut session, "lime", json!({ "segments": 9, "samples": 40 }));
    let values: std::collections::BTreeSet<u32> = slic.figures[0].data.iter().map(|v| v.to_bits()).collect();
    assert_eq!(slic.result["facts"]["segments"], values.len());
    let grid = run(&mut session, "lime", json!({ "shape": "grid", "segments": 9, "samples": 40 }));
    assert_ne!(slic.figures, grid.figures);
}

#[test]
fn lime_is_a_linear_model_of_what_the_network_answers() {
    // three segments do not divide 32 pixels
    const SIDE: usize = 32;
    let rgba = pixels(SIDE, 0);
    let mut session = small(SIDE, &rgba);
    let params = json!({ "shape": "grid", "segments": 9, "samples": 40, "seed": 5, "width": 0.4, "ridge": 0.7 });
    let told = run(&mut session, "lime", params);
    let class = told.result["target"]["index"].as_u64().unwrap() as usize;
    let (x, n) = (input(SIDE, &rgba), SIDE * SIDE);
    let owner: Vec<usize> = (0..n).map(|i| 3 * (i / SIDE * 3 / SIDE) + i % SIDE * 3 / SIDE).collect();
    let mean = |c: usize, segment: usize| {
        let own: Vec<f32> = (0..n).filter(|i| owner[*i] == segment).map(|i| x[c * n + i]).collect();
        own.iter().sum::<f32>() / own.len() as f32
    };
    let means: Vec<Vec<f32>> = (0..3).map(|c| (0..9).map(|segment| mean(c, segment)).collect()).collect();
    // three seeds in turn; the first copy hides nothing
    let on = |i: usize| -> Vec<f64> {
        let noise = Noise::new(5 + i as u64 % 3, i as u64 / 3);
        (0..9).map(|k| if i == 0 || noise.uniform(k) < 0.5 { 1.0 } else { 0.0 }).collect()
    };
    let rows: Vec<Vec<f64>> = (0..40).map(on).collect();
    let answers: Vec<f64> = rows
        .iter()
        .map(|row| {
            let hidden = |i: usize| row[owner[i % n]] == 0.0;
            let copy = (0..3 * n).map(|i| if hidden(i) { means[i / n][owner[i % n]] } else { x[i] });
            f64::from(softmax(&logits(&session, SIDE, &copy.collect::<Vec<_>>()))[class])
        })
        .collect();
    let fit = |chosen: &[usize]| {
        let weight = |i: &usize| {
            let cosine = (rows[*i].iter().sum::<f64>() / 9.0).sqrt();
            (-((1.0 - cosine) / 0.4).powi(2)).exp().sqrt()
        };
        let of = |list: &[f64]| chosen.iter().map(|i| list[*i]).collect::<Vec<_>>();
        let rows: Vec<Vec<f64>> = chosen.iter().map(|i| rows[*i].clone()).collect();
        ridge(&rows, &of(&answers), &chosen.iter().map(weight).collect::<Vec<_>>(), 0.7)
    };
    let whole = fit(&(0..40).collect::<Vec<_>>());
    let map: Vec<f32> = owner.iter().map(|k| whole.coefficients[*k] as f32).collect();
    let largest = map.iter().fold(0.0_f32, |m, v| m.max(v.abs()));
    near(&told.figures[0].data, &map, 1e-3 * largest, "lime");
    let thirds = [0, 1, 2].map(|first| fit(&(first..40).step_by(3).collect::<Vec<_>>()).coefficients);
    let deviation = |k: usize| {
        let mean = thirds.iter().map(|f| f[k]).sum::<f64>() / 3.0;
        (thirds.iter().map(|f| (f[k] - mean).powi(2)).sum::<f64>() / 2.0).sqrt()
    };
    let spread = (0..9).map(deviation).sum::<f64>() / 9.0;
    for (fact, want) in [("r2", whole.r2), ("spread", spread)] {
        let got = told.result["facts"][fact].as_f64().unwrap();
        assert!((got - want).abs() < 1e-3 * want.abs(), "{fact}: {got} {want}");
    }
}

#[test]
fn a_smoothed_map_is_the_mean_of_six_views() {
    const SIDE: usize = 32;
    let rgba = pixels(SIDE, 0);
    let layer = "relu3_3";
    let signed = |session: &mut Session<Cpu>, more: Value| {
        let [pro, contra] = ["for", "against"].map(|evidence| {
            let mut params = json!({ "class": 285, "layer": layer, "evidence": evidence });
            params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            run(session, "grad_cam", params).figures.remove(0).data
        });
        pro.iter().zip(&contra).map(|(p, c)| p - c).collect::<Vec<f32>>()
    };
    let mut session = small(SIDE, &rgba);
    let pace = Listening::default();
    let params = json!({ "class": 285, "layer": layer, "smooth": "on" });
    block_on(session.run("grad_cam", &params, &pace)).unwrap();
    assert!((1..=6).all(|done| pace.ticks.borrow().contains(&(done, 6))), "{:?}", pace.ticks);
    let smooth = signed(&mut session, json!({ "smooth": "on" }));
    let mut want = vec![0.0_f32; smooth.len()];
    for mirrored in [false, true] {
        for brightness in [0.9_f32, 1.0, 1.1] {
            let view: Vec<u8> = (0..rgba.len())
                .map(|i| {
                    let (pixel, c) = (i / 4, i % 4);
                    let x = if mirrored { SIDE - 1 - pixel % SIDE } else { pixel % SIDE };
                    let v = rgba[4 * (pixel / SIDE * SIDE + x) + c];
                    if c == 3 { v } else { (f32::from(v) * brightness).round().min(255.0) as u8 }
                })
                .collect();
            set(&mut session, SIDE, &view, json!({})).unwrap();
            let map = signed(&mut session, json!({}));
            for (i, w) in want.iter_mut().enumerate() {
                let x = if mirrored { 7 - i % 8 } else { i % 8 };
                *w += map[i / 8 * 8 + x] / 6.0;
            }
        }
    }
    let largest = want.iter().fold(0.0_f32, |m, v| m.max(v.abs()));
    assert!(smooth.iter().zip(&want).all(|(a, b)| (a - b).abs() < 1e-3 * largest), "{smooth:?}\n{want:?}");
}

#[test]
fn a_fused_map_is_the_mean_of_its_layers_shares() {
    const SIDE: usize = 32;
    let mut session = small(SIDE, &pixels(SIDE, 0));
    let pace = Listening::default();
    let fused = block_on(session.run("layer_cam", &json!({ "layer": "relu4_1", "fuse": "mean" }), &pace)).unwrap();
    assert!((1..=4).all(|done| pace.ticks.borrow().contains(&(done, 4))), "{:?}", pace.ticks);
    // the ends of the blocks before it, and the layer itself
    let mut want = vec![0.0_f32; SIDE * SIDE];
    for (layer, side) in [("relu1_2", 32), ("relu2_2", 16), ("relu3_3", 8), ("relu4_1", 4)] {
        let map = run(&mut session, "layer_cam", json!({ "layer": layer })).figures.remove(0).data;
        let map = cnn_lens::figure::scale::resize(&map, side, side, SIDE, SIDE);
        let largest = map.iter().fold(0.0_f32, |m, v| m.max(*v));
        want.iter_mut().zip(&map).for_each(|(w, v)| *w += v / largest / 4.0);
    }
    near(&fused.figures[0].data, &want, 1e-3, "fused");
    // a whole block's last layer is not taken twice
    let ticks = |session: &mut Session<Cpu>, layer: &str| {
        let pace = Listening::default();
        block_on(session.run("layer_cam", &json!({ "layer": layer, "fuse": "mean" }), &pace)).unwrap();
        pace.ticks.take().last().copied()
    };
    assert_eq!(ticks(&mut session, "relu3_3"), Some((3, 3)));
    // a pool shows what the ReLU before it shows
    assert_eq!(ticks(&mut session, "pool3"), Some((3, 3)));
}

#[test]
fn a_score_s_drop_is_in_its_own_units() {
    let rgba = pixels(32, 0);
    let mut session = small(32, &rgba);
    let params = json!({ "score": "probability", "detail": "own", "window": 32, "stride": 32 });
    let answer = run(&mut session, "occlusion", params);
    let class = answer.result["target"]["index"].as_u64().unwrap() as usize;
    let target = Target::Class { class, score: Score::Probability };
    let value = |x: &[f32]| target.value(&logits(&session, 32, x));
    let drop = value(&input(32, &rgba)) - value(&[0.0; 3 * 1024]);
    assert!(answer.figures[0].data.iter().all(|v| (v - drop).abs() < 1e-5), "{drop}");
}
