//! The fuzz targets' corpus, replayed: what once crashed does not crash again. `make fuzz` looks for more.
#![allow(missing_docs, reason = "a test")]

#[path = "../../fuzz/reader.rs"]
mod reader;

use std::path::Path;

fn replay(target: &str, run: fn(&[u8])) {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
    let files: Vec<_> = std::fs::read_dir(dir).unwrap().map(|f| f.unwrap().path()).collect();
    assert!(files.len() >= 2, "{target} has no corpus");
    for file in files {
        run(&std::fs::read(file).unwrap());
    }
}

#[test]
fn the_corpus_crashes_nothing() {
    replay("reader_onnx", reader::onnx);
    replay("reader_pickle", reader::pickle);
    replay("reader_hdf5", reader::hdf5);
}
