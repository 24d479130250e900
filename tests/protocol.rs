//! The messages that `www/cnn-lens.js` writes and reads, to the letter.
#![allow(missing_docs, reason = "a test")]

use cnn_lens::catalog::{ProblemKind, Score, Target, Want};
use cnn_lens::figure::{FigureInfo, Kind};
use cnn_lens::protocol::{ArrayInfo, FromWorker, Problem, RawOp, ToWorker};
use serde_json::{Value, json};

#[test]
fn the_page_speaks() {
    let read = |v: Value| serde_json::from_value::<ToWorker>(v).unwrap();
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
