//! Product of two inputs of one shape, or of a map and a number for each of its channels.

use super::sum::{PLACE, PLANE, Sum};
use super::{Buf, Gate, On};
use crate::ops::{Module, Mul, Pass};

impl On<Mul> {
    /// The product in the shape of `map`; `other` has that shape, or one place.
    fn product(&self, map: &Buf, other: &Buf) -> Buf {
        let everywhere = map.shape != other.shape;
        let at = if everywhere { format!("plane * {PLANE}u + {PLACE}u") } else { "i".into() };
        self.gpu.map_two(map, other, |b| format!("a[i] * {b}[{at}]"))
    }
}

impl Module<Buf> for On<Mul> {
    fn forward(&self, x: &[&Buf]) -> Buf {
        if x[0].shape.len() >= x[1].shape.len() { self.product(x[0], x[1]) } else { self.product(x[1], x[0]) }
    }

    fn adjoint(&self, at: &Pass<'_, Buf>, g: &Buf, _: Gate) -> Vec<Buf> {
        let below = |to: &Buf, other: &Buf| {
            if to.shape == g.shape {
                return self.product(g, other);
            }
            // one number for all places: what each of them would get, summed up; the border is zero and adds nothing
            let i = format!("(image * WRITTEN + at) * {}u + k", g.shape.plane());
            let term = format!("a[{i}] * b[{i}]");
            let sum = Sum { width: 1, count: g.shape.plane(), term, value: "sums[0]" };
            self.gpu.sum([to.shape.n, to.shape.c], &sum, &[("a", "f32", &other.handle), ("b", "f32", &g.handle)])
        };
        vec![below(at.x[0], at.x[1]), below(at.x[1], at.x[0])]
    }
}
