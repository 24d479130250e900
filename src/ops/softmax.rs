//! Probabilities of logits.

#[cfg(feature = "engine")]
use std::rc::Rc;

use super::{BadField, Dims, Fields, Misfit, Operator, Read};
#[cfg(feature = "engine")]
use super::{Module, Pass};
#[cfg(feature = "engine")]
use cnn_lens_simd::{Gate, Planes};

/// `e^x_c / sum of e^x` over the channels of each place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Softmax {}

impl Read for Softmax {
    fn read(_: &mut Fields) -> Result<Self, BadField> {
        Ok(Self {})
    }
}

impl Operator for Softmax {
    fn shape(&self, inputs: &[Dims]) -> Result<Dims, Misfit> {
        Ok(inputs[0])
    }

    /// Passed on as it is: relevance begins at a class, before its probability.
    #[cfg(feature = "engine")]
    fn passes_relevance_on(&self) -> bool {
        true
    }

    #[cfg(feature = "engine")]
    fn bind(&self, _: &[Dims], _: &[&[f32]]) -> Rc<dyn Module> {
        Rc::new(*self)
    }
}

/// The channels of each place of `of`, `f` of them with those of `with`.
#[cfg(feature = "engine")]
fn each_place(of: &Planes, with: &Planes, f: impl Fn(&[f32], &[f32]) -> Vec<f32>) -> Planes {
    let (places, c) = (of.shape.h * of.shape.w, of.shape.c);
    let (a, b) = (of.dense(), with.dense());
    let mut out = vec![0.0; a.len()];
    for image in 0..of.shape.n {
        for place in 0..places {
            let at = |channel: usize| (image * c + channel) * places + place;
            let [a, b] = [&a, &b].map(|values| (0..c).map(|channel| values[at(channel)]).collect::<Vec<f32>>());
            f(&a, &b).into_iter().enumerate().for_each(|(channel, v)| out[at(channel)] = v);
        }
    }
    Planes::from_dense(of.shape, &out)
}

#[cfg(feature = "engine")]
impl Module for Softmax {
    fn forward(&self, x: &[&Planes]) -> Planes {
        each_place(x[0], x[0], |x, _| {
            let most = x.iter().fold(f32::NEG_INFINITY, |most, v| most.max(*v));
            let powers: Vec<f32> = x.iter().map(|v| (v - most).exp()).collect();
            let sum: f32 = powers.iter().sum();
            powers.into_iter().map(|p| p / sum).collect()
        })
    }

    /// `p (g - sum of p g)`.
    fn adjoint(&self, at: &Pass<'_>, g: &Planes, _: Gate) -> Vec<Planes> {
        vec![each_place(at.y, g, |p, g| {
            let mean: f32 = p.iter().zip(g).map(|(p, g)| p * g).sum();
            p.iter().zip(g).map(|(p, g)| p * (g - mean)).collect()
        })]
    }
}
