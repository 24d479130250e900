//! Independent passes of the network: here in batches, and on as many helpers as there are.
//!
//! The answers come in order of their inputs' numbers, whoever gave them and when: a sum over them is the same to the last bit
//! with any helpers, so that no method has to see to it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use super::graph::ByNode;
use super::kernels::Gate;
use super::pace::Local;
pub use super::pace::Quiet;
use super::planes::{Planes, Shape};
use super::{Device, EngineError, Network, Pace};
use crate::catalog::{Score, Target, Want};

/// Images of `pixels` each that one engine computes together: the deep layers' weights are read once for all of them, and
/// 40 MB hold what they become.
fn batch(pixels: usize) -> usize {
    (4 * 224 * 224 / pixels.max(1)).clamp(1, 16)
}

/// The answers to a stretch of inputs that a helper was sent.
pub struct Portion {
    /// The number of the stretch's first input.
    pub first: usize,
    /// How many inputs the stretch has.
    pub count: usize,
    /// One answer per input; `None` when the helper failed.
    pub answers: Option<Vec<Vec<f32>>>,
}

/// Other engines with the same weights.
pub trait Helpers {
    /// Starts the helpers if they are not running; called before every long job.
    fn start(&self) {}

    /// How many engines compute, this one included.
    fn engines(&self) -> usize {
        1
    }

    /// A helper that can take more.
    fn idle(&self) -> Option<usize>;

    /// Gives `helper` the inputs from number `first` on.
    fn send(&self, helper: usize, first: usize, inputs: &Planes, want: &Want);

    /// What has come back since the last call.
    fn answers(&self) -> Vec<Portion>;

    /// Waits until something has come back.
    fn wait(&self) -> Local<'_, ()>;
}

/// Nobody to help: this engine computes everything itself.
pub struct Alone;

impl Helpers for Alone {
    fn idle(&self) -> Option<usize> {
        None
    }

    fn send(&self, _: usize, _: usize, _: &Planes, _: &Want) {}

    fn answers(&self) -> Vec<Portion> {
        Vec::new()
    }

    fn wait(&self) -> Local<'_, ()> {
        Box::pin(async {})
    }
}

/// What is still to be done, handed out in portions.
struct Work<'a, F> {
    helpers: &'a dyn Helpers,
    want: &'a Want,
    count: usize,
    batch: usize,
    /// Portions into which the rest is cut when that makes them smaller.
    shares: usize,
    /// How far ahead of the answers that were taken an input may be handed out: bounds the answers that are held.
    window: usize,
    taken: Cell<usize>,
    next: Cell<usize>,
    /// A failed helper's portions: first input and how many.
    again: RefCell<BTreeMap<usize, usize>>,
    input: RefCell<F>,
}

impl<F: FnMut(usize) -> Planes> Work<'_, F> {
    fn portion(&self) -> Option<(usize, Planes)> {
        let (first, n) = self.again.borrow_mut().pop_first().or_else(|| {
            let first = self.next.get();
            // smaller towards the end, so that all finish together
            // the first input alone: its answer is the first thing to be looked at
            let share = self.batch(first).min((self.count - first).div_ceil(self.shares));
            let end = first + share.min(self.taken.get() + self.window - first);
            self.next.set(end);
            (first < end).then_some((first, end - first))
        })?;
        let mut input = self.input.borrow_mut();
        Some((first, stack((first..first + n).map(&mut *input).collect())))
    }

    fn batch(&self, first: usize) -> usize {
        if first == 0 { 1 } else { self.batch }
    }

    /// Gives every idle helper something to do.
    fn feed(&self) {
        while let Some(helper) = self.helpers.idle() {
            let Some((first, inputs)) = self.portion() else { break };
            self.helpers.send(helper, first, &inputs, self.want);
        }
    }
}

/// Portions per engine that may be on their way or held: enough that a helper four times as slow keeps nobody waiting.
const AHEAD: usize = 4;

