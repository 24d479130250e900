//! The CPU device: the operations as [`crate::ops`] has them, in safe SIMD.

use std::rc::Rc;

use super::{Adam, EngineError, Planes, Shape};
use crate::engine::device::Device;
use crate::ops::{Dims, Module, Op};

/// The CPU as a device.
#[derive(Clone, Copy, Default)]
pub struct Cpu {
    direct: bool,
}

impl Cpu {
    /// A device that computes every convolution directly: the reference for Winograd's speed and rounding.
    pub const fn direct() -> Self {
        Self { direct: true }
    }
}

impl Device for Cpu {
    type Buf = Planes;

    fn bind(&self, op: &Op, inputs: &[Dims], arrays: &[&[f32]]) -> Option<Rc<dyn Module>> {
        match op {
            Op::Conv(conv) if self.direct => Some(conv.bind_direct(inputs[0].c, arrays)),
            _ => Some(op.bind(inputs, arrays)),
        }
    }

    fn bind_small(&self, op: &Op, inputs: &[Dims], arrays: &[&[f32]]) -> Option<Rc<dyn Module>> {
        match op {
            Op::Conv(conv) if !self.direct => Some(conv.bind_small(inputs[0].c, arrays)),
            _ => self.bind(op, inputs, arrays),
        }
    }

    fn upload(&self, planes: &Planes) -> Planes {
        planes.clone()
    }

    fn take(&self, planes: Planes) -> Planes {
        planes
    }

    async fn give(&self, buf: Planes) -> Result<Planes, EngineError> {
        Ok(buf)
    }

    fn shape(&self, buf: &Planes) -> Shape {
        buf.shape
    }

    fn add(&self, mut a: Planes, b: &Planes) -> Planes {
        cnn_lens_simd::add(&mut a.data, &b.data);
        a
    }

    async fn read(&self, buf: &Planes) -> Result<Planes, EngineError> {
        Ok(buf.clone())
    }

    async fn read_plane(&self, buf: &Planes, plane: usize) -> Result<Planes, EngineError> {
        let size = buf.shape.plane();
        let shape = Shape::new(1, buf.shape.h, buf.shape.w);
        Ok(Planes { shape, data: buf.data[plane * size..(plane + 1) * size].to_vec() })
    }

    fn adam(&self, x: &mut Planes, g: &Planes, m: &mut Planes, v: &mut Planes, step: &Adam) {
        let moments = m.data.iter_mut().zip(&mut v.data);
        for ((x, g), (m, v)) in x.data.iter_mut().zip(&g.data).zip(moments) {
            *m = step.b1 * *m + (1.0 - step.b1) * g;
            *v = step.b2 * *v + (1.0 - step.b2) * g * g;
            // the border's gradient is 0, so it stays 0
            *x += step.lr * (*m * step.corrections[0]) / ((*v * step.corrections[1]).sqrt() + step.eps);
        }
    }
}
