//! The laboratories: attacks, corruptions, metrics, concepts.
#![allow(missing_docs, reason = "a test")]

mod support;

use serde_json::json;
use support::methods::{run, session};

#[test]
fn try_out() {
    let mut session = session();
    for (m, p) in [
        ("randomisation", json!({})),
    ] {
        let t = std::time::Instant::now();
        let a = run(&mut session, m, p.clone());
        println!("{m} {p} {:?} figures {:?}\n{}", t.elapsed(), a.figures.iter().map(|f| f.info.name.clone()).collect::<Vec<_>>(), a.result["facts"]);
    }
}
