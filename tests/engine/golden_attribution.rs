//! Relevance, factorisation and LIME against zennit, PyTorch and numpy in float64 (`tests/golden/attribution.py`), and the
//! sums that must hold whatever the reference.
//!
//! Tolerance: relative L2 of 1e-3 for the maps, the issue's. `maps_from_the_winner_takes_all`: presets without average pools
//! hand a pool's relevance to its winner, so windows that are equal to rounding differ (see `pooling_ties.rs`).

use crate::support;
use crate::support::golden;
use crate::support::methods::{compare, run, session};
use cnn_lens::engine::graph::ByNode;
use cnn_lens::engine::kernels::Gate;
use cnn_lens::engine::{Network, Planes, Silent, kernels::cpu::Cpu, planes::Shape};
use pollster::block_on;
use serde_json::{Value, json};

fn number(facts: &Value, name: &str) -> f64 {
    facts[name].as_f64().unwrap_or_else(|| panic!("no {name} in {facts}"))
}

#[test]
fn maps_equal_their_references() {
    let (mut session, golden) = (session(), golden("attribution_224.safetensors"));
    for rules in ["tutorial", "gamma_box", "epsilon_plus", "alpha2_beta1_flat", "excitation"] {
        let answer = run(&mut session, "lrp", json!({ "rules": rules }));
        println!("{rules}: conservation {}", answer.result["facts"]["conservation"]);
        compare(&answer.figures[0].data, &golden, &format!("lrp.{rules}"));
    }
    let answer = run(&mut session, "dff", json!({}));
    let maps = &answer.figures[1..];
    let unit = |map: &[f32]| {
        let length = map.iter().map(|v| v * v).sum::<f32>().sqrt();
        map.iter().map(|v| v / length).collect::<Vec<_>>()
    };
    let places: Vec<f32> = maps.iter().flat_map(|f| unit(&f.data)).collect();
    compare(&places, &golden, "dff.places");
    println!("dff: {}", answer.result["facts"]);
    let answer = run(&mut session, "lime", json!({ "shape": "grid", "segments": 64, "samples": 96 }));
    compare(&answer.figures[0].data, &golden, "lime");
    for fact in ["r2", "spread"] {
        let (got, want) = (number(&answer.result["facts"], fact), f64::from(golden[&format!("lime.{fact}")][0]));
        println!("lime: {fact} {got} {want}");
        assert!((got - want).abs() < 1e-3 * want, "{fact}: {got} {want}");
    }
}

#[test]
fn relevance_is_conserved() {
    let (mut session, golden) = (session(), golden("attribution_224.safetensors"));
    // without biases and with rules that lose nothing, all of the score arrives
    for rules in ["epsilon_plus", "excitation", "gamma_box"] {
        let answer = run(&mut session, "lrp", json!({ "rules": rules, "biases": "without" }));
        let kept = number(&answer.result["facts"], "conservation");
        println!("{rules} without biases: {kept}");
        assert!((kept - 1.0).abs() < 1e-3, "{rules}: {kept}");
    }
    let answer = run(&mut session, "lrp", json!({}));
    let kept = number(&answer.result["facts"], "conservation");
    let want = f64::from(golden["lrp.tutorial.layers"][0] / golden["logit"][0]);
    assert!((kept - want).abs() < 1e-3, "{kept} {want}");
    // epsilon 0 and gamma 0 is gradient times input
    let exact = json!({ "rules": "epsilon", "epsilon": 0.0, "biases": "with" });
    let relevance = run(&mut session, "lrp", exact).figures.remove(0).data;
    let product = run(&mut session, "saliency", json!({ "reduce": "times_input" })).figures.remove(0).data;
    let square = |v: f32| f64::from(v).powi(2);
    let (off, all) =
        relevance.iter().zip(&product).fold((0.0, 0.0), |(d, n), (a, b)| (d + square(a - b), n + square(*b)));
    println!("LRP-0 against gradient times input: {:.1e}", (off / all).sqrt());
    assert!((off / all).sqrt() < 1e-2);
}

