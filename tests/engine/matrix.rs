//! Every method on four networks that have little in common: a figure of finite numbers that are not all one, or a refusal that
//! says what the network lacks. Weights of ResNet50 and DenseNet121 are drawn (`graph.rs`), so nothing is said of what is seen.

use std::rc::Rc;

use crate::graph::drawn;
use crate::support::root;
use cnn_lens::catalog::{Card, Lang, MethodInfo, NetworkSpec, ParamKind, ProblemKind};
use cnn_lens::engine::kernels::cpu::Cpu;
use cnn_lens::engine::{Alone, Network, Silent};
use cnn_lens::job::{Answer, Session};
use cnn_lens::methods::INFOS;
use cnn_lens::native;
use pollster::block_on;
use serde_json::{Map, Value, json};

/// Parameters that say how long a method works: taken at their least.
const WORK: [&str; 23] = [
    "samples",
    "masks",
    "steps",
    "draws",
    "splits",
    "subsets",
    "patches",
    "copies",
    "orders",
    "tried",
    "channels",
    "style_steps",
    "patch_steps",
    "curve_steps",
    "attack_steps",
    "octaves",
    "side",
    "concept_side",
    "patch_side",
    "shift",
    "rounds",
    "segments",
    "nodes",
];

fn quick(info: &MethodInfo) -> Value {
    let mut params = Map::new();
    for p in info.params {
        match p.kind {
            ParamKind::Number { min, .. } | ParamKind::Count { min, .. } | ParamKind::Side { min, .. }
                if WORK.contains(&p.id) =>
            {
                drop(params.insert(p.id.into(), json!(min)))
            }
            ParamKind::Region => drop(params.insert(p.id.into(), json!("box 20 20 50 50"))),
            ParamKind::Methods { .. } => drop(params.insert(p.id.into(), json!("grad_cam"))),
            _ => {}
        }
    }
    params.into()
}

/// A network with drawn weights.
fn refilled(id: &str) -> Network {
    let json = std::fs::read_to_string(root().join(format!("tests/golden/graphs/{id}.json"))).unwrap();
    let spec = NetworkSpec::new(Card::parse(&json).unwrap()).unwrap();
    let network = Network::new(Rc::clone(&spec), Cpu::default());
    network.load(&drawn(spec.graph())).unwrap();
    network
}

/// A photo of nothing that the golden photo shows.
fn second() -> Vec<u8> {
    std::fs::read(root().join("www/examples/coffee.jpg")).unwrap()
}

/// The methods that are refused; everything else must have worked.
fn refused_by(network: Network) -> Vec<&'static str> {
    let mut session = Session::new(Rc::new(network), Rc::new(Alone));
    let photo = || std::fs::read(root().join("tests/golden/photo224.png")).unwrap();
    session.set_image(photo(), None, &json!({ "size": 64 })).unwrap();
    session.set_image(second(), None, &json!({ "size": 64, "role": "second" })).unwrap();
    for group in ["a", "b"] {
        for picture in [photo(), second(), photo()] {
            session.set_image(picture, None, &json!({ "size": 64, "role": "gallery", "group": group })).unwrap();
        }
    }
    let (mut refused, mut wrong) = (Vec::new(), Vec::new());
    for info in INFOS {
        let (id, mut params) = (info.id, quick(info));
        if id == "dissection" {
            // where every channel fires somewhere on the photo
            let first = session.network.spec.stages()[0];
            params["layer"] = session.network.spec.name(first).into();
        }
        match block_on(session.run(id, &params, &Silent)) {
            Ok(answer) => wrong.extend(what_is_wrong(&answer).map(|why| format!("{id}: {why}"))),
            Err(problem) if problem.kind == ProblemKind::OtherNetwork => {
                let need = session.network.spec.lacks(info).expect("a refusal has a reason");
                assert_eq!(problem.detail, need.sentence().get(Lang::En), "{id}");
                refused.push(id);
            }
            // a network of drawn weights says the same of every picture
            Err(problem) if id == "cue_conflict" && problem.detail.contains("of the same class") => {}
            Err(problem) => wrong.push(format!("{id}: {:?} {}", problem.kind, problem.detail)),
        }
    }
    assert_eq!(wrong, [""; 0]);
    refused
}

fn what_is_wrong(answer: &Answer) -> Option<&'static str> {
    let told = answer.result["facts"].as_object().unwrap();
    let varies = |data: &[f32]| data.iter().any(|v| *v != data[0]);
    let shown = answer.figures.iter().any(|f| varies(&f.data));
    let nothing = told.get("no_evidence").is_some_and(|v| v == true);
    match () {
        () if answer.figures.iter().flat_map(|f| &f.data).any(|v| !v.is_finite()) => Some("not finite"),
        () if shown || nothing || answer.figures.is_empty() && !told.is_empty() => None,
        () => Some("nothing is shown"),
    }
}

#[test]
fn vgg16_serves_every_method() {
    assert_eq!(refused_by(native::network(Cpu::default(), &root().join("weights")).unwrap()), [""; 0]);
}

#[test]
fn squeezenet_serves_all_but_probes() {
    let network = native::named("squeezenet", Cpu::default(), &root().join("weights")).unwrap();
    assert_eq!(refused_by(network), ["layer_lens"]);
}

#[test]
fn resnet50_serves_all_but_probes() {
    assert_eq!(refused_by(refilled("resnet50")), ["layer_lens"]);
}

/// What draws class maps beside its own results takes `HiResCAM` where the head does not average, and says so.
#[test]
fn where_no_cam_can_be_drawn_hirescam_is() {
    let mut session = Session::new(Rc::new(refilled("bvlc_alexnet")), Rc::new(Alone));
    let photo = || std::fs::read(root().join("tests/golden/photo224.png")).unwrap();
    session.set_image(photo(), None, &json!({ "size": 64 })).unwrap();
    session.set_image(second(), None, &json!({ "size": 64, "role": "gallery", "group": "a" })).unwrap();
    let cam = block_on(session.run("cam", &json!({}), &Silent)).unwrap_err();
    assert_eq!(cam.kind, ProblemKind::OtherNetwork);
    for (id, params) in [
        ("adversarial", json!({ "attack_steps": 1 })),
        ("background", json!({})),
        ("audit", json!({ "region": "box 20 20 50 50" })),
    ] {
        let answer = block_on(session.run(id, &params, &Silent)).unwrap();
        assert_eq!(what_is_wrong(&answer), None, "{id}");
        assert_eq!(answer.result["facts"]["map"], "hires_cam", "{id}");
        let said = answer.result["sentence"]["en"].as_str().unwrap();
        assert!(said.contains("HiResCAM"), "{id}: {said}");
    }
    // the same map as the method's own, where that shows what speaks for the class
    let own = block_on(session.run("hires_cam", &json!({ "layer": "relu_5" }), &Silent)).unwrap().figures.remove(0);
    let attack = block_on(session.run("adversarial", &json!({ "attack_steps": 1 }), &Silent)).unwrap();
    let before = attack.figures.iter().find(|f| f.info.name == "cam_before").unwrap();
    assert_eq!(before.data.iter().map(|v| v.max(0.0)).collect::<Vec<_>>(), own.data);
}

#[test]
fn densenet121_serves_all_but_probes() {
    assert_eq!(refused_by(refilled("densenet121")), ["layer_lens"]);
}
