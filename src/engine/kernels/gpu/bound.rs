//! The operations that this device has kernels for, with their arrays on it.

use std::rc::Rc;

use super::affine::Scale;
use super::conv::Convolution;
use super::linear::Matrix;
use super::{Adam, Buf, Gpu, On, Shape};
use crate::engine::device::Device;
use crate::engine::kernels::Kernels;
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
        Kernels::upload(self, planes)
    }

    fn shape(&self, buf: &Buf) -> Shape {
        buf.shape
    }

    fn add(&self, a: Buf, b: &Buf) -> Buf {
        // not in place: other planes may stand in the same buffer
        self.sum_of(&a, b)
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
