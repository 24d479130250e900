//! The page's reducer: what stays, what goes, what is asked of the outside, and under which question an answer stands.
#![allow(missing_docs, reason = "a test")]

use std::rc::Rc;

use cnn_lens::catalog::card::Card;
use cnn_lens::catalog::picture::{Crop, Fit};
use cnn_lens::catalog::posters::maps;
use cnn_lens::catalog::{NetworkSpec, ProblemKind, Unit, networks};
use cnn_lens::figure::scale::Normalise;
use cnn_lens::figure::{Figure, Kind};
use cnn_lens::protocol::{DeviceReport, Problem};
use cnn_lens::state::board::{alike, difference, shared_fifth, swap};
use cnn_lens::state::pair::{Columns, MOST_PHOTOS, same};
use cnn_lens::state::question::fits;
use cnn_lens::state::{
    Action, Aim, Ask, By, ClassScore, Difference, Effect, Export, Format, JobId, Maps, Mode, Order, Palette, Picture,
    Question, Reply, Seen, Slot, Source, Sprites, State, View, link,
};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

fn picture(source: Source) -> Picture {
    Picture { source, original: (9, 9), size: 2, rgba: Rc::new(vec![0; 16]), notes: Vec::new() }
}

fn file(id: u32) -> Source {
    Source::File(id, format!("{id}.png"))
}

fn heat() -> Figure {
    Figure::new(Kind::Heat, "cam", [1, 1, 1], vec![1.0])
}

fn scores(list: &[usize]) -> Vec<ClassScore> {
    list.iter().map(|i| ClassScore { index: *i, logit: 0.0, probability: 0.1 }).collect()
}

fn problem(kind: ProblemKind) -> Problem {
    Problem::new(kind, "")
}

/// What a question's answer looks like here: its figure says which question it answers.
fn mark(question: &Question) -> String {
    format!("{question:?}")
}

/// The class that a network tells of a folder's photo here: they agree on photos with an even number.
fn sorted(seen: &Seen) -> usize {
    let Source::File(id, _) = seen.source else { return 0 };
    if id % 2 == 0 || seen.net == networks::first() { 10 } else { 20 }
}

/// What an engine answers: the truth, and nothing but the question that it was asked.
fn reply(ask: &Ask) -> Reply {
    match ask {
        Ask::Picture(seen) => Reply::Picture(picture(seen.source.clone())),
        Ask::Classes(_) => Reply::Classes(scores(&[285, 281, 282])),
        // the other network's own
        Ask::Other(_) => Reply::Classes(scores(&[281, 285])),
        Ask::Sort(seen) => Reply::Sorted(picture(seen.source.clone()), scores(&[sorted(seen)]).remove(0)),
        Ask::Run { question, slot, .. } => {
            let asked = question.params(false);
            let name = if *slot == Slot::Maps {
                asked.get("layer").and_then(Value::as_str).unwrap_or("relu1_1").to_owned()
            } else {
                mark(question)
            };
            let mut figure = Figure::new(Kind::Heat, &name, [1, 1, 3], vec![1.0, 2.0, 4.0]);
            figure.info.model_scale = asked.get("scale").map(|_| 7.0);
            Reply::Ran(vec![Rc::new(figure)], json!({ "ms": 5000.0, "facts": { "channels": [0] } }))
        }
        Ask::Second(source) => Reply::Picture(picture(source.clone())),
        _ => Reply::Done,
    }
}

fn running(s: &State) -> Option<(JobId, Ask)> {
    s.jobs.running.as_ref().map(|j| (j.id, j.ask.clone()))
}

/// The state after the running job was answered.
fn step(s: &State) -> State {
    let (id, ask) = running(s).expect("a job runs");
    s.reduce(Action::Answered(id, reply(&ask)))
}

/// The state after all jobs were answered, one after another.
fn settled(mut s: State) -> State {
    for _ in 0..200 {
        if s.jobs.running.is_none() {
            return s;
        }
        s = step(&s);
    }
    panic!("asks without end: {:?}", s.jobs);
}

/// A page whose engine has taken a picture.
fn open() -> State {
    settled(State::default().reduce(Action::Ready).reduce(Action::Open(file(1))))
}

fn asked(s: &State) -> Vec<&Ask> {
    s.effects.iter().filter_map(|e| if let Effect::Ask(_, ask) = e { Some(ask) } else { None }).collect()
}

#[test]
fn nothing_is_asked_of_an_engine_that_is_not_there() {
    let s = State::default().reduce(Action::Open(file(1))).reduce(Action::Layer(3));
    assert!(s.effects.is_empty() && s.jobs.running.is_none());
    let s = s.reduce(Action::Ready);
    assert!(matches!(asked(&s)[..], [Ask::Picture(seen)] if seen.source == file(1) && !seen.taught));
    let s = settled(s);
    assert_eq!((s.classes.len(), s.cam_class(), s.layer_maps().map(|m| m.layer)), (3, Some(285), Some(3)));
}

#[test]
fn a_bad_file_leaves_the_last_picture_and_says_why() {
    let before = open();
    let tried = before.reduce(Action::Open(file(2)));
    let (id, _) = running(&tried).unwrap();
    let refused = tried.reduce(Action::Failed(id, problem(ProblemKind::NotAnImage)));
    assert_eq!(refused.picture, before.picture);
    assert!(refused.opening.is_none() && refused.jobs.running.is_none());
    assert_eq!(refused.problem.map(|p| p.kind), Some(ProblemKind::NotAnImage));
}

#[test]
fn a_head_that_could_not_be_set_is_not_shown_as_set() {
    let tried = open().reduce(Action::Teach(true));
    assert!(tried.taught && matches!(asked(&tried)[..], [Ask::Picture(seen)] if seen.taught));
    let (id, _) = running(&tried).unwrap();
    let refused = tried.reduce(Action::Failed(id, problem(ProblemKind::FileChanged)));
    assert!(!refused.taught && refused.picture.is_some() && refused.jobs.running.is_none());
    // and the visitor can try again
    assert!(!asked(&refused.reduce(Action::Teach(true))).is_empty());
}

#[test]
fn precomputed_results_stay_until_the_live_ones_come() {
    let example = Source::Example("cat");
    let s = State::default().reduce(Action::Open(example.clone()));
    assert_eq!(s.effects, [Effect::Precomputed(networks::first(), "cat")]);
    let shown =
        s.reduce(Action::Precomputed(networks::first(), picture(example.clone()), scores(&[285]), vec![heat()]));
    assert!(shown.precomputed && shown.class() == Some(285) && shown.cam_class() == Some(285));
    let ready = shown.reduce(Action::Ready);
    let (id, _) = running(&ready).unwrap();
    // the engine's pixels are the ones that everything else is computed from
    let own = Picture { rgba: Rc::new(vec![7; 16]), ..picture(example) };
    let opened = ready.reduce(Action::Answered(id, Reply::Picture(own.clone())));
    assert!(opened.precomputed && opened.cam.is_some() && opened.picture == Some(own));
    assert!(!settled(opened).precomputed);
}

#[test]
fn an_example_has_the_maps_of_its_listed_classes_at_once() {
    let map = |v: f32| Figure::new(Kind::Heat, "cam", [1, 1, 1], vec![v]);
    let early = Action::Precomputed(
        networks::first(),
        picture(Source::Example("cat")),
        scores(&[285, 281]),
        vec![map(1.0), map(2.0)],
    );
    let seen = |s: &State| (s.cam_class(), s.cam.as_ref().map(|c| c.own().1.0.data[0]));
    let s = State::default().reduce(Action::Open(Source::Example("cat"))).reduce(early.clone());
    assert_eq!(seen(&s), (Some(285), Some(1.0)));
    let other = s.reduce(Action::Target(281));
    assert_eq!(seen(&other), (Some(281), Some(2.0)));
    // of what is not listed nothing is known yet: the old map keeps its own name
    assert_eq!(seen(&other.reduce(Action::Target(3))), (Some(281), Some(2.0)));
    // a link's class, too
    assert_eq!(
        seen(&State::default().reduce(Action::Go("#img=sample:cat&cls=281".into())).reduce(early)),
        (Some(281), Some(2.0))
    );
    // the engine's own take their place
    let live = settled(other.reduce(Action::Ready));
    assert!(!live.precomputed && live.cam_class() == Some(281) && live.reduce(Action::Target(285)).cam == live.cam);
}

#[test]
fn the_first_screen_greets_until_it_is_touched() {
    let s = State::default().reduce(Action::Go(String::new()));
    assert!(s.greeting && s.source() == Some(&Source::Example("cat_raccoon")));
    assert!(!s.reduce(Action::Greeted).greeting && !s.reduce(Action::Target(281)).greeting);
    for linked in ["#img=sample:cat", "#m=lrp", "#ui=min"] {
        assert!(!State::default().reduce(Action::Go(linked.into())).greeting, "{linked}");
    }
}

#[test]
fn late_precomputed_results_are_dropped() {
    // those of the network that was left, too
    let cat = Source::Example("cat");
    let of = |net| Action::Precomputed(net, picture(cat.clone()), scores(&[285]), vec![heat()]);
    let small = networks::get("squeezenet").unwrap();
    let switched = State::default().reduce(Action::Open(cat.clone())).reduce(Action::Network(Rc::clone(&small)));
    assert!(switched.effects.contains(&Effect::Precomputed(Rc::clone(&small), "cat")));
    assert!(!switched.reduce(of(networks::first())).precomputed && switched.reduce(of(small)).precomputed);
    let other = State::default().reduce(Action::Open(file(1)));
    assert!(
        other
            .reduce(Action::Precomputed(networks::first(), picture(Source::Example("cat")), Vec::new(), Vec::new()))
            .picture
            .is_none()
    );
}

#[test]
fn a_class_clicked_while_the_engine_starts_is_explained_when_it_is_up() {
    let cat = Source::Example("cat");
    let s = State::default().reduce(Action::Open(cat.clone()));
    let shown = Action::Precomputed(networks::first(), picture(cat), scores(&[285]), vec![heat()]);
    let early = settled(s.reduce(Action::Target(7)).reduce(shown.clone()).reduce(Action::Ready));
    let late = settled(s.reduce(shown.clone()).reduce(Action::Target(7)).reduce(Action::Ready));
    // before the results that were computed with the page, and in the middle of the picture's way
    let mid = settled(s.reduce(Action::Ready).reduce(Action::Target(7)).reduce(shown));
    for s in [early, late, mid] {
        assert_eq!((s.class(), s.cam_class()), (Some(7), Some(7)));
    }
}

#[test]
fn a_problem_of_one_job_ends_that_job_only() {
    let s = open().reduce(Action::Method("lrp")).reduce(Action::Explain);
    let (id, _) = running(&s).unwrap();
    let other = s.reduce(Action::Failed(JobId(id.0 + 9), problem(ProblemKind::Internal)));
    assert!(other.problem.is_none() && other.jobs.running.is_some());
    let own = s.reduce(Action::Failed(id, problem(ProblemKind::Internal)));
    assert!(own.problem.is_some() && own.jobs.running.is_none());
    // a cancel is no problem
    let gone = s.reduce(Action::Failed(id, problem(ProblemKind::Cancelled)));
    assert!(gone.problem.is_none() && gone.jobs.running.is_none());
}

#[test]
fn what_failed_is_not_asked_without_end_and_is_asked_again_on_request() {
    let s = State::default().reduce(Action::Ready).reduce(Action::Open(file(1)));
    let mut s = step(&s);
    let (id, ask) = running(&s).unwrap();
    assert!(matches!(ask, Ask::Classes(_)));
    s = s.reduce(Action::Failed(id, problem(ProblemKind::WeightsMissing)));
    assert!(s.jobs.running.is_none());
    // a new engine: once more, and no further
    let again = s.reduce(Action::Restarted(Default::default()));
    let (id, _) = running(&again).expect("once more");
    let over = again.reduce(Action::Failed(id, problem(ProblemKind::EngineStopped)));
    assert!(over.reduce(Action::Restarted(Default::default())).jobs.running.is_none());
    let retried = s.reduce(Action::Retry);
    assert!(matches!(&retried.effects[..], [Effect::Retry, Effect::Ask(_, Ask::Classes(_))]));
}

#[test]
fn what_an_engine_died_at_the_next_one_does_and_only_then_is_it_a_problem() {
    let dies = |s: &State| s.reduce(Action::Failed(running(s).unwrap().0, problem(ProblemKind::EngineStopped)));
    let run = open().reduce(Action::Method("lrp")).reduce(Action::Explain);
    // the dropped picture, its classes, the map, what was asked for
    let opening = open().reduce(Action::Open(file(2)));
    let classes = step(&opening);
    for s in [opening, classes.clone(), step(&classes), run] {
        let (id, ask) = running(&s).unwrap();
        let once = dies(&s);
        assert!(once.problem.is_none());
        let (again, same) = running(&once).expect("it is begun anew");
        assert!(again != id && same == ask);
        let well = settled(once.reduce(Action::Restarted(DeviceReport::default())));
        assert!(well.problem.is_none() && well.restarted && well.classified && well.cam.is_some());
        let twice = settled(dies(&once));
        assert_eq!(twice.problem.as_ref().map(|p| p.kind), Some(ProblemKind::EngineStopped));
    }
    // what a climb goes on with is gone with the engine
    let climbed = settled(open().reduce(Action::Method("maximise")).reduce(Action::Explain));
    let anew = dies(&climbed.reduce(Action::Resume));
    assert!(matches!(running(&anew), Some((_, Ask::Run { resume: false, .. }))));
}

