//! The fields of a JSON object, one after another: cards, messages, and what the page hears. What serde derives for the same
//! takes seven times the code, in the page and in every engine.

use serde_json::{Map, Value};

/// Why an object cannot be read.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum BadField {
    /// A field is needed and not there.
    #[error("{field} is missing; given: {given}")]
    Missing {
        /// The field.
        field: &'static str,
        /// The fields that are there and were not asked for yet.
        given: String,
    },
    /// A field holds something else.
    #[error("{field} = {value}: takes {takes}")]
    Value {
        /// The field.
        field: &'static str,
        /// The value that it holds.
        value: Value,
        /// The values that it could hold.
        takes: &'static str,
    },
    /// A field that is not known.
    #[error("there is no field {0}")]
    Unknown(String),
}

/// The fields that were not asked for yet.
#[derive(Clone, Debug)]
pub struct Fields(Vec<(String, Value)>);

impl From<Map<String, Value>> for Fields {
    fn from(object: Map<String, Value>) -> Self {
        Self(object.into_iter().collect())
    }
}

impl IntoIterator for Fields {
    type Item = (String, Value);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    /// The fields that were not asked for, by name.
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Fields {
    /// Whether a field is there, and not null.
    pub fn has(&self, field: &str) -> bool {
        self.0.iter().any(|(name, value)| name == field && !value.is_null())
    }

    /// The value of a field; `None` when it is left out, or null.
    pub fn any(&mut self, field: &'static str) -> Option<Value> {
        let at = self.0.iter().position(|(name, _)| name == field)?;
        Some(self.0.remove(at).1).filter(|value| !value.is_null())
    }

    /// The value of a field that may not be left out.
    ///
    /// # Errors
    /// [`BadField::Missing`].
    pub fn value(&mut self, field: &'static str) -> Result<Value, BadField> {
        self.any(field).ok_or_else(|| {
            let given: Vec<&str> = self.0.iter().map(|(name, _)| name.as_str()).collect();
            BadField::Missing { field, given: given.join(", ") }
        })
    }

    /// A text.
    ///
    /// # Errors
    /// [`BadField`].
    pub fn text(&mut self, field: &'static str) -> Result<String, BadField> {
        text(field, self.value(field)?)
    }

    /// A text that may be left out.
    ///
    /// # Errors
    /// [`BadField::Value`].
    pub fn perhaps_text(&mut self, field: &'static str) -> Result<Option<String>, BadField> {
        self.any(field).map(|value| text(field, value)).transpose()
    }

    /// A number.
    ///
    /// # Errors
    /// [`BadField`].
    pub fn number(&mut self, field: &'static str) -> Result<f32, BadField> {
        self.double(field).map(|v| v as f32)
    }

    /// A number, in double precision.
    ///
    /// # Errors
    /// [`BadField`].
    pub fn double(&mut self, field: &'static str) -> Result<f64, BadField> {
        let value = self.value(field)?;
        value.as_f64().ok_or(BadField::Value { field, value, takes: "a number" })
    }

    /// A list of numbers.
    ///
    /// # Errors
    /// [`BadField`].
    pub fn numbers(&mut self, field: &'static str) -> Result<Vec<f32>, BadField> {
        numbers(field, self.value(field)?)
    }

    /// A whole number, not below 0.
    ///
    /// # Errors
    /// [`BadField`].
    pub fn whole(&mut self, field: &'static str) -> Result<usize, BadField> {
        whole(field, self.value(field)?)
    }

    /// A whole number, not below 0, that fits a type of fewer bits.
    ///
    /// # Errors
    /// [`BadField`].
    pub fn small<T: TryFrom<usize>>(&mut self, field: &'static str) -> Result<T, BadField> {
        let number = self.whole(field)?;
        number.try_into().map_err(|_| BadField::Value { field, value: number.into(), takes: "a smaller number" })
    }

    /// Whole numbers, none below 0.
    ///
    /// # Errors
    /// [`BadField`].
    pub fn many_wholes(&mut self, field: &'static str) -> Result<Vec<usize>, BadField> {
        wholes(field, self.value(field)?)
    }

    /// A whole number, not below 0; `default` where it is left out.
    ///
    /// # Errors
    /// [`BadField::Value`].
    pub fn whole_or(&mut self, field: &'static str, default: usize) -> Result<usize, BadField> {
        self.any(field).map_or(Ok(default), |value| whole(field, value))
    }

    /// As many whole numbers.
    ///
    /// # Errors
    /// [`BadField`].
    pub fn wholes<const N: usize>(&mut self, field: &'static str) -> Result<[usize; N], BadField> {
        several(field, self.value(field)?)
    }

    /// As many whole numbers, if any.
    ///
    /// # Errors
    /// [`BadField::Value`].
    pub fn perhaps_wholes<const N: usize>(&mut self, field: &'static str) -> Result<Option<[usize; N]>, BadField> {
        self.any(field).map(|value| several(field, value)).transpose()
    }

    /// As many whole numbers; each is `default` where they are left out.
    ///
    /// # Errors
    /// [`BadField::Value`].
    pub fn wholes_or<const N: usize>(&mut self, field: &'static str, default: usize) -> Result<[usize; N], BadField> {
        self.any(field).map_or(Ok([default; N]), |value| several(field, value))
    }

    /// Yes or no; `default` where it is left out.
    ///
    /// # Errors
    /// [`BadField::Value`].
    pub fn flag_or(&mut self, field: &'static str, default: bool) -> Result<bool, BadField> {
        let Some(value) = self.any(field) else { return Ok(default) };
        value.as_bool().ok_or(BadField::Value { field, value, takes: "true or false" })
    }

    /// An object.
    ///
    /// # Errors
    /// [`BadField`].
    pub fn object(&mut self, field: &'static str) -> Result<Self, BadField> {
        object(field, self.value(field)?)
    }

    /// An object that may be left out.
    ///
    /// # Errors
    /// [`BadField::Value`].
    pub fn perhaps_object(&mut self, field: &'static str) -> Result<Option<Self>, BadField> {
        self.any(field).map(|value| object(field, value)).transpose()
    }

    /// A list; an empty one where it is left out.
    ///
    /// # Errors
    /// [`BadField::Value`].
    pub fn list(&mut self, field: &'static str) -> Result<Vec<Value>, BadField> {
        match self.any(field) {
            None => Ok(Vec::new()),
            Some(Value::Array(list)) => Ok(list),
            Some(value) => Err(BadField::Value { field, value, takes: "a list" }),
        }
    }

    /// One of several words, given with what they mean.
    ///
    /// # Errors
    /// [`BadField`].
    pub fn word<T: Copy>(&mut self, field: &'static str, words: &[(&str, T)]) -> Result<T, BadField> {
        word(field, self.value(field)?, words)
    }

    /// One of several words, or `default` where it is left out.
    ///
    /// # Errors
    /// [`BadField::Value`].
    pub fn word_or<T: Copy>(&mut self, field: &'static str, words: &[(&str, T)], default: T) -> Result<T, BadField> {
        self.any(field).map_or(Ok(default), |value| word(field, value, words))
    }

    /// Nothing else may be there.
    ///
    /// # Errors
    /// [`BadField::Unknown`] names the first field that was not asked for.
    pub fn end(self) -> Result<(), BadField> {
        self.0.into_iter().next().map_or(Ok(()), |(field, _)| Err(BadField::Unknown(field)))
    }
}

/// A text.
///
/// # Errors
/// [`BadField::Value`].
pub fn text(field: &'static str, value: Value) -> Result<String, BadField> {
    match value {
        Value::String(text) => Ok(text),
        value => Err(BadField::Value { field, value, takes: "a text" }),
    }
}

/// One of several words, given with what they mean.
///
/// # Errors
/// [`BadField::Value`].
pub fn word<T: Copy>(field: &'static str, value: Value, words: &[(&str, T)]) -> Result<T, BadField> {
    let found = words.iter().find(|(word, _)| value == *word).map(|(_, meant)| *meant);
    found.ok_or(BadField::Value { field, value, takes: "another word" })
}

/// An object.
///
/// # Errors
/// [`BadField::Value`].
pub fn object(field: &'static str, value: Value) -> Result<Fields, BadField> {
    match value {
        Value::Object(object) => Ok(object.into()),
        value => Err(BadField::Value { field, value, takes: "an object" }),
    }
}

/// Whole numbers, none below 0.
///
/// # Errors
/// [`BadField::Value`].
pub fn wholes(field: &'static str, value: Value) -> Result<Vec<usize>, BadField> {
    let list = value.as_array().and_then(|list| list.iter().map(small).collect());
    list.ok_or(BadField::Value { field, value, takes: "whole numbers, none below 0" })
}

/// A list of numbers.
///
/// # Errors
/// [`BadField::Value`].
pub fn numbers(field: &'static str, value: Value) -> Result<Vec<f32>, BadField> {
    let list = value.as_array().and_then(|list| list.iter().map(|v| Some(v.as_f64()? as f32)).collect());
    list.ok_or(BadField::Value { field, value, takes: "numbers" })
}

/// A number as a form or an address writes it: `5`, `0.25`, `.5`, `-1e-3`. The standard library reads the same with 10 kB of tables
/// that no compression shortens; JSON's numbers are read anyway.
pub fn decimal(text: &str) -> Option<f64> {
    let (sign, digits) = text.strip_prefix('-').map_or((1.0, text), |digits| (-1.0, digits));
    let written = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && digits.chars().all(|c| c.is_ascii_digit() || ".eE+-".contains(c));
    if !written {
        return None;
    }
    // JSON has exactly one zero before a point, and none before other digits
    let digits = digits.trim_start_matches('0');
    let zero = if digits.starts_with(|c: char| c.is_ascii_digit()) { "" } else { "0" };
    let value: Value = serde_json::from_str(&format!("{zero}{digits}")).ok()?;
    value.as_f64().map(|v| sign * v)
}

fn whole(field: &'static str, value: Value) -> Result<usize, BadField> {
    let number = value.as_u64().and_then(|n| n.try_into().ok());
    number.ok_or(BadField::Value { field, value, takes: "a whole number, not below 0" })
}

fn several<const N: usize>(field: &'static str, value: Value) -> Result<[usize; N], BadField> {
    let list: Option<Vec<usize>> = value.as_array().and_then(|list| list.iter().map(small).collect());
    let list = list.and_then(|list| list.try_into().ok());
    list.ok_or(BadField::Value { field, value, takes: "a list of that many whole numbers, none below 0" })
}

fn small(value: &Value) -> Option<usize> {
    value.as_u64()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(value: Value) -> Fields {
        object("it", value).unwrap()
    }

    #[test]
    fn what_is_left_out_is_at_its_default_and_what_is_unknown_is_named() {
        let mut given = fields(json!({ "a": 3, "b": [1, 2], "c": true, "d": "x", "e": null, "f": 1 }));
        assert_eq!((given.whole("a"), given.whole_or("z", 7), given.wholes("b")), (Ok(3), Ok(7), Ok([1, 2])));
        assert_eq!((given.wholes_or("y", 1), given.flag_or("c", false)), (Ok([1, 1, 1, 1]), Ok(true)));
        assert_eq!((given.perhaps_text("d"), given.perhaps_text("e")), (Ok(Some("x".into())), Ok(None)));
        assert_eq!(given.end(), Err(BadField::Unknown("f".into())));
    }

    #[test]
    fn a_decimal_is_read_as_the_standard_library_does() {
        for text in [
            "0",
            "5",
            "007",
            "0.25",
            ".5",
            "-.5",
            "-0",
            "1e3",
            "-1.5E-3",
            "0e5",
            "33.333332",
            "0.0000001",
            "1234567890123",
        ] {
            assert_eq!(decimal(text), text.parse().ok(), "{text}");
        }
        for text in ["", "-", ".", "--5", "+5", " 5", "5 ", "5x", "1e", "inf", "NaN", "0x10", "1e999", "1.2.3"] {
            assert_eq!(decimal(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_missing_or_of_another_kind_is_told() {
        let told =
            |value: Value, read: fn(&mut Fields) -> Option<BadField>| read(&mut fields(value)).unwrap().to_string();
        let missing = told(json!({ "outs": 4 }), |f| f.whole("out").err());
        assert_eq!(missing, "out is missing; given: outs");
        let bad = [
            (json!(-1), "a whole number, not below 0"),
            (json!(1.5), "a whole number, not below 0"),
            (json!("1"), "a whole number, not below 0"),
        ];
        for (value, takes) in bad {
            let words = told(json!({ "out": value }), |f| f.whole("out").err());
            assert_eq!(words, format!("out = {value}: takes {takes}"));
        }
        for value in [json!([1]), json!([1, 2, 3]), json!([1, -2]), json!(1)] {
            assert!(fields(json!({ "k": value })).wholes::<2>("k").is_err(), "{value}");
        }
        assert!(
            fields(json!({ "k": 1 })).flag_or("k", true).is_err() && fields(json!({ "k": 1 })).object("k").is_err()
        );
        assert!(fields(json!({ "k": "b" })).word("k", &[("a", 1)]).is_err());
    }
}
