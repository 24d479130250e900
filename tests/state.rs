//! The page's reducer: what stays, what goes, and what is asked of the outside.
#![allow(missing_docs, reason = "a test")]

use std::rc::Rc;

use cnn_lens::catalog::{ProblemKind, Unit};
use cnn_lens::figure::{Figure, Kind};
use cnn_lens::protocol::Problem;
use cnn_lens::state::{Action, Aim, Catalogue, ClassScore, Effect, Explained, Given, Picture, Place, Source, State};
use serde_json::Value;

fn picture(source: Source) -> Picture {
    Picture { source, original: (9, 9), size: 2, rgba: Rc::new(vec![0; 16]), notes: Vec::new() }
}

fn heat() -> Figure {
    Figure::new(Kind::Heat, "cam", [1, 1, 1], vec![1.0])
}

#[test]
fn a_bad_file_leaves_the_last_picture_and_says_why() {
    let open = State::default().reduce(Action::Opened(picture(Source::File(1, "a.png".into()))));
    let asked = open.reduce(Action::Open(Source::File(2, "b.txt".into())));
    assert_eq!(asked.effects, [(1, Effect::Open(Source::File(2, "b.txt".into()), false))]);
    let refused = asked.reduce(Action::Problem(Problem::new(ProblemKind::NotAnImage, "b.txt")));
    assert_eq!(refused.picture, open.picture);
    assert_eq!(refused.problem.map(|p| p.kind), Some(ProblemKind::NotAnImage));
}

#[test]
fn precomputed_results_stay_until_the_live_ones_come() {
    let example = Source::Example("cat");
    let asked = State::default().reduce(Action::Open(example.clone()));
    let classes = vec![ClassScore { index: 285, logit: 1.0, probability: 0.9 }];
    let shown = asked.reduce(Action::Precomputed(picture(example.clone()), classes, heat()));
    assert!(shown.precomputed && shown.class() == Some(285));
    // the engine's pixels are the ones that everything else is computed from
    let own = Picture { rgba: Rc::new(vec![7; 16]), ..picture(example) };
    let opened = shown.reduce(Action::Opened(own.clone()));
    assert!(opened.precomputed && opened.cam.is_some() && opened.picture == Some(own));
    assert!(!opened.reduce(Action::Cam(heat(), 285, 5.0)).precomputed);
}

#[test]
fn late_precomputed_results_are_dropped() {
    let other = State::default().reduce(Action::Open(Source::File(1, "a".into())));
    let late = other.reduce(Action::Precomputed(picture(Source::Example("cat")), Vec::new(), heat()));
    assert!(late.picture.is_none());
}

#[test]
fn a_cancel_is_no_problem() {
    let s = State::default().reduce(Action::Problem(Problem::new(ProblemKind::Cancelled, "")));
    assert!(s.problem.is_none() && s.busy.is_none());
}

#[test]
fn effects_are_numbered_so_that_each_is_done_once() {
    let a = State::default().reduce(Action::Layer(3));
    assert_eq!(a.effects, [(1, Effect::Maps(3, false))]);
    // the outside has not looked yet: nothing is lost
    let b = a.reduce(Action::Idle).reduce(Action::Target(7));
    assert_eq!(b.effects, [(1, Effect::Maps(3, false)), (2, Effect::Cam(Some(7)))]);
}

#[test]
fn a_method_runs_with_its_parameters_and_its_result_ages_with_the_picture() {
    let state = State::default().reduce(Action::Opened(picture(Source::File(1, "a.png".into()))));
    let state = state.reduce(Action::Target(7)).reduce(Action::Method("occlusion"));
    let asked = state.reduce(Action::Param("window", 40.into())).reduce(Action::Explain);
    let params = [("window", 40.into())].into_iter().collect();
    assert_eq!(
        asked.effects.back().map(|e| &e.1),
        Some(&Effect::Explain("occlusion", params, Some(7.into()), Place::Main))
    );
    let result = Explained { method: "occlusion", figures: Vec::new(), meta: Value::Null, stale: false };
    let shown = asked.reduce(Action::Explained(result, Place::Main));
    assert!(shown.explain.result.as_ref().is_some_and(|r| !r.stale));
    let next = shown.reduce(Action::Opened(picture(Source::File(2, "b.png".into()))));
    assert!(next.explain.result.is_some_and(|r| r.stale), "kept, and marked as the picture's before");
}

