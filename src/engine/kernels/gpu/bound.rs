//! The operations that this device has kernels for, with their arrays on it.

use std::cell::OnceCell;
use std::rc::Rc;

use super::{Adam, Buf, Gate, Gpu, Layer, Reweigh, Shape, Source, reweigh};
use crate::engine::device::Device;
use crate::engine::kernels::Kernels;
use crate::engine::{EngineError, Planes};
use crate::ops::{Activation, Conv, Dims, LinearMap, MaxPool, Module, Op, Pass};

/// A convolution 3x3, stride 1, padding 1, one group.
struct Convolution {
    gpu: Gpu,
    layer: Layer,
}

impl Convolution {
    fn new(gpu: &Gpu, conv: Conv, cin: usize, arrays: &[&[f32]]) -> Option<Self> {
        let Conv { out, bias, .. } = conv;
        let plain = Conv { out, bias, kernel: [3, 3], stride: [1, 1], dilation: [1, 1], groups: 1, pad: [1; 4] };
        let layer = || {
            let silence = vec![0.0; out];
            gpu.layer_of(out, cin, arrays[0], arrays.get(1).copied().unwrap_or(&silence))
        };
        (conv == plain).then(|| Self { gpu: gpu.clone(), layer: layer() })
    }
}

impl LinearMap<Buf> for Convolution {
    fn apply(&self, a: &Buf, bias: bool) -> Buf {
        if bias {
            return self.gpu.convolve(a, &self.layer, false, false, None);
        }
        let Layer { forward, none, cout, cin, .. } = &self.layer;
        let [forward, bias, none] = [forward, none, none].map(Clone::clone);
        let silent = Layer { cout: *cout, cin: *cin, forward, adjoint: OnceCell::new(), bias, none };
        self.gpu.convolve(a, &silent, false, false, None)
    }

    fn adjoint(&self, g: &Buf, _: Shape) -> Buf {
        self.gpu.convolve(g, &self.layer, true, false, None)
    }

    fn reweighed(&self, how: Reweigh) -> Rc<dyn LinearMap<Buf>> {
        Rc::new(Self { gpu: self.gpu.clone(), layer: reweigh::layer(&self.gpu, &self.layer, how) })
    }
}

impl Module<Buf> for Convolution {
    fn forward(&self, x: &[&Buf]) -> Buf {
        self.apply(x[0], true)
    }

    fn rectified(&self, x: &[&Buf]) -> Option<Buf> {
        Some(self.gpu.convolve(x[0], &self.layer, false, true, None))
    }

    fn adjoint(&self, at: &Pass<'_, Buf>, g: &Buf, _: Gate) -> Vec<Buf> {
        vec![LinearMap::adjoint(self, g, at.x[0].shape)]
    }

    fn adjoint_and_relu(&self, at: &Pass<'_, Buf>, g: &Buf, gate: Gate) -> Option<Buf> {
        Some(self.gpu.convolve(g, &self.layer, true, false, Some((gate, at.x[0]))))
    }

    fn linear(self: Rc<Self>) -> Option<Rc<dyn LinearMap<Buf>>> {
        Some(self)
    }
}

struct Relu(Gpu);

impl Module<Buf> for Relu {
    /// The gate that a gradient passes at a ReLU: what is above 0 passes.
    fn forward(&self, x: &[&Buf]) -> Buf {
        self.0.relu_adjoint(x[0], x[0], Gate::Relu)
    }

    fn adjoint(&self, at: &Pass<'_, Buf>, g: &Buf, gate: Gate) -> Vec<Buf> {
        vec![self.0.relu_adjoint(at.y, g, gate)]
    }
}

/// Windows of 2x2, stride 2.
struct Halving(Gpu);

impl Module<Buf> for Halving {
    fn forward(&self, x: &[&Buf]) -> Buf {
        self.0.pool(x[0])
    }

    fn adjoint(&self, at: &Pass<'_, Buf>, g: &Buf, _: Gate) -> Vec<Buf> {
        vec![self.0.pool_adjoint(at.x[0], g, None)]
    }

    fn adjoint_and_relu(&self, at: &Pass<'_, Buf>, g: &Buf, gate: Gate) -> Option<Buf> {
        Some(self.0.pool_adjoint(at.x[0], g, Some(gate)))
    }
}

impl Device for Gpu {
    type Buf = Buf;

    fn bind(&self, op: &Op, inputs: &[Dims], arrays: &[&[f32]]) -> Option<Rc<dyn Module<Buf>>> {
        const HALVING: MaxPool = MaxPool { kernel: [2, 2], stride: [2, 2], dilation: [1, 1], pad: [0; 4], ceil: false };
        match op {
            Op::Conv(conv) => Some(Rc::new(Convolution::new(self, *conv, inputs[0].c, arrays)?)),
            Op::Activation(Activation::Relu {}) => Some(Rc::new(Relu(self.clone()))),
            Op::MaxPool(pool) if *pool == HALVING => Some(Rc::new(Halving(self.clone()))),
            _ => None,
        }
    }

    fn upload(&self, planes: &Planes) -> Buf {
        Kernels::upload(self, planes)
    }

    fn shape(&self, buf: &Buf) -> Shape {
        buf.shape
    }

    fn add(&self, a: Buf, b: &Buf) -> Buf {
        // not in place: other planes may stand in the same buffer
        let y = self.empty(a.shape);
        let source = Source::new(include_str!("../wgsl/add.wgsl"));
        self.elementwise(source, a.shape.padded_len(), &[&a.handle, &b.handle, &y.handle]);
        y
    }

    async fn read(&self, buf: &Buf) -> Result<Planes, EngineError> {
        Kernels::read(self, buf).await
    }

    async fn read_plane(&self, buf: &Buf, plane: usize) -> Result<Planes, EngineError> {
        Kernels::read_plane(self, buf, plane).await
    }

    fn adam(&self, x: &mut Buf, g: &Buf, m: &mut Buf, v: &mut Buf, step: &Adam) {
        Kernels::adam(self, x, g, m, v, step);
    }

    fn tidy(&self) {
        Kernels::tidy(self);
    }
}
