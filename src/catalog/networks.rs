//! The networks that are shipped.

use std::rc::Rc;

use super::NetworkSpec;
use super::card::Card;

/// A shipped network: its id, its folder below `weights/` (with its slash), and its card.
struct Shipped {
    id: &'static str,
    folder: &'static str,
    card: &'static str,
}

/// The first one is taken where none is named. Its shards stand where they stood before there was a second network, so that
/// addresses and caches hold.
const SHIPPED: [Shipped; 2] = [
    Shipped { id: "vgg16", folder: "", card: include_str!("../../weights/vgg16/card.json") },
    Shipped { id: "squeezenet", folder: "squeezenet/", card: include_str!("../../weights/squeezenet/card.json") },
];

thread_local! {
    /// The networks that were asked for, each parsed once.
    static KNOWN: [std::cell::OnceCell<Rc<NetworkSpec>>; SHIPPED.len()] = const { [const { std::cell::OnceCell::new() }; SHIPPED.len()] };
}

/// The ids of all of them; the first is taken where none is named.
pub fn ids() -> [&'static str; SHIPPED.len()] {
    SHIPPED.map(|network| network.id)
}

/// The network called `id`; `None`: none that is shipped.
pub fn get(id: &str) -> Option<Rc<NetworkSpec>> {
    SHIPPED.iter().position(|network| network.id == id).map(at)
}

/// The one that is taken where none is named.
pub fn first() -> Rc<NetworkSpec> {
    at(0)
}

/// The folder of a shipped network's manifest and shards below `weights/`, with a slash at its end; empty for the first one.
pub fn folder(id: &str) -> Option<&'static str> {
    SHIPPED.iter().find(|network| network.id == id).map(|network| network.folder)
}

#[allow(clippy::expect_used, reason = "the cards are part of the program: `every_card_is_one` reads them all")]
fn at(place: usize) -> Rc<NetworkSpec> {
    KNOWN.with(|known| {
        let parse = || {
            let card = Card::parse(SHIPPED[place].card).expect("a shipped card is one");
            NetworkSpec::new(card).expect("a shipped card has maps")
        };
        Rc::clone(known[place].get_or_init(parse))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_card_is_one_under_its_own_id() {
        for id in ids() {
            assert_eq!(get(id).unwrap().id(), id);
            assert!(folder(id).is_some());
        }
        assert_eq!((ids()[0], first().id()), ("vgg16", "vgg16"));
        assert!(get("alexnet").is_none() && folder("alexnet").is_none());
    }
}
