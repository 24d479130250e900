//! What a method may use: the network, the picture's recorded forward pass, and the pace.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::catalog::{Score, Target, Unit, Want};
use crate::engine::graph::ByNode;
use crate::engine::image::{Member, Prepared, normalise, scaled};
use crate::engine::kernels::Gate;
use crate::engine::planes::Shape;
use crate::engine::rule::Composite;
use crate::engine::score::top;
use crate::engine::{Device, EngineError, Helpers, Network, Pace, Planes, Tape, probe};
use crate::figure::told::Told;
use crate::figure::{Figure, Kind};
use serde_json::{Map, Value, json};

use super::spec::Chosen;
use super::{MethodError, Recorded};

/// For networks trained on pictures of fewer rows and columns, what hides a part of a picture is made smaller with them.
pub(super) const SMALL: usize = 112;

/// What one run of a method works with.
pub struct Ctx<'a, D: Device> {
    /// The network and its device.
    pub network: &'a Network<D>,
    /// The picture as the network reads it.
    pub image: &'a Prepared,
    /// A second one, for methods that take two.
    pub second: Option<&'a Prepared>,
    /// Pictures in groups, for methods that take many.
    pub gallery: &'a [Member],
    /// Where progress and previews go, and from where a cancel comes.
    pub pace: &'a dyn Pace,
    /// Other engines, for passes that do not depend on each other.
    pub helpers: &'a dyn Helpers,
    /// Numbers to be printed beside the figures.
    pub facts: Map<String, Value>,
    pub(crate) recorded: &'a mut Recorded<D>,
}