#[test]
fn the_board_computes_what_is_missing_and_follows_the_target() {
    let unit = Unit { layer: 29, channel: 6, place: None };
    let scores = |list: &[usize]| list.iter().map(|i| ClassScore { index: *i, logit: 0.0, probability: 0.1 }).collect();
    let state = State::default().reduce(Action::Classes(scores(&[285, 281])));
    assert_eq!(state.board.methods.len(), 6);
    let full = state.reduce(Action::BoardToggle("rise"));
    assert_eq!(full.board.methods.len(), 6, "six at most");
    let one = full.board.methods.iter().skip(1).fold(full.clone(), |s, m| s.reduce(Action::BoardToggle(m)));
    let asked = one.reduce(Action::BoardRun);
    let tasks = vec![("cam", Aim::Class(285)), ("cam", Aim::Class(281))];
    assert_eq!(asked.effects.back().map(|e| &e.1), Some(&Effect::Board(tasks, Given::new())));
    let figure = Rc::new(Figure::new(Kind::Heat, "cam", [1, 1, 3], vec![1.0, 2.0, 4.0]));
    let got = [285, 281]
        .iter()
        .fold(asked, |s, c| s.reduce(Action::BoardMap("cam", Aim::Class(*c), Some(Rc::clone(&figure)))));
    assert_eq!(got.board.swap("cam", Aim::Class(285), Aim::Class(281)), Some(1.0));
    // nothing is computed twice, and a new target is
    assert_eq!(got.reduce(Action::BoardRun).effects.len(), got.effects.len());
    let aimed = got.reduce(Action::Aim(Some(unit)));
    assert_eq!(aimed.effects.back().map(|e| &e.1), Some(&Effect::Board(vec![("cam", Aim::Unit(unit))], Given::new())));
    // another picture, another board
    assert!(aimed.reduce(Action::Opened(picture(Source::File(2, "b".into())))).board.maps.is_empty());
}

#[test]
fn a_paused_climb_keeps_what_it_shows_and_is_continued() {
    let start = State::default().reduce(Action::Method("maximise")).reduce(Action::Explain);
    assert!(start.explain.running && start.busy.is_some(), "it can be stopped before its first step");
    let told = serde_json::json!({ "steps_done": 9 });
    let paused = start.reduce(Action::Partial(vec![Rc::new(heat())], told)).reduce(Action::Pause);
    assert_eq!(paused.effects.back().map(|e| &e.1), Some(&Effect::Cancel));
    let stopped = paused.reduce(Action::Problem(Problem::new(ProblemKind::Cancelled, ""))).reduce(Action::Idle);
    assert!(!stopped.explain.running);
    assert!(stopped.explain.paused && stopped.explain.partial.len() == 1 && stopped.explain.told["steps_done"] == 9);
    let given = Given::from([("start", Value::from("last"))]);
    let on = stopped.reduce(Action::Resume);
    assert_eq!(on.effects.back().map(|e| &e.1), Some(&Effect::Explain("maximise", given, None, Place::Main)));
    // a cancel keeps nothing, and neither does another method
    assert!(on.reduce(Action::Idle).explain.partial.is_empty());
    assert!(!stopped.reduce(Action::Method("dream")).explain.paused);
}

#[test]
fn the_catalogue_is_fetched_once_and_knows_where_a_unit_s_picture_is() {
    let asked = State::default().reduce(Action::CatalogueWanted);
    assert_eq!(asked.effects.back().map(|e| &e.1), Some(&Effect::Catalogue));
    assert_eq!(asked.reduce(Action::CatalogueWanted).effects.len(), 1);
    let catalogue = Catalogue { cell: 96, columns: 2, channels: [("conv5_3".into(), vec![5, 63, 7])].into() };
    let unit = |text: &str| text.parse::<Unit>().unwrap();
    // whatever stage the unit is looked at
    for text in ["conv5_3:7", "relu5_3:7", "pool5:7", "relu5_3:7@1,1"] {
        assert_eq!(catalogue.find(unit(text)), Some(("conv5_3", 2, [0, 1])), "{text}");
    }
    assert_eq!(catalogue.find(unit("relu5_3:8")), None);
    assert_eq!(catalogue.find(unit("relu5_2:7")), None);
}

#[test]
fn a_second_picture_leaves_the_first_alone() {
    let open = State::default().reduce(Action::Opened(picture(Source::File(1, "a.png".into()))));
    let both =
        open.reduce(Action::OpenSecond(Source::Example("cat"))).reduce(Action::Second(picture(Source::Example("cat"))));
    assert_eq!(both.picture, open.picture);
    assert_eq!(both.second.map(|p| p.source), Some(Source::Example("cat")));
}
