//! The backward walk with rules: layer-wise relevance propagation through the convolutions.
//!
//! A rule needs a convolution and its adjoint, both on the device, and a division and a product per value, done here.

use std::rc::Rc;

use super::kernels::{Kernels, REWEIGHED, Reweigh};
use super::network::{Op, op};
use super::planes::Planes;
use super::rule::{Composite, First, Rule, quotient, rms};
use super::{EngineError, Network, Pace, Trace};
use crate::catalog::NetworkSpec;

/// A share of a convolution's rule: `R_in += factor * input * adjoint(R / z)` with reweighed weights.
struct Part {
    how: Option<Reweigh>,
    input: Rc<Planes>,
    factor: f32,
    z: Rc<Planes>,
    epsilon: f32,
}

/// Relevance `r` at the output of stage `from`, handed down to what stage `until` reads; `seen` gets every stage and the
/// relevance of what it reads.
///
/// # Errors
/// [`EngineError::Cancelled`] when the visitor cancels, [`EngineError::Device`] when the device fails.
pub async fn walk<K: Kernels>(
    (network, trace): (&Network<K>, &Trace<K>),
    from: usize,
    mut r: Planes,
    until: usize,
    rules: &Composite,
    mut seen: impl FnMut(usize, &Planes),
    pace: &dyn Pace,
) -> Result<Planes, EngineError> {
    for index in (until..=from).rev() {
        let mut below = None::<Planes>;
        step(
            (network, trace),
            index,
            1,
            |_| r.clone(),
            rules,
            |_, share| match &mut below {
                None => below = Some(share),
                Some(sum) => sum.data.iter_mut().zip(&share.data).for_each(|(s, v)| *s += v),
            },
            pace,
        )
        .await?;
        r = below.unwrap_or(r);
        seen(index, &r);
        pace.tick(from + 1 - index, from + 1 - until).await?;
    }
    network.kernels.tidy();
    Ok(r)
}

/// One stage for `count` relevances `r` of its output; `take` gets, with the number, shares of the relevance of what the
/// stage reads, which are to be added up.
///
/// # Errors
/// [`EngineError::Cancelled`] when the visitor cancels, [`EngineError::Device`] when the device fails.
pub async fn step<K: Kernels>(
    (network, trace): (&Network<K>, &Trace<K>),
    index: usize,
    count: usize,
    r: impl Fn(usize) -> Planes,
    rules: &Composite,
    mut take: impl FnMut(usize, Planes),
    pace: &dyn Pace,
) -> Result<(), EngineError> {
    let (kernels, op) = (&network.kernels, op(&network.spec, index));
    if op == Op::Relu {
        (0..count).for_each(|i| take(i, r(i)));
        return Ok(());
    }
    if op == Op::MaxPool && !rules.average {
        for i in 0..count {
            let below = kernels.pool_adjoint(trace.input_of(index), &kernels.upload(&r(i)), None);
            take(i, kernels.read(&below).await?);
        }
        return Ok(());
    }
    let a = kernels.read(trace.input_of(index)).await?;
    if op == Op::MaxPool {
        (0..count).for_each(|i| take(i, average(&a, &r(i))));
        return Ok(());
    }
    if index == 1 && rules.first == First::Flat {
        (0..count).for_each(|i| take(i, flat(&a, &r(i))));
        return Ok(());
    }
    for part in parts(network, trace, index, a, rules).await? {
        let layer = part.how.map_or(index, |how| {
            kernels.reweigh(index, how);
            REWEIGHED
        });
        for i in 0..count {
            let mut t = r(i);
            t.data.iter_mut().zip(&part.z.data).for_each(|(t, z)| *t = quotient(*t, *z, part.epsilon));
            let mut share = kernels.read(&kernels.conv_adjoint(&kernels.upload(&t), layer, None)).await?;
            share.data.iter_mut().zip(&part.input.data).for_each(|(s, a)| *s *= part.factor * a);
            take(i, share);
            pace.breathe().await?;
        }
    }
    Ok(())
}

