//! Pictures made by ascent, held to what was measured with PyTorch's ecosystem for the same recipe (methods.md 7.13b).

use crate::support::methods::{run, session};
use cnn_lens::engine::kernels::cpu::Cpu;
use cnn_lens::figure::Kind;
use cnn_lens::job::{Answer, Session};
use serde_json::json;

fn number(answer: &Answer, fact: &str) -> f64 {
    answer.result["facts"][fact].as_f64().unwrap_or_else(|| panic!("no {fact} in {}", answer.result["facts"]))
}

#[test]
fn lucid_grows_what_a_channel_wants_to_see_and_the_seed_s_recipe_does_not() {
    let mut session = session();
    let mut grow = |recipe: &str, steps: usize| {
        let params = json!({ "class": "conv5_3:63", "recipe": recipe, "steps": steps });
        let answer = run(&mut session, "maximise", params);
        let [objective, shaken, least] = ["objective", "shaken", "shaken_min"].map(|fact| number(&answer, fact));
        println!("{recipe} {steps}: objective {objective:.1}, shaken {shaken:.1} / {least:.1}");
        (objective, shaken, answer.figures[0].data.clone())
    };
    let (objective, shaken, picture) = grow("lucid", 256);
    assert!(objective >= 140.0 && shaken >= 105.0, "{objective} {shaken}");
    assert!(picture.iter().all(|v| v.is_finite()));
    let (_, fragile, _) = grow("seed", 96);
    assert!(fragile < 0.5 * shaken, "pixels fall apart when shaken: {fragile}");
}

fn small(session: &mut Session<Cpu>, more: serde_json::Value) -> Answer {
    let mut params = json!({ "class": "conv3_1:10", "side": 48, "steps": 8 });
    let given = more.as_object().unwrap().clone();
    params.as_object_mut().unwrap().extend(given);
    run(session, "maximise", params)
}

#[test]
fn the_same_seed_grows_the_same_picture_also_when_it_was_stopped_on_its_way() {
    let mut session = session();
    let whole = small(&mut session, json!({ "steps": 12 }));
    assert_eq!(whole.figures[0], small(&mut session, json!({ "steps": 12 })).figures[0]);
    assert_ne!(whole.figures[0], small(&mut session, json!({ "steps": 12, "seed": 1 })).figures[0]);
    // a finished climb goes on by as many steps again
    small(&mut session, json!({ "steps": 4 }));
    small(&mut session, json!({ "steps": 4, "start": "last" }));
    let on = small(&mut session, json!({ "steps": 4, "start": "last" }));
    assert_eq!(on.figures[0], whole.figures[0]);
    assert_eq!(number(&on, "steps_done"), 12.0);
    // the film has the steps in order and ends with the last
    let film = on.figures.last().unwrap();
    assert_eq!((film.info.kind, film.info.channels % 3), (Kind::Film, 0));
    let frames = on.result["facts"]["frames"].as_array().unwrap();
    assert_eq!((frames.len() * 3, frames.last().unwrap().as_u64()), (film.info.channels, Some(12)));
}

#[test]
fn every_objective_rises_and_every_recipe_gives_a_picture() {
    let mut session = session();
    for more in [
        json!({ "class": "relu3_1:10" }),
        json!({ "class": "conv3_1:10@5,5" }),
        json!({ "class": 285 }),
        json!({ "objective": "negative" }),
        json!({ "objective": "layer", "layer": "relu3_2" }),
        json!({ "objective": "direction", "layer": "relu3_2" }),
        json!({ "objective": "direction", "others": "relu3_2:3, relu3_2:4" }),
        json!({ "objective": "joint", "others": "conv3_1:11", "weight": 0.5 }),
        json!({ "objective": "interpolation", "others": "conv3_1:11" }),
        json!({ "objective": "diversity" }),
        json!({ "recipe": "no_warp" }),
        json!({ "recipe": "yosinski" }),
        json!({ "recipe": "keras", "steps": 60 }),
        json!({ "recipe": "seed", "gradient": "clip" }),
        json!({ "gradient": "normalise" }),
    ] {
        let answer = small(&mut session, more.clone());
        let shown: Vec<f64> = serde_json::from_value(answer.result["facts"]["shown"].clone()).unwrap();
        println!("{more}: {shown:?}, |g| {:.3}", number(&answer, "gradient"));
        assert!(shown.last() > shown.first(), "{more}: {shown:?}");
        let count = match more["objective"].as_str() {
            Some("interpolation") => 5,
            Some("diversity") => 4,
            _ => 1,
        };
        assert_eq!(answer.figures.len(), count + 1, "{more}");
    }
}

#[test]
fn inversion_comes_as_close_as_the_reference() {
    let mut session = session();
    // methods.md 7.13b: .043, .028 and .019, with jax
    for (layer, steps, most) in [("relu3_3", 60, 0.05), ("relu4_3", 80, 0.03), ("relu5_3", 80, 0.02)] {
        let answer = run(&mut session, "invert", json!({ "layer": layer, "steps": steps }));
        let error = number(&answer, "relative_error");
        println!("{layer} {steps}: error {error:.4}, pixels {:.2}", number(&answer, "pixel_correlation"));
        assert!(error <= most, "{layer}: {error}");
    }
}
