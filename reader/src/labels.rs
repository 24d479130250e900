//! The names of classes out of a visitor's file: text with a name a line, JSON, or a Hugging Face `config.json`.

use serde_json::Value;

/// The names of classes, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labels {
    /// One a class.
    pub names: Vec<String>,
    /// The file that they come from.
    pub file: String,
}

/// A name is cut behind so many characters.
const LONGEST: usize = 120;
/// There are no more classes.
const MOST: usize = 100_000;

impl Labels {
    /// The labels of whatever a visitor gives: JSON as [`Labels::from_json`] takes it, or else text.
    pub fn parse(file: &str, text: &str) -> Option<Self> {
        match serde_json::from_str::<Value>(text) {
            Ok(json @ (Value::Array(_) | Value::Object(_))) => Self::from_json(file, &json),
            _ => Self::from_text(file, text),
        }
    }

    /// The labels of a text: a name a line, empty lines passed over; of one line alone, the names between its commas. A number before every name (`0 cat`, `n02123045 tabby`,
    /// `0: cat`, `cat,0`) is taken off.
    pub fn from_text(file: &str, text: &str) -> Option<Self> {
        let text = text.trim_start_matches('\u{feff}').trim();
        let parts =
            text.split(|c| if text.contains('\n') { c == '\n' } else { [',', ';', '，', '、', '；'].contains(&c) });
        let lines: Vec<&str> = parts.map(str::trim).filter(|line| !line.is_empty()).collect();
        let numbered = |(i, line): (usize, &&str)| {
            let number = line.split([' ', '\t', ',', ':', ';']).next().unwrap_or_default();
            number == i.to_string()
                || (number.len() == 9 && number.starts_with('n') && number[1..].bytes().all(|b| b.is_ascii_digit()))
        };
        let all = !lines.is_empty() && lines.iter().enumerate().all(numbered);
        let name = |line: &&str| match all {
            true => line.split_once([' ', '\t', ',', ':', ';']).map_or("", |(_, name)| name).trim().to_owned(),
            false => (*line).to_owned(),
        };
        Self::new(file, lines.iter().map(name).collect())
    }

    /// The labels of a JSON value: a list of names, an object from numbers to names (or to lists whose last text is the name), one
    /// from names to numbers, or an object with one of these under `id2label`, `label2id`, `labels`, `classes`, `class_names`,
    /// `names`.
    pub fn from_json(file: &str, json: &Value) -> Option<Self> {
        let text = |value: &Value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Array(parts) => parts.iter().rev().find_map(|part| part.as_str().map(str::to_owned)),
            Value::Object(fields) => {
                ["name", "label"].iter().find_map(|key| fields.get(*key)?.as_str().map(str::to_owned))
            }
            _ => None,
        };
        match json {
            Value::Array(list) => Self::new(file, list.iter().map(text).collect::<Option<_>>()?),
            Value::Object(fields) => {
                const WITHIN: [&str; 6] = ["id2label", "label2id", "labels", "classes", "class_names", "names"];
                if let Some(inside) = WITHIN.iter().find_map(|key| fields.get(*key)) {
                    return Self::from_json(file, inside);
                }
                let by_number = || fields.iter().map(|(key, value)| Some((key.parse().ok()?, text(value)?)));
                let by_name = || fields.iter().map(|(key, value)| Some((value.as_u64()? as usize, key.clone())));
                let mut pairs: Vec<(usize, String)> =
                    by_number().collect::<Option<_>>().or_else(|| by_name().collect::<Option<_>>())?;
                pairs.sort_unstable();
                let whole = pairs.iter().enumerate().all(|(i, (number, _))| i == *number);
                let names = pairs.into_iter().map(|(_, name)| name).collect();
                if whole { Self::new(file, names) } else { None }
            }
            _ => None,
        }
    }

    fn new(file: &str, names: Vec<String>) -> Option<Self> {
        if names.is_empty() || names.len() > MOST {
            return None;
        }
        let names =
            names.into_iter().map(|name| name.chars().filter(|c| !c.is_control()).take(LONGEST).collect()).collect();
        Some(Self { names, file: file.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn labels_are_read_in_their_order() {
        let text = |text: &str| Labels::from_text("labels.txt", text).map(|labels| labels.names);
        assert_eq!(text("cat\r\n\ndog\n").unwrap(), ["cat", "dog"]);
        assert_eq!(text("0 cat\n1 big dog").unwrap(), ["cat", "big dog"]);
        assert_eq!(text("n02123045 tabby, tabby cat\nn02123159 tiger cat").unwrap(), ["tabby, tabby cat", "tiger cat"]);
        assert_eq!(text("2 pac\n1 d").unwrap(), ["2 pac", "1 d"]);
        assert_eq!(text(" cat, big dog\n").unwrap(), ["cat", "big dog"]);
        assert_eq!(text("猫、狗").unwrap(), ["猫", "狗"]);
        assert_eq!(text("\n"), None);
        let read = |value: Value| Labels::from_json("config.json", &value).map(|labels| labels.names);
        let both = Some(vec!["cat".to_owned(), "dog".to_owned()]);
        for value in [
            json!(["cat", "dog"]),
            json!({"1": "dog", "0": "cat"}),
            json!({"0": ["n1", "cat"], "1": ["n2", "dog"]}),
            json!({"dog": 1, "cat": 0}),
            json!({"architectures": [], "id2label": {"0": "cat", "1": "dog"}, "label2id": {"cat": 0, "dog": 1}}),
            json!({"classes": ["cat", "dog"]}),
        ] {
            assert_eq!(read(value), both);
        }
        let given = |text: &str| Labels::parse("", text).map(|labels| labels.names);
        assert_eq!(given(r#"{"labels": ["cat", "dog"]}"#), both);
        assert_eq!(given("cat\r\ndog"), both);
        assert_eq!(given("1\n2").unwrap(), ["1", "2"]);
        assert_eq!(given(r#"{"batch_size": 3, "lr": 0.5}"#), None);
        assert_eq!(read(json!({"0": "cat", "2": "dog"})), None);
        assert_eq!(read(json!({"hidden_size": 3, "model_type": "resnet"})), None);
    }
}
