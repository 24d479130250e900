//! The CPU device: the loops of `cnn_lens_simd`, and the weights as they read them.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use super::{Adam, EngineError, Gate, Kernels, Planes, REWEIGHED, Reweigh, Shape};
use crate::engine::device::Device;
use crate::ops::{Dims, Module, Op};
use cnn_lens_simd::finish::{self, Finish};
use cnn_lens_simd::pack::Packed;
use cnn_lens_simd::{direct, pool, winograd};

/// The weights of a convolution, packed once: Winograd's serve both directions.
enum Weights {
    Winograd(winograd::Weights),
    /// The adjoint is packed at the first gradient: who only looks at feature maps never pays for it.
    Direct(Packed, OnceCell<Packed>),
}

struct Layer {
    weights: Weights,
    bias: Vec<f32>,
}

impl Layer {
    fn run(&self, x: &Planes, adjoint: bool, finish: &Finish) -> Planes {
        match &self.weights {
            Weights::Winograd(w) => winograd::conv3x3(x, w, adjoint, finish),
            Weights::Direct(w, _) if !adjoint => direct::conv3x3(x, w, finish),
            Weights::Direct(w, turned) => direct::conv3x3(x, turned.get_or_init(|| w.adjoint()), finish),
        }
    }
}

/// The CPU as a device: SIMD kernels, and the weights in the layout that these read.
#[derive(Default)]
pub struct Cpu {
    layers: RefCell<BTreeMap<usize, Rc<Layer>>>,
    direct: bool,
}

impl Cpu {
    /// A device that computes every convolution directly: the reference for Winograd's speed and rounding.
    pub fn direct() -> Self {
        Self { direct: true, ..Self::default() }
    }

    fn layer(&self, layer: usize) -> Rc<Layer> {
        Rc::clone(&self.layers.borrow()[&layer])
    }
}

impl Kernels for Cpu {
    type Buf = Rc<Planes>;

    fn load(&self, layer: usize, cout: usize, cin: usize, weight: &[f32], bias: &[f32]) {
        let weights = if winograd::Weights::fits(cout, cin) && !self.direct {
            Weights::Winograd(winograd::Weights::new(cout, cin, weight))
        } else {
            Weights::Direct(Packed::forward(cout, cin, weight), OnceCell::new())
        };
        self.layers.borrow_mut().insert(layer, Rc::new(Layer { weights, bias: bias.to_vec() }));
    }

    fn loaded(&self, layer: usize) -> bool {
        self.layers.borrow().contains_key(&layer)
    }

    fn reweigh(&self, layer: usize, how: Reweigh) {
        // the copy before goes first: the two together would take the most memory
        self.layers.borrow_mut().remove(&REWEIGHED);
        let from = self.layer(layer);
        let weights = match &from.weights {
            Weights::Winograd(w) => Weights::Winograd(w.reweigh(how)),
            Weights::Direct(w, _) => {
                let data = w.data.iter().map(|w| how.weight(*w)).collect();
                Weights::Direct(Packed { data, ..*w }, OnceCell::new())
            }
        };
        let bias = from.bias.iter().map(|b| how.bias(*b)).collect();
        self.layers.borrow_mut().insert(REWEIGHED, Rc::new(Layer { weights, bias }));
    }

    fn exchange(&self, a: usize, b: usize) {
        super::exchange(&mut self.layers.borrow_mut(), a, b);
    }

    fn forget(&self, layer: usize) {
        self.layers.borrow_mut().remove(&layer);
    }

    fn upload(&self, planes: &Planes) -> Self::Buf {
        Rc::new(planes.clone())
    }

    fn conv(&self, x: &Self::Buf, layer: usize, relu: bool) -> Self::Buf {
        let l = self.layer(layer);
        Rc::new(l.run(x, false, &Finish { bias: Some(&l.bias), relu, gate: None }))
    }

    fn conv_adjoint(&self, g: &Self::Buf, layer: usize, gate: Option<(Gate, &Self::Buf)>) -> Self::Buf {
        let gate = gate.map(|(gate, y)| (gate, y.as_ref()));
        Rc::new(self.layer(layer).run(g, true, &Finish { gate, ..Finish::default() }))
    }

    fn relu_adjoint(&self, y: &Self::Buf, g: &Self::Buf, gate: Gate) -> Self::Buf {
        Rc::new(finish::relu_adjoint(gate, y, g))
    }

    fn pool(&self, x: &Self::Buf) -> Self::Buf {
        Rc::new(pool::max_pool(x))
    }

    fn pool_adjoint(&self, x: &Self::Buf, g: &Self::Buf, gate: Option<Gate>) -> Self::Buf {
        Rc::new(pool::max_pool_adjoint(x, g, gate))
    }

    fn adam(&self, x: &mut Self::Buf, g: &Self::Buf, m: &mut Self::Buf, v: &mut Self::Buf, step: &Adam) {
        let moments = Rc::make_mut(m).data.iter_mut().zip(&mut Rc::make_mut(v).data);
        for ((x, g), (m, v)) in Rc::make_mut(x).data.iter_mut().zip(&g.data).zip(moments) {
            *m = step.b1 * *m + (1.0 - step.b1) * g;
            *v = step.b2 * *v + (1.0 - step.b2) * g * g;
            // the border's gradient is 0, so it stays 0
            *x += step.lr * (*m * step.corrections[0]) / ((*v * step.corrections[1]).sqrt() + step.eps);
        }
    }

    async fn read(&self, buf: &Self::Buf) -> Result<Planes, EngineError> {
        Ok(Planes::clone(buf))
    }

    async fn read_plane(&self, buf: &Self::Buf, plane: usize) -> Result<Planes, EngineError> {
        let size = buf.shape.plane();
        let shape = Shape::new(1, buf.shape.h, buf.shape.w);
        Ok(Planes { shape, data: buf.data[plane * size..(plane + 1) * size].to_vec() })
    }

    fn tidy(&self) {
        self.layers.borrow_mut().remove(&REWEIGHED);
    }
}

impl Device for Cpu {
    type Buf = Planes;

    fn bind(&self, op: &Op, inputs: &[Dims], arrays: &[&[f32]]) -> Option<Rc<dyn Module>> {
        Some(op.bind(inputs, arrays))
    }

    fn upload(&self, planes: &Planes) -> Planes {
        planes.clone()
    }

    fn shape(&self, buf: &Planes) -> Shape {
        buf.shape
    }

    fn add(&self, mut a: Planes, b: &Planes) -> Planes {
        a.data.iter_mut().zip(&b.data).for_each(|(a, b)| *a += b);
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
