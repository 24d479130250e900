//! From a message to its answer, as in the worker but without a browser: nothing traps, and nothing answers with the wrong weights.

use std::cell::Cell;
use std::rc::Rc;

use crate::support;
use crate::support::packed;
use cnn_lens::catalog::{ProblemKind, Want};
use cnn_lens::engine::kernels::cpu::Cpu;
use cnn_lens::engine::pace::Local;
use cnn_lens::engine::{Alone, EngineError, Helpers, Pace, Planes, Portion, Silent};
use cnn_lens::job::{Answer, Session, answer};
use cnn_lens::protocol::{Problem, ToWorker};
use pollster::block_on;
use proptest::prelude::*;
use serde_json::{Value, json};

const ONE: usize = 4 * 3 * 32 * 32;

/// A visitor who loses patience.
struct Impatient(Cell<usize>);

impl Pace for Impatient {
    fn tick(&self, _: usize, _: usize) -> Local<'_, Result<(), EngineError>> {
        Box::pin(async {
            self.0.set(self.0.get().saturating_sub(1));
            if self.0.get() == 0 { Err(EngineError::Cancelled) } else { Ok(()) }
        })
    }

    fn breathe(&self) -> Local<'_, Result<(), EngineError>> {
        self.tick(0, 0)
    }
}

/// Helpers that are asked for but have nothing to do.
#[derive(Default)]
struct Asked(Cell<usize>);

impl Helpers for Asked {
    fn start(&self) {
        self.0.set(self.0.get() + 1);
    }

    fn idle(&self) -> Option<usize> {
        None
    }

    fn send(&self, _: usize, _: usize, _: &Planes, _: &Want) {}

    fn answers(&self) -> Vec<Portion> {
        Vec::new()
    }

    fn wait(&self) -> Local<'_, ()> {
        Box::pin(async {})
    }
}

fn session(helpers: Rc<dyn Helpers>) -> Session<Cpu> {
    Session::new(Rc::new(packed(Cpu::default())), helpers)
}

fn ask(session: &mut Session<Cpu>, message: Value, buffers: &[Vec<u8>]) -> Result<Answer, Problem> {
    let message = ToWorker::read(&message.to_string()).map_err(|unread| unread.problem)?;
    block_on(answer(session, message, buffers, &Silent))
}

fn picture(session: &mut Session<Cpu>, head: &str) {
    let pixels: Vec<u8> = (0..4 * 32 * 32_u32).map(|i| (i * 37 % 251) as u8).collect();
    let message = json!({ "type": "set_image", "job": 1, "options": { "size": 32, "head": head }, "pixels": [32, 32] });
    ask(session, message, &[pixels]).unwrap();
}

fn logits(session: &mut Session<Cpu>) -> Value {
    ask(session, json!({ "type": "classify", "job": 1, "top": 1000 }), &[]).unwrap().result
}

fn own(session: &mut Session<Cpu>, value: f32) -> Result<Answer, Problem> {
    let infos = json!([{ "name": "features.28.weight", "shape": [512, 512, 3, 3] }, { "name": "features.28.bias", "shape": [512] }]);
    let bytes =
        |n: usize, scale: f32| (0..n).flat_map(|i| (value * scale * (i % 7) as f32).to_le_bytes()).collect::<Vec<u8>>();
    ask(
        session,
        json!({ "type": "arrays", "job": 1, "arrays": infos }),
        &[bytes(512 * 512 * 9, 1.0), bytes(512, 100.0)],
    )
}

#[test]
fn nothing_recorded_with_other_weights_is_kept() {
    let mut used = session(Rc::new(Alone));
    picture(&mut used, "default");
    let shipped = logits(&mut used);
    ask(&mut used, json!({ "type": "run", "job": 1, "method": "cam" }), &[]).unwrap();
    own(&mut used, 1e-3).unwrap();
    let report = ask(&mut used, json!({ "type": "report", "job": 1 }), &[]).unwrap().result;
    assert_eq!(report["results"], json!([]), "a report of results that other weights gave");
    let mut fresh = session(Rc::new(Alone));
    own(&mut fresh, 1e-3).unwrap();
    picture(&mut fresh, "default");
    let truth = logits(&mut fresh);
    assert_ne!(truth, shipped);
    assert_eq!(logits(&mut used), truth);
    // a shard that comes later passes the own arrays over
    let folder = support::root().join("weights");
    let manifest = cnn_lens::weights::Manifest::read(&std::fs::read(folder.join("manifest.json")).unwrap()).unwrap();
    for shard in &manifest.shards {
        let bytes = std::fs::read(folder.join(&shard.file)).unwrap();
        used.network.load(&cnn_lens::weights::unpack(shard, bytes).unwrap()).unwrap();
    }
    picture(&mut used, "default");
    assert_eq!(logits(&mut used), truth);
}

