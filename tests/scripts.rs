//! Every method has its script in `www/torch/`, and the scripts' settings are the methods' parameters with their defaults. What the
//! scripts compute is compared with the engine by `make torch`, which needs PyTorch.
#![allow(missing_docs, reason = "a test")]

use std::path::Path;

use cnn_lens::catalog::ParamKind;
use cnn_lens::methods::params::check;
use cnn_lens::methods::script::{parameter, python, settings};
use cnn_lens::methods::{INFOS, find};

/// Settings that are no parameters: where pictures are.
const FILES: [&str; 3] = ["photo", "second", "gallery"];

#[test]
fn every_method_has_its_script() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/torch");
    for file in std::fs::read_dir(&folder).unwrap() {
        let name = file.unwrap().file_name().to_string_lossy().into_owned();
        let method = name.strip_suffix(".py").filter(|n| *n == "cnn_lens" || find(n).is_some());
        assert!(method.is_some() || name == "__pycache__", "{name} is no method's");
    }
    for info in INFOS {
        let text = std::fs::read_to_string(folder.join(format!("{}.py", info.id)))
            .unwrap_or_else(|e| panic!("{}: {e}", info.id));
        assert!(text.starts_with("\"\"\"") && text.contains("from cnn_lens import *\n\n"), "{}", info.id);
        let settings = settings(&text);
        assert!(!settings.is_empty(), "{} has no settings", info.id);
        for (name, value) in settings.into_iter().filter(|(name, _)| !FILES.contains(name)) {
            let spec = info.params.iter().find(|p| p.id == parameter(name));
            let spec = spec.unwrap_or_else(|| panic!("{}: {name} is no parameter", info.id));
            let default = python(spec, &check(&cnn_lens::catalog::networks::first(), spec, None).unwrap());
            let value = value.split("  #").next().unwrap_or_default();
            // a group's folder is the reader's own; what a script cannot do it says beside the line
            let own = matches!(spec.kind, ParamKind::Group { .. }) || text.contains(&format!("{name} = {value}  # "));
            let same = value.parse::<f64>().ok().zip(default.parse::<f64>().ok()).is_some_and(|(a, b)| a == b);
            assert!(same || own || value == default, "{}: {name} = {value}, not {default}", info.id);
        }
    }
}
