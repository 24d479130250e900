//! A method's parameters: read from JSON, checked against their [`ParamSpec`]s, defaults filled in, and decoded into the method's own
//! struct. A word or a number that a parameter does not take is refused in one place, [`check`].

use std::iter::Zip;
use std::rc::Rc;
use std::slice;

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::explainers::{EXPLAINERS, listed};
use super::spec::{Chosen, Layer, Number, SCORE};
use crate::catalog::choice::Words;
use crate::catalog::{LayerRole, NetworkSpec, ParamKind, ParamSpec, Region, Score, Unit};

/// The struct `Params` of what a method is asked, `params! { field: Type = description, ... }`: the descriptions are
/// `Params::SPECS`, in the order of the form, and [`Asked::decode`](crate::methods::params::Asked) makes the struct.
macro_rules! params {
    ($($key:ident: $value:ty = $param:expr),* $(,)?) => {
        /// What the method is asked.
        #[derive(Clone, Debug, PartialEq)]
        #[allow(missing_docs, reason = "the label in its description says what a parameter is")]
        pub struct Params { $(pub $key: $value),* }

        impl Params {
            /// The descriptions, in the order of the form.
            pub const SPECS: &'static [$crate::catalog::ParamSpec] = &[$({
                const PARAM: $crate::methods::spec::Param<$value> = $param;
                PARAM.spec(stringify!($key))
            }),*];
        }

        impl $crate::methods::params::Decode for Params {
            const DESCRIPTIONS: &'static [$crate::catalog::ParamSpec] = Self::SPECS;

            fn decode(values: &mut $crate::methods::params::Values<'_>) -> Result<Self, String> {
                Ok(Self { $($key: values.take()?),* })
            }
        }
    };
}

/// Checked values, one for each of a method's parameters.
#[derive(Clone, Debug)]
pub struct Asked {
    net: Rc<NetworkSpec>,
    specs: &'static [ParamSpec],
    values: Vec<Value>,
}

impl Serialize for Asked {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.specs.iter().map(|spec| spec.id).zip(&self.values))
    }
}

impl Asked {
    /// Checks `given` (an object, or null) against `specs`, for `net`.
    ///
    /// # Errors
    /// Names the parameter, the value, and what it would take.
    pub fn read(net: &Rc<NetworkSpec>, specs: &'static [ParamSpec], given: &Value) -> Result<Self, String> {
        Ok(Self { net: Rc::clone(net), specs, values: checked(net, specs, given)? })
    }

    /// The values as the struct of the method's parameters, whose descriptions these were checked against.
    ///
    /// # Errors
    /// Names a parameter whose value is none of its type.
    pub fn decode<T: Decode>(&self) -> Result<T, String> {
        T::decode(&mut Values { net: &self.net, left: self.specs.iter().zip(&self.values) })
    }

    /// What is to be explained, and by which score; `None` when the method explains nothing.
    pub fn explained(&self) -> Option<(Chosen, Score)> {
        let value = |wanted: fn(&ParamSpec) -> bool| Some(&self.values[self.specs.iter().position(wanted)?]);
        let chosen = value(|spec| matches!(spec.kind, ParamKind::Class | ParamKind::Target))?;
        let score = value(|spec| spec.id == SCORE.id).and_then(|score| FromValue::of(&self.net, score));
        Some((Chosen::of(&self.net, chosen)?, score.unwrap_or(Score::Logit)))
    }
}

/// As [`Asked::read`] and [`Asked::decode`] at once.
///
/// # Errors
/// Names the parameter, the value, and what it would take.
pub fn decoded<T: Decode>(net: &NetworkSpec, given: &Value) -> Result<T, String> {
    let values = checked(net, T::DESCRIPTIONS, given)?;
    T::decode(&mut Values { net, left: T::DESCRIPTIONS.iter().zip(&values) })
}

fn checked(net: &NetworkSpec, specs: &[ParamSpec], given: &Value) -> Result<Vec<Value>, String> {
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
    specs.iter().map(|s| check(net, s, given.get(s.id))).collect()
}

/// A struct of parameters; [`params!`](crate::methods) writes it.
pub trait Decode: Sized {
    /// The descriptions of its fields, in their order.
    const DESCRIPTIONS: &'static [ParamSpec];

    /// Takes the values in the order of the fields.
    ///
    /// # Errors
    /// Names a parameter whose value is none of its field's type.
    fn decode(values: &mut Values<'_>) -> Result<Self, String>;
}

/// Checked values, to be taken one after the other.
pub struct Values<'a> {
    net: &'a NetworkSpec,
    left: Zip<slice::Iter<'a, ParamSpec>, slice::Iter<'a, Value>>,
}

