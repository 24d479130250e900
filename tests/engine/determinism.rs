//! The same question, the same bits: whatever helpers there are, in which order they answer and which of them fail, and however
//! many pictures are computed together.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::support::{packed, root};
use cnn_lens::catalog::{Score, Target, Unit, Want};
use cnn_lens::engine::kernels::cpu::Cpu;
use cnn_lens::engine::noise::Noise;
use cnn_lens::engine::pace::Local;
use cnn_lens::engine::planes::Shape;
use cnn_lens::engine::{Alone, Device, Helpers, Network, Planes, Portion, Silent, probe};
use cnn_lens::job::{Answer, Session};
use pollster::block_on;
use serde_json::json;

/// Three helpers whose answers come when chance wants it, or not at all.
struct Shuffled {
    network: Rc<Network<Cpu>>,
    seed: u64,
    drawn: Cell<u64>,
    mail: RefCell<Vec<Portion>>,
    failed: Cell<usize>,
    late: Cell<usize>,
}

impl Shuffled {
    fn new(network: Rc<Network<Cpu>>, seed: u64) -> Self {
        Self { network, seed, drawn: Cell::new(0), mail: RefCell::default(), failed: Cell::new(0), late: Cell::new(0) }
    }

    fn chance(&self, of: f32) -> bool {
        self.drawn.set(self.drawn.get() + 1);
        Noise::new(self.seed, 0).uniform(self.drawn.get()) < of
    }
}

impl Helpers for Shuffled {
    fn engines(&self) -> usize {
        4
    }

    fn idle(&self) -> Option<usize> {
        (self.mail.borrow().len() < 6 && self.chance(0.7)).then_some(0)
    }

    fn send(&self, _: usize, first: usize, inputs: &Planes, want: &Want) {
        let count = inputs.shape.n;
        let answers = if self.chance(0.2) {
            self.failed.set(self.failed.get() + 1);
            None
        } else {
            Some(block_on(probe::here(&self.network, inputs.clone(), want, &Silent)).unwrap())
        };
        self.mail.borrow_mut().push(Portion { first, count, answers });
    }

    fn answers(&self) -> Vec<Portion> {
        let (now, later): (Vec<_>, Vec<_>) = self.mail.take().into_iter().rev().partition(|_| self.chance(0.4));
        self.late.set(self.late.get() + later.len());
        *self.mail.borrow_mut() = later;
        now
    }

    fn wait(&self) -> Local<'_, ()> {
        Box::pin(async {})
    }
}

fn small(network: &Rc<Network<Cpu>>, helpers: Rc<dyn Helpers>) -> Session<Cpu> {
    let mut session = Session::new(Rc::clone(network), helpers);
    let photo = std::fs::read(root().join("tests/golden/photo224.png")).unwrap();
    session.set_image(photo, None, &json!({ "size": 32 })).unwrap();
    session
}

fn bits(answer: &Answer) -> (Vec<u32>, String) {
    let values = answer.figures.iter().flat_map(|f| f.data.iter().map(|v| v.to_bits()));
    (values.collect(), answer.result.to_string())
}

/// Every method with passes that do not depend on each other.
#[test]
fn helpers_change_no_bit_of_any_method() {
    let network = Rc::new(packed(Cpu::default()));
    let (mut failed, mut late) = (0, 0);
    for (method, params) in [
        ("rise", json!({ "masks": 60, "stop": "all" })),
        ("rise", json!({ "masks": 300 })),
        ("smooth_grad", json!({ "samples": 40, "combine": "variance" })),
        ("integrated_gradients", json!({ "steps": 24, "baseline": "average" })),
        ("occlusion", json!({ "detail": "own", "window": 9, "stride": 4 })),
        ("score_cam", json!({ "channels": 40 })),
        ("lime", json!({ "samples": 60, "segments": 8 })),
        ("patch", json!({ "patch_side": 8, "patch_steps": 3 })),
        ("shuffle", json!({ "orders": 20 })),
        ("position", json!({ "shift": 4 })),
        ("frequency", json!({})),
        ("colour", json!({})),
        ("stamp", json!({})),
        ("corruptions", json!({})),
        ("faithfulness", json!({ "subsets": 4, "patches": 8, "copies": 1, "curve_steps": 8 })),
    ] {
        let run = |helpers: Rc<dyn Helpers>| {
            block_on(small(&network, helpers).run(method, &params, &Silent))
                .unwrap_or_else(|e| panic!("{method}: {}", e.detail))
        };
        let alone = bits(&run(Rc::new(Alone)));
        for seed in 0..2 {
            let helpers = Rc::new(Shuffled::new(Rc::clone(&network), seed));
            assert!(bits(&run(Rc::clone(&helpers) as Rc<dyn Helpers>)) == alone, "{method} under seed {seed}");
            failed += helpers.failed.get();
            late += helpers.late.get();
        }
    }
    println!("{failed} portions failed, {late} times one had to wait");
    assert!(failed > 20 && late > 100, "chance was too kind: {failed} {late}");
}

