//! Whatever is in a list is complete: methods, texts, examples.
#![allow(missing_docs, reason = "a test")]

use std::collections::BTreeSet;
use std::path::Path;

use cnn_lens::catalog::examples::EXAMPLES;
use cnn_lens::catalog::posters::{COLUMNS, maps, poster};
use cnn_lens::catalog::{Lang, Text, networks};
use cnn_lens::methods::INFOS;
use cnn_lens::protocol::FromWorker;

fn both(what: &str, t: Text) {
    let [en, zh] = [Lang::En, Lang::Zh].map(|lang| t.get(lang));
    assert!(!en.is_empty() && !zh.is_empty(), "{what}");
    assert!(!zh.is_ascii(), "{what}: no Chinese in {zh}");
}

#[test]
fn every_method_explains_itself_in_both_languages() {
    let ids: BTreeSet<&str> = INFOS.iter().map(|i| i.id).collect();
    assert_eq!(ids.len(), INFOS.len(), "ids are unique");
    for info in INFOS {
        for t in [info.name, info.summary, info.caveat] {
            both(info.id, t);
        }
        assert!(!info.formula.is_empty() && info.paper.cite.chars().any(|c| c.is_ascii_digit()), "{}", info.id);
        info.params.iter().for_each(|p| both(p.id, p.label));
    }
}

/// Papers without an address, and why.
const NOWHERE: &[(&str, &str)] =
    &[("audit", "its proceedings (PMLR) give no DOI, and it is not on arXiv"), ("dream", "a blog's post")];

#[test]
fn every_paper_has_an_address() {
    for info in INFOS {
        let at = info.paper.at;
        assert_eq!(at.is_empty(), NOWHERE.iter().any(|n| n.0 == info.id), "{}: {at:?}", info.id);
        let digits = |s: &str, least: usize| s.len() >= least && s.bytes().all(|b| b.is_ascii_digit());
        let arxiv = |id: &str| id.split_once('.').is_some_and(|(a, b)| a.len() == 4 && digits(a, 4) && digits(b, 4));
        let doi = |id: &str| {
            let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._/".contains(&b);
            let halves = id.strip_prefix("10.").and_then(|id| id.split_once('/'));
            halves.is_some_and(|(a, b)| digits(a, 4) && !b.is_empty() && b.bytes().all(plain))
        };
        let wanted = match at.split_once(':') {
            Some(("arXiv", id)) if arxiv(id) => Some(format!("https://arxiv.org/abs/{id}")),
            Some(("doi", id)) if doi(id) => Some(format!("https://doi.org/{id}")),
            _ => None,
        };
        assert_eq!((info.paper.url(), wanted.is_none()), (wanted, at.is_empty()), "{}: {at:?}", info.id);
    }
}

#[test]
fn every_example_is_there_with_its_licence_and_first_screen() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/examples");
    assert!(EXAMPLES.len() >= 6);
    for e in EXAMPLES {
        both(e.id, e.title);
        assert!(["CC0", "public domain"].iter().any(|l| e.licence.contains(l)), "{}", e.licence);
        for end in ["jpg", "json"] {
            assert!(dir.join(format!("{}.{end}", e.id)).exists(), "{}.{end}", e.id);
        }
    }
}

#[test]
fn the_first_message_tells_methods_layers_and_problems() {
    let FromWorker::Ready { methods, layers, problems, .. } = FromWorker::ready(&cnn_lens::catalog::networks::first())
    else {
        panic!("not Ready")
    };
    assert_eq!(methods.as_array().map(Vec::len), Some(INFOS.len()));
    assert_eq!(layers.as_array().map(Vec::len), Some(31));
    assert_eq!(layers[19]["name"], "conv4_2");
    assert_eq!(methods[1]["params"][0]["kind"], "layer");
    assert!(problems["not_an_image"]["sentence"]["zh"].is_string());
}

#[test]
fn the_citation_is_of_this_version() {
    let file = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("CITATION.cff")).unwrap();
    let value =
        |key: &str| file.lines().find_map(|l| l.strip_prefix(key)?.strip_prefix(": ")).map(|v| v.trim_matches('"'));
    assert_eq!(value("version"), Some(env!("CARGO_PKG_VERSION")));
    assert_eq!((value("cff-version"), value("type")), (Some("1.2.0"), Some("software")));
}

#[test]
fn every_method_has_a_picture_and_a_time_in_the_menu() {
    let places: BTreeSet<_> = INFOS
        .iter()
        .map(|info| {
            let poster = poster(info.id).unwrap_or_else(|| panic!("{}: make screenshots WHICH=menu", info.id));
            assert!(poster[1] < COLUMNS, "{}", info.id);
            // a time on every network that serves it
            for id in networks::ids() {
                let served = networks::get(id).unwrap().lacks(info).is_none();
                assert_eq!(maps(id, info.id).is_some_and(|maps| maps > 0.0), served, "{} on {id}", info.id);
            }
            poster
        })
        .collect();
    assert_eq!(places.len(), INFOS.len(), "a place of its own for each");
    assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join("www/posters/methods.webp").exists());
}

/// What the page says of a download is what the manifest lists, and the manifest is that of the card.
#[test]
fn the_manifests_are_those_of_the_networks() {
    for id in networks::ids() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("weights").join(networks::folder(id).unwrap());
        let manifest: serde_json::Value =
            serde_json::from_slice(&std::fs::read(folder.join("manifest.json")).unwrap()).unwrap();
        let shards = manifest["shards"].as_array().unwrap();
        let bytes: u64 = shards.iter().map(|shard| shard["bytes"].as_u64().unwrap()).sum();
        assert_eq!((manifest["network"].as_str(), bytes), (Some(id), networks::bytes(id)));
        let net = networks::get(id).unwrap();
        let named = |shards: &serde_json::Value| -> Vec<String> {
            let shards = shards.as_array().into_iter().flatten();
            let tensors = shards.flat_map(|shard| shard["tensors"].as_array().unwrap());
            tensors.map(|tensor| format!("{} {}", tensor["name"].as_str().unwrap(), tensor["shape"])).collect()
        };
        // the teaching head's arrays are fetched when they are asked for
        let [own, extra] = ["shards", "extras"].map(|part| named(&manifest[part]));
        let graph = net.graph();
        for (at, node) in graph.nodes().iter().enumerate() {
            for spec in graph.arrays(at, graph.dims()) {
                let sides = |shape: &[usize]| format!("{}.{} {}", node.arrays, spec.suffix, serde_json::json!(shape));
                // the head's 1x1 convolution is written as a matrix
                let matrix = spec.shape.strip_suffix(&[1, 1]).map(sides);
                let named = if graph.feeds(at) { &own } else { &extra };
                let found = named.iter().any(|n| *n == sides(&spec.shape) || Some(n) == matrix.as_ref());
                assert!(found, "{id}: {}", sides(&spec.shape));
            }
        }
    }
}
