//! Mean of every channel.

use super::each::Keep;
use super::sum::{PLACE, PLANE, Sum};
use super::{Buf, Gate, On};
use crate::ops::{GlobalAvgPool, Module, Pass};

impl On<GlobalAvgPool> {
    fn below(&self, at: &Pass<'_, Buf>, g: &Buf, keep: Keep<'_>) -> Buf {
        let below = at.x[0].shape;
        let value = format!("a[plane * {PLANE}u + {PLACE}u] / {}.0", below.h * below.w);
        self.gpu.map(below, &[&g.handle], "", &value, keep)
    }
}

impl Module<Buf> for On<GlobalAvgPool> {
    fn forward(&self, x: &[&Buf]) -> Buf {
        let (x, shape) = (x[0], x[0].shape);
        // the border is zero and adds nothing
        let term = format!("a[(image * WRITTEN + at) * {}u + k]", shape.plane());
        let value = format!("sums[0] / {}.0", shape.h * shape.w);
        let sum = Sum { width: 1, count: shape.plane(), term, value: &value };
        self.gpu.sum([shape.n, shape.c], &sum, &[("a", "f32", &x.handle)])
    }

    gradients!(self, at, g, keep => self.below(at, g, keep));
}