#[test]
fn one_result_at_a_time_and_what_is_chosen_runs() {
    let s = open().reduce(Action::Method("rise"));
    let chosen = s.reduce(Action::Begin("rise"));
    let (long, ask) = running(&chosen).unwrap();
    assert!(matches!(ask, Ask::Run { slot: Slot::Main, .. }));
    // not when another was chosen, a setting was touched, or its answer is there
    assert!(running(&s.reduce(Action::Begin("lrp"))).is_none());
    assert!(running(&s.reduce(Action::Param("seed", 3.into())).reduce(Action::Begin("rise"))).is_none());
    assert!(running(&settled(chosen.clone()).reduce(Action::Method("rise")).reduce(Action::Begin("rise"))).is_none());
    // nor without the picture or the pictures that it needs; what it can do without it does not wait for
    let begun = |method| running(&open().reduce(Action::Method(method)).reduce(Action::Begin(method))).is_some();
    assert_eq!(["style", "cue_conflict", "audit"].map(begun), [false; 3]);
    assert_eq!(["tcav", "stamp", "dream"].map(begun), [true; 3]);
    // the next one takes the place of the one before, running or waiting
    let next = chosen.reduce(Action::Method("lrp"));
    assert_eq!(next.effects, [Effect::Cancel(long)]);
    let next = next.reduce(Action::Begin("lrp"));
    let last = next.reduce(Action::Method("saliency")).reduce(Action::Begin("saliency"));
    assert_eq!(last.jobs.waiting.len(), 1);
    let s = settled(last.reduce(Action::Failed(long, problem(ProblemKind::Cancelled))));
    assert_eq!(s.explain.result.as_ref().map(|r| r.question().method), Some("saliency"));
    assert!(s.problem.is_none());
}

#[test]
fn a_quick_answer_follows_the_question_and_a_slow_one_waits_for_a_press() {
    let run = open().reduce(Action::Method("saliency")).reduce(Action::Explain);
    let answered = |s: &State, ms: f64| {
        let (id, ask) = running(s).unwrap();
        let Reply::Ran(figures, _) = reply(&ask) else { panic!() };
        s.reduce(Action::Answered(id, Reply::Ran(figures, json!({ "ms": ms }))))
    };
    let (quick, slow) = (answered(&run, 80.0), answered(&run, 8000.0));
    let reruns = |s: &State| s.jobs.all().any(|j| j.slot() == Some(Slot::Main));
    assert!(!reruns(&quick));
    for action in [Action::Target(7), Action::Param("score", "probability".into())] {
        assert!(reruns(&quick.reduce(action.clone())) && !reruns(&slow.reduce(action)));
    }
    // another photo: once its classes are here
    let next = settled(quick.reduce(Action::Open(file(2))));
    let result = next.explain.result.as_ref().unwrap();
    assert_eq!(Some(result.question()), next.question("saliency").as_ref());
    // what is refused, or taken back, is not asked for again by itself
    let other =
        settled(quick.reduce(Action::Method("lrp"))).reduce(Action::Target(7)).reduce(Action::Method("saliency"));
    let (id, _) = running(&other).unwrap();
    let refused = settled(other.reduce(Action::Failed(id, problem(ProblemKind::BadParameter))));
    assert!(!reruns(&refused) && !reruns(&refused.reduce(Action::Opacity(0.3))));
}

#[test]
fn an_expected_time_is_a_multiple_of_what_the_engine_took() {
    let maps = |id| maps("vgg16", id).unwrap();
    let takes = |s: &State, id| s.takes(id).unwrap();
    assert_eq!(State::default().takes("lrp"), None, "no engine has shown its pace");
    // the class activation map of these tests takes 5 s
    let run = open().reduce(Action::Method("saliency")).reduce(Action::Explain);
    assert!((takes(&run, "lrp") - 5.0 * maps("lrp")).abs() < 1e-9);
    // a longer one says more than the map does, and only with the settings that it has at first
    let answered = |s: &State| {
        let (id, ask) = running(s).unwrap();
        let Reply::Ran(figures, _) = reply(&ask) else { panic!() };
        s.reduce(Action::Answered(id, Reply::Ran(figures, json!({ "ms": 2000.0 * maps("saliency") }))))
    };
    let done = answered(&run);
    assert!((takes(&done, "lrp") - 2.0 * maps("lrp")).abs() < 1e-9);
    let chosen = open().reduce(Action::Method("saliency")).reduce(Action::Param("score", "probability".into()));
    assert!((takes(&answered(&chosen.reduce(Action::Explain)), "lrp") - 5.0 * maps("lrp")).abs() < 1e-9);
    let engine = done.reduce(Action::Device(DeviceReport::default()));
    assert!((takes(&engine, "lrp") - 5.0 * maps("lrp")).abs() < 1e-9, "another engine has another pace");
    // another network has its own times
    let small = settled(done.reduce(squeezenet()).reduce(Action::Ready));
    let lrp = cnn_lens::catalog::posters::maps("squeezenet", "lrp").unwrap();
    assert!((takes(&small, "lrp") - 5.0 * lrp).abs() < 1e-9 && small.takes("layer_lens").is_none());
}

#[test]
fn another_part_of_a_photo_is_another_question_and_stays_with_its_photo() {
    let (left, middle) = (Fit::Crop(Crop { x: 200, y: 500, side: 600 }), Fit::default());
    let s = settled(open().reduce(Action::Method("lrp")).reduce(Action::Explain));
    let cropped = s.reduce(Action::Fit(left));
    let Some((_, Ask::Picture(seen))) = running(&cropped) else { panic!("the picture is taken anew") };
    assert_eq!((seen.fit, seen.source), (left, file(1)));
    // what is there says that it is of another part
    let there = settled(cropped);
    let now = there.question("lrp").unwrap();
    let differs = there.explain.result.as_ref().and_then(|r| r.under(&now)).and_then(|(_, d)| d);
    assert!(there.classified && differs == Some(Difference::Picture));
    assert!(there.reduce(Action::Fit(left)).jobs.running.is_none(), "it is read already");
    // of an own photo no link tells it; of an example it does, and brings it back
    assert!(!link::print(&there).contains("fit="));
    let example = settled(there.reduce(Action::Open(Source::Example("cat"))));
    assert_eq!(example.fit, middle);
    let told = settled(example.reduce(Action::Fit(left)));
    assert!(link::print(&told).contains("&fit=200,500,600"), "{}", link::print(&told));
    let linked = State::default().reduce(Action::Ready).reduce(Action::Go(link::print(&told)));
    assert!(!linked.effects.iter().any(|e| matches!(e, Effect::Precomputed(..))), "it was computed of the middle");
    assert_eq!(settled(linked).live, told.live);
    // a part that cannot be read leaves the one that was
    let failing = told.reduce(Action::Fit(Fit::Stretch));
    let failed = failing.reduce(Action::Failed(running(&failing).unwrap().0, problem(ProblemKind::DamagedImage)));
    assert_eq!((failed.fit, failed.live.as_ref().map(|l| l.fit)), (left, Some(left)));
}

#[test]
fn the_strip_is_this_photo_s_and_waits_for_what_was_asked() {
    let s = State::default().reduce(Action::Ready).reduce(Action::Open(file(1))).reduce(Action::Method("lrp"));
    // picture, classes, map, feature maps
    let busy = (0..4).fold(s.reduce(Action::Explain), |s, _| step(&s));
    assert!(matches!(running(&busy), Some((_, Ask::Run { slot: Slot::Main, .. }))));
    let strip = step(&busy);
    assert!(matches!(running(&strip), Some((_, Ask::Run { slot: Slot::Strip, .. }))) && strip.strip.is_none());
    let there = step(&strip);
    assert!(there.strip.is_some() && there.jobs.running.is_none());
    // another photo has none of it, and its late answer is nobody's
    let late = running(&strip).unwrap().0;
    let other = step(&there.reduce(Action::Open(file(2)))).reduce(Action::Answered(late, Reply::Done));
    assert!(other.strip.is_none());
    assert_ne!(settled(other).strip, there.strip);
    // nobody sees it in a frame
    let framed = State::default().reduce(Action::Go("#ui=min".into())).reduce(Action::Ready);
    assert!(settled(framed).strip.is_none());
}

#[test]
fn a_strip_that_does_not_come_is_not_asked_for_without_end() {
    let s = open().reduce(Action::Open(file(2)));
    let s = (0..4).fold(s, |s, _| step(&s));
    let s = s.reduce(Action::Failed(running(&s).unwrap().0, problem(ProblemKind::WeightsMissing)));
    assert!(s.jobs.running.is_none() && s.strip.is_none());
    assert!(settled(s.reduce(Action::Retry)).strip.is_some());
}

#[test]
fn layers_take_the_stage_until_something_else_is_asked() {
    let layers = open().reduce(Action::Layers(5));
    assert!(layers.layers_opened() && layers.layer == 5 && link::print(&layers).contains("view=maps"));
    let opened = layers.reduce(Action::Channel(Some(3)));
    // one step back at a time
    let back = opened.reduce(Action::Back);
    assert!(back.layers_opened() && back.channel.is_none());
    assert!(!back.reduce(Action::Back).layers_opened());
    assert!(!opened.reduce(Action::Method("lrp")).layers_opened());
    assert!(!opened.reduce(Action::Aim(networks::first().unit("conv5_3:7"))).layers_opened());
    // a class keeps them, and a frame that shows maps goes on showing them
    assert!(opened.reduce(Action::Target(3)).layers_opened());
    let framed = State::default().reduce(Action::Go("#ui=min&view=maps".into())).reduce(Action::Method("lrp"));
    assert_eq!(framed.frame.view, View::Maps);
}

#[test]
fn a_method_takes_the_stage_until_it_is_left() {
    assert!(!open().asking());
    let asked = settled(open().reduce(Action::Method("lrp")).reduce(Action::Explain));
    assert!(asked.asking() && link::print(&asked).contains("m=lrp"));
    // a layer, and what is compared, stand before it, and leave it as it was
    for other in [Action::Layers(5), Action::Compare] {
        let s = asked.reduce(other);
        assert!(!s.asking() && s.reduce(Action::Back).asking());
    }
    // neither another photo nor Escape leaves it
    assert!(asked.reduce(Action::Open(file(2))).asking() && asked.reduce(Action::Back).asking());
    let left = asked.reduce(Action::Method(""));
    assert!(!left.asking() && !link::print(&left).contains("m="));
    // a running one is stopped, and what was found is there when it is chosen again
    let running = asked.reduce(Action::Method("maximise")).reduce(Action::Explain);
    assert!(running.reduce(Action::Method("")).effects.iter().any(|e| matches!(e, Effect::Cancel(_))));
    // what a link only names waits beneath the map; what it runs comes at once, unless the visitor is asked for the download first
    let linked = open().reduce(Action::Go("#m=lrp".into()));
    assert!(!linked.asking() && linked.reduce(Action::Explain).asking());
    let runs = State::default().reduce(Action::Go("#m=lrp&autorun=1".into()));
    assert!(
        runs.asking() && runs.reduce(Action::Offer(9)).asking(),
        "be it after the visitor was asked for the download"
    );
    // where the story is paused, the map comes back too
    let read = open().reduce(Action::Go("#story=maps.1".into())).reduce(Action::Method("lrp"));
    assert_eq!((read.frame.view, read.reduce(Action::Method("")).frame.view), (View::Method, View::Cam));
    // the story and a frame have stages of their own
    for hash in ["#story=maps.1&m=lrp", "#ui=min&m=lrp"] {
        assert!(!open().reduce(Action::Go(hash.into())).asking(), "{hash}");
    }
}

#[test]
fn a_chosen_photo_starts_the_engine_that_waits_to_be_asked_for() {
    let offered = State::default().reduce(Action::Open(Source::Example("cat"))).reduce(Action::Offer(9));
    assert!(offered.reduce(Action::Open(Source::Example("coffee"))).offer.is_some());
    let s = offered.reduce(Action::Open(file(1)));
    assert!(s.offer.is_none() && s.effects.contains(&Effect::Start(networks::first())));
    // and nothing of the picture before is said of it
    let shown = open();
    assert!(!shown.leaving() && shown.reduce(Action::Open(file(2))).leaving());
}

#[test]
fn a_cancel_names_the_job_that_it_is_meant_for() {
    let s = open().reduce(Action::Method("maximise")).reduce(Action::Explain);
    let (long, _) = running(&s).unwrap();
    let s = s.reduce(Action::Layer(12)).reduce(Action::Beside("lrp", Default::default()));
    let queued = s.jobs.waiting.front().map(|j| j.id).expect("it waits");
    // the one that waits goes at once, and the running one goes on
    let less = s.reduce(Action::Stop(queued));
    assert!(less.effects.is_empty() && less.jobs.waiting.is_empty() && running(&less).map(|r| r.0) == Some(long));
    // the running one gets its cancel, once
    let stopped = s.reduce(Action::Stop(long));
    assert_eq!(stopped.effects, [Effect::Cancel(long)]);
    assert!(stopped.reduce(Action::Stop(long)).effects.is_empty());
    assert_eq!(stopped.jobs.waiting.front().map(|j| j.id), Some(queued));
    // then the layer that was clicked meanwhile, then what waited
    let next = stopped.reduce(Action::Failed(long, problem(ProblemKind::Cancelled)));
    assert!(matches!(asked(&next)[..], [Ask::Run { slot: Slot::Maps, .. }]));
    let last = step(&next);
    assert_eq!((last.layer_maps().map(|m| m.layer), running(&last).map(|r| r.0)), (Some(12), Some(queued)));
    // the key stops what the visitor started, not what the page asks by itself
    assert_eq!(s.reduce(Action::Cancel).effects, [Effect::Cancel(long)]);
}

