//! The page's address: the state of every view in the hash, as `#v=1&img=sample:cat&m=grad_cam&cls=285`. One table ([`KEYS`])
//! serves both directions. A picture of the visitor's own never enters an address.

mod code;
mod keys;

pub use keys::KEYS;

use super::{Frame, State, View};

/// The grammar's version; only a breaking change would raise it.
const VERSION: &str = "1";

/// The address of what is shown; keys at their defaults are left out.
pub fn print(s: &State) -> String {
    pairs(s, |_| true)
}

/// The part of the address that makes a step of the browser's history.
pub fn step(s: &State) -> String {
    pairs(s, |key| key.step)
}

fn pairs(s: &State, keep: impl Fn(&keys::Key) -> bool) -> String {
    let all = KEYS.iter().filter(|k| keep(k)).filter_map(|k| Some(format!("&{}={}", k.id, (k.print)(s)?)));
    format!("#v={VERSION}{}", all.collect::<String>())
}

/// The address that brings what is shown to somebody else: computed there again, in whatever frame they open it.
pub fn shared(s: &State) -> String {
    print(&State { frame: frame(s), ..s.clone() })
}

/// The frame of [`shared`].
pub fn frame(s: &State) -> Frame {
    let method = s.explain.result.as_ref().is_some_and(|r| r.method == s.explain.method);
    let board = s.frame.view == View::Board && !s.board.maps.is_empty();
    Frame { view: s.frame.view, autorun: method || board, ..Frame::default() }
}

/// Reads an address into `s`, key by key in the table's order; returns what it could not use, as `key=value`.
pub fn read(s: &mut State, hash: &str) -> Vec<String> {
    let hash = hash.trim_start_matches('#');
    let given: Vec<(&str, &str)> =
        hash.split('&').filter(|p| !p.is_empty()).map(|p| p.split_once('=').unwrap_or((p, ""))).collect();
    // the last of a key that is there twice counts
    let value = |id: &str| given.iter().rev().find(|p| p.0 == id).map(|p| p.1);
    let mut refused: Vec<String> = Vec::new();
    for key in KEYS {
        if let Some(v) = value(key.id)
            && !(key.read)(s, v)
        {
            refused.push(shown(key.id, v));
        }
    }
    let known = |id: &str| id == "v" || KEYS.iter().any(|k| k.id == id);
    refused.extend(given.iter().filter(|(id, _)| !known(id)).map(|(id, v)| shown(id, v)));
    refused.extend(value("v").filter(|v| *v != VERSION).map(|v| shown("v", v)));
    refused
}

/// Short enough to be shown, whatever it is.
fn shown(id: &str, value: &str) -> String {
    let text = code::decode(value).unwrap_or_else(|| value.to_owned());
    format!("{id}={text}").chars().filter(|c| !c.is_control()).take(60).collect()
}
