//! Product of two inputs: squeeze-and-excitation's gates.

use std::ops::RangeInclusive;
#[cfg(feature = "engine")]
use std::rc::Rc;

use super::{BadField, Dims, Fields, Misfit, Operator, Read};
#[cfg(feature = "engine")]
use super::{Module, Pass, Rule, values};
#[cfg(feature = "engine")]
use cnn_lens_simd::{Gate, Planes};

/// The product of two inputs of one shape, or of a map `[C, H, W]` and a gate `[C, 1, 1]` at every place (Hu et al. 2018, eq. 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mul {}

impl Read for Mul {
    fn read(_: &mut Fields) -> Result<Self, BadField> {
        Ok(Self {})
    }
}

impl Operator for Mul {
    fn arity(&self) -> RangeInclusive<usize> {
        2..=2
    }

    fn shape(&self, inputs: &[Dims]) -> Result<Dims, Misfit> {
        let (a, b) = (inputs[0], inputs[1]);
        match () {
            () if a == b || b == Dims::vector(a.c) => Ok(a),
            () if a == Dims::vector(b.c) => Ok(b),
            () => Err(Misfit::Different(a, b)),
        }
    }

    /// To the map that passes the gate (Arras et al. 2019, "Explaining and interpreting LSTMs", sec. 4: the signal takes all);
    /// in halves where neither is a gate.
    #[cfg(feature = "engine")]
    fn relevance(&self, at: &Pass<'_>, r: &Planes, _: &Rule) -> Vec<Planes> {
        let alike = at.x[0].shape == at.x[1].shape;
        let share = |x: &Planes| match () {
            () if alike => values::map(r, |r| r / 2.0),
            () if x.shape == r.shape => r.clone(),
            () => Planes::zeros(x.shape),
        };
        at.x.iter().map(|x| share(x)).collect()
    }

    #[cfg(feature = "engine")]
    fn bind(&self, _: &[Dims], _: &[&[f32]]) -> Rc<dyn Module> {
        Rc::new(*self)
    }
}

/// `gate` at every place of `like`, where it has only one.
#[cfg(feature = "engine")]
fn everywhere(gate: &Planes, like: &Planes) -> Planes {
    if gate.shape == like.shape {
        return gate.clone();
    }
    let mut out = Planes::zeros(like.shape);
    for plane in 0..like.shape.planes() {
        (0..like.shape.h).for_each(|y| out.row_mut(plane, y).fill(gate.row(plane, 0)[0]));
    }
    out
}

/// The adjoint of [`everywhere`].
#[cfg(feature = "engine")]
fn summed(g: Planes, gate: &Planes) -> Planes {
    if gate.shape == g.shape {
        return g;
    }
    // the border is zero and adds nothing
    let sums: Vec<f32> = g.data.chunks_exact(g.shape.plane()).map(|plane| plane.iter().sum()).collect();
    Planes::from_dense(gate.shape, &sums)
}

#[cfg(feature = "engine")]
impl Module for Mul {
    fn forward(&self, x: &[&Planes]) -> Planes {
        let (map, gate) = if x[0].shape.len() >= x[1].shape.len() { (x[0], x[1]) } else { (x[1], x[0]) };
        values::times(everywhere(gate, map), map)
    }

    fn adjoint(&self, at: &Pass<'_>, g: &Planes, _: Gate) -> Vec<Planes> {
        [(0, 1), (1, 0)].map(|(to, other)| summed(values::times(everywhere(at.x[other], g), g), at.x[to])).into()
    }
}
