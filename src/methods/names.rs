//! The names that methods give to figures, tables, rows and columns, in the visitor's language.

use super::find;
use crate::catalog::Lang;
use crate::catalog::labels::label_in;
use crate::catalog::terms::term;

/// A key of [`term`], a method's id, `class:281`, `cat|猫` (in the order of the languages), two of these with a space between, or a name
/// that stays as it is.
pub fn name(key: &str, lang: Lang) -> String {
    whole(key, lang).or_else(|| halves(key, lang)).unwrap_or_else(|| key.to_owned())
}

fn whole(key: &str, lang: Lang) -> Option<String> {
    if let Some(class) = key.strip_prefix("class:").and_then(|k| k.parse().ok()) {
        return Some(label_in(class, lang).to_owned());
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_put_together_from_known_parts() {
        assert_eq!(name("hue 30°", Lang::Zh), "色相 30°");
        assert_eq!(name("saliency conv5_3", Lang::Zh), format!("{} conv5_3", find("saliency").unwrap().name.zh));
        assert_eq!(name("relu1_2:32 vertical edges", Lang::Zh), "relu1_2:32 竖直边缘");
        assert_eq!((name("cat|猫", Lang::Zh), name("my own folder", Lang::En)), ("猫".into(), "my own folder".into()));
        assert_eq!(name("my concept", Lang::Zh), "my concept");
        assert_eq!(name("class:285", Lang::En), label_in(285, Lang::En));
    }
}
