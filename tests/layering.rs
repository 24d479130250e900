//! Layers point one way; browser and GPU types stay where they belong.
#![allow(missing_docs, reason = "a test")]

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

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

/// Adds a word to a path that is written in `module`: `crate`, `self` and `super` become what they stand for.
fn step(whole: &mut Vec<String>, word: &str, module: &[String]) {
    match word {
        "crate" => *whole = vec![word.to_owned()],
        "self" if whole.is_empty() => *whole = [&["crate".to_owned()], module].concat(),
        "self" => {} // the last of a list: what stands before it
        "super" if whole.is_empty() => {
            *whole = [&["crate".to_owned()], &module[..module.len().saturating_sub(1)]].concat()
        }
        "super" => whole.truncate(whole.len().saturating_sub(1).max(1)),
        _ => whole.push(word.to_owned()),
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
    loop {
        if let Some(TokenTree::Ident(word)) = tokens.get(at) {
            step(&mut whole, &word.to_string(), module);
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
        "use crate::{catalog::{Layer, method::{PresetValue, START}}, engine};",
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

/// A name that a `use` brings into a file.
struct Import {
    /// The name in this file; `*` for everything.
    name: String,
    /// Where it comes from: `crate::a::b`, or a path of another crate.
    path: Vec<String>,
    /// `pub use`, `pub(crate) use` ...: it is handed on.
    handed_on: bool,
}

/// What a file of src/ offers and names.
struct Source {
    module: Vec<String>,
    /// Names that it defines, those of inline modules too.
    items: BTreeSet<String>,
    imports: Vec<Import>,
    /// The paths of its code, without those of its `use` lines.
    code: Vec<Vec<String>>,
}

impl Source {
    fn new(code: &str, module: Vec<String>) -> Self {
        let tokens = without_tests(code.parse().unwrap());
        let mut source = Self { module, items: BTreeSet::new(), imports: Vec::new(), code: Vec::new() };
        source.take_items(tokens.clone());
        let module = source.module.clone();
        let rest = source.take_imports(tokens, &module);
        read(rest, &module, &[], &mut source.code);
        source
    }

    /// Whether the path is that of a name in the file itself: what an inline module takes from around it.
    fn is_own(&self, path: &[String]) -> bool {
        path.split_last().is_some_and(|(_, before)| {
            before.split_first().is_some_and(|(root, module)| root == "crate" && module == self.module)
        })
    }

    fn take_items(&mut self, code: TokenStream) {
        let tokens: Vec<_> = code.into_iter().collect();
        for (i, pair) in tokens.windows(2).enumerate() {
            let [TokenTree::Ident(kind), TokenTree::Ident(name)] = pair else { continue };
            let body = match tokens.get(i + 2) {
                Some(TokenTree::Group(body)) if *kind == "mod" => Some(body.stream()),
                _ => None,
            };
            let kinds = ["fn", "struct", "enum", "type", "const", "static", "trait"];
            if body.is_some() || kinds.contains(&&*kind.to_string()) {
                self.items.insert(name.to_string());
            }
            self.take_items(body.unwrap_or_default());
        }
    }

    /// Collects the `use` lines, those of inline modules and of function bodies too, and returns the code without them.
    fn take_imports(&mut self, code: TokenStream, module: &[String]) -> TokenStream {
        let mut rest = Vec::new();
        let mut inner = module.to_vec();
        let mut tokens = code.into_iter();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Ident(word) if word == "use" => {
                    let tree: Vec<_> = tokens
                        .by_ref()
                        .take_while(|t| !matches!(t, TokenTree::Punct(p) if p.as_char() == ';'))
                        .collect();
                    let before = |back: usize| rest.len().checked_sub(back).and_then(|i| rest.get(i));
                    let public = |t: Option<&TokenTree>| matches!(t, Some(TokenTree::Ident(w)) if *w == "pub");
                    let handed_on =
                        public(before(1)) || matches!(before(1), Some(TokenTree::Group(_))) && public(before(2));
                    self.import(&tree, module, &[], handed_on);
                }
                TokenTree::Group(group) => {
                    let body = self.take_imports(group.stream(), &inner);
                    rest.push(TokenTree::Group(Group::new(group.delimiter(), body)));
                    inner = module.to_vec();
                }
                TokenTree::Ident(word) => {
                    if let Some(TokenTree::Ident(before)) = rest.last()
                        && *before == "mod"
                    {
                        inner = [module, &[word.to_string()]].concat();
                    }
                    rest.push(TokenTree::Ident(word));
                }
                other => rest.push(other),
            }
        }
        rest.into_iter().collect()
    }

    /// Reads a `use` tree behind the path `before`.
    fn import(&mut self, tree: &[TokenTree], module: &[String], before: &[String], handed_on: bool) {
        for branch in tree.split(|t| matches!(t, TokenTree::Punct(p) if p.as_char() == ',')) {
            let renamed = branch.iter().position(|t| matches!(t, TokenTree::Ident(w) if w == "as"));
            let mut found = before.to_vec();
            let end = renamed.unwrap_or(branch.len());
            let list = match branch.last() {
                Some(TokenTree::Group(list)) => Some(list),
                _ => None,
            };
            for token in &branch[..end] {
                match token {
                    TokenTree::Ident(word) => step(&mut found, &word.to_string(), module),
                    TokenTree::Punct(star) if star.as_char() == '*' => found.push("*".into()),
                    _ => {}
                }
            }
            if let Some(list) = list {
                let inside: Vec<_> = list.stream().into_iter().collect();
                self.import(&inside, module, &found, handed_on);
            } else if let Some(last) = found.last() {
                let name = renamed.map_or_else(|| last.clone(), |i| branch[i + 1].to_string());
                assert!(name != "*" || !handed_on, "{}: a re-export names what it hands on", self.module.join("::"));
                // what the file itself defines: `mod inside { use super::*; }`, `pub use inside::run;`
                let own = name == "*" && found[1..] == *[&self.module, &["*".to_owned()][..]].concat();
                if !own && !self.items.contains(&found[0]) {
                    self.imports.push(Import { name, path: found, handed_on });
                }
            }
        }
    }
}

/// The code without its `#[cfg(test)]` modules: a file's own tests may use whatever they like.
fn without_tests(code: TokenStream) -> TokenStream {
    let mut rest = Vec::new();
    let mut tokens = code.into_iter();
    while let Some(token) = tokens.next() {
        let attribute = matches!(&token, TokenTree::Group(g) if g.delimiter() == Delimiter::Bracket);
        let words = token.to_string();
        if attribute && words.contains("cfg") && words.contains("test") {
            tokens.find(|t| matches!(t, TokenTree::Group(g) if g.delimiter() == Delimiter::Brace));
        } else {
            rest.push(token);
        }
    }
    rest.into_iter().collect()
}

/// All files of src/ by their modules: who names what of whom.
struct Sources(BTreeMap<Vec<String>, Source>);

impl Sources {
    fn new(sources: impl IntoIterator<Item = Source>) -> Self {
        Self(sources.into_iter().map(|s| (s.module.clone(), s)).collect())
    }

    /// The file that defines what a path names, through any number of re-exports. `None`: another crate's, or a module as such.
    fn defines(&self, path: &[String]) -> Option<&Source> {
        let (root, mut words) = path.split_first()?;
        let mut at = self.0.get([].as_slice()).filter(|_| root == "crate")?;
        while let Some((word, rest)) = words.split_first() {
            let child = self.0.get(&[&at.module, std::slice::from_ref(word)].concat());
            // one name can stand for a module and for an item: a module is what something else stands behind
            if !rest.is_empty() && child.is_some() {
                at = child?;
            } else if at.items.contains(word) || word == "*" {
                return Some(at);
            } else if let Some(import) = at.imports.iter().find(|i| i.name == *word && !at.is_own(&i.path)) {
                return self.defines(&self.whole(at, &[&import.path, rest].concat())?);
            } else {
                // an enum's variant, or what a macro defines, belongs to the file; a module as such is no item
                return child.is_none().then_some(at);
            }
            words = rest;
        }
        None
    }

    /// A path as `source` writes it, from the root of the crate; `None`: another crate's, or a variable.
    fn whole(&self, source: &Source, path: &[String]) -> Option<Vec<String>> {
        let whole = |path: &[String]| {
            let child = [&source.module, &path[..1]].concat();
            let here = path.len() > 1 && self.0.contains_key(&child);
            let below = here.then(|| [&["crate".to_owned()], &source.module[..], path].concat());
            if path[0] == "crate" { Some(path.to_vec()) } else { below }
        };
        whole(path).or_else(|| {
            let import = source.imports.iter().find(|i| i.name == path[0])?;
            Some([&whole(&import.path)?, &path[1..]].concat())
        })
    }

    /// The files of which `source` names something.
    fn named(&self, source: &Source) -> BTreeSet<Vec<String>> {
        let imported = source.imports.iter().filter(|i| !i.handed_on).map(|i| &i.path);
        // a single word may be a variable: only a type's, a trait's or a constant's name is taken for what is handed on
        let written = source.code.iter().filter(|path| path.len() > 1 || path[0].starts_with(char::is_uppercase));
        let paths = imported.chain(written).filter_map(|path| self.whole(source, path));
        let found = paths.filter_map(|path| Some(self.defines(&path)?.module.clone()));
        found.filter(|module| *module != source.module).collect()
    }

    /// The shortest circle through each file that stands in one.
    fn circles(&self) -> BTreeSet<String> {
        let names: BTreeMap<_, _> = self.0.iter().map(|(module, source)| (module, self.named(source))).collect();
        let mut circles = BTreeMap::new();
        for start in names.keys() {
            let mut ways = VecDeque::from([vec![*start]]);
            let mut seen = BTreeSet::new();
            while let Some(way) = ways.pop_front() {
                for next in &names[way[way.len() - 1]] {
                    if next == *start {
                        let members: BTreeSet<_> = way.iter().copied().collect();
                        circles.entry(members).or_insert_with(|| way.clone());
                        ways.clear();
                        break;
                    }
                    if seen.insert(next) {
                        ways.push_back([&way[..], &[next]].concat());
                    }
                }
            }
        }
        let words = |way: Vec<&Vec<String>>| way.iter().map(|m| m.join("::")).collect::<Vec<_>>().join(" -> ");
        circles.into_values().map(words).collect()
    }
}

/// Modules whose files still stand in circles among themselves, to be undone when these files are next moved. One without a
/// circle has to leave this list.
const STANDING: [&str; 3] = ["catalog::graph", "engine::image", "ops"];

/// Two files that name each other can only be read together. What counts is what the code of a file names of another file
/// of src/: a type, function or constant in a `use` or in a path, whatever re-exports lie between. What does not count: the
/// `mod` lines and re-exports of a module (they only say where things are; `use x::*` is taken for naming x itself), comments, a file's own tests, methods called on a
/// value, and names that a macro puts together from its arguments. The programs in src/bin name the library and nobody names
/// them.
#[test]
fn no_two_files_need_each_other() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let own = files(&src).into_iter().filter(|file| !file.starts_with(src.join("bin")));
    let sources = own.map(|file| {
        let module = module(&src, &file);
        let module = if module == ["lib"] { Vec::new() } else { module };
        Source::new(&std::fs::read_to_string(&file).unwrap(), module)
    });
    let circles = Sources::new(sources).circles();
    let inside = |circle: &str, module: &str| {
        circle
            .split(" -> ")
            .all(|file| file.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with("::")))
    };
    let new: Vec<&String> = circles.iter().filter(|c| !STANDING.iter().any(|module| inside(c, module))).collect();
    assert_eq!(new, Vec::<&String>::new());
    for module in STANDING {
        assert!(circles.iter().any(|c| inside(c, module)), "{module} has no circle any more");
    }
}

