//! The names that methods give to figures, tables, rows and columns, in the visitor's language.

use serde_json::Value;

use super::find;
use crate::catalog::facts::{ANSWERS, FACTS};
use crate::catalog::terms::term;
use crate::catalog::words::word;
use crate::catalog::{Lang, MethodInfo, NetworkSpec, ParamKind, Text};
use crate::figure::told::short;

/// What `net`'s pages call a key: one of [`term`], a method's id, `class:281`, `cat|猫` (in the order of the languages), two of these with a space between, or a name
/// that stays as it is.
pub fn name(net: &NetworkSpec, key: &str, lang: Lang) -> String {
    if let Some(class) = key.strip_prefix("class:").and_then(|k| k.parse().ok()) {
        return net.label(class, lang);
    }
    said(key, lang)
}

/// [`name`] of what is no class.
fn said(key: &str, lang: Lang) -> String {
    whole(key, lang).or_else(|| halves(key, lang)).unwrap_or_else(|| key.to_owned())
}

fn whole(key: &str, lang: Lang) -> Option<String> {
    if key.contains('|') {
        return key.split('|').nth(lang as usize).map(str::to_owned);
    }
    term(key).or_else(|| find(key).map(|i| i.name)).map(|t| t.get(lang).to_owned())
}

fn halves(key: &str, lang: Lang) -> Option<String> {
    key.match_indices(' ').find_map(|(at, _)| {
        let (first, second) = (&key[..at], &key[at + 1..]);
        let (known_first, known_second) = (whole(first, lang), whole(second, lang));
        let known = known_first.is_some() || known_second.is_some();
        // beside a known part stands a number or a layer; a visitor's own words stay together as they are
        let own = |half: &str, known: &Option<String>| known.is_none() && !half.contains(|c: char| c.is_ascii_digit());
        let named = known && !own(first, &known_first) && !own(second, &known_second);
        named.then(|| {
            format!("{} {}", known_first.as_deref().unwrap_or(first), known_second.as_deref().unwrap_or(second))
        })
    })
}

/// The single numbers of a method's facts, each with its name: `answer changed: yes`.
pub fn single(facts: &Value, lang: Lang) -> Vec<String> {
    let told = |id: &str, value: f64| match (ANSWERS.contains(&id), value == 1.0) {
        (true, true) => said("yes", lang),
        (true, false) => said("no", lang),
        _ => short(value as f32),
    };
    let line = |(id, words): &(&str, Text)| {
        let value = facts[*id].as_f64()?;
        Some(format!("{}{}{}", words.get(lang), lang.colon(), told(id, value)))
    };
    FACTS.iter().filter_map(line).collect()
}

/// A method's parameters as its form calls them: `Layer: relu5_3`. The class is not among them, nor is what was not given.
pub fn parameters(info: &MethodInfo, params: &Value, lang: Lang) -> Vec<String> {
    let given = |id: &str| params.get(id).filter(|value| !value.is_null() && *value != "");
    let told = |text: &str, kind: ParamKind| match kind {
        ParamKind::Choice { options, .. } => {
            options.iter().find(|option| **option == text).map_or(text, |option| word(option).get(lang)).to_owned()
        }
        ParamKind::Methods { .. } => text.split(", ").map(|id| said(id, lang)).collect::<Vec<_>>().join(", "),
        ParamKind::Channel | ParamKind::Group { .. } => said(text, lang),
        _ => text.to_owned(),
    };
    let shown = info.params.iter().filter(|spec| spec.id != "class");
    shown
        .filter_map(|spec| {
            let value = given(spec.id)?;
            // 2.0 is 2
            let plain = value.as_f64().map_or_else(|| value.to_string(), |number| number.to_string());
            let value = value.as_str().map_or(plain, |text| told(text, spec.kind));
            Some(format!("{}{}{value}", spec.label.get(lang), lang.colon()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_have_the_words_of_the_form() {
        let given = serde_json::json!({ "class": "top", "layer": "relu5_3", "evidence": "for", "score": "logit" });
        let told = |lang| parameters(find("grad_cam").unwrap(), &given, lang);
        assert!(told(Lang::Zh).contains(&"证据：支持该类".to_owned()), "{:?}", told(Lang::Zh));
        assert!(told(Lang::En).iter().all(|setting| !setting.starts_with("Target")));
        let given = serde_json::json!({ "epsilon": 2.0, "seed": 7, "aim": "away" });
        let told = parameters(find("adversarial").unwrap(), &given, Lang::En);
        assert!(
            told.iter().any(|s| s.ends_with("/255): 2")) && told.contains(&"Aim: away from the answer".to_owned()),
            "{told:?}"
        );
    }

    #[test]
    fn names_are_put_together_from_known_parts() {
        let net = crate::catalog::networks::first();
        assert_eq!(name(&net, "hue 30°", Lang::Zh), "色相 30°");
        assert_eq!(
            name(&net, "saliency conv5_3", Lang::Zh),
            format!("{} conv5_3", find("saliency").unwrap().name.get(Lang::Zh))
        );
        assert_eq!(name(&net, "relu1_2:32 vertical edges", Lang::Zh), "relu1_2:32 竖直边缘");
        assert_eq!(
            (name(&net, "cat|猫", Lang::Zh), name(&net, "my own folder", Lang::En)),
            ("猫".into(), "my own folder".into())
        );
        assert_eq!(name(&net, "my concept", Lang::Zh), "my concept");
        assert_eq!(name(&net, "class:285", Lang::En), net.label(285, Lang::En));
    }
}
