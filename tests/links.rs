//! Addresses: whatever is printed is read again, and whatever is typed does no harm.
#![allow(missing_docs, reason = "a test")]

use std::rc::Rc;

use cnn_lens::catalog::examples::EXAMPLES;
use cnn_lens::catalog::networks::VGG16;
use cnn_lens::methods::INFOS;
use cnn_lens::state::link::{KEYS, print, read, shared, step};
use cnn_lens::state::{Action, Chrome, Effect, Picture, Source, State, View};
use proptest::prelude::*;
use proptest::sample::select;

fn went(hash: &str) -> State {
    State::default().reduce(Action::Go(hash.to_owned()))
}

fn layers() -> impl Strategy<Value = &'static str> {
    select(VGG16.layers.iter().map(|l| l.name).collect::<Vec<_>>())
}

/// A value that the key takes.
fn valid(key: &'static str, method: &'static str) -> BoxedStrategy<String> {
    let words = |list: &'static [&'static str]| select(list).prop_map(str::to_owned).boxed();
    match key {
        "view" => words(&["page", "cam", "method", "board", "maps"]),
        "img" => prop_oneof![
            select(EXAMPLES.iter().map(|e| format!("sample:{}", e.id)).collect::<Vec<_>>()),
            "[a-z0-9?=&%#]{0,20}".prop_map(|p| format!(
                "url:https://example.org/{}",
                p.replace('%', "%25").replace('&', "%26").replace('#', "%23")
            )),
            Just("local".to_owned()),
        ]
        .boxed(),
        "head" => words(&["default", "linear"]),
        "m" => Just(method.to_owned()).boxed(),
        // seeds and layers are what most methods have
        "p" => {
            let has =
                |id: &str| INFOS.iter().find(|i| i.id == method).is_some_and(|i| i.params.iter().any(|p| p.id == id));
            match (has("seed"), has("layer")) {
                (true, _) => (0..1000_u32).prop_map(|v| format!("seed:{v}")).boxed(),
                (_, true) => layers().prop_map(|l| format!("layer:{l}")).boxed(),
                _ => Just(String::new()).boxed(),
            }
        }
        "cls" => (0..1000_u32).prop_map(|v| v.to_string()).boxed(),
        "unit" => (0..512_u32, 0..14_u32).prop_map(|(c, at)| format!("conv5_3:{c}@{at},3")).boxed(),
        "layer" => layers().prop_map(str::to_owned).boxed(),
        "ch" => (0..64_u32).prop_map(|v| v.to_string()).boxed(),
        "sort" => words(&["mean", "max", "sparsity", "index"]),
        "scale" => words(&["layer", "channel", "model"]),
        "page" => Just("0".to_owned()).boxed(),
        "pal" => words(&["turbo", "inferno", "viridis", "cividis", "signed"]),
        "alpha" => (0.0..=1.0_f32).prop_map(|v| v.to_string()).boxed(),
        "show" => words(&["overlay", "heat", "photo"]),
        "cmp" => words(&["lrp", "cam,grad_cam", "rise,lime,saliency"]),
        "lang" => words(&["en", "zh"]),
        "theme" => words(&["auto", "light", "dark"]),
        "ui" => words(&["full", "min", "none"]),
        "lock" | "autorun" => words(&["0", "1"]),
        "dl" => words(&["ask", "auto"]),
        _ => panic!("{key} has no values here: add them"),
    }
}

