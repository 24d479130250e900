//! The messages that `www/cnn-lens.js` writes and reads, to the letter.
#![allow(missing_docs, reason = "a test")]

use cnn_lens::catalog::networks;
use cnn_lens::catalog::{ProblemKind, Score, Target, Want};
use cnn_lens::figure::{FigureInfo, Kind};
use cnn_lens::protocol::{ArrayInfo, FromWorker, Problem, RawOp, ToWorker};
use serde_json::{Value, json};

#[test]
fn the_page_speaks() {
    let read = |v: Value| ToWorker::read(&v.to_string()).unwrap();
    assert_eq!(read(json!({ "type": "cancel", "job": 3 })), ToWorker::Cancel { job: 3 });
    assert_eq!(
        read(json!({ "type": "set_image", "job": 1, "options": { "size": 64 }, "pixels": [2, 3] })),
        ToWorker::SetImage { job: 1, options: json!({ "size": 64 }), pixels: Some([2, 3]) }
    );
    assert_eq!(
        read(json!({ "type": "run", "job": 2, "method": "cam" })),
        ToWorker::Run { job: 2, method: "cam".into(), params: Value::Null }
    );
    let op = json!({ "op": "gradient", "layer": "relu5_3", "channel": 63 });
    assert_eq!(
        read(json!({ "type": "raw", "job": 4, "op": op, "height": 32, "width": 48 })),
        ToWorker::Raw { job: 4, op: RawOp::Gradient { layer: "relu5_3".into(), channel: 63 }, height: 32, width: 48 }
    );
    let want = json!({ "want": "gradient", "class": 281 });
    assert_eq!(
        read(json!({ "type": "probe", "job": 5, "want": want, "height": 32, "width": 48 })),
        ToWorker::Probe {
            job: 5,
            want: Want::Gradient(Target::Class { class: 281, score: Score::Logit }),
            height: 32,
            width: 48,
            alone: false
        }
    );
    let arrays = vec![ArrayInfo { name: "features.0.bias".into(), shape: vec![64] }];
    assert_eq!(
        read(json!({ "type": "arrays", "job": 6, "arrays": [{ "name": "features.0.bias", "shape": [64] }] })),
        ToWorker::Arrays { job: 6, arrays }
    );
}

#[test]
fn the_worker_answers() {
    let write = |m: &FromWorker| serde_json::to_value(m).unwrap();
    let info =
        FigureInfo { kind: Kind::Tiles, name: "pool1".into(), width: 2, height: 3, channels: 4, model_scale: None };
    let done = FromWorker::Done { job: 7, ms: 1.5, memory: 65536.0, figures: vec![info], result: json!({ "a": 1 }) };
    assert_eq!(
        write(&done),
        json!({ "type": "done", "job": 7, "ms": 1.5, "memory": 65536.0, "result": { "a": 1 },
            "figures": [{ "kind": "tiles", "name": "pool1", "width": 2, "height": 3, "channels": 4 }] })
    );
    let failed = FromWorker::Failed { job: 8, problem: Problem::new(ProblemKind::NotAnImage, "x") };
    assert_eq!(
        write(&failed),
        json!({ "type": "failed", "job": 8, "problem": { "kind": "not_an_image", "detail": "x" } })
    );
}

