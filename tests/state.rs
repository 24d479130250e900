//! The page's reducer: what stays, what goes, and what is asked of the outside.
#![allow(missing_docs, reason = "a test")]

use std::rc::Rc;

use cnn_lens::catalog::ProblemKind;
use cnn_lens::figure::{Figure, Kind};
use cnn_lens::protocol::Problem;
use cnn_lens::state::{Action, ClassScore, Effect, Explained, Picture, Place, Source, State};
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
    let opened = shown.reduce(Action::Opened(picture(example)));
    assert!(opened.precomputed && opened.cam.is_some());
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
