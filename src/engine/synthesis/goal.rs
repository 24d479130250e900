//! What a picture climbs towards: terms that each look at one layer, and one pass that serves them all.

use crate::engine::graph::ByNode;
use crate::engine::kernels::Gate;
use crate::engine::planes::Planes;
use crate::engine::{Device, EngineError, Network, Pace};

/// A value of the output `y` `[N, C, H, W]` of one layer, and its gradient there.
pub trait Look {
    /// The value of every picture of the batch, and the gradient of their sum.
    fn look(&self, y: &Planes) -> (Vec<f32>, Planes);
}

/// One part of an objective.
pub struct Term<'a> {
    /// The stage at whose output it looks; before ReLU for a convolution.
    pub stage: usize,
    /// Its weight in the sum; negative to get away from it.
    pub weight: f32,
    /// The value of the layer that is maximised.
    pub look: Box<dyn Look + 'a>,
}

impl<'a> Term<'a> {
    /// A term that looks at the output of `stage` and counts `weight` times.
    pub fn new(stage: usize, weight: f32, look: impl Look + 'a) -> Self {
        Self { stage, weight, look: Box::new(look) }
    }

    fn judge(&self, y: &Planes) -> (Vec<f32>, Planes) {
        let (mut values, mut g) = self.look.look(y);
        values.iter_mut().for_each(|v| *v *= self.weight);
        g.data.iter_mut().for_each(|g| *g *= self.weight);
        (values, g)
    }
}

/// An objective: the weighted sum of its terms, to be made as large as possible.
pub type Goal<'a> = Vec<Term<'a>>;

/// The objective of every picture of the normalised `input` `[N, 3, H, W]`, and its gradient at the input.
///
/// # Errors
/// [`EngineError::Cancelled`] when the visitor cancels, [`EngineError::Device`] when the device fails.
pub async fn gradient<D: Device>(
    network: &Network<D>,
    input: &Planes,
    goal: &Goal<'_>,
    pace: &dyn Pace,
) -> Result<(Vec<f32>, Planes), EngineError> {
    let mut tape = network.tape(input)?;
    let (mut values, mut seeds) = (vec![0.0; input.shape.n], ByNode::<Planes>::new());
    for term in goal {
        network.extend(&mut tape, network.kept_for(term.stage), pace).await?;
        let y = network.device().read(network.value(&tape, term.stage, pace).await?.as_ref()).await?;
        let (v, g) = term.judge(&y);
        values.iter_mut().zip(v).for_each(|(sum, v)| *sum += v);
        match seeds.get_mut(&term.stage) {
            Some(sum) => sum.data.iter_mut().zip(&g.data).for_each(|(sum, g)| *sum += g),
            None => drop(seeds.insert(term.stage, g)),
        }
    }
    let seeds = seeds.into_iter().map(|(at, seed)| (at, network.device().upload(&seed))).collect();
    let found = network.backward(&tape, seeds, &[0], Gate::Relu, pace).await?;
    let g = match found.get(&0) {
        Some(g) => network.device().read(g).await?,
        None => Planes::zeros(input.shape),
    };
    Ok((values, g))
}

/// The objective alone.
///
/// # Errors
/// [`EngineError::Cancelled`] when the visitor cancels, [`EngineError::Device`] when the device fails.
pub async fn value<D: Device>(
    network: &Network<D>,
    input: &Planes,
    goal: &Goal<'_>,
    pace: &dyn Pace,
) -> Result<Vec<f32>, EngineError> {
    let (mut tape, mut values) = (network.tape(input)?, vec![0.0; input.shape.n]);
    for term in goal {
        network.extend(&mut tape, network.kept_for(term.stage), pace).await?;
        let y = network.device().read(network.value(&tape, term.stage, pace).await?.as_ref()).await?;
        values.iter_mut().zip(term.judge(&y).0).for_each(|(sum, v)| *sum += v);
    }
    Ok(values)
}
