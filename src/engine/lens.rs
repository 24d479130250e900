//! The layer lens: linear probes that guess, from one layer's channel means, what the whole network will say.
//!
//! After nostalgebraist's logit lens (2020) and Alain & Bengio's linear probes (2016). The probes are ours (`tools/lens.py`); they
//! are no part of the network.

use super::EngineError;
use super::planes::Planes;
use crate::weights::Arrays;

/// The probes of the layers between the pools, in order.
pub struct Lens {
    /// Per layer `[directions, channels]` and `[directions]`.
    probes: Vec<(Vec<f32>, Vec<f32>)>,
    /// Weights `[classes, directions]` and biases `[classes]` of the linear layer that all depths share.
    output: (Vec<f32>, Vec<f32>),
    /// The median rank of the network's class on pictures that the probes never saw, per layer.
    pub ranks: Vec<f32>,
}

impl Lens {
    /// The probes from a shard's arrays; `None` when the shard holds none.
    ///
    /// # Errors
    /// [`EngineError::BadArray`] when the shapes do not fit together.
    pub fn from_arrays(arrays: &Arrays) -> Result<Option<Self>, EngineError> {
        let get = |name: &str| {
            let name = format!("lens.{name}");
            arrays
                .get(&name)
                .and_then(|array| Some((array.shape.clone(), array.data.exact()?.to_vec())))
                .ok_or(EngineError::BadArray(name))
        };
        if !arrays.contains_key("lens.ranks.bias") {
            return Ok(None);
        }
        let layer = |i: usize| Ok((get(&format!("{i}.weight"))?, get(&format!("{i}.bias"))?.1));
        let count = (0..).take_while(|i| arrays.contains_key(&format!("lens.{i}.weight"))).count();
        let probes = (0..count).map(layer).collect::<Result<Vec<_>, EngineError>>()?;
        let output = (get("output.weight")?.1, get("output.bias")?.1);
        let ranks = get("ranks.bias")?.1;
        let directions = output.0.len() / output.1.len().max(1);
        let fits = ranks.len() == count
            && probes.iter().all(|((shape, _), b)| b.len() == directions && shape.first() == Some(&directions));
        let probes = probes.into_iter().map(|((_, weight), bias)| (weight, bias)).collect();
        if fits { Ok(Some(Self { probes, output, ranks })) } else { Err(EngineError::BadArray("lens".into())) }
    }

    /// What probe number `layer` guesses from a ReLU's output: one logit per class.
    pub fn logits(&self, layer: usize, y: &Planes) -> Vec<f32> {
        let places = (y.shape.h * y.shape.w).max(1) as f32;
        let means: Vec<f32> = (0..y.shape.c).map(|c| y.channel(c).iter().sum::<f32>() / places).collect();
        let (weight, bias) = &self.probes[layer];
        linear(&self.output.0, &self.output.1, &linear(weight, bias, &means))
    }
}

fn linear(weight: &[f32], bias: &[f32], x: &[f32]) -> Vec<f32> {
    weight.chunks_exact(x.len()).zip(bias).map(|(w, b)| b + w.iter().zip(x).map(|(w, x)| w * x).sum::<f32>()).collect()
}