/// The fake worker of `tests/e2e/calls.test.mjs` speaks and hears what these samples show: they are exactly what the types are.
#[test]
fn the_samples_are_the_protocol() {
    let samples: Value = serde_json::from_str(include_str!("fixtures/messages.json")).unwrap();
    let list = |side: &str| samples[side].as_array().unwrap().clone();
    for sample in list("to_worker") {
        let read = ToWorker::read(&sample.to_string()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), sample);
    }
    for sample in list("from_worker") {
        let read: FromWorker = serde_json::from_value(sample.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), sample);
    }
    // both sides name every kind of message that they would read: none may lack a sample
    let sampled = |side| -> Vec<Value> { list(side).iter().map(|m| m["type"].clone()).collect() };
    let error = ToWorker::read(r#"{ "type": "?" }"#).unwrap_err().problem.detail;
    let kinds = error.split("takes ").nth(1).and_then(|kinds| kinds.split(';').next()).unwrap();
    assert_eq!(sampled("to_worker"), kinds.split(", ").collect::<Vec<_>>(), "{error}");
    let error = serde_json::from_str::<FromWorker>(r#"{ "type": "?" }"#).unwrap_err().to_string();
    let kinds: Vec<&str> = error.split('`').skip(3).step_by(2).collect();
    assert_eq!(sampled("from_worker"), kinds, "{error}");
}

/// What is wrong with a message, as its job hears it.
fn refusal(message: Value, buffers: &[usize]) -> String {
    match ToWorker::read(&message.to_string()) {
        Ok(message) => message.check(&networks::first(), buffers).map_or_else(|p| p.detail, |()| "accepted".into()),
        Err(unread) => {
            assert_eq!(unread.job, Some(1), "{message}");
            unread.problem.detail
        }
    }
}

#[test]
fn every_number_is_checked_at_the_boundary() {
    let (x, one) = (json!({ "height": 32, "width": 32 }), 4 * 3 * 32 * 32);
    let with = |kind: &str, fields: Value| {
        let mut message = json!({ "type": kind, "job": 1 });
        for part in [&x, &fields] {
            part.as_object().unwrap().iter().for_each(|(k, v)| message[k] = v.clone());
        }
        message
    };
    let probe = |want: Value, buffers: &[usize]| refusal(with("probe", json!({ "want": want })), buffers);
    let raw = |op: Value| refusal(with("raw", json!({ "op": op })), &[one]);
    let classify = |top: Value| refusal(json!({ "type": "classify", "job": 1, "top": top }), &[]);
    let gif = |w: i64, h: i64, delay: f64, bytes: usize| {
        refusal(json!({ "type": "gif", "job": 1, "width": w, "height": h, "delay": delay }), &[bytes])
    };
    let arrays = |list: &[(&str, &[i64], usize)]| {
        let infos: Vec<Value> = list.iter().map(|(name, shape, _)| json!({ "name": name, "shape": shape })).collect();
        let buffers: Vec<usize> = list.iter().map(|a| a.2).collect();
        refusal(json!({ "type": "arrays", "job": 1, "arrays": infos }), &buffers)
    };
    let ascend = |field: &str, value: Value| {
        let mut op = json!({ "op": "ascend", "layer": "relu1_1", "channel": 0, "steps": 2, "lr": 0.1, "b1": 0.9, "b2": 0.9, "eps": 1e-8 });
        op[field] = value;
        raw(op)
    };
    let (weight, bias): (&[i64], &[i64]) = (&[64, 3, 3, 3], &[64]);
    let class = json!({ "want": "gradient", "class": 3 });
    let good = [
        classify(json!(1000)),
        probe(json!({ "want": "logits" }), &[0]),
        probe(class.clone(), &[3 * one]),
        probe(json!({ "want": "unit", "layer": 30, "channel": 511, "place": [1, 1] }), &[one]),
        ascend("steps", json!(100_000)),
        gif(2, 2, 33.3, 24),
        arrays(&[("features.0.weight", weight, 6912), ("features.0.bias", bias, 256)]),
        arrays(&[("linear.output.weight", &[1000, 512], 2_048_000), ("linear.output.bias", &[1000], 4000)]),
    ];
    assert!(good.iter().all(|d| d == "accepted"), "{good:?}");
    let bad = [
        (classify(json!(-1)), "-1"),
        (classify(json!(2.5)), "2.5"),
        (classify(json!("NaN")), "NaN"),
        (classify(json!(0)), "top = 0: takes 1 to 1000"),
        (classify(json!(4_000_000_000_u64)), "4000000000"),
        (probe(json!({ "want": "colour" }), &[one]), "colour"),
        (probe(json!("logits"), &[one]), "logits"),
        (probe(Value::Null, &[one]), "want"),
        (probe(json!({ "want": "gradient", "class": 1000 }), &[one]), "class = 1000: takes 0 to 999"),
        (probe(json!({ "want": "gradient", "class": 1.5 }), &[one]), "a class (0 to 999, a whole number)"),
        (probe(json!({ "want": "unit", "layer": 99, "channel": 0 }), &[one]), "layer = 99"),
        (probe(json!({ "want": "unit", "layer": 30, "channel": 9999 }), &[one]), "channel = 9999: takes 0 to 511"),
        (probe(json!({ "want": "unit", "layer": 30, "channel": 0, "place": [99, 99] }), &[one]), "2 x 2 places"),
        (probe(json!({ "want": "means", "stage": 99 }), &[one]), "stage = 99"),
        (probe(json!({ "want": "slopes", "stage": 99, "class": 3 }), &[one]), "stage = 99"),
        (probe(class.clone(), &[one + 20]), "no whole number"),
        (probe(class.clone(), &[one + 1]), "no whole number"),
        (probe(class, &[]), "0 buffers"),
        (refusal(with("probe", json!({ "want": { "want": "logits" }, "height": -32 })), &[one]), "-32"),
        (
            refusal(
                with("raw", json!({ "op": { "op": "forward", "layer": "relu1_1" }, "height": 65536, "width": 65536 })),
                &[0],
            ),
            "height = 65536",
        ),
        (raw(json!({ "op": "sing", "layer": "relu1_1" })), "sing"),
        (raw(json!({ "op": "forward", "layer": "relu9_9" })), "relu9_9"),
        (raw(json!({ "op": "gradient", "layer": "relu5_3", "channel": 512 })), "channel = 512"),
        (ascend("steps", json!(2e9 as u64)), "steps = 2000000000: takes 1 to 100000"),
        (ascend("steps", json!(-1)), "-1"),
        (ascend("lr", Value::Null), "null"),
        (ascend("lr", json!(1e300)), "lr = inf"),
        (ascend("b1", json!(1.5)), "b1 = 1.5"),
        (ascend("eps", json!(0)), "eps = 0"),
        (gif(70_000, 2, 10.0, 12), "70000"),
        (gif(-1, 2, 10.0, 12), "-1"),
        (gif(2, 2, -1.0, 12), "delay = -1"),
        (gif(2, 2, 4e9, 12), "delay = 4000000000"),
        (gif(65_535, 0, 10.0, 12), "no frames"),
        (gif(2, 2, 10.0, 13), "no frames"),
        (gif(65_535, 65_535, 10.0, 24), "no frames"),
        (arrays(&[("features.0.weight", weight, 6912)]), "features.0.weight comes without features.0.bias"),
        (arrays(&[("features.0.bias", bias, 256)]), "features.0.bias comes without features.0.weight"),
        (arrays(&[("features.0.wieght", bias, 256)]), "there is no array features.0.wieght"),
        (arrays(&[("features.1.bias", bias, 256)]), "there is no array features.1.bias"),
        (arrays(&[("lens.ranks.bias", &[13], 52)]), "there is no array lens.ranks.bias"),
        (arrays(&[("features.0.weight", weight, 40), ("features.0.bias", bias, 256)]), "10 values"),
        (arrays(&[("features.0.weight", &[3, 64, 3, 3], 6912), ("features.0.bias", bias, 256)]), "[3, 64, 3, 3]"),
        (arrays(&[("features.0.weight", &[-64, 3, 3, 3], 6912), ("features.0.bias", bias, 256)]), "-64"),
        (arrays(&[("features.0.bias", bias, 256), ("features.0.bias", bias, 256)]), "twice"),
        (
            arrays(&[("head.output.weight", &[10, 512], 20_480), ("head.output.bias", &[10], 40)]),
            "the shape is [10], not [1000]",
        ),
        (
            arrays(&[("head.hidden.weight", &[4, 512], 8192), ("head.hidden.bias", &[4], 16)]),
            "without head.output.weight",
        ),
        (refusal(json!({ "type": "forget", "job": 1, "group": 7 }), &[]), "7"),
        (refusal(json!({ "type": "report", "job": 1, "lang": "zh-CN" }), &[]), "zh-CN"),
        (refusal(json!({ "type": "run", "job": 1, "method": 7 }), &[]), "7"),
        (refusal(json!({ "type": "run", "job": 1, "method": "cam", "parms": {} }), &[]), "parms"),
        (refusal(json!({ "type": "set_image", "job": 1, "pixels": [70_000, 70_000] }), &[4]), "19600000000 bytes"),
        (refusal(json!({ "type": "sing", "job": 1 }), &[]), "sing"),
    ];
    let unnamed: Vec<_> = bad.iter().filter(|(detail, names)| !detail.contains(names)).collect();
    assert!(unnamed.is_empty(), "what is wrong is not named: {unnamed:#?}");
}

/// What a network decides is told as it is there: a layer by its name, a preset's channel, how many channels there can be.
#[test]
fn a_method_is_described_for_the_network_that_runs() {
    let told = |net: &str, method: &str, key: &str| {
        let ready = serde_json::to_value(FromWorker::ready(&networks::get(net).unwrap())).unwrap();
        let methods = ready["methods"].as_array().unwrap();
        methods.iter().find(|m| m["id"] == method).unwrap()[key].clone()
    };
    let preset = |net: &str| {
        let presets = told(net, "maximise", "presets");
        let params = presets.as_array().unwrap().iter().flat_map(|p| p["params"].as_array().unwrap()).cloned();
        params.filter(|param| param[0] == "class").map(|param| param[1].clone()).collect::<Vec<_>>()
    };
    assert_eq!(preset("vgg16"), ["conv5_3:63"]);
    assert_eq!(preset("squeezenet"), ["conv10:63"]);
    let count = |net: &str| told(net, "score_cam", "params").as_array().unwrap()[2].clone();
    let vgg16 = count("vgg16");
    assert_eq!((&vgg16["id"], &vgg16["kind"], &vgg16["default"]), (&json!("channels"), &json!("number"), &json!(64.0)));
    assert_eq!((&vgg16["min"], &vgg16["max"], &vgg16["step"]), (&json!(1.0), &json!(512.0), &json!(1.0)));
    assert_eq!(count("squeezenet")["max"], 1000.0);
}