#[test]
fn a_circle_is_seen_through_re_exports_and_only_where_there_is_one() {
    let circles = |of_x: &str| {
        let a = "mod x; mod y; pub use x::{X, x}; pub use y::Y as Why; pub(crate) fn own() {}";
        let y = "use super::X; pub struct Y(X); impl Y { pub const ONE: u8 = 1; }";
        let all = [("", "pub mod a; pub use a::Why;"), ("a", a), ("a::x", of_x), ("a::y", y)];
        let path = |name: &str| name.split("::").filter(|p| !p.is_empty()).map(str::to_owned).collect();
        Sources::new(all.map(|(name, code)| Source::new(code, path(name)))).circles()
    };
    let x = "pub struct X; pub fn x() {}";
    for more in [
        "use super::Why;",
        "use crate::Why as Other;",
        "use super::{y::{Y}};",
        "fn f() -> u8 { crate::a::Why::ONE }",
        "fn f() { use crate::a; let _ = a::y::Y::ONE; }",
        "use super::y; fn f() -> u8 { y::Y::ONE }",
        "mod inside { use super::super::Why; }",
        "macro_rules! m { () => { $crate::a::Why::ONE }; }",
        "made!(Z); mod inside { use super::Z; use crate::a::Why; }",
    ] {
        assert_eq!(circles(&format!("{x} {more}")), ["a::x -> a::y".to_owned()].into(), "not seen: {more}");
    }
    for more in [
        "",
        "use super::own; use super::x as again;",
        "use super::y;",
        "pub use super::Why;",
        "// crate::a::Why\nfn f() -> &'static str { \"crate::a::Why\" }",
        "#[cfg(test)] mod tests { use super::super::Why; }",
        "fn f(y: u8) -> u8 { y }",
    ] {
        assert_eq!(circles(&format!("{x} {more}")), BTreeSet::new(), "no circle: {more}");
    }
}