/// Passes the `count` inputs that `input` makes and hands each answer to `take` with its number, in order of the numbers.
///
/// # Errors
/// [`EngineError::Cancelled`] when the visitor cancels, [`EngineError::Device`] when the device fails.
pub async fn spread<D: Device>(
    network: &Network<D>,
    helpers: &dyn Helpers,
    count: usize,
    want: &Want,
    mut make: impl FnMut(usize) -> Planes,
    mut take: impl FnMut(usize, Vec<f32>),
    pace: &dyn Pace,
) -> Result<(), EngineError> {
    if count == 0 {
        return Ok(());
    }
    let first = make(0);
    let batch = batch(first.shape.h * first.shape.w);
    // made once, and asked for its size before it is passed
    let mut first = Some(first);
    let input = |i: usize| first.take_if(|_| i == 0).unwrap_or_else(|| make(i));
    if count > batch {
        helpers.start();
    }
    let engines = helpers.engines();
    let work = Work {
        helpers,
        want,
        count,
        batch,
        shares: if engines > 1 { 2 * engines } else { 1 },
        window: AHEAD * engines * batch,
        taken: Cell::new(0),
        next: Cell::new(0),
        again: RefCell::default(),
        input: RefCell::new(input),
    };
    // between two layers here, a helper that has finished gets more
    let feed = || work.feed();
    let quiet = Quiet::feeding(pace, &feed);
    // answers that came before those in front of them
    let mut early = BTreeMap::new();
    while work.taken.get() < count {
        work.feed();
        match work.portion() {
            Some((first, inputs)) => early.extend((first..).zip(here(network, inputs, want, &quiet).await?)),
            None => helpers.wait().await,
        }
        for Portion { first, count, answers } in helpers.answers() {
            match answers {
                Some(answers) => early.extend((first..).zip(answers)),
                None => drop(work.again.borrow_mut().insert(first, count)),
            }
        }
        while let Some(answer) = early.remove(&work.taken.get()) {
            take(work.taken.get(), answer);
            work.taken.set(work.taken.get() + 1);
        }
        pace.tick(work.taken.get() + early.len(), count).await?;
    }
    Ok(())
}

/// The answers of one batch on this engine.
///
/// # Errors
/// [`EngineError::Cancelled`] when the visitor cancels, [`EngineError::Device`] when the device fails.
pub async fn here<D: Device>(
    network: &Network<D>,
    inputs: Planes,
    want: &Want,
    pace: &dyn Pace,
) -> Result<Vec<Vec<f32>>, EngineError> {
    let (device, output) = (network.device(), network.output());
    match want {
        Want::Unit(unit) => {
            let y = device.read(network.infer(&inputs, unit.layer, pace).await?.as_ref()).await?;
            Ok(y.images().map(|image| vec![unit.value(&image)]).collect())
        }
        Want::Means { stage } => {
            let y = device.read(network.infer(&inputs, *stage, pace).await?.as_ref()).await?;
            let places = (y.shape.h * y.shape.w).max(1) as f32;
            Ok(y.images().map(|image| sums(&image).into_iter().map(|v| v / places).collect()).collect())
        }
        Want::Logits => {
            let y = device.read(network.infer(&inputs, output, pace).await?.as_ref()).await?;
            Ok(y.images().map(|image| image.dense()).collect())
        }
        Want::Slopes { stage, class } => {
            let target = Target::Class { class: *class, score: Score::Logit };
            let (_, g) = gradient(network, inputs, &target, *stage, pace).await?;
            Ok(g.images().map(|image| sums(&image)).collect())
        }
        Want::Gradient(target) => {
            let (values, g) = gradient(network, inputs, target, 0, pace).await?;
            let size = g.shape.len() / values.len().max(1);
            let all = g.dense();
            let answer = |(value, g): (f32, &[f32])| [&[value], g].concat();
            Ok(values.into_iter().zip(all.chunks_exact(size.max(1))).map(answer).collect())
        }
    }
}

/// The target's value for every input, and its gradient at what node `at` writes.
async fn gradient<D: Device>(
    network: &Network<D>,
    inputs: Planes,
    target: &Target,
    at: usize,
    pace: &dyn Pace,
) -> Result<(Vec<f32>, Planes), EngineError> {
    let (device, from) = (network.device(), target.node(network.output()));
    let mut tape = network.tape_of(Rc::new(device.take(inputs)))?;
    network.extend(&mut tape, network.kept_for(from), pace).await?;
    let y = device.read(network.value(&tape, from, pace).await?.as_ref()).await?;
    let images: Vec<Planes> = y.images().collect();
    let seed = device.upload(&stack(images.iter().map(|y| target.seed(y)).collect()));
    let mut found = network.backward(&tape, ByNode::from([(from, seed)]), &[at], Gate::Relu, pace).await?;
    let missing = || EngineError::NotComputed(network.spec.name(at).into());
    let g = device.give(found.remove(&at).ok_or_else(missing)?).await?;
    Ok((images.iter().map(|y| target.value_of(y)).collect(), g))
}

/// The sum over all places of every channel.
fn sums(y: &Planes) -> Vec<f32> {
    (0..y.shape.c).map(|c| y.channel(c).iter().sum()).collect()
}

/// Single images of one shape as one batch.
pub fn stack(mut images: Vec<Planes>) -> Planes {
    if images.len() == 1
        && let Some(one) = images.pop()
    {
        return one;
    }
    let shape = images.first().map_or(Shape::new(0, 0, 0), |i| i.shape);
    let data: Vec<&[f32]> = images.iter().map(|image| image.data.as_slice()).collect();
    Planes { shape: shape.batch(images.len()), data: data.concat() }
}
