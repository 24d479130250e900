//! The fuzz targets' corpus, replayed: what once crashed does not crash again. `make fuzz` looks for more.

#[path = "../../fuzz/targets.rs"]
mod targets;

use std::path::Path;

fn replay(target: &str, run: fn(&[u8])) {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let files: Vec<_> = std::fs::read_dir(dir).unwrap().map(|f| f.unwrap().path()).collect();
    assert!(files.len() >= 4, "{target} has no corpus");
    for file in files {
        run(&std::fs::read(file).unwrap());
    }
}

#[test]
fn the_corpus_crashes_nothing() {
    replay("image", targets::image);
    replay("manifest", targets::manifest);
    replay("shards", targets::shards);
    replay("address", targets::address);
    replay("protocol", targets::protocol);
    replay("messages", targets::messages);
    replay("png", targets::png);
}
