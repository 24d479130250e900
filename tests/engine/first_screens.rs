//! The precomputed first screens are what the engine computes: same classes in the same order, the same map.

use std::path::Path;
use std::rc::Rc;

use crate::support::root;
use cnn_lens::catalog::card::Extra;
use cnn_lens::catalog::examples::EXAMPLES;
use cnn_lens::catalog::{Lang, NetworkSpec, networks};
use cnn_lens::engine::kernels::cpu::Cpu;
use cnn_lens::engine::{Alone, Silent};
use cnn_lens::job::Session;
use cnn_lens::methods::names::name;
use cnn_lens::methods::sentence;
use cnn_lens::methods::sentence::Found;
use cnn_lens::native;
use pollster::block_on;
use serde_json::{Value, json};

#[test]
fn precomputed_results_are_those_of_the_engine() {
    for id in networks::ids() {
        let net = networks::get(id).unwrap();
        let folder = root().join("www/examples").join(networks::folder(id).unwrap());
        assert_eq!(net.has(Extra::FirstScreens), folder.join("cat.json").exists(), "{id}");
        if net.has(Extra::FirstScreens) {
            of_network(&net, &folder);
        }
    }
}

fn of_network(net: &NetworkSpec, folder: &Path) {
    let network = native::named(net.id(), Cpu::default(), &root().join("weights")).unwrap();
    let mut session = Session::new(Rc::new(network), Rc::new(Alone));
    for example in EXAMPLES {
        let photo = root().join(format!("www/examples/{}.jpg", example.id));
        let kept = std::fs::read(folder.join(format!("{}.json", example.id))).unwrap();
        let kept: Value = serde_json::from_slice(&kept).unwrap();
        session.set_image(std::fs::read(photo).unwrap(), None, &Value::Null).unwrap();
        let classes = block_on(session.classify(5, &Silent)).unwrap().result;
        let order = |v: &Value| v.as_array().unwrap().iter().map(|c| c["index"].as_u64().unwrap()).collect::<Vec<_>>();
        assert_eq!(order(&classes["classes"]), order(&kept["classes"]), "{}: run `make examples`", example.id);
        let maps: Vec<Vec<f32>> = serde_json::from_value(kept["cam"]["maps"].clone()).unwrap();
        assert_eq!(maps.len(), 5);
        for (class, values) in order(&kept["classes"]).into_iter().zip(maps) {
            let ran = block_on(session.run("cam", &json!({ "class": class }), &Silent)).unwrap();
            let cam = ran.figures.first().unwrap().clone();
            // what it found is told in words, in both languages
            let shared = [Rc::new(cam.clone())];
            let found = Found { net, figures: &shared, meta: &ran.result, name };
            for (key, lang) in [("en", Lang::En), ("zh", Lang::Zh)] {
                assert!(ran.result["sentence"][key].as_str() == sentence("cam", &found, lang).as_deref());
            }
            assert_eq!(cam.data.len(), values.len());
            let largest = values.iter().fold(0.0_f32, |m, v| m.max(v.abs()));
            let worst = cam.data.iter().zip(&values).fold(0.0_f32, |m, (a, b)| m.max((a - b).abs()));
            assert!(worst <= 1e-3 * largest, "{}: {worst} of {largest}; run `make examples`", example.id);
        }
    }
}
