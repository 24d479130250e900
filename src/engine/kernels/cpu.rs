//! The CPU kernels: safe SIMD, one thread, one source for wasm and natively.

mod conv;
mod pool;

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use super::pack::Packed;
use super::{EngineError, Kernels, Planes, Shape};

struct Layer {
    forward: Packed,
    /// Packed at the first gradient: who only looks at feature maps never pays for it.
    adjoint: OnceCell<Packed>,
    bias: Vec<f32>,
}

/// The CPU device.
#[derive(Default)]
pub struct Cpu {
    layers: RefCell<BTreeMap<usize, Rc<Layer>>>,
}

impl Cpu {
    fn layer(&self, layer: usize) -> Rc<Layer> {
        Rc::clone(&self.layers.borrow()[&layer])
    }
}

impl Kernels for Cpu {
    type Buf = Rc<Planes>;

    fn load(&self, layer: usize, cout: usize, cin: usize, weight: &[f32], bias: &[f32]) {
        let forward = Packed::forward(cout, cin, weight);
        let packed = Layer { forward, adjoint: OnceCell::new(), bias: bias.to_vec() };
        self.layers.borrow_mut().insert(layer, Rc::new(packed));
    }

    fn loaded(&self, layer: usize) -> bool {
        self.layers.borrow().contains_key(&layer)
    }

    fn upload(&self, planes: &Planes) -> Self::Buf {
        Rc::new(planes.clone())
    }

    fn conv(&self, x: &Self::Buf, layer: usize, relu: bool) -> Self::Buf {
        let l = self.layer(layer);
        Rc::new(conv::conv3x3(x, &l.forward, Some(&l.bias), relu))
    }

    fn conv_adjoint(&self, g: &Self::Buf, layer: usize) -> Self::Buf {
        let l = self.layer(layer);
        Rc::new(conv::conv3x3(g, l.adjoint.get_or_init(|| l.forward.adjoint()), None, false))
    }

    fn relu_adjoint(&self, y: &Self::Buf, g: &Self::Buf) -> Self::Buf {
        let data = y.data.iter().zip(&g.data).map(|(y, g)| if *y > 0.0 { *g } else { 0.0 }).collect();
        Rc::new(Planes { shape: g.shape, data })
    }

    fn pool(&self, x: &Self::Buf) -> Self::Buf {
        Rc::new(pool::max_pool(x))
    }

    fn pool_adjoint(&self, x: &Self::Buf, g: &Self::Buf) -> Self::Buf {
        Rc::new(pool::max_pool_adjoint(x, g))
    }

    async fn read(&self, buf: &Self::Buf) -> Result<Planes, EngineError> {
        Ok(Planes::clone(buf))
    }
}
