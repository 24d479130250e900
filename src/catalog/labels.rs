//! The thousand ImageNet classes in torchvision's order.

use super::Lang;

/// One label a line, English.
const EN: &str = include_str!("labels_en.txt");
/// One label a line, Chinese.
const ZH: &str = include_str!("labels_zh.txt");

/// Number of classes.
pub const CLASSES: usize = 1000;

/// The English label of `class`; empty beyond the last.
pub fn label(class: usize) -> &'static str {
    EN.lines().nth(class).unwrap_or("")
}

/// The label of `class` in `lang`.
pub fn label_in(class: usize, lang: Lang) -> &'static str {
    let names = match lang {
        Lang::En => EN,
        Lang::Zh => ZH,
        #[allow(unreachable_patterns, reason = "reached once there is a further language")]
        further => further.classes(),
    };
    names.lines().nth(class).filter(|l| !l.is_empty()).unwrap_or_else(|| label(class))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_a_thousand() {
        assert_eq!(EN.lines().count(), CLASSES);
        assert_eq!(ZH.lines().count(), CLASSES);
        assert_eq!((label(0), label(285), label(999)), ("tench", "Egyptian cat", "toilet tissue"));
        for lines in [EN, ZH] {
            assert_eq!(
                lines.lines().collect::<std::collections::BTreeSet<_>>().len(),
                CLASSES,
                "each name is one class's"
            );
        }
    }
}