#[test]
fn a_picture_that_is_asked_for_stops_what_the_last_one_was_asked() {
    let s = open().reduce(Action::Method("rise")).reduce(Action::Explain);
    let (long, _) = running(&s).unwrap();
    let s = s.reduce(Action::Beside("lrp", Default::default())).reduce(Action::Open(file(2)));
    assert_eq!(s.effects, [Effect::Cancel(long)]);
    assert!(s.jobs.waiting.is_empty());
    let s = settled(s.reduce(Action::Failed(long, problem(ProblemKind::Cancelled))));
    assert!(s.explain.result.is_none() && s.picture.is_some_and(|p| p.source == file(2)));
}

#[test]
fn back_to_the_picture_that_the_engine_still_has() {
    let [coffee, cat] = ["coffee", "cat"].map(Source::Example);
    let s = settled(open().reduce(Action::Open(coffee.clone())));
    let away = s.reduce(Action::Open(cat.clone())).reduce(Action::Precomputed(
        networks::first(),
        picture(cat),
        scores(&[1]),
        vec![heat()],
    ));
    let (cancelled, _) = running(&away).unwrap();
    let back = away.reduce(Action::Open(coffee.clone()));
    let back = settled(back.reduce(Action::Failed(cancelled, problem(ProblemKind::Cancelled))));
    assert_eq!((back.opening, back.picture.map(|p| p.source)), (None, Some(coffee.clone())));
    // the same once more
    let again = settled(s.reduce(Action::Open(coffee.clone())));
    assert_eq!((again.opening, again.picture.map(|p| p.source)), (None, Some(coffee)));
}

#[test]
fn what_was_wanted_of_one_picture_is_not_asked_of_the_next() {
    let [coffee, cat] = ["coffee", "cat"].map(Source::Example);
    // a class clicked before the engine is up
    let clicked = State::default().reduce(Action::Open(cat)).reduce(Action::Target(285));
    let s = settled(clicked.reduce(Action::Open(coffee.clone())).reduce(Action::Ready));
    assert_eq!((s.target, s.wanted.class), (None, None));
    // a link that is left before it is there
    let linked = State::default()
        .reduce(Action::Ready)
        .reduce(Action::Go("#img=sample:horse&cls=285&m=saliency&autorun=1".into()));
    let s = settled(linked.reduce(Action::Open(coffee)));
    assert_eq!((s.target, s.explain.result), (None, None));
    // what takes a second picture waits for it, on its stage, and says so in its form instead of an error
    let style = State::default().reduce(Action::Ready).reduce(Action::Go("#img=sample:cat&m=style&autorun=1".into()));
    let style = settled(style);
    assert!(style.asking() && style.problem.is_none() && style.explain.result.is_none());
    // but for the picture that it waits for
    let own = State::default().reduce(Action::Ready).reduce(Action::Go("#img=local&cls=285".into()));
    assert_eq!(settled(own.reduce(Action::Open(file(1)))).target, Some(285));
}

#[test]
fn a_head_whose_weights_do_not_come_is_not_set() {
    let s = open().reduce(Action::Teach(true));
    let s = step(&s);
    let (id, ask) = running(&s).unwrap();
    assert!(matches!(ask, Ask::Classes(_)));
    let taken_back = settled(s.reduce(Action::Failed(id, problem(ProblemKind::WeightsMissing))));
    assert!(!taken_back.taught && taken_back.classified && taken_back.cam.is_some() && taken_back.problem.is_some());
    // an engine that dies at it says nothing of the head
    assert!(s.reduce(Action::Failed(id, problem(ProblemKind::EngineStopped))).taught);
}

#[test]
fn a_group_forgotten_while_it_comes_stays_away() {
    let list = vec![("red".to_owned(), file(5)), ("red".to_owned(), file(6))];
    let s = open().reduce(Action::OpenMany(list));
    let (id, _) = running(&s).unwrap();
    let s = s.reduce(Action::Gathered(id, "red".into(), Some(picture(file(5))))).reduce(Action::Forget("red".into()));
    assert!(s.effects.contains(&Effect::Cancel(id)));
    let late = s.reduce(Action::Gathered(id, "red".into(), Some(picture(file(6)))));
    assert!(late.gallery.groups.is_empty());
    // the engine forgets it whatever is cancelled
    let waiting = late.jobs.waiting.iter().find(|j| j.ask == Ask::Forget("red".into())).unwrap().id;
    let s = late.reduce(Action::Stop(waiting)).reduce(Action::Failed(id, problem(ProblemKind::Cancelled)));
    assert_eq!(running(&s).map(|r| r.1), Some(Ask::Forget("red".into())));
}

#[test]
fn what_is_paused_goes_on_under_its_own_question_only() {
    let s = open().reduce(Action::Method("maximise")).reduce(Action::Explain);
    let (id, ask) = running(&s).unwrap();
    let figure = Rc::new(Figure::new(Kind::Rgb, &mark(ask.question().unwrap().0), [3, 1, 1], vec![0.0; 3]));
    let s = s.reduce(Action::Progress(id, 1, 9)).reduce(Action::Partial(id, vec![figure], Value::Null));
    let paused = s.reduce(Action::Pause);
    let paused = settled(paused.reduce(Action::Failed(id, problem(ProblemKind::Cancelled))));
    let resumes = |s: &State| s.jobs.all().any(|j| matches!(j.ask, Ask::Run { resume: true, .. }));
    assert!(resumes(&paused.reduce(Action::Resume)));
    let other = settled(paused.reduce(Action::Target(7)));
    let s = other.reduce(Action::Resume);
    assert!(!resumes(&s) && s.jobs.all().any(|j| matches!(j.ask, Ask::Run { slot: Slot::Main, .. })));
}

#[test]
fn a_finished_climb_goes_on_until_the_engine_has_another() {
    let start = open().reduce(Action::Method("maximise")).reduce(Action::Explain);
    let resumes = |s: &State| matches!(running(s), Some((_, Ask::Run { slot: Slot::Main, resume: true, .. })));
    let done = settled(start);
    let on = done.reduce(Action::Resume);
    assert!(resumes(&on));
    assert!(resumes(&settled(on).reduce(Action::Resume)), "and on");
    // what the engine has no more is begun anew, without an error
    let cancelled = |s: &State| {
        let (id, _) = running(s).unwrap();
        s.reduce(Action::Progress(id, 1, 9))
            .reduce(Action::Stop(id))
            .reduce(Action::Failed(id, problem(ProblemKind::Cancelled)))
    };
    let other = cancelled(&done.reduce(Action::Target(7)).reduce(Action::Explain));
    assert!(!resumes(&settled(other.reduce(Action::Target(285))).reduce(Action::Resume)));
    assert!(!resumes(&done.reduce(Action::Restarted(DeviceReport::default())).reduce(Action::Resume)));
    let again = settled(settled(done.reduce(Action::Open(file(2)))).reduce(Action::Open(file(1))));
    assert!(!resumes(&again.reduce(Action::Resume)));
}

#[test]
fn a_method_runs_with_its_parameters_and_its_result_says_in_what_it_differs() {
    let s = open().reduce(Action::Target(7)).reduce(Action::Method("occlusion"));
    let s = settled(s).reduce(Action::Param("window", 40.into())).reduce(Action::Param("rules", "tutorial".into()));
    let run = s.reduce(Action::Explain);
    let Some((_, Ask::Run { question, slot: Slot::Main, resume: false })) = running(&run) else { panic!() };
    assert_eq!(Value::from(question.params(false)), json!({ "window": 40, "class": 7 }));
    let shown = settled(run);
    let differs = |s: &State| {
        let now = s.question(s.explain.method)?;
        s.explain.result.as_ref()?.under(&now).map(|(_, d)| d)
    };
    assert_eq!(differs(&shown), Some(None));
    // a parameter at its default is no other question
    assert_eq!(differs(&shown.reduce(Action::Param("padding", "mean".into()))), differs(&shown));
    assert_eq!(differs(&shown.reduce(Action::Param("window", 41.into()))), Some(Some(Difference::Parameters)));
    assert_eq!(differs(&settled(shown.reduce(Action::Target(8)))), Some(Some(Difference::Target)));
    assert_eq!(differs(&settled(shown.reduce(Action::Open(file(2))))), Some(Some(Difference::Picture)));
    assert_eq!(differs(&shown.reduce(Action::Method("lrp"))), None, "nothing under another method's name");
}

#[test]
fn the_most_probable_class_is_asked_once_it_is_known() {
    let s = State::default().reduce(Action::Open(file(1))).reduce(Action::Method("lrp")).reduce(Action::Explain);
    let s = settled(s.reduce(Action::Ready));
    assert_eq!(s.explain.result.map(|r| r.question().target), Some(Some(Aim::Class(285))));
}

#[test]
fn a_preview_stands_under_its_own_method_only() {
    let s = open().reduce(Action::Method("occlusion")).reduce(Action::Explain);
    let (id, _) = running(&s).unwrap();
    let s = s.reduce(Action::Partial(id, vec![Rc::new(heat())], Value::Null)).reduce(Action::Method("lrp"));
    let under = |s: &State, method| {
        let now = s.question(method).unwrap();
        s.explain.partial.as_ref().and_then(|p| p.under(&now)).is_some()
    };
    assert!(!under(&s, "lrp") && under(&s, "occlusion"));
    // news of a job that has ended is none
    let over = step(&s);
    assert!(over.reduce(Action::Partial(id, vec![Rc::new(heat())], Value::Null)).explain.partial.is_none());
}

#[test]
fn the_board_computes_what_is_missing_and_follows_the_target() {
    let unit = Unit { layer: 30, channel: 6, place: None };
    let s = open();
    assert_eq!(s.board.methods.len(), 6);
    let two = s.reduce(Action::BoardSize(2)).reduce(Action::BoardMethod(0, "grad_cam"));
    assert_eq!(two.board.methods, ["grad_cam", "cam"], "what is there already changes places");
    let run = go(&s, "#img=local&cmp=grad_cam").reduce(Action::BoardRun);
    let aims = |s: &State| {
        running(s)
            .iter()
            .filter_map(|(_, a)| a.question()?.0.target)
            .chain(s.board.todo.iter().filter_map(|q| q.target))
            .collect::<Vec<_>>()
    };
    assert_eq!(aims(&run), [Aim::Class(285), Aim::Class(281)]);
    let done = settled(run);
    // nothing is computed twice, and a new target is
    assert!(done.reduce(Action::BoardRun).jobs.running.is_none());
    assert_eq!(aims(&done.reduce(Action::Aim(Some(unit)))), [Aim::Unit(unit)]);
    // a method that explains classes only is not asked for the class instead
    let classes = settled(go(&done, "#img=local&cmp=cam,lrp").reduce(Action::BoardRun));
    let both = settled(go(&classes, "#img=local&unit=conv5_3:6&cmp=cam,lrp").reduce(Action::BoardRun));
    let cells = both.board_cells(both.board.params.as_ref().unwrap());
    assert_eq!(cells.iter().map(|q| both.board_explains(q)).collect::<Vec<_>>(), [false, true]);
    // nor does the class's map that is there already stand in its cell
    assert!(both.board.map(&cells[0]).is_some());
    assert_eq!(cells.iter().map(|q| both.board_map(q).is_some()).collect::<Vec<_>>(), [false, true]);
    // other parameters: other maps, and the old ones are no answer to them
    let layer = done.reduce(Action::Param("layer", "relu3_3".into()));
    assert_eq!(aims(&layer), [], "not before Compare is pressed");
    let again = layer.reduce(Action::BoardRun);
    assert_eq!(aims(&again), [Aim::Class(285), Aim::Class(281)]);
    let params = again.board.params.clone().unwrap();
    let now = again.board_question("grad_cam", Aim::Class(285), &params).unwrap();
    assert!(again.board.map(&now).is_none());
    assert_eq!(settled(again).board.map(&now).map(|f| f.info.name.clone()), Some(mark(&now)));
    // another picture, another board
    assert!(settled(done.reduce(Action::Open(file(2)))).board.params.is_none());
}

/// What stands side by side, once all of it is computed.
fn compared(s: &State) -> Vec<Question> {
    let cells = s.board_cells(s.board.params.as_ref().expect("the board is in use"));
    assert!(cells.iter().all(|q| s.board.answer(q).is_some()));
    cells
}

#[test]
fn what_stands_on_the_stage_is_compared_first_and_back_leaves_the_board() {
    let lrp = settled(open().reduce(Action::Method("lrp")).reduce(Action::Explain));
    let s = settled(lrp.reduce(Action::Compare));
    assert!(s.comparing() && link::print(&s).contains("view=board"));
    assert_eq!(compared(&s).iter().map(|q| q.method).collect::<Vec<_>>(), ["lrp", "grad_cam"]);
    // a method that is no map of evidence is not
    let other = settled(open().reduce(Action::Method("deconvnet")).reduce(Action::Compare));
    assert_eq!(other.board.methods, ["cam", "grad_cam"]);
    assert!(!s.reduce(Action::Back).comparing() && s.reduce(Action::Back).board.params.is_some());
    // what was chosen for it stays
    let four = settled(s.reduce(Action::BoardSize(4))).reduce(Action::Back).reduce(Action::Compare);
    assert_eq!((four.board.methods.len(), four.jobs.running.is_none()), (4, true));
}

