//! The small files of `tests/files`.
#![allow(dead_code, reason = "each test uses a part")]

use std::path::PathBuf;

use cnn_lens_reader::NamedSource;
use serde_json::Value;

/// The bytes of one of them.
pub fn bytes(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/files").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Bytes under a name.
pub fn named(name: &str, bytes: Vec<u8>) -> NamedSource {
    cnn_lens_reader::format::named(name, bytes)
}

/// All cases of `cases.json`.
pub fn cases() -> Vec<Value> {
    serde_json::from_slice(&bytes("cases.json")).unwrap()
}

/// The files of a case.
pub fn given(case: &Value) -> Vec<NamedSource> {
    let names = case["files"].as_array().unwrap().iter().map(|name| name.as_str().unwrap());
    names.map(|name| named(name, bytes(name))).collect()
}