#[test]
fn refused_arrays_change_nothing() {
    let mut session = session(Rc::new(Alone));
    picture(&mut session, "default");
    let before = logits(&mut session);
    assert_eq!(own(&mut session, f32::NAN).unwrap_err().kind, ProblemKind::BadParameter);
    assert!(!session.network.is_replaced());
    picture(&mut session, "default");
    assert_eq!(logits(&mut session), before);
}

#[test]
fn helpers_are_asked_only_when_they_would_say_the_same() {
    let asked = Rc::new(Asked::default());
    let mut session = session(Rc::clone(&asked) as Rc<dyn Helpers>);
    let probe = |session: &mut Session<Cpu>, alone: bool| {
        let before = asked.0.get();
        let x = vec![0; 17 * ONE];
        let message = json!({ "type": "probe", "job": 1, "want": { "want": "logits" }, "height": 32, "width": 32, "alone": alone });
        ask(session, message, &[x]).unwrap();
        asked.0.get() > before
    };
    assert!(probe(&mut session, false));
    assert!(!probe(&mut session, true));
    picture(&mut session, "linear");
    assert!(!probe(&mut session, false), "helpers know the default head only");
    picture(&mut session, "default");
    assert!(probe(&mut session, false));
    own(&mut session, 1e-3).unwrap();
    assert!(!probe(&mut session, false), "helpers know the shipped weights only");
}

#[test]
fn numbers_that_are_none_are_refused() {
    let mut session = session(Rc::new(Alone));
    let x: Vec<u8> = std::iter::repeat_n(f32::NAN.to_le_bytes(), ONE / 4).flatten().collect();
    let raw =
        json!({ "type": "raw", "job": 1, "op": { "op": "forward", "layer": "relu1_1" }, "height": 32, "width": 32 });
    assert_eq!(ask(&mut session, raw, std::slice::from_ref(&x)).unwrap_err().kind, ProblemKind::BadParameter);
    for options in [
        json!([1]),
        json!({ "size": -1 }),
        json!({ "size": "NaN" }),
        json!({ "sise": 64 }),
        json!({ "fit": "wide" }),
        json!({ "group": 7 }),
    ] {
        let message = json!({ "type": "set_image", "job": 1, "options": options, "pixels": [16, 16] });
        assert_eq!(
            ask(&mut session, message, &[vec![0; 1024]]).unwrap_err().kind,
            ProblemKind::BadParameter,
            "{options}"
        );
    }
    picture(&mut session, "linear");
    let slopes = json!({ "type": "probe", "job": 1, "want": { "want": "slopes", "stage": 31, "class": 3 }, "height": 32, "width": 32 });
    assert!(
        ask(&mut session, slopes, &[vec![0; ONE]]).unwrap_err().detail.contains("pool5: the head in use reads relu5_3")
    );
}

fn nasty() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => (0_i64..40).prop_map(Value::from),
        1 => prop::sample::select(vec![
            json!(-1), json!(0), json!(2.5), json!(31), json!(32), json!(512), json!(513), json!(999), json!(1000), json!(65_535),
            json!(65_536), json!(4_294_967_296_u64), json!(u64::MAX), json!(1e300), json!("NaN"), json!(null), json!([1]), json!({}),
            json!("relu5_3"), json!("conv5_3:0@4294967296,0"), json!("conv5_3:3@0,0"), json!("top"),
        ]),
    ]
}

fn side() -> impl Strategy<Value = Value> {
    prop_oneof![4 => Just(json!(32)), 1 => nasty()]
}

fn layer() -> impl Strategy<Value = Value> {
    prop_oneof![
        prop::sample::select(vec!["conv1_1", "relu1_2", "pool2", "conv5_3", "relu5_3", "pool5"]).prop_map(Value::from),
        nasty()
    ]
}

