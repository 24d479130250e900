//! A method's parameters: read from JSON, checked against their [`ParamSpec`]s, defaults filled in.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::explainers::{EXPLAINERS, listed};
use crate::catalog::{LayerRole, NetworkSpec, ParamKind, ParamSpec, Region, Score, Unit};

/// Checked values by parameter id.
#[derive(Clone, Debug, PartialEq)]
pub struct Params {
    net: Rc<NetworkSpec>,
    values: BTreeMap<&'static str, Value>,
}

impl Serialize for Params {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.values.serialize(to)
    }
}

impl Params {
    /// Checks `given` (an object, or null) against `specs`, for `net`.
    ///
    /// # Errors
    /// Names the parameter, the value, and what it would take.
    pub fn read(net: &Rc<NetworkSpec>, specs: &[ParamSpec], given: &Value) -> Result<Self, String> {
        let empty = serde_json::Map::new();
        let given = match given {
            Value::Null => &empty,
            Value::Object(map) => map,
            other => return Err(format!("parameters must be an object, not {other}")),
        };
        if let Some(unknown) = given.keys().find(|k| !specs.iter().any(|s| s.id == *k)) {
            let known: Vec<_> = specs.iter().map(|s| s.id).collect();
            return Err(format!("there is no parameter {unknown}; known: {}", known.join(", ")));
        }
        let values = specs.iter().map(|s| Ok((s.id, check(net, s, given.get(s.id))?)));
        Ok(Self { net: Rc::clone(net), values: values.collect::<Result<_, String>>()? })
    }

    /// A layer's node.
    pub fn layer(&self, id: &str) -> usize {
        self.word(id).and_then(|n| self.net.index(n)).unwrap_or_default()
    }

    /// A channel or a neuron; `None` when a class is meant.
    pub fn unit(&self, id: &str) -> Option<Unit> {
        self.word(id).and_then(|w| self.net.unit(w))
    }

    /// A class, or `None` for the most probable one.
    pub fn class(&self, id: &str) -> Option<usize> {
        self.values.get(id).and_then(Value::as_u64).map(|c| c as usize)
    }

    /// Which score of the class is explained, by the parameter `score`.
    pub fn score(&self) -> Score {
        if self.word("score") == Some("probability") { Score::Probability } else { Score::Logit }
    }

    /// A channel, or `None` for the strongest one.
    pub fn channel(&self, id: &str) -> Option<usize> {
        self.class(id)
    }

    /// A list of channels; empty when none is named.
    pub fn channels(&self, id: &str) -> Vec<Unit> {
        list(&self.net, self.word(id).unwrap_or_default()).unwrap_or_default()
    }

    /// A list of methods' ids; empty when none is named.
    pub fn methods(&self, id: &str) -> Vec<&'static str> {
        self.word(id).and_then(listed).unwrap_or_default()
    }

    /// A part of the picture; without marks when none was marked.
    pub fn region(&self, id: &str) -> Region {
        self.word(id).and_then(|w| w.parse().ok()).unwrap_or_default()
    }

    /// A number; 0 when the method has no such parameter.
    pub fn number(&self, id: &str) -> f64 {
        self.values.get(id).and_then(Value::as_f64).unwrap_or_default()
    }

    /// A number without its fraction; 0 when the method has no such parameter.
    pub fn whole(&self, id: &str) -> usize {
        self.number(id) as usize
    }

    /// The word of a choice, or a text; `None` when the method has no such parameter.
    pub fn word(&self, id: &str) -> Option<&str> {
        self.values.get(id).and_then(Value::as_str)
    }
}

/// Whole channels between commas; `None` when one is none.
fn list(net: &NetworkSpec, text: &str) -> Option<Vec<Unit>> {
    let parts = text.split(',').map(str::trim).filter(|p| !p.is_empty());
    parts.map(|p| net.unit(p).filter(|u| u.place.is_none())).collect()
}

/// Some layers of a network, for messages.
fn examples(net: &NetworkSpec) -> [usize; 3] {
    [LayerRole::First, LayerRole::EndBeforeLast, LayerRole::Last].map(|role| net.role(role))
}

