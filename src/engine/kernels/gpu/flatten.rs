//! A vector of all values.

use super::each::Keep;
use super::sum::{PLACE, PLANE};
use super::{Buf, Gate, On, Shape};
use crate::ops::{Flatten, Module, Pass};

impl On<Flatten> {
    fn below(&self, at: &Pass<'_, Buf>, g: &Buf, keep: Keep<'_>) -> Buf {
        let below = at.x[0].shape;
        let value = format!("a[(plane * {}u + u32(at.x) * W + u32(at.y)) * {PLANE}u + {PLACE}u]", below.h * below.w);
        self.gpu.map(below, &[&g.handle], "", &value, keep)
    }
}

impl Module<Buf> for On<Flatten> {
    fn forward(&self, x: &[&Buf]) -> Buf {
        let Shape { n, c, h, w } = x[0].shape;
        let (plane, places, pitch) = (x[0].shape.plane(), h * w, x[0].shape.pitch());
        let place = format!("(plane % {places}u / {w}u + 1u) * {pitch}u + plane % {w}u + 1u");
        // a value's plane in the vector is its number among the input's values; places % w is the column: rows are whole
        let value = format!("a[plane / {places}u * {plane}u + {place}]");
        self.gpu.map(Shape::new(c * places, 1, 1).batch(n), &[&x[0].handle], "", &value, Keep::All)
    }

    gradients!(self, at, g, keep => self.below(at, g, keep));
}
