//! The network alone: forward, input gradient and Adam ascent on an already normalised input. Benchmarks use it.

use std::rc::Rc;

use serde_json::json;

use super::{Answer, problem};
use crate::catalog::Unit;
use crate::engine::graph::ByNode;
use crate::engine::kernels::{Adam, Gate};
use crate::engine::{Device, EngineError, Network, Pace, Planes, planes::Shape};
use crate::figure::{Figure, Kind};
use crate::methods::MethodError;
use crate::protocol::{Problem, RawOp};

/// Runs `op` on the dense `[3, H, W]` input `x`.
///
/// # Errors
/// A [`Problem`] with the reason.
pub async fn run<D: Device>(
    network: &Network<D>,
    op: &RawOp,
    [height, width]: [usize; 2],
    x: &[f32],
    pace: &dyn Pace,
) -> Result<Answer, Problem> {
    let shape = Shape::new(3, height, width);
    let layer = match op {
        RawOp::Forward { layer } | RawOp::Gradient { layer, .. } | RawOp::Ascend { layer, .. } => layer,
    };
    let at = network.spec.index(layer);
    let at = at.ok_or_else(|| problem(MethodError::Parameter(format!("there is no layer {layer}"))))?;
    network.check_size(shape).map_err(problem)?;
    let input = Planes::from_dense(shape, x);
    let answer = match op {
        RawOp::Forward { .. } => forward(network, &input, at, pace).await,
        RawOp::Gradient { channel, .. } => {
            let objective = Mean { network, at, channel: *channel };
            match objective.gradient(Rc::new(network.device().upload(&input)), pace).await {
                Ok((value, g)) => network.device().read(&g).await.map(|g| answer(&g, json!({ "value": value }))),
                Err(e) => Err(e),
            }
        }
        RawOp::Ascend { channel, steps, lr, b1, b2, eps, .. } => {
            let adam = Adam { lr: *lr, b1: *b1, b2: *b2, eps: *eps, corrections: [1.0; 2] };
            ascend(&Mean { network, at, channel: *channel }, &input, *steps, adam, pace).await
        }
    };
    answer.map_err(problem)
}

fn answer(planes: &Planes, result: serde_json::Value) -> Answer {
    let s = planes.shape;
    let figure = Figure::new(Kind::Tiles, "raw", [s.c, s.h, s.w], planes.dense());
    Answer { figures: vec![figure], result, pixels: None }
}

async fn forward<D: Device>(
    network: &Network<D>,
    input: &Planes,
    at: usize,
    pace: &dyn Pace,
) -> Result<Answer, EngineError> {
    // nothing but the last activation is wanted
    let planes = network.device().read(network.infer(input, at, pace).await?.as_ref()).await?;
    Ok(answer(&planes, json!({})))
}

/// `mean(layer[channel])` as an objective.
struct Mean<'a, D: Device> {
    network: &'a Network<D>,
    at: usize,
    channel: usize,
}

impl<D: Device> Mean<'_, D> {
    /// The mean's value, and its gradient with respect to the input.
    async fn gradient(&self, x: Rc<D::Buf>, pace: &dyn Pace) -> Result<(f32, D::Buf), EngineError> {
        let (network, device) = (self.network, self.network.device());
        let mut tape = network.tape_of(x)?;
        network.extend(&mut tape, network.kept_for(self.at), pace).await?;
        let y = network.value(&tape, self.at, pace).await?;
        let unit = Unit { layer: self.at, channel: self.channel, place: None };
        let seeds = ByNode::from([(self.at, device.upload(&unit.seed(device.shape(&y))))]);
        let mut found = network.backward(&tape, seeds, &[0], Gate::Relu, pace).await?;
        let missing = || EngineError::NotComputed(network.spec.name(0).into());
        let g = found.remove(&0).ok_or_else(missing)?;
        let y = device.read_plane(&y, self.channel).await?.dense();
        Ok((y.iter().sum::<f32>() / y.len() as f32, g))
    }
}

async fn ascend<D: Device>(
    objective: &Mean<'_, D>,
    input: &Planes,
    steps: usize,
    adam: Adam,
    pace: &dyn Pace,
) -> Result<Answer, EngineError> {
    let device = objective.network.device();
    let zeros = Planes::zeros(input.shape);
    let mut x = Rc::new(device.upload(input));
    let (mut m, mut v) = (device.upload(&zeros), device.upload(&zeros));
    let mut values = Vec::with_capacity(steps);
    for t in 1..=steps as i32 {
        let (value, g) = objective.gradient(Rc::clone(&x), pace).await?;
        values.push(value);
        // the forward pass of this step is gone, and with it its hold on the picture
        if let Some(x) = Rc::get_mut(&mut x) {
            device.adam(x, &g, &mut m, &mut v, &adam.at(t));
        }
    }
    Ok(answer(&device.read(&x).await?, json!({ "values": values })))
}