fn message() -> impl Strategy<Value = Value> {
    let want = (
        prop::sample::select(vec!["logits", "unit", "gradient", "means", "slopes"]),
        [nasty(), nasty(), nasty(), nasty()],
    )
        .prop_map(|(want, [a, b, c, d])| match want {
            "logits" => json!({ "want": want }),
            "unit" => json!({ "want": want, "layer": a, "channel": b, "place": [c, d] }),
            "gradient" => json!({ "want": want, "class": a }),
            "means" => json!({ "want": want, "stage": a }),
            _ => json!({ "want": want, "stage": a, "class": b }),
        });
    let op = (prop::sample::select(vec!["forward", "gradient", "ascend"]), layer(), [nasty(), nasty(), nasty(), nasty()]).prop_map(
        |(op, layer, [channel, steps, lr, b1])| match op {
            "forward" => json!({ "op": op, "layer": layer }),
            "gradient" => json!({ "op": op, "layer": layer, "channel": channel }),
            _ => json!({ "op": op, "layer": layer, "channel": channel, "steps": steps, "lr": lr, "b1": b1, "b2": 0.9, "eps": 1e-8 }),
        },
    );
    let params = (
        0..cnn_lens::methods::INFOS.len(),
        prop::collection::vec((any::<prop::sample::Index>(), nasty()), 0..3),
    )
        .prop_map(|(info, given)| {
            let info = cnn_lens::methods::INFOS[info];
            let given = given.into_iter().filter(|_| !info.params.is_empty());
            let given = given.map(|(i, v)| (info.params[i.index(info.params.len())].id.to_owned(), v));
            json!({ "type": "run", "job": 1, "method": info.id, "params": given.collect::<serde_json::Map<_, _>>() })
        });
    prop_oneof![
        2 => nasty().prop_map(|top| json!({ "type": "classify", "job": 1, "top": top })),
        4 => params,
        3 => (op, side(), side()).prop_map(|(op, h, w)| json!({ "type": "raw", "job": 1, "op": op, "height": h, "width": w })),
        3 => (want, side(), side()).prop_map(|(want, h, w)| json!({ "type": "probe", "job": 1, "want": want, "height": h, "width": w })),
        1 => [nasty(), nasty(), nasty()].prop_map(|[w, h, d]| json!({ "type": "gif", "job": 1, "width": w, "height": h, "delay": d })),
        1 => [nasty(), nasty()].prop_map(|[size, head]| json!({ "type": "set_image", "job": 1, "options": { "size": size, "head": head }, "pixels": [1, 1] })),
        1 => nasty().prop_map(|group| json!({ "type": "forget", "job": 1, "group": group })),
        1 => nasty().prop_map(|lang| json!({ "type": "report", "job": 1, "lang": lang })),
        1 => [nasty(), nasty()].prop_map(|[a, b]| json!({ "type": "arrays", "job": 1, "arrays": [{ "name": "features.0.bias", "shape": [a, b] }] })),
    ]
}

/// Every message gets an answer or a refusal with a reason, and the session goes on as before.
#[test]
fn no_message_traps_the_engine() {
    let mut session = session(Rc::new(Alone));
    let mut runner = proptest::test_runner::TestRunner::new_with_rng(
        ProptestConfig { cases: 200, failure_persistence: None, max_shrink_iters: 0, ..ProptestConfig::default() },
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let cell = std::cell::RefCell::new(&mut session);
    let sizes = prop::collection::vec(prop::sample::select(vec![0, 4, 12, ONE, ONE + 1, 2 * ONE]), 0..3);
    runner
        .run(&(message(), sizes), |(message, sizes)| {
            let mut session = cell.borrow_mut();
            picture(&mut session, "default");
            let read = match ToWorker::read(&message.to_string()) {
                Ok(read) => read,
                Err(unread) => {
                    prop_assert_eq!(unread.job, Some(1));
                    prop_assert!(!unread.problem.detail.is_empty());
                    return Ok(());
                }
            };
            // most get the buffers that they need
            let needs = matches!(read, ToWorker::Raw { .. } | ToWorker::Probe { .. });
            let sizes = if needs && sizes.len() != 1 {
                vec![ONE]
            } else if needs {
                sizes
            } else {
                sizes
                    .into_iter()
                    .take(usize::from(matches!(
                        read,
                        ToWorker::Gif { .. } | ToWorker::SetImage { .. } | ToWorker::Arrays { .. }
                    )))
                    .collect()
            };
            let buffers: Vec<Vec<u8>> = sizes.into_iter().map(|n| vec![0; n]).collect();
            if let Err(problem) = block_on(answer(&mut session, read, &buffers, &Impatient(Cell::new(60)))) {
                prop_assert!(!problem.detail.is_empty());
                prop_assert!(problem.kind != ProblemKind::Internal);
            }
            Ok(())
        })
        .unwrap();
}