#[test]
fn classes_stand_side_by_side_and_the_explained_one_is_among_them() {
    let by = |s: &State, by: By, size: usize| settled(s.reduce(Action::BoardBy(by)).reduce(Action::BoardSize(size)));
    let classes = |s: &State| {
        let class = |q: Question| if let Some(Aim::Class(class)) = q.target { class } else { panic!("{q:?}") };
        compared(s).into_iter().map(class).collect::<Vec<_>>()
    };
    let s = by(&open(), By::Classes, 2);
    assert_eq!(classes(&s), [285, 281]);
    assert_eq!(classes(&settled(s.reduce(Action::Target(281)))), [285, 281]);
    assert_eq!(classes(&settled(s.reduce(Action::Target(7)))), [285, 7], "also one that is not listed");
    assert_eq!(classes(&by(&s, By::Classes, 6)), [285, 281, 282], "no more than are told");
    assert!(compared(&s).iter().all(|q| q.method == "cam"));
}

#[test]
fn layers_stand_side_by_side_at_the_ends_of_the_blocks() {
    let s = settled(go(&open(), "#img=local&by=layers&cells=6&cmp=layer_cam").reduce(Action::BoardRun));
    let layers: Vec<String> = compared(&s).iter().filter_map(|q| q.layer().map(str::to_owned)).collect();
    assert_eq!(layers, ["relu1_1", "relu1_2", "relu2_2", "relu3_3", "relu4_3", "relu5_3"]);
    assert!(compared(&s).iter().all(|q| q.method == "layer_cam"));
    // a method that is made at one layer only gives way to one that is not
    let cam = settled(s.reduce(Action::BoardSize(2)).reduce(Action::BoardMethod(0, "cam")));
    let asked: Vec<_> = compared(&cam).iter().map(|q| (q.method, q.layer().map(str::to_owned))).collect();
    assert_eq!(asked, [("grad_cam", Some("relu4_3".into())), ("grad_cam", Some("relu5_3".into()))]);
}

#[test]
fn photos_stand_side_by_side_each_with_its_own_picture() {
    let files = |s: &State| {
        let file = |q: Question| {
            assert_eq!(s.board.picture(&q).map(|p| &p.source), Some(&q.seen.source));
            if let Source::File(id, _) = q.seen.source { id } else { 0 }
        };
        compared(s).into_iter().map(file).collect::<Vec<_>>()
    };
    // also where methods were compared before, which asked for the maps of another class, too
    let s = settled(settled(open().reduce(Action::Compare)).reduce(Action::BoardBy(By::Photos)));
    assert_eq!(files(&s), [1]);
    let two = settled(s.reduce(Action::Open(file(2))));
    assert_eq!(compared(&two).iter().map(|q| q.target).collect::<Vec<_>>(), [Some(Aim::Class(285)); 2]);
    // what a cell was held against never stood in one
    let again = settled(settled(two.reduce(Action::BoardMethod(0, "grad_cam"))).reduce(Action::Open(file(1))));
    assert!(compared(&again).iter().all(|q| q.target == Some(Aim::Class(285))));
    // a photo keeps the class that was asked there last
    let other = settled(settled(s.reduce(Action::Target(281))).reduce(Action::Open(file(2))));
    let targets: Vec<_> = compared(&other).iter().map(|q| q.target).collect();
    assert_eq!(targets, [Some(Aim::Class(281)), Some(Aim::Class(285))]);
    let s = settled(s.reduce(Action::Open(file(2))));
    assert_eq!(files(&s), [1, 2]);
    // the last ones, and each once
    let s = settled(s.reduce(Action::Open(file(3))));
    assert_eq!(files(&s), [2, 3]);
    let s = settled(s.reduce(Action::BoardSize(4)).reduce(Action::Open(file(1))));
    assert_eq!(files(&s), [2, 3, 1]);
    // of another method they have not been asked
    assert_eq!(files(&settled(s.reduce(Action::BoardMethod(0, "lrp")))), [1]);
    // the other head sees another thing, and another part of a photo takes the place of the one before
    assert_eq!(files(&settled(s.reduce(Action::Teach(true)))), [1]);
    assert_eq!(files(&settled(s.reduce(Action::Fit(Fit::Contain)))), [2, 3, 1]);
    // methods are compared on one photo: on the one that is there
    let methods = settled(s.reduce(Action::BoardBy(By::Methods)).reduce(Action::Open(file(2))));
    assert_eq!(files(&methods), [2; 2]);
    let page = settled(methods.reduce(Action::Back).reduce(Action::Open(file(3))));
    assert!(page.board.params.is_none(), "nobody looks at it");
}

#[test]
fn a_cancelled_board_asks_no_more_and_a_refusal_is_an_answer() {
    let s = open().reduce(Action::BoardRun);
    let (id, ask) = running(&s).unwrap();
    let stopped = s.reduce(Action::Stop(id));
    assert_eq!(stopped.effects, [Effect::Cancel(id)]);
    assert!(stopped.reduce(Action::Failed(id, problem(ProblemKind::Cancelled))).jobs.running.is_none());
    let refused = s.reduce(Action::Failed(id, problem(ProblemKind::BadParameter)));
    assert_eq!(refused.board.answer(ask.question().unwrap().0), Some(None));
    assert!(refused.problem.is_none() && refused.jobs.running.is_some());
}

#[test]
fn what_is_cancelled_beside_the_board_leaves_the_board_alone() {
    let s = open().reduce(Action::BoardRun).reduce(Action::Method("saliency")).reduce(Action::Explain);
    let (id, todo) = (s.jobs.waiting[0].id, s.board.todo.clone());
    assert!(!todo.is_empty());
    assert_eq!(s.reduce(Action::Stop(id)).board.todo, todo);
}

#[test]
fn a_paused_climb_keeps_what_it_shows_and_is_continued() {
    let start = open().reduce(Action::Method("maximise")).reduce(Action::Explain);
    assert!(start.shown_job().is_some(), "it can be stopped before its first step");
    let (id, _) = running(&start).unwrap();
    let told = json!({ "steps_done": 9 });
    let started = start.reduce(Action::Progress(id, 9, 200));
    let paused = started.reduce(Action::Partial(id, vec![Rc::new(heat())], told)).reduce(Action::Pause);
    assert_eq!(paused.effects, [Effect::Cancel(id)]);
    let stopped = paused.reduce(Action::Failed(id, problem(ProblemKind::Cancelled)));
    let so_far = stopped.explain.partial.as_ref().map(|p| p.own().1.meta["facts"]["steps_done"].clone());
    assert!(stopped.explain.paused && stopped.shown_job().is_none() && so_far == Some(9.into()));
    let on = stopped.reduce(Action::Resume);
    assert!(
        matches!(asked(&on)[..], [Ask::Run { resume: true, question, .. }] if question.params(true)["start"] == "last")
    );
    // a cancel keeps nothing, and neither does another method
    let (id, _) = running(&on).unwrap();
    let gone = on.reduce(Action::Stop(id)).reduce(Action::Failed(id, problem(ProblemKind::Cancelled)));
    assert!(gone.explain.partial.is_none());
    assert!(!stopped.reduce(Action::Method("dream")).explain.paused);
}

#[test]
fn the_catalogue_is_fetched_once_and_knows_where_a_unit_s_picture_is() {
    let wanted = State::default().reduce(Action::SpritesWanted);
    assert_eq!(wanted.effects, [Effect::Sprites(networks::first())]);
    assert!(wanted.reduce(Action::SpritesWanted).effects.is_empty());
    // another network has its own
    let small = networks::get("squeezenet").unwrap();
    let other = wanted.reduce(Action::Network(Rc::clone(&small)));
    assert!(other.reduce(Action::Sprites(networks::first(), Rc::default())).sprites.is_none());
    assert_eq!(other.reduce(Action::SpritesWanted).effects, [Effect::Sprites(small)]);
    let sprites = Sprites { cell: 96, columns: 2, channels: [("conv5_3".into(), vec![5, 63, 7])].into() };
    let unit = |text: &str| networks::first().unit(text).unwrap();
    // whatever stage the unit is looked at
    for text in ["conv5_3:7", "relu5_3:7", "pool5:7", "relu5_3:7@1,1"] {
        assert_eq!(sprites.find(&networks::first(), unit(text)), Some(("conv5_3", 2, [0, 1])), "{text}");
    }
    assert_eq!(sprites.find(&networks::first(), unit("relu5_3:8")), None);
    assert_eq!(sprites.find(&networks::first(), unit("relu5_2:7")), None);
}

#[test]
fn a_second_picture_leaves_the_first_alone() {
    let before = open();
    let both = settled(before.reduce(Action::OpenSecond(Source::Example("cat"))));
    assert_eq!(both.picture, before.picture);
    assert_eq!(both.second.as_ref().map(|p| &p.source), Some(&Source::Example("cat")));
    assert_eq!(both.files(), [1, 1]);
}

/// What may happen at any time.
fn actions() -> impl Strategy<Value = Action> {
    prop_oneof![
        4 => (0..1000_usize).prop_map(Action::Target),
        2 => (0..31_usize).prop_map(Action::Layer),
        1 => (0..31_usize).prop_map(Action::Layers),
        1 => Just(Action::Back),
        2 => select(vec!["lrp", "occlusion", "maximise", "grad_cam", "tcav", "style"]).prop_map(Action::Method),
        3 => Just(Action::Explain),
        1 => Just(Action::Resume),
        1 => Just(Action::Pause),
        1 => Just(Action::Cancel),
        1 => (0..40_u32).prop_map(|id| Action::Stop(JobId(id))),
        1 => (1..6_u32).prop_map(|id| Action::Open(file(id))),
        1 => select(vec!["cat", "coffee"]).prop_map(|id| Action::Open(Source::Example(id))),
        1 => select(vec!["cat", "coffee"]).prop_map(|id| Action::Precomputed(networks::first(), picture(Source::Example(id)), scores(&[1, 2]), vec![heat(), heat()])),
        1 => any::<bool>().prop_map(Action::Teach),
        1 => select(vec!["conv3_1", "relu5_3"]).prop_map(|l| Action::Param("layer", l.into())),
        1 => (20..60_u32).prop_map(|w| Action::Param("window", w.into())),
        1 => Just(Action::BoardRun),
        1 => Just(Action::Compare),
        1 => select(vec![By::Methods, By::Classes, By::Layers, By::Photos, By::Networks]).prop_map(Action::BoardBy),
        1 => select(vec!["vgg16", "squeezenet"]).prop_map(|id| Action::Against(networks::get(id).unwrap())),
        1 => (50..53_u32).prop_map(|n| Action::Sort((50..n).map(file).collect())),
        1 => Just(Action::SortStop),
        1 => Just(Action::SortOn),
        1 => select(vec![2, 4, 6]).prop_map(Action::BoardSize),
        1 => (0..7_usize, select(vec!["cam", "lrp", "rise"])).prop_map(|(at, m)| Action::BoardMethod(at, m)),
        1 => select(vec![None, Some("conv5_3:7")]).prop_map(|u| Action::Aim(u.and_then(|u| networks::first().unit(u)))),
        1 => Just(Action::OpenSecond(Source::Example("cat"))),
        1 => Just(Action::Forget("stripes".into())),
        1 => Just(Action::Beside("ablation", [("channels", "relu5_3:1".into())].into())),
        1 => Just(Action::Retry),
        1 => Just(Action::Restarted(Default::default())),
        1 => select(vec!["#img=sample:cat&cls=3", "#img=sample:coffee&m=lrp&autorun=1", ""]).prop_map(|h| Action::Go(h.into())),
    ]
}

/// What the engine says: of the running job, or of one that is over.
#[derive(Clone, Debug)]
enum News {
    Answer,
    Partial,
    Late,
    Fail(ProblemKind),
}

fn news() -> impl Strategy<Value = News> {
    prop_oneof![
        6 => Just(News::Answer),
        2 => Just(News::Partial),
        1 => Just(News::Late),
        1 => select(vec![ProblemKind::Cancelled, ProblemKind::NotAnImage, ProblemKind::EngineStopped, ProblemKind::NoImage,
            ProblemKind::BadParameter, ProblemKind::WeightsMissing]).prop_map(News::Fail),
    ]
}

fn tell(s: &State, news: &News, over: &[(JobId, Ask)]) -> State {
    let partial = |(id, ask): (JobId, Ask)| match reply(&ask) {
        Reply::Ran(figures, _) => s.reduce(Action::Partial(id, figures, Value::Null)),
        _ => s.reduce(Action::Progress(id, 1, 2)),
    };
    match (news, running(s)) {
        (News::Late, _) => {
            over.last().cloned().map_or_else(|| s.clone(), |(id, ask)| s.reduce(Action::Answered(id, reply(&ask))))
        }
        (_, None) => s.clone(),
        (News::Answer, Some((id, ask))) => s.reduce(Action::Answered(id, reply(&ask))),
        (News::Partial, Some(job)) => partial(job),
        (News::Fail(kind), Some((id, _))) => s.reduce(Action::Failed(id, problem(*kind))),
    }
}

