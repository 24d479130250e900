//! Layers point one way; browser and GPU types stay where they belong; files stay short.
#![allow(missing_docs, reason = "a test")]

use std::path::{Path, PathBuf};

/// Each layer and what it may name.
const LAYERS: &[(&str, &[&str])] = &[
    ("catalog", &[]),
    ("figure", &[]),
    ("weights", &["catalog"]),
    ("engine", &["catalog", "figure", "weights"]),
    ("methods", &["catalog", "figure", "engine"]),
    ("protocol", &["catalog", "figure", "methods"]),
    ("job", &["catalog", "figure", "engine", "methods", "protocol"]),
    ("worker", &["catalog", "engine", "figure", "job", "protocol", "weights"]),
    ("state", &["catalog", "figure", "methods", "protocol"]),
    ("ui", &["catalog", "figure", "methods", "protocol", "state"]),
];
const BROWSER: &[&str] = &["web_sys", "js_sys", "wasm_bindgen", "yew", "gloo"];
const GPU: &[&str] = &["burn_wgpu", "cubecl"];

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn code(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|l| l.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n")
}

/// The names after `crate::`, also in `use crate::{a, b::c}`.
fn named(code: &str) -> Vec<String> {
    let word = |s: &str| s.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut names = Vec::new();
    for rest in code.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            Some(list) => names.extend(list.split('}').next().unwrap_or("").split(',').map(|n| word(n.trim()))),
            None => names.push(word(rest)),
        }
    }
    names
}

#[test]
fn layers_point_one_way() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let all: Vec<&str> = LAYERS.iter().map(|l| l.0).collect();
    for (layer, may) in LAYERS {
        for file in files(&src.join(layer)) {
            for name in named(&code(&file)) {
                let allowed = name == *layer || !all.contains(&name.as_str()) || may.contains(&name.as_str());
                assert!(allowed, "{} names {name}, which {layer} may not", file.display());
            }
        }
    }
}

#[test]
fn browser_and_gpu_types_stay_where_they_belong() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (layer, _) in LAYERS {
        for file in files(&src.join(layer)) {
            let (code, path) = (code(&file), file.to_string_lossy().into_owned());
            let uses =
                |names: &[&str]| names.iter().find(|n| code.contains(&format!("{n}::"))).copied().map(str::to_owned);
            if !["ui", "worker"].contains(layer) {
                assert_eq!(uses(BROWSER), None, "{path}");
            }
            if !path.contains("engine/kernels/gpu") {
                assert_eq!(uses(GPU), None, "{path}");
            }
        }
    }
}

#[test]
fn files_have_one_idea_each() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for file in files(&root.join("src")).into_iter().chain(files(&root.join("simd/src"))) {
        let lines = std::fs::read_to_string(&file).unwrap().lines().count();
        assert!(lines <= 260, "{} has {lines} lines", file.display());
    }
}
