//! Maximum of a window.

use super::each::Keep;
use super::window::window;
use super::{Buf, Gate, On, Shape};
use crate::ops::{MaxPool, Module, Pass};

impl On<MaxPool> {
    fn below(&self, at: &Pass<'_, Buf>, g: &Buf, keep: Keep<'_>) -> Buf {
        let (x, y) = (at.x[0], at.y);
        let text = include_str!("../wgsl/max_pool_adjoint.wgsl");
        let functions = format!("{}{text}", window(&self.op.window(), x.shape, y.shape));
        self.gpu.map(x.shape, &[&x.handle, &y.handle, &g.handle], functions, "won(plane, at)", keep)
    }
}

impl Module<Buf> for On<MaxPool> {
    fn forward(&self, x: &[&Buf]) -> Buf {
        let x = x[0];
        let [h, w] = x.places(&self.op.window());
        let shape = Shape { h, w, ..x.shape };
        let functions =
            format!("{}{}", window(&self.op.window(), x.shape, shape), include_str!("../wgsl/max_pool.wgsl"));
        self.gpu.map(shape, &[&x.handle], functions, "maximum(plane, at)", Keep::All)
    }

    gradients!(self, at, g, keep => self.below(at, g, keep));
}