/// Every answer that is held stands under the question that it answers.
fn honest(s: &State) -> Result<(), TestCaseError> {
    let explained = [&s.explain.result, &s.explain.beside, &s.explain.partial];
    for answer in explained.into_iter().flatten() {
        let (question, outcome) = answer.own();
        prop_assert_eq!(&outcome.figures[0].info.name, &mark(question));
        prop_assert_eq!(outcome.over.as_ref().map(|p| &p.source), Some(&question.seen.source));
    }
    if let Some(cam) = s.cam.as_ref().filter(|_| !s.precomputed) {
        let (question, (figure, _)) = cam.own();
        prop_assert_eq!(&figure.info.name, &mark(question));
        prop_assert!(s.live.as_ref().is_none_or(|live| *live == question.seen));
    }
    if let Some(strip) = &s.strip {
        let (question, shown) = strip.own();
        prop_assert_eq!(&shown[0].figure.info.name, &mark(question));
        prop_assert!(s.picture.as_ref().is_some_and(|p| p.source == question.seen.source));
    }
    for photo in s.pair.folder.photos.iter() {
        if let Some([a, b]) = s.both_of(photo) {
            let seen = |net: Option<&Rc<NetworkSpec>>| Seen {
                net: Rc::clone(net.unwrap()),
                source: photo.source.clone(),
                taught: false,
                fit: Fit::default(),
            };
            prop_assert_eq!([a.index, b.index], [Some(&s.net), s.pair.other.as_ref()].map(|net| sorted(&seen(net))));
        }
    }
    let cells = s.board.params.as_ref().map(|params| s.board_cells(params)).unwrap_or_default();
    for (i, question) in cells.iter().enumerate() {
        prop_assert!(!cells[..i].contains(question), "the same thing twice");
        if let Some(figure) = s.board.map(question) {
            prop_assert_eq!(&figure.info.name, &mark(question));
            prop_assert_eq!(s.board.picture(question).map(|p| &p.source), Some(&question.seen.source));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any actions, with an engine that answers late, fails, and repeats itself.
    #[test]
    fn no_answer_stands_under_another_question_and_a_cancel_names_its_job(
        events in proptest::collection::vec(prop_oneof![actions().prop_map(Ok), news().prop_map(Err)], 1..60),
        up in 0..10_usize,
    ) {
        let mut s = State::default();
        let mut over = Vec::new();
        for (i, event) in events.iter().enumerate() {
            if i == up {
                s = s.reduce(Action::Ready);
            }
            let before = running(&s);
            s = match event {
                Ok(action) => s.reduce(action.clone()),
                Err(news) => tell(&s, news, &over),
            };
            let after = running(&s);
            for effect in &s.effects {
                match effect {
                    Effect::Cancel(id) => prop_assert_eq!(Some(*id), before.as_ref().map(|r| r.0)),
                    Effect::Ask(id, _) => prop_assert_eq!(Some(*id), after.as_ref().map(|r| r.0)),
                    _ => {}
                }
            }
            // one at a time: another one only when the one before is over
            if before != after {
                prop_assert!(event.is_err() || before.is_none());
                over.extend(before);
            }
            honest(&s)?;
        }
        let end = settled(s.reduce(Action::Ready));
        honest(&end)?;
        prop_assert_eq!(&end.opening, &None);
        // but for a picture that the engine refused
        if let Some(live) = end.live.filter(|_| !end.precomputed) {
            prop_assert_eq!(end.picture.map(|p| p.source), Some(live.source));
        }
    }

    /// A class that is clicked at any moment is the one that is explained in the end.
    #[test]
    fn no_class_is_lost(
        before in proptest::collection::vec(prop_oneof![actions().prop_map(Ok), news().prop_map(Err)], 0..30),
        class in 0..1000_usize,
        after in proptest::collection::vec(prop_oneof![
            Just(Ok(Action::Explain)), Just(Ok(Action::Method("lrp"))), Just(Ok(Action::Layer(5))), Just(Ok(Action::BoardRun)),
            Just(Ok(Action::Precomputed(networks::first(), picture(Source::Example("cat")), scores(&[1, 2]), vec![heat(), heat()]))), Just(Ok(Action::Ready)),
            Just(Err(News::Answer)), Just(Err(News::Partial)), Just(Err(News::Late)),
        ], 0..20),
    ) {
        let mut s = State::default().reduce(Action::Open(Source::Example("cat")));
        let mut over = Vec::new();
        for event in before.into_iter().chain([Ok(Action::Target(class))]).chain(after) {
            over.extend(running(&s));
            s = match event {
                Ok(action) => s.reduce(action),
                Err(news) => tell(&s, &news, &over[..over.len().saturating_sub(1)]),
            };
        }
        let s = settled(s.reduce(Action::Ready));
        prop_assert_eq!((s.class(), s.cam_class()), (Some(class), Some(class)));
    }
}

const HOST: &str = "https://host.example";

/// What an action hands to the pages around, by origin; `false` is a refusal.
fn told(s: &State) -> Vec<(String, bool)> {
    let one = |e: &Effect| match e {
        Effect::Export(Export { to, .. }) => Some((to.clone(), true)),
        Effect::Refuse(to, _) => Some((to.clone(), false)),
        _ => None,
    };
    s.effects.iter().filter_map(one).collect()
}

fn asks_from(s: &State, origin: &str) -> State {
    s.reduce(Action::Export(Format::Png, origin.into()))
}

/// A page whose engine has taken this picture.
fn opened(source: Source) -> State {
    settled(State::default().reduce(Action::Ready).reduce(Action::Open(source)))
}

#[test]
fn a_page_around_gets_an_own_picture_only_when_the_visitor_agrees() {
    let example = opened(Source::Example("cat"));
    assert_eq!(told(&asks_from(&example, HOST)), [(HOST.into(), true)], "examples are anybody's");
    let own = settled(example.reduce(Action::Open(file(1))));
    let asked = asks_from(&own, HOST);
    assert_eq!((asked.around.asking(), told(&asked)), (Some(HOST), Vec::new()));
    // no, and no again without a question; a second origin is asked about by itself
    let no = asked.reduce(Action::Allow(false));
    assert_eq!(told(&no), [(HOST.into(), false)]);
    let again = asks_from(&no, HOST);
    assert_eq!((told(&again), again.around.asking()), (vec![(HOST.into(), false)], None));
    let yes = asked.reduce(Action::Allow(true));
    assert_eq!((told(&yes), yes.around.allowed()), (vec![(HOST.into(), true)], vec![HOST]));
    assert_eq!(told(&asks_from(&yes, HOST)), [(HOST.into(), true)]);
    let other = asks_from(&yes, "https://other.example");
    assert_eq!((other.around.asking(), told(&other)), (Some("https://other.example"), Vec::new()));
    // a page without an origin is never trusted
    let sandboxed = asks_from(&yes, "null");
    assert_eq!((told(&sandboxed), sandboxed.around.asking()), (vec![("null".into(), false)], None));
    // with the picture goes the question
    let mut gone = asked.reduce(Action::Open(Source::Example("cat")));
    let mut handed = told(&gone);
    while gone.jobs.running.is_some() {
        gone = step(&gone);
        handed.extend(told(&gone));
    }
    assert_eq!((handed, gone.around.asking()), (vec![(HOST.into(), true)], None));
}

#[test]
fn what_comes_from_an_own_picture_stays_its_own() {
    let own = open().reduce(Action::Method("occlusion")).reduce(Action::Explain);
    let own = settled(own);
    // the example is on the screen already, the engine still has the photo
    let asked = own.reduce(Action::Open(Source::Example("cat")));
    let shown = asked.reduce(Action::Precomputed(
        networks::first(),
        picture(Source::Example("cat")),
        scores(&[1]),
        vec![heat()],
    ));
    assert!(shown.own());
    let late = settled(shown);
    assert!(late.own(), "the photo's result is still there");
    let anew = settled(late.reduce(Action::Explain));
    assert!(!anew.own(), "until another takes its place");
    // pictures of others' addresses, second pictures and groups are the visitor's, too
    let example = opened(Source::Example("cat"));
    let second = settled(example.reduce(Action::OpenSecond(file(2))));
    let gathering = example.reduce(Action::OpenMany(vec![("friends".into(), file(3))]));
    let (id, _) = running(&gathering).unwrap();
    let gathered = gathering.reduce(Action::Gathered(id, "friends".into(), Some(picture(file(3)))));
    let url = opened(Source::Url("https://a.b/c.png".into()));
    let elsewhere = example.reduce(Action::Elsewhere("https://a.b/c.png".into()));
    for s in [second, gathered, url, elsewhere, State::default().reduce(Action::Open(file(4)))] {
        assert!(s.own(), "{:?}", s.source());
    }
    assert!(!example.own());
    // no class, no place, no file in the address that everyone may hear
    let s = open().reduce(Action::Target(285)).reduce(Action::Channel(Some(3))).reduce(Action::Method("lrp"));
    assert_eq!(link::outline(&s), "#v=1&m=lrp&img=local");
}

/// The running job is answered with these figures and facts.
fn ran(s: &State, figures: Vec<Figure>, facts: Value) -> State {
    let (id, _) = running(s).expect("a job runs");
    let figures = figures.into_iter().map(Rc::new).collect();
    s.reduce(Action::Answered(id, Reply::Ran(figures, json!({ "ms": 5000.0, "facts": facts }))))
}

fn fails(s: &State, kind: ProblemKind) -> State {
    s.reduce(Action::Failed(running(s).expect("a job runs").0, problem(kind)))
}

/// What runs or waits for this slot.
fn at(s: &State, slot: Slot) -> Vec<&Ask> {
    s.jobs.all().filter(|j| j.slot() == Some(slot)).map(|j| &j.ask).collect()
}

fn go(s: &State, hash: &str) -> State {
    s.reduce(Action::Go(hash.into()))
}

#[test]
fn a_page_around_gets_the_figure_that_is_shown() {
    let shown = |s: &State| match asks_from(s, HOST).effects.remove(0) {
        Effect::Export(Export { shown, meta: None, .. }) => shown,
        other => panic!("{other:?}"),
    };
    let figure = |s: &State| shown(s).and_then(|f| f.figure).map(|f| f.info.name.clone());
    let s = opened(Source::Example("cat")).reduce(Action::Method("occlusion")).reduce(Action::Explain);
    let named = |n: usize| (0..n).map(|_| Figure::new(Kind::Rgb, "mine", [3, 1, 1], vec![0.0; 3])).collect();
    let done = ran(&s, named(6), json!({ "legend": [{ "value": 7 }, { "value": 3 }] }));
    let given = shown(&done).unwrap();
    assert_eq!((figure(&done).as_deref(), given.legend, given.look), (Some("mine"), vec![7, 3], done.look));
    // many figures are drawn without the photo beneath
    assert_eq!(shown(&ran(&s, named(7), Value::Null)).unwrap().look.mode, Mode::Heat);
    // a map that speaks for and against has its own colours
    let signed = shown(&ran(&s, vec![heat()], Value::Null)).unwrap();
    assert_eq!((signed.look.palette, signed.look.mode), (Palette::Signed, Mode::Overlay));
    // the class activation map where it is meant, and for a method that has not run
    let cam = Some(mark(done.cam.as_ref().unwrap().question()));
    assert_eq!(figure(&go(&done, "#img=sample:cat&m=occlusion&view=cam")), cam);
    assert_eq!(figure(&done.reduce(Action::Method("lrp"))), cam);
    // many maps side by side are no figure, but the whole page has one
    for view in ["board", "maps"] {
        assert_eq!(figure(&go(&done, &format!("#img=sample:cat&ui=min&m=occlusion&view={view}"))), None, "{view}");
        assert_eq!(figure(&go(&done, &format!("#img=sample:cat&m=occlusion&view={view}"))).as_deref(), Some("mine"));
    }
    // what the method told is given as it is
    let told = match done.reduce(Action::Export(Format::Json, HOST.into())).effects.remove(0) {
        Effect::Export(Export { shown: None, meta, .. }) => meta.unwrap(),
        other => panic!("{other:?}"),
    };
    assert_eq!(told["facts"]["legend"][1]["value"], 3);
}

#[test]
fn what_may_come_from_an_own_picture_is_remembered() {
    let cat = Source::Example("cat");
    let example = opened(cat.clone());
    let wrong = example.reduce(Action::Problem(problem(ProblemKind::Internal)));
    assert!(!example.around.own_before() && !wrong.around.own_problem());
    // the problem was there before the own picture
    let second = settled(wrong.reduce(Action::OpenSecond(file(2)))).reduce(Action::Opacity(0.3));
    assert!(second.problem.is_some() && !second.around.own_problem() && second.around.own_before());
    // what was chosen for an own picture may stay when the picture goes
    let own = open();
    assert!(own.reduce(Action::Problem(problem(ProblemKind::Internal))).around.own_problem());
    let gone = settled(own.reduce(Action::Open(cat)));
    assert!(!gone.own() && gone.around.own_before());
}

#[test]
fn a_question_is_own_when_any_of_its_pictures_is() {
    let asked = |s: &State, method| settled(s.reduce(Action::Method(method)).reduce(Action::Explain)).explain.result;
    let own = |s: &State, method| asked(s, method).unwrap().question().own();
    let example = opened(Source::Example("cat"));
    assert!(own(&open(), "lrp") && !own(&example, "lrp"));
    assert!(own(&settled(example.reduce(Action::OpenSecond(file(2)))), "style"));
    assert!(!own(&settled(example.reduce(Action::OpenSecond(Source::Example("coffee")))), "style"));
    assert!(own(&example, "tcav"), "groups are always the visitor's");
}

#[test]
fn only_the_picture_that_a_link_names_is_opened_without_a_question() {
    let [one, other] = ["https://a.b/one.png", "https://a.b/other.png"];
    let link = |url: &str| format!("#img=url:{url}&cls=3");
    // an address waits for the visitor's word, on an empty page and on one with a picture
    for s in [State::default().reduce(Action::Ready), opened(Source::Example("cat")), opened(Source::Url(other.into()))]
    {
        let asks = go(&s, &link(one));
        assert!(asks.opening.is_none() && asks.wanted.url.as_deref() == Some(one) && asks.picture == s.picture);
        assert_eq!((asks.wanted.class, asks.target), (Some(3), None));
        // what the link says is meant for its picture alone
        assert_eq!(settled(asks.reduce(Action::Open(Source::Url(one.into())))).target, Some(3));
        let left = settled(asks.reduce(Action::Open(Source::Url("https://a.b/third.png".into()))));
        assert_eq!((left.target, left.wanted.url), (None, None));
    }
    // the one that is there already stays, and is what was wanted
    let here = go(&opened(Source::Url(one.into())), &link(one));
    assert_eq!((here.opening.as_ref(), here.wanted.url.as_ref(), here.target), (None, None, Some(3)));
}

#[test]
fn a_link_changes_the_method_and_leaves_its_result() {
    let climb = open().reduce(Action::Method("maximise")).reduce(Action::Explain);
    let (id, _) = running(&climb).unwrap();
    let paused = fails(&climb.reduce(Action::Progress(id, 1, 9)).reduce(Action::Pause), ProblemKind::Cancelled);
    assert!(go(&paused, "#img=local&m=maximise").explain.paused);
    assert!(!go(&paused, "#img=local&m=lrp").explain.paused);
    let done = settled(open().reduce(Action::Method("lrp")).reduce(Action::Explain));
    assert_eq!(go(&done, "#img=local&m=saliency").explain.result, done.explain.result);
}

#[test]
fn a_link_to_the_picture_that_is_coming_waits_for_it() {
    let coming = open().reduce(Action::Open(Source::Example("cat")));
    assert_eq!(settled(go(&coming, "#img=sample:cat&cls=3")).target, Some(3));
}

#[test]
fn a_board_runs_by_a_link_that_says_so() {
    let ran = settled(go(&State::default().reduce(Action::Ready), "#view=board&autorun=1"));
    let params = ran.board.params.clone().expect("it runs");
    let question = ran.board_question("lrp", Aim::Class(285), &params).unwrap();
    assert!(ran.board.map(&question).is_some() && ran.explain.result.is_none());
    // on the whole page it is what the reader came for; a frame waits
    assert!(settled(go(&State::default().reduce(Action::Ready), "#view=board")).board.params.is_some());
    assert_eq!(settled(go(&State::default().reduce(Action::Ready), "#view=board&ui=min")).board.params, None);
}

#[test]
fn files_that_a_job_or_a_group_needs_are_kept() {
    let two = open().reduce(Action::Open(file(2)));
    // the second one is asked for while the engine still has the first and a third is wanted
    let third = two.reduce(Action::Open(file(3)));
    let mut kept = third.files();
    kept.sort_unstable();
    kept.dedup();
    assert_eq!(kept, [1, 2, 3]);
    assert!(open().reduce(Action::OfferMany(vec![("a".into(), file(8))])).files().contains(&8));
}

#[test]
fn progress_is_that_of_the_running_job() {
    let s = open().reduce(Action::Method("rise")).reduce(Action::Explain);
    let (id, _) = running(&s).unwrap();
    assert_eq!(s.busy(), None);
    assert_eq!(s.reduce(Action::Progress(id, 3, 9)).busy(), Some((3, 9)));
}

#[test]
fn the_cancel_key_means_what_was_asked_for_first() {
    let s = open().reduce(Action::Open(file(2))).reduce(Action::Method("lrp")).reduce(Action::Explain);
    // the picture is on its way, and what was asked of it waits
    assert!(matches!(running(&s), Some((_, Ask::Picture(_)))) && !s.jobs.waiting.is_empty());
    let s = s.reduce(Action::Cancel);
    assert!(s.effects.is_empty() && s.jobs.waiting.is_empty());
    let (id, _) = running(&s).unwrap();
    assert_eq!(s.reduce(Action::Cancel).effects, [Effect::Cancel(id)]);
}

#[test]
fn what_the_visitor_stopped_is_not_asked_again_by_itself() {
    let s = open().reduce(Action::Target(7));
    let (id, ask) = running(&s).unwrap();
    assert!(matches!(ask, Ask::Run { slot: Slot::Cam, .. }));
    let stopped = fails(&s.reduce(Action::Stop(id)), ProblemKind::Cancelled);
    assert!(running(&stopped).is_none());
    // what only made room is
    let away = s.reduce(Action::Target(8));
    assert_eq!(away.effects, [Effect::Cancel(id)]);
    let back = fails(&away.reduce(Action::Target(7)), ProblemKind::Cancelled);
    assert_eq!(running(&back).map(|r| r.1), Some(ask));
}

#[test]
fn what_the_page_still_needs_goes_on() {
    let cam = open().reduce(Action::Target(7));
    let maps = open().reduce(Action::Layer(5));
    let classes = step(&open().reduce(Action::Open(file(2))));
    let board = open().reduce(Action::BoardRun);
    for s in [cam, maps, classes, board] {
        let (id, _) = running(&s).expect("a job runs");
        assert!(s.reduce(Action::Opacity(0.3)).effects.is_empty());
        // another picture is another question
        assert!(s.reduce(Action::Open(file(3))).effects.contains(&Effect::Cancel(id)));
    }
}

#[test]
fn a_board_that_asks_something_else_lets_go_of_what_runs() {
    let target = |s: &State| running(s).and_then(|(_, a)| a.question()?.0.target);
    let mut s = open().reduce(Action::BoardRun);
    while target(&s) == Some(Aim::Class(285)) {
        s = step(&s);
    }
    // the class that it is compared with
    let (id, _) = running(&s).unwrap();
    assert_eq!(target(&s), Some(Aim::Class(281)));
    // it goes on when it becomes the first, not when two others are asked for
    assert!(!s.reduce(Action::Target(281)).effects.contains(&Effect::Cancel(id)));
    let other = s.reduce(Action::Target(7));
    assert!(other.effects.contains(&Effect::Cancel(id)));
    // the map of the new class first, then the board's questions
    let s = fails(&other, ProblemKind::Cancelled);
    assert!(matches!(running(&s), Some((_, Ask::Run { slot: Slot::Cam, .. }))));
    let s = step(&s);
    assert!(matches!(running(&s), Some((_, Ask::Run { slot: Slot::Board, .. }))));
    assert_eq!(target(&s), Some(Aim::Class(7)));
}

#[test]
fn a_board_ends_at_a_failure_and_holds_no_answer_for_it() {
    let s = open().reduce(Action::BoardRun);
    let (_, ask) = running(&s).unwrap();
    let failed = fails(&s, ProblemKind::Internal);
    assert!(failed.board.todo.is_empty() && failed.problem.is_some());
    assert_eq!(failed.board.answer(ask.question().unwrap().0), None);
}

#[test]
fn an_answer_of_a_picture_that_is_no_longer_shown_is_dropped() {
    let cat = Source::Example("cat");
    let s = open().reduce(Action::Method("lrp")).reduce(Action::Explain);
    let (id, ask) = running(&s).unwrap();
    let away = s.reduce(Action::Open(cat.clone())).reduce(Action::Precomputed(
        networks::first(),
        picture(cat),
        scores(&[1]),
        vec![heat()],
    ));
    let early = away.reduce(Action::Partial(id, vec![Rc::new(heat())], Value::Null));
    let late = away.reduce(Action::Answered(id, reply(&ask)));
    assert!(early.explain.partial.is_none() && late.explain.result.is_none());
}

#[test]
fn the_chosen_method_s_job_is_its_own_result_s() {
    let s = open().reduce(Action::Method("lrp"));
    let beside = s.reduce(Action::Beside("lrp", Default::default()));
    let map = s.reduce(Action::Target(7));
    assert!(beside.shown_job().is_none() && map.shown_job().is_none());
    // what makes room for another question is nobody's
    let asked = s.reduce(Action::Explain);
    let (id, _) = running(&asked).unwrap();
    assert_eq!(asked.shown_job().map(|j| j.id), Some(id));
    assert!(asked.reduce(Action::Method("rise")).shown_job().is_none());
    let other = asked.reduce(Action::Method("rise")).reduce(Action::Method("lrp"));
    assert!(other.shown_job().is_none(), "it is being cancelled");
}

#[test]
fn a_climb_goes_on_only_when_it_began_and_was_stopped() {
    let start = open().reduce(Action::Method("maximise")).reduce(Action::Explain);
    let (id, _) = running(&start).unwrap();
    let begun = start.reduce(Action::Progress(id, 1, 9));
    let stopped = |s: &State| fails(&s.reduce(Action::Stop(id)), ProblemKind::Cancelled).explain.kept;
    assert!(stopped(&begun).is_some() && stopped(&start).is_none());
    assert_eq!(fails(&begun, ProblemKind::Internal).explain.kept, None);
    // and a method that does not climb never
    let done = settled(open().reduce(Action::Method("lrp")).reduce(Action::Explain));
    let again = done.reduce(Action::Resume);
    assert!(matches!(running(&again), Some((_, Ask::Run { resume: false, .. }))));
}

#[test]
fn what_a_paused_climb_shows_goes_when_it_is_begun_anew() {
    let start = open().reduce(Action::Method("maximise")).reduce(Action::Explain);
    let (id, _) = running(&start).unwrap();
    let shown =
        start.reduce(Action::Progress(id, 1, 9)).reduce(Action::Partial(id, vec![Rc::new(heat())], Value::Null));
    // pressed once more while it runs: it goes on
    let pressed = shown.reduce(Action::Explain);
    assert!(pressed.effects.is_empty() && pressed.explain.partial.is_some());
    let paused = fails(&shown.reduce(Action::Pause), ProblemKind::Cancelled);
    assert!(paused.reduce(Action::Resume).explain.partial.is_some());
    assert!(paused.reduce(Action::Explain).explain.partial.is_none());
}

#[test]
fn a_run_leaves_alone_what_was_asked_beside_it() {
    let s = open().reduce(Action::Method("rise")).reduce(Action::Explain);
    let s = s.reduce(Action::Beside("saliency", Default::default()));
    let s = s.reduce(Action::Method("lrp")).reduce(Action::Explain);
    assert_eq!((at(&s, Slot::Beside).len(), at(&s, Slot::Main).len()), (1, 2));
}

#[test]
fn what_waits_keeps_the_class_that_it_was_asked_for() {
    let s = open().reduce(Action::Method("rise")).reduce(Action::Explain);
    let s = settled(s.reduce(Action::Beside("lrp", Default::default())).reduce(Action::Target(7)));
    let target = |r: &Option<cnn_lens::state::Explained>| r.as_ref().and_then(|r| r.question().target);
    assert_eq!((target(&s.explain.beside), s.class()), (Some(Aim::Class(285)), Some(7)));
}

#[test]
fn a_refused_question_is_not_asked_again_by_itself() {
    let quick = open().reduce(Action::Method("saliency")).reduce(Action::Explain);
    let answered = |ms: f64| {
        let (id, ask) = running(&quick).unwrap();
        let Reply::Ran(figures, _) = reply(&ask) else { panic!() };
        quick.reduce(Action::Answered(id, Reply::Ran(figures, json!({ "ms": ms }))))
    };
    let other = |s: &State| settled(s.reduce(Action::Method("lrp"))).reduce(Action::Target(7));
    let s = step(&other(&answered(80.0))).reduce(Action::Method("saliency"));
    assert_eq!(at(&s, Slot::Main).len(), 1);
    assert!(at(&fails(&s, ProblemKind::BadParameter), Slot::Main).is_empty());
    // a second is too long for an answer that nobody pressed for
    assert!(at(&other(&answered(999.0)).reduce(Action::Method("saliency")), Slot::Main).len() == 1);
    assert!(at(&other(&answered(1000.0)).reduce(Action::Method("saliency")), Slot::Main).is_empty());
    // another photo: not before its classes are here
    let next = step(&answered(80.0).reduce(Action::Open(file(2))));
    assert!(matches!(running(&next), Some((_, Ask::Classes(_)))) && at(&next, Slot::Main).is_empty());
}

#[test]
fn a_layer_s_page_and_channel_are_its_own() {
    let s = open().reduce(Action::Channel(Some(3))).reduce(Action::Page(1));
    let same = s.reduce(Action::Layer(s.layer));
    assert_eq!((same.page, same.channel), (1, Some(3)));
    let other = s.reduce(Action::Layer(s.layer + 3));
    assert_eq!((other.page, other.channel), (0, None));
}

#[test]
fn the_scale_of_all_layers_is_asked_for_once_and_when_it_is_needed() {
    let scale = |s: &State| {
        let ask = at(s, Slot::Maps).first().map(|a| (*a).clone())?;
        ask.question().map(|(q, _)| q.params(false).get("scale").cloned())
    };
    assert_eq!(scale(&open().reduce(Action::Layer(5))), Some(None));
    let all = open().reduce(Action::Normalise(Normalise::Model));
    assert_eq!(scale(&all), Some(Some("model".into())));
    let known = settled(all);
    assert_eq!(known.model_scale, Some(7.0));
    assert_eq!(scale(&known.reduce(Action::Layer(5))), Some(None));
}

#[test]
fn what_is_chosen_stays_with_its_picture() {
    let unit = networks::first().unit("conv5_3:7").unwrap();
    let s = settled(open().reduce(Action::Target(7)));
    assert_eq!(s.wanted, Default::default(), "nothing has to wait");
    // the other head sees the same picture
    let taught = s.reduce(Action::Teach(true));
    assert!(
        !taught.question("lrp").unwrap().seen.taught,
        "what is shown is the old head's until the new one has answered"
    );
    let taught = settled(taught);
    assert!(taught.target == Some(7) && taught.question("lrp").unwrap().seen.taught);
    assert_eq!(settled(s.reduce(Action::Open(file(2)))).target, None);
    // chosen while the picture is coming, or before its classes are told
    let coming = open().reduce(Action::Open(file(2)));
    for s in [coming.clone(), step(&coming)] {
        assert_eq!(settled(s.reduce(Action::Aim(Some(unit)))).explain.unit, Some(unit));
        assert_eq!(settled(s.reduce(Action::Target(9))).target, Some(9));
    }
    let s = settled(open().reduce(Action::Aim(Some(unit))));
    assert_eq!((s.wanted.unit, settled(s.reduce(Action::Open(file(2)))).explain.unit), (None, None));
}

#[test]
fn a_method_that_takes_classes_only_is_asked_of_the_class() {
    let unit = networks::first().unit("conv5_3:7").unwrap();
    let s = settled(open().reduce(Action::Aim(Some(unit))));
    let target = |method| s.question(method).unwrap().target;
    assert_eq!((target("lrp"), target("cam")), (Some(Aim::Unit(unit)), Some(Aim::Class(285))));
    assert_eq!(target("feature_maps"), None);
}

#[test]
fn a_question_beside_another_takes_its_picture_and_target() {
    let before = open().reduce(Action::Method("occlusion")).reduce(Action::Param("window", 40.into()));
    let now = settled(before.reduce(Action::Open(file(2)))).reduce(Action::Target(7));
    let (old, new) = (before.question("occlusion").unwrap(), now.question("lrp").unwrap());
    let both = old.of(&new);
    assert_eq!((&both.seen, both.target, both.method), (&new.seen, new.target, "occlusion"));
    assert_eq!(both.params(false)["window"], 40);
    // without a target it stays without
    assert_eq!(before.question("feature_maps").unwrap().of(&new).target, None);
}

#[test]
fn a_parameter_of_the_same_name_is_taken_where_its_value_fits() {
    let spec = |method: &str, id: &str| {
        let info = cnn_lens::methods::find(method).unwrap();
        &info.params.iter().find(|p| p.id == id).unwrap().kind
    };
    for (method, id, good, bad) in [
        ("occlusion", "window", json!(40), json!(3)),
        ("occlusion", "detail", json!("fine"), json!("finest")),
        ("grad_cam", "layer", json!("relu5_3"), json!(5)),
        ("stamp", "word", json!("A"), json!(1)),
        ("randomisation", "methods", json!("lrp"), json!("magic")),
        ("tcav", "concept", json!("red"), json!("")),
    ] {
        assert!(fits(spec(method, id), &good), "{method} {id}");
        assert!(!fits(spec(method, id), &bad), "{method} {id}");
    }
}

#[test]
fn an_empty_lot_of_pictures_is_none() {
    let s = open().reduce(Action::OfferMany(vec![("a".into(), file(8))])).reduce(Action::OpenMany(Vec::new()));
    assert!(s.offered.len() == 1 && s.jobs.running.is_none());
}

#[test]
fn a_cancel_is_no_problem() {
    let s = open();
    assert!(s.reduce(Action::Problem(problem(ProblemKind::Cancelled))).problem.is_none());
    assert!(s.reduce(Action::Problem(problem(ProblemKind::Internal))).problem.is_some());
}

#[test]
fn a_gallery_counts_all_and_shows_a_few() {
    let many = (0..8).map(|i| ("red".to_owned(), file(i))).collect();
    let s = open().reduce(Action::OpenMany(many));
    let (id, _) = running(&s).unwrap();
    let mut s = s;
    for i in 0..8 {
        let before = s.gallery.revision;
        s = s.reduce(Action::Gathered(id, "red".into(), Some(picture(file(i)))));
        assert!(s.gallery.revision > before, "another gallery, another answer");
    }
    s = s.reduce(Action::Gathered(id, "red".into(), None)).reduce(Action::Gathered(id, "red".into(), None));
    let group = &s.gallery.groups["red"];
    assert_eq!((group.count, group.shown.len(), s.gallery.refused), (8, 6, 2));
    let forgotten = s.reduce(Action::Forget("red".into()));
    assert!(forgotten.gallery.groups.is_empty() && forgotten.gallery.revision > s.gallery.revision);
}

#[test]
fn another_picture_has_another_board_of_the_same_methods() {
    let s = open().reduce(Action::BoardSize(4)).reduce(Action::BoardMethod(3, "rise"));
    assert_eq!(s.board.methods, ["cam", "grad_cam", "layer_cam", "rise"]);
    assert_eq!(settled(s.reduce(Action::Open(file(2)))).board.methods, s.board.methods);
    // a picture that is opened once more is computed anew
    let ran = settled(s.reduce(Action::BoardRun));
    assert!(ran.board.params.is_some() && settled(ran.reduce(Action::Open(file(1)))).board.params.is_none());
}

#[test]
fn maps_are_alike_whatever_their_size() {
    let map = |c: usize, side: usize, sign: f32| {
        let data = (0..c * side * side).map(|i| sign * (i % side) as f32 / side as f32).collect();
        Figure::new(Kind::Heat, "m", [c, side, side], data)
    };
    let (a, b) = (map(1, 8, 1.0), map(1, 8, -1.0));
    assert!((swap(&a, &a) - 1.0).abs() < 1e-6 && (swap(&a, &b) + 1.0).abs() < 1e-6);
    assert!(alike(&a, &map(1, 16, 1.0)).unwrap() > 0.99 && alike(&a, &map(1, 16, -1.0)).unwrap() < -0.99);
    assert_eq!(alike(&a, &map(3, 8, 1.0)), None);
}

#[test]
fn what_is_grown_for_a_neuron_is_its_whole_channel() {
    let unit = |text: &str| networks::first().unit(text).unwrap();
    assert_eq!(networks::first().grown(unit("relu5_3:7@1,2")), unit("conv5_3:7"));
}

#[test]
fn feature_maps_are_put_in_order() {
    // means 4/3, 3, 4/3; maxima 4, 3, 2; zeros in 2, 0, 1 of three
    let data = vec![0.0, 0.0, 4.0, 3.0, 3.0, 3.0, 0.0, 2.0, 2.0];
    let maps = Maps::new(&networks::first(), Rc::new(Figure::new(Kind::Tiles, "relu3_1", [3, 1, 3], data.clone())));
    let order = |order| maps.ordered(order);
    assert_eq!(order(Order::Index), [0, 1, 2]);
    assert_eq!(order(Order::Mean), [1, 0, 2], "largest first, the first of equals first");
    assert_eq!(order(Order::Max), [0, 1, 2]);
    assert_eq!(order(Order::Sparsity), [1, 2, 0]);
    assert!(!maps.signed);
    assert!(Maps::new(&networks::first(), Rc::new(Figure::new(Kind::Tiles, "conv3_1", [3, 1, 3], data))).signed);
}

#[test]
fn a_unit_is_explained_below_itself() {
    let unit = networks::first().unit("relu4_3:12").unwrap();
    let s = settled(open().reduce(Action::Aim(Some(unit))).reduce(Action::Method("grad_cam")));
    let layer = |s: &State| s.question("grad_cam").unwrap().layer().map(str::to_owned);
    assert_eq!(layer(&s).as_deref(), Some("relu4_2"), "the default, relu5_3, stands above it");
    let chosen = s.reduce(Action::Param("layer", "relu3_1".into()));
    assert_eq!(layer(&chosen).as_deref(), Some("relu3_1"));
    assert_eq!(layer(&s.reduce(Action::Target(281))).as_deref(), Some("relu5_3"), "a class is explained as before");
}

#[test]
fn what_a_question_could_not_be_answered_for_goes_with_the_question() {
    let with = |kind| open().reduce(Action::Method("grad_cam")).reduce(Action::Problem(Problem::new(kind, "why")));
    for action in [Action::Target(281), Action::Method("saliency"), Action::Param("layer", "relu4_3".into())] {
        assert!(with(ProblemKind::BadParameter).reduce(action.clone()).problem.is_none(), "{action:?}");
        assert!(with(ProblemKind::WeightsMissing).reduce(action).problem.is_some(), "the weights are still missing");
    }
}

#[test]
fn who_wants_something_computed_wants_the_weights() {
    let offered = open().reduce(Action::Offer(15_000_000));
    let chosen = offered.reduce(Action::Method("grad_cam"));
    assert!(chosen.offer.is_some(), "a name alone is looked at");
    for run in [Action::Begin("grad_cam"), Action::Explain] {
        let s = chosen.reduce(run);
        assert!(s.offer.is_none() && s.effects.contains(&Effect::Start(networks::first())));
    }
}

fn squeezenet() -> Action {
    Action::Network(networks::get("squeezenet").unwrap())
}

#[test]
fn another_network_keeps_what_fits_it_and_answers_for_itself() {
    let unit = networks::first().unit("relu4_3:12");
    let set = open().reduce(Action::Method("grad_cam")).reduce(Action::Param("layer", "relu3_3".into()));
    let set = set.reduce(Action::Param("fuse", "max".into())).reduce(Action::Target(281)).reduce(Action::Explain);
    let before = settled(settled(set).reduce(Action::Layers(5)).reduce(Action::Channel(Some(3))));
    assert!(before.explain.result.is_some() && before.strip.is_some());
    let s = before.reduce(Action::Aim(unit)).reduce(Action::Target(281)).reduce(squeezenet());
    assert!(s.effects.iter().any(|e| matches!(e, Effect::Network(net) if net.id() == "squeezenet")));
    // the photo, the class, the method and what of its settings fits
    assert_eq!((s.picture.is_some(), s.class(), s.explain.method), (true, Some(281), "grad_cam"));
    assert_eq!(s.explain.params.keys().copied().collect::<Vec<_>>(), ["fuse"]);
    assert_eq!((s.net.name(s.layer), s.channel, s.explain.unit), ("relu_conv1", None, None));
    // nothing of the other one's answers, and nothing is asked before the engine is another
    assert!(s.cam.is_none() && s.maps.is_none() && s.strip.is_none() && s.explain.result.is_none() && s.live.is_none());
    assert!(s.jobs.running.is_none() && !s.jobs.ready && s.device.is_none() && !s.weights.loaded);
    let s = settled(s.reduce(Action::Ready));
    assert_eq!(s.live.as_ref().map(|l| l.net.id().to_owned()).as_deref(), Some("squeezenet"));
    // what was on the stage is asked for again, of this network
    let result = s.explain.result.as_ref().map(|r| r.question().clone()).expect("it was run again");
    assert_eq!((result.seen.net.id(), result.layer()), ("squeezenet", Some("relu_conv10")));
    assert_eq!(result.target, Some(Aim::Class(281)));
    // and back
    let back = settled(s.reduce(Action::Network(networks::first())).reduce(Action::Ready));
    assert_eq!((back.net.name(back.layer), back.live.map(|l| l.net)), ("relu1_1", Some(networks::first())));
}

#[test]
fn what_the_old_engine_still_says_is_not_taken_for_the_new_ones() {
    let s = open().reduce(Action::Method("lrp")).reduce(Action::Explain);
    let (old, ask) = running(&s).unwrap();
    let s = s.reduce(squeezenet());
    let late =
        s.reduce(Action::Answered(old, reply(&ask))).reduce(Action::Failed(old, problem(ProblemKind::Cancelled)));
    assert!(late.explain.result.is_none() && late.problem.is_none());
    // a screen that was computed for the other network
    let example = Source::Example("cat");
    let s = open().reduce(Action::Open(example.clone())).reduce(squeezenet());
    let s = s.reduce(Action::Precomputed(networks::first(), picture(example), scores(&[285]), vec![heat()]));
    assert!(!s.precomputed && s.cam.is_none());
    // a group that the page has forgotten is forgotten by the next engine too
    let group = ("cats".to_owned(), file(3));
    let s = settled(open().reduce(Action::OpenMany(vec![group])));
    let s = s.reduce(Action::Method("maximise")).reduce(Action::Explain).reduce(Action::Forget("cats".into()));
    let s = s.reduce(squeezenet());
    assert!(s.jobs.waiting.iter().any(|j| matches!(&j.ask, Ask::Forget(of) if of == "cats")));
}

#[test]
fn a_network_that_is_chosen_is_fetched_and_one_that_a_link_names_is_offered() {
    let offered = State::default().reduce(Action::Go("#img=sample:cat".into())).reduce(Action::Offer(9));
    let chosen = offered.reduce(squeezenet());
    let start = |e: &Effect| matches!(e, Effect::Start(net) if net.id() == "squeezenet");
    assert!(chosen.offer.is_none() && chosen.effects.iter().any(start));
    let linked = offered.reduce(Action::Go("#net=squeezenet".into()));
    assert_eq!(linked.offer, Some(networks::bytes("squeezenet")));
    assert!(!linked.effects.iter().any(|e| matches!(e, Effect::Start(_))));
    // the same one again changes nothing
    let s = open();
    assert_eq!(
        State { effects: Vec::new(), ..s.reduce(Action::Network(networks::first())) },
        State { effects: Vec::new(), ..s }
    );
}

/// SqueezeNet under an id of the visitor's own.
fn own(id: &str) -> Rc<NetworkSpec> {
    let card = include_str!("../weights/squeezenet/card.json").replacen("\"squeezenet\"", &format!("\"{id}\""), 1);
    let net = NetworkSpec::new(Card::parse(&card).unwrap()).unwrap();
    networks::open(Rc::clone(&net), 1);
    net
}

#[test]
fn a_link_of_an_own_network_waits_for_its_file_and_is_then_followed() {
    let hash = "#v=1&net=local:0123456789ab:mine;unit&img=sample:cat&m=grad_cam&p=layer:fire9%2Fconcat";
    let asked = State::default().reduce(Action::Go(hash.into()));
    assert!(asked.missing.is_some() && asked.refused.iter().all(|r| r.starts_with("p=")), "{:?}", asked.refused);
    assert!(link::print(&asked).contains("net=local:0123456789ab:mine;unit"));
    // the dialog is told how the link's pictures were prepared
    let opening = asked.clone().reduce(Action::OpenNetwork(1));
    let wanted = |effect: &Effect| matches!(effect, Effect::OpenNetwork { wanted: Some(w), .. } if w == "unit");
    assert!(opening.effects.iter().any(wanted));
    // another file is no answer to it, a shipped network gives it up
    let other = asked.clone().reduce(Action::Network(own("local:ba9876543210:other;unit")));
    assert!(other.missing.is_some());
    assert!(asked.clone().reduce(Action::Network(networks::get("squeezenet").unwrap())).missing.is_none());
    let found = asked.reduce(Action::Network(own("local:0123456789ab:mine;unit")));
    assert_eq!((found.missing.as_ref(), found.net.id()), (None, "local:0123456789ab:mine;unit"));
    assert_eq!((found.explain.method, found.explain.params.get("layer")), ("grad_cam", Some(&json!("fire9/concat"))));
    // of a network of the visitor's own nothing is told to the page around
    assert!(found.own() && !link::outline(&found).contains("local:0123"));
}

fn against_squeezenet() -> State {
    settled(settled(open().reduce(Action::Compare)).reduce(Action::BoardBy(By::Networks)))
}

/// The networks and classes that are asked side by side.
fn networks_asked(s: &State) -> Vec<(String, &'static str, Option<Aim>)> {
    compared(s).into_iter().map(|q| (q.seen.net.id().to_owned(), q.method, q.target)).collect()
}

#[test]
fn two_networks_are_asked_for_one_class_by_a_method_that_both_have() {
    let s = against_squeezenet();
    assert_eq!(
        s.pair.other.as_ref().map(|net| net.id()),
        Some("squeezenet"),
        "the smaller one, unless another is chosen"
    );
    let cat = Some(Aim::Class(285));
    assert_eq!(networks_asked(&s), [("vgg16".into(), "cam", cat), ("squeezenet".into(), "cam", cat)]);
    // each network's classes are its own
    assert_eq!((s.classes[0].index, s.other_classes()[0].index), (285, 281));
    // another class: of both
    let other = settled(s.reduce(Action::Target(7)));
    assert!(networks_asked(&other).iter().all(|(_, _, aim)| *aim == Some(Aim::Class(7))));
    // the pace is that of the engine in use
    assert_eq!(s.pace, open().pace);
    // another photo: nothing of the one before stands under it
    let (opening, moved) = (s.reduce(Action::Open(file(2))), settled(s.reduce(Action::Open(file(2)))));
    assert!(moved.board_cells(moved.board.params.as_ref().unwrap()).iter().all(|q| q.seen.source == file(2)));
    assert!(step(&opening).other_classes().is_empty());
    // who uses the other network compares it with the one before
    let swapped = settled(s.reduce(squeezenet()).reduce(Action::Ready));
    let nets: Vec<_> = networks_asked(&swapped).into_iter().map(|(net, ..)| net).collect();
    assert_eq!(nets, ["squeezenet", "vgg16"]);
    // what one of the two has not got the method for gives way to Grad-CAM
    let guided = settled(s.reduce(Action::BoardMethod(0, "guided_backprop")));
    assert_eq!((guided.board.method(), guided.pair_method()), ("guided_backprop", "guided_backprop"));
    let card = include_str!("../weights/squeezenet/card.json").replace("\"relu\"", "\"silu\"");
    let card = card.replacen("\"squeezenet\"", "\"local:dddddddddddd:smooth;unit\"", 1);
    let smooth = NetworkSpec::new(Card::parse(&card).unwrap()).unwrap();
    let without = settled(guided.reduce(Action::Against(smooth)));
    assert_eq!((without.board.method(), without.pair_method()), ("guided_backprop", "grad_cam"));
    assert!(networks_asked(&without).iter().all(|(_, method, _)| *method == "grad_cam"));
    // a layer of one is none of the other's
    let s = settled(s.reduce(Action::BoardMethod(0, "grad_cam")));
    let layer = settled(s.reduce(Action::Param("layer", "relu3_3".into())).reduce(Action::BoardRun));
    let layers: Vec<_> = compared(&layer).iter().map(|q| q.layer().map(str::to_owned)).collect();
    assert_eq!(layers, [Some("relu3_3".into()), compared(&s)[1].layer().map(str::to_owned)]);
}

#[test]
fn the_other_networks_engine_ends_when_nobody_looks_at_it() {
    let s = against_squeezenet();
    assert!(s.pair.other.is_some() && !s.effects.contains(&Effect::Release));
    let left = s.reduce(Action::Back);
    assert_eq!(left.effects, [Effect::Release]);
    assert!(!left.reduce(Action::Theme(cnn_lens::state::Theme::Dark)).effects.contains(&Effect::Release), "once");
    // what it is asked is cancelled first
    let asked = open().reduce(Action::Compare).reduce(Action::BoardBy(By::Networks));
    let mut asked = asked;
    while !matches!(running(&asked), Some((_, Ask::Other(_)))) {
        asked = step(&asked);
    }
    let (id, _) = running(&asked).unwrap();
    assert_eq!(asked.reduce(Action::Back).effects, [Effect::Cancel(id), Effect::Release]);
    // weights that do not come are asked for once, and again when the visitor does
    let failed = settled(asked.reduce(Action::Failed(id, problem(ProblemKind::WeightsMissing))));
    assert!(failed.other_classes().is_empty() && failed.problem.is_some());
    assert!(!settled(failed.reduce(Action::BoardRun)).other_classes().is_empty());
}

#[test]
fn networks_without_a_common_class_are_each_asked_for_their_own() {
    let card = include_str!("../weights/squeezenet/card.json").replacen(
        "\"squeezenet\"",
        "\"local:aaaaaaaaaaaa:unnamed;unit\"",
        1,
    );
    let names = |list: &str| NetworkSpec::new(Card::parse(&card.replacen("\"imagenet\"", list, 1)).unwrap()).unwrap();
    let unnamed = names("[]");
    assert_eq!(same(&networks::first(), 285, &networks::get("squeezenet").unwrap()), Some(285));
    assert_eq!(same(&networks::first(), 285, &unnamed), None, "a number is no name");
    assert_eq!(same(&unnamed, 3, &unnamed), Some(3));
    let list: Vec<String> =
        (0..1000).map(|i| if i == 4 { "egyptian Cat ".into() } else { format!("thing {i}") }).collect();
    let named = names(&serde_json::to_string(&list).unwrap());
    assert_eq!((same(&networks::first(), 285, &named), same(&named, 4, &networks::first())), (Some(4), Some(285)));
    assert_eq!(same(&networks::first(), 284, &named), None);
    let s = settled(against_squeezenet().reduce(Action::Opened(unnamed)));
    assert_eq!(
        networks_asked(&s).iter().map(|(.., aim)| *aim).collect::<Vec<_>>(),
        [Some(Aim::Class(285)), Some(Aim::Class(281))]
    );
    assert_eq!(s.net, networks::first(), "a file that is opened here is the other network");
    assert!(!open().reduce(Action::Opened(named)).net.id().is_empty());
}

#[test]
fn a_folder_is_a_table_and_the_page_goes_before_it() {
    let s = against_squeezenet().reduce(Action::Sort((50..54).map(file).collect()));
    assert_eq!((s.sorted(), s.agreement()), ((0, 8), None));
    // what the page needs comes in between
    let cam = step(&s.reduce(Action::Target(7)));
    assert!(matches!(running(&cam), Some((_, Ask::Run { .. }))), "{:?}", running(&cam));
    // Cancel keeps what was told
    let two = step(&step(&s));
    let (id, _) = running(&two).unwrap();
    let stopped = two.reduce(Action::SortStop);
    assert_eq!(stopped.effects, [Effect::Cancel(id)]);
    let stopped = settled(stopped.reduce(Action::Failed(id, problem(ProblemKind::Cancelled))));
    assert_eq!((stopped.sorted(), stopped.jobs.running.is_none(), stopped.problem.is_none()), ((2, 8), true, true));
    // a photo that is none is left out and said
    let on = stopped.reduce(Action::SortOn);
    let (id, ask) = running(&on).unwrap();
    let Ask::Sort(bad) = ask else { panic!("{ask:?}") };
    let done = settled(on.reduce(Action::Failed(id, problem(ProblemKind::NotAnImage))));
    assert_eq!((done.sorted(), done.problem.as_ref()), ((6, 6), None));
    assert_eq!(
        done.pair.folder.photos.iter().filter(|p| p.refused).map(|p| &p.source).collect::<Vec<_>>(),
        [&bad.source]
    );
    // 50 and 53 are left beside 51 (52 was none): on 50 they agree
    let table = done.agreement().unwrap();
    assert_eq!((table.both, table.agreed, table.rows.as_slice()), (3, Some(1), [10].as_slice()));
    assert_eq!((table.columns, table.cells), (Columns::Classes(vec![20, 10]), vec![vec![vec![1, 3], vec![0]]]));
    // the files are held, also while another photo is looked at, and let go with the folder
    let opened = settled(done.reduce(Action::Open(file(51))));
    assert!([50, 51, 53].iter().all(|id| opened.files().contains(id)));
    assert!(opened.agreement().is_some());
    assert_eq!(opened.reduce(Action::Sort(Vec::new())).files().iter().filter(|id| **id != 51).count(), 0);
    // answers are a network's own: with another one there is no table until it was asked
    let third = done.reduce(Action::Against(own("local:bbbbbbbbbbbb:third;unit")));
    assert_eq!((third.agreement(), third.pair.folder.sorting), (None, true));
    assert_eq!(settled(third).sorted(), (6, 6));
}

#[test]
fn many_classes_are_counted_as_agreed_on_or_not() {
    let mut s = against_squeezenet().reduce(Action::Sort((50..70).map(file).collect()));
    let mut class = 0;
    while let Some((id, Ask::Sort(seen))) = running(&s) {
        class += 1;
        let told = if seen.net == networks::first() { 10 } else { class };
        s = s.reduce(Action::Answered(id, Reply::Sorted(picture(seen.source), scores(&[told]).remove(0))));
    }
    let table = s.agreement().unwrap();
    assert_eq!((table.columns, table.both, table.agreed), (Columns::Same, 20, Some(0)));
    assert_eq!(table.cells.iter().flatten().map(Vec::len).collect::<Vec<_>>(), [0, 20]);
    let many = s.reduce(Action::Sort((100..100 + MOST_PHOTOS as u32 + 3).map(file).collect()));
    assert_eq!((many.pair.folder.photos.len(), many.pair.folder.left_out), (MOST_PHOTOS, 3));
}

#[test]
fn a_link_says_with_which_network_and_waits_for_a_file() {
    let s = against_squeezenet();
    let print = link::print(&s);
    assert!(print.contains("by=networks&with=squeezenet"), "{print}");
    let linked = settled(
        State::default().reduce(Action::Ready).reduce(Action::Go(print.replace("img=local", "img=sample:cat"))),
    );
    assert_eq!(networks_asked(&linked).len(), 2);
    assert!(linked.refused.is_empty());
    // not with itself
    let itself = State::default().reduce(Action::Go("#by=networks&with=vgg16".into()));
    assert_eq!((itself.refused.as_slice(), itself.pair.other.as_ref()), (["with=vgg16".to_owned()].as_slice(), None));
    // other boards have none
    assert!(!link::print(&settled(s.reduce(Action::BoardBy(By::Classes)))).contains("with="));
    let hash = "#view=board&by=networks&with=local:cccccccccccc:mine;unit&img=sample:cat";
    let waits = settled(State::default().reduce(Action::Ready).reduce(Action::Go(hash.into())));
    assert_eq!(
        (waits.pair.awaited.as_deref(), waits.pair.other.as_ref()),
        (Some("local:cccccccccccc:mine;unit"), None)
    );
    assert!(link::print(&waits).contains("with=local:cccccccccccc:mine;unit"));
    // the name of somebody's file is not told to the page around
    assert!(!link::outline(&waits).contains("cccccccccccc"));
    let found = settled(waits.reduce(Action::Opened(own("local:cccccccccccc:mine;unit"))));
    assert_eq!((found.pair.awaited.as_ref(), found.net.id(), networks_asked(&found).len()), (None, "vgg16", 2));
    assert!(found.own() && !link::outline(&found).contains("cccccccccccc"));
}

#[test]
fn how_far_maps_agree_and_where_not() {
    let map = |data: Vec<f32>| Figure::new(Kind::Heat, "map", [1, 2, 2], data);
    let (left, right) = (map(vec![1.0, 0.0, 1.0, 0.0]), map(vec![0.0, 8.0, 0.0, 8.0]));
    assert_eq!((shared_fifth(&left, &left), shared_fifth(&left, &right)), (Some(1.0), Some(0.0)));
    assert_eq!(shared_fifth(&left, &map(vec![3.0; 4])), None, "no place is stronger than another");
    let between = difference(&left, &right).unwrap();
    // each counts to its own largest value
    assert_eq!((between.data[0], between.data[55]), (1.0, -1.0));
    assert!(difference(&left, &left).unwrap().data.iter().all(|v| *v == 0.0));
    assert!(difference(&left, &map(vec![0.0; 4])).is_none());
}
