//! What a method tells about itself: menus, forms, the JavaScript API, links and the README's table are made from it.

use serde::Serialize;

use super::text::Text;

/// Where a method comes from.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Paper {
    /// Author and year, as cited.
    pub cite: &'static str,
    /// Title.
    pub title: &'static str,
}

/// The kind of a parameter, with its default and range.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ParamKind {
    /// A layer by name, such as `conv4_2`.
    Layer {
        /// Default name.
        default: &'static str,
    },
    /// A class index 0..=999, or `"top"` for the most probable class.
    Class,
    /// One of a few words.
    Choice {
        /// Default word.
        default: &'static str,
        /// All words.
        options: &'static [&'static str],
    },
}

/// One parameter.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ParamSpec {
    /// The key in the API and in links.
    pub id: &'static str,
    /// What the form shows.
    pub label: Text,
    /// Kind, default, range.
    #[serde(flatten)]
    pub kind: ParamKind,
}

/// A method's description.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct MethodInfo {
    /// The key in the API and in links.
    pub id: &'static str,
    /// The literature's name.
    pub name: Text,
    /// One paragraph: what is shown and how to read it.
    pub summary: Text,
    /// The formula, in plain notation.
    pub formula: &'static str,
    /// What it does not show.
    pub caveat: Text,
    /// Its source.
    pub paper: Paper,
    /// Its parameters.
    pub params: &'static [ParamSpec],
}
