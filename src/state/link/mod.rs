//! The page's address: the state of every view in the hash, as `#v=1&img=sample:cat&m=grad_cam&cls=285`. One table ([`KEYS`])
//! serves both directions. A picture of the visitor's own never enters an address.

mod code;
mod keys;

pub use keys::KEYS;

use super::frame::{Frame, View};
use super::model::State;
use super::tale::CHAPTERS;

/// The grammar's version; only a breaking change would raise it.
const VERSION: &str = "1";

/// What stands behind a link in a text, and is often taken for its end.
const BEHIND: &[char] = &[
    '.', ',', ';', ':', '!', '?', ')', ']', '}', '>', '"', '\'', '*', '»', '“', '”', '’', '…', '。', '，', '、', '；',
    '：', '！', '？', '）', '】', '》', '」',
];

/// The address of what is shown; keys at their defaults are left out.
pub fn print(s: &State) -> String {
    let mut all = pairs(s, |_| true);
    if let Some(last) = all.pop() {
        all.push_str(&if BEHIND.contains(&last) { code::escaped(last) } else { last.into() });
    }
    all
}

/// The address without what may come from a picture: neither which it is nor what was chosen in it.
pub fn outline(s: &State) -> String {
    format!(
        "{}&img=local",
        pairs(s, |key| !(key.own || key.id == "net" && s.net.own() || key.id == "with" && with_own(s)))
    )
}

/// Whether the network that is compared with is a file of the visitor's, or of whoever made the link.
fn with_own(s: &State) -> bool {
    s.pair.awaited.is_some() || s.pair.other.as_ref().is_some_and(|net| net.own())
}

/// The part of the address that makes a step of the browser's history.
pub fn step(s: &State) -> String {
    match s.reading() {
        // of the story each chapter is a step, not each paragraph and what it shows
        Some(at) if !at.paused => format!("#story={}", CHAPTERS[at.chapter]),
        _ => pairs(s, |key| key.step),
    }
}

fn pairs(s: &State, keep: impl Fn(&keys::Key) -> bool) -> String {
    let all = KEYS.iter().filter(|k| keep(k)).filter_map(|k| Some(format!("&{}={}", k.id, (k.print)(s)?)));
    format!("#v={VERSION}{}", all.collect::<String>())
}

/// The address that brings what is shown to somebody else: computed there again, in whatever frame they open it.
pub fn shared(s: &State) -> String {
    print(&State { frame: frame(s), ..s.clone() })
}

/// How the page is framed for whoever opens [`shared`]: the whole page, and what was computed runs again.
pub fn frame(s: &State) -> Frame {
    let method = s.explain.result.as_ref().is_some_and(|r| r.question().method == s.explain.method);
    let board = s.frame.view == View::Board && s.board.params.is_some();
    Frame { view: s.frame.view, autorun: method || board, ..Frame::default() }
}

/// Reads an address into `s`, key by key in the table's order; returns what it could not use, as `key=value`. What messengers,
/// course systems and mail do to an address is undone: see [`given`].
pub fn read(s: &mut State, hash: &str) -> Vec<String> {
    let given = given(hash);
    // the last of a key that is there twice counts
    let value = |id: &str| given.iter().rev().find(|p| p.0 == id).map(|p| p.1.as_str());
    let mut refused: Vec<String> = Vec::new();
    for key in KEYS {
        if let Some(v) = value(key.id)
            && !(key.read)(s, v)
            && !(key.read)(s, &plain(v))
        {
            refused.push(shown(key.id, v));
        }
    }
    let known = |id: &str| id == "v" || KEYS.iter().any(|k| k.id == id);
    refused.extend(given.iter().filter(|(id, _)| !known(id)).map(|(id, v)| shown(id, v)));
    refused.extend(value("v").filter(|v| *v != VERSION).map(|v| shown("v", v)));
    refused
}

/// A value in capitals, or with a slash behind it. Other sites' addresses are as they are.
fn plain(value: &str) -> String {
    let small = value.trim_end_matches('/').to_ascii_lowercase();
    if small.starts_with("url:") { value.to_owned() } else { small }
}

/// The keys and values of an address: without slashes before and punctuation behind it, with `&` that HTML made `&amp;`,
/// percent-encoded once or more as a whole or in parts, its keys in capitals.
fn given(hash: &str) -> Vec<(String, String)> {
    let mut all: Vec<_> = hash.replace("&amp;", "&").split('&').flat_map(pair).collect();
    if let Some((key, value)) = all.last_mut() {
        for text in [key, value] {
            text.truncate(text.trim_end_matches(|c: char| c.is_whitespace() || BEHIND.contains(&c)).len());
        }
    }
    all.retain(|(key, value)| !key.is_empty() || !value.is_empty());
    all
}

fn pair(text: &str) -> Vec<(String, String)> {
    let spaced = code::peeled(&text.replace('+', "%20"));
    let (key, value) = spaced.split_once('=').unwrap_or((&spaced, ""));
    let key = key.trim_matches(|c: char| c.is_whitespace() || "#/!?".contains(c)).to_ascii_lowercase();
    if value.starts_with("url:") {
        // only an address may hold pairs of its own, and a plus that is no space
        let whole = code::peeled(text);
        return vec![(key, whole.split_once('=').map_or("", |(_, v)| v).to_owned())];
    }
    // encoded as a whole, or with its ampersands
    let value = value.replace("&amp;", "&");
    let mut rest = value.split('&');
    let first = (key, rest.next().unwrap_or_default().to_owned());
    std::iter::once(first).chain(rest.flat_map(pair)).collect()
}

/// `id=value` as a message can show it: without control characters, 60 characters at most.
fn shown(id: &str, value: &str) -> String {
    format!("{id}={value}").chars().filter(|c| !c.is_control()).take(60).collect()
}