async fn parts<K: Kernels>(
    network: &Network<K>,
    trace: &Trace<K>,
    index: usize,
    a: Planes,
    rules: &Composite,
) -> Result<Vec<Part>, EngineError> {
    let (kernels, a, bias) = (&network.kernels, Rc::new(a), rules.bias);
    // the whole convolution of an input, with changed weights
    let z = async |input: &Planes, how: Option<Reweigh>| {
        let layer = how.map_or(index, |how| {
            kernels.reweigh(index, how);
            REWEIGHED
        });
        kernels.read(&kernels.conv(&kernels.upload(input), layer, false)).await
    };
    let (plus, minus) = (weights(1.0, 0.0, bias), weights(0.0, 1.0, bias));
    let as_is = (!bias).then(|| weights(1.0, 1.0, false));
    if index == 1 && rules.first == First::Box {
        let [low, high] = [0.0, 1.0].map(|v| Rc::new(extreme(&a, &network.spec, v)));
        let mut sum = z(&a, as_is).await?;
        for (input, how) in [(&low, plus), (&high, minus)] {
            let z = z(input, Some(how)).await?;
            sum.data.iter_mut().zip(&z.data).for_each(|(s, z)| *s -= z);
        }
        let sum = Rc::new(sum);
        let part = |how, input, factor| Part { how, input, factor, z: Rc::clone(&sum), epsilon: 0.0 };
        return Ok(vec![part(as_is, a, 1.0), part(Some(plus), low, -1.0), part(Some(minus), high, -1.0)]);
    }
    let list = match rules.conv(index) {
        Rule::Epsilon(share) => {
            let z = match as_is {
                None => kernels.read(&network.stage(trace, index)).await?,
                Some(how) => z(&a, Some(how)).await?,
            };
            let epsilon = share * rms(&z);
            return Ok(vec![Part { how: as_is, input: a, factor: 1.0, z: Rc::new(z), epsilon }]);
        }
        Rule::Gamma(gamma) => vec![(weights(1.0 + gamma, 1.0, bias), 1.0)],
        // the first layer's inputs have both signs: what excites is a positive weight on a positive input, or both negative
        Rule::AlphaBeta(alpha, beta) if index == 1 => return signed(&a, alpha, beta, &z, [plus, minus]).await,
        Rule::AlphaBeta(alpha, 0.0) => vec![(plus, alpha)],
        Rule::AlphaBeta(alpha, beta) => vec![(plus, alpha), (minus, -beta)],
    };
    let mut parts = Vec::new();
    for (how, factor) in list {
        let z = Rc::new(z(&a, Some(how)).await?);
        parts.push(Part { how: Some(how), input: Rc::clone(&a), factor, z, epsilon: 0.0 });
    }
    Ok(parts)
}

async fn signed(
    a: &Planes,
    alpha: f32,
    beta: f32,
    z: &impl AsyncFn(&Planes, Option<Reweigh>) -> Result<Planes, EngineError>,
    [plus, minus]: [Reweigh; 2],
) -> Result<Vec<Part>, EngineError> {
    let clamped = |f: fn(f32) -> f32| Rc::new(Planes { shape: a.shape, data: a.data.iter().map(|v| f(*v)).collect() });
    let (above, below) = (clamped(|v| v.max(0.0)), clamped(|v| v.min(0.0)));
    // the bias is counted once
    let unbiased = |how: Reweigh| Reweigh { bias: false, ..how };
    let mut parts = Vec::new();
    for (factor, [x, y]) in
        [(alpha, [(plus, &above), (unbiased(minus), &below)]), (-beta, [(minus, &above), (unbiased(plus), &below)])]
    {
        if factor == 0.0 {
            continue;
        }
        let (mut sum, more) = (z(x.1, Some(x.0)).await?, z(y.1, Some(y.0)).await?);
        sum.data.iter_mut().zip(&more.data).for_each(|(s, v)| *s += v);
        let sum = Rc::new(sum);
        parts.extend([x, y].map(|(how, input)| Part {
            how: Some(how),
            input: Rc::clone(input),
            factor,
            z: Rc::clone(&sum),
            epsilon: 0.0,
        }));
    }
    Ok(parts)
}

const fn weights(positive: f32, negative: f32, bias: bool) -> Reweigh {
    Reweigh { positive, negative, bias }
}

/// The picture with every pixel at `v` of 0..1, normalised.
fn extreme(a: &Planes, spec: &NetworkSpec, v: f32) -> Planes {
    let mut out = Planes::zeros(a.shape);
    for c in 0..a.shape.c {
        (0..a.shape.h).for_each(|y| out.row_mut(c, y).fill((v - spec.mean[c]) / spec.std[c]));
    }
    out
}

/// A 2x2 pool as an average: every input gets its share of the window's sum.
fn average(a: &Planes, r: &Planes) -> Planes {
    let mut out = Planes::zeros(a.shape);
    for c in 0..a.shape.c {
        for y in 0..r.shape.h {
            for (x, r) in r.row(c, y).iter().enumerate() {
                let places = [(2 * y, 2 * x), (2 * y, 2 * x + 1), (2 * y + 1, 2 * x), (2 * y + 1, 2 * x + 1)];
                let sum: f32 = places.iter().map(|(y, x)| a.row(c, *y)[*x]).sum();
                let t = quotient(*r, sum, 0.0);
                places.iter().for_each(|(y, x)| out.row_mut(c, *y)[*x] = a.row(c, *y)[*x] * t);
            }
        }
    }
    out
}

/// Evenly to all inputs of the 3x3 window that lie in the picture.
fn flat(a: &Planes, r: &Planes) -> Planes {
    let (h, w) = (a.shape.h, a.shape.w);
    let near = |i: usize, n: usize| i.saturating_sub(1)..(i + 2).min(n);
    let mut sum = vec![0.0_f32; h * w];
    for c in 0..r.shape.c {
        sum.iter_mut().zip(r.channel(c)).for_each(|(s, v)| *s += v);
    }
    let mut out = vec![0.0_f32; h * w];
    for y in 0..h {
        for x in 0..w {
            let share = sum[y * w + x] / (a.shape.c * near(y, h).len() * near(x, w).len()) as f32;
            near(y, h).for_each(|y| near(x, w).for_each(|x| out[y * w + x] += share));
        }
    }
    Planes::from_dense(a.shape, &out.repeat(a.shape.c))
}