impl<D: Device> Ctx<'_, D> {
    /// The forward pass, recorded at least up to node `until` ([`GraphNetwork::kept_for`](crate::engine::GraphNetwork::kept_for)).
    ///
    /// # Errors
    /// [`MethodError::Engine`] when the device fails or the visitor cancels.
    pub async fn tape(&mut self, until: usize) -> Result<&Tape<D::Buf>, MethodError> {
        if self.recorded.tape.is_none() {
            self.recorded.tape = Some(self.network.tape(&self.input())?);
        }
        let tape = self.recorded.tape.as_mut().ok_or(MethodError::NoImage)?;
        self.network.extend(tape, self.network.kept_for(until), self.pace).await?;
        Ok(tape)
    }

    /// What node `at` writes, on the CPU.
    ///
    /// # Errors
    /// [`MethodError::Engine`] when the device fails or the visitor cancels.
    pub async fn stage(&mut self, at: usize) -> Result<Planes, MethodError> {
        let (network, pace) = (self.network, self.pace);
        let value = network.value(self.tape(at).await?, at, pace).await?;
        Ok(network.device().read(&value).await?)
    }

    /// The logits of all classes.
    ///
    /// # Errors
    /// [`MethodError::Engine`] when the device fails or the visitor cancels.
    pub async fn logits(&mut self) -> Result<Vec<f32>, MethodError> {
        Ok(self.stage(self.network.output()).await?.dense())
    }

    /// The logits with the values of some nodes replaced, one image or a batch of them: everything behind these runs again.
    ///
    /// # Errors
    /// [`MethodError::Engine`] when the device fails or the visitor cancels.
    pub async fn logits_with(
        &mut self,
        at: usize,
        value: &Planes,
        pace: &dyn Pace,
    ) -> Result<Vec<Vec<f32>>, MethodError> {
        let (network, device) = (self.network, self.network.device());
        let output = network.output();
        let values = BTreeMap::from([(at, Rc::new(device.upload(value)))]);
        let logits = network.infer_from(self.tape(output).await?, values, output, pace).await?;
        let logits = device.read(&logits).await?;
        Ok(logits.images().map(|image| image.dense()).collect())
    }

    /// The layer as a parameter names it, if the classes' scores depend on it, and if it is no layer that is only read by its ReLU
    /// (that is then meant).
    ///
    /// # Errors
    /// [`MethodError::Parameter`].
    pub fn seen_by_the_head(&self, id: &str, at: usize) -> Result<(), MethodError> {
        let spec = &self.network.spec;
        if spec.rectified(at) || !self.network.roles().feeds(at) {
            let name = spec.name(at);
            return Err(MethodError::Parameter(format!("{id} = {name}: takes a relu or pool that the head can see")));
        }
        Ok(())
    }

    /// `class`, or the most probable one.
    ///
    /// # Errors
    /// [`MethodError::Engine`] when the device fails or the visitor cancels.
    pub async fn target(&mut self, class: Option<usize>) -> Result<usize, MethodError> {
        match class {
            Some(class) => Ok(class),
            None => Ok(top(&self.logits().await?, 1).first().copied().unwrap_or_default()),
        }
    }

    /// What was chosen: a class with its score, a channel, or a neuron.
    ///
    /// # Errors
    /// [`MethodError`]: a place outside the layer; the device fails, or the visitor cancels.
    pub async fn explained(&mut self, chosen: Chosen, score: Score) -> Result<Target, MethodError> {
        match chosen {
            Chosen::Class(class) => Ok(Target::Class { class: self.target(class).await?, score }),
            Chosen::Unit(unit) => {
                self.within(unit, [self.image.rgb.height() as usize, self.image.rgb.width() as usize])
            }
        }
    }

    /// The unit as a target, if its place lies in its layer's map of a picture of this height and width.
    ///
    /// # Errors
    /// [`MethodError::Parameter`] when the unit's place lies outside the map.
    pub fn within(&self, unit: Unit, [height, width]: [usize; 2]) -> Result<Target, MethodError> {
        let [_, h, w] = self.network.spec.shape(unit.layer, height, width);
        match unit.place {
            Some((x, y)) if x >= w || y >= h => {
                Err(MethodError::Parameter(format!("class: ({x}, {y}) lies outside the layer's {w} x {h} places")))
            }
            _ => Ok(Target::Unit(unit)),
        }
    }

    /// The target's value for the picture.
    ///
    /// # Errors
    /// [`MethodError::Engine`] when the device fails or the visitor cancels.
    pub async fn value(&mut self, target: Target) -> Result<f32, MethodError> {
        let y = self.stage(target.node(self.network.output())).await?;
        Ok(target.value_of(&y))
    }

    /// What there is to hand down: the logit of a class, a neuron's value, the sum over a channel.
    ///
    /// # Errors
    /// [`MethodError::Engine`] when the device fails or the visitor cancels.
    pub async fn total(&mut self, target: Target) -> Result<f32, MethodError> {
        match target {
            Target::Class { class, .. } => self.value(Target::Class { class, score: Score::Logit }).await,
            Target::Unit(unit) if unit.place.is_none() => {
                Ok(self.stage(unit.layer).await?.channel(unit.channel).iter().sum())
            }
            Target::Unit(_) => self.value(target).await,
        }
    }

    /// The gradient of the target's score at what node `at` writes (0: the normalised input), with `gate` at every ReLU between.
    ///
    /// # Errors
    /// [`MethodError`]: a layer that the target does not depend on; the device fails, or the visitor cancels.
    pub async fn gradient(&mut self, target: Target, at: usize, gate: Gate) -> Result<Planes, MethodError> {
        let mut found = self.gradients(target, &[at], gate).await?;
        let spec = &self.network.spec;
        let (name, from) = (spec.name(at), spec.name(target.node(self.network.output())));
        found.remove(&at).ok_or_else(|| MethodError::Parameter(format!("layer = {name}: takes a layer before {from}")))
    }

    /// As [`Ctx::gradient`], at several nodes; those that the target does not depend on have none.
    ///
    /// # Errors
    /// [`MethodError::Engine`] when the device fails or the visitor cancels.
    pub async fn gradients(&mut self, target: Target, at: &[usize], gate: Gate) -> Result<ByNode, MethodError> {
        let from = target.node(self.network.output());
        let seed = target.seed(&self.stage(from).await?);
        self.hand_down(from, &seed, at, gate).await
    }

    /// The gradients at what the nodes `at` wrote, given the one at what node `from` wrote.
    ///
    /// # Errors
    /// [`MethodError::Engine`] when the device fails or the visitor cancels.
    pub async fn hand_down(
        &mut self,
        from: usize,
        seed: &Planes,
        at: &[usize],
        gate: Gate,
    ) -> Result<ByNode, MethodError> {
        let (network, pace) = (self.network, self.pace);
        let seeds = ByNode::from([(from, network.device().upload(seed))]);
        let found = network.backward(self.tape(from).await?, seeds, at, gate, pace).await?;
        let mut read = ByNode::new();
        for (at, g) in &found {
            read.insert(*at, network.device().read(g).await?);
        }
        Ok(read)
    }

    /// The relevance of the picture, when the target's own is its value; `seen` gets every node on the way and the relevance of
    /// what it wrote. A channel's value is the sum over its places.
    ///
    /// # Errors
    /// [`MethodError::Engine`] when the device fails or the visitor cancels.
    pub async fn relevance(
        &mut self,
        target: Target,
        rules: &Composite,
        mut seen: impl FnMut(usize, &Planes),
    ) -> Result<Planes, MethodError> {
        let from = target.node(self.network.output());
        let y = self.stage(from).await?;
        let mut r = match target {
            Target::Class { class, .. } => Target::Class { class, score: Score::Logit }.seed(&y),
            unit => unit.seed(&y),
        };
        r.data.iter_mut().zip(&y.data).for_each(|(r, y)| *r = if *r == 0.0 { 0.0 } else { *y });
        let mut seen = |at: usize, given: &[Planes]| given.iter().for_each(|r| seen(at, r));
        let mut found = self.hand_relevance_down(from, vec![r], 0, rules, &mut seen).await?;
        Ok(found.remove(0))
    }

    /// The relevances of what node `until` wrote, for those of what node `from` wrote, each by itself.
    ///
    /// # Errors
    /// [`MethodError::Engine`] when the device fails or the visitor cancels.
    pub async fn hand_relevance_down(
        &mut self,
        from: usize,
        given: Vec<Planes>,
        until: usize,
        rules: &Composite,
        seen: &mut dyn FnMut(usize, &[Planes]),
    ) -> Result<Vec<Planes>, MethodError> {
        let (network, pace) = (self.network, self.pace);
        let top = network.roles().weights().first().copied().unwrap_or_default();
        let rule = |at: usize| rules.rule(&network.spec, top, at);
        let seeds = ByNode::from([(from, given)]);
        let mut found = network.relevance(self.tape(from).await?, seeds, &[until], &rule, seen, pace).await?;
        Ok(found.remove(&until).ok_or_else(|| EngineError::NotComputed(network.spec.name(until).into()))?)
    }

    /// The picture as the network reads it, `[3, H, W]`.
    pub fn input(&self) -> Planes {
        self.recorded.input.clone().unwrap_or_else(|| normalise(&self.image.rgb, &self.network.spec))
    }

    /// The picture in 0..1 at another side, `[3, side, side]`.
    pub fn picture(&self, side: usize) -> Vec<f32> {
        scaled(&self.image.rgb, side)
    }

    /// The second picture in 0..1, `[3, side, side]`.
    ///
    /// # Errors
    /// [`MethodError::NoSecond`] when no second picture was set.
    pub fn second_picture(&self, side: usize) -> Result<Vec<f32>, MethodError> {
        self.second.map(|second| scaled(&second.rgb, side)).ok_or(MethodError::NoSecond)
    }

    /// Passes that do not depend on each other, see [`probe::spread`].
    ///
    /// # Errors
    /// [`MethodError::Engine`] when the device fails or the visitor cancels.
    pub async fn spread(
        &self,
        count: usize,
        want: &Want,
        input: impl FnMut(usize) -> Planes,
        take: impl FnMut(usize, Vec<f32>),
    ) -> Result<(), MethodError> {
        Ok(probe::spread(self.network, self.helpers, count, want, input, take, self.pace).await?)
    }

    /// Prints `value` under `name` beside the figures.
    pub fn fact(&mut self, name: &str, value: impl Into<Value>) {
        self.facts.insert(name.to_owned(), value.into());
    }

    /// Prints a table or a chart.
    pub fn tell(&mut self, told: impl Into<Told>) {
        let (list, value) = match told.into() {
            Told::Table(table) => ("tables", json!(table)),
            Told::Chart(chart) => ("charts", json!(chart)),
        };
        if let Some(list) = self.facts.entry(list).or_insert_with(|| json!([])).as_array_mut() {
            list.push(value);
        }
    }

    /// What of `map` (`[H, W]` of `shape`) speaks for the class, as a [`Kind::Magnitude`] figure; fact `no_evidence` when nothing
    /// does.
    pub fn evidence(&mut self, name: &str, shape: Shape, map: Vec<f32>) -> Vec<Figure> {
        let map: Vec<f32> = map.into_iter().map(|v| v.max(0.0)).collect();
        if map.iter().all(|v| *v == 0.0) {
            self.fact("no_evidence", true);
        }
        vec![Figure::new(Kind::Magnitude, name, [1, shape.h, shape.w], map)]
    }
}
