//! The networks that are shipped, and those that the visitor opened.

use std::cell::RefCell;
use std::rc::Rc;

use super::NetworkSpec;
use super::card::Card;
use super::text::{Text, text};

/// A shipped network.
struct Shipped {
    id: &'static str,
    /// Its folder below `weights/`, with its slash.
    folder: &'static str,
    /// What a visitor fetches of it at first: its shards without the extras.
    bytes: u64,
    /// What is to be known before it is chosen; the shares are those of the 200 labelled photos of weights/README.md.
    note: Text,
    card: &'static str,
}

/// The first one is taken where none is named. Its shards stand where they stood before there was a second network, so that
/// addresses and caches hold.
const SHIPPED: [Shipped; 2] = [
    Shipped {
        id: "vgg16",
        folder: "",
        bytes: 15_492_777,
        note: VGG16,
        card: include_str!("../../weights/vgg16/card.json"),
    },
    Shipped {
        id: "squeezenet",
        folder: "squeezenet/",
        bytes: 1_484_638,
        note: SQUEEZENET,
        card: include_str!("../../weights/squeezenet/card.json"),
    },
];

const VGG16: Text = text!(
    "13 convolutions in a row, under a classifier of this project's: 72.5 % of our 200 labelled photos right.",
    "13 个依次相连的卷积层，配本项目训练的分类头：在我们的 200 张带标签照片上答对 72.5%。",
);
const SQUEEZENET: Text = text!(
    "Ten times smaller; layers that branch and join, under its own original classifier: 66.0 % of our 200 labelled photos right.",
    "只有十分之一大；各层分叉再汇合，配其原始分类器：在我们的 200 张带标签照片上答对 66.0%。",
);

thread_local! {
    /// The networks that were asked for, each parsed once.
    static KNOWN: [std::cell::OnceCell<Rc<NetworkSpec>>; SHIPPED.len()] = const { [const { std::cell::OnceCell::new() }; SHIPPED.len()] };
    /// The visitor's own, with the bytes of their arrays, in the order in which they were opened.
    static OWN: RefCell<Vec<(Rc<NetworkSpec>, u64)>> = const { RefCell::new(Vec::new()) };
}

/// Knows the visitor's own network from now on, whose arrays have so many bytes; one with the same id gives way.
pub fn open(net: Rc<NetworkSpec>, bytes: u64) {
    OWN.with_borrow_mut(|own| {
        own.retain(|(known, _)| *known != net);
        own.push((net, bytes));
    });
}

/// Knows it no more.
pub fn close(net: &NetworkSpec) {
    OWN.with_borrow_mut(|own| own.retain(|(known, _)| **known != *net));
}

/// The visitor's own networks.
pub fn own() -> Vec<Rc<NetworkSpec>> {
    OWN.with_borrow(|own| own.iter().map(|(net, _)| Rc::clone(net)).collect())
}

/// The ids of all that are shipped; the first is taken where none is named.
pub fn ids() -> [&'static str; SHIPPED.len()] {
    SHIPPED.map(|network| network.id)
}

/// The network called `id`; `None`: none that is shipped or was opened.
pub fn get(id: &str) -> Option<Rc<NetworkSpec>> {
    let shipped = SHIPPED.iter().position(|network| network.id == id).map(at);
    shipped.or_else(|| own().into_iter().find(|net| net.id() == id))
}

/// The one that is taken where none is named.
pub fn first() -> Rc<NetworkSpec> {
    at(0)
}

/// What is to be known of a shipped network before it is chosen.
pub fn note(id: &str) -> Option<Text> {
    SHIPPED.iter().find(|network| network.id == id).map(|network| network.note)
}

/// The folder of a shipped network's manifest and shards below `weights/`, with a slash at its end; empty for the first one.
pub fn folder(id: &str) -> Option<&'static str> {
    SHIPPED.iter().find(|network| network.id == id).map(|network| network.folder)
}

/// Bytes of a network's weights, without its extras; 0 for one that is not known.
pub fn bytes(id: &str) -> u64 {
    let own = || OWN.with_borrow(|own| own.iter().find(|(net, _)| net.id() == id).map_or(0, |(_, bytes)| *bytes));
    SHIPPED.iter().find(|network| network.id == id).map_or_else(own, |network| network.bytes)
}

#[allow(clippy::expect_used, reason = "the cards are part of the program: `every_card_is_one` reads them all")]
fn at(place: usize) -> Rc<NetworkSpec> {
    KNOWN.with(|known| {
        let parse = || {
            let card = Card::parse(SHIPPED[place].card).ok();
            // how an error is told would be code that no visitor needs
            card.and_then(|card| NetworkSpec::new(card).ok()).expect("a shipped card is one")
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