#[test]
fn gradient_times_activation_and_biases_is_the_score_at_all_layers() {
    let mut session = session();
    let facts = run(&mut session, "contributions", json!({})).result["facts"].clone();
    let (score, layers) = (number(&facts, "score"), facts["layers"].as_array().unwrap());
    assert_eq!(layers.len(), 13);
    for layer in layers {
        let told = number(layer, "sum") + number(layer, "biases");
        println!("{}: {:.4} + {:.4} = {told:.4}", layer["layer"], number(layer, "sum"), number(layer, "biases"));
        assert!((told - score).abs() < 1e-3 * score.abs(), "{layer}: {told} {score}");
    }
    let bars: f64 = facts["bars"].as_array().unwrap().iter().map(|b| number(b, "value")).sum();
    assert!((bars + number(&facts, "rest") - number(&layers[12], "sum")).abs() < 1e-3);
}

#[test]
fn flows_of_the_cascade_add_up() {
    let mut session = session();
    for params in [json!({}), json!({ "rules": "epsilon_plus", "biases": "without", "nodes": 3 })] {
        let answer = run(&mut session, "cascade", params.clone());
        let facts = &answer.result["facts"];
        let (columns, links, absorbed) = (facts["columns"].as_array().unwrap(), &facts["links"], &facts["absorbed"]);
        assert_eq!((columns.len(), answer.figures.len()), (14, 14));
        let score = number(facts, "score");
        for i in 1..columns.len() {
            let (lower, upper) = (&columns[i - 1], &columns[i]);
            let value =
                |c: &Value, k: usize| c["nodes"].get(k).map_or_else(|| number(c, "rest"), |n| number(n, "relevance"));
            let table = links[i - 1].as_array().unwrap();
            // a lower node gets what its ribbons bring; an upper one gives what its ribbons take, and the rest is absorbed
            for (k, row) in table.iter().enumerate() {
                let got: f64 = row.as_array().unwrap().iter().filter_map(Value::as_f64).sum();
                assert!((got - value(lower, k)).abs() < 1e-3 * score, "{}: {got} {}", lower["layer"], value(lower, k));
            }
            for m in 0..=upper["nodes"].as_array().unwrap().len() {
                let given: f64 = table.iter().filter_map(|row| row[m].as_f64()).sum();
                let lost = absorbed[i - 1][m].as_f64().unwrap();
                assert!((given + lost - value(upper, m)).abs() < 1e-3 * score);
                if params["biases"] == "without" {
                    assert!(lost.abs() < 2e-3 * score, "{}: {lost}", upper["layer"]);
                }
            }
        }
        // the score stands whole in the last layer but for the head's biases
        assert!((number(&columns[13], "total") - score).abs() < 0.1 * score);
    }
}

#[test]
fn a_finite_step_changes_the_score_as_the_gradient_says() {
    let session = session();
    let network: &Network<Cpu> = &session.network;
    let (x, output) = (support::photo(64), network.output());
    let value = |x: &Planes| {
        let logits = block_on(network.infer(x, output, &Silent)).unwrap();
        f64::from(logits.row(285, 0)[0])
    };
    let tape = block_on(network.forward(&x, output, &Silent)).unwrap();
    let mut seed = Planes::zeros(Shape::new(1000, 1, 1));
    seed.row_mut(285, 0)[0] = 1.0;
    let mut found =
        block_on(network.backward(&tape, ByNode::from([(output, seed)]), &[0], Gate::Relu, &Silent)).unwrap();
    let g = found.remove(&0).unwrap();
    // twenty random directions, uphill so that float32 can tell so short a step, which crosses few edges of ReLUs and pools
    let (mut off, mut all) = (0.0, 0.0);
    for direction in 0..20 {
        let noise = cnn_lens::engine::noise::Noise::new(1, direction);
        let dense: Vec<f32> = (0..3 * 64 * 64).map(|i| noise.normal(i)).collect();
        let mut d = Planes::from_dense(Shape::new(3, 64, 64), &dense);
        d.data.iter_mut().zip(&g.data).for_each(|(d, g)| *d = d.abs().copysign(*g));
        let slope: f64 = g.data.iter().zip(&d.data).map(|(g, d)| f64::from(g * d)).sum();
        let h = 1e-5_f32;
        let at =
            |s: f32| Planes { shape: x.shape, data: x.data.iter().zip(&d.data).map(|(x, d)| x + s * h * d).collect() };
        let step = (value(&at(1.0)) - value(&at(-1.0))) / f64::from(2.0 * h);
        off += (step - slope).powi(2);
        all += slope.powi(2);
    }
    let error = (off / all).sqrt();
    println!("finite differences: relative error {error:.1e}");
    assert!(error < 1e-2, "{error}");
}

