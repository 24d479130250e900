//! A text in every language of the page: it does not compile without one of them.
//!
//! English and 中文 stand where the text is used. A further language is one file in `lang/` and one line in [`languages!`] below;
//! `cargo check` then names, one after another, every text that the file lacks.

use serde::ser::{Serialize, SerializeMap, Serializer};

/// A language beyond the two that are written where a text is used.
pub struct Words {
    /// The language of the browsers that it is for, as their preference begins: `fr`.
    pub id: &'static str,
    /// Its own name, for the button that chooses it: `Français`.
    pub name: &'static str,
    /// Every English text of the page with what it is in this language. `{names}` in braces stay.
    pub texts: &'static [(&'static str, &'static str)],
    /// The classes' names, a line for each as in `labels_en.txt`; an empty line, or a missing one, stays English.
    pub classes: &'static str,
}

macro_rules! languages {
    ($($name:ident: $words:path;)*) => {
        /// The page's languages.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "lowercase")]
        pub enum Lang {
            /// English.
            #[default]
            En,
            /// 中文 (simplified).
            Zh,
            $(#[doc = "See its file."] $name,)*
        }

        impl Lang {
            /// All of them, in the order in which the page's button goes round.
            pub const ALL: &[Self] = &[Self::En, Self::Zh, $(Self::$name,)*];
        }

        const FURTHER: &[Words] = &[$($words,)*];
    };
}

// `Fr: super::lang::fr::WORDS;` with `pub const WORDS: Words` in lang/fr.rs
languages! {}

impl Lang {
    /// The BCP 47 tag for the `lang` attribute.
    pub fn tag(self) -> &'static str {
        if self == Self::Zh { "zh-CN" } else { self.id() }
    }

    /// Its name in addresses, file names and what the engine tells: `en`, `zh`.
    pub const fn id(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh",
            #[allow(unreachable_patterns, reason = "reached once there is a further language")]
            further => FURTHER[further as usize - 2].id,
        }
    }

    /// What stands between a name and its value.
    pub const fn colon(self) -> &'static str {
        match self {
            Self::Zh => "：",
            _ => ": ",
        }
    }

    /// The language's name in that language.
    pub const fn name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Zh => "中文",
            #[allow(unreachable_patterns, reason = "reached once there is a further language")]
            further => FURTHER[further as usize - 2].name,
        }
    }

    /// The language of a browser's preference such as `zh-TW` or `en-GB`; English where there is none for it.
    pub fn from_tag(tag: &str) -> Self {
        let tag = tag.to_ascii_lowercase();
        Self::ALL.iter().copied().find(|l| tag.starts_with(l.id())).unwrap_or_default()
    }

    /// The language after this one.
    pub fn next(self) -> Self {
        Self::ALL.iter().copied().cycle().skip_while(|l| *l != self).nth(1).unwrap_or_default()
    }

    /// The classes' names of a further language.
    pub(super) fn classes(self) -> &'static str {
        FURTHER.get((self as usize).wrapping_sub(2)).map_or("", |w| w.classes)
    }
}

/// One text in every language of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    /// English and 中文 with a zero byte between, or what is the same in both: hundreds of texts need one pointer each, not two.
    both: &'static str,
    further: [&'static str; FURTHER.len()],
}

impl Text {
    /// A text of which `both` holds the English, a zero byte and the Chinese, with what the further languages' files have for `en`;
    /// for [`text!`], so that the compiler finds what is missing.
    ///
    /// # Panics
    /// A language that lacks it: then with the English text alone, which is all that a constant can say.
    pub const fn of(en: &'static str, both: &'static str) -> Self {
        let mut further = [""; FURTHER.len()];
        let mut i = 0;
        while i < FURTHER.len() {
            further[i] = translated(en, FURTHER[i].texts);
            i += 1;
        }
        Self { both, further }
    }

    /// What is the same in every language: a name, a symbol.
    pub const fn same(word: &'static str) -> Self {
        Self { both: word, further: [word; FURTHER.len()] }
    }

    /// The text in `lang`.
    pub fn get(self, lang: Lang) -> &'static str {
        let (en, zh) = self.both.split_once('\0').unwrap_or((self.both, self.both));
        match lang {
            Lang::En => en,
            Lang::Zh => zh,
            #[allow(unreachable_patterns, reason = "reached once there is a further language")]
            further => self.further[further as usize - 2],
        }
    }
}

/// `{ "en": …, "zh": … }`.
impl Serialize for Text {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(Lang::ALL.len()))?;
        for lang in Lang::ALL {
            map.serialize_entry(lang.id(), self.get(*lang))?;
        }
        map.end()
    }
}

const fn translated(en: &str, texts: &[(&str, &'static str)]) -> &'static str {
    let mut i = 0;
    while i < texts.len() {
        if same(texts[i].0.as_bytes(), en.as_bytes()) {
            return texts[i].1;
        }
        i += 1;
    }
    panic!("{}", en)
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    let mut i = 0;
    while i < a.len() && i < b.len() && a[i] == b[i] {
        i += 1;
    }
    i == a.len() && i == b.len()
}

/// `text!("English", "中文")`: a [`Text`], made while compiling.
macro_rules! text {
    ($en:literal, $zh:literal $(,)?) => {
        const { $crate::catalog::text::Text::of($en, concat!($en, "\0", $zh)) }
    };
}
pub(crate) use text;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preference_finds_its_language_and_the_button_goes_round() {
        let of = |tags: [&str; 4]| tags.map(Lang::from_tag);
        assert_eq!(of(["zh-TW", "ZH", "en-GB", "xx"]), [Lang::Zh, Lang::Zh, Lang::En, Lang::En]);
        let mut seen = vec![Lang::default()];
        while seen.len() < Lang::ALL.len() {
            seen.push(seen[seen.len() - 1].next());
        }
        assert_eq!((seen.as_slice(), seen[seen.len() - 1].next()), (Lang::ALL, Lang::En));
    }

    #[test]
    fn a_further_language_has_every_text_or_names_the_one_that_it_lacks() {
        const FRENCH: &[(&str, &str)] = &[("edges", "contours"), ("edge", "contour")];
        const EDGE: &str = translated("edge", FRENCH);
        assert_eq!((EDGE, translated("edges", FRENCH)), ("contour", "contours"));
        let lacks = std::panic::catch_unwind(|| translated("edg", FRENCH)).unwrap_err();
        assert_eq!(lacks.downcast_ref::<String>().map(String::as_str), Some("edg"));
    }

    #[test]
    fn a_text_is_told_in_every_language() {
        assert_eq!(
            serde_json::to_value(text!("edges", "边缘")).unwrap(),
            serde_json::json!({ "en": "edges", "zh": "边缘" })
        );
    }
}
