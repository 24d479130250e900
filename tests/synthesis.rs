//! Pictures made by ascent, held to what was measured with PyTorch's ecosystem for the same recipe (methods.md 7.13b).
#![allow(missing_docs, reason = "a test")]

mod support;

use serde_json::json;
use support::methods::{run, session};

#[test]
fn lucid_grows_what_a_channel_wants_to_see_and_pixels_do_not() {
    let mut session = session();
    let mut grow = |recipe: &str, steps: usize| {
        let answer = run(&mut session, "maximise", json!({ "class": "conv5_3:63", "recipe": recipe, "steps": steps }));
        let facts = answer.result["facts"].clone();
        println!(
            "{recipe} {steps}: objective {}, shaken {} / {}",
            facts["objective"], facts["shaken"], facts["shaken_min"]
        );
        (facts["objective"].as_f64().unwrap(), facts["shaken"].as_f64().unwrap(), answer.figures[0].data.clone())
    };
    let (objective, shaken, picture) = grow("lucid", 256);
    assert!(objective >= 140.0 && shaken >= 105.0, "{objective} {shaken}");
    assert!(picture.iter().all(|v| v.is_finite()));
    // the same seed grows the same picture, bit for bit
    assert_eq!(grow("lucid", 8).2, grow("lucid", 8).2);
    let (_, fragile, _) = grow("pixels", 96);
    assert!(fragile < 0.5 * shaken, "pixels fall apart when shaken: {fragile}");
}
