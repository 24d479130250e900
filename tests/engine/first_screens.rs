//! The precomputed first screens are what the engine computes: same classes in the same order, the same map.

use std::rc::Rc;

use crate::support::{packed, root};
use cnn_lens::catalog::Lang;
use cnn_lens::catalog::examples::EXAMPLES;
use cnn_lens::engine::kernels::cpu::Cpu;
use cnn_lens::engine::{Alone, Silent};
use cnn_lens::job::Session;
use cnn_lens::methods::names::name;
use cnn_lens::methods::sentence;
use cnn_lens::methods::sentence::Found;
use pollster::block_on;
use serde_json::{Value, json};

#[test]
fn precomputed_results_are_those_of_the_engine() {
    let mut session = Session::new(Rc::new(packed(Cpu::default())), Rc::new(Alone));
    for example in EXAMPLES {
        let path = |end: &str| root().join(format!("www/examples/{}.{end}", example.id));
        let kept: Value = serde_json::from_slice(&std::fs::read(path("json")).unwrap()).unwrap();
        session.set_image(std::fs::read(path("jpg")).unwrap(), None, &Value::Null).unwrap();
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
            let found = Found { net: &cnn_lens::catalog::networks::first(), figures: &shared, meta: &ran.result, name };
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
