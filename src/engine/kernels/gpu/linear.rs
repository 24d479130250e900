//! Fully connected layer.

use std::rc::Rc;

use super::each::Keep;
use super::layer::Layer;
use super::sum::{PLACE, PLANE, Sum};
use super::{Buf, Gate, Gpu, Reweigh, Shape};
use crate::ops::{LinearMap, Module, Pass};

/// A fully connected layer with its weights: those of a convolution that reads one place.
pub struct Matrix {
    gpu: Gpu,
    layer: Layer,
}

impl Matrix {
    /// The weights are row-major `[out, in]`.
    pub fn new(gpu: &Gpu, out: usize, arrays: &[&[f32]]) -> Self {
        let cin = arrays[0].len() / out;
        Self { gpu: gpu.clone(), layer: Layer::new(gpu, [out, cin, 1], 1, arrays) }
    }

    fn below(&self, g: &Buf, below: Shape, keep: Keep<'_>) -> Buf {
        let functions = format!(
            "fn product(plane: u32) -> f32 {{
                 let c = plane % {cin}u;
                 var sum = 0.0;
                 for (var r = 0u; r < {out}u; r++) {{
                     sum += b[(r / 4u * {cin}u + c) * 4u + r % 4u] * a[(plane / {cin}u * {out}u + r) * {PLANE}u + {PLACE}u];
                 }}
                 return sum;
             }}",
            cin = self.layer.cin,
            out = self.layer.cout,
        );
        self.gpu.map(below, &[&g.handle, &self.layer.forward], functions, "product(plane)", keep)
    }
}

impl LinearMap<Buf> for Matrix {
    fn apply(&self, a: &Buf, bias: bool) -> Buf {
        let Layer { cin, cout, forward, .. } = &self.layer;
        let term = format!("w[at * COUNT + k] * a[(image * COUNT + k) * {PLANE}u + {PLACE}u]");
        let sum = Sum { width: 4, count: *cin, term, value: "sums[0][l] + bias[c]" };
        let bias = if bias { &self.layer.bias } else { &self.layer.none };
        let buffers = [("w", "vec4<f32>", forward), ("a", "f32", &a.handle), ("bias", "f32", bias)];
        self.gpu.sum([a.shape.n, *cout], &sum, &buffers)
    }

    fn adjoint(&self, g: &Buf, below: Shape) -> Buf {
        self.below(g, below, Keep::All)
    }

    fn reweighed(&self, how: Reweigh) -> Rc<dyn LinearMap<Buf>> {
        Rc::new(Self { gpu: self.gpu.clone(), layer: self.layer.reweighed(&self.gpu, how) })
    }
}

impl Module<Buf> for Matrix {
    fn forward(&self, x: &[&Buf]) -> Buf {
        self.apply(x[0], true)
    }

    gradients!(self, at, g, keep => self.below(g, at.x[0].shape, keep));

    fn linear(self: Rc<Self>) -> Option<Rc<dyn LinearMap<Buf>>> {
        Some(self)
    }
}