/// One that answers only when there is nothing else to do, the last first.
#[derive(Default)]
struct Hoarder {
    held: RefCell<Vec<Portion>>,
    taken: Cell<usize>,
    /// How far ahead of what was taken an input was given to it.
    most: Cell<usize>,
    free: Cell<bool>,
}

impl Helpers for Hoarder {
    fn engines(&self) -> usize {
        2
    }

    fn idle(&self) -> Option<usize> {
        Some(0)
    }

    fn send(&self, _: usize, first: usize, inputs: &Planes, _: &Want) {
        let answers = (first..first + inputs.shape.n).map(|i| vec![i as f32]).collect();
        self.held.borrow_mut().push(Portion { first, count: inputs.shape.n, answers: Some(answers) });
        self.most.set(self.most.get().max(first + inputs.shape.n - self.taken.get()));
    }

    fn answers(&self) -> Vec<Portion> {
        let free = self.free.replace(false);
        if free { self.held.borrow_mut().pop().into_iter().collect() } else { Vec::new() }
    }

    fn wait(&self) -> Local<'_, ()> {
        self.free.set(true);
        Box::pin(async {})
    }
}

#[test]
fn answers_come_in_order_and_few_are_held() {
    let (network, helpers) = (packed(Cpu::default()), Hoarder::default());
    let mut taken = Vec::new();
    let unit = Want::Unit(Unit { layer: 1, channel: 0, place: Some((0, 0)) });
    let input = |_: usize| Planes::zeros(Shape::new(3, 64, 64));
    let take = |i: usize, _| {
        taken.push(i);
        helpers.taken.set(i + 1);
    };
    block_on(probe::spread(&network, &helpers, 1000, &unit, input, take, &Silent)).unwrap();
    assert!(taken.iter().copied().eq(0..1000), "{taken:?}");
    println!("at most {} of 1000 held", helpers.most.get());
    assert!(helpers.most.get() <= 128);
}

fn wants() -> Vec<Want> {
    let class = Target::Class { class: 285, score: Score::LogProbability };
    vec![
        Want::Gradient(class),
        Want::Logits,
        Want::Gradient(Target::Unit(Unit { layer: 25, channel: 63, place: None })),
        Want::Unit(Unit { layer: 27, channel: 3, place: None }),
        Want::Means { stage: 23 },
        Want::Slopes { stage: 23, class: 285 },
    ]
}

async fn batches<D: Device>(network: &Network<D>, sides: &[usize], wants: &[Want]) {
    for side in sides.iter().copied() {
        let one = Shape::new(3, side, side);
        let noisy = |i: usize| {
            let noise = Noise::new(5, i as u64);
            Planes::from_dense(one, &(0..one.len() as u64).map(|k| noise.normal(k)).collect::<Vec<_>>())
        };
        for want in wants {
            let mut single = Vec::new();
            for i in 0..7 {
                single.extend(probe::here(network, noisy(i), want, &Silent).await.unwrap());
            }
            for sizes in [&[7][..], &[2, 5], &[4, 3]] {
                let (mut first, mut together) = (0, Vec::new());
                for n in sizes {
                    let inputs = probe::stack((first..first + n).map(noisy).collect());
                    together.extend(probe::here(network, inputs, want, &Silent).await.unwrap());
                    first += n;
                }
                let same =
                    single.iter().flatten().map(|v| v.to_bits()).eq(together.iter().flatten().map(|v| v.to_bits()));
                assert!(same, "{want:?} at {side} px in batches of {sizes:?}");
            }
        }
    }
}

#[test]
fn a_batch_has_the_bits_of_its_pictures() {
    block_on(batches(&packed(Cpu::default()), &[32, 45, 64], &wants()));
}

/// A batch has the bits of its pictures. See `webgpu.rs`.
#[cfg(feature = "gpu")]
pub fn on_webgpu(gpu: cnn_lens::engine::kernels::gpu::Gpu) -> cnn_lens::engine::kernels::gpu::Gpu {
    let network = packed(gpu);
    // the last block's convolutions of 64 pixels have one tile: too few for Winograd's transforms, also for many together
    block_on(batches(&network, &[64], &wants()[..1]));
    network.device().clone()
}
