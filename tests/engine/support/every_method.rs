//! Every method on a network, at its least work: what it answers, and what is wrong with that. Also `reader/tests/methods.rs`
//! includes this file.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::rc::Rc;

use cnn_lens::catalog::{Lang, MethodInfo, NetworkSpec, ParamKind, ProblemKind};
use cnn_lens::engine::{Alone, Network, Silent};
use cnn_lens::job::{Answer, Session};
use cnn_lens::methods::INFOS;
use pollster::block_on;
use serde_json::{Map, Value, json};

/// Parameters that say how long a method works: taken at their least.
const WORK: [&str; 23] = [
    "samples",
    "masks",
    "steps",
    "draws",
    "splits",
    "subsets",
    "patches",
    "copies",
    "orders",
    "tried",
    "channels",
    "style_steps",
    "patch_steps",
    "curve_steps",
    "attack_steps",
    "octaves",
    "side",
    "concept_side",
    "patch_side",
    "shift",
    "rounds",
    "segments",
    "nodes",
];

fn quick(info: &MethodInfo, net: &NetworkSpec) -> Value {
    let mut params = Map::new();
    for p in info.params {
        match net.takes(p.kind) {
            ParamKind::Number { min, .. } if WORK.contains(&p.id) => drop(params.insert(p.id.into(), json!(min))),
            ParamKind::Region => drop(params.insert(p.id.into(), json!("box 20 20 50 50"))),
            ParamKind::Methods { .. } => drop(params.insert(p.id.into(), json!("grad_cam"))),
            _ => {}
        }
    }
    params.into()
}

/// What the methods of a network came to.
pub struct Outcome {
    /// The methods that say what the network lacks.
    pub refused: Vec<&'static str>,
    /// Methods and what is wrong: a panic, a number that is none, a figure in which nothing differs, another refusal.
    pub wrong: Vec<String>,
}

/// Runs every method on pictures of `size` rows and columns; `root` is the repository.
pub fn run(network: Network, size: usize, root: &Path) -> Outcome {
    let mut session = Session::new(Rc::new(network), Rc::new(Alone));
    let read = |name: &str| std::fs::read(root.join(name)).unwrap();
    // two photos that show nothing of each other
    let [photo, second] = ["tests/golden/photo224.png", "www/examples/coffee.jpg"].map(read);
    let mut set = |picture: &[u8], options: Value| {
        session.set_image(picture.to_vec(), None, &options).unwrap();
    };
    set(&photo, json!({ "size": size }));
    set(&second, json!({ "size": size, "role": "second" }));
    for group in ["a", "b"] {
        for picture in [&photo, &second, &photo] {
            set(picture, json!({ "size": size, "role": "gallery", "group": group }));
        }
    }
    let mut outcome = Outcome { refused: Vec::new(), wrong: Vec::new() };
    for info in INFOS {
        let (id, mut params) = (info.id, quick(info, &session.network.spec));
        if id == "dissection" {
            // where every channel fires somewhere on the photo
            let first = session.network.spec.stages()[0];
            params["layer"] = session.network.spec.name(first).into();
        }
        match catch_unwind(AssertUnwindSafe(|| block_on(session.run(id, &params, &Silent)))) {
            Ok(Ok(answer)) => outcome.wrong.extend(what_is_wrong(&answer).map(|why| format!("{id}: {why}"))),
            Ok(Err(problem)) if problem.kind == ProblemKind::OtherNetwork => {
                let need = session.network.spec.lacks(info);
                let said = need.map(|need| need.sentence().get(Lang::En).to_owned());
                if said.as_deref() != Some(problem.detail.as_str()) {
                    outcome.wrong.push(format!("{id}: refused as {:?}, not as {said:?}", problem.detail));
                }
                outcome.refused.push(id);
            }
            // a network of drawn weights says the same of every picture
            Ok(Err(problem)) if id == "cue_conflict" && problem.detail.contains("of the same class") => {}
            Ok(Err(problem)) => outcome.wrong.push(format!("{id}: {:?} {}", problem.kind, problem.detail)),
            Err(panic) => {
                let said = panic.downcast_ref::<String>().cloned();
                let said = said.or_else(|| panic.downcast_ref::<&str>().map(|said| (*said).to_owned()));
                outcome.wrong.push(format!("{id}: panic: {}", said.unwrap_or_default()));
            }
        }
    }
    outcome
}

/// What is wrong with an answer, if anything is.
pub fn what_is_wrong(answer: &Answer) -> Option<&'static str> {
    let told = answer.result["facts"].as_object().unwrap();
    let varies = |data: &[f32]| data.iter().any(|v| *v != data[0]);
    let shown = answer.figures.iter().any(|f| varies(&f.data));
    let nothing = told.get("no_evidence").is_some_and(|v| v == true);
    match () {
        () if answer.figures.iter().flat_map(|f| &f.data).any(|v| !v.is_finite()) => Some("not finite"),
        () if shown || nothing || answer.figures.is_empty() && !told.is_empty() => None,
        () => Some("nothing is shown"),
    }
}
