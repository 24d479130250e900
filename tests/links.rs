//! Addresses: whatever is printed is read again, and whatever is typed does no harm.
#![allow(missing_docs, reason = "a test")]

use std::rc::Rc;

use cnn_lens::catalog::examples::EXAMPLES;
use cnn_lens::catalog::networks;
use cnn_lens::figure::{Figure, Kind};
use cnn_lens::methods::INFOS;
use cnn_lens::state::link::{KEYS, print, read, shared, step};
use cnn_lens::state::{Action, Aim, Around, Ask, Chrome, ClassScore, Job, Picture, Reply, Slot, Source, State, View};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

fn went(hash: &str) -> State {
    State::default().reduce(Action::Go(hash.to_owned()))
}

fn layers() -> impl Strategy<Value = String> {
    select(networks::first().names().map(str::to_owned).collect::<Vec<_>>())
}

/// A value that the key takes.
fn valid(key: &'static str, method: &'static str) -> BoxedStrategy<String> {
    let words = |list: &'static [&'static str]| select(list).prop_map(str::to_owned).boxed();
    match key {
        "story" => words(&["maps", "maps.2", "occlusion.3.paused", "unseen.paused", "convolution"]),
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
        "fit" => words(&["contain", "stretch", "120,500,1000", "0,1000,100"]),
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
        "layer" => layers().boxed(),
        "ch" => (0..64_u32).prop_map(|v| v.to_string()).boxed(),
        "sort" => words(&["mean", "max", "sparsity", "index"]),
        "scale" => words(&["layer", "channel", "model"]),
        "page" => Just("0".to_owned()).boxed(),
        "pal" => words(&["turbo", "inferno", "viridis", "cividis", "signed"]),
        "alpha" => (0.0..=1.0_f32).prop_map(|v| v.to_string()).boxed(),
        "net" => words(&["vgg16", "squeezenet"]),
        "show" => words(&["overlay", "heat", "photo"]),
        "cmp" => words(&["lrp", "cam,grad_cam", "rise,lime,saliency"]),
        "by" => words(&["methods", "classes", "layers", "photos", "networks"]),
        "with" => words(&["vgg16", "squeezenet"]),
        "cells" => words(&["2", "4", "6"]),
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

/// As `encodeURIComponent` does.
fn encoded(text: &str) -> String {
    let keeps = |b: u8| b.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&b);
    text.bytes().map(|b| if keeps(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// As `URLSearchParams` does, of values that it decoded.
fn form(text: &str) -> String {
    let keeps = |b: u8| b.is_ascii_alphanumeric() || b"-_.*".contains(&b);
    let byte = |b: u8| match b {
        b' ' => "+".to_owned(),
        _ if keeps(b) => char::from(b).to_string(),
        _ => format!("%{b:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// What messengers, course systems and mail do to a printed address; `Err` says which of it changed what is read.
fn travelled(printed: &str) -> Result<(), String> {
    let bare = printed.trim_start_matches('#');
    let values = |f: fn(&str) -> String| {
        let pair = |p: &str| p.split_once('=').map_or_else(|| f(p), |(k, v)| format!("{}={}", f(k), f(v)));
        format!("#{}", bare.split('&').map(pair).collect::<Vec<_>>().join("&"))
    };
    let capitals = {
        let pair =
            |p: &str| p.split_once('=').map_or_else(|| p.to_owned(), |(k, v)| format!("{}={v}", k.to_uppercase()));
        bare.split('&').map(pair).collect::<Vec<_>>().join("&")
    };
    let mut ways = vec![
        encoded(bare),
        format!("#{}", encoded(&encoded(bare))),
        encoded(printed),
        values(encoded),
        values(|v| encoded(&encoded(v))),
        values(form),
        printed.replace('&', "&amp;"),
        encoded(&printed.replace('&', "&amp;")),
        printed.replace(':', "%3a"),
        printed.replace(':', "%3A").replace(',', "%2C").replace('=', "%3D"),
        capitals,
        format!("#/{bare}"),
        format!("/#{bare}"),
        format!("#!/{bare}"),
        format!("#?{bare}"),
        format!("{} ", values(form)),
    ];
    ways.extend(
        [".", ",", ")", "]", ">", "!", "?", ";", "\").", "。", "%E3%80%82", "%20"].map(|end| format!("{printed}{end}")),
    );
    let whole = went(printed);
    for way in ways {
        let s = went(&way);
        if !s.refused.is_empty() || print(&s) != printed || s.wanted != whole.wanted || s.explain != whole.explain {
            return Err(format!("{way}\nprints {}\nrefused {:?}", print(&s), s.refused));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_printed_is_read_again(hash in addresses()) {
        let state = went(&hash);
        // parameters need their method
        // and layers, units and the teaching head their network
        let refused = |key: &str| state.refused.iter().any(|r| r.starts_with(key));
        // and the story is told on its own network
        let told = state.reading().is_some_and(|at| !at.paused);
        prop_assert!(told || !refused("net="), "{hash}: {:?}", state.refused);
        let own = state.net == networks::first() && !refused("net=");
        let others: &[&str] = if own { &["p=", "with="] } else { &["p=", "with=", "net=", "layer=", "unit=", "ch=", "page=", "head="] };
        prop_assert!(state.refused.iter().all(|r| others.iter().any(|key| r.starts_with(key))), "{hash}: {:?}", state.refused);
        let printed = print(&state);
        let again = went(&printed);
        prop_assert!(again.refused.is_empty(), "{printed}: {:?}", again.refused);
        prop_assert_eq!(print(&again), printed.clone());
        let same = |a: &State, b: &State| {
            a.net == b.net && a.frame == b.frame && a.story.at == b.story.at && a.wanted == b.wanted && a.look == b.look && a.opening == b.opening && a.board == b.board
                && (a.layer, a.channel, a.page, a.order, a.normalise, a.taught) == (b.layer, b.channel, b.page, b.order, b.normalise, b.taught)
                && a.explain.method == b.explain.method
        };
        prop_assert!(same(&state, &again), "{printed}");
    }

    #[test]
    fn what_is_printed_survives_its_way(hash in addresses(), url in "https://[a-z]{1,9}\\.org/[!-~猫]{0,20}", text in "[ -~猫]{1,20}") {
        let mut s = went(&hash);
        s.around = Around::default();
        let printed = print(&s);
        prop_assert_eq!(travelled(&printed), Ok(()));
        // an address and a text with everything in them, at the end too
        s.wanted.url = Some(url);
        prop_assert_eq!(travelled(&print(&s)), Ok(()));
        let mut s = went("#m=stamp");
        s.explain.params.insert("word", text.into());
        prop_assert_eq!(travelled(&print(&s)), Ok(()));
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
        // more is forgiven in an address than in a value
        prop_assert!(!taken || refused.is_empty(), "{} {}", key.id, value);
        prop_assert!(refused.is_empty() || print(&s) == "#v=1", "{} {}", key.id, value);
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
    answered(s.reduce(Action::Ready))
}

/// An engine answers until nothing is asked; every class is the first.
fn answered(mut s: State) -> State {
    while let Some(Job { id, ask, .. }) = s.jobs.running.clone() {
        let reply = match &ask {
            Ask::Picture(seen) => {
                let source = seen.source.clone();
                Reply::Picture(Picture {
                    source,
                    original: (9, 9),
                    size: 2,
                    rgba: Rc::new(vec![0; 16]),
                    notes: Vec::new(),
                })
            }
            Ask::Classes(_) => Reply::Classes(vec![ClassScore { index: 285, logit: 1.0, probability: 0.9 }]),
            Ask::Run { question, slot, .. } => {
                let layer = question.params(false).get("layer").and_then(|l| l.as_str().map(str::to_owned));
                let name = layer.filter(|_| *slot == Slot::Maps).unwrap_or_else(|| "relu1_1".into());
                Reply::Ran(vec![Rc::new(Figure::new(Kind::Heat, &name, [1, 1, 1], vec![1.0]))], Value::Null)
            }
            _ => Reply::Done,
        };
        s = s.reduce(Action::Answered(id, reply));
    }
    s
}

/// What was asked next: methods with their targets.
fn next(s: &State) -> Option<(&'static str, Option<Aim>)> {
    s.jobs.running.as_ref().and_then(|j| j.ask.question()).map(|(q, _)| (q.method, q.target))
}

#[test]
fn what_waits_for_the_picture_is_asked_when_it_is_there() {
    let s = went("#img=sample:coffee&m=grad_cam&p=layer:relu4_3&cls=504&autorun=1");
    assert!(s.jobs.all().next().is_none());
    let s = opened(&s);
    assert_eq!(s.cam_class(), Some(504));
    let asked = s.explain.result.as_ref().map(|r| r.question().params(false));
    assert_eq!(asked.map(Value::from), Some(json!({ "layer": "relu4_3", "class": 504 })));
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
    let cat = opened(&went("#img=sample:cat"));
    let there = cat.reduce(Action::Go("#img=sample:cat&layer=conv3_1&ch=5".into()));
    assert_eq!(
        (next(&there), there.layer),
        (Some(("feature_maps", None)), networks::first().index("conv3_1").unwrap())
    );
    let back = answered(there).reduce(Action::Go(print(&cat)));
    assert_eq!((next(&back), back.layer), (Some(("feature_maps", None)), State::default().layer));
    let back = answered(back);
    assert_eq!(step(&back), step(&cat));
    assert!(back.picture.is_some() && back.opening.is_none());
    // a class is asked for once, and given up once
    let classed = back.reduce(Action::Go("#img=sample:cat&cls=3".into()));
    assert_eq!((next(&classed), classed.target), (Some(("cam", Some(Aim::Class(3)))), Some(3)));
    let given_up = answered(classed).reduce(Action::Go("#img=sample:cat".into()));
    assert_eq!((next(&given_up), given_up.target), (Some(("cam", Some(Aim::Class(285)))), None));
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

#[test]
fn an_address_of_an_own_making_is_read_and_printed() {
    // every kind of key that has a form of its own
    for hash in [
        "#v=1&img=url:https://example.org/a.png",
        "#v=1&m=occlusion&p=detail:fine,window:40.0",
        "#v=1&m=deconvnet&p=channel:7",
        "#v=1&m=stamp&p=word:A!2Cb",
        "#v=1&cmp=lrp,rise",
        "#v=1&cmp=lrp,cam,rise,lime,saliency,dff",
        "#v=1&lang=zh&theme=dark&dl=auto",
        "#v=1&lang=en&theme=auto&dl=ask",
    ] {
        let s = went(hash);
        assert_eq!(s.refused, Vec::<String>::new());
        let printed = print(&s);
        assert_eq!(printed.replace("&img=sample:cat", ""), hash);
    }
    let s = went("#m=deconvnet&p=channel:strongest");
    assert!(s.refused.is_empty() && s.explain.params["channel"] == "strongest");
    // a comma that was decoded on the way
    for word in ["A,b", "A,b:c"] {
        assert_eq!(went(&format!("#m=stamp&p=word:{word}")).explain.params["word"], word);
    }
}

#[test]
fn a_value_that_a_key_does_not_take_is_refused() {
    for bad in [
        "cmp=lrp,lrp",
        "cmp=lrp,cam,rise,lime,saliency,dff,occlusion",
        "cmp=magic",
        "img=url:http://example.org/a.png",
        "img=sample:dog",
        "img=mine",
        "m=occlusion&p=window:wide",
        "m=occlusion&p=window:inf",
        "m=maximise&p=start:last",
        "m=deconvnet&p=channel:weakest",
        "m=lrp&p=class:3",
    ] {
        assert_eq!(went(&format!("#{bad}")).refused, [bad.rsplit('&').next().unwrap()]);
    }
    let long = |n: usize| format!("#img=url:https://example.org/{}", "a".repeat(n - 20));
    assert!(went(&long(2000)).refused.is_empty() && !went(&long(2001)).refused.is_empty());
}

#[test]
fn what_is_shared_runs_what_is_shown() {
    let run = |s: &State| opened(&s.reduce(Action::Explain));
    let s = run(&went("#img=sample:cat&m=lrp"));
    assert_eq!(shared(&s), "#v=1&img=sample:cat&m=lrp&autorun=1");
    assert_eq!(shared(&s.reduce(Action::Method("saliency"))), "#v=1&img=sample:cat&m=saliency");
    let framed = opened(&went("#img=sample:cat&view=board&ui=min"));
    assert_eq!(shared(&framed), "#v=1&view=board&img=sample:cat");
    assert_eq!(shared(&answered(framed.reduce(Action::BoardRun))), "#v=1&view=board&img=sample:cat&autorun=1");
    // the whole page runs what its reader came for
    let board = opened(&went("#img=sample:cat&view=board"));
    assert_eq!(shared(&board), "#v=1&view=board&img=sample:cat&autorun=1");
    let elsewhere = answered(opened(&went("#img=sample:cat&view=maps")).reduce(Action::BoardRun));
    assert_eq!(shared(&elsewhere), "#v=1&view=maps&img=sample:cat");
}

#[test]
fn addresses_that_were_bent_on_the_way_are_read() {
    let s = went("#/M=LRP/&&img=SAMPLE:cat/&=&cls=7.\n");
    assert_eq!((s.explain.method, s.wanted.class, &s.refused), ("lrp", Some(7), &Vec::new()));
    // a key without a value and a value without a key are named, without what cannot be shown
    let s = went("#foo&=bar&b\u{7}az=1");
    assert_eq!(s.refused, ["foo=", "=bar", "baz=1"]);
    assert_eq!(went(&format!("#x={}", "y".repeat(99))).refused[0].len(), 60);
}

#[test]
fn a_link_says_which_network_and_an_old_one_means_vgg16() {
    assert_eq!(went("#img=sample:cat&m=grad_cam&layer=relu4_3&p=layer:conv3_1").net.id(), "vgg16");
    let hash = "#v=1&net=squeezenet&img=sample:cat&m=grad_cam&p=layer:fire5/concat&cls=285&unit=fire4/concat:3&layer=fire2/concat&ch=127";
    let s = went(hash);
    assert_eq!((s.net.id(), s.refused.len(), s.net.name(s.layer)), ("squeezenet", 0, "fire2/concat"));
    assert_eq!(s.wanted.unit.map(|u| s.net.text(u)), Some("fire4/concat:3".into()));
    // the order of its keys does not matter, and it is printed as it was read
    let turned = went(
        "#v=1&layer=fire2/concat&img=sample:cat&ch=127&m=grad_cam&p=layer:fire5/concat&cls=285&unit=fire4/concat:3&net=squeezenet",
    );
    assert_eq!(print(&turned), print(&s));
    assert_eq!(print(&went(&print(&s))), print(&s));
    // its first layer is not printed, another network's is refused
    assert_eq!(
        print(&went("#net=squeezenet&layer=relu_conv1&img=sample:cat")),
        print(&went("#net=squeezenet&img=sample:cat"))
    );
    assert_eq!(went("#net=squeezenet&layer=relu4_3").refused, ["layer=relu4_3"]);
    assert_eq!(went("#net=alexnet").refused, ["net=alexnet"]);
    assert!(!print(&went("#net=vgg16")).contains("net="));
}
