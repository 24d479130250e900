//! What a method may use: the network, the picture's recorded forward pass, and the pace.

use crate::catalog::{Score, Target, Unit, Want};
use crate::engine::head::{HeadTrace, top};
use crate::engine::image::{Member, Prepared, normalise, scaled};
use crate::engine::kernels::Gate;
use crate::engine::planes::Shape;
use crate::engine::rule::Composite;
use crate::engine::{Helpers, Kernels, Network, Pace, Planes, Trace, probe, relevance};
use crate::figure::told::Told;
use crate::figure::{Figure, Kind};
use serde_json::{Map, Value, json};

use super::{MethodError, Params, Recorded};

/// What one run of a method works with.
pub struct Ctx<'a, K: Kernels> {
    /// The network and its device.
    pub network: &'a Network<K>,
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
    pub(crate) recorded: &'a mut Recorded<K>,
}

impl<K: Kernels> Ctx<'_, K> {
    /// The forward pass, recorded at least up to stage `until`.
    ///
    /// # Errors
    /// [`MethodError::Engine`] when the device fails or the visitor cancels.
    pub async fn trace(&mut self, until: usize) -> Result<&Trace<K>, MethodError> {
        if self.recorded.trace.is_none() {
            self.recorded.trace = Some(Trace::new(1, self.network.kernels.upload(&self.input())));
        }
        let trace = self.recorded.trace.as_mut().ok_or(MethodError::NoImage)?;
        self.network.extend(trace, until, self.pace).await?;
        Ok(trace)
    }

    /// The output of stage `index` on the CPU; before ReLU for a convolution.
    ///
    /// # Errors
    /// [`MethodError::Engine`] when the device fails or the visitor cancels.
    pub async fn stage(&mut self, index: usize) -> Result<Planes, MethodError> {
        let (network, last) = (self.network, self.network.spec.card().trunk);
        // a convolution's ReLU is recorded with it
        let trace = self.trace((index + 1).min(last)).await?;
        Ok(network.kernels.read(&network.stage(trace, index)).await?)
    }

    /// The pass through the classifier head.
    ///
    /// # Errors
    /// [`MethodError::Engine`] when the device fails or the visitor cancels.
    pub async fn head(&mut self) -> Result<&HeadTrace, MethodError> {
        if self.recorded.head.is_none() {
            let network = self.network;
            let input = self.stage(network.end()).await?;
            let head = network.head_when_loaded(self.pace).await?;
            self.recorded.head = Some(head.forward(&input));
        }
        self.recorded.head.as_ref().ok_or(MethodError::NoImage)
    }

    /// `class`, or the most probable one.
    ///
    /// # Errors
    /// [`MethodError::Engine`] when the device fails or the visitor cancels.
    pub async fn target(&mut self, class: Option<usize>) -> Result<usize, MethodError> {
        match class {
            Some(class) => Ok(class),
            None => Ok(top(&self.head().await?.logits, 1).first().copied().unwrap_or_default()),
        }
    }

    /// What `params` name: a class with its score, a channel, or a neuron.
    ///
    /// # Errors
    /// [`MethodError`]: a place outside the layer; the device fails, or the visitor cancels.
    pub async fn explained(&mut self, params: &Params) -> Result<Target, MethodError> {
        let Some(unit) = params.unit("class") else {
            return Ok(Target::Class { class: self.target(params.class("class")).await?, score: params.score() });
        };
        self.within(unit, [self.image.rgb.height() as usize, self.image.rgb.width() as usize])
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
        match target {
            Target::Class { .. } => Ok(target.value(&self.head().await?.logits)),
            Target::Unit(unit) => Ok(unit.value(&self.stage(unit.layer).await?)),
        }
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

    /// The stage at whose output the target stands: the head's input for a class.
    pub fn stage_of(&self, target: Target) -> usize {
        match target {
            Target::Class { .. } => self.network.end(),
            Target::Unit(unit) => unit.layer,
        }
    }

    /// The gradient of the target's score at the output of stage `at` (`None`: at the normalised input), with `gate` at
    /// every ReLU between, the head's own included.
    ///
    /// # Errors
    /// [`MethodError`]: a stage behind the target; the device fails, or the visitor cancels.
    pub async fn gradient(&mut self, target: Target, at: Option<usize>, gate: Gate) -> Result<Planes, MethodError> {
        let (network, end, until) = (self.network, self.stage_of(target), at.map_or(1, |at| at + 1));
        if until > end + 1 {
            let name = |i: usize| network.spec.name(i);
            return Err(MethodError::Parameter(format!(
                "layer = {}: takes a layer before {}",
                name(until - 1),
                name(end)
            )));
        }
        let g = match target {
            Target::Class { class, score } => {
                let head = network.head_when_loaded(self.pace).await?;
                let pass = self.head().await?;
                head.backward(pass, &score.seed(&pass.logits, class), gate)
            }
            Target::Unit(unit) => unit.seed(self.stage(unit.layer).await?.shape),
        };
        if until > end {
            return Ok(g);
        }
        let (g, pace) = (network.kernels.upload(&g), self.pace);
        let g = network.backward(self.trace(end).await?, end, g, until, gate, pace).await?;
        Ok(network.kernels.read(&g).await?)
    }

    /// The relevance of what stage `until` reads, when the target's own is its value; `seen` gets every stage above and the
    /// relevance of what it reads. A channel's value is the sum over its places.
    ///
    /// # Errors
    /// [`MethodError`]: a stage behind the target; the device fails, or the visitor cancels.
    pub async fn relevance(
        &mut self,
        target: Target,
        rules: &Composite,
        until: usize,
        seen: impl FnMut(usize, &Planes),
    ) -> Result<Planes, MethodError> {
        let (network, end, pace) = (self.network, self.stage_of(target), self.pace);
        let y = self.stage(end).await?;
        let r = match target {
            Target::Class { class, .. } => {
                let head = network.head_when_loaded(pace).await?;
                let pass = self.head().await?;
                head.relevance(&y, pass, class, pass.logits[class], rules)
            }
            Target::Unit(unit) => {
                let mut r = unit.seed(y.shape);
                r.data.iter_mut().zip(&y.data).for_each(|(r, y)| *r = if *r == 0.0 { 0.0 } else { *y });
                r
            }
        };
        Ok(relevance::walk((network, self.trace(end).await?), end, r, until, rules, seen, pace).await?)
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