impl Values<'_> {
    /// The next value.
    ///
    /// # Errors
    /// Names its parameter when it is none of this type, or when there is none left.
    pub fn take<T: FromValue>(&mut self) -> Result<T, String> {
        let (spec, value) = self.left.next().ok_or("a parameter is missing")?;
        T::of(self.net, value).ok_or_else(|| format!("{} = {value}: is of another type", spec.id))
    }
}

/// What a parameter's checked value can be decoded to.
pub trait FromValue: Sized {
    /// The value; `None` when it is of another type.
    fn of(net: &NetworkSpec, value: &Value) -> Option<Self>;
}

impl<T: Words> FromValue for T {
    fn of(_: &NetworkSpec, value: &Value) -> Option<Self> {
        T::of_word(value.as_str()?)
    }
}

macro_rules! numbers {
    ($($of:ty),*) => {
        $(impl FromValue for $of {
            fn of(_: &NetworkSpec, value: &Value) -> Option<Self> {
                value.as_f64().map(Number::of)
            }
        })*
    };
}

numbers!(f32, f64, usize, u64, i32);

impl FromValue for Layer {
    fn of(net: &NetworkSpec, value: &Value) -> Option<Self> {
        net.index(value.as_str()?).map(Layer)
    }
}

/// A class or a channel; a word stands for none.
impl FromValue for Option<usize> {
    fn of(_: &NetworkSpec, value: &Value) -> Option<Self> {
        value.as_u64().map(|number| Some(number as usize)).or(value.is_string().then_some(None))
    }
}

impl FromValue for Chosen {
    fn of(net: &NetworkSpec, value: &Value) -> Option<Self> {
        let unit = value.as_str().and_then(|word| net.unit(word)).map(Self::Unit);
        unit.or_else(|| Option::of(net, value).map(Self::Class))
    }
}

impl FromValue for Vec<Unit> {
    fn of(net: &NetworkSpec, value: &Value) -> Option<Self> {
        list(net, value.as_str()?)
    }
}

impl FromValue for Vec<&'static str> {
    fn of(_: &NetworkSpec, value: &Value) -> Option<Self> {
        listed(value.as_str()?)
    }
}

impl FromValue for Region {
    fn of(_: &NetworkSpec, value: &Value) -> Option<Self> {
        value.as_str()?.parse().ok()
    }
}

impl FromValue for String {
    fn of(_: &NetworkSpec, value: &Value) -> Option<Self> {
        value.as_str().map(str::to_owned)
    }
}

/// Pictures are set, not given.
impl FromValue for () {
    fn of(_: &NetworkSpec, _: &Value) -> Option<Self> {
        Some(())
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
    match net.takes(spec.kind) {
        // a number by now
        ParamKind::Count { .. } | ParamKind::Side { .. } => Ok(Value::Null),
        // no choice: what a preset or another network's link has does not matter
        ParamKind::Number { default, .. }
            if matches!(spec.kind, ParamKind::Side { .. }) && net.only_side().is_some() =>
        {
            Ok(default.into())
        }
        ParamKind::Layer { default, vectors } => match value
            .map_or_else(|| Some(net.name(net.role(default))), Value::as_str)
        {
            Some(name) if net.index(name).is_some_and(|at| vectors || net.layers().contains(&at)) => Ok(name.into()),
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
            assert!(Asked::read(&networks::first(), info.params, &Value::Null).is_ok(), "{}", info.id);
        }
    }

    #[test]
    fn a_bad_value_is_named_with_what_would_be_good() {
        let specs = crate::methods::feature_maps::INFO.params;
        let error = Asked::read(&networks::first(), specs, &json!({ "layer": "conv9_9" })).unwrap_err();
        assert!(error.contains("conv9_9") && error.contains("takes a layer name"), "{error}");
        let error = Asked::read(&networks::first(), specs, &json!({ "lair": "conv1_1" })).unwrap_err();
        assert!(error.contains("no parameter lair"), "{error}");
        let error =
            Asked::read(&networks::first(), crate::methods::cam::INFO.params, &json!({ "class": 1000 })).unwrap_err();
        assert!(error.contains("from 0 to 999"), "{error}");
        let specs = crate::methods::saliency::INFO.params;
        let units = ["conv5_3:63@7,3", "relu4_2:511", "conv5_3:512", "conv5_3", "conv5_3:1@2"];
        let read = units.map(|u| {
            let given = Asked::read(&networks::first(), specs, &json!({ "class": u })).ok();
            given.and_then(|p| p.explained()).map(|(chosen, _)| chosen)
        });
        assert_eq!(read[0], Some(Chosen::Unit(Unit { layer: 29, channel: 63, place: Some((7, 3)) })));
        assert_eq!(read[1], Some(Chosen::Unit(Unit { layer: 21, channel: 511, place: None })));
        assert_eq!(read[2..], [None, None, None]);
    }
}
