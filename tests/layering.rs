//! Layers point one way; browser and GPU types stay where they belong.
#![allow(missing_docs, reason = "a test")]

use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Each layer and what it may name.
const LAYERS: &[(&str, &[&str])] = &[
    ("ops", &[]),
    ("catalog", &["ops"]),
    ("figure", &[]),
    ("weights", &["catalog"]),
    ("engine", &["ops", "catalog", "figure", "weights"]),
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

/// Every path that the code of `module` writes, in `use` trees, expressions and macros, with `crate`, `self` and `super`
/// resolved: `crate::a::b` is `["crate", "a", "b"]`, what another crate offers begins with that crate's name.
fn paths(code: &str, module: &[String]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    read(code.parse().unwrap(), module, &[], &mut found);
    found
}

fn read(code: TokenStream, module: &[String], before: &[String], found: &mut Vec<Vec<String>>) {
    let tokens: Vec<TokenTree> = code.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Group(group) => read(group.stream(), module, &[], found),
            // who may see it, not what is named: pub(crate)
            TokenTree::Ident(word) if *word == "pub" => {
                at += usize::from(matches!(tokens.get(at + 1), Some(TokenTree::Group(_))));
            }
            TokenTree::Ident(word) if *word == "mod" => {
                if let (Some(TokenTree::Ident(name)), Some(TokenTree::Group(body))) =
                    (tokens.get(at + 1), tokens.get(at + 2))
                {
                    read(body.stream(), &[module, &[name.to_string()]].concat(), &[], found);
                    at += 2;
                }
            }
            TokenTree::Ident(_) => at = path(&tokens, at, module, before, found),
            TokenTree::Punct(star) if star.as_char() == '*' && !before.is_empty() => {
                found.push([before, &["*".to_owned()]].concat());
            }
            _ => {}
        }
        at += 1;
    }
}

/// Reads the path that begins at `at`; returns the place of its last token.
fn path(
    tokens: &[TokenTree],
    mut at: usize,
    module: &[String],
    before: &[String],
    found: &mut Vec<Vec<String>>,
) -> usize {
    let colon = |i: usize| matches!(tokens.get(i), Some(TokenTree::Punct(p)) if p.as_char() == ':');
    let mut whole = before.to_vec();
    let step = |whole: &mut Vec<String>, word: String| match word.as_str() {
        "crate" => *whole = vec![word],
        "self" if whole.is_empty() => *whole = [&["crate".to_owned()], module].concat(),
        "self" => {} // the last of a list: what stands before it
        "super" if whole.is_empty() => {
            *whole = [&["crate".to_owned()], &module[..module.len().saturating_sub(1)]].concat()
        }
        "super" => whole.truncate(whole.len().saturating_sub(1).max(1)),
        _ => whole.push(word),
    };
    loop {
        if let Some(TokenTree::Ident(word)) = tokens.get(at) {
            step(&mut whole, word.to_string());
        }
        if !(colon(at + 1) && colon(at + 2)) {
            break;
        }
        match tokens.get(at + 3) {
            Some(TokenTree::Ident(_)) => at += 3,
            Some(TokenTree::Group(list)) if list.delimiter() == Delimiter::Brace => {
                read(list.stream(), module, &whole, found);
                return at + 3;
            }
            Some(TokenTree::Punct(star)) if star.as_char() == '*' => {
                whole.push("*".into());
                at += 3;
                break;
            }
            _ => break, // generic arguments: what stands in them is read as paths of their own
        }
    }
    found.push(whole);
    at
}

/// The module that a file of src/ is.
fn module(src: &Path, file: &Path) -> Vec<String> {
    let inside = file.strip_prefix(src).unwrap().with_extension("");
    let mut parts: Vec<String> = inside.iter().map(|p| p.to_string_lossy().into_owned()).collect();
    if parts.last().is_some_and(|p| p == "mod") {
        parts.pop();
    }
    parts
}

