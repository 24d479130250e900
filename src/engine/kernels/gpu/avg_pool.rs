//! Mean of a window.

use super::each::Keep;
use super::launch::{Source, pair};
use super::window::window;
use super::{Buf, Gate, On, Shape};
use crate::ops::{AvgPool, Module, Pass};

impl On<AvgPool> {
    /// WGSL's `mean` and `shares` for inputs and outputs of these shapes.
    fn functions(&self, below: Shape, above: Shape) -> String {
        let AvgPool { pad, include_pad, .. } = self.op;
        let text = Source::new(include_str!("../wgsl/avg_pool.wgsl"))
            .set("after", pair([pad[2], pad[3]]))
            .set("include_pad", include_pad);
        format!("{}{text}", window(&self.op.window(), below, above))
    }

    fn below(&self, at: &Pass<'_, Buf>, g: &Buf, keep: Keep<'_>) -> Buf {
        let below = at.x[0].shape;
        self.gpu.map(below, &[&g.handle], self.functions(below, g.shape), "shares(plane, at)", keep)
    }
}

impl Module<Buf> for On<AvgPool> {
    fn forward(&self, x: &[&Buf]) -> Buf {
        let [h, w] = x[0].places(&self.op.window());
        let shape = Shape { h, w, ..x[0].shape };
        self.gpu.map(shape, &[&x[0].handle], self.functions(x[0].shape, shape), "mean(plane, at)", Keep::All)
    }

    gradients!(self, at, g, keep => self.below(at, g, keep));
}