#[test]
fn a_unit_can_be_explained() {
    let mut session = session();
    let target = json!({ "class": "conv5_3:63@7,7" });
    let value = run(&mut session, "saliency", target.clone()).result["target"]["value"].as_f64().unwrap();
    // what is explained by occluding everything is what the grey picture has
    let figures = run(
        &mut session,
        "occlusion",
        json!({ "class": "conv5_3:63@7,7", "detail": "own", "window": 224, "stride": 224 }),
    );
    println!("conv5_3:63@7,7 = {value}, drop {}", figures.figures[0].data[0]);
    let sum = run(&mut session, "integrated_gradients", json!({ "class": "conv4_2:100", "steps": 50 })).result["facts"]
        .clone();
    assert!(
        (number(&sum, "sum") - number(&sum, "difference")).abs() <= 0.05 * number(&sum, "difference").abs(),
        "{sum}"
    );
    let lrp = run(&mut session, "lrp", json!({ "class": "relu4_2:10", "rules": "epsilon_plus", "biases": "without" }));
    assert!((number(&lrp.result["facts"], "conservation") - 1.0).abs() < 1e-3);
    // a map behind the target has no meaning
    let bad =
        block_on(session.run("grad_cam", &json!({ "class": "relu4_2:10", "layer": "relu5_3" }), &Silent)).unwrap_err();
    assert!(bad.detail.contains("before relu4_2"), "{}", bad.detail);
    let bad = block_on(session.run("saliency", &json!({ "class": "conv5_3:63@14,0" }), &Silent)).unwrap_err();
    assert!(bad.detail.contains("14 x 14"), "{}", bad.detail);
}

#[test]
fn ablation_changes_the_classes() {
    let mut session = session();
    let none = run(&mut session, "ablation", json!({})).result["facts"]["classes"].clone();
    for c in none.as_array().unwrap() {
        assert_eq!(c["before"], c["after"]);
    }
    let bars = run(&mut session, "contributions", json!({})).result["facts"]["bars"].clone();
    let channels: Vec<String> = (0..4).map(|i| format!("relu5_3:{}", bars[i]["channel"])).collect();
    let params = json!({ "channels": format!("{}, relu4_3:3", channels.join(", ")) });
    let after = run(&mut session, "ablation", params).result["facts"]["classes"].clone();
    println!("{after}");
    assert!(number(&after[0], "logit_after") < number(&after[0], "logit_before"));
    let bad = block_on(session.run("ablation", &json!({ "channels": "conv5_3:1" }), &Silent)).unwrap_err();
    assert!(bad.detail.contains("conv5_3"), "{}", bad.detail);
}

#[test]
fn a_cam_is_a_grad_cam_where_the_head_averages() {
    let mut session = session();
    let photo = std::fs::read(support::root().join("tests/golden/photo224.png")).unwrap();
    session.set_image(photo, None, &json!({ "head": "linear" })).unwrap();
    let cam = run(&mut session, "cam", json!({}));
    let map: Vec<f32> = cam.figures[0].data.iter().map(|v| v.max(0.0)).collect();
    // Zhou et al. 2016: the head averages relu5_3, so Grad-CAM's weights are the class's weights over the places
    for method in ["grad_cam", "hires_cam"] {
        let figure = run(&mut session, method, json!({ "class": cam.result["target"]["index"] })).figures.remove(0);
        assert_eq!(figure.data.len(), 196);
        for (a, b) in map.iter().zip(&figure.data) {
            assert!((a / 196.0 - b).abs() < 1e-4, "{method}: {a} {b}");
        }
    }
    // with the default head, at the 1x1 convolution that it averages: the mean of the map and the bias are the logit
    let mut session = support::methods::session();
    let cam = run(&mut session, "cam", json!({}));
    let class = cam.result["target"]["index"].as_u64().unwrap() as usize;
    let mean = cam.figures[0].data.iter().sum::<f32>() / 49.0;
    let bias = block_on(session.network.biases(session.network.output(), &Silent)).unwrap()[class];
    let logit = cam.result["target"]["logit"].as_f64().unwrap() as f32;
    assert!((mean + bias - logit).abs() < 1e-3);
}