/// What `layer` names against the rules.
fn wrong(layer: &str, written: &[Vec<String>]) -> Vec<String> {
    let may = LAYERS.iter().find(|l| l.0 == layer).unwrap().1;
    let all: Vec<&str> = LAYERS.iter().map(|l| l.0).collect();
    let inside = written.iter().filter(|p| p[0] == "crate");
    // the whole crate, under its own or another name, hides what is taken from it
    let hidden = |p: &[String]| p.get(1).is_none_or(|name| name == "*" || name == "as");
    let refused =
        |p: &[String]| p.get(1).is_some_and(|n| n != layer && all.contains(&n.as_str()) && !may.contains(&n.as_str()));
    inside.filter(|p| hidden(p) || refused(p)).map(|p| p.join("::")).collect()
}

#[test]
fn layers_point_one_way() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (layer, _) in LAYERS {
        for file in files(&src.join(layer)) {
            let written = paths(&std::fs::read_to_string(&file).unwrap(), &module(&src, &file));
            assert_eq!(wrong(layer, &written), [""; 0], "{} names what {layer} may not", file.display());
        }
    }
}

#[test]
fn browser_and_gpu_types_stay_where_they_belong() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (layer, _) in LAYERS {
        for file in files(&src.join(layer)) {
            let written = paths(&std::fs::read_to_string(&file).unwrap(), &module(&src, &file));
            let path = file.to_string_lossy().into_owned();
            let uses = |names: &[&str]| written.iter().find(|p| names.contains(&p[0].as_str())).map(|p| p.join("::"));
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
fn every_way_to_name_a_layer_is_seen() {
    let inside = ["catalog".to_owned(), "network".to_owned()];
    for code in [
        "use crate::engine::Network;",
        "use crate::{figure::{Figure, files}, state::{link::{self, code}, State}};",
        "use crate::{catalog::{Layer, method::{Given, START}}, engine};",
        "pub use crate::engine;",
        "pub(crate) use crate::engine as machine;",
        "use super::super::engine::Network;",
        "use super::{super::{engine::Network}, labels};",
        "use self::super::super::engine;",
        "mod tests { use super::super::super::engine::Network; }",
        "mod tests { mod deeper { fn f() { super::super::super::super::engine::run() } } }",
        "fn f() -> Vec<crate::engine::Network> { Vec::new() }",
        "fn f() { Vec::<crate::engine::Network>::new(); }",
        "macro_rules! m { ($x:expr) => { $crate::engine::run($x) }; }",
        "fn f() { println!(\"{}\", crate::engine::NAME); }",
        "#[derive(crate::engine::Told)] struct S;",
        "use crate as root;",
        "use crate::*;",
        "use super::super::*;",
        "use crate::{self as root, figure};",
    ] {
        assert!(!wrong("catalog", &paths(code, &inside)).is_empty(), "not seen: {code}");
    }
}

#[test]
fn what_is_allowed_is_not_held_against_a_layer() {
    let inside = ["engine".to_owned(), "head".to_owned()];
    for code in [
        "use crate::{catalog::{labels::{self, label_in}, Layer}, figure, weights::Arrays, engine::Network};",
        "use super::{Kernels, change::grey}; use super::super::catalog::*;",
        "// crate::ui::page is what shows it\n/// Shown by [`crate::ui`]. \nfn f() -> &'static str { \"crate::state::x\" }",
        "mod state { pub fn f() {} } fn g() { state::f(); self::state::f(); let ui = 1; }",
        "pub(crate) fn f() {} pub(in crate::engine) fn g() {}",
    ] {
        assert_eq!(wrong("engine", &paths(code, &inside)), [""; 0], "{code}");
    }
    let first = |code: &str| paths(code, &inside).into_iter().map(|p| p[0].clone()).collect::<Vec<_>>();
    for code in ["use {std::rc::Rc, yew::prelude::*};", "fn f(x: ::yew::Html) {}", "use yew;"] {
        assert!(first(code).contains(&"yew".to_owned()), "{code}");
    }
}
