//! What a method may use: the network, the picture's recorded forward pass, and the pace.

use crate::catalog::{Score, Want};
use crate::engine::head::{HeadTrace, top};
use crate::engine::image::{Prepared, normalise};
use crate::engine::kernels::Gate;
use crate::engine::planes::Shape;
use crate::engine::{EngineError, Helpers, Kernels, Network, Pace, Planes, Trace, probe};
use crate::figure::{Figure, Kind};
use serde_json::{Map, Value};

use super::Params;

/// Why a method gave no figures.
#[derive(Debug, thiserror::Error)]
pub enum MethodError {
    /// No such method.
    #[error("there is no method {0}")]
    Unknown(String),
    /// A parameter was refused.
    #[error("{0}")]
    Parameter(String),
    /// No picture was set.
    #[error("no image was set")]
    NoImage,
    /// The engine's error.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// The forward pass of one picture, as far as it was needed.
pub struct Recorded<K: Kernels> {
    pub(crate) trace: Option<Trace<K>>,
    pub(crate) head: Option<HeadTrace>,
}

impl<K: Kernels> Default for Recorded<K> {
    fn default() -> Self {
        Self { trace: None, head: None }
    }
}

/// One run of one method.
pub struct Ctx<'a, K: Kernels> {
    /// The network and its device.
    pub network: &'a Network<K>,
    /// The picture.
    pub image: &'a Prepared,
    /// Progress and cancel.
    pub pace: &'a dyn Pace,
    /// Other engines, for passes that do not depend on each other.
    pub helpers: &'a dyn Helpers,
    /// Numbers to be printed beside the figures.
    pub facts: Map<String, Value>,
    pub(crate) recorded: &'a mut Recorded<K>,
}

/// What is explained: a class and which of its scores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// 0..=999.
    pub class: usize,
    /// Logit or probability.
    pub score: Score,
}

impl<K: Kernels> Ctx<'_, K> {
    /// The forward pass, recorded at least up to stage `until`.
    ///
    /// # Errors
    /// What the engine reports.
    pub async fn trace(&mut self, until: usize) -> Result<&Trace<K>, MethodError> {
        let trace = self.recorded.trace.get_or_insert_with(|| {
            Trace::new(0, self.network.kernels.upload(&normalise(&self.image.rgb, &self.network.spec)))
        });
        self.network.extend(trace, until, self.pace).await?;
        Ok(trace)
    }

    /// The output of stage `index` on the CPU; before ReLU for a convolution.
    ///
    /// # Errors
    /// What the engine reports.
    pub async fn stage(&mut self, index: usize) -> Result<Planes, MethodError> {
        let (network, last) = (self.network, self.network.spec.layers.len() - 1);
        // a convolution's ReLU is recorded with it
        let trace = self.trace((index + 1).min(last)).await?;
        Ok(network.kernels.read(&network.stage(trace, index)).await?)
    }

    /// The pass through the classifier head.
    ///
    /// # Errors
    /// What the engine reports.
    pub async fn head(&mut self) -> Result<&HeadTrace, MethodError> {
        if self.recorded.head.is_none() {
            let network = self.network;
            let last = network.spec.layers.len() - 1;
            let pool5 = self.stage(last).await?;
            let head = network.head_when_loaded(self.pace).await?;
            self.recorded.head = Some(head.forward(&pool5));
        }
        self.recorded.head.as_ref().ok_or(MethodError::NoImage)
    }

    /// `class`, or the most probable one.
    ///
    /// # Errors
    /// What the engine reports.
    pub async fn target(&mut self, class: Option<usize>) -> Result<usize, MethodError> {
        match class {
            Some(class) => Ok(class),
            None => Ok(top(&self.head().await?.logits, 1).first().copied().unwrap_or_default()),
        }
    }

    /// The class and score that `params` name.
    ///
    /// # Errors
    /// What the engine reports.
    pub async fn explained(&mut self, params: &Params) -> Result<Target, MethodError> {
        Ok(Target { class: self.target(params.class("class")).await?, score: params.score() })
    }

    /// The gradient of the target's score at the output of stage `at` (`None`: at the normalised input), with `gate` at
    /// every ReLU between, the head's own included.
    ///
    /// # Errors
    /// What the engine reports.
    pub async fn gradient(&mut self, target: Target, at: Option<usize>, gate: Gate) -> Result<Planes, MethodError> {
        self.head().await?;
        let (network, last) = (self.network, self.network.spec.layers.len() - 1);
        let (Some(pass), Some(trace)) = (&self.recorded.head, &self.recorded.trace) else {
            return Err(MethodError::NoImage);
        };
        let g = network.head()?.backward(pass, &target.score.seed(&pass.logits, target.class), gate);
        let until = at.map_or(0, |at| at + 1);
        if until > last {
            return Ok(g);
        }
        let g = network.backward(trace, last, network.kernels.upload(&g), until, gate, self.pace).await?;
        Ok(network.kernels.read(&g).await?)
    }

    /// The picture as the network reads it, `[3, H, W]`.
    pub fn input(&self) -> Planes {
        normalise(&self.image.rgb, &self.network.spec)
    }

    /// Passes that do not depend on each other, see [`probe::spread`].
    ///
    /// # Errors
    /// What the engine reports.
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
