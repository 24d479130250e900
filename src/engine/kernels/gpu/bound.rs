//! The operations that this device has kernels for, with their arrays on it.

use std::rc::Rc;

use super::affine::Scale;
use super::conv::Convolution;
use super::launch::floats;
use super::linear::Matrix;
use super::{Adam, Buf, Gpu, On, Shape};
use crate::engine::device::Device;
use crate::engine::{EngineError, Planes};
use crate::ops::{Dims, Module, Op};

impl Device for Gpu {
    type Buf = Buf;

    fn bind(&self, op: &Op, inputs: &[Dims], arrays: &[&[f32]]) -> Option<Rc<dyn Module<Buf>>> {
        let gpu = self.clone();
        Some(match *op {
            Op::Conv(conv) => Rc::new(Convolution::new(self, conv, inputs[0].c, arrays)),
            Op::Linear(linear) => Rc::new(Matrix::new(self, linear.out, arrays)),
            Op::Affine(_) => Rc::new(Scale::new(self, arrays)),
            Op::Activation(op) => Rc::new(On { gpu, op }),
            Op::MaxPool(op) => Rc::new(On { gpu, op }),
            Op::AvgPool(op) => Rc::new(On { gpu, op }),
            Op::GlobalAvgPool(op) => Rc::new(On { gpu, op }),
            Op::Add(op) => Rc::new(On { gpu, op }),
            Op::Mul(op) => Rc::new(On { gpu, op }),
            Op::Concat(op) => Rc::new(On { gpu, op }),
            Op::Flatten(op) => Rc::new(On { gpu, op }),
            Op::Lrn(_) | Op::Softmax(_) => return None,
        })
    }

    fn upload(&self, planes: &Planes) -> Buf {
        Buf { handle: self.client.create_from_slice(&floats(&planes.data)), shape: planes.shape }
    }

    fn shape(&self, buf: &Buf) -> Shape {
        buf.shape
    }

    fn add(&self, a: Buf, b: &Buf) -> Buf {
        // not in place: other planes may stand in the same buffer
        self.sum_of(&a, b)
    }

    async fn read(&self, buf: &Buf) -> Result<Planes, EngineError> {
        self.fetch(buf.handle.clone(), buf.shape).await
    }

    async fn read_plane(&self, buf: &Buf, plane: usize) -> Result<Planes, EngineError> {
        let bytes = (buf.shape.plane() * 4) as u64;
        let handle = buf.handle.clone().offset_start(plane as u64 * bytes);
        let rest = handle.size_in_used() - bytes;
        self.fetch(handle.offset_end(rest), Shape::new(1, buf.shape.h, buf.shape.w)).await
    }

    fn adam(&self, x: &mut Buf, g: &Buf, m: &mut Buf, v: &mut Buf, step: &Adam) {
        // the corrections change with every step: data, not constants of a new shader
        let numbers = [step.lr, step.b1, step.b2, step.eps, step.corrections[0], step.corrections[1]];
        let numbers = self.client.create_from_slice(&floats(&numbers));
        let buffers = [("x", &x.handle), ("g", &g.handle), ("m", &m.handle), ("v", &v.handle), ("k", &numbers)];
        self.each(x.shape.padded_len(), &buffers, "", include_str!("../wgsl/adam.wgsl"));
    }

    fn tidy(&self) {
        // memory that could not be returned stays in the pool for the next pass
        let _ = self.client.memory_cleanup();
    }
}
