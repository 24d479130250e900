//! Sum of several inputs.

use super::{Buf, Gate, Gpu, On};
use crate::ops::{Add, Module, Pass};

impl Gpu {
    /// `a + b`, which may be the same.
    pub fn sum_of(&self, a: &Buf, b: &Buf) -> Buf {
        self.map_two(a, b, |b| format!("a[i] + {b}[i]"))
    }
}

impl Module<Buf> for On<Add> {
    fn forward(&self, x: &[&Buf]) -> Buf {
        let first = self.gpu.sum_of(x[0], x[1]);
        x[2..].iter().fold(first, |sum, x| self.gpu.sum_of(&sum, x))
    }

    fn adjoint(&self, at: &Pass<'_, Buf>, g: &Buf, _: Gate) -> Vec<Buf> {
        vec![g.clone(); at.x.len()]
    }
}
