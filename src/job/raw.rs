//! The network alone: forward, input gradient and Adam ascent on an already normalised input. Benchmarks use it.

use serde_json::json;

use super::{Answer, problem};
use crate::catalog::Unit;
use crate::engine::kernels::{Adam, Gate};
use crate::engine::network::check_size;
use crate::engine::{EngineError, Kernels, Network, Pace, Planes, Trace, planes::Shape};
use crate::figure::{Figure, Kind};
use crate::methods::MethodError;
use crate::protocol::{Problem, RawOp};

/// Runs `op` on the dense `[3, H, W]` input `x`.
///
/// # Errors
/// A [`Problem`] with the reason.
pub async fn run<K: Kernels>(
    network: &Network<K>,
    op: &RawOp,
    [height, width]: [usize; 2],
    x: &[f32],
    pace: &dyn Pace,
) -> Result<Answer, Problem> {
    let shape = Shape::new(3, height, width);
    let layer = match op {
        RawOp::Forward { layer } | RawOp::Gradient { layer, .. } | RawOp::Ascend { layer, .. } => layer,
    };
    let index = network.spec.index(layer);
    let index = index.ok_or_else(|| problem(MethodError::Parameter(format!("there is no layer {layer}"))))?;
    check_size(shape).map_err(problem)?;
    let input = Planes::from_dense(shape, x);
    let answer = match op {
        RawOp::Forward { .. } => forward(network, &input, index, pace).await,
        RawOp::Gradient { channel, .. } => {
            let objective = Mean { network, index, channel: *channel };
            let (seed, x) = (objective.seed(shape), network.kernels.upload(&input));
            match objective.gradient(x, &seed, pace).await {
                Ok((value, g)) => network.kernels.read(&g).await.map(|g| answer(&g, json!({ "value": value }))),
                Err(e) => Err(e),
            }
        }
        RawOp::Ascend { channel, steps, lr, b1, b2, eps, .. } => {
            let adam = Adam { lr: *lr, b1: *b1, b2: *b2, eps: *eps, corrections: [1.0; 2] };
            ascend(&Mean { network, index, channel: *channel }, &input, *steps, adam, pace).await
        }
    };
    answer.map_err(problem)
}

fn answer(planes: &Planes, result: serde_json::Value) -> Answer {
    let s = planes.shape;
    let figure = Figure::new(Kind::Tiles, "raw", [s.c, s.h, s.w], planes.dense());
    Answer { figures: vec![figure], result, pixels: None }
}

async fn forward<K: Kernels>(
    network: &Network<K>,
    input: &Planes,
    index: usize,
    pace: &dyn Pace,
) -> Result<Answer, EngineError> {
    let y = if network.spec.is_conv(index) {
        let trace = network.forward(input, index, pace).await?;
        network.stage(&trace, index)
    } else {
        // nothing but the last activation is wanted
        network.infer(network.kernels.upload(input), 1, index, pace).await?
    };
    let planes = network.kernels.read(&y).await?;
    Ok(answer(&planes, json!({})))
}

/// `mean(stage[channel])` as an objective.
struct Mean<'a, K: Kernels> {
    network: &'a Network<K>,
    index: usize,
    channel: usize,
}

impl<K: Kernels> Mean<'_, K> {
    /// The gradient of the mean with respect to the stage's own output: 1 / (H W) in the channel, 0 elsewhere.
    fn seed(&self, picture: Shape) -> K::Buf {
        let [c, h, w] = self.network.spec.shape(self.index, picture.h, picture.w);
        let shape = Shape::new(c, h, w);
        let unit = Unit { layer: self.index, channel: self.channel, place: None };
        self.network.kernels.upload(&unit.seed(shape))
    }

    /// The mean's value, and its gradient with respect to the input.
    async fn gradient(&self, x: K::Buf, seed: &K::Buf, pace: &dyn Pace) -> Result<(f32, K::Buf), EngineError> {
        let (network, mut trace) = (self.network, Trace::new(1, x));
        network.extend(&mut trace, self.index, pace).await?;
        let y = network.stage(&trace, self.index);
        let g = network.backward(&trace, self.index, seed.clone(), 1, Gate::Relu, pace).await?;
        let y = network.kernels.read_plane(&y, self.channel).await?.dense();
        Ok((y.iter().sum::<f32>() / y.len() as f32, g))
    }
}

async fn ascend<K: Kernels>(
    objective: &Mean<'_, K>,
    input: &Planes,
    steps: usize,
    adam: Adam,
    pace: &dyn Pace,
) -> Result<Answer, EngineError> {
    let kernels = &objective.network.kernels;
    let zeros = Planes::zeros(input.shape);
    let (seed, mut x) = (objective.seed(input.shape), kernels.upload(input));
    let (mut m, mut v) = (kernels.upload(&zeros), kernels.upload(&zeros));
    let mut values = Vec::with_capacity(steps);
    for t in 1..=steps as i32 {
        let (value, g) = objective.gradient(x.clone(), &seed, pace).await?;
        values.push(value);
        kernels.adam(&mut x, &g, &mut m, &mut v, &adam.at(t));
    }
    Ok(answer(&kernels.read(&x).await?, json!({ "values": values })))
}