/// The page asks the network in use, whichever it is: none of its files names one, nor a layer of one. What says something of
/// VGG16 alone: its texts.
#[test]
fn the_page_names_no_network_and_no_layer() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for layer in ["state", "ui", "protocol", "worker", "job", "figure"] {
        for file in files(&src.join(layer)).into_iter().filter(|file| !file.ends_with("ui/texts.rs")) {
            let code = without_tests(std::fs::read_to_string(&file).unwrap().parse().unwrap());
            assert_eq!(names(code), Vec::<String>::new(), "{}", file.display());
        }
    }
    let code = "/// As relu4_2.\nfn f() { g(\"conv1_1\", VGG16, \"at relu5_3:63\", pooled, \"8x8 pool\") } #[cfg(test)] mod t { fn f() { \"pool5\" } }";
    assert_eq!(names(without_tests(code.parse().unwrap())), ["\"conv1_1\"", "VGG16", "\"at relu5_3:63\""]);
}

/// The words and literals of some code, without its documentation, that name a network or a layer.
fn names(code: TokenStream) -> Vec<String> {
    let mut found = Vec::new();
    let mut attribute = false;
    for token in code {
        let text = token.to_string();
        match token {
            TokenTree::Group(group) if attribute && group.stream().to_string().starts_with("doc") => {}
            TokenTree::Group(group) => found.extend(names(group.stream())),
            TokenTree::Ident(_) | TokenTree::Literal(_) if is_name(&text) => found.push(text.clone()),
            _ => {}
        }
        attribute = text == "#";
    }
    found
}

fn is_name(text: &str) -> bool {
    let small = text.to_lowercase();
    let numbered = |kind: &str| {
        small.match_indices(kind).any(|(at, _)| small[at + kind.len()..].starts_with(|c: char| c.is_ascii_digit()))
    };
    small.contains("vgg") || small.contains("squeezenet") || ["conv", "relu", "pool"].iter().any(|kind| numbered(kind))
}
