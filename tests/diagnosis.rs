//! The laboratories: attacks, corruptions, metrics, concepts.
#![allow(missing_docs, reason = "a test")]

mod support;

use serde_json::json;
use support::methods::{run, session};

#[test]
fn try_out() {
    let mut session = session();
    for (m, p) in [
        ("tcav", json!({"class": 555})),
        ("tcav", json!({})),
        ("tcav", json!({"class": 555, "layer":"relu4_3"})),
        ("tcav", json!({"class": 340, "layer":"relu4_3"})),
        ("dissection", json!({"layer":"relu1_2"})),
        ("dissection", json!({"layer":"relu5_3"})),
        ("channel_ranking", json!({})),
    ] {
        let t = std::time::Instant::now();
        let a = run(&mut session, m, p.clone());
        println!(
            "{m} {p} {:?} figures {:?}\n{}",
            t.elapsed(),
            a.figures.iter().map(|f| f.info.name.clone()).collect::<Vec<_>>(),
            a.result["facts"]
        );
    }
}
