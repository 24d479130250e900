//! What a picture climbs towards: terms that each look at one layer, and one pass that serves them all.

use crate::engine::kernels::{Gate, Kernels};
use crate::engine::planes::Planes;
use crate::engine::{EngineError, Network, Pace};

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
pub async fn gradient<K: Kernels>(
    network: &Network<K>,
    input: &Planes,
    goal: &Goal<'_>,
    pace: &dyn Pace,
) -> Result<(Vec<f32>, Planes), EngineError> {
    let mut terms: Vec<&Term> = goal.iter().collect();
    // the deepest first; what it hands down joins the next one's own
    terms.sort_unstable_by_key(|t| std::cmp::Reverse(t.stage));
    let last = terms.first().map_or(0, |t| t.stage);
    let trace = network.forward(input, last, pace).await?;
    let mut values = vec![0.0; input.shape.n];
    let mut above: Option<(usize, Planes)> = None;
    for term in terms {
        let y = network.kernels.read(&network.stage(&trace, term.stage)).await?;
        let (v, mut g) = term.judge(&y);
        values.iter_mut().zip(v).for_each(|(sum, v)| *sum += v);
        if let Some((from, handed)) = above.take() {
            let handed = network.kernels.upload(&handed);
            let handed = network.backward(&trace, from, handed, term.stage + 1, Gate::Relu, pace).await?;
            let handed = network.kernels.read(&handed).await?;
            g.data.iter_mut().zip(&handed.data).for_each(|(g, h)| *g += h);
        }
        above = Some((term.stage, g));
    }
    let Some((from, g)) = above else { return Ok((values, Planes::zeros(input.shape))) };
    let g = network.backward(&trace, from, network.kernels.upload(&g), 1, Gate::Relu, pace).await?;
    Ok((values, network.kernels.read(&g).await?))
}

/// The objective alone.
///
/// # Errors
/// [`EngineError::Cancelled`] when the visitor cancels, [`EngineError::Device`] when the device fails.
pub async fn value<K: Kernels>(
    network: &Network<K>,
    input: &Planes,
    goal: &Goal<'_>,
    pace: &dyn Pace,
) -> Result<Vec<f32>, EngineError> {
    let last = goal.iter().map(|t| t.stage).max().unwrap_or_default();
    let trace = network.forward(input, last, pace).await?;
    let mut values = vec![0.0; input.shape.n];
    for term in goal {
        let y = network.kernels.read(&network.stage(&trace, term.stage)).await?;
        values.iter_mut().zip(term.judge(&y).0).for_each(|(sum, v)| *sum += v);
    }
    Ok(values)
}