#[test]
fn guided_grad_cam_is_the_product_of_its_two() {
    let (mut session, golden) = (session(), golden("methods_224.safetensors"));
    let product = run(&mut session, "guided_grad_cam", json!({})).figures.remove(0).data;
    let map = cnn_lens::figure::scale::resize(&golden["grad_cam.relu5_3"], 14, 14, 224, 224);
    let places = (0..2048).map(|k| (k * 1_000_003) % product.len());
    let want: Vec<f32> = places.zip(&golden["guided_backprop.guided"]).map(|(i, g)| g * map[i % (224 * 224)]).collect();
    let off = support::distance(&product, &want);
    println!("guided Grad-CAM: relative L2 {off:.1e}");
    assert!(off < 1e-3);
}

#[test]
fn the_options_of_the_cam_family_do_what_they_say() {
    let mut session = session();
    let mut map = |method: &str, params: Value| run(&mut session, method, params).figures.remove(0).data;
    // what speaks for less what speaks against is gradient times activation
    let (pro, contra) = (map("hires_cam", json!({})), map("hires_cam", json!({ "evidence": "against" })));
    let signed = map("contributions", json!({}));
    for ((p, c), s) in pro.iter().zip(&contra).zip(&signed) {
        assert!((p - c - s).abs() < 1e-5, "{p} {c} {s}");
    }
    // fused maps have the picture's size and stay in 0..1; the largest of all layers is at least each of them
    let (mean, max) = (map("layer_cam", json!({ "fuse": "mean" })), map("layer_cam", json!({ "fuse": "max" })));
    assert_eq!((mean.len(), max.len()), (224 * 224, 224 * 224));
    assert!(mean.iter().zip(&max).all(|(a, b)| (0.0..=1.001).contains(a) && *b <= 1.001));
    let whole = |v: &[f32]| v.iter().sum::<f32>();
    assert!(whole(&max) > whole(&mean));
    // Jiang et al. 2021: every map by its maximum, those of the first three blocks raised, and the largest at each place
    let mut want = vec![0.0_f32; 224 * 224];
    for (layer, side) in [("relu1_2", 224), ("relu2_2", 112), ("relu3_3", 56), ("relu4_3", 28), ("relu5_3", 14)] {
        // what speaks against is dropped after the map was enlarged
        let [pro, contra] = ["for", "against"].map(|e| map("grad_cam", json!({ "layer": layer, "evidence": e })));
        let signed: Vec<f32> = pro.iter().zip(&contra).map(|(p, c)| p - c).collect();
        let one = cnn_lens::figure::scale::resize(&signed, side, side, 224, 224);
        let largest = one.iter().fold(0.0_f32, |m, v| m.max(*v));
        let raise = |v: f32| if side > 28 { (2.0 * v / largest).tanh() } else { v / largest };
        want.iter_mut().zip(&one).for_each(|(w, v)| *w = w.max(raise(*v)));
    }
    let fused = map("grad_cam", json!({ "fuse": "max" }));
    assert!(fused.iter().zip(&want).all(|(a, b)| (a - b).abs() < 1e-3), "fused Grad-CAM");
    // at the first block there is nothing to fuse with
    let alone = map("layer_cam", json!({ "layer": "relu1_2", "fuse": "mean" }));
    let one = map("layer_cam", json!({ "layer": "relu1_2" }));
    let largest = one.iter().fold(0.0_f32, |m, v| m.max(*v));
    assert!(alone.iter().zip(&one).all(|(a, b)| (a - b / largest).abs() < 1e-4));
    // six views of one picture: near the map of the one, not the same
    let (smooth, plain) = (map("grad_cam", json!({ "smooth": "on" })), map("grad_cam", json!({})));
    let r = cnn_lens::figure::scale::correlation(&smooth, &plain);
    println!("smoothed Grad-CAM against plain: {r}");
    assert!((0.8..0.9999).contains(&r), "{r}");
}

#[test]
fn the_lens_reads_the_class_in_the_end() {
    let mut session = session();
    let told = run(&mut session, "layer_lens", json!({})).result["facts"]["lens"].clone();
    let told = told.as_array().unwrap();
    assert_eq!(told.len(), 13);
    println!("{:?}", told.iter().map(|p| p["rank"].as_u64().unwrap()).collect::<Vec<_>>());
    assert!(number(&told[12], "rank") <= 5.0 && number(&told[0], "rank") > number(&told[12], "rank"));
    // what is usual falls with depth
    assert!(told.windows(2).all(|p| number(&p[1], "usual") <= number(&p[0], "usual")));
}
