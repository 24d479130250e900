//! "The same in PyTorch": a method's script (`www/torch/`) in which the visitor's settings stand in place of its own.

use serde_json::{Map, Value};

use super::params::check;
use crate::catalog::{MethodInfo, NetworkSpec, ParamKind, ParamSpec};

/// A script with the visitor's settings, and those that it cannot take.
#[derive(Debug, PartialEq)]
pub struct Script {
    /// The whole text of the script, in Python.
    pub text: String,
    /// Settings other than their defaults that it has no line for.
    pub left_out: Vec<&'static str>,
}

/// The setting that is the network.
const NETWORK: &str = "net";

/// The settings of a script, `name = value`: its second paragraph.
pub fn settings(text: &str) -> Vec<(&str, &str)> {
    let paragraph = text.split("\n\n").nth(1).unwrap_or_default();
    paragraph.lines().filter_map(|line| line.split_once(" = ")).collect()
}

/// The parameter that a setting is: `class` is a word of Python's own.
pub fn parameter(setting: &str) -> &str {
    if setting == "target" { "class" } else { setting }
}

/// Writes the network `net` and the parameters `given` (by id, as a method of it gets them) over the script's defaults. A layer that is
/// not given is the network's own default: the script's is the first network's.
pub fn fill(net: &NetworkSpec, info: &'static MethodInfo, text: &str, given: &Map<String, Value>) -> Script {
    let spec = |id: &str| info.params.iter().find(|p| p.id == id);
    let mut paragraphs: Vec<String> = text.split("\n\n").map(str::to_owned).collect();
    if let Some(paragraph) = paragraphs.get_mut(1) {
        let line = |line: &str| {
            let name = line.split(" = ").next().unwrap_or_default();
            if name == NETWORK {
                return format!("{name} = network({:?})", net.id());
            }
            let value = spec(parameter(name)).and_then(|spec| {
                let own =
                    || matches!(spec.kind, ParamKind::Layer { .. }).then(|| check(net, spec, None).ok()).flatten();
                Some(python(spec, &given.get(spec.id).cloned().or_else(own)?))
            });
            value.map_or_else(|| line.to_owned(), |value| format!("{name} = {value}"))
        };
        *paragraph = paragraph.lines().map(line).collect::<Vec<_>>().join("\n");
    }
    let known = settings(text);
    let missing = |p: &&ParamSpec| {
        let own = given.get(p.id).filter(|v| check(net, p, None).is_ok_and(|default| default != **v));
        own.is_some() && !known.iter().any(|(name, _)| parameter(name) == p.id)
    };
    let left_out = info.params.iter().filter(missing).map(|p| p.id).collect();
    Script { text: paragraphs.join("\n\n"), left_out }
}

/// A parameter's value as Python writes it.
pub fn python(spec: &ParamSpec, value: &Value) -> String {
    match (spec.kind, value.as_f64()) {
        (ParamKind::Class | ParamKind::Target, _) if value == "top" => "None".into(),
        (ParamKind::Count { .. } | ParamKind::Side { .. }, Some(v)) => format!("{v:.0}"),
        (ParamKind::Number { step, .. }, Some(v)) if step.fract() == 0.0 && v.fract() == 0.0 => format!("{v:.0}"),
        _ => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::catalog::networks;
    use crate::methods::find;

    #[test]
    fn settings_are_written_and_what_has_no_line_is_named() {
        let info = find("grad_cam").unwrap();
        let text = "\"\"\"Doc.\"\"\"\nimport x\n\ntarget = None\nlayer = \"relu5_3\"  # a layer\n\nlayer = layer\n";
        let given = json!({ "class": 285, "layer": "relu4_3", "fuse": "max", "smooth": "off" });
        let script = fill(&networks::first(), info, text, given.as_object().unwrap());
        assert_eq!(script.text, "\"\"\"Doc.\"\"\"\nimport x\n\ntarget = 285\nlayer = \"relu4_3\"\n\nlayer = layer\n");
        assert_eq!(script.left_out, ["fuse"]);
    }

    #[test]
    fn the_network_is_written_and_layers_are_its_own() {
        let info = find("grad_cam").unwrap();
        let text = "\"\"\"Doc.\"\"\"\n\nnet = network(\"vgg16\")\ntarget = None\nlayer = \"relu5_3\"\n\nx = net\n";
        let filled = |id| fill(&networks::get(id).unwrap(), info, text, &Map::new()).text;
        assert_eq!(filled("vgg16"), text);
        let other = text.replace("vgg16", "squeezenet").replace("relu5_3", "relu_conv10");
        assert_eq!(filled("squeezenet"), other);
    }

    #[test]
    fn values_are_pythons() {
        let value = |method: &str, id: &str, value: Value| {
            let spec = find(method).unwrap().params.iter().find(|p| p.id == id).unwrap();
            python(spec, &value)
        };
        assert_eq!(value("rise", "masks", json!(500.0)), "500");
        assert_eq!(value("rise", "keep", json!(0.25)), "0.25");
        assert_eq!(value("saliency", "class", json!("top")), "None");
        assert_eq!(value("saliency", "class", json!("relu4_3:63")), "\"relu4_3:63\"");
    }
}