/// A parameter's value as a method gets it; `None` asks for the default.
///
/// # Errors
/// Names the parameter, the value, and what it would take.
pub fn check(net: &NetworkSpec, spec: &ParamSpec, value: Option<&Value>) -> Result<Value, String> {
    let bad = |takes: String| format!("{} = {}: {takes}", spec.id, value.unwrap_or(&Value::Null));
    let value = value.filter(|v| !v.is_null());
    match spec.kind {
        ParamKind::Layer { default } => match value.map_or_else(|| Some(net.name(net.role(default))), Value::as_str) {
            Some(name) if net.index(name).is_some() => Ok(name.into()),
            _ => Err(bad(format!("takes a layer name such as {}", examples(net).map(|at| net.name(at)).join(", ")))),
        },
        ParamKind::Class => match value {
            None => Ok("top".into()),
            Some(v) if v == "top" => Ok("top".into()),
            Some(v) if v.as_u64().is_some_and(|c| c < net.classes() as u64) => Ok(v.clone()),
            _ => Err(bad(format!("takes \"top\" or a class from 0 to {}", net.classes() - 1))),
        },
        ParamKind::Target => match value {
            Some(v) if v.as_str().is_some_and(|t| net.unit(t).is_some()) => Ok(v.clone()),
            _ => check(net, &ParamSpec { kind: ParamKind::Class, ..*spec }, value).map_err(|e| {
                let unit = net.text(Unit { layer: net.role(LayerRole::Last), channel: 63, place: None });
                format!("{e}, or a channel such as \"{unit}\", or a neuron such as \"{unit}@7,3\"")
            }),
        },
        ParamKind::Channel => match value {
            None => Ok("strongest".into()),
            // no layer has more; whether its own has so many, the method knows
            Some(v) if v == "strongest" || v.as_u64().is_some_and(|c| c < net.most_channels() as u64) => Ok(v.clone()),
            _ => Err(bad(format!(
                "takes \"strongest\" or a channel's number; no layer has more than {} channels",
                net.most_channels()
            ))),
        },
        ParamKind::Channels => match value.map_or(Some(""), Value::as_str) {
            Some(text) if list(net, text).is_some() => Ok(text.into()),
            _ => Err(bad(format!("takes channels such as \"{}\"", net.examples()))),
        },
        ParamKind::Text { default } => match value.map_or(Some(default), Value::as_str) {
            Some(text) if text.chars().count() <= 24 => Ok(text.into()),
            _ => Err(bad("takes at most 24 characters".into())),
        },
        ParamKind::Methods { default } => match value.map_or(Some(default), Value::as_str) {
            Some(text) if listed(text).is_some() => Ok(text.into()),
            _ => Err(bad(format!("takes some of {}, each once, between commas", EXPLAINERS.join(", ")))),
        },
        ParamKind::Region => match value.map_or(Some(""), Value::as_str) {
            Some(text) => text.parse::<Region>().map(|_| text.into()).map_err(|e| format!("{}: {e}", spec.id)),
            None => Err(bad("takes marks such as \"box 10 20 30 40\", in per cent".into())),
        },
        ParamKind::Group { built_in } => match value.map_or(built_in.first().copied(), Value::as_str) {
            Some(word) if !word.is_empty() && word.len() <= 80 => Ok(word.into()),
            _ => Err(bad(format!("takes {}, or the name of a group of the gallery", built_in.join(", ")))),
        },
        ParamKind::Gallery { .. } => match value {
            None => Ok(Value::Null),
            Some(_) => Err(bad("takes nothing: add to it with setImage(picture, { role: \"gallery\", group })".into())),
        },
        ParamKind::Picture { .. } => match value {
            None => Ok(Value::Null),
            Some(_) => Err(bad("takes nothing: set it with setImage(picture, { role: \"second\" })".into())),
        },
        ParamKind::Number { default, min, max, step } => {
            let given = value.map_or(Some(default), Value::as_f64).filter(|v| (min..=max).contains(v));
            match given {
                Some(v) if step.fract() != 0.0 || v.fract() == 0.0 => Ok(v.into()),
                _ if step.fract() == 0.0 => Err(bad(format!("takes a whole number from {min} to {max}"))),
                _ => Err(bad(format!("takes a number from {min} to {max}"))),
            }
        }
        ParamKind::Choice { default, options } => match value.map_or(Some(default), Value::as_str) {
            Some(word) if options.contains(&word) => Ok(word.into()),
            _ => Err(bad(format!("takes one of {}", options.join(", ")))),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::networks;
    use crate::methods::INFOS;
    use serde_json::json;

    #[test]
    fn defaults_are_valid_for_every_method() {
        for info in INFOS {
            assert!(Params::read(&networks::first(), info.params, &Value::Null).is_ok(), "{}", info.id);
        }
    }

    #[test]
    fn a_bad_value_is_named_with_what_would_be_good() {
        let specs = crate::methods::feature_maps::INFO.params;
        let error = Params::read(&networks::first(), specs, &json!({ "layer": "conv9_9" })).unwrap_err();
        assert!(error.contains("conv9_9") && error.contains("takes a layer name"), "{error}");
        let error = Params::read(&networks::first(), specs, &json!({ "lair": "conv1_1" })).unwrap_err();
        assert!(error.contains("no parameter lair"), "{error}");
        let error =
            Params::read(&networks::first(), crate::methods::cam::INFO.params, &json!({ "class": 1000 })).unwrap_err();
        assert!(error.contains("from 0 to 999"), "{error}");
        let specs = crate::methods::saliency::INFO.params;
        let units = ["conv5_3:63@7,3", "relu4_2:511", "conv5_3:512", "conv5_3", "conv5_3:1@2"];
        let read = units.map(|u| {
            Params::read(&networks::first(), specs, &json!({ "class": u })).ok().and_then(|p| p.unit("class"))
        });
        assert_eq!(read[0], Some(Unit { layer: 29, channel: 63, place: Some((7, 3)) }));
        assert_eq!(read[1], Some(Unit { layer: 21, channel: 511, place: None }));
        assert_eq!(read[2..], [None, None, None]);
    }
}
