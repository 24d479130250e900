//! The story: its texts in every language, what its paragraphs put onto the stage, and how its questions are judged.
#![allow(missing_docs, reason = "a test")]

use std::collections::BTreeSet;
use std::path::Path;
use std::rc::Rc;

use cnn_lens::catalog::{Lang, networks};
use cnn_lens::figure::told::{Cell, Shade, Table};
use cnn_lens::figure::{Figure, Kind};
use cnn_lens::methods::find;
use cnn_lens::state::tale::{CHAPTERS, Kind as Predicted, Tale};
use cnn_lens::state::{
    Action, Ask, ClassScore, Effect, Guess, Picture, Reading, Reply, Slot, Source, State, Turn, Verdict, View, link,
};
use serde_json::{Value, json};

const LANGS: [(&str, Lang); 2] = [("en", Lang::En), ("zh", Lang::Zh)];

fn file(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("www/story/{name}.json"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn told(lang: Lang) -> Tale {
    Tale::new(lang, file(LANGS.iter().find(|l| l.1 == lang).unwrap().0))
}

/// A file without its texts: what is the same in every language.
fn structure(v: &Value) -> Value {
    const TEXTS: [&str; 7] = ["text", "title", "ask", "said", "teacher", "answer", "words"];
    match v {
        Value::Object(all) => all
            .iter()
            .map(|(k, v)| (k.clone(), if TEXTS.contains(&k.as_str()) { json!("") } else { structure(v) }))
            .collect(),
        Value::Array(all) => all.iter().map(structure).collect(),
        v => v.clone(),
    }
}

fn texts(v: &Value, found: &mut Vec<String>) {
    match v {
        Value::Object(all) => all.values().for_each(|v| texts(v, found)),
        Value::Array(all) => all.iter().for_each(|v| texts(v, found)),
        Value::String(text) => found.push(text.clone()),
        _ => {}
    }
}

#[test]
fn every_language_has_the_same_story() {
    let first = structure(&file("en"));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/story");
    let names: BTreeSet<String> =
        std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(names, LANGS.iter().map(|l| format!("{}.json", l.0)).collect());
    for (name, lang) in LANGS {
        let whole = file(name);
        assert_eq!(structure(&whole), first, "{name}");
        let ids: Vec<&str> = whole["chapters"].as_array().unwrap().iter().map(|c| c["id"].as_str().unwrap()).collect();
        assert_eq!(ids, CHAPTERS, "{name}");
        let mut all = Vec::new();
        texts(&whole, &mut all);
        assert!(all.iter().all(|t| !t.trim().is_empty()), "{name}: an empty text");
        let tale = told(lang);
        for (number, written) in whole["chapters"].as_array().unwrap().iter().enumerate() {
            let chapter = tale.chapter(number);
            assert!((3..=5).contains(&chapter.len()), "{}", chapter.title());
            assert!((1..=chapter.len()).contains(&chapter.question().after()), "{}", chapter.title());
            for i in 0..chapter.len() {
                assert!(chapter.text(i).chars().count() < 650, "{}", chapter.text(i));
            }
            for poster in written["posters"].as_array().unwrap() {
                // the words in them are of a language
                let folder = if lang == Lang::Zh { "www/posters/zh" } else { "www/posters" };
                let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(poster.as_str().unwrap());
                assert!(path.exists(), "{poster}");
            }
        }
    }
}

/// Every word that the page asks for is in the files, and no other.
#[test]
fn the_words_are_those_of_the_page() {
    let sources = ["src/ui/components/story.rs", "src/ui/components/prediction.rs", "www/story.js"];
    let read = |name: &str| std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap();
    let code: String = sources.map(read).concat();
    let words: BTreeSet<String> = file("en")["words"].as_object().unwrap().keys().cloned().collect();
    for word in &words {
        assert!(code.contains(&format!("\"{word}\"")) || code.contains(&format!("words.{word}")), "{word} is not used");
    }
    let name = |rest: &str| rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect::<String>();
    for ask in ["word(\"", "words."] {
        for rest in code.split(ask).skip(1) {
            assert!(words.contains(&name(rest)), "{} is not in the files", name(rest));
        }
    }
}

#[test]
fn chinese_is_chinese_and_english_is_english() {
    let chinese = |t: &str| t.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    let english = told(Lang::En);
    let translated = told(Lang::Zh);
    for number in 0..CHAPTERS.len() {
        let (en, zh) = (english.chapter(number), translated.chapter(number));
        for (en, zh) in (0..en.len()).map(|i| (en.text(i), zh.text(i))) {
            // the one Chinese word that the English text quotes
            assert!(!chinese(&en.replace("网络解耦", "")), "{en}");
            assert!(chinese(zh) && !zh.contains(" %"), "{zh}");
        }
    }
}

/// Every view: of paragraphs and of questions.
fn views(tale: &Tale) -> Vec<&str> {
    let of = |c: usize| {
        let chapter = tale.chapter(c);
        (0..chapter.len()).map(move |i| chapter.view(i)).chain([chapter.question().view()])
    };
    (0..CHAPTERS.len()).flat_map(of).collect()
}

#[test]
fn every_view_is_one() {
    for (_, lang) in LANGS {
        for view in views(&told(lang)) {
            let mut s = State::default();
            assert_eq!(link::read(&mut s, view), Vec::<String>::new(), "{view}");
            assert!(
                s.opening.is_none() && s.wanted.url.is_none() && !s.wanted.own_picture,
                "{view}: on whatever photo is there"
            );
            assert!(s.frame.lang.is_none() && s.frame.theme.is_none() && s.story.at.is_none(), "{view}");
            // what has to be computed is computed
            let runs = !s.explain.method.is_empty() || s.frame.view == View::Board;
            assert_eq!(s.frame.autorun, runs, "{view}");
            // and its address says the same
            let mut again = State::default();
            link::read(&mut again, &link::print(&s));
            assert_eq!(link::print(&again), link::print(&s), "{view}");
        }
    }
}

#[test]
fn addresses_name_places_of_the_story() {
    for (text, at) in [
        ("occlusion", Reading { chapter: 6, paragraph: 0, paused: false }),
        ("occlusion.2", Reading { chapter: 6, paragraph: 1, paused: false }),
        ("maps.paused", Reading { chapter: 1, paragraph: 0, paused: true }),
        ("maps.4.paused", Reading { chapter: 1, paragraph: 3, paused: true }),
    ] {
        assert_eq!((Reading::read(text), at.print().as_str()), (Some(at), text));
    }
    for text in ["", "nothing", "maps.0", "maps.x", "maps.99", ".2", "paused"] {
        assert_eq!(Reading::read(text), None, "{text}");
    }
}

// the engine's side

const MAP: [f32; 16] = [4.0, 2.0, 0.0, -9.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];

fn table(name: &str, columns: &[&str], row: &str, cells: Vec<Cell>) -> Value {
    let mut table = Table::new(name, Shade::Plain, columns);
    table.row(row, cells);
    json!([table])
}

/// Facts of the shape that each method's `run` gives (tests/sentences.rs has them all).
fn facts(method: &str) -> Value {
    match method {
        "deconvnet" => {
            json!({ "channel": 3, "places": (0..9).map(|i| json!({ "activation": 9.0 - f64::from(i) })).collect::<Vec<_>>() })
        }
        "maximise" => json!({ "objective": 8.0, "shaken": 2.0 }),
        "channel_ranking" => json!({ "half": 7 }),
        "layer_lens" => json!({ "lens": [{ "layer": "relu3_2", "rank": 5 }, { "layer": "relu3_3", "rank": 42 }] }),
        "shuffle" => {
            json!({ "tables": table("variants", &["probability", "std", "keeps_the_answer"], "4 x 4", vec![0.2.into(), 0.1.into(), 0.3.into()]) })
        }
        "randomisation" => {
            json!({ "tables": table("verdict", &["all_drawn", "mean"], "guided_backprop", vec![0.6.into(), 0.4.into()]) })
        }
        "adversarial" => json!({ "flipped": 1, "classes": [
            { "class": 285, "before": 0.9, "after": 0.1, "logit_before": 9.0, "logit_after": 5.0 },
            { "class": 282, "before": 0.05, "after": 0.8, "logit_before": 6.1, "logit_after": 7.1 }
        ] }),
        _ => Value::Null,
    }
}

fn reply(ask: &Ask) -> Reply {
    match ask {
        Ask::Picture(seen) => Reply::Picture(Picture {
            source: seen.source.clone(),
            original: (9, 9),
            size: 2,
            rgba: Rc::new(vec![0; 16]),
            notes: Vec::new(),
        }),
        Ask::Classes(_) => Reply::Classes(
            [285, 281, 282].iter().map(|i| ClassScore { index: *i, logit: 1.0, probability: 0.25 }).collect(),
        ),
        Ask::Run { question, slot, .. } => {
            let layer = question.params(false).get("layer").and_then(|l| l.as_str().map(str::to_owned));
            let figure = match slot {
                Slot::Maps => {
                    let data = vec![0.0, -1.0, 0.0, 0.0, 3.0, 0.0, 1.0, 0.0];
                    Figure::new(Kind::Tiles, &layer.unwrap_or_else(|| "relu1_1".into()), [2, 2, 2], data)
                }
                _ => Figure::new(Kind::Heat, "map", [1, 4, 4], MAP.to_vec()),
            };
            Reply::Ran(vec![Rc::new(figure)], json!({ "ms": 5000.0, "facts": facts(question.method) }))
        }
        _ => Reply::Done,
    }
}

fn settled(mut s: State) -> State {
    for _ in 0..100 {
        let Some(job) = s.jobs.running.clone() else { return s };
        s = s.reduce(Action::Answered(job.id, reply(&job.ask)));
    }
    panic!("asks without end");
}

/// A page with the reader's own photo.
fn open() -> State {
    settled(State::default().reduce(Action::Ready).reduce(Action::Open(Source::File(1, "mine.png".into()))))
}

fn turn(s: &State, turn: Turn) -> State {
    s.reduce(Action::Story(turn))
}

fn chapter(id: &str) -> usize {
    CHAPTERS.iter().position(|c| *c == id).unwrap()
}

/// A page that reads a chapter.
fn reading(id: &str) -> State {
    let s = turn(&open(), Turn::To(chapter(id), 0));
    assert!(s.effects.contains(&Effect::Story(Lang::En)), "the text is asked for when the story is opened");
    turn(&s, Turn::Fetched(Rc::new(told(Lang::En))))
}

fn guessed(id: &str, guess: Guess) -> Option<Verdict> {
    let s = turn(&settled(reading(id)), Turn::Guess(guess));
    assert!(s.story.verdict.is_none() || s.jobs.running.is_none(), "no verdict before its result");
    settled(s).story.verdict
}

#[test]
fn paragraphs_put_their_views_onto_the_stage_with_the_readers_photo() {
    let s = settled(reading("occlusion"));
    assert_eq!((s.frame.view, s.explain.method), (View::Cam, ""));
    let s = turn(&s, Turn::Scrolled(1));
    assert_eq!((s.explain.method, s.frame.shown(s.explain.method)), ("occlusion", View::Method));
    assert!(matches!(s.source(), Some(Source::File(1, _))), "the reader's own photo");
    let done = settled(s);
    assert!(done.explain.result.is_some());
    assert!(link::print(&done).starts_with("#v=1&story=occlusion.2&"), "{}", link::print(&done));
    // the same view is not computed again
    let on = turn(&done, Turn::To(chapter("occlusion"), 3));
    assert!(on.jobs.running.is_none(), "{:?}", on.jobs.running);
    // another photo: the same is shown of it
    let other = settled(on.reduce(Action::Open(Source::File(2, "other.png".into()))));
    let asked = other.explain.result.as_ref().map(|r| r.question().seen.source.clone());
    assert_eq!(asked, Some(Source::File(2, "other.png".into())));
}

#[test]
fn whoever_touches_the_stage_pauses_the_story() {
    let s = settled(turn(&settled(reading("occlusion")), Turn::Scrolled(1)));
    for touch in [
        Action::Target(3),
        Action::Layer(5),
        Action::Method("lrp"),
        Action::Param("detail", "fine".into()),
        Action::BoardRun,
    ] {
        let paused = settled(s.reduce(touch.clone()));
        assert!(paused.reading().is_some_and(|at| at.paused && at.paragraph == 1), "{touch:?}");
        assert!(link::print(&paused).contains("story=occlusion.2.paused"), "{touch:?}");
        let still = turn(&paused, Turn::Scrolled(2));
        assert_eq!((still.reading(), &still.explain), (paused.reading(), &paused.explain), "scrolling changes nothing");
        let back = settled(turn(&paused, Turn::Back));
        assert!(back.reading().is_some_and(|at| !at.paused && at.paragraph == 1));
        assert_eq!((back.explain.method, back.target), ("occlusion", None), "{touch:?}");
        assert_eq!(back.explain.params, s.explain.params, "{touch:?}");
    }
    for look in [Action::Opacity(0.2), Action::Unit(Some((1, 1))), Action::Lang(Lang::Zh)] {
        assert!(s.reduce(look).reading().is_some_and(|at| !at.paused));
    }
    let closed = turn(&s, Turn::Close);
    assert!(closed.reading().is_none() && !link::print(&closed).contains("story"));
}

/// The text's numbers and layers are the first network's.
#[test]
fn the_story_is_told_on_its_own_network() {
    let small = || networks::get("squeezenet").unwrap();
    let s = settled(turn(&settled(reading("maps")), Turn::Scrolled(2)));
    assert!(s.reduce(Action::Network(networks::first())).reading().is_some_and(|at| !at.paused), "it is in use");
    // who chooses another one has it for themselves, until the story goes on
    let other = settled(s.reduce(Action::Network(small())).reduce(Action::Ready));
    assert!(other.reading().is_some_and(|at| at.paused) && other.net == small());
    assert_eq!(turn(&other, Turn::Scrolled(3)).net, small());
    let back = settled(turn(&other, Turn::Back).reduce(Action::Ready));
    assert_eq!((back.net.id(), back.net.name(back.layer)), ("vgg16", s.net.name(s.layer)));
    assert!(back.reading().is_some_and(|at| !at.paused && at.paragraph == 2));
    // an address that names another one is told so, and a paused place keeps it
    let linked = State::default().reduce(Action::Go("#story=maps.3&net=squeezenet".into()));
    assert_eq!((linked.net.id(), linked.refused.as_slice()), ("vgg16", &["net=squeezenet".to_owned()][..]));
    let paused = State::default().reduce(Action::Go(link::print(&other)));
    assert!(paused.net == small() && paused.refused.is_empty(), "{:?}", paused.refused);
    // opened from another network
    let opened = open().reduce(Action::Network(small())).reduce(Action::Ready);
    assert_eq!(settled(opened).reduce(Action::Go("#story=convolution".into())).net.id(), "vgg16");
}

#[test]
fn a_link_opens_exactly_its_paragraph() {
    let s = State::default().reduce(Action::Ready).reduce(Action::Go("#story=maps.3&lang=zh&m=lrp&autorun=1".into()));
    assert!(s.effects.contains(&Effect::Story(Lang::Zh)) && s.refused.is_empty());
    let s = settled(turn(&s, Turn::Fetched(Rc::new(told(Lang::Zh)))));
    assert_eq!(s.reading(), Some(Reading { chapter: 1, paragraph: 2, paused: false }));
    assert_eq!((s.frame.view, s.explain.method, s.layer_maps().is_some()), (View::Maps, "", true));
    assert_eq!(s.net.name(s.layer), "relu5_3");
    assert!(s.explain.result.is_none(), "the paragraph says what runs");
    // a paused one leaves the stage as it is
    let paused =
        State::default().reduce(Action::Ready).reduce(Action::Go("#story=maps.3.paused&m=lrp&autorun=1".into()));
    let paused = settled(turn(&settled(paused), Turn::Fetched(Rc::new(told(Lang::En)))));
    assert_eq!(paused.explain.result.as_ref().map(|r| r.question().method), Some("lrp"));
    // and a frame has no story
    assert!(State::default().reduce(Action::Go("#story=maps&ui=min".into())).reading().is_none());
}

#[test]
fn what_was_drawn_is_compared_with_the_map() {
    // the left upper quarter of the photo holds all that is above zero; what is below does not count
    let region = "box 0 0 50 50".parse().unwrap();
    assert_eq!(guessed("occlusion", Guess::Drawn(region)), Some(Verdict::Inside { area: 0.25, share: Some(1.0) }));
    let region = "box 0 0 25 25".parse().unwrap();
    assert_eq!(guessed("occlusion", Guess::Drawn(region)), Some(Verdict::Inside { area: 0.0625, share: Some(0.5) }));
    let region = "box 50 50 50 50".parse().unwrap();
    assert_eq!(guessed("occlusion", Guess::Drawn(region)), Some(Verdict::Inside { area: 0.25, share: Some(0.0) }));
}

#[test]
fn a_class_is_compared_with_the_engines_answer() {
    assert_eq!(guessed("robust", Guess::Class(Some(282))), Some(Verdict::Class { class: 282, right: true }));
    assert_eq!(guessed("robust", Guess::Class(Some(285))), Some(Verdict::Class { class: 282, right: false }));
    assert_eq!(guessed("robust", Guess::Class(None)), Some(Verdict::Class { class: 282, right: false }));
}

#[test]
fn every_choice_has_its_number_and_every_range_its_place() {
    let expected = [
        ("convolution", 0.75, 2),
        ("maps", 1.0, 0),
        ("strongest", 1.0 / 9.0, 0),
        ("maximise", 0.25, 0),
        ("cascade", 7.0, 1),
        ("layers", 42.0, 1),
        ("bias", 0.3, 1),
        ("trust", 0.6, 2),
    ];
    for (id, number, place) in expected {
        let verdict = guessed(id, Guess::Range(place));
        let Some(Verdict::Range { value: Some(value), range, right: true }) = verdict else {
            panic!("{id}: {verdict:?}")
        };
        assert!((value - number).abs() < 1e-6 && range == place, "{id}: {value} {range}");
        let wrong = guessed(id, Guess::Range(if place == 0 { 1 } else { 0 }));
        assert!(matches!(wrong, Some(Verdict::Range { right: false, .. })), "{id}");
    }
    assert!(
        matches!(guessed("board", Guess::Range(2)), Some(Verdict::Range { value: Some(v), right: true, .. }) if v > 0.5)
    );
    assert!(
        matches!(guessed("unseen", Guess::Range(1)), Some(Verdict::Range { value: Some(v), right: true, .. }) if (v - 0.75).abs() < 1e-6)
    );
    // none is left out
    let tale = told(Lang::En);
    let others = ["deconvnet", "occlusion", "robust", "board", "unseen"];
    for (number, id) in CHAPTERS.iter().enumerate() {
        assert!(expected.iter().any(|e| e.0 == *id) || others.contains(id), "{id}");
        let question = tale.chapter(number).question();
        if question.kind() == Predicted::Range {
            let ends: Vec<f64> = question.ranges().map_while(|r| r.1).collect();
            assert!(
                ends.len() + 1 == question.ranges().count() && ends.windows(2).all(|e| e[0] < e[1]),
                "{id}: {ends:?}"
            );
        }
    }
}

#[test]
fn a_prediction_waits_for_its_own_result() {
    let s = settled(reading("robust"));
    let asked = turn(&s, Turn::Guess(Guess::Class(None)));
    assert!(asked.story.verdict.is_none() && asked.jobs.running.is_some());
    // scrolling on meanwhile does not take the answer away
    let scrolled = settled(turn(&asked, Turn::Scrolled(2)));
    assert!(scrolled.story.verdict.is_some() && scrolled.reading().is_some_and(|at| at.paragraph == 2));
    assert_eq!(
        turn(&scrolled, Turn::Scrolled(3)).explain.params.get("epsilon"),
        Some(&json!(0.5)),
        "then the stage follows again"
    );
    // touched meanwhile, or left: no result of something else is taken for it, and nobody waits
    let other = settled(asked.reduce(Action::Method("lrp")).reduce(Action::Explain));
    assert!(
        other.story.verdict.is_none() && other.story.guess.is_none() && other.reading().is_some_and(|at| at.paused)
    );
    let left = settled(turn(&asked, Turn::To(chapter("robust"), 2)));
    assert!(left.story.verdict.is_none() && left.story.guess.is_none());
    // and it can be made anew
    let again = turn(&settled(asked), Turn::Again);
    assert!(again.story.guess.is_none() && again.story.verdict.is_none());
    // another chapter has another question
    let next = turn(&settled(turn(&s, Turn::Guess(Guess::Class(None)))), Turn::To(chapter("bias"), 0));
    assert!(next.story.guess.is_none() && next.story.verdict.is_none());
}

#[test]
fn the_methods_of_the_story_exist() {
    for view in views(&told(Lang::En)) {
        let mut s = State::default();
        link::read(&mut s, view);
        assert!(s.explain.method.is_empty() || find(s.explain.method).is_some(), "{view}");
    }
}