fn addresses() -> impl Strategy<Value = String> {
    let methods: Vec<&'static str> = INFOS.iter().map(|i| i.id).collect();
    select(methods).prop_flat_map(|method| {
        let pairs: Vec<_> = KEYS.iter().map(|k| (Just(k.id), proptest::option::of(valid(k.id, method)))).collect();
        pairs.prop_map(|pairs| {
            let said = pairs.into_iter().filter_map(|(id, v)| Some(format!("&{id}={}", v.filter(|v| !v.is_empty())?)));
            format!("#v=1{}", said.collect::<String>())
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_printed_is_read_again(hash in addresses()) {
        let state = went(&hash);
        // parameters need their method
        prop_assert!(state.refused.iter().all(|r| r.starts_with("p=")) , "{hash}: {:?}", state.refused);
        let printed = print(&state);
        let again = went(&printed);
        prop_assert!(again.refused.is_empty(), "{printed}: {:?}", again.refused);
        prop_assert_eq!(print(&again), printed.clone());
        let same = |a: &State, b: &State| {
            a.frame == b.frame && a.wanted == b.wanted && a.look == b.look && a.opening == b.opening && a.board == b.board
                && (a.layer, a.channel, a.page, a.order, a.normalise, a.taught) == (b.layer, b.channel, b.page, b.order, b.normalise, b.taught)
                && a.explain.method == b.explain.method
        };
        prop_assert!(same(&state, &again), "{printed}");
    }

    #[test]
    fn nothing_that_is_typed_does_harm(hash in ".{0,200}") {
        let _ = print(&went(&hash));
    }

    #[test]
    fn a_bad_value_is_named_and_its_default_stays(which in 0..KEYS.len(), value in "[!-~]{1,30}") {
        let key = &KEYS[which];
        let mut s = State::default();
        let value = value.replace('&', "");
        let refused = read(&mut s, &format!("#{}={value}", key.id));
        let taken = (key.read)(&mut State::default(), &value);
        prop_assert_eq!(refused.is_empty(), taken, "{} {}", key.id, value);
        prop_assert!(taken || print(&s) == "#v=1");
    }
}

#[test]
fn unknown_keys_and_bad_values_are_named() {
    let s = went("#v=2&pal=pink&foo=1&cls=1000&p=seed:1&layer=conv9_9&img=url:http://a.b/c.png&alpha=NaN&m=magic");
    let named: Vec<&str> = s.refused.iter().map(|r| r.split('=').next().unwrap()).collect();
    assert_eq!(named, ["img", "m", "p", "cls", "layer", "pal", "alpha", "foo", "v"]);
    assert_eq!((s.look, s.layer, s.wanted.class), (State::default().look, State::default().layer, None));
    assert_eq!(s.opening, Some(Source::Example(EXAMPLES[0].id)));
    assert!(s.reduce(Action::Dismiss).refused.is_empty());
}

fn opened(s: &State) -> State {
    let source = s.opening.clone().unwrap();
    let picture = Picture { source, original: (9, 9), size: 2, rgba: Rc::new(vec![0; 16]), notes: Vec::new() };
    s.reduce(Action::Opened(picture)).reduce(Action::MapsWanted)
}

#[test]
fn what_waits_for_the_picture_is_asked_when_it_is_there() {
    let s = went("#img=sample:coffee&m=grad_cam&p=layer:relu4_3&cls=504&autorun=1");
    assert!(s.effects.iter().all(|(_, e)| !matches!(e, Effect::Explain(..) | Effect::Cam(_))));
    let s = opened(&s);
    let asked: Vec<&Effect> = s.effects.iter().map(|(_, e)| e).collect();
    assert!(asked.contains(&&Effect::Cam(Some(504))));
    assert!(
        matches!(asked.last(), Some(Effect::Explain("grad_cam", params, Some(class), _)) if params["layer"] == "relu4_3" && *class == 504)
    );
    assert_eq!(print(&s), "#v=1&img=sample:coffee&m=grad_cam&p=layer:relu4_3&cls=504&autorun=1");
}

#[test]
fn a_link_made_with_an_own_picture_waits_for_the_readers() {
    let s = went("#img=local&m=lrp&cls=3");
    assert!(s.wanted.own_picture && s.opening.is_none() && s.effects.is_empty());
    assert_eq!(print(&s), "#v=1&img=local&m=lrp&cls=3");
    let s = opened(&s.reduce(Action::Open(Source::File(1, "a.png".into()))));
    assert!(s.target == Some(3) && !s.wanted.own_picture);
}

#[test]
fn back_and_forward_change_what_differs_only() {
    let cat = opened(&went(""));
    let there = cat.reduce(Action::Go("#img=sample:cat&layer=conv3_1&ch=5".into()));
    let new = |s: &State, from: &State| {
        let last = from.effects.back().map_or(0, |e| e.0);
        s.effects.iter().filter(|e| e.0 > last).map(|e| e.1.clone()).collect::<Vec<_>>()
    };
    assert_eq!(new(&there, &cat), [Effect::Maps(VGG16.index("conv3_1").unwrap(), false)]);
    let back = there.reduce(Action::Go(print(&cat)));
    assert_eq!(new(&back, &there), [Effect::Maps(State::default().layer, false)]);
    assert_eq!(step(&back), step(&cat));
    assert!(back.picture.is_some() && back.opening.is_none());
    // a class is asked for once, and given up once
    let classed = back.reduce(Action::Go("#img=sample:cat&cls=3".into()));
    assert_eq!((new(&classed, &back), classed.target), (vec![Effect::Cam(Some(3))], Some(3)));
    let given_up = classed.reduce(Action::Go("#img=sample:cat".into()));
    assert_eq!((new(&given_up, &classed), given_up.target), (vec![Effect::Cam(None)], None));
    // appearance is no step, a class is one
    assert_eq!(step(&cat), step(&cat.reduce(Action::Opacity(0.25))));
    assert_ne!(step(&cat), step(&cat.reduce(Action::Target(3))));
}

#[test]
fn what_is_shared_leaves_the_frame_to_whoever_opens_it() {
    let s = went("#img=sample:cat&m=lrp&ui=min&lock=1&view=maps&lang=zh&dl=auto");
    assert_eq!(shared(&s), "#v=1&view=maps&img=sample:cat&m=lrp");
}

#[test]
fn an_embedded_page_shows_one_view() {
    let shown = |hash| {
        let s = went(hash);
        (s.frame.chrome, s.frame.shown(s.explain.method))
    };
    assert_eq!(shown("#ui=min"), (Chrome::Min, View::Cam));
    assert_eq!(shown("#ui=none&m=lrp"), (Chrome::None, View::Method));
    assert_eq!(shown("#ui=min&m=lrp&view=maps"), (Chrome::Min, View::Maps));
}
