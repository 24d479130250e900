//! The network alone: forward, input gradient and Adam ascent on an already normalised input. Benchmarks use it.

use serde_json::json;

use super::session::{Answer, problem};
use crate::engine::{EngineError, Kernels, Network, Pace, Planes, planes::Shape};
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
    if x.len() != shape.len() {
        let error = format!("the input has {} values, 3 x {height} x {width} needs {}", x.len(), shape.len());
        return Err(problem(MethodError::Parameter(error)));
    }
    let layer = match op {
        RawOp::Forward { layer } | RawOp::Gradient { layer, .. } | RawOp::Ascend { layer, .. } => layer,
    };
    let index = network.spec.index(layer);
    let index = index.ok_or_else(|| problem(MethodError::Parameter(format!("there is no layer {layer}"))))?;
    let mut input = Planes::from_dense(shape, x);
    let answer = match op {
        RawOp::Forward { .. } => forward(network, &input, index, pace).await,
        RawOp::Gradient { channel, .. } => match gradient(network, &input, index, *channel, pace).await {
            Ok((value, g)) => Ok(answer(&g, json!({ "value": value }))),
            Err(e) => Err(e),
        },
        RawOp::Ascend { channel, steps, lr, b1, b2, eps, .. } => {
            let adam = Adam { lr: *lr, b1: *b1, b2: *b2, eps: *eps };
            ascend(network, &mut input, index, *channel, *steps, adam, pace).await
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
    let last = network.spec.layers.len() - 1;
    let trace = network.forward(input, index.min(last), pace).await?;
    let planes = network.kernels.read(&network.stage(&trace, index)).await?;
    Ok(answer(&planes, json!({})))
}

/// `mean(stage[channel])` and its input gradient.
async fn gradient<K: Kernels>(
    network: &Network<K>,
    input: &Planes,
    index: usize,
    channel: usize,
    pace: &dyn Pace,
) -> Result<(f32, Planes), EngineError> {
    let trace = network.forward(input, index, pace).await?;
    let y = network.kernels.read(&network.stage(&trace, index)).await?;
    let mut seed = Planes::zeros(y.shape);
    let n = (y.shape.h * y.shape.w) as f32;
    (0..y.shape.h).for_each(|row| seed.row_mut(channel, row).fill(1.0 / n));
    let value = y.channel(channel).iter().sum::<f32>() / n;
    Ok((value, network.backward(&trace, index, &seed, pace).await?))
}

struct Adam {
    lr: f32,
    b1: f32,
    b2: f32,
    eps: f32,
}

async fn ascend<K: Kernels>(
    network: &Network<K>,
    input: &mut Planes,
    index: usize,
    channel: usize,
    steps: usize,
    adam: Adam,
    pace: &dyn Pace,
) -> Result<Answer, EngineError> {
    let (mut m, mut v) = (vec![0.0_f32; input.data.len()], vec![0.0_f32; input.data.len()]);
    let mut values = Vec::with_capacity(steps);
    for t in 1..=steps as i32 {
        let (value, g) = gradient(network, input, index, channel, pace).await?;
        values.push(value);
        let (c1, c2) = (1.0 - adam.b1.powi(t), 1.0 - adam.b2.powi(t));
        for (((x, g), m), v) in input.data.iter_mut().zip(&g.data).zip(&mut m).zip(&mut v) {
            *m = adam.b1 * *m + (1.0 - adam.b1) * g;
            *v = adam.b2 * *v + (1.0 - adam.b2) * g * g;
            // the border's gradient is 0, so it stays 0
            *x += adam.lr * (*m / c1) / ((*v / c2).sqrt() + adam.eps);
        }
    }
    Ok(answer(input, json!({ "values": values })))
}
