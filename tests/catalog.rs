//! Whatever is in a list is complete: methods, texts, examples.
#![allow(missing_docs, reason = "a test")]

use std::collections::BTreeSet;
use std::path::Path;

use cnn_lens::catalog::Text;
use cnn_lens::catalog::examples::EXAMPLES;
use cnn_lens::methods::INFOS;
use cnn_lens::protocol::FromWorker;

fn both(what: &str, t: Text) {
    assert!(!t.en.is_empty() && !t.zh.is_empty(), "{what}");
    assert!(!t.zh.is_ascii(), "{what}: no Chinese in {}", t.zh);
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
    let FromWorker::Ready { methods, layers, problems, .. } = FromWorker::ready() else { panic!("not Ready") };
    assert_eq!(methods.as_array().map(Vec::len), Some(INFOS.len()));
    assert_eq!(layers.as_array().map(Vec::len), Some(31));
    assert_eq!(layers[19]["name"], "conv4_2");
    assert_eq!(methods[1]["params"][0]["kind"], "layer");
    assert!(problems["not_an_image"]["sentence"]["zh"].is_string());
}
